"""What went over the wire in one fetch, and what is known of an earlier one."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response to it, as they went over the wire (bodies without transfer encoding).

    Bytes of header values are given as Latin-1. Without `request_headers` nobody asked (an imported record), and no
    request is written.
    """

    url: str
    fetched_at: datetime
    status: int
    reason: str
    headers: Headers
    body: bytes = field(repr=False)  # still with its content encoding
    request_headers: Headers = ()
    ip: str = ""

    @property
    def digest(self) -> str:
        """`sha1:` and the BASE32 digest of the payload, the form that WARC files use."""
        return "sha1:" + b32encode(sha1(self.body, usedforsecurity=False).digest()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier capture of the same payload."""

    url: str
    fetched_at: str
    digest: str

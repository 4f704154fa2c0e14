"""What went over the wire in one fetch, and what is known of an earlier one."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha1
from typing import Any

Headers = tuple[tuple[str, str], ...]
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_ENDING = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an answer, and the robots.txt of its host, said about what may be done with it."""

    robots: str = ""  # the directives that hold for us, with commas, such as "noindex, nofollow"
    reserved: Mapping[str, Any] | None = None  # what is said about text and data mining and AI; None: nothing
    withheld: bool = False  # no copy is to be kept
    nofollow: bool = False  # its links are not to be followed


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
    wishes: Wishes = Wishes()
    truncated: bool = False  # the body is the head of a longer one

    @property
    def digest(self) -> str:
        """`sha1:` and the BASE32 digest of the payload, the form that WARC files use."""
        return "sha1:" + b32encode(sha1(self.body, usedforsecurity=False).digest()).decode("ascii")

    def header(self, name: str) -> str:
        """The values of a header, joined by commas; "" when it is not there."""
        return ",".join(value for said, value in self.headers if said.lower() == name)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier capture of the same payload."""

    url: str
    fetched_at: str
    digest: str


def without_payload(exchange: Exchange) -> Exchange:
    """The exchange as it is kept when no copy of the page is to be kept: its headers, and nothing of its body."""
    said = ("content-length", "content-encoding", "transfer-encoding")  # of a body that is not there
    headers = tuple((f"X-Crawl-{name}" if name.lower() in said else name, value) for name, value in exchange.headers)
    return replace(exchange, headers=headers, body=b"")


def without_chunks(exchange: Exchange) -> Exchange:
    """The exchange without a transfer encoding, in header and body (RFC 9112, section 7.1).

    What the header says is tried and not believed: many records hold bodies without their chunks under it.
    """
    said = exchange.header("transfer-encoding")
    if not said:
        return exchange
    plain = dechunk(exchange.body) if "chunked" in said.lower() else None
    headers = tuple((name, value) for name, value in exchange.headers if name.lower() != "transfer-encoding")
    return replace(exchange, headers=headers, body=exchange.body if plain is None else plain)


def dechunk(body: bytes) -> bytes | None:
    """The body without its chunks; None when it does not consist of chunks."""
    parts: list[bytes] = []
    place = 0
    while match := _SIZE.match(body, place):
        size, start = int(match[1], 16), match.end()
        if size == 0:
            return b"".join(parts)
        parts.append(body[start : start + size])
        place = start + size
        if place >= len(body):
            return b"".join(parts)  # cut off: what there is
        ending = _ENDING.match(body, place)
        if ending is None:
            return None
        place = ending.end()
    return b"".join(parts) if parts and place >= len(body) else None

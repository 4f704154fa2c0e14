"""Content encodings of stored responses (RFC 9110, section 8.4), within a bound.

WARC files of other makers hold bodies as they were sent, or unpacked under the old header, or unpacked in part: what a
header says is tried and not believed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard


class TooLarge(ValueError):
    """A body unpacks to more than it may."""


def decode(body: bytes, encodings: str, longest: int) -> bytes:
    """Undo content encodings, the last first; a body that is not so encoded stays. Raises TooLarge."""
    for name in reversed([part.strip().lower() for part in encodings.split(",")]):
        undo = _DECODERS.get(name)
        if undo is not None:
            body = undo(body, longest)
    return body


def _gzip(body: bytes, longest: int) -> bytes:
    return _inflate(body, longest, zlib.MAX_WBITS | 16)


def _deflate(body: bytes, longest: int) -> bytes:
    # "deflate" is the zlib format; many servers send it without its header
    wrapped = _inflate(body, longest, zlib.MAX_WBITS)
    return wrapped if wrapped is not body else _inflate(body, longest, -zlib.MAX_WBITS)


def _inflate(body: bytes, longest: int, wbits: int) -> bytes:
    """All members of a deflated body; what could be read of one that is cut off, `body` itself when that is nothing."""
    found, rest = b"", body
    while rest:
        member = zlib.decompressobj(wbits)
        try:
            found += member.decompress(rest, longest + 1 - len(found))
        except zlib.error:
            break
        if len(found) > longest:
            raise TooLarge(f"unpacks to more than {longest} bytes")
        if not member.eof or wbits < 0:
            break
        rest = member.unused_data
    return found or body


def _brotli(body: bytes, longest: int) -> bytes:
    reader = brotli.Decompressor()
    return _pieces(lambda piece: bytes(reader.process(piece, output_buffer_limit=65_536)), body, longest, brotli.error)


def _zstd(body: bytes, longest: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
        try:
            found = reader.read(longest + 1)
        except zstandard.ZstdError:
            return body
    if len(found) > longest:
        raise TooLarge(f"unpacks to more than {longest} bytes")
    return found or body


def _pieces(take: Callable[[bytes], bytes], body: bytes, longest: int, error: type[Exception]) -> bytes:
    parts: list[bytes] = []
    total, rest = 0, body
    while True:
        try:
            part = take(rest)
        except error:
            break
        rest = b""
        if not part:
            break
        parts.append(part)
        total += len(part)
        if total > longest:
            raise TooLarge(f"unpacks to more than {longest} bytes")
    return b"".join(parts) or body


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

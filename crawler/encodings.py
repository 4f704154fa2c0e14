"""Content encodings of stored responses (RFC 9110, section 8.4), within a bound.

WARC files of other makers hold bodies as they were sent, or unpacked under the old header, or unpacked in part: what a
header says is tried and not believed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

Decoder = Callable[[bytes, int], bytes]
ACCEPTED = "gzip, deflate, br, zstd"  # what is asked for, as a header
MOST_LAYERS = 3  # encodings of one body, one inside another; one is the rule, a mistaken proxy adds a second
MOST_MEMBERS = 1_000  # of a gzip body; those that are made of blocks of 64 KB have a hundred
RATIO = 300  # times that a body may grow: pages that repeat one row grow a hundred times, bombs a thousand
ALWAYS = 1024 * 1024  # bytes to which a body may grow, however small it came
PIECE = 65_536  # bytes that are unpacked at once


class TooLarge(ValueError):
    """A body unpacks to more than it may."""


def decode(body: bytes, encodings: str, longest: int, ratio: float = RATIO, layers: int = MOST_LAYERS) -> bytes:
    """Undo content encodings, the last first; a body that is not so encoded stays.

    Raises TooLarge for what unpacks to more than `longest` bytes, or to more than `ratio` times its size.
    """
    most = int(min(longest, max(ratio * len(body), ALWAYS)))
    for undo in _decoders(encodings, layers):
        packed, body = body, undo(body, most)
        if body is not packed and len(body) > most:
            bound = f"{longest} bytes" if most == longest else f"{ratio:g} times its size"
            raise TooLarge(f"unpacks to more than {bound}")
    return body


def head(body: bytes, encodings: str, most: int, layers: int = MOST_LAYERS) -> bytes:
    """The first bytes of a body without its content encodings, however large it is. Raises TooLarge for too many."""
    for undo in _decoders(encodings, layers):
        body = undo(body, most)
    return body[:most]


def _decoders(encodings: str, layers: int) -> list[Decoder]:
    names = reversed([part.strip().lower() for part in encodings.split(",")])
    found = [_DECODERS[name] for name in names if name in _DECODERS]
    if len(found) > layers:
        raise TooLarge(f"is packed {len(found)} times")
    return found


def _gzip(body: bytes, longest: int) -> bytes:
    return _inflate(body, longest, zlib.MAX_WBITS | 16)


def _deflate(body: bytes, longest: int) -> bytes:
    # "deflate" is the zlib format; many servers send it without its header
    wrapped = _inflate(body, longest, zlib.MAX_WBITS)
    return wrapped if wrapped is not body else _inflate(body, longest, -zlib.MAX_WBITS)


def _inflate(body: bytes, longest: int, wbits: int) -> bytes:
    """All members of a deflated body; what could be read of one that is cut off, `body` itself when that is nothing.
    As the others, it stops behind `longest` bytes."""
    found, start = bytearray(), 0
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(wbits)
        while start < len(body) and not member.eof and len(found) <= longest:
            # by pieces: a member that ends hands back all that it was given and did not need
            piece = body[start : start + PIECE]
            try:
                found += member.decompress(piece, longest + 1 - len(found))
            except zlib.error:
                return bytes(found) or body
            start += len(piece) - len(member.unused_data)
        if start >= len(body) or len(found) > longest or wbits < 0:
            break
    return bytes(found) or body


def _brotli(body: bytes, longest: int) -> bytes:
    reader = brotli.Decompressor()
    return _pieces(lambda piece: bytes(reader.process(piece, output_buffer_limit=65_536)), body, longest, brotli.error)


def _zstd(body: bytes, longest: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
        try:
            found = reader.read(longest + 1)
        except zstandard.ZstdError:
            return body
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
            break
    return b"".join(parts) or body


_DECODERS: dict[str, Decoder] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

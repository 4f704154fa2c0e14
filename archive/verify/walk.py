"""A WARC file of the raw store, record by record, past what is damaged in it; and what is put in the place of that."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from archive.errors import RecordDamaged
from archive.exchanges import Exchange
from archive.members import MAGIC, Member, next_record
from archive.records import utc_text
from archive.warc import RECORD_END, read_head, read_record

LARGEST = 64 << 20  # bytes of a record; a crawl keeps 16 MB at most, and an import a little more
STORED = 65_535  # bytes of a stored block (RFC 1951, section 3.2.4)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a file between two offsets: a record that is whole, or (`trouble`) something that is none."""

    offset: int
    end: int
    kind: str = ""
    exchange: Exchange | None = None  # of responses and revisits, without its body
    digest: str = ""  # of the payload, which a revisit only names
    empty: bool = False  # no payload stands here
    trouble: str = ""


def walk(path: Path) -> Iterator[Found]:
    """Everything in a file in its order. Raises OSError."""
    with path.open("rb") as file:
        size, at = os.fstat(file.fileno()).st_size, 0
        while at < size:
            found = _member(io.BufferedReader(Member(file, at), 1 << 16), at)
            if found.trouble:
                found = replace(found, end=next_record(file.fileno(), at, size))
            yield found
            at = found.end


def _member(stream: io.BufferedReader, at: int) -> Found:
    member: Member = stream.raw  # type: ignore[assignment]
    exchange, digest, kind = None, "", ""
    try:
        head = read_head(stream)
        if head is None:
            return Found(at, member.end or at, "empty", trouble="" if member.end else "cut off")
        if head.length > LARGEST:
            raise RecordDamaged("a record larger than there are")
        kind = head.kind
        if kind in ("response", "revisit"):
            exchange = read_record(io.BytesIO(head.raw + stream.read(head.length)))
            digest = exchange.digest if kind == "response" else head.fields.get("warc-payload-digest", "")
        while stream.read(1 << 20):
            pass  # to the end of the member, where its checksum is
    except RecordDamaged as error:
        return Found(at, at, trouble=str(error))
    if member.end is None or member.end <= at:
        return Found(at, at, trouble="cut off")
    if exchange is None:
        return Found(at, member.end, kind)
    return Found(at, member.end, kind, replace(exchange, body=b""), digest, not exchange.body)


def put_aside(path: Path, found: Found) -> Path:
    """Move a damaged part to a file beside. At the end of the file it is cut off; elsewhere a record that says so takes
    its place, so that every other record stays where it is, and readers come past it. Raises OSError."""
    aside = path.with_name(f"{path.name}-damaged-{found.offset}.bin")
    with path.open("rb+") as file:
        file.seek(found.offset)
        with aside.open("wb") as copy:
            left = found.end - found.offset
            while left and (data := file.read(min(left, 1 << 20))):
                copy.write(data)
                left -= len(data)
            copy.flush()
            os.fsync(copy.fileno())
        file.seek(found.offset)
        if found.end >= os.fstat(file.fileno()).st_size:
            file.truncate()
        else:
            file.write(filler(found.end - found.offset, f"A damaged part stood here; it is kept as {aside.name}.\n"))
        file.flush()
        os.fsync(file.fileno())
    return aside


def filler(length: int, text: str) -> bytes:
    """A gzip member of exactly this length that holds a metadata record with a text; an empty one where that has no room."""

    def record(size: int) -> bytes:
        return (
            (
                f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: {moment}\r\n"
                f"Content-Type: text/plain\r\nContent-Length: {size:010}\r\n\r\n"
            ).encode()
            + text.encode().ljust(size)[:size]
            + RECORD_END
        )

    number, moment = uuid4(), utc_text(datetime.now(UTC))
    fixed = len(record(0))
    room = length - 18 - fixed
    size = max(room - 5 * (room // STORED + 2), 0)
    data = record(size) if room > 64 else b""
    blocks = [data[at : at + STORED] for at in range(0, len(data), STORED)]
    body = b"".join(
        bytes([at == len(blocks) - 1])
        + len(block).to_bytes(2, "little")
        + (len(block) ^ 0xFFFF).to_bytes(2, "little")
        + block
        for at, block in enumerate(blocks)
    )
    body = body or b"\x03\x00"  # nothing, in two bytes
    trailer = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    rest = length - 18 - len(body)  # what is left over goes into the field for a file name (RFC 1952, section 2.3)
    header = MAGIC + bytes([8 if rest else 0]) + b"\0\0\0\0\0\xff" + (b"-" * (rest - 1) + b"\0" if rest else b"")
    return header + body + trailer

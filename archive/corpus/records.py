"""The raw records of a corpus: taken from the archive byte for byte, written to WARC files of a bounded size, indexed for
pywb, and read again with bounds, since a corpus may come from a stranger.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

import surt  # type: ignore[import-untyped]

from archive.corpus.layout import KIOSQUE, RAW, CorpusDamaged, Row, open_plain
from archive.errors import RecordDamaged
from archive.exchanges import Exchange
from archive.members import Member, packed
from archive.records import utc_text
from archive.warc import RECORD_END, Head, read_head, read_record, target_of

LARGEST_FILE = 1 << 30  # bytes of a WARC file, as its standard advises
LARGEST_RECORD = 64 << 20  # bytes of a record; a crawl keeps 16 MB at most, and an import a little more


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is whole: where it stands, and what it holds."""

    offset: int
    end: int
    head: Head
    exchange: Exchange | None  # of responses and revisits, without its body
    digest: str  # of the payload, which a revisit only names

    def trouble(self, capture: Row) -> str:
        """How it differs from what a capture says of it; "" when it does not."""
        if self.exchange is None or self.head.kind != capture["record"]:
            return f"a {self.head.kind} record stands there"
        if self.exchange.url not in (capture["url"], target_of(capture["url"])):
            return "the record of another address stands there"
        if (
            utc_text(self.exchange.fetched_at) != capture["fetched_at"]
            or self.exchange.status != capture["http_status"]
        ):
            return "the record of another fetch stands there"
        if self.digest != capture["digest"]:
            return "its payload does not have the digest that it should have"
        return "" if self.end - self.offset == capture["warc_length"] else "it is of another length"

    def asked_by(self, other: Record) -> bool:
        """Is `other` the request that this one answers?"""
        concurrent = other.head.fields.get("warc-concurrent-to", "")
        return other.head.kind == "request" and concurrent == self.head.fields.get("warc-record-id")


def read_member(file: BinaryIO, offset: int) -> Record:
    """The record that is a gzip member of its own at an offset. Raises RecordDamaged for anything else, and before more
    than one record was inflated."""
    member = Member(file, offset)
    stream = io.BufferedReader(member, 1 << 16)
    head = read_head(stream)
    if head is None:
        raise RecordDamaged("nothing")
    if head.length > LARGEST_RECORD:
        raise RecordDamaged(f"a record of {head.length:,} bytes, at most {LARGEST_RECORD:,} are read")
    exchange, digest = None, ""
    block = stream.read(head.length)
    if len(block) != head.length:
        raise RecordDamaged("a record that is cut off")
    if head.kind in ("response", "revisit"):
        exchange = read_record(io.BytesIO(head.raw + block))
        digest = exchange.digest if head.kind == "response" else head.fields.get("warc-payload-digest", "")
        exchange = replace(exchange, body=b"")
    rest = stream.read(len(RECORD_END) + 1)  # to the end of the member, where its checksum is
    if rest.strip(b"\r\n") or len(rest) > len(RECORD_END) or member.end is None:
        raise RecordDamaged("more than a record in one member")
    return Record(offset, member.end, head, exchange, digest)


def walk(folder: Path, name: str) -> Iterator[Record]:
    """The records of a raw file of a corpus, one after another. Raises CorpusDamaged at the first that is none."""
    at = 0
    with open_plain(folder, name) as file:
        size = os.fstat(file.fileno()).st_size
        while at < size:
            try:
                record = read_member(file, at)
            except (RecordDamaged, OverflowError) as error:
                raise CorpusDamaged(f"{name} at {at}: {error}") from error
            yield record
            at = record.end


class Originals:
    """The records in the raw files of an archive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._file: BinaryIO | None = None

    def take(self, capture: Row) -> tuple[bytes, bytes]:
        """The record of a capture and that of its request, which may be none, as they stand. Raises RecordDamaged or
        OSError with why it cannot be had."""
        file = self._open(capture["warc_file"])
        record = read_member(file, capture["warc_offset"])
        if trouble := record.trouble(capture):
            raise RecordDamaged(trouble)
        return _bytes(file, record), self._request(file, record)

    def _request(self, file: BinaryIO, record: Record) -> bytes:
        try:
            following = read_member(file, record.end)
        except RecordDamaged:
            return b""  # the end of the file, or of another record: requests have no capture that would miss them
        return _bytes(file, following) if record.asked_by(following) else b""

    def _open(self, name: str) -> BinaryIO:
        if self._file is None or self._name != name:
            self.close()
            self._file, self._name = (self._folder / name).open("rb"), name
        return self._file

    def close(self) -> None:
        """Close the file that was read last."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _bytes(file: BinaryIO, record: Record) -> bytes:
    file.seek(record.offset)
    return file.read(record.end - record.offset)


def raw_name(number: int) -> str:
    """The name of a raw file of a corpus."""
    return f"{RAW}/corpus-{number:05}.warc.gz"


def warcinfo(name: str, moment: str) -> bytes:
    """The first record of a raw file; `moment` is that of its first fetch, so that it is the same whenever it is made."""
    file_name = name.rpartition("/")[2]
    body = (
        f"software: Kiosque {KIOSQUE}\r\nformat: WARC File Format 1.1\r\nisPartOf: corpus\r\n"
        "description: records copied from an archive, byte for byte\r\n"
    ).encode()
    number = uuid5(NAMESPACE_URL, f"{file_name} {moment} {sha256(body).hexdigest()}")
    head = (
        f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: {moment}\r\n"
        f"WARC-Filename: {file_name}\r\nContent-Type: application/warc-fields\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return packed(head.encode() + body + RECORD_END)


def index_line(capture: Row) -> bytes:
    """A capture as a line of a CDXJ index, as pywb reads it."""
    url = target_of(capture["url"])
    revisit = capture["record"] == "revisit"
    mime = "warc/revisit" if revisit else capture["content_type"].partition(";")[0].strip() or "unk"
    fields = {
        "url": url,
        "mime": mime,
        "status": str(capture["http_status"]),
        "digest": capture["digest"].removeprefix("sha1:"),
        "length": str(capture["warc_length"]),
        "offset": str(capture["warc_offset"]),
        "filename": capture["warc_file"].rpartition("/")[2],
    }
    stamp = "".join(filter(str.isdigit, capture["fetched_at"]))
    return f"{_key(url)} {stamp} {json.dumps(fields)}\n".encode()


def _key(url: str) -> str:
    """The key under which pywb looks a URL up; the URL itself where that library can make none of it."""
    try:
        key = str(surt.surt(url))
    except ValueError:
        key = url
    return "".join(key.split()) or url

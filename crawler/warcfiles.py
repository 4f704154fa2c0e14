"""WARC files of any maker (ISO 28500): their HTML responses, one after another, and what was passed over.

What is read of a record here is its beginning: who it is about, and whether it is a page. The rest is left as it stands
in the file, packed, for a worker to open and for the archive to keep.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from archive.errors import RecordDamaged
from archive.exchanges import Exchange
from archive.members import MAGIC, Member, beginning, unpacked
from archive.records import parse_utc
from archive.warc import RECORD_END, Head, read_head, read_message, read_record
from crawler.encodings import TooLarge, decode
from crawler.urls import host_key

LARGEST = 16 * 1024 * 1024  # bytes of a body, packed or not, as for a crawl; larger ones are not articles
LARGEST_RECORD = LARGEST + 1024 * 1024  # with everything that stands before the body
HTML = ("text/html", "application/xhtml+xml", "")
FORMATS = {b"WARC": "plain", b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\x50\x2a\x4d\x18": "zstd"}
PEEK = 16 * 1024  # bytes of a record that are looked at, packed or not; holds the headers of all but very odd servers
WINDOW = 1024 * 1024  # bytes of a file read at a time
DEFLATE_ADDS = 1024  # what can be packed by nothing gets longer by less than one part in so many
MOST_TROUBLES = 20  # that are told of one file


@dataclass(frozen=True, slots=True)
class Record:
    """One response record; `data` is the record as it stood in its file, `packed` as a gzip member of its own or not."""

    url: str
    fetched_at: datetime
    content_type: str
    data: bytes = field(repr=False)
    packed: bool
    place: int  # its offset in the file, or that of the member in which it stands
    position: int  # bytes of the file that were read, for progress

    @property
    def exchange(self) -> Exchange:
        """What the record holds. Raises RecordDamaged."""
        return opened(self.data, packed=self.packed)


def opened(data: bytes, *, packed: bool) -> Exchange:
    """The exchange of a record. Raises RecordDamaged."""
    return read_record(io.BytesIO(unpacked(data, LARGEST_RECORD) if packed else data))


def decoded(exchange: Exchange) -> bytes:
    """The body without its content encoding; as it is where it was stored unpacked under the old header.

    Raises TooLarge.
    """
    return decode(exchange.body, exchange.header("content-encoding"), LARGEST)


class WarcFile:
    """One pass over a file: iterate it, then see what was `passed_over` and what `troubles` there were, in words.

    `start`: the place of a record to begin with. Only members of gzip can be begun with; any other file is read from its
    beginning, and its records have the place 0.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        self.path = path
        self._start = start
        self.passed_over: Counter[str] = Counter()
        self.troubles: list[str] = []

    @property
    def trouble(self) -> str:
        """The first trouble; "" when there was none."""
        return self.troubles[0] if self.troubles else ""

    def __iter__(self) -> Iterator[Record]:
        """The HTML responses with status 200; never raises.

        Of a file whose records are gzip members of their own, a damaged part is skipped; any other file ends there.
        """
        try:
            with self.path.open("rb") as file:
                start = file.read(4)
                file.seek(0)
                kind = next((kind for magic, kind in FORMATS.items() if start.startswith(magic)), "")
                if kind == "gzip":
                    window = Window(file)
                    yield from self._members(window, self._start, window.size)
                elif kind == "zstd":
                    with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as stream:
                        yield from self._records(io.BufferedReader(cast(io.RawIOBase, stream)), 0, file.tell)
                elif kind == "plain":
                    yield from self._records(file, 0, file.tell)
                    file.seek(max(0, file.seek(0, os.SEEK_END) - len(RECORD_END)))
                    if file.read() != RECORD_END and not self.troubles:
                        self._note("ends in the middle of a record")
                else:
                    self._note("not a WARC file")
        except (OSError, RecordDamaged, zstandard.ZstdError) as error:
            self._note(getattr(error, "strerror", None) or str(error))

    def _skipped(self, start: int, end: int, trouble: str) -> None:
        self.passed_over["damaged parts"] += 1
        self._note(f"skipped {end - start} bytes at offset {start}: {trouble}")

    def _note(self, what: str) -> None:
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles.append(f"{self.path}: {what}")
        else:
            self.troubles[-1] = f"{self.path}: and more like that"

    # -- gzip ------------------------------------------------------------------------------------------------------

    def _members(self, window: Window, at: int, end: int, *, trusting: bool = True) -> Iterator[Record]:
        """The records of the members between two offsets; `trusting` what they say of their length, where that fits."""
        while at < end:
            found = _alone(window, at) if trusting else None
            if found is not None:
                head, message, following = found
                if (wanted := self._wanted(head, message)) is not None:
                    yield Record(*wanted, window.read(at, following), True, at, following)
                at = following
                continue
            # several records in one member, or something wrong with it: read on until that is known
            member, held, count = Member(window.file, at), None, 0
            try:
                for record in self._records(io.BufferedReader(member, PEEK), at, member.position):
                    if held is not None:
                        yield held
                    held, count = record, count + 1
                trouble = "" if member.end is not None and member.end > at else "cut off"
            except RecordDamaged as error:
                trouble = str(error)
            if held is not None and (count > 1 or not trouble):  # the checksum is that of a whole member
                yield held
            following = member.end if not trouble and member.end is not None else self._next(window, at, end)
            if trouble:
                self._skipped(at, following, trouble)
            at = following

    def salvaged(self, record: Record, trouble: str) -> Iterator[Record]:
        """What can be read after all where a record stands that could not be opened."""
        if record.packed:
            with self.path.open("rb") as file:
                yield from self._members(Window(file), record.place, record.position, trusting=False)
        else:
            self._skipped(record.place, record.position, trouble)

    @staticmethod
    def _next(window: Window, at: int, end: int) -> int:
        """Where the next member begins that begins with a record; `end` when none does before."""
        while (at := window.find(MAGIC, at + 1, end)) >= 0:
            if beginning(window.read(at, at + PEEK), PEEK).startswith(b"WARC/"):
                return at
        return end

    # -- records ---------------------------------------------------------------------------------------------------

    def _records(self, stream: BinaryIO, place: int, position: Callable[[], int]) -> Iterator[Record]:
        """The records of an unpacked stream. Raises RecordDamaged where it does not go on with one."""
        while (head := read_head(stream)) is not None:
            content = stream.read(min(head.length, LARGEST_RECORD))
            left = head.length - len(content)
            while left and (more := stream.read(min(left, WINDOW))):
                left -= len(more)
            wanted = self._wanted(head, io.BytesIO(content))
            if left:
                if wanted is not None:
                    self.passed_over["cut off"] += 1
                raise RecordDamaged(f"the record of {head.url or 'nothing'} is cut off")
            if wanted is not None:
                yield Record(*wanted, head.raw + content + RECORD_END, False, place, position())

    def _wanted(self, head: Head, message: BinaryIO) -> tuple[str, datetime, str] | None:
        """URL, time and content type of a record that is imported; `message` begins with its content."""
        if head.kind != "response":
            if head.kind != "warcinfo":
                self.passed_over[f"{head.kind or 'unknown'} records"] += 1
            return None
        try:
            moment = parse_utc(head.fields.get("warc-date", ""))
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not host_key(head.url):
            self.passed_over["without a usable URL or date"] += 1
            return None
        if head.length > LARGEST:
            self.passed_over["too large"] += 1
            return None
        said = read_message(message)
        if said is None:
            self.passed_over["without HTTP headers"] += 1
            return None
        status, _, headers = said
        if status != 200:
            self.passed_over[f"HTTP {status}"] += 1
            return None
        content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
        if content_type.partition(";")[0].strip().lower() not in HTML:
            self.passed_over["not HTML"] += 1
            return None
        return head.url, moment, content_type


def _alone(window: Window, at: int) -> tuple[Head, BinaryIO, int] | None:
    """Head, beginning of the content and end of a record that is a gzip member of its own, by what the member itself
    says of its length; None where that cannot be told from its first bytes.

    Whether it is sound is seen by who opens it: reading all of every record twice would take as long as anything else
    that is done here.
    """
    start = io.BytesIO(beginning(window.read(at, at + PEEK), PEEK))
    try:
        head = read_head(start)
    except RecordDamaged:
        return None
    if head is None:
        return None
    # a response whose HTTP headers are longer than what was looked at is left to those who read on
    if head.kind == "response":
        place = start.tell()
        if read_message(start) is None and head.length > PEEK - place:
            return None
        start.seek(place)
    size = len(head.raw) + head.length + len(RECORD_END)
    end = window.end_of_member(at, size)
    return None if end is None else (head, start, end)


class Window:
    """A file that is read here and there, a large piece at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = os.fstat(file.fileno()).st_size
        self._data = b""
        self._at = 0

    def read(self, start: int, end: int) -> bytes:
        """Bytes from `start` to `end`; fewer at the end of the file."""
        end = min(end, self.size)
        if not self._at <= start <= end <= self._at + len(self._data):
            self._data = os.pread(self.file.fileno(), max(end - start, WINDOW), start)
            self._at = start
        return self._data[start - self._at : end - self._at]

    def find(self, what: bytes, start: int, end: int) -> int:
        """The offset of the first occurrence that begins between `start` and `end`; -1 when there is none."""
        while start < end:
            if not self._at <= start <= self._at + len(self._data) - len(what):
                self.read(start, start + len(what))
            found = self._data.find(what, start - self._at, end - self._at + len(what) - 1)
            if found >= 0:
                return self._at + found
            start = max(start, self._at + len(self._data) - len(what)) + 1
        return -1

    def end_of_member(self, start: int, size: int) -> int | None:
        """The end of the gzip member that begins at `start`, if it holds `size` bytes: where another begins, or the
        file ends, behind a trailer that says so (RFC 1952, section 2.3.1)."""
        place, limit = start + 18, start + size + size // DEFLATE_ADDS + PEEK
        while (found := self.find(MAGIC, place, min(limit, self.size))) >= 0:
            if self._says(found, size):
                return found
            place = found + 1
        return self.size if self.size <= limit and self._says(self.size, size) else None

    def _says(self, end: int, size: int) -> bool:
        return int.from_bytes(self.read(end - 4, end), "little") == size & 0xFFFFFFFF


__all__ = ["LARGEST", "Record", "TooLarge", "WarcFile", "decoded", "opened"]

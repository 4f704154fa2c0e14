"""The raw store: every exchange with a server as WARC 1.1 records, one file a day (ISO 28500:2017).

A record is a gzip member of its own, so that it can be read alone from its offset. A response record is followed by its
request; a payload that was captured before becomes a revisit record that names the earlier one.
"""

from __future__ import annotations

import io
import os
import zlib
from base64 import b32encode
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError
from archive.records import utc_text

SOFTWARE = "Kiosque"
OPEN_FILES = 8  # an import walks over many days; a crawl writes one
CHUNK = 1 << 20
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response to it, as they went over the wire (bodies without transfer encoding)."""

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


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a record stands: file relative to the archive folder, offset and length in bytes."""

    warc_file: str
    offset: int
    length: int
    digest: str
    record: str  # response or revisit


class RawStore:
    """Appends exchanges to the WARC files below `folder`/raw and reads them back.

    `flush` must be called, and return, before the database says that a record exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[str, io.FileIO] = OrderedDict()
        self._unsynced: set[str] = set()
        self._journal = folder / "raw" / "open-files.txt"
        self._journalled: set[str] = set()

    def append(self, exchange: Exchange, earlier: Earlier | None = None) -> Placed:
        """Write one exchange; as a revisit record when `earlier` holds the same payload or the server said 304."""
        name = f"raw/{exchange.fetched_at:%Y/%m}/kiosque-{exchange.fetched_at:%Y%m%d}.warc.gz"
        file = self._file(name, exchange.fetched_at)
        offset = file.seek(0, os.SEEK_END)
        placed = self._write(file, name, offset, exchange, earlier)
        self._unsynced.add(name)
        return placed

    def _write(self, file: io.FileIO, name: str, offset: int, exchange: Exchange, earlier: Earlier | None) -> Placed:
        # a record is put together in memory and written at once: a failed write can be cut off again
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        date = utc_text(exchange.fetched_at)
        headers = {"WARC-Date": date} | ({"WARC-IP-Address": exchange.ip} if exchange.ip else {})
        status = StatusAndHeaders(
            f"{exchange.status} {exchange.reason}".strip(), _plain(exchange.headers), protocol="HTTP/1.1"
        )
        if earlier is not None:
            response = writer.create_revisit_record(
                exchange.url,
                earlier.digest,
                earlier.url,
                earlier.fetched_at,
                http_headers=status,
                warc_headers_dict=headers,
            )
            if exchange.status == 304:
                response.rec_headers.replace_header(
                    "WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
                )
        else:
            response = writer.create_warc_record(
                exchange.url,
                "response",
                payload=io.BytesIO(exchange.body),
                length=len(exchange.body),
                http_headers=status,
                warc_headers_dict=headers,
            )
        writer.write_record(response)
        length = buffer.tell()
        parts = urlsplit(exchange.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = writer.create_warc_record(
            exchange.url,
            "request",
            http_headers=StatusAndHeaders(
                f"GET {path} HTTP/1.1", _plain(exchange.request_headers), is_http_request=True
            ),
            warc_headers_dict={
                "WARC-Date": date,
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )
        writer.write_record(request)
        try:
            rest = memoryview(buffer.getbuffer())
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            # half a record (disk full) would hide everything written after it
            file.truncate(offset)
            raise ArchiveError(f"cannot write {name}: {error}") from error
        digest = earlier.digest if earlier else exchange.digest
        return Placed(name, offset, length, digest, "revisit" if earlier else "response")

    def _file(self, name: str, moment: datetime) -> io.FileIO:
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._note_open(name)
        file = path.open("ab+", buffering=0)
        if file.seek(0, os.SEEK_END) == 0:
            writer = WARCWriter(file, gzip=True, warc_version="1.1")
            info = {"software": SOFTWARE, "format": "WARC File Format 1.1", "isPartOf": f"kiosque-{moment:%Y%m%d}"}
            writer.write_record(writer.create_warcinfo_record(path.name, info))
            _sync_folder(path.parent)
        self._open[name] = file
        while len(self._open) > OPEN_FILES:
            oldest, old = self._open.popitem(last=False)
            self._sync(oldest, old)
            old.close()
        return file

    def _note_open(self, name: str) -> None:
        if name in self._journalled:
            return
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._journalled.add(name)

    def _sync(self, name: str, file: io.FileIO) -> None:
        if name in self._unsynced:
            os.fsync(file.fileno())
            self._unsynced.discard(name)

    def flush(self) -> None:
        """Bring everything that was appended to the disk."""
        for name in list(self._unsynced):
            self._sync(name, self._open[name])

    def close(self) -> None:
        """Flush, close the files and note that they were closed in order."""
        self.flush()
        for file in self._open.values():
            file.close()
        self._open.clear()
        self._journal.unlink(missing_ok=True)
        self._journalled.clear()

    def repair(self) -> list[str]:
        """Cut off what a killed process left unfinished at the end of files; gives a line for each that was cut."""
        (self._folder / "raw").mkdir(parents=True, exist_ok=True)
        if not self._journal.exists():
            return []
        said = []
        for name in sorted(set(self._journal.read_text(encoding="utf-8").split("\n")) - {""}):
            path = self._folder / name
            if not path.exists():
                continue
            size = path.stat().st_size
            good = sound_length(path)
            if good < size:
                os.truncate(path, good)
                said.append(f"{name}: cut {size - good} bytes of an unfinished record at offset {good}")
        self._journal.unlink()
        return said

    def read(self, warc_file: str, offset: int) -> Exchange:
        """Read one response or revisit record. Raises ArchiveError when there is none at that place."""
        path = self._folder / warc_file
        try:
            with path.open("rb") as file:
                file.seek(offset)
                record = next(iter(ArchiveIterator(file)))
                status = record.http_headers
                if record.rec_type not in ("response", "revisit") or status is None:
                    raise ArchiveError(f"{warc_file}: a {record.rec_type} record stands at offset {offset}")
                return Exchange(
                    url=record.rec_headers.get_header("WARC-Target-URI"),
                    fetched_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
                    status=int(status.get_statuscode()),
                    reason=status.statusline.partition(" ")[2],
                    headers=tuple(status.headers),
                    body=record.raw_stream.read() if record.rec_type == "response" else b"",
                    ip=record.rec_headers.get_header("WARC-IP-Address") or "",
                )
        except (OSError, StopIteration) as error:
            raise ArchiveError(f"{warc_file}: no record at offset {offset}") from error


def sound_length(path: Path) -> int:
    """Length in bytes of the complete gzip members that `path` begins with."""
    good = 0
    with path.open("rb") as file:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        read = 0  # bytes of the file given to members so far
        while chunk := file.read(CHUNK):
            read += len(chunk)
            while chunk:
                try:
                    member.decompress(chunk, CHUNK)
                except zlib.error:
                    return good
                if member.eof:
                    chunk = member.unused_data
                    good = read - len(chunk)
                    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                else:
                    chunk = member.unconsumed_tail
    return good


def _plain(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    # a line break inside a value would end the header block early
    return [(name, " ".join(value.splitlines())) for name, value in headers]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The raw store: every exchange with a server as WARC 1.1 records, one file a day (ISO 28500:2017).

A record is a gzip member of its own, so that it can be read alone from its offset. A response record is followed by its
request; a payload that was captured before becomes a revisit record that names the earlier one.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import ArchiveError
from archive.exchanges import Earlier, Exchange, Headers, Wishes, without_payload
from archive.members import sound_length
from archive.warc import exchange_records, read_exchange, warcinfo

OPEN_FILES = 8  # an import walks over many days; a crawl writes one


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a record stands: file relative to the archive folder, offset and length in bytes."""

    warc_file: str
    offset: int
    length: int
    digest: str
    record: str  # response or revisit


class RawStore:
    """Appends exchanges to the WARC files below `folder`/raw and reads them back. Every error is an ArchiveError.

    `flush` must be called, and return, before the database says that a record exists. A journal names the files that
    are open; `repair` looks at these after a crash, since a whole archive takes hours to read.

    Several processes may write into one folder when each has a `label` of its own, which is part of the names of its files.
    """

    def __init__(self, folder: Path, label: str = "") -> None:
        self._folder = folder
        self._label = label
        self._open: OrderedDict[str, io.FileIO] = OrderedDict()
        self._unsynced: set[str] = set()
        self._new_in: set[Path] = set()  # folders with entries that a crash may still lose
        self._journal = journal_of(folder, label)
        self._journalled: set[str] = set()
        self._suspect = False  # a write or flush failed: the journal stays, so that the next start looks at the files

    def append(self, exchange: Exchange, earlier: Earlier | None = None) -> Placed:
        """Write one exchange; as a revisit record when `earlier` holds the same payload or the server said 304; without
        its payload when no copy is to be kept.

        The day of the file is that of the fetch, in UTC. Raises ArchiveError; the file is then as it was before.
        """
        if exchange.wishes.withheld:
            exchange, earlier = without_payload(exchange), None
        if earlier is not None and exchange.status != 304 and earlier.digest != exchange.digest:
            earlier = None  # a payload is left out only when it is certain to be there already
        response, request = exchange_records(exchange, earlier)
        name, offset = self._append(exchange.url, exchange.fetched_at, response + request)
        digest = earlier.digest if earlier else exchange.digest
        return Placed(name, offset, len(response), digest, "revisit" if earlier else "response")

    def keep(self, url: str, fetched_at: datetime, digest: str, member: bytes) -> Placed:
        """Write the response record of another maker as it is; `member` is a gzip member that holds this record alone.

        Raises ArchiveError; the file is then as it was before.
        """
        name, offset = self._append(url, fetched_at, member)
        return Placed(name, offset, len(member), digest, "response")

    def _append(self, url: str, fetched_at: datetime, data: bytes) -> tuple[str, int]:
        moment = fetched_at.astimezone(UTC)
        name = f"raw/{moment:%Y/%m}/kiosque-{moment:%Y%m%d}{self._label}.warc.gz"
        try:
            file = self._file(name, moment)
            offset = file.seek(0, os.SEEK_END)
            self._unsynced.add(name)
            self._write(file, offset, data)
        except OSError as error:
            self._suspect = True
            raise ArchiveError(f"cannot write {name} for {url}: {error}") from error
        return name, offset

    def _write(self, file: io.FileIO, offset: int, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        except BaseException:
            # half a record (disk full, interrupt) would hide everything written after it
            file.truncate(offset)
            raise

    def _file(self, name: str, moment: datetime) -> io.FileIO:
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        path = self._folder / name
        folders = [path.parent]
        if not path.parent.exists():
            folders += [path.parent.parent, self._folder / "raw", self._folder]
            path.parent.mkdir(parents=True, exist_ok=True)
        self._note_open(name)
        file = path.open("ab+", buffering=0)
        try:
            if file.seek(0, os.SEEK_END) == 0:
                self._unsynced.add(name)
                self._write(file, 0, warcinfo(path.name, f"kiosque-{moment:%Y%m%d}{self._label}"))
                self._new_in.update(folders)
        except BaseException:
            self._unsynced.discard(name)
            file.close()
            raise
        self._open[name] = file
        while len(self._open) > OPEN_FILES:
            oldest = next(iter(self._open))
            self._sync(oldest)
            self._open.pop(oldest).close()
        return file

    def _note_open(self, name: str) -> None:
        if name in self._journalled:
            return
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not self._journalled:  # else its own entry is on the disk
            _sync_folder(self._journal.parent)
        self._journalled.add(name)

    def _sync(self, name: str) -> None:
        if name in self._unsynced:
            os.fsync(self._open[name].fileno())
            self._unsynced.discard(name)

    def flush(self) -> None:
        """Bring everything that was appended to the disk. Raises ArchiveError."""
        name = "raw"
        try:
            for name in list(self._unsynced):
                self._sync(name)
            for folder in list(self._new_in):
                _sync_folder(folder)
                self._new_in.discard(folder)
        except OSError as error:
            # the kernel may drop what it could not write and report success the next time
            self._suspect = True
            raise ArchiveError(f"cannot bring {name} to the disk: {error}") from error

    def close(self) -> None:
        """Flush, close the files and note that they were closed in order; harmless when done before."""
        try:
            self.flush()
            if self._journalled and not self._suspect:
                self._journal.unlink(missing_ok=True)
        finally:
            for file in self._open.values():
                file.close()
            self._open.clear()
            self._unsynced.clear()
            self._new_in.clear()
            self._journalled.clear()

    def repair(self) -> list[str]:
        """Cut off what killed processes left unfinished at the end of files; gives a line for each that was cut. Only for who
        writes alone.

        Raises ArchiveError when a file cannot be read or cut.
        """
        said = []
        try:
            (self._folder / "raw").mkdir(parents=True, exist_ok=True)
            for name in open_files(self._folder):
                path = self._folder / name
                size = path.stat().st_size
                good = sound_length(path)
                if good < size:
                    with path.open("rb+") as file:
                        file.truncate(good)
                        os.fsync(file.fileno())
                    said.append(f"{name}: cut {size - good} bytes of an unfinished record at offset {good}")
            for journal in _journals(self._folder):
                journal.unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveError(f"cannot repair the raw files in {self._folder}: {error}") from error
        return said

    def read(self, warc_file: str, offset: int) -> Exchange:
        """Read one response or revisit record; a revisit has no body. Raises ArchiveError when none stands there."""
        return read_exchange(self._folder / warc_file, offset)


def journal_of(folder: Path, label: str = "") -> Path:
    """The file that names the raw files which were not closed in order, one a line, relative to `folder`."""
    return folder / "raw" / f"open-files{label}.txt"


def _journals(folder: Path) -> list[Path]:
    return sorted((folder / "raw").glob("open-files*.txt"))


def open_files(folder: Path) -> list[str]:
    """The raw files that a process writes to or left open when it was killed; those that exist."""
    lines: list[str] = []
    for journal in _journals(folder):
        try:
            lines += journal.read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            continue  # closed meanwhile
    return sorted(name for name in set(lines) - {""} if "\0" not in name and (folder / name).is_file())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = ["Earlier", "Exchange", "Headers", "Placed", "RawStore", "Wishes", "journal_of", "open_files", "sound_length"]

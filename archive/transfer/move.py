"""An archive moved from a folder to PostgreSQL or back, with every row compared: all of it or nothing.

The rows go from one database to the other through at most some hundred of them in memory. The target shows nothing until
all its rows, read back, have the count and the digest of those of the source: on PostgreSQL it is one transaction, in a folder
a file that gets its name at the end. A move that is broken off is begun anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.backup import Copied, copy_raw, sync
from archive.database import FILE_NAME, LOCK_WAIT_S, WriterLock
from archive.errors import ArchiveError
from archive.postgres import Place, Where, place_of, shown
from archive.saved import FILE as SEARCHES
from archive.store import Archive
from archive.transfer.file import new_file
from archive.transfer.reading import Reader, reading
from archive.transfer.tables import Row, Shape, Tally, shapes

PART = f"{FILE_NAME}.moving"
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """The tables with what both have of each, and the raw files that were copied, None where they stay."""

    tables: dict[str, Tally]
    raw: Copied | None


def move(
    source: Where, target: Where, progress: Progress = lambda table, rows: None, *, wait: float = LOCK_WAIT_S
) -> Moved:
    """Copy an archive to a target that has none: a folder without `archive.db`, or a database of PostgreSQL whose tables are
    empty. Nothing may write to either meanwhile: both writers' locks are held, and waited for up to `wait` seconds. The source stays as it is.

    Raw files are copied when the target has another folder for them. Raises ArchiveMissing, ArchiveLocked or ArchiveError;
    the target has no row then.
    """
    try:
        with ExitStack() as stack:
            opened = stack.enter_context(Archive(source, write=True, create=False, wait=wait))
            place = place_of(target)
            folder = Path(target) if place is None else place.needed_folder()
            # the target first, since it may be refused
            if place is None:
                _claim(
                    stack, folder, wait, locked=not opened.on_postgresql and opened.folder.resolve() == folder.resolve()
                )
            else:
                _claim_server(stack, target, place, wait)
            reader = stack.enter_context(reading(source))
            raw = _copy_raw(opened.folder, folder)
            tables = _to_folder(reader, folder, progress) if place is None else _to_server(reader, place, progress)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot move {shown(source)} to {shown(target)}: {error}") from error
    return Moved(tables, raw)


# -- targets -----------------------------------------------------------------------------------------------------------


def _claim(stack: ExitStack, folder: Path, wait: float, *, locked: bool) -> None:
    """Keep others from making an archive in the folder. Raises ArchiveError when there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    if not locked:
        lock = WriterLock(folder)
        lock.acquire(wait)
        stack.callback(lock.release)
    if (folder / FILE_NAME).exists():
        raise ArchiveError(f"{folder} has an archive already; move to a folder without {FILE_NAME}")


def _claim_server(stack: ExitStack, target: Where, place: Place, wait: float) -> None:
    """Make the tables if need be, and keep others from writing. Raises ArchiveError when there is a row in one of them."""
    db = stack.enter_context(Archive(target, write=True, wait=wait)).db
    for shape in shapes():
        if db.execute(f"SELECT 1 FROM {shape.name} LIMIT 1").fetchone() is not None:  # noqa: S608 (names of ours)
            raise ArchiveError(f"{place.shown} is not empty: there are rows in {shape.name}; move to a new database")


def _copy_raw(source: Path, target: Path) -> Copied | None:
    """Raw files, and the searches that readers keep; None when both archives have them in one folder."""
    if source.resolve() == target.resolve():
        return None
    target.mkdir(parents=True, exist_ok=True)
    copied = copy_raw(source, target)
    if (source / SEARCHES).exists() and not (target / SEARCHES).exists():
        (target / SEARCHES).write_bytes((source / SEARCHES).read_bytes())
    return copied


# -- rows --------------------------------------------------------------------------------------------------------------


class _Target(Protocol):
    def rows(self, sql: str) -> Generator[Row, None, None]: ...
    def load(self, shape: Shape, rows: Iterable[Row]) -> None: ...


def _copy(reader: Reader, target: _Target, settle: Callable[[], None], progress: Progress) -> dict[str, Tally]:
    """Copy every table, then compare each. Raises ArchiveError for one that is not the same."""
    tables = {}
    for shape in shapes():
        tally = tables[shape.name] = Tally()
        try:
            with closing(reader.rows(shape.select())) as rows:
                target.load(shape, tally.counted(rows))
        except sqlite3.Error as error:
            raise ArchiveError(f"the rows of {shape.name} cannot be moved: {error}; nothing was kept") from error
        progress(shape.name, tally.rows)
    settle()
    for shape in shapes():
        read, written = tables[shape.name], Tally().of(target.rows(shape.select()))
        if read != written:
            raise ArchiveError(
                f"{shape.name} is not what was read: {written.rows} rows with the digest {written.digest},"
                f" not {read.rows} with {read.digest}; nothing was kept"
            )
    return tables


def _to_folder(reader: Reader, folder: Path, progress: Progress) -> dict[str, Tally]:
    part = folder / PART
    part.unlink(missing_ok=True)
    try:
        with new_file(part) as file:
            tables = _copy(reader, file, lambda: file.settle(whole=True), progress)
        for suffix in ("-wal", "-shm"):
            (folder / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)  # of another database that had this name
        os.replace(part, folder / FILE_NAME)
        sync(folder)
    finally:
        part.unlink(missing_ok=True)
    return tables


def _to_server(reader: Reader, place: Place, progress: Progress) -> dict[str, Tally]:
    from archive.postgres import bulk

    with bulk.writing(place) as session:
        return _copy(reader, session, session.settle, progress)

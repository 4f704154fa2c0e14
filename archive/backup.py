"""A copy of an archive that is sound although the archive is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive.database import FILE_NAME
from archive.errors import ArchiveError, ArchiveMissing
from archive.raw import open_files, sound_length

COMPARED = 64 * 1024  # bytes before the end of a copied file that must agree before it is gone on with


@dataclass(frozen=True, slots=True)
class Copied:
    """How many raw files were copied, new or grown, and how many were there already."""

    files: int
    kept: int


def back_up(folder: Path, target: Path) -> Copied:
    """Copy database and raw files to `target`, which may hold an earlier copy; of raw files only what is new is copied.

    The database first, through SQLite, so that every capture it names is in the raw files copied after it. A copy of
    the file by `cp` would miss the write-ahead log. Raises ArchiveMissing or ArchiveError; the earlier copy is then
    still there.
    """
    if not (folder / FILE_NAME).exists():
        raise ArchiveMissing(f"there is no archive in {folder}")
    if target.resolve() == folder.resolve() or target.resolve().is_relative_to((folder / "raw").resolve()):
        raise ArchiveError(f"{target} is the archive itself or among its raw files")
    try:
        target.mkdir(parents=True, exist_ok=True)
        fresh = target / f"{FILE_NAME}.new"
        fresh.unlink(missing_ok=True)
        _copy_database(folder / FILE_NAME, fresh)
        copied = copy_raw(folder, target)
        for suffix in ("-wal", "-shm"):
            # of the earlier copy, left by a reader that was killed: it would be played into the new one
            (target / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
        os.replace(fresh, target / FILE_NAME)
        sync(target)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot copy {folder} to {target}: {error}") from error
    return copied


def copy_raw(folder: Path, target: Path) -> Copied:
    """Copy the raw files of an archive, of those that `target` has already only what was added since. Raises OSError."""
    files = kept = 0
    was_open = set(open_files(folder))
    for path in sorted((folder / "raw").rglob("*.warc.gz")):
        if _copy_file(folder, target, str(path.relative_to(folder)), was_open):
            files += 1
        else:
            kept += 1
    return Copied(files, kept)


def _copy_database(path: Path, fresh: Path) -> None:
    # not mode=ro: without a write-ahead log beside it a WAL database could not be opened
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(fresh)) as copy:
        source.execute("PRAGMA query_only = ON")
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file; the first writer turns WAL on again
    sync(fresh)


def _copy_file(folder: Path, target: Path, name: str, was_open: set[str]) -> bool:
    """Copy what the copy of an append-only file lacks; True when there was something.

    A file that is being written may end in half a record, which is left out.
    """
    path, place = folder / name, target / name
    place.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source, place.open("ab+") as copy:
        have = copy.seek(0, os.SEEK_END)
        if not _agree(source, copy, have):
            have = 0
            copy.truncate(0)
        source.seek(have)
        shutil.copyfileobj(source, copy)
        copy.flush()
        if name in was_open or name in open_files(folder):
            good = sound_length(place, have)
            if good == have:
                # nothing whole was added, or an earlier copy was interrupted inside a record
                good = sound_length(place)
            copy.truncate(good)
        size = copy.seek(0, os.SEEK_END)
        os.fsync(copy.fileno())
    return size != have


def _agree(source: IO[bytes], copy: IO[bytes], have: int) -> bool:
    start = max(0, have - COMPARED)
    source.seek(start)
    copy.seek(start)
    return source.read(have - start) == copy.read(have - start)


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

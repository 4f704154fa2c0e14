"""A copy of an archive that is sound although the archive is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive.database import FILE_NAME
from archive.errors import ArchiveError, ArchiveMissing


@dataclass(frozen=True, slots=True)
class Copied:
    """How many raw files were copied, and how many were there already."""

    files: int
    kept: int


def back_up(folder: Path, target: Path) -> Copied:
    """Copy database and raw files to `target`, which may hold an earlier copy.

    The database first, through SQLite, so that every capture it names is in the raw files copied after it. A copy of
    the file by `cp` would miss the write-ahead log.
    """
    if not (folder / FILE_NAME).exists():
        raise ArchiveMissing(f"there is no archive in {folder}")
    if target.resolve() == folder.resolve():
        raise ArchiveError(f"{target} is the archive itself")
    target.mkdir(parents=True, exist_ok=True)
    fresh = target / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{folder / FILE_NAME}?mode=ro", uri=True)
    copy = sqlite3.connect(fresh)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    files = kept = 0
    for path in sorted((folder / "raw").rglob("*.warc.gz")):
        place = target / path.relative_to(folder)
        if place.exists() and place.stat().st_size == path.stat().st_size:
            kept += 1
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
        files += 1
    os.replace(fresh, target / FILE_NAME)
    return Copied(files, kept)

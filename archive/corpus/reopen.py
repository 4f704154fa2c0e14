"""A corpus as an archive: searched, read and served like any other.

Ids stay, so that what was cited is found; versions, addresses, changes and stories are those of the archive that the corpus
was made from. What follows from the texts alone (folded texts, search index, keys of addresses) is made anew.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from archive import identity
from archive.corpus.check import verify_corpus
from archive.corpus.layout import (
    ARTICLE,
    ARTICLES,
    CAPTURE,
    CAPTURES,
    MEMBER,
    NESTED,
    RAW,
    RAW_NAME,
    SOURCE,
    SOURCES,
    STORIES,
    STORY,
    CorpusDamaged,
    Row,
    open_plain,
    read_lines,
    to_sql,
)  # fmt: skip
from archive.corpus.manifest import Manifest
from archive.corpus.writing import Output, Seal, sync_folder
from archive.errors import ArchiveError
from archive.folding import fold_columns
from archive.identity import Identity
from archive.jobs import Jobs
from archive.store import Archive
from archive.synopsis import describe

BATCH = 500  # lines in one transaction
CHUNK = 1 << 16
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """What came into the archive, and what could not."""

    articles: int
    captures: int
    missing: int  # captures without a record
    lone: int  # articles whose story has no other member in the corpus


def open_corpus(folder: Path, target: Path, progress: Progress = lambda what, number: None) -> Opened:
    """Make an archive of a corpus, which is verified first. The archive appears under its name when it is whole.

    Raises ArchiveError when the corpus is not sound, and when there is something at `target` already.
    """
    if os.path.lexists(target):
        raise ArchiveError(f"{target} is there already; a corpus is opened as an archive of its own")
    verdict = verify_corpus(folder, progress)
    if verdict.manifest is None or not verdict.ok:
        raise CorpusDamaged(f"{folder} is not opened: {verdict.troubles[0]}; `corpus verify` tells all that is wrong")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            opened = _Opening(folder, verdict.manifest, part, progress).open()
            part.rename(target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot make {target}: {error}") from error
    return opened


class _Opening:
    """One archive in the making."""

    def __init__(self, folder: Path, manifest: Manifest, part: Path, progress: Progress) -> None:
        self._folder, self._manifest, self._part, self._progress = folder, manifest, part, progress
        self._sources: dict[str, int] = {}
        self._counts = {"articles": 0, "captures": 0, "missing": 0, "lone": 0}

    def open(self) -> Opened:
        """Fill the archive, from files that are hashed once more as they are read."""
        with Archive(self._part, write=True) as self._archive:
            self._db = self._archive.db
            self._db.execute("PRAGMA foreign_keys = OFF")  # rows refer to each other in circles; compared at the end
            self._each(SOURCES, self._source)
            self._each(ARTICLES, self._article)
            self._each(CAPTURES, self._capture)
            self._each(STORIES, self._story)
            self._settle()
            for name in filter(RAW_NAME.fullmatch, self._manifest.seals):
                self._copy(name)
            sync_folder(self._part / RAW)
        return Opened(**self._counts)

    def _each(self, name: str, take: Callable[[Row], None]) -> None:
        with self._hashed(name) as stream:
            rows = read_lines(stream)  # type: ignore[arg-type]
            more, number = True, 0
            while more:
                with self._archive.transaction():
                    more = False
                    for row in rows:
                        take(row)
                        number += 1
                        if number % BATCH == 0:
                            more = True
                            break
                self._progress(f"opening {name}", number)

    @contextmanager
    def _hashed(self, name: str) -> Iterator[_Hashed]:
        with open_plain(self._folder, name) as file:
            stream = _Hashed(file)
            yield stream
            if stream.seal() != self._manifest.seals[name]:
                raise CorpusDamaged(f"{name} was changed while it was read")

    def _copy(self, name: str) -> None:
        with self._hashed(name) as stream:
            output = Output(self._part / name)
            try:
                while data := stream.read(CHUNK):
                    output.write(data)
                output.close()
            finally:
                output.drop()

    # -- rows --------------------------------------------------------------------------------------------------------

    def _insert(self, table: str, row: Row) -> None:
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})",  # noqa: S608  names of ours
            row,
        )

    def _source(self, row: Row) -> None:
        # no catalogue has it here: it is not crawled
        self._insert("sources", to_sql(row, SOURCE) | {"in_catalog": 0})
        self._sources[row["slug"]] = row["id"]

    def _article(self, row: Row) -> None:
        article_id, source_id = row["id"], self._sources[row["source"]]
        folded = fold_columns(row["title"], row["text"])
        self._insert("articles_folded", dict(zip(("id", "title", "text"), (article_id, *folded), strict=True)))
        self._insert("articles", self._owned(to_sql(row, ARTICLE)))
        for name, (table, _, spec) in NESTED.items():
            more = {"article_id": article_id} | ({"source_id": source_id} if name == "changes" else {})
            for one in row[name]:
                self._insert(table, self._owned(to_sql(one, spec)) | more)
        self._counts["articles"] += 1

    def _owned(self, row: Row) -> Row:
        """A row with its source by its number, where it has one."""
        if "source" not in row:
            return row
        return {name: value for name, value in row.items() if name != "source"} | {
            "source_id": self._sources[row["source"]]
        }

    def _capture(self, row: Row) -> None:
        if row["warc_file"] is None:
            self._counts["missing"] += 1
            return
        columns = to_sql(row, CAPTURE)
        self._insert("captures", {name: columns[name] for name in columns if name not in ("article_id", "missing")})
        self._counts["captures"] += 1

    def _story(self, row: Row) -> None:
        """A story with two members or more; its core is the fullest of them where the corpus lacks that of the archive."""
        members = row["articles"]
        if len(members) < 2:
            self._counts["lone"] += len(members)
            self._db.execute("UPDATE articles SET story_id = NULL WHERE story_id = ?", [row["id"]])
            return
        ids = [member["article_id"] for member in members]
        whole = len(members) == row["members"]
        if not whole:
            fullest = max(members, key=lambda member: (member["of_core"], -member["article_id"]))["article_id"]
            row = row | {"core_id": row["core_id"] if row["core_id"] in ids else fullest}
        self._insert("stories", to_sql(row, STORY))
        for member in members:
            self._insert("story_members", to_sql(member, MEMBER) | {"story_id": row["id"]})
        for alias in row["aliases"]:
            self._insert("story_aliases", {"id": alias, "story_id": row["id"]})
        if not whole:
            describe(self._db, row["id"])

    def _settle(self) -> None:
        """Make what follows from the rest, and see that no reference leads nowhere."""
        with self._archive.transaction():
            self._db.execute(
                "UPDATE article_versions SET capture_id = NULL WHERE capture_id NOT IN (SELECT id FROM captures)"
            )
            Jobs(self._db).advance(identity.BACKFILL, 0, datetime.now(UTC))
        Identity(self._db).catch_up(self._archive.transaction)
        self._db.execute("PRAGMA foreign_keys = ON")
        if (row := self._db.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            raise CorpusDamaged(f"a row of {row['table']} refers to one of {row['parent']} that is not there")


class _Hashed:
    """A stream that is hashed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = sha256()
        self._size = 0

    def readline(self, most: int) -> bytes:
        """A line, or as much of it."""
        return self._noted(self._file.readline(most))

    def read(self, most: int) -> bytes:
        """As much as there is."""
        return self._noted(self._file.read(most))

    def seal(self) -> Seal:
        """Of what was read."""
        return Seal(self._size, self._hash.hexdigest())

    def _noted(self, data: bytes) -> bytes:
        self._hash.update(data)
        self._size += len(data)
        return data

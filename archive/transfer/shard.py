"""A month of an archive as one immutable SQLite file, which Datasette serves as it is.

The month of an article is that of its publication, or of its first sight where that is not known (articles.published_day), so
that the months of an archive hold each of its articles once. Ids are those of the archive. Rows are as the archive has them;
a story that goes on in another month refers to articles that are there.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from archive.backup import sync
from archive.corpus.layout import KIOSQUE
from archive.errors import ArchiveError, ArchiveMissing, QueryError
from archive.postgres import Where, place_of, shown
from archive.records import utc_text
from archive.transfer.file import NewFile, new_file
from archive.transfer.reading import Reader, reading, reading_file
from archive.transfer.tables import Tally, shapes

Progress = Callable[[str, int], None]
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_IN = "IN (SELECT id FROM articles WHERE published_day >= $1 AND published_day < $2)"
_PAGES = f"IN (SELECT id FROM pages WHERE article_id {_IN})"  # noqa: S608 (names of ours, here and below)
_STORIES = f"IN (SELECT story_id FROM story_members WHERE article_id {_IN})"  # noqa: S608
_OF_ARTICLE = f"article_id {_IN}"

# which rows of a table belong to a month; what is not named here is the crawler's, or made anew
PARTS: dict[str, str] = {
    "sources": "",
    "feeds": "",
    "articles": "published_day >= $1 AND published_day < $2",
    "articles_folded": f"id {_IN}",
    "article_versions": _OF_ARTICLE,
    "article_urls": _OF_ARTICLE,
    "article_authors": _OF_ARTICLE,
    "article_keys": _OF_ARTICLE,
    "sightings": _OF_ARTICLE,
    "changes": _OF_ARTICLE,
    "returns": _OF_ARTICLE,
    "pages": _OF_ARTICLE,
    # versions may come from captures of a page that another article has by now
    "captures": f"page_id {_PAGES} OR id IN (SELECT capture_id FROM article_versions WHERE {_OF_ARTICLE})",  # noqa: S608
    "stories": f"id {_STORIES}",
    "story_members": _OF_ARTICLE,
    "story_aliases": f"story_id {_STORIES}",
    "sketches": _OF_ARTICLE,
    "sketch_index": _OF_ARTICLE,
    "source_days": "day >= $1 AND day < $2",
}
_INSTEAD = {"captures": {"page_id": f"CASE WHEN page_id {_PAGES} THEN page_id END"}}
_RECORD = """
    CREATE TABLE shard (
        month TEXT PRIMARY KEY,
        made_at TEXT NOT NULL,
        made_from TEXT NOT NULL,                -- the archive
        kiosque TEXT NOT NULL,                  -- version of Kiosque
        migration TEXT NOT NULL                 -- the last one of the schema
    );
    CREATE TABLE shard_tables (
        name TEXT PRIMARY KEY,
        rows INTEGER NOT NULL,
        sha256 TEXT NOT NULL                    -- of the rows as JSON arrays, one a line, in the order of the primary key
    ) WITHOUT ROWID;
"""
# as the triggers would have written it: a reader that holds the columns in memory knows by it that they are complete
_JOURNAL = "INSERT INTO article_journal (article_id) SELECT id FROM articles ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Shard:
    """What a file says of itself: its month, what it was made from and when, and the tally of each table, (rows, SHA-256)."""

    month: str
    made_at: str
    made_from: str
    kiosque: str
    tables: dict[str, tuple[int, str]]

    @property
    def articles(self) -> int:
        """How many there are."""
        return self.tables["articles"][0]


def make_shard(
    archive: Where, month: str, target: Path, *, now: datetime, progress: Progress = lambda table, rows: None
) -> tuple[Shard, bool] | None:
    """Make the shard of a month (YYYY-MM), while the archive may be in use; gives what it says and whether it is new. A file
    that holds the very same rows already is left as it is; None, and no file, when the month has no article.

    The file appears under its name when it was read back and found equal. Raises QueryError for what is no month,
    ArchiveMissing, ArchiveError when `target` is anything but a shard of that month or cannot be written.
    """
    if not _MONTH.fullmatch(month):
        raise QueryError(f"{month!r} is no month: write YYYY-MM")
    before = _before(target, month)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with reading(archive) as reader, new_file(part) as file:
                tables = _copy(reader, file, month, progress)
                if not tables["articles"][0]:
                    return None
                made_from = str(Path(archive).resolve()) if place_of(archive) is None else shown(archive)
                shard = Shard(month, utc_text(now), made_from, KIOSQUE, tables)
                _write_record(file, shard)
            if verify_shard(part).tables != tables:
                raise ArchiveError(f"{target} is not what was read from {shown(archive)}")
            if before is not None and before.tables == tables and before.kiosque == KIOSQUE:
                return before, False
            os.replace(part, target)
            sync(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot make {target}: {error}") from error
    return shard, True


def read_shard(path: Path) -> Shard:
    """What a file says of itself. Raises ArchiveMissing when there is no file, ArchiveError for one that is no shard."""
    with _opened(path) as reader:
        month, made_at, made_from, kiosque = next(reader.rows("SELECT month, made_at, made_from, kiosque FROM shard"))
        tables = {row[0]: (row[1], row[2]) for row in reader.rows("SELECT name, rows, sha256 FROM shard_tables")}
        if tables.keys() != PARTS.keys():
            raise ArchiveError(f"{path} is a shard of another version of Kiosque")
        return Shard(month, made_at, made_from, kiosque, tables)


def verify_shard(path: Path) -> Shard:
    """Read every row of a shard, and have SQLite look through the file. Raises ArchiveMissing, or ArchiveError for one that is
    not as it was made."""
    shard = read_shard(path)
    with _opened(path) as reader:
        for shape in shapes():
            wanted = shard.tables.get(shape.name)
            tally = Tally().of(reader.rows(shape.select())) if wanted else Tally()
            if wanted and (tally.rows, tally.digest) != wanted:
                raise ArchiveError(f"{path}: {shape.name} is not as it was made: {tally.rows} rows of {wanted[0]}")
        (said,) = next(reader.rows("PRAGMA integrity_check(1)"))
        if said != "ok":
            raise ArchiveError(f"{path} is damaged: {said}")
    return shard


def ends(month: str) -> tuple[str, str]:
    """The first day of a month, and that of the next one."""
    first = date.fromisoformat(f"{month}-01")
    return first.isoformat(), (first + timedelta(days=31)).replace(day=1).isoformat()


def _before(target: Path, month: str) -> Shard | None:
    """The shard that is to be replaced. Raises ArchiveError for what is none of that month."""
    if not os.path.lexists(target):
        return None
    shard = read_shard(target)
    if shard.month != month:
        raise ArchiveError(f"{target} is the shard of {shard.month}; it is not replaced by that of {month}")
    return shard


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    if not path.exists():
        raise ArchiveMissing(f"there is no shard {path}")
    try:
        with reading_file(str(path.resolve())) as reader:
            yield reader
    except (sqlite3.Error, ValueError) as error:
        raise ArchiveError(f"{path} is no shard, or a damaged one: {error}") from error


def _copy(reader: Reader, file: NewFile, month: str, progress: Progress) -> dict[str, tuple[int, str]]:
    tables = {}
    for shape in shapes():
        if shape.name not in PARTS:
            continue
        where = PARTS[shape.name]
        tally = Tally()
        sql = shape.select(where, _INSTEAD.get(shape.name))
        with closing(reader.rows(sql, ends(month) if where else ())) as rows:
            file.load(shape, tally.counted(rows))
        tables[shape.name] = (tally.rows, tally.digest)
        progress(shape.name, tally.rows)
        if shape.name == "articles" and not tally.rows:
            break
    return tables


def _write_record(file: NewFile, shard: Shard) -> None:
    conn = file.conn
    conn.execute(_JOURNAL)
    for statement in filter(str.strip, _RECORD.split(";\n")):
        conn.execute(statement)
    conn.execute(
        "INSERT INTO shard SELECT ?, ?, ?, ?, max(name) FROM _sqlite_migrations",
        [shard.month, shard.made_at, shard.made_from, shard.kiosque],
    )
    conn.executemany("INSERT INTO shard_tables VALUES (?, ?, ?)", [(name, *one) for name, one in shard.tables.items()])
    file.settle(whole=False)

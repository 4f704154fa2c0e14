"""What articles are counted and narrowed by, held in memory: one array for each column, one place for each article.

A facet over a hundred thousand matches is then a matter of a millisecond, where a join with the table takes a tenth of a
second. About 26 bytes an article; read once from an index, kept up by the journal that triggers write
(migrations/0013_columns.sql), so that what is shown is what is stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from archive.folding import fold
from archive.records import parse_utc

Numbers = npt.NDArray[Any]

FIELDS = ("lang", "section", "agency")  # whose values are texts
AT_ONCE = 50_000  # rows
DAY = 86_400  # seconds
_COLUMNS = "id, source_id, language, section, agency, story_id, published_at, first_seen_at"
_KINDS = {
    "source": np.int32,
    "lang": np.int16,
    "section": np.int32,
    "agency": np.int32,
    "story": np.int32,
    "moment": np.int64,
}


class SourceName(NamedTuple):
    """A source as it is shown."""

    slug: str
    name: str
    country: str


@dataclass(slots=True)
class Labels:
    """The texts of a column, numbered; spellings that fold the same have one number. 0 is the empty text."""

    texts: list[str] = field(default_factory=lambda: [""])
    numbers: dict[str, int] = field(default_factory=lambda: {"": 0})
    _folded: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of a text, a new one when it is not known."""
        known = self.numbers.get(text)
        if known is None:
            known = self.numbers[text] = self._folded.setdefault(fold(text) or text, len(self.texts))
            if known == len(self.texts):
                self.texts.append(text)
        return known


@dataclass(frozen=True, slots=True)
class Table:
    """The columns at one moment. Each array has a place for every id up to the highest; a place without an article has
    source 0. `moment`: publication or first sight, seconds since 1970."""

    source: Numbers
    lang: Numbers
    section: Numbers
    agency: Numbers
    story: Numbers
    moment: Numbers
    labels: dict[str, Labels]
    sources: dict[int, SourceName]
    state: int  # the last entry of the journal that is in it


class Columns:
    """The columns of an archive, brought up to date at each call. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._table: Table | None = None

    @property
    def loaded(self) -> bool:
        """Whether they were read before, so that bringing them up to date takes no time to speak of."""
        return self._table is not None

    def table(self, conn: sqlite3.Connection) -> Table:
        """The columns as the archive is now. Raises sqlite3.Error."""
        with self._lock:
            cursor = _plain(conn)
            state = cursor.execute("SELECT coalesce(max(id), 0) FROM article_journal").fetchone()[0]
            if self._table is None or state < self._table.state:
                self._table = _read(conn, state)
            elif state > self._table.state:
                self._table = _caught_up(conn, self._table, state)
            return self._table


def _plain(conn: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = conn.cursor()
    cursor.row_factory = None  # tuples: a row object of each costs more than the row
    return cursor


def _read(conn: sqlite3.Connection, state: int) -> Table:
    size = _plain(conn).execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0]
    labels = {name: Labels() for name in FIELDS}
    columns = {name: _room(size, kind) for name, kind in _KINDS.items()}
    rows = _plain(conn).execute(f"SELECT {_COLUMNS} FROM articles INDEXED BY articles_columns")  # noqa: S608
    while some := rows.fetchmany(AT_ONCE):
        _put(columns, labels, some)
    return Table(**columns, labels=labels, sources=_sources(conn), state=state)


def _caught_up(conn: sqlite3.Connection, table: Table, state: int) -> Table:
    cursor = _plain(conn)
    oldest = cursor.execute("SELECT min(id) FROM article_journal").fetchone()[0]
    if oldest > table.state + 1:
        return _read(conn, state)
    changed = [
        row[0] for row in cursor.execute("SELECT DISTINCT article_id FROM article_journal WHERE id > ?", [table.state])
    ]
    size = max(len(table.source), max(changed) + 1)
    columns = {name: _grown(getattr(table, name), size) for name in _KINDS}
    for some in _portions(changed):
        sql = f"SELECT {_COLUMNS} FROM articles WHERE id IN ({','.join('?' * len(some))})"  # noqa: S608
        rows = cursor.execute(sql, some).fetchall()
        columns["source"][list({*some} - {row[0] for row in rows})] = 0
        _put(columns, table.labels, rows)
    return Table(**columns, labels=table.labels, sources=_sources(conn), state=state)


def _portions(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def _room(size: int, kind: Any) -> Numbers:
    """A column of that size, with room to grow into."""
    return np.zeros(size + size // 8 + 1_000, kind)[:size]


def _grown(column: Numbers, size: int) -> Numbers:
    """The column with more places, in the same memory as far as that has room. Whoever is counting in it meanwhile sees
    what is new a moment early; a copy for each article that comes in would cost more than the counting."""
    if column.base is not None and len(column.base) >= size:
        return column.base[:size]
    grown = _room(size, column.dtype)
    grown[: len(column)] = column
    return grown


def _put(columns: dict[str, Numbers], labels: dict[str, Labels], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    ids, sources, languages, sections, agencies, stories, published, seen = zip(*rows, strict=True)
    at = np.array(ids)
    columns["source"][at] = sources
    for name, texts in zip(FIELDS, (languages, sections, agencies), strict=True):
        number = labels[name].number
        columns[name][at] = [number(text) for text in texts]
    columns["story"][at] = [story or 0 for story in stories]
    columns["moment"][at] = _seconds([one or other for one, other in zip(published, seen, strict=True)])


def _seconds(moments: Sequence[str]) -> Numbers:
    try:
        return np.array([moment[:19] for moment in moments], "datetime64[s]").astype(np.int64)
    except ValueError:
        return np.array([seconds_of(moment) for moment in moments])


def seconds_of(moment: str) -> int:
    """A day or time of the archive as seconds since 1970; 0 for what is none."""
    try:
        return int(parse_utc(moment).timestamp())
    except (ValueError, OverflowError):
        return 0


def _sources(conn: sqlite3.Connection) -> dict[int, SourceName]:
    rows: Iterable[tuple[int, str, str, str]] = _plain(conn).execute("SELECT id, slug, name, country FROM sources")
    return {row[0]: SourceName(*row[1:]) for row in rows}

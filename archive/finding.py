"""Finding for the pages: all matches of a query at once, in order, counted by field and over time.

One pass over the full-text index gives every match with its rank; the rest is arithmetic on arrays. The order is that of
`archive.search`, which asks the same of SQL for those who want twenty articles and no counts.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from archive.columns import Columns, Numbers, Table, seconds_of
from archive.fields import TIMES
from archive.filters import bounds, meant
from archive.listing import Count, Listing
from archive.query import Query, match_expression, unwanted_expression
from archive.search import BM25

COUNTED = ("lang", "source", "country", "section", "agency")
MOST_RANKED = 400_000  # matches; of more the latest are ranked: a second of work
CACHED = 32_000_000  # bytes of matches that are kept for the next page or facet of the same search

_MATCH = np.dtype([("id", np.int64), ("rank", np.float64)])


class Finder:
    """Finds in one archive; may be shared by threads."""

    def __init__(self, shards: int = 1) -> None:
        self._columns = Columns()
        self._shards = shards  # among which what can be ranked is divided
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, bool], tuple[int, Numbers, Numbers]] = OrderedDict()
        self._found: OrderedDict[tuple[Query, str], Finding] = OrderedDict()

    @property
    def loaded(self) -> bool:
        """Whether the columns were read before."""
        return self._columns.loaded

    def load(self, conn: sqlite3.Connection) -> None:
        """Read the columns. Raises sqlite3.Error."""
        self._columns.table(conn)

    def source_of(self, conn: sqlite3.Connection, number: int) -> int:
        """The source of an article; 0 when it is not in this archive. Raises sqlite3.Error."""
        source = self._columns.table(conn).source
        return int(source[number]) if number < len(source) else 0

    def find(
        self, conn: sqlite3.Connection, query: Query, order: str = "best", names: sqlite3.Connection | None = None
    ) -> Finding:
        """Find the articles of a query; all of them for one that asks for nothing. `order`: best or newest; `names`: where it
        is looked up what the filters mean, always the same, if not in this archive."""
        table = self._columns.table(conn)
        with self._lock:
            found = self._found.get((query, order))
            if found and found.state == table.state:
                self._found.move_to_end((query, order))
                return found
        found = self._find(conn, names or conn, table, query, order)
        with self._lock:
            self._found[query, order] = found
            _trim(self._found, lambda one: one.nbytes)
        return found

    def _find(
        self, conn: sqlite3.Connection, names: sqlite3.Connection, table: Table, query: Query, order: str
    ) -> Finding:
        match = match_expression(query)
        if match:
            ids, scores = self._matches(conn, match, order == "best", table)
        else:
            ids, scores = np.nonzero(table.source)[0], np.zeros(0)
            if unwanted := unwanted_expression(query):
                ids = np.setdiff1d(ids, self._matches(conn, unwanted, False, table)[0], assume_unique=True)
        masks = {}
        for name in dict.fromkeys("time" if one.field in TIMES else one.field for one in query.filters):
            masks[name] = _mask(conn, names, table, query, name, ids)
        return Finding(table, ids, scores if match and order == "best" else None, masks)

    def _matches(self, conn: sqlite3.Connection, match: str, ranked: bool, table: Table) -> tuple[Numbers, Numbers]:
        """Ids, ascending, and scores of all that match; of very many only the latest have one that is not 0."""
        key = (match, ranked)
        with self._lock:
            kept = self._kept.get(key)
            if kept and kept[0] == table.state:
                self._kept.move_to_end(key)
                return kept[1], kept[2]
        cursor = conn.cursor()
        cursor.row_factory = None
        after, plain = 0, None
        most = MOST_RANKED // self._shards
        if ranked and len(table.source) > most:
            plain = self._matches(conn, match, False, table)[0]
            after = int(plain[-most]) - 1 if len(plain) > most else 0
        rank = BM25 if ranked else "0.0"
        sql = f"SELECT rowid, {rank} FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ?"  # noqa: S608
        cursor.execute(sql, [match, after])
        rows = np.fromiter(cursor, _MATCH)
        rows = rows[: np.searchsorted(rows["id"], len(table.source))]  # what came since is counted the next time
        rows = rows[table.source[rows["id"]] > 0]
        ids, scores = rows["id"].copy(), -rows["rank"]
        if plain is not None and after:
            earlier = plain[: np.searchsorted(plain, after, side="right")]
            ids, scores = np.concatenate([earlier, ids]), np.concatenate([np.zeros(len(earlier)), scores])
        with self._lock:
            self._kept[key] = (table.state, ids, scores)
            _trim(self._kept, lambda one: one[1].nbytes + one[2].nbytes)
        return ids, scores


def _trim(kept: OrderedDict[Any, Any], size: Callable[[Any], int]) -> None:
    """Let what was not asked for longest go, until what is kept has room."""
    while len(kept) > 1 and sum(map(size, kept.values())) > CACHED:
        kept.popitem(last=False)


def _mask(
    conn: sqlite3.Connection, names: sqlite3.Connection, table: Table, query: Query, name: str, ids: Numbers
) -> Numbers:
    """Which of the articles the filters of one field let through."""
    passed = np.ones(len(ids), bool)
    if name == "time":
        after, before = bounds(query)
        moments = table.moment[ids]
        if after:
            passed &= moments >= seconds_of(after)
        if before:
            passed &= moments < seconds_of(before)
        return passed
    for exclude in (False, True):
        filters = [one for one in query.filters if one.field == name and one.exclude == exclude]
        if filters:
            values = [value for one in filters for value in meant(names, one)]
            passed &= _among(conn, table, name, values, ids) != exclude
    return passed


def _among(conn: sqlite3.Connection, table: Table, name: str, values: list[Any], ids: Numbers) -> Numbers:
    if name == "author":
        sql = "SELECT article_id FROM article_authors"
        wanted = [row[0] for value in values if value for row in conn.execute(f"{sql} WHERE name = ?", [value])]
        found = np.isin(ids, np.array(wanted, np.int64))
        if "" in values:
            found |= np.isin(ids, np.fromiter((row[0] for row in conn.execute(sql)), np.int64), invert=True)
        return found
    if name in ("source", "country"):
        return np.isin(table.source[ids], np.array(values, np.int64))
    numbers = table.labels[name].numbers
    column: Numbers = getattr(table, name)
    return np.isin(column[ids], np.array([numbers[value] for value in values if value in numbers], np.int64))


class Finding(Listing):
    """What a query found in one archive. Everything is worked out when it is asked for."""

    def __init__(self, table: Table, ids: Numbers, scores: Numbers | None, masks: dict[str, Numbers]) -> None:
        super().__init__()
        self._table, self._ids, self._scores, self._masks = table, ids, scores, masks
        self._all = self._through()
        self._counts: dict[str, list[Count]] = {}

    @property
    def state(self) -> int:
        """The last entry of the journal that is in it."""
        return self._table.state

    @property
    def nbytes(self) -> int:
        """Memory that it takes, about."""
        return 3 * int(self._ids.nbytes)

    def _through(self, but: str = "") -> Numbers | None:
        """Which pass all filters, but those of one field; None: all."""
        masks = [mask for name, mask in self._masks.items() if name != but]
        return np.logical_and.reduce(masks) if masks else None

    @cached_property
    def ids(self) -> Numbers:
        """Ids of all articles found, ascending."""
        return self._ids if self._all is None else self._ids[self._all]

    @property
    def scores(self) -> Numbers | None:
        """By words alone, of each; None: the newest come first."""
        return self._scores if self._scores is None or self._all is None else self._scores[self._all]

    @cached_property
    def stories(self) -> Numbers:
        """The story of each; 0: none."""
        return self._table.story[self.ids]

    @cached_property
    def moments(self) -> Numbers:
        """Times of the articles found, seconds since 1970."""
        return self._table.moment[self.ids]

    def counts(self, name: str) -> list[Count]:
        """How many articles have each value of a field, most first. Where the query narrows by that very field, these are
        the numbers without that, so that another value can be chosen. Values that are missing are not counted."""
        if name not in self._counts:
            self._counts[name] = self._counted(name)
        return self._counts[name]

    def _counted(self, name: str) -> list[Count]:
        mask = self._through(but=name) if name in self._masks else self._all
        ids = self._ids if mask is None else self._ids[mask]
        if name in ("source", "country"):
            numbers = np.bincount(self._table.source[ids])
            return _by_source(self._table, numbers, name)
        numbers = np.bincount(getattr(self._table, name)[ids])
        texts = self._table.labels[name].texts
        found = [Count(texts[at], texts[at], int(numbers[at])) for at in np.nonzero(numbers)[0] if at]
        return sorted(found, key=lambda one: (-one.number, one.label))


def _by_source(table: Table, numbers: Numbers, name: str) -> list[Count]:
    found: dict[str, Count] = {}
    for at in np.nonzero(numbers)[0]:
        source = table.sources.get(int(at))
        if source is None:
            continue
        value, label = (source.slug, source.name) if name == "source" else (source.country, source.country)
        if value:
            before = found[value].number if value in found else 0
            found[value] = Count(value, label, before + int(numbers[at]))
    return sorted(found.values(), key=lambda one: (-one.number, one.label))

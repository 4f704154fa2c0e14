"""One archive, or several shards of one, as the pages search them.

Shards are searched one after the other and what each finds is put together: ids, times and stories are those of the archive,
so that totals, lines, bars and facets are those of the whole. What a filter means is looked up in the names of all shards.
A rank is bm25 within its shard, whose words and lengths are not quite those of the others: the order of results of different
shards is only about right.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Protocol

import numpy as np

from archive.cards import Card, cards
from archive.columns import Numbers
from archive.filters import unknown
from archive.finding import Finder, Finding
from archive.folding import fold
from archive.listing import Count, Listing, Place
from archive.query import Query

Marks = tuple[str, str]


class Library(Protocol):
    """What is searched, for as long as one answer takes."""

    def find(self, query: Query, order: str) -> Listing:
        """The articles of a query; `order`: best or newest. Raises sqlite3.Error, as all of these."""

    def cards(self, places: Sequence[Place], query: Query, marks: Marks) -> list[Card]:
        """The articles of some results, in their order."""

    def unknown(self, query: Query) -> list[str]:
        """What a reader should be told of filters that name nothing."""


@dataclass(frozen=True, slots=True)
class One:
    """A single archive."""

    conn: sqlite3.Connection
    finder: Finder

    def find(self, query: Query, order: str) -> Listing:
        """See Library."""
        return self.finder.find(self.conn, query, order)

    def cards(self, places: Sequence[Place], query: Query, marks: Marks) -> list[Card]:
        """See Library."""
        return cards(self.conn, places, query, marks)

    def unknown(self, query: Query) -> list[str]:
        """See Library."""
        return unknown(self.conn, query)


class Shelf:
    """What is held in memory of some shards, which nobody writes; may be shared by threads."""

    def __init__(self, shards: int) -> None:
        self.finders = [Finder(shards) for _ in range(shards)]
        self._names: sqlite3.Connection | None = None
        self._lock = Lock()

    @property
    def loaded(self) -> bool:
        """Whether everything was read."""
        return self._names is not None

    @property
    def names(self) -> sqlite3.Connection:
        """The names of sources, sections, agencies, authors and languages of all shards, once they were read."""
        assert self._names is not None
        return self._names

    def load(self, conns: Sequence[sqlite3.Connection]) -> None:
        """Read what there is to be read, once. Raises sqlite3.Error."""
        with self._lock:
            if self._names is None:
                for finder, conn in zip(self.finders, conns, strict=True):
                    finder.load(conn)
                self._names = _names(conns)


def _names(conns: Sequence[sqlite3.Connection]) -> sqlite3.Connection:
    """A database in memory in which archive/filters.py looks names up as in an archive."""
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    made.executescript(_NAMES)
    for conn in conns:
        for table, columns, distinct in _NAMED:
            rows = conn.execute(f"SELECT DISTINCT {distinct} FROM {table}")  # noqa: S608 (names of ours)
            sql = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"  # noqa: S608
            made.executemany(sql, map(tuple, rows))
    return made


_NAMED = (
    ("sources", "id, slug, name, country", "id, slug, name, country"),
    ("articles", "section", "section"),
    ("articles", "agency", "agency"),
    ("articles", "language", "language"),
    ("article_authors", "name", "name"),
)
_NAMES = """
    CREATE TABLE sources (id INTEGER PRIMARY KEY, slug TEXT, name TEXT, country TEXT);
    CREATE TABLE articles (language TEXT UNIQUE, section TEXT UNIQUE, agency TEXT UNIQUE);
    CREATE TABLE article_authors (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Many:
    """Shards; `conns` are those of one thread, in the order of the shelf's finders."""

    conns: Sequence[sqlite3.Connection]
    shelf: Shelf

    def find(self, query: Query, order: str) -> Listing:
        """See Library."""
        names = self.shelf.names
        return Together([finder.find(conn, query, order, names) for conn, finder in self._shards()])

    def cards(self, places: Sequence[Place], query: Query, marks: Marks) -> list[Card]:
        """See Library."""
        found = []
        for place in places:
            conn = next(conn for conn, finder in self._shards() if finder.source_of(conn, place.id))
            for card in cards(conn, [place], query, marks):
                found.append(replace(card, outlets=self._outlets(place)))
        return found

    def unknown(self, query: Query) -> list[str]:
        """See Library."""
        return unknown(self.shelf.names, query)

    def _outlets(self, place: Place) -> int:
        """Sources of the other articles that a line stands for, apart from its own, whichever shards they are in."""
        ids = (place.id, *place.others)
        sources = {finder.source_of(conn, number) for number in ids for conn, finder in self._shards()}
        return len(sources - {0}) - 1

    def _shards(self) -> list[tuple[sqlite3.Connection, Finder]]:
        return list(zip(self.conns, self.shelf.finders, strict=True))


class Together(Listing):
    """What was found in all shards."""

    def __init__(self, parts: Sequence[Finding]) -> None:
        super().__init__()
        self._parts = parts
        self._order_of_ids = np.argsort(np.concatenate([part.ids for part in parts]), kind="stable")

    def _put_together(self, of: Callable[[Finding], Numbers]) -> Numbers:
        whole: Numbers = np.concatenate([of(part) for part in self._parts])[self._order_of_ids]
        return whole

    @cached_property
    def ids(self) -> Numbers:
        """Ids of all articles found, ascending."""
        return self._put_together(lambda part: part.ids)

    @cached_property
    def stories(self) -> Numbers:
        """The story of each; 0: none."""
        return self._put_together(lambda part: part.stories)

    @cached_property
    def moments(self) -> Numbers:
        """Times of the articles found, seconds since 1970."""
        return self._put_together(lambda part: part.moments)

    @cached_property
    def scores(self) -> Numbers | None:
        """By words alone, each within its shard; None: the newest come first."""
        found = [part.scores for part in self._parts]
        if any(one is None for one in found):
            return None
        whole: Numbers = np.concatenate([one for one in found if one is not None])[self._order_of_ids]
        return whole

    def counts(self, name: str) -> list[Count]:
        """How many articles have each value of a field, most first; spellings that fold the same are one value."""
        found: dict[str, Count] = {}
        for one in (one for part in self._parts for one in part.counts(name)):
            key = one.value if name in ("source", "country") else fold(one.value) or one.value
            before = found.get(key)
            found[key] = replace(before, number=before.number + one.number) if before else one
        return sorted(found.values(), key=lambda one: (-one.number, one.label))

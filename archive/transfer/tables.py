"""The tables of an archive as both databases have them, and a digest by which their rows are compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import Any

import sqlite_utils

from archive.database import migrate

# SQLite's own, the list of migrations, and what follows from the texts and is made anew
_NOT_COPIED = ("sqlite_", "_", "articles_fts")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its stored columns in their order, those of its primary key, and whether its rows refer to one another."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    refers_to_itself: bool

    def select(self, where: str = "", instead: dict[str, str] | None = None) -> str:
        """SQL for its rows in the order of the key; `instead`: an expression for a column."""
        columns = ", ".join((instead or {}).get(name, name) for name in self.columns)
        order = ", ".join(f"{self.name}.{name}" for name in self.key)
        return f"SELECT {columns} FROM {self.name}{f' WHERE {where}' if where else ''} ORDER BY {order}"  # noqa: S608 (names of ours)


@cache
def shapes() -> tuple[Shape, ...]:
    """All tables, each after those that its rows refer to; as the migrations make them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        migrate(sqlite_utils.Database(conn))
        names = [
            row[0]
            for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if not row[0].startswith(_NOT_COPIED)
        ]
        found: dict[str, Shape] = {}
        before: dict[str, set[str]] = {}
        for name in names:
            info = conn.execute("SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", [name])
            columns = info.fetchall()
            key = tuple(column for column, _ in sorted((c for c in columns if c[1]), key=lambda one: one[1]))
            parents = {row[0] for row in conn.execute('SELECT "table" FROM pragma_foreign_key_list(?)', [name])}
            found[name] = Shape(name, tuple(column for column, _ in columns), key, name in parents)
            before[name] = parents - {name}
    return tuple(found[name] for name in TopologicalSorter(before).static_order())


@dataclass(slots=True)
class Tally:
    """The number of the rows of a table, and the SHA-256 of them: JSON arrays, one a line, in the order of the key."""

    rows: int = 0
    _hash: Any = field(default_factory=sha256)

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, counted as they pass."""
        for row in rows:
            self._hash.update(json.dumps(row, default=bytes.hex).encode() + b"\n")
            self.rows += 1
            yield row

    @property
    def digest(self) -> str:
        """In hexadecimal."""
        return str(self._hash.hexdigest())

    def of(self, rows: Iterable[Row]) -> Tally:
        """Count all of some rows."""
        for _ in self.counted(rows):
            pass
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and (self.rows, self.digest) == (other.rows, other.digest)

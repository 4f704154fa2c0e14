"""Results and values of statements as the archive's classes know them from sqlite3 and sqlite_utils."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg.types.numeric import FloatDumper, Int8Dumper
from psycopg.types.string import StrDumper

from archive.postgres.prepared import Result

if TYPE_CHECKING:
    from archive.postgres.connection import Connection

Values = Sequence[Any] | Mapping[str, Any]


class _TruthDumper(Int8Dumper):
    """True and False as SQLite keeps them."""

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _NumberLoader(psycopg.adapt.Loader):
    """sum() of integers is an integer, avg() is not."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


def adapt(pg: psycopg.Connection[Any]) -> None:
    """Let a connection take and give values as sqlite3 does."""
    adapters = pg.adapters
    adapters.register_dumper(str, StrDumper)
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(bool, _TruthDumper)
    adapters.register_dumper(float, FloatDumper)
    adapters.register_loader("numeric", _NumberLoader)


def array(numbers: Iterable[int | None]) -> str:
    """Integers as the text of an array, which psycopg's own way takes several times as long to make."""
    return f"{{{','.join('NULL' if number is None else str(int(number)) for number in numbers)}}}"


class Cursor:
    """The result of a statement, read when it is asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: psycopg.RawCursor[Any] | Result | None = None
        self.row_factory: Any = sqlite3.Row  # None: plain tuples
        self.lastrowid: int | None = None
        self.rowcount = -1

    def execute(self, sql: str, values: Values = ()) -> Self:
        """Run a statement. Raises the errors of sqlite3."""
        self._cursor, self.lastrowid = self._connection.run(sql, values, plain=self.row_factory is None)
        self.rowcount = -1 if self._cursor is None else self._cursor.rowcount
        return self

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._cursor.fetchone() if self._has_rows() else None  # type: ignore[union-attr]

    def fetchmany(self, size: int = 1) -> list[Any]:
        """The next rows, at most `size`."""
        return self._cursor.fetchmany(size) if self._has_rows() else []  # type: ignore[union-attr]

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return self._cursor.fetchall() if self._has_rows() else []  # type: ignore[union-attr]

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def __next__(self) -> Any:
        if (row := self.fetchone()) is None:
            raise StopIteration
        return row

    @property
    def description(self) -> list[tuple[str, None, None, None, None, None, None]] | None:
        """The names of the columns, as PEP 249 has them."""
        if not self._has_rows():
            return None
        names = [column.name for column in self._cursor.description or ()]  # type: ignore[union-attr]
        return [(name, None, None, None, None, None, None) for name in names]

    def close(self) -> None:
        """Let the result go."""
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    def _has_rows(self) -> bool:
        return self._cursor is not None and self._cursor.description is not None and self.lastrowid is None


class Table:
    """What the archive's classes use of `sqlite_utils.Table`."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection, self._name = connection, name

    def insert(self, row: Mapping[str, Any]) -> None:
        """Put in a row; its number is given when it has none."""
        row = {name: value for name, value in row.items() if name != "id" or value is not None}
        sql = f"INSERT INTO {self._name} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608 (ours)
        self._connection.execute(sql, row)

    def update(self, key: int, row: Mapping[str, Any]) -> None:
        """Change columns of the row with that id."""
        sql = f"UPDATE {self._name} SET {', '.join(f'{name} = :{name}' for name in row)} WHERE id = :_key"  # noqa: S608 (ours)
        self._connection.execute(sql, {**row, "_key": key})

"""A connection to PostgreSQL with what the archive's classes use of `sqlite_utils.Database` and of its `conn`.

Every class of `archive` writes SQLite's SQL and hands it to this connection or to one of sqlite3; the latter knows nothing
of this module. Statements are translated once each (archive/postgres/dialect.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from threading import RLock
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.numeric import FloatDumper, Int8Dumper
from psycopg.types.string import StrDumper

from archive.postgres import index, matching
from archive.postgres.dialect import Statement, Untranslatable, translated
from archive.postgres.errors import as_sqlite
from archive.postgres.rows import rows

Values = Sequence[Any] | Mapping[str, Any]
INDEXED = frozenset({"articles", "articles_folded"})  # a change to them is one of the full-text index too
WRITING = 4_711_001  # key of the advisory lock that a transaction holds while it writes
_UNREAD = "not on PostgreSQL: "


class _TruthDumper(Int8Dumper):
    """True and False as SQLite keeps them."""

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _NumberLoader(psycopg.adapt.Loader):
    """sum() of integers is an integer, avg() is not."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


class Cursor:
    """The result of a statement, read when it is asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: psycopg.RawCursor[Any] | None = None
        self.row_factory: Any = sqlite3.Row  # None: plain tuples
        self.lastrowid: int | None = None
        self.rowcount = -1

    def execute(self, sql: str, values: Values = ()) -> Self:
        """Run a statement. Raises the errors of sqlite3."""
        self._cursor, self.lastrowid = self._connection.run(sql, values, plain=self.row_factory is None)
        self.rowcount = self._cursor.rowcount
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


class Connection:
    """Both `db` and `db.conn` of the archive's classes. May be shared by threads as one of sqlite3 may."""

    def __init__(self, pg: psycopg.Connection[Any], *, write: bool) -> None:
        self._pg = pg
        self._write = write
        self._stale = False  # articles were written whose tokens are not
        self._lock = RLock()
        self._savepoints = count(1)
        self.row_factory: Any = sqlite3.Row
        adapters = pg.adapters
        adapters.register_dumper(str, StrDumper)
        adapters.register_dumper(int, Int8Dumper)
        adapters.register_dumper(bool, _TruthDumper)
        adapters.register_dumper(float, FloatDumper)
        adapters.register_loader("numeric", _NumberLoader)

    @property
    def conn(self) -> Self:
        """What sqlite_utils calls the connection."""
        return self

    @property
    def in_transaction(self) -> bool:
        """Was a transaction begun?"""
        return self._pg.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def cursor(self) -> Cursor:
        """A new cursor."""
        made = Cursor(self)
        made.row_factory = self.row_factory
        return made

    def execute(self, sql: str, values: Values | None = None) -> Cursor:
        """Run a statement of SQLite. Raises the errors of sqlite3."""
        return self.cursor().execute(sql, values or ())

    def query(self, sql: str, values: Values | None = None) -> Iterator[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        for row in self.execute(sql, values):
            yield dict(zip(row.keys(), row, strict=True))

    def executemany(self, sql: str, many: Iterable[Values]) -> Cursor:
        """Run a statement with each of some values."""
        statement = _statement(sql, returning=False)
        with self._lock, as_sqlite():
            self._ready(statement)
            cursor = self._pg.cursor(row_factory=tuple_row)
            cursor.executemany(statement.sql, [_bound(statement, values) for values in many])
            self._noted(statement)
        return self.cursor()

    def run(self, sql: str, values: Values, *, plain: bool) -> tuple[psycopg.RawCursor[Any], int | None]:
        """Run a statement; gives its cursor and the number of the row that it put in, if it has one."""
        statement = _statement(sql)
        with self._lock, as_sqlite():
            self._ready(statement)
            cursor = self._pg.cursor(row_factory=tuple_row if plain or statement.returns_id else rows)
            if statement.sql == "BEGIN" and self._write:
                # IMMEDIATE: one transaction at a time writes, whichever process it is of
                cursor.execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITING})")
            elif statement.matches:
                text, bound = _matched(statement, values)
                cursor.execute(text, bound)
            else:
                cursor.execute(statement.sql, _bound(statement, values) if statement.places else None)
            self._noted(statement)
            last = None
            if statement.returns_id:
                last = max((row[0] for row in cursor.fetchall()), default=0)
        return cursor, last  # type: ignore[return-value]

    def _ready(self, statement: Statement) -> None:
        """Write tokens down before they are needed: for a search, and with the transaction that changed the texts."""
        if self._stale and (statement.matches or statement.sql == "COMMIT"):
            self._stale = False
            index.bring_up(lambda: self._pg.cursor(row_factory=tuple_row))

    def _noted(self, statement: Statement) -> None:
        if statement.table in INDEXED:
            self._stale = True
            if not self.in_transaction:
                self._stale = False
                with self._pg.transaction():
                    index.bring_up(lambda: self._pg.cursor(row_factory=tuple_row))
        elif statement.sql.startswith("ROLLBACK") and not self.in_transaction:
            self._stale = False

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """A savepoint around the block."""
        name = f"s{next(self._savepoints)}"
        self.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if not self._pg.closed:
                self.execute(f"ROLLBACK TO {name}")
                self.execute(f"RELEASE {name}")
            raise
        self.execute(f"RELEASE {name}")

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        if self.in_transaction:
            self.execute("COMMIT")

    def close(self) -> None:
        """End the session; what was not committed is undone."""
        self._pg.close()


def _statement(sql: str, returning: bool = True) -> Statement:
    if sql.lstrip()[:6].upper() == "PRAGMA":
        raise sqlite3.NotSupportedError(_UNREAD + sql)
    try:
        return translated(sql, returning)
    except Untranslatable as error:
        raise sqlite3.NotSupportedError(f"{_UNREAD}{error}") from error


def _bound(statement: Statement, values: Values) -> list[Any]:
    try:
        bound = [values[place] for place in statement.places]  # type: ignore[index]
    except (LookupError, TypeError) as error:
        raise sqlite3.ProgrammingError(f"a value for {error} was not given: {statement.sql}") from error
    if statement.reads:  # no text of PostgreSQL has a NUL, so that one that is asked for is not there
        return [value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in bound]
    return bound


def _matched(statement: Statement, values: Values) -> tuple[str, list[Any]]:
    """The statement with what its full-text expressions mean."""
    text, bound = statement.sql, _bound(statement, values)

    def bind(value: object) -> str:
        bound.append(value)
        return f"${len(bound)}"

    for number, one in enumerate(statement.matches):
        expression = matching.parse(values[one.place])  # type: ignore[index]
        text = text.replace(f"_match.found{number}", matching.condition(expression, one.alias, bind))
        if f"_match.rank{number}" in text:
            text = text.replace(f"_match.rank{number}", matching.rank(expression, one.alias, one.weights, bind))
    return text, bound

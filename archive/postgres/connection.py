"""A connection to PostgreSQL with what the archive's classes use of `sqlite_utils.Database` and of its `conn`.

Every class of `archive` writes SQLite's SQL and hands it to this connection or to one of sqlite3; the latter knows nothing
of this module. Statements are translated once each (archive/postgres/dialect.py).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Self
from weakref import WeakSet

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from archive.postgres import index, matching
from archive.postgres.cursor import Cursor, Table, Values, adapt, array
from archive.postgres.dialect import Statement, Untranslatable, numbers_together, translated
from archive.postgres.errors import as_sqlite
from archive.postgres.place import Place
from archive.postgres.prepared import Prepared, Result
from archive.postgres.rows import rows

INDEXED = frozenset(
    {"articles", "articles_folded", "articles_unindexed"}
)  # a change to them is one of the full-text index too
WRITER = 4_711_000  # key of the advisory lock that a writer holds for as long as its session lasts
WRITING = 4_711_001  # key of the advisory lock that a transaction holds while it writes
Found = psycopg.RawCursor[Any] | Result
_LOST = "the connection to PostgreSQL was lost in a transaction; nothing of it was kept"
_UNREAD = "not on PostgreSQL: "


class Connection:
    """Both `db` and `db.conn` of the archive's classes. May be shared by threads as one of sqlite3 may."""

    def __init__(self, opened: Callable[[], psycopg.Connection[Any]], *, write: bool, place: Place) -> None:
        self._opened = opened  # opens a session, with the lock if there is one
        self._pg = opened()
        self._place = place
        self._write = write
        self._began = False
        self._stale = False  # articles were written whose tokens are not
        self._lock = RLock()
        self._depth = 0  # of savepoints
        self._prepared = Prepared(self._pg)
        self.row_factory: Any = sqlite3.Row
        adapt(self._pg)
        _OPEN.add(self)

    @property
    def conn(self) -> Self:
        """What sqlite_utils calls the connection."""
        return self

    @property
    def folder(self) -> Path:
        """The folder of raw pages. Raises ArchiveError when none was named."""
        return self._place.needed_folder()

    @property
    def in_transaction(self) -> bool:
        """Was a transaction begun?"""
        if self._pg.closed:
            return self._began  # until it is rolled back: nothing of it is to be done in another session
        return self._pg.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def __getitem__(self, name: str) -> Table:
        return Table(self, name)

    def is_written(self) -> bool:
        """Does a session hold the writer's lock? Asks without keeping it from anybody."""
        # the view has those of all databases of the server
        sql = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = $1
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        return bool(self._asked(sql, [WRITER]))

    def size(self) -> int:
        """Bytes that the database takes on the server's disk."""
        return int(self._asked("SELECT pg_database_size(current_database())"))

    def native(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query in PostgreSQL's own SQL, with places $1, $2 ...; a list of integers is an array."""
        values = [array(value) if isinstance(value, list) else value for value in values]
        with self._lock, as_sqlite():
            if self._write and self._began and not self._pg.closed:
                return self._prepared.run(sql, values, plain=True).fetchall()
            return self._pg.cursor(row_factory=tuple_row).execute(sql, values).fetchall()

    def _asked(self, sql: str, values: Sequence[Any] | None = None) -> Any:
        """The one value that a query of PostgreSQL's own SQL gives."""
        with self._lock, as_sqlite():
            return self._pg.cursor(row_factory=tuple_row).execute(sql, values).fetchone()[0]  # type: ignore[index]

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
            if self._pg.closed:
                self._reopen_for(statement)
            self._ready(statement)
            bound = [_bound(statement, values) for values in many]
            together = numbers_together(statement.sql) if self._write and self._began and bound else None
            if together is not None:
                self._prepared.run(together, [array(column) for column in zip(*bound, strict=True)], plain=True)
            else:
                self._pg.cursor(row_factory=tuple_row).executemany(statement.sql, bound)
            self._noted(statement)
        return self.cursor()

    def run(self, sql: str, values: Values, *, plain: bool) -> tuple[Found | None, int | None]:
        """Run a statement; gives its cursor and the number of the row that it put in, if it has one."""
        statement = _statement(sql)
        with self._lock, as_sqlite():
            open_before = self.in_transaction
            if self._pg.closed and statement.sql == "ROLLBACK":
                self._began = self._stale = False  # the server has done it
                return None, None
            if self._pg.closed:
                self._reopen_for(statement)
            try:
                return self._run(statement, values, plain)
            except psycopg.OperationalError:
                # the server went away while nothing was under way: what was not begun can be done in a new session
                if not self._pg.closed or open_before or not (statement.reads or statement.sql == "BEGIN"):
                    raise
                self._reopen_for(statement)
                return self._run(statement, values, plain)

    def _reopen_for(self, statement: Statement) -> None:
        """A new session instead of one that was lost."""
        if self._began:
            raise sqlite3.OperationalError(_LOST)
        self._began = self._stale = False
        self._pg = self._opened()
        adapt(self._pg)
        self._prepared = Prepared(self._pg)

    def _run(self, statement: Statement, values: Values, plain: bool) -> tuple[Found, int | None]:
        self._ready(statement)
        if self._write and self._began and statement.translated and not statement.matches:
            found: Found = self._prepared.run(
                statement.sql, _bound(statement, values), plain=plain or statement.returns_id
            )
        else:
            found = self._by_cursor(statement, values, plain)
        self._noted(statement)
        last = None
        if statement.returns_id:
            last = max((row[0] for row in found.fetchall()), default=0)
        return found, last

    def _by_cursor(self, statement: Statement, values: Values, plain: bool) -> psycopg.RawCursor[Any]:
        cursor = self._pg.cursor(row_factory=tuple_row if plain or statement.returns_id else rows)
        if statement.sql == "BEGIN" and self._write:
            # IMMEDIATE: one transaction at a time writes, whichever process it is of
            cursor.execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITING})", prepare=False)
        elif statement.matches:
            text, bound = _matched(statement, values)
            cursor.execute(text, bound)
        else:
            cursor.execute(statement.sql, _bound(statement, values) if statement.places else None)
        if statement.sql in ("BEGIN", "COMMIT", "ROLLBACK"):
            self._began = statement.sql == "BEGIN"
            if statement.sql == "COMMIT" and cursor.statusmessage != "COMMIT":
                raise sqlite3.OperationalError("nothing of the transaction was kept: a statement in it had failed")
        return cursor  # type: ignore[return-value]

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
        name = f"s{self._depth + 1}"
        self._plainly(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException:
            if not self._pg.closed:
                self._plainly(f"ROLLBACK TO {name}; RELEASE {name}")
            raise
        else:
            self._plainly(f"RELEASE {name}")
        finally:
            self._depth -= 1

    def _plainly(self, sql: str) -> None:
        with self._lock, as_sqlite():
            if self._pg.closed:
                raise sqlite3.OperationalError(_LOST)
            self._prepared.plainly(sql)

    def commit(self) -> None:
        """Commit what is open, if anything is."""
        if self.in_transaction:
            self.execute("COMMIT")

    def drop(self, nothing: int) -> None:
        """Let go of the socket without a word to the server, in a forked child; `nothing` takes its place."""
        if not self._pg.closed:
            os.dup2(nothing, self._pg.fileno())

    def close(self) -> None:
        """End the session; what was not committed is undone."""
        self._pg.close()


_OPEN: WeakSet[Connection] = WeakSet()


def _drop_in_child() -> None:
    """Leave sessions to the process that opened them: a forked child that outlives it would keep its locks."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for one in list(_OPEN):
        one.drop(nothing)
    os.close(nothing)


os.register_at_fork(after_in_child=_drop_in_child)


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

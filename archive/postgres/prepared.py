"""Statements inside a writer's transaction: prepared once and run by libpq's own call.

An article takes two dozen statements. psycopg's cursors wait for an answer in a way that lets signals through, which costs as
much as a short statement itself; inside a transaction of ours nothing is waited for but the server's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus

from archive.postgres.rows import kind_of

MOST = 500  # statements that a session remembers; the archive's classes have fewer than two hundred
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Column(NamedTuple):
    """A column of a result, as psycopg describes it."""

    name: str


class Result:
    """All rows of a result, with what is used of psycopg's cursors."""

    __slots__ = ("_at", "_rows", "description", "rowcount")

    def __init__(self, rows: list[Any], description: list[Column] | None, rowcount: int) -> None:
        self._rows, self._at = rows, 0
        self.description = description
        self.rowcount = rowcount

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchmany(self, size: int) -> list[Any]:
        """The next rows, at most `size`."""
        start, self._at = self._at, min(self._at + size, len(self._rows))
        return self._rows[start : self._at]

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        """Let the rows go."""
        self._rows = []


class Prepared:
    """The prepared statements of one session."""

    def __init__(self, pg: psycopg.Connection[Any]) -> None:
        self._pg = pg.pgconn
        self._values = Transformer(pg)
        self._names: dict[tuple[str, tuple[int, ...] | None], bytes] = {}
        self._numbers = count(1)

    def run(self, sql: str, values: Sequence[Any], *, plain: bool) -> Result:
        """Run a statement of PostgreSQL's SQL; its rows are tuples (`plain`) or can be read by name. Raises psycopg.Error."""
        values_of = self._values
        bound: Any = values_of.dump_sequence(values, [PyFormat.TEXT] * len(values)) if values else None
        key = (sql, values_of.types if values else None)
        name = self._names.get(key)
        if name is None:
            name = self._prepared(key)
        result = self._checked(self._pg.exec_prepared(name, bound))
        if result.status == ExecStatus.COMMAND_OK:
            return Result([], None, result.command_tuples or 0)
        names = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))
        values_of.set_pgresult(result)
        rows = values_of.load_rows(0, result.ntuples, tuple if plain else kind_of(names))
        return Result(rows, [Column(one) for one in names], result.ntuples)

    def plainly(self, sql: str) -> None:
        """Run a statement without values or rows. Raises psycopg.Error."""
        self._checked(self._pg.exec_(sql.encode()))

    def _prepared(self, key: tuple[str, tuple[int, ...] | None]) -> bytes:
        if len(self._names) >= MOST:
            self._checked(self._pg.exec_(b"DEALLOCATE ALL"))
            self._names.clear()
        name = b"kiosque_%d" % next(self._numbers)
        self._checked(self._pg.prepare(name, key[0].encode(), key[1]))
        self._names[key] = name
        return name

    def _checked(self, result: Any) -> Any:
        if result.status in _DONE:
            return result
        if self._pg.status != ConnStatus.OK:
            raise psycopg.OperationalError(" ".join(result.get_error_message().split()) or "the connection is lost")
        raise psycopg.errors.error_from_result(result)

"""Errors of PostgreSQL as those that the archive's callers know.

psycopg and sqlite3 name their errors alike (PEP 249), and the crawler tells by them what a job did wrong from what is wrong
with the archive. So the error of the same name is raised, with psycopg's as its cause.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from archive.errors import ArchiveError, ArchiveLocked, ArchiveMissing

# of a connection that ended, a disk that is full or a server that stops: not what the statement did
_TROUBLE = (errors.OperationalError, errors.InternalError, errors.InFailedSqlTransaction, errors.ReadOnlySqlTransaction,
            errors.InterfaceError)  # fmt: skip

_PASSING = frozenset(
    {"55P03", "40001", "40P01", "53300"}
)  # lock_timeout, serialization, deadlock, too many connections


@contextmanager
def as_sqlite() -> Iterator[None]:
    """Raise the error of sqlite3 that has the same name as one of psycopg."""
    try:
        yield
    except psycopg.Error as error:
        raise _kind(error)(_message(error)) from error


def _kind(error: psycopg.Error) -> type[sqlite3.Error]:
    if isinstance(error, _TROUBLE):
        return sqlite3.OperationalError
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn, errors.SyntaxError)):
        return sqlite3.OperationalError  # as SQLite does
    for known in (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError):
        if isinstance(error, getattr(psycopg, known.__name__)):
            return known
    return sqlite3.DatabaseError


def _message(error: psycopg.Error) -> str:
    return error.diag.message_primary or " ".join(str(error).split())


def refused(shown: str, error: psycopg.Error) -> ArchiveError:
    """Why there is no connection, in words that say what to do. `shown`: the address without a password."""
    said = " ".join(str(error).split()).lower()
    if (
        isinstance(error, errors.InvalidPassword)
        or "password" in said
        or "authentication" in said
        or "no pg_hba.conf" in said
    ):
        return ArchiveError(
            f"{shown}: the server refuses this user or password; give the right one in the URL, in PGPASSWORD or in ~/.pgpass"
        )
    if isinstance(error, errors.InvalidCatalogName) or ("database" in said and "does not exist" in said):
        return ArchiveMissing(f"{shown}: the server has no such database; make it with `createdb`, then start again")
    if "role" in said and "does not exist" in said:
        return ArchiveError(f"{shown}: the server has no such user; make it with `createuser`")
    if "too many" in said or "connection slots" in said:
        return ArchiveLocked(
            f"{shown}: the server has no free connection; raise its max_connections or try again later"
        )
    why = " ".join(str(error).split()).partition(" Is the server running")[0]  # which is asked below
    return ArchiveError(
        f"{shown}: no connection to PostgreSQL ({why[:200]}); is the server running, and is the address right?"
    )


def is_passing(error: BaseException | None) -> bool:
    """Does an error come of a session that ended, a server that restarts or a lock that was waited for too long, so that
    the same can be tried again soon in a new session? Looks at the causes, too, nearest first."""
    waiting, seen = [error], []  # an error that was raised again may be among its own causes
    while waiting:
        if (one := waiting.pop(0)) is None or one in seen:
            continue
        if isinstance(one, psycopg.OperationalError):
            return one.sqlstate is None or one.sqlstate in _PASSING or one.sqlstate[:2] in ("08", "57")
        if isinstance(one, (errors.IdleInTransactionSessionTimeout, errors.InterfaceError)):
            return True
        seen.append(one)
        waiting += [one.__cause__, one.__context__]
    return False

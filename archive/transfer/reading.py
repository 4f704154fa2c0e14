"""The rows of an archive of either kind, all of one moment, never more than some hundred of them in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Protocol
from urllib.request import pathname2url

from archive import database
from archive.postgres import Place, Where, place_of
from archive.transfer.tables import Row

AT_ONCE = 500  # rows that PostgreSQL hands over together


class Reader(Protocol):
    """Reads an archive; values are bound to $1, $2 and so on, which both databases understand."""

    def rows(self, sql: str, values: Sequence[str] = ()) -> Generator[Row, None, None]:
        """The rows of a query. Raises sqlite3.Error."""


def reading(where: Where) -> AbstractContextManager[Reader]:
    """Read an archive as it is now. Raises ArchiveMissing, or ArchiveError for one of another version."""
    place = place_of(where)
    return _folder(where) if place is None else _server(place)


class FileReader:
    """Reads an SQLite file through a connection of its own."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def rows(self, sql: str, values: Sequence[str] = ()) -> Generator[Row, None, None]:
        """The rows of a query."""
        cursor = self._conn.cursor()
        cursor.row_factory = None
        yield from cursor.execute(sql, {str(at): value for at, value in enumerate(values, 1)})


@contextmanager
def reading_file(path: str) -> Iterator[FileReader]:
    """Read a file that nobody writes, such as a shard."""
    with closing(sqlite3.connect(f"file:{pathname2url(path)}?immutable=1", uri=True, isolation_level=None)) as conn:
        yield FileReader(conn)


@contextmanager
def _folder(where: Where) -> Iterator[Reader]:
    conn = database.connect(where, write=False).conn
    with closing(conn):
        conn.execute("BEGIN")
        yield FileReader(conn)


@contextmanager
def _server(place: Place) -> Iterator[Reader]:
    from archive.postgres import bulk, schema  # its libraries are loaded by those who need them

    schema.connect(place, write=False).close()  # which sees whether it is of this version
    with bulk.reading(place) as reader:
        yield reader

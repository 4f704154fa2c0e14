"""All rows of an archive on PostgreSQL at a time: read by a cursor of the server's, written by COPY.

In a session of its own, in PostgreSQL's own SQL. The triggers that keep up what follows from articles are off while rows come
that hold what they would write.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from archive.postgres import index
from archive.postgres.connection import WRITING
from archive.postgres.cursor import adapt
from archive.postgres.errors import as_sqlite, refused
from archive.postgres.place import Place

if TYPE_CHECKING:
    from archive.transfer.tables import Row, Shape

AT_ONCE = 500  # rows that the server hands over together
OF_A_COPY = 50_000  # rows after which the server compares references, which it remembers until then
_TRIGGERED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
_NUMBERED = "SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES' AND table_schema = 'public'"
_NEXT_NUMBER = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), max(id)) FROM {0} HAVING max(id) IS NOT NULL"
_TOTALS = """UPDATE articles_fts_totals SET articles = (SELECT count(*) FROM articles_fts),
    tokens = (SELECT coalesce(sum(size), 0) FROM articles_fts)"""


class Session:
    """Reads and writes rows in one transaction."""

    def __init__(self, pg: psycopg.Connection[Any]) -> None:
        self._pg = pg
        self._names = count(1)

    def rows(self, sql: str, values: Sequence[str] = ()) -> Generator[Row, None, None]:
        """The rows of a query."""
        with as_sqlite(), psycopg.RawServerCursor(self._pg, f"rows{next(self._names)}") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(sql, list(values))
            yield from cursor

    def load(self, shape: Shape, rows: Iterable[Row]) -> None:
        """Put in the rows of a table. Raises sqlite3.Error for one that PostgreSQL does not take."""
        rest = iter(rows)
        sql = f"COPY {shape.name} ({', '.join(shape.columns)}) FROM STDIN"
        while some := list(islice(rest, 1)):
            with as_sqlite(), self._pg.cursor() as cursor, cursor.copy(sql) as copy:
                copy.write_row(some[0])
                # rows that refer to one another are compared when all are there
                for row in rest if shape.refers_to_itself else islice(rest, OF_A_COPY - 1):
                    copy.write_row(row)

    def triggers(self, on: bool) -> None:
        """Let triggers of the schema run, or not, until the transaction ends."""
        with as_sqlite():
            for (table,) in self._pg.execute(_TRIGGERED).fetchall():
                self._pg.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")

    def settle(self) -> None:
        """Make the full-text index, let numbers go on after the highest, and turn triggers on again."""
        with as_sqlite():
            index.fill(lambda: self._pg.cursor(row_factory=tuple_row))
            self._pg.execute(_TOTALS)
            for (table,) in self._pg.execute(_NUMBERED).fetchall():
                self._pg.execute(_NEXT_NUMBER.format(table))
        self.triggers(on=True)


@contextmanager
def reading(place: Place) -> Iterator[Session]:
    """A session that sees one moment and changes nothing."""
    with _session(place, "ISOLATION LEVEL REPEATABLE READ READ ONLY") as session:
        yield session


@contextmanager
def writing(place: Place) -> Iterator[Session]:
    """A session without triggers whose changes are kept when the block ends well, and else not at all.

    For who holds the writer's lock of the archive alone.
    """
    with _session(place, f"; SELECT pg_advisory_xact_lock({WRITING})") as session:
        session.triggers(on=False)
        yield session


@contextmanager
def _session(place: Place, begin: str) -> Iterator[Session]:
    try:
        opened = psycopg.connect(**place.dialled(), autocommit=True, cursor_factory=psycopg.RawCursor)
    except psycopg.Error as error:
        raise refused(place.shown, error) from error
    with closing(opened) as pg, as_sqlite():
        adapt(pg)
        pg.execute("SET timezone = 'UTC'")
        pg.execute(f"BEGIN {begin}")
        yield Session(pg)
        pg.execute("COMMIT")  # a session that ends without it has done nothing

"""An SQLite file of an archive, written at once: without triggers and indexes until the rows are in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlite_utils

from archive.backup import sync
from archive.database import migrate
from archive.errors import ArchiveError
from archive.transfer.tables import Row, Shape

CACHE_KB = 64 * 1024
_LATER = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL ORDER BY type, name"
_CHECK_INDEX = "INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)"


class NewFile:
    """A file in the making; nobody else sees it."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        migrate(sqlite_utils.Database(conn))
        self._later = conn.execute(_LATER).fetchall()
        conn.execute("BEGIN")
        for kind, name, _ in self._later:
            conn.execute(f"DROP {kind} {name}")

    def rows(self, sql: str) -> Generator[Row, None, None]:
        """The rows of a query."""
        yield from self.conn.execute(sql)

    def load(self, shape: Shape, rows: Iterable[Row]) -> None:
        """Put in the rows of a table. Raises sqlite3.Error."""
        self.conn.executemany(
            f"INSERT INTO {shape.name} ({', '.join(shape.columns)}) VALUES ({', '.join('?' * len(shape.columns))})",  # noqa: S608 (names of ours)
            rows,
        )

    def settle(self, *, whole: bool) -> None:
        """Make indexes, triggers, the full-text index and the planner's statistics; then have SQLite look through all of it.
        `whole`: every reference leads somewhere. Raises ArchiveError when anything is wrong."""
        conn = self.conn
        for _, _, sql in self._later:
            conn.execute(sql)
        for command in ("rebuild", "optimize"):
            conn.execute("INSERT INTO articles_fts (articles_fts) VALUES (?)", [command])
        conn.execute("COMMIT")
        conn.execute("ANALYZE")
        conn.execute(_CHECK_INDEX)
        if (said := conn.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise ArchiveError(f"the new database is not sound: {said}")
        if whole and (broken := conn.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            raise ArchiveError(f"row {broken[1]} of {broken[0]} refers to one of {broken[2]} that is not there")


@contextmanager
def new_file(path: Path) -> Iterator[NewFile]:
    """Make a file, which is on the disk when the block ends. It must not be there; what is left of it after an error is for
    the caller to remove."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        # a file that a crash leaves behind is made again; a header without a write-ahead log can be opened as immutable
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        yield NewFile(conn)
    sync(path)

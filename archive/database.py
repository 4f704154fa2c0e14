"""The SQLite file of an archive: opening, migrating, locking and transactions."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, cast
from weakref import WeakSet

import sqlite_utils
from sqlite_utils.migrations import Migrations

from archive.errors import ArchiveError, ArchiveLocked, ArchiveMissing
from archive.postgres import place_of

FILE_NAME = "archive.db"
LOCK_NAME = "writer.lock"
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 20.0  # longer than any commit of ours; a reader never blocks a writer in WAL
JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024  # the WAL is cut back to this after a checkpoint
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
LOCK_WAIT_S = 10.0  # how long a second writer waits before it gives up


def connect(folder: str | Path, *, write: bool, busy_timeout: float = BUSY_TIMEOUT_S) -> sqlite_utils.Database:
    """Open `archive.db` in `folder`, or the PostgreSQL database that is named instead; `write` creates and migrates it.

    Raises ArchiveMissing when there is nothing to read, ArchiveLocked when another process keeps it from being written
    for longer than `busy_timeout` seconds, ArchiveError for a file of a newer version or no sound database; that file is
    left as it is.
    """
    if (place := place_of(folder)) is not None:
        from archive.postgres import schema  # its libraries are loaded by those who need them

        return cast(sqlite_utils.Database, schema.connect(place, write=write, busy_timeout=busy_timeout))
    path = Path(folder) / FILE_NAME
    if not path.exists():
        if not write:
            raise ArchiveMissing(f"there is no archive in {folder} (no {FILE_NAME})")
        _create(path)
    _refuse_cut(path)
    try:
        conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=busy_timeout)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    try:
        db = sqlite_utils.Database(conn)
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA foreign_keys = ON")
        if write:
            _refuse_newer(db, migrations(), MIGRATIONS)  # before anything is changed
            # FULL with batched commits costs little and survives a power cut
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute(f"PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT}")
            migrate(db)
        else:
            conn.execute("PRAGMA query_only = ON")
            check_version(db, path)
    except (sqlite3.DatabaseError, OSError) as error:
        conn.close()
        raise explained(path, error) from error
    except ArchiveError:
        conn.close()
        raise
    return db


def explained(what: str | Path, error: Exception) -> ArchiveError:
    """An error of SQLite or the system as one of ours, in words that say what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveLocked(f"{what} is kept locked by another process, for longer than BUSY_TIMEOUT: {error}")
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in NO_ROOM:
        return ArchiveError(
            f"{what} cannot be written: the disk is full ({error}). What is stored is whole; make room and start again"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ArchiveError(f"{what} cannot be opened or read: {error}; restore it from a backup")
    return ArchiveError(f"{what} cannot be opened or written: {error}")


def _create(path: Path) -> None:
    """Make a new database whole, under another name first: a process that is killed here leaves no half of one."""
    fresh = path.with_name(f"{FILE_NAME}.new")
    try:
        for suffix in ("", "-journal"):
            path.with_name(fresh.name + suffix).unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh, isolation_level=None)) as conn:
            conn.execute("PRAGMA synchronous = OFF")  # it is brought to the disk as a whole
            migrate(sqlite_utils.Database(conn))
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except (sqlite3.Error, OSError) as error:
        raise explained(path, error) from error


def _refuse_cut(path: Path) -> None:
    """Raise ArchiveError for a database file that is shorter than it says: SQLite would see that late, or, of an empty
    file, never. With a write-ahead log beside it, the missing end may be in that."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
            size = os.fstat(file.fileno()).st_size
        if any(log.exists() and log.stat().st_size for log in [path.with_name(f"{FILE_NAME}-wal")]):
            return
    except OSError as error:
        raise explained(path, error) from error
    if not size:
        raise ArchiveError(f"{path} is empty; restore a backup, or remove it to begin a new archive")
    if head.startswith(b"SQLite format 3\0") and len(head) == 100:
        page = int.from_bytes(head[16:18], "big")
        page = 65_536 if page == 1 else page
        said = page * int.from_bytes(head[28:32], "big")
        # the count is right only when it was written together with the change counter
        if size < said and head[24:28] == head[92:96]:
            raise ArchiveError(f"{path} is cut off: it has {size} bytes of {said}; restore a backup")


def migrations(folder: Path = MIGRATIONS) -> Migrations:
    """The numbered SQL files of `folder` as one set; each runs in a transaction of its own."""
    found = Migrations("archive")
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        sql = path.read_text(encoding="utf-8")

        def run(db: sqlite_utils.Database, sql: str = sql) -> None:
            for statement in _statements(sql):
                db.execute(statement)

        found(name=path.stem)(run)
    return found


def _statements(sql: str) -> Iterator[str]:
    """The statements of a script: sqlite-utils looks for their ends at every letter, which took longer than the tables."""
    statement = ""
    for part in sql.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def migrate(db: sqlite_utils.Database, folder: Path = MIGRATIONS) -> None:
    """Apply what is missing. Raises ArchiveError when the file was written by a newer version."""
    known = migrations(folder)
    _refuse_newer(db, known, folder)
    known.apply(db)


def check_version(db: sqlite_utils.Database, path: Path) -> None:
    """Raise ArchiveError unless the file has exactly the tables that this version reads."""
    known = migrations()
    _refuse_newer(db, known, MIGRATIONS)
    if missing := [m.name for m in known.pending(db)]:
        raise ArchiveError(
            f"{path} is of an older version (lacks {', '.join(missing)}); "
            "`python -m archive migrate` brings it up to date"
        )


def _refuse_newer(db: sqlite_utils.Database, known: Migrations, folder: Path) -> None:
    ours = {path.stem for path in folder.glob("*.sql")}
    if newer := sorted({m.name for m in known.applied(db)} - ours):
        raise ArchiveError(f"the archive was written by a newer version of Kiosque (it has {', '.join(newer)})")


@contextmanager
def transaction(db: sqlite_utils.Database) -> Iterator[None]:
    """Run the block in one transaction, or in a savepoint of the one that is open.

    IMMEDIATE, since a deferred transaction that reads first and writes then fails with "locked" at once.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        # inside: a COMMIT that fails (disk full) may leave the transaction open, and the next one would be part of it
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


class WriterLock:
    """An advisory lock on the archive folder: one process writes at a time.

    The kernel drops it when the process ends, however it ends, and a child that was forked meanwhile does not keep it.
    The file says who holds it, for the message only.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._file: IO[str] | None = None

    def acquire(self, wait: float = LOCK_WAIT_S, tell: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting at most `wait` seconds. Raises ArchiveLocked with who holds it.

        Raises OSError when the folder cannot be written to or its file system knows no locks.
        """
        file = self._path.open("a+", encoding="utf-8")
        try:
            self._wait_for(file, wait, tell)
            file.seek(0)
            file.truncate()
            json.dump({"pid": os.getpid(), "command": " ".join(os.path.basename(a) for a in sys.argv[:3])}, file)
            file.flush()
        except BaseException:
            file.close()
            raise
        self._file = file
        _HELD.add(self)

    def _wait_for(self, file: IO[str], wait: float, tell: Callable[[str], None] | None) -> None:
        deadline = time.monotonic() + wait
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise ArchiveLocked(
                        f"{self._path.parent} is being written by {self._holder()}; gave up after {wait:.0f} s"
                    ) from error
                if tell and not told:
                    tell(f"{self._path.parent} is being written by {self._holder()}; waiting up to {wait:.0f} s")
                    told = True
                time.sleep(min(0.1, max(0.0, deadline - time.monotonic())))

    def _holder(self) -> str:
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return f"process {said['pid']} ({said['command']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            self._file.truncate(0)  # nobody is to be named who holds it no longer
            self.drop()

    def drop(self) -> None:
        """Close this process's handle; a process that was forked from it or forked it goes on holding the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


_HELD: WeakSet[WriterLock] = WeakSet()


def _drop_in_child() -> None:
    for lock in list(_HELD):
        lock.drop()


os.register_at_fork(after_in_child=_drop_in_child)  # else a forked child keeps the lock of a parent that was killed


def is_being_written(conn: sqlite3.Connection, folder: Path) -> bool:
    """Does a process hold the writer's lock of the archive that a connection is open on?"""
    ask = getattr(conn, "is_written", None)  # of PostgreSQL
    return bool(ask()) if ask is not None else is_written(folder)


def database_sizes(conn: sqlite3.Connection, folder: Path) -> tuple[int, int]:
    """Bytes of the database and of its write-ahead log; PostgreSQL's log is the server's."""
    ask = getattr(conn, "size", None)  # of PostgreSQL
    if ask is not None:
        return int(ask()), 0
    found = [folder / FILE_NAME, folder / f"{FILE_NAME}-wal"]
    database, log = (path.stat().st_size if path.exists() else 0 for path in found)
    return database, log


def is_written(folder: Path) -> bool:
    """Does a process hold the writer's lock of an archive? Asks without keeping it from anybody."""
    try:
        with (folder / LOCK_NAME).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False

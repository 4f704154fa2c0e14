"""The tables of an archive on PostgreSQL: made, brought up to date and checked; and the lock of those who write."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from archive.errors import ArchiveError, ArchiveLocked, ArchiveMissing
from archive.postgres.connection import WRITER, Connection
from archive.postgres.errors import refused
from archive.postgres.place import Place
from archive.postgres.threads import ByThread

MIGRATIONS = Path(__file__).parent / "migrations"
CONNECT_TIMEOUT_S = 10
MIGRATING = 4_711_003  # key of the advisory lock of who makes the tables
OLDEST_SERVER = 150_000  # PostgreSQL 15, by which this is tested


def connect(
    place: Place,
    *,
    write: bool,
    create: bool = True,
    shared: bool = False,
    wait: float = 10.0,
    busy_timeout: float = 20.0,
    tell: Callable[[str], None] | None = None,
) -> Connection | ByThread:
    """Open an archive. `write` takes the writer's lock, makes the tables (unless `create` is False) and brings them up to
    date; `shared` lets other writers in that said so too, and transactions that write then take turns.

    Raises ArchiveMissing, ArchiveLocked or ArchiveError.
    """

    def opened() -> psycopg.Connection[Any]:
        return _session(place, write, create, shared, wait, busy_timeout, tell)

    opened_first = Connection(opened, write=write, place=place)
    if not (write and shared):
        return opened_first
    # a server that is just starting is not waited for there: the thread may be one that must not stand still
    return ByThread(opened_first, lambda: connect(place, write=False, wait=0.0, busy_timeout=busy_timeout))


def _session(
    place: Place,
    write: bool,
    create: bool,
    shared: bool,
    wait: float,
    busy_timeout: float,
    tell: Callable[[str], None] | None,
) -> psycopg.Connection[Any]:
    pg = _connected(place, wait)
    try:
        if pg.info.server_version < OLDEST_SERVER:
            raise ArchiveError(
                f"{place.shown}: PostgreSQL 15 or newer is needed, this is {pg.info.server_version // 10_000}"
            )
        if (encoding := pg.info.parameter_status("server_encoding")) != "UTF8":
            raise ArchiveError(
                f"{place.shown}: the encoding of this database is {encoding}, which does not hold every text; make one with "
                "`createdb --encoding UTF8 --template template0`"
            )
        pg.execute("SET standard_conforming_strings = on")
        pg.execute("SET timezone = 'UTC'")
        pg.execute("SELECT set_config('lock_timeout', $1, false)", [f"{int(busy_timeout * 1000)}"])
        if write:
            if shared:
                _never_in_the_way(pg, busy_timeout)
            _lock(pg, place, shared, wait, tell)
            _migrate(pg, place, create)
        else:
            _check(pg, place)
            pg.execute("SET default_transaction_read_only = on")
    except psycopg.Error as error:
        pg.close()
        raise ArchiveError(f"{place.shown} cannot be opened: {' '.join(str(error).split())}") from error
    except BaseException:
        pg.close()
        raise
    return pg


def _connected(place: Place, wait: float) -> psycopg.Connection[Any]:
    """A connection; a server that is just starting is waited for."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return psycopg.connect(
                **place.dialled(connect_timeout=CONNECT_TIMEOUT_S),
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                application_name=f"kiosque {os.getpid()} {' '.join(os.path.basename(one) for one in sys.argv[:2])}"[
                    :63
                ],
            )
        except psycopg.Error as error:
            if "starting up" not in str(error) or time.monotonic() > deadline:
                raise refused(place.shown, error) from error
            time.sleep(0.1)


def _never_in_the_way(pg: psycopg.Connection[Any], busy_timeout: float) -> None:
    """Have the server end this session when its process vanishes or stands still in a transaction: the others wait for that."""
    seconds = max(1, int(busy_timeout / 2))
    pg.execute("SELECT set_config('idle_in_transaction_session_timeout', $1, false)", [f"{seconds}s"])
    for name, value in (("idle", "3"), ("interval", "1"), ("count", "3")):
        pg.execute("SELECT set_config($1, $2, false)", [f"tcp_keepalives_{name}", value])
    pg.execute("SELECT set_config('tcp_user_timeout', $1, false)", ["6s"])


def _known() -> dict[str, Path]:
    return {path.stem: path for path in sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def _applied(pg: psycopg.Connection[Any]) -> list[str] | None:
    """The migrations that were applied; None where there is no archive."""
    there = pg.execute("SELECT to_regclass('kiosque_migrations') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return None
    return [row[0] for row in pg.execute("SELECT name FROM kiosque_migrations ORDER BY name")]


def _refuse_newer(place: Place, applied: list[str]) -> None:
    if newer := sorted(set(applied) - _known().keys()):
        raise ArchiveError(f"{place.shown} was written by a newer version of Kiosque (it has {', '.join(newer)})")


def _check(pg: psycopg.Connection[Any], place: Place) -> None:
    applied = _applied(pg)
    if applied is None:
        raise ArchiveMissing(f"there is no archive in {place.shown} (no table kiosque_migrations)")
    _refuse_newer(place, applied)
    if missing := sorted(_known().keys() - set(applied)):
        raise ArchiveError(
            f"{place.shown} is of an older version (lacks {', '.join(missing)}); "
            "`python -m archive migrate` brings it up to date"
        )


def _migrate(pg: psycopg.Connection[Any], place: Place, create: bool) -> None:
    applied = _applied(pg)
    if applied is None and not create:
        raise ArchiveMissing(f"there is no archive in {place.shown} (no table kiosque_migrations)")
    _refuse_newer(place, applied or [])
    missing = [name for name in _known() if name not in (applied or ())]
    if not missing:
        return
    with pg.transaction():
        pg.execute(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        pg.execute(
            "CREATE TABLE IF NOT EXISTS kiosque_migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())"
        )
        for name in missing:
            if pg.execute("SELECT 1 FROM kiosque_migrations WHERE name = $1", [name]).fetchone():
                continue  # by another who shares the archive, in the meantime
            pg.execute(_known()[name].read_text(encoding="utf-8"))
            pg.execute("INSERT INTO kiosque_migrations (name) VALUES ($1)", [name])


def _lock(
    pg: psycopg.Connection[Any], place: Place, shared: bool, wait: float, tell: Callable[[str], None] | None
) -> None:
    """Take the writer's lock. The server drops it with the session, however that ends."""
    deadline = time.monotonic() + wait
    told = False
    take = f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}({WRITER})"
    while not pg.execute(take).fetchone()[0]:  # type: ignore[index]
        if time.monotonic() >= deadline:
            raise ArchiveLocked(f"{place.shown} is being written by {_holder(pg)}; gave up after {wait:.0f} s")
        if tell and not told:
            tell(f"{place.shown} is being written by {_holder(pg)}; waiting up to {wait:.0f} s")
            told = True
        time.sleep(min(0.1, max(0.0, deadline - time.monotonic())))


def _holder(pg: psycopg.Connection[Any]) -> str:
    row = pg.execute(
        """SELECT a.application_name, a.client_addr FROM pg_locks l JOIN pg_stat_activity a USING (pid)
           WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1 AND l.database = (
               SELECT oid FROM pg_database WHERE datname = current_database())""",
        [WRITER],
    ).fetchone()
    if row is None:
        return "another process"
    name, _, rest = str(row[0]).partition(" ")
    pid, _, command = rest.partition(" ")
    said = f"process {pid} ({command})" if name == "kiosque" and pid.isdigit() else f"another program ({row[0]})"
    return said + (f" on {row[1]}" if row[1] else "")

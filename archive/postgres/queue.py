"""The tables of jobs: procrastinate's, in a schema of their own in the archive's database.

They hold who is at what, and nothing that the archive's own tables do not say too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import psycopg
from psycopg import conninfo, sql

from archive.errors import ArchiveError
from archive.postgres.errors import refused
from archive.postgres.place import Place

SCHEMA = "procrastinate"
MAKING = 4_711_002  # key of the advisory lock of who makes the tables


def queue_conninfo(place: Place) -> str:
    """How to connect so that procrastinate finds its tables by their names."""
    dialled = place.dialled()
    options = f"{dialled.get('options') or ''} -c search_path={SCHEMA}".strip()
    return conninfo.make_conninfo("", **{**dialled, "options": options})


def make_queue(place: Place, schema: str, migrations: Mapping[str, str]) -> None:
    """Make the tables that `schema` (SQL) makes, or bring them up to date by the `migrations` (name -> SQL, in their
    order) that were not applied. Several processes may do so at once. Raises ArchiveError."""
    try:
        with closing(psycopg.connect(queue_conninfo(place), autocommit=True)) as pg, pg.transaction():
            pg.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
            there = pg.execute("SELECT to_regclass('kiosque_migrations') IS NOT NULL").fetchone()
            known: set[str] = set()
            if there and there[0]:
                known = {name for (name,) in pg.execute("SELECT name FROM kiosque_migrations")}
                scripts = [text for name, text in migrations.items() if name not in known]
            else:
                pg.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
                pg.execute("CREATE TABLE kiosque_migrations (name text PRIMARY KEY)")
                scripts = [schema]
            for text in scripts:
                pg.execute(text.encode())
            for name in migrations.keys() - known:
                pg.execute("INSERT INTO kiosque_migrations (name) VALUES (%s)", [name])
    except psycopg.OperationalError as error:
        raise refused(place.shown, error) from error
    except psycopg.Error as error:
        raise ArchiveError(f"{place.shown}: the tables of jobs cannot be made: {error}") from error


def forget_jobs(place: Place) -> int:
    """Take away crawl jobs that nothing has happened to for a day: failed ones, and those of workers with other sources that
    are no more. Gives their number. Raises psycopg.OperationalError when the server is out of reach."""
    with closing(psycopg.connect(queue_conninfo(place), autocommit=True)) as pg:
        return pg.execute(
            """DELETE FROM procrastinate_jobs j WHERE queue_name LIKE 'crawl-%' AND status <> 'doing' AND NOT EXISTS (
                   SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day')"""
        ).rowcount

"""The files of bulk work: which there are, how far each has come, who is at it and why it failed.

One row a file, in the schema of the jobs; how far a file has come is written in the transaction of what was read of it.
procrastinate's jobs only say that a file is to be taken: one that is lost is deferred again for what is here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from archive.postgres.errors import refused
from archive.postgres.place import Place
from archive.postgres.queue import SCHEMA, queue_conninfo

if TYPE_CHECKING:
    import sqlite_utils

MOST_TRIES = 5  # workers that may die over a file one after another, without getting any further
AT_ONCE = 100  # files for which jobs are made together: every worker looks for such, and makes the same ones
LOCK = "file "  # before its number: the lock of a file's jobs
_TABLE = f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.kiosque_files (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,                         -- import, reextract
    name text COLLATE "C" NOT NULL,             -- path or URL of a WARC file
    choice text NOT NULL,                       -- what of it, as a JSON object
    version text NOT NULL,                      -- of the extractor that was asked for
    size bigint NOT NULL,                       -- how far there is to go: bytes, or articles
    state text NOT NULL DEFAULT 'waiting',
    position bigint NOT NULL DEFAULT 0,         -- where to go on: a byte of the file, or the last article
    gone bigint NOT NULL DEFAULT 0,             -- of `size`
    pages bigint NOT NULL DEFAULT 0,
    outcomes text NOT NULL DEFAULT '{{}}',
    tries bigint NOT NULL DEFAULT 0,            -- times it was taken since it last came further
    taken bigint NOT NULL DEFAULT 0,            -- times it was taken at all
    worker text NOT NULL DEFAULT '',
    begun_at timestamptz,                       -- when that worker took it
    begun_pages bigint NOT NULL DEFAULT 0,      -- that were done then
    moved_at timestamptz,
    ended_at timestamptz,
    reason text NOT NULL DEFAULT '',
    UNIQUE (kind, name, choice)
)"""
_ADD = """INSERT INTO kiosque_files AS f (kind, name, choice, version, size) VALUES (%(kind)s, %(name)s, %(choice)s, %(version)s, %(size)s)
    ON CONFLICT (kind, name, choice) DO UPDATE SET state = 'waiting', version = excluded.version, size = excluded.size,
        position = 0, gone = 0, pages = 0, outcomes = '{}', tries = 0, reason = '', ended_at = NULL
    WHERE f.state = 'failed' OR (f.state = 'done' AND (%(again)s OR f.size <> excluded.size OR f.version <> excluded.version))
    RETURNING id"""
_TAKE = """UPDATE kiosque_files SET state = 'running', worker = %(worker)s, begun_at = now(), begun_pages = pages,
        moved_at = now(), tries = tries + 1, taken = taken + 1
    WHERE id = %(id)s AND state IN ('waiting', 'running') RETURNING *"""
# in the archive's own session, hence with the schema
_ADVANCE = f"""UPDATE {SCHEMA}.kiosque_files SET position = $3, gone = greatest(gone, $4), pages = $5, outcomes = $6, moved_at = now(),
        tries = CASE WHEN gone < $4 THEN 0 ELSE tries END
    WHERE id = $1 AND worker = $2 AND state = 'running' RETURNING id"""  # noqa: S608 (a name of ours)
_END = """UPDATE kiosque_files SET state = %(state)s, reason = %(reason)s,
        ended_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE now() END,
        gone = CASE WHEN %(state)s = 'done' THEN size ELSE gone END
    WHERE id = %(id)s AND worker = %(worker)s AND state = 'running'"""
_WITHOUT_JOB = """SELECT id FROM kiosque_files f WHERE state IN ('waiting', 'running') AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs j WHERE j.lock = %(lock)s || f.id AND j.status IN ('todo', 'doing'))
    ORDER BY id LIMIT %(most)s"""
_DEAD = "DELETE FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'failed'"


@dataclass(frozen=True, slots=True)
class File:
    """A file of bulk work."""

    id: int
    kind: str
    name: str
    choice: Mapping[str, Any]
    version: str
    size: int
    state: str
    position: int
    gone: int
    pages: int
    outcomes: Counter[str]
    tries: int
    taken: int
    worker: str
    begun_at: datetime | None
    begun_pages: int
    moved_at: datetime | None
    ended_at: datetime | None
    reason: str

    @property
    def rate(self) -> float:
        """Pages a second of the worker that has it, or had it last."""
        end = self.moved_at or self.begun_at
        seconds = (end - self.begun_at).total_seconds() if self.begun_at and end else 0.0
        return (self.pages - self.begun_pages) / seconds if seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has come: `position` to go on at, `gone` of its size, pages in all and their outcomes."""

    position: int
    gone: int
    outcomes: Counter[str]


class Files:
    """The table, through a session of its own for each question: a worker asks every few seconds. Every method raises
    ArchiveError when the server cannot be reached."""

    def __init__(self, place: Place) -> None:
        """Make the table if it is not there; procrastinate's must be (archive/postgres/queue.py)."""
        self._place = place
        with self._open() as pg:
            pg.execute(_TABLE.encode())

    def add(
        self,
        kind: str,
        named: Iterable[tuple[str, int]],
        choice: Mapping[str, Any],
        version: str,
        *,
        again: bool = False,
    ) -> int:
        """Have files (name, size) done; gives how many there are to be done. What is under way goes on; what is done stays
        so unless its size or the extractor's version is another one, or it is to be done `again`; what failed is tried."""
        said = {"kind": kind, "choice": json.dumps(choice, sort_keys=True), "version": version, "again": again}
        with self._open() as pg:
            return sum(pg.execute(_ADD, {**said, "name": name, "size": size}).rowcount for name, size in named)

    def take(self, number: int, worker: str) -> File | None:
        """Make a worker the one who does a file; None when there is nothing to be done. What another worker had taken goes
        on where that one came to."""
        with self._open() as pg:
            pg.execute(_DEAD, {"lock": lock_of(number)})  # that a worker died is in `taken`
            row = pg.execute(_TAKE, {"id": number, "worker": worker}).fetchone()
        return _file(row) if row else None

    def end(self, number: int, worker: str, state: str, reason: str = "") -> None:
        """Note that a worker is done with a file: `done`, `failed`, or `waiting` for another."""
        with self._open() as pg:
            pg.execute(_END, {"id": number, "worker": worker, "state": state, "reason": reason})

    def without_job(self) -> list[int]:
        """Files that are to be done and that no job says so of: new ones, and those of jobs that failed. At most AT_ONCE."""
        with self._open() as pg:
            return [row["id"] for row in pg.execute(_WITHOUT_JOB, {"lock": LOCK, "most": AT_ONCE})]

    def left(self) -> int:
        """How many are to be done, or under way."""
        with self._open() as pg:
            row = pg.execute("SELECT count(*) AS n FROM kiosque_files WHERE state IN ('waiting', 'running')").fetchone()
        return int(row["n"]) if row else 0

    def retry(self) -> int:
        """Let those that failed wait again, to go on where they were; gives their number."""
        with self._open() as pg:
            return pg.execute(
                "UPDATE kiosque_files SET state = 'waiting', tries = 0, reason = '' WHERE state = 'failed'"
            ).rowcount

    def forget(self) -> int:
        """Take those off the list that ended, well or not; gives their number."""
        with self._open() as pg:
            return pg.execute("DELETE FROM kiosque_files WHERE state IN ('done', 'failed')").rowcount

    def all(self) -> list[File]:
        """Every file, in the order in which they were asked for."""
        with self._open() as pg:
            return [_file(row) for row in pg.execute("SELECT * FROM kiosque_files ORDER BY id")]

    @contextmanager
    def _open(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        try:
            with closing(psycopg.connect(queue_conninfo(self._place), row_factory=dict_row)) as pg, pg:
                yield pg
        except psycopg.OperationalError as error:
            raise refused(self._place.shown, error) from error


def lock_of(number: int) -> str:
    """What procrastinate holds for the job of a file."""
    return f"{LOCK}{number}"


def advance(db: sqlite_utils.Database, number: int, worker: str, progress: Progress) -> bool:
    """Note how far a file has come, inside a transaction of the archive; False when it is another worker's by now."""
    outcomes = json.dumps(progress.outcomes, sort_keys=True)
    values = [number, worker, progress.position, progress.gone, progress.outcomes.total(), outcomes]
    return bool(db.native(_ADVANCE, values))  # type: ignore[attr-defined]


def _file(row: dict[str, Any]) -> File:
    moments = {name: row[name] and row[name].astimezone(UTC) for name in ("begun_at", "moved_at", "ended_at")}
    read = {"choice": json.loads(row["choice"]), "outcomes": Counter(json.loads(row["outcomes"]))}
    return File(**{**row, **moments, **read})

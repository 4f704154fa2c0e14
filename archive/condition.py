"""The condition of an archive apart from its sources: is it being crawled, what waits in the queue, how full is the disk."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import sqlite_utils

from archive.database import database_sizes, is_being_written
from archive.records import utc_text
from archive.rows import Outcome

RATE_DAYS = 7  # over which the growth is measured
BROKEN_KEPT = timedelta(days=1)  # how long a run that was broken off is told of
MARKED = timedelta(days=40)  # four weeks to know a listing's rhythm by, and some days in which it may have been quiet
LONGEST_RUN = timedelta(hours=3)  # RUN_TIME is one hour, and what is in flight is finished


@dataclass(frozen=True, slots=True)
class Crawling:
    """Runs: the last one begun, those broken off of late, those that go on for too long; is a process writing now?"""

    last_run_at: str | None
    broken: int
    broken_since: str | None
    endless: int
    endless_since: str | None
    written: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """Pages that were offered and have no outcome yet; those due, since when the oldest is, those tried before."""

    pending: int
    due: int
    oldest: str | None
    retries: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes, and how many days of the present growth are left; None when it does not grow."""

    database: int
    log: int
    raw: int
    free: int
    size: int
    per_day: int
    days_left: float | None


class Marks(NamedTuple):
    """Hours of a day (UTC), a bit each: a listing answered; it had changed; it brought something new; all of it was new."""

    looked: int = 0
    changed: int = 0
    brought: int = 0
    lost: int = 0


NO_MARKS = Marks()


def crawling(conn: sqlite3.Connection, folder: Path, now: datetime) -> Crawling:
    """How the crawls go."""
    last = conn.execute("SELECT started_at FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    written = is_being_written(conn, folder)
    # While nobody writes, a run without an end was broken off, though the next start is what says so.
    broken, broken_since = conn.execute(
        """SELECT count(*), min(started_at) FROM runs
           WHERE finished_at IS NULL AND started_at >= ? AND (reason != '' OR NOT ?)""",
        [utc_text(now - BROKEN_KEPT), written],
    ).fetchone()
    endless, endless_since = conn.execute(
        """SELECT count(*), min(started_at) FROM runs
           WHERE finished_at IS NULL AND started_at < ? AND reason = '' AND ?""",
        [utc_text(now - LONGEST_RUN), written],
    ).fetchone()
    return Crawling(last[0] if last else None, broken, broken_since, endless, endless_since, written)


def queue(conn: sqlite3.Connection, now: datetime) -> Queue:
    """What waits."""
    pending, due, oldest, retries = conn.execute(
        """SELECT count(*), coalesce(sum(next_attempt_at <= :now), 0), min(next_attempt_at), coalesce(sum(attempts > 0), 0)
           FROM pages WHERE state = 'pending'""",
        {"now": utc_text(now)},
    ).fetchone()
    return Queue(pending, due, oldest if due else None, retries)


def disk(conn: sqlite3.Connection, folder: Path, now: datetime) -> Disk:
    """How much there is and how long the rest will do: every article takes as much as those so far, raw pages, later
    versions and looks that found nothing new included."""
    database, log = database_sizes(conn, folder)
    raw = sum(size_of(path) for path in (folder / "raw").rglob("*.warc.gz"))
    held = conn.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]
    since, until = utc_text(now - timedelta(days=RATE_DAYS))[:10], utc_text(now)[:10]
    stored = conn.execute(
        """SELECT coalesce(sum(d.stored), 0) FROM sources s
           CROSS JOIN source_days d ON d.source_id = s.id AND d.day >= ? AND d.day < ?""",
        [since, until],
    ).fetchone()[0]
    per_day = int((database + raw) / held * stored / RATE_DAYS) if held else 0
    usage = shutil.disk_usage(folder)
    return Disk(database, log, raw, usage.free, usage.total, per_day, usage.free / per_day if per_day else None)


def marks(conn: sqlite3.Connection, now: datetime, source_id: int | None = None) -> dict[int, dict[str, Marks]]:
    """What each listing, or each of a source, brought on the days of the last weeks, by its id."""
    found: dict[int, dict[str, Marks]] = {}
    cursor = conn.cursor()
    cursor.row_factory = None
    sql = f"""SELECT d.feed_id, d.day, d.looked, d.changed, d.brought, d.lost FROM feeds f
             CROSS JOIN feed_days d ON d.feed_id = f.id AND d.day >= :since WHERE f.status NOT IN ('moved', 'removed') {"" if source_id is None else "AND f.source_id = :source"}"""  # noqa: S608
    for feed_id, day, *bits in cursor.execute(sql, {"since": utc_text(now - MARKED)[:10], "source": source_id}):
        found.setdefault(feed_id, {})[day] = Marks(*bits)
    return found


def forget_marks(db: sqlite_utils.Database, now: datetime) -> None:
    """Forget what listings brought before the days that `marks` reads. Inside a transaction."""
    db.execute(
        "DELETE FROM feed_days WHERE day < ? AND feed_id IN (SELECT id FROM feeds)", [utc_text(now - MARKED)[:10]]
    )


def lately(conn: sqlite3.Connection, now: datetime, source_id: int | None = None) -> dict[int, tuple[int, ...]]:
    """For each source in the catalogue, or the one given, the live articles published in the last 24 hours and in the same hours one to four
    weeks earlier."""
    ends = [now - timedelta(weeks=week) for week in range(5)]
    columns = ", ".join(
        f"""(SELECT count(*) FROM articles a INDEXED BY articles_source WHERE a.source_id = s.id
             AND a.published_at > '{utc_text(end - timedelta(days=1))}' AND a.published_at <= '{utc_text(end)}' AND a.discovered_via = '')"""  # noqa: S608
        for end in ends
    )
    sql = f"SELECT s.id, {columns} FROM sources s WHERE s.in_catalog AND s.id = coalesce(?, s.id)"  # noqa: S608 (times of ours)
    rows = conn.execute(sql, [source_id])
    return {row[0]: tuple(row)[1:] for row in rows}


def folder_of(conn: sqlite3.Connection) -> Path:
    """The folder of the archive that a connection is open on; of one on PostgreSQL that of the raw pages."""
    if (folder := getattr(conn, "folder", None)) is not None:
        return Path(folder)
    return Path(conn.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]).parent


def outcomes(conn: sqlite3.Connection, since: str, source_id: int | None = None) -> dict[int, dict[str, int]]:
    """For each source, or the one given, the outcomes of the pages that were fetched since then; "" counts those to be
    tried again. Pages that were found by going back in time say nothing of how it is now."""
    found: dict[int, dict[str, int]] = {}
    for row in conn.execute(
        """SELECT s.id, o.value AS outcome, (SELECT count(*) FROM pages p WHERE p.source_id = s.id
               AND p.outcome IS nullif(o.value, '') AND p.fetched_at >= :since AND p.discovered_via = '') AS pages
           FROM sources s CROSS JOIN json_each(:outcomes) o WHERE s.id = coalesce(:source, s.id) AND pages""",
        {"since": since, "outcomes": _OUTCOMES, "source": source_id},
    ):
        found.setdefault(row["id"], {})[row["outcome"]] = row["pages"]
    return found


def outcomes_of(conn: sqlite3.Connection, source_id: int, since: str) -> Mapping[str, int]:
    """The same of one source; with `since` "" all that were ever fetched, or refused without a look."""
    condition = "AND p.fetched_at >= :since" if since else ""
    rows = conn.execute(
        f"""SELECT o.value, (SELECT count(*) FROM pages p WHERE p.source_id = :source
                AND p.outcome IS nullif(o.value, '') {condition}) AS pages
            FROM json_each(:outcomes) o WHERE pages ORDER BY pages DESC, 1""",  # noqa: S608
        {"source": source_id, "since": since, "outcomes": _OUTCOMES},
    )
    return {row[0]: row[1] for row in rows}


def size_of(path: Path) -> int:
    """Bytes of a file, 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


_OUTCOMES = '["", ' + ", ".join(f'"{outcome.value}"' for outcome in Outcome) + "]"

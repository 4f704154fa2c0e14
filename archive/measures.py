"""How an archive stands, in numbers that a monitor asks for every few seconds: read from indexes alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.condition import folder_of, queue
from archive.records import parse_utc, utc_text

LATEST = 200  # articles whose delay is measured
QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Measures:
    """Seconds, numbers and bytes; `successes`: (slug, seconds since 1970), `delays`: (quantile, seconds)."""

    pending: int
    due: int
    oldest: float
    feeds_due: int
    feeds_delay: float
    feeds_failing: int
    incidents: Mapping[str, int]  # by severity
    successes: tuple[tuple[str, float], ...]
    delays: tuple[tuple[str, float], ...]
    free: int


def measures(conn: sqlite3.Connection, now: datetime) -> Measures:
    """Measure."""
    waiting = queue(conn, now)
    due, first, failing = conn.execute(
        """SELECT coalesce(sum(next_check_at <= :now), 0), min(next_check_at), coalesce(sum(status = 'failing'), 0)
           FROM feeds f JOIN sources s ON s.id = f.source_id AND s.in_catalog
           WHERE f.status IN ('active', 'failing') AND f.next_check_at IS NOT NULL""",
        {"now": utc_text(now)},
    ).fetchone()
    successes = conn.execute(
        """SELECT s.slug, max(f.last_success_at) FROM sources s JOIN feeds f ON f.source_id = s.id
           WHERE s.in_catalog AND f.last_success_at IS NOT NULL GROUP BY s.id ORDER BY 1"""
    )
    open_ones = conn.execute(
        "SELECT severity, count(*) FROM incidents WHERE ended_at IS NULL AND opened_at IS NOT NULL GROUP BY 1"
    )
    return Measures(
        waiting.pending,
        waiting.due,
        _seconds(waiting.oldest, now),
        due,
        _seconds(first, now) if due else 0.0,
        failing,
        {row[0]: row[1] for row in open_ones},
        tuple((row[0], parse_utc(row[1]).timestamp()) for row in successes),
        _delays(conn),
        shutil.disk_usage(folder_of(conn)).free,
    )


def _seconds(since: str | None, now: datetime) -> float:
    return max((now - parse_utc(since)).total_seconds(), 0.0) if since else 0.0


def _delays(conn: sqlite3.Connection) -> tuple[tuple[str, float], ...]:
    rows = conn.execute(
        """SELECT published_at, first_seen_at FROM articles WHERE id > (SELECT max(id) FROM articles) - ?
           AND length(published_at) > 10 AND discovered_via = ''""",
        [LATEST],
    )
    found = sorted((parse_utc(seen) - parse_utc(published)).total_seconds() for published, seen in rows)
    return tuple((str(at), found[int(at * (len(found) - 1))]) for at in QUANTILES) if found else ()

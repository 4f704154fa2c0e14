"""Times in the archive that were written under a clock that was ahead: brought back, so that nothing waits for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlite_utils

from archive.jobs import Jobs
from archive.records import utc_text

SLACK = timedelta(minutes=2)  # a clock may be set by a little at any time; what waits for so long needs no mending
RECENT = 5_000  # newest runs and captures that are looked at: whoever fetches anything writes one of them
BORN = datetime(2026, 1, 1, tzinfo=UTC)  # no archive is older; a clock that says so has lost its battery
JOB = "clock"  # its position: the newest capture when times were last brought back

_AHEAD = """
    SELECT EXISTS (SELECT 1 FROM feeds WHERE last_checked_at > :now)
        OR EXISTS (SELECT 1 FROM (SELECT started_at, finished_at FROM runs ORDER BY id DESC LIMIT :recent)
                   WHERE max(started_at, coalesce(finished_at, '')) > :now)
        OR EXISTS (SELECT 1 FROM (SELECT fetched_at FROM captures WHERE id > :seen ORDER BY id DESC LIMIT :recent)
                   WHERE fetched_at > :now)
        OR EXISTS (SELECT 1 FROM hosts WHERE robots_fetched_at > :now)"""

_MENDS = (
    # what is due a while after a fetch stays due that while after now
    """UPDATE feeds SET next_check_at = strftime('%Y-%m-%dT%H:%M:%SZ',
            julianday(:now) + max(0, julianday(next_check_at) - julianday(last_checked_at))),
            last_checked_at = :now WHERE last_checked_at > :ahead""",
    """UPDATE feeds SET last_success_at = min(last_success_at, :now), last_new_at = min(last_new_at, :now)
       WHERE max(coalesce(last_success_at, ''), coalesce(last_new_at, '')) > :ahead""",
    """UPDATE pages SET next_attempt_at = strftime('%Y-%m-%dT%H:%M:%SZ',
            julianday(:now) + max(0, julianday(next_attempt_at) - julianday(fetched_at))), fetched_at = :now
        WHERE fetched_at > :ahead""",
    """UPDATE pages SET next_attempt_at = CASE WHEN fetched_at IS NULL THEN min(next_attempt_at, :now)
                                               ELSE next_attempt_at END,
           discovered_at = :now, priority = min(priority, :now)
       WHERE discovered_at > :ahead""",
    """UPDATE articles SET first_seen_at = min(first_seen_at, :now), last_seen_at = min(last_seen_at, :now),
           withdrawn_at = min(withdrawn_at, :now) WHERE last_seen_at > :ahead""",
    "UPDATE hosts SET robots_fetched_at = NULL WHERE robots_fetched_at > :ahead",
    """UPDATE hosts SET not_before = :hold WHERE not_before > :hold""",
    """UPDATE runs SET started_at = min(started_at, :now), finished_at = min(finished_at, :now)
       WHERE max(started_at, coalesce(finished_at, '')) > :ahead""",
)


def mend_times(db: sqlite_utils.Database, now: datetime, longest_hold: timedelta) -> str:
    """Bring back what was written under a clock that was ahead of `now`; gives a line that says so, or "".

    Inside a transaction. Without this, a feed that was looked at while the clock was a year ahead is not looked at for a
    year. Records of the raw store, captures and versions keep the time that was written with them. A `now` from before
    there was any archive is not believed, and nothing is mended by it.
    """
    if now < BORN:
        return ""
    ahead = utc_text(now + SLACK)
    jobs = Jobs(db)
    if not db.execute(_AHEAD, {"now": ahead, "recent": RECENT, "seen": jobs.position(JOB)}).fetchone()[0]:
        return ""
    values = {"now": utc_text(now), "ahead": ahead, "hold": utc_text(now + longest_hold)}
    # captures stay as they are: those that were seen are not looked at again
    jobs.advance(JOB, int(db.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0]), now)
    mended = sum(db.execute(statement, values).rowcount for statement in _MENDS)
    if not mended:
        return ""
    return (
        f"the clock was ahead when {mended} rows were written; what they wait for was brought back to {values['now']}"
    )

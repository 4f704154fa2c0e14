"""Incidents: what went wrong, since when, and when it ended. Findings are what is seen at one look; an incident is what lies
between the first look that saw it and the last.

What comes and goes is one incident and not ten: it ends only when it has not been found for some hours, and for twice as many
each time that it came back. `weigh` decides, and is pure; the rest reads and writes the table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import sqlite_utils

from archive.findings import Finding, Severity
from archive.records import parse_utc, utc_text

CALM = timedelta(hours=2)  # not found for so long, it has ended
LONGEST_CALM = timedelta(hours=16)
AGAIN = timedelta(days=1)  # what comes back within this came back, and has not begun anew
PATIENCE = {kind: timedelta(hours=2) for kind in ("still", "unlooked", "queue")}  # a service that begins after a stop
# finds these, and needs some time to put them right
HIDING = ("failing", "silent", "unlooked")  # kinds that are why there are few articles
HIDDEN = ("few", "silent")
HIDES_FOR = timedelta(days=3)  # as long as the days that they spoilt are judged
TELL_WITHIN = timedelta(days=1)  # what ended before is told nobody any more


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is or was wrong; opened_at None: so far it is only suspected."""

    id: int | None
    key: str
    source: str
    name: str
    severity: str
    what: str
    reason: str
    started_at: str
    found_at: str
    opened_at: str | None = None
    absent_since: str | None = None
    ended_at: str | None = None
    returns: int = 0
    notified_start_at: str | None = None
    notified_end_at: str | None = None

    @property
    def kind(self) -> str:
        """What sort of finding it is."""
        return self.key.partition(":")[0]


def weigh(
    going: Iterable[Incident], ended: Mapping[str, Incident], findings: Iterable[Finding], now: datetime
) -> Iterator[Incident]:
    """What becomes of each incident that goes on, and which begin, by what was found at `now`.

    `ended`: the last one of each key that ended of late. What was only suspected and is not found again comes back with an
    end and without having been opened.
    """
    before = {one.key: one for one in going}
    found = {one.key: one for one in findings if one.severity is not Severity.NOTE}
    causes = [one for one in (*before.values(), *ended.values()) if one.opened_at and one.kind in HIDING]
    stamp = utc_text(now)
    for key, finding in found.items():
        one = before.get(key)
        if one is None:
            if any(_hides(cause, finding, now) for cause in causes):
                continue
            one = _begun(finding, ended.get(key), now)
        elif one.absent_since is not None:
            one = replace(one, absent_since=None, returns=one.returns + 1)
        one = replace(one, severity=str(finding.severity), what=finding.what, reason=finding.reason)
        if one.opened_at is None and now - parse_utc(one.found_at) >= PATIENCE.get(one.kind, timedelta()):
            one = replace(one, opened_at=stamp)
        yield one
    for one in before.values():
        if one.key in found:
            continue
        absent = one.absent_since or stamp
        over = one.opened_at is None or now - parse_utc(absent) >= calm(one)
        yield replace(one, absent_since=absent, ended_at=absent if over else None)


def calm(one: Incident) -> timedelta:
    """For how long an incident must not have been found to have ended."""
    return min(CALM * (1 << min(one.returns, 10)), LONGEST_CALM)


def _begun(finding: Finding, last: Incident | None, now: datetime) -> Incident:
    stamp = utc_text(now)
    back = last is not None and last.ended_at is not None and now - parse_utc(last.ended_at) < AGAIN
    return Incident(
        None, finding.key, finding.source, finding.name, str(finding.severity), finding.what, finding.reason,
        min(finding.since or stamp, stamp), stamp, returns=last.returns + 1 if last is not None and back else 0,
    )  # fmt: skip


def _hides(cause: Incident, finding: Finding, now: datetime) -> bool:
    """Is a finding what an incident left behind, such as a day with few articles after a silence?"""
    return (
        cause.source == finding.source
        and cause.kind != finding.kind
        and finding.kind in HIDDEN
        and (cause.ended_at is None or now - parse_utc(cause.ended_at) < HIDES_FOR)
    )


def record(db: sqlite_utils.Database, findings: Sequence[Finding], now: datetime) -> None:
    """Bring the incidents up to date with what was found at `now`. Inside a transaction."""
    going = [_incident(row) for row in db.conn.execute("SELECT * FROM incidents WHERE ended_at IS NULL")]
    last = {one.key: one for one in reversed(ended(db.conn, utc_text(now - max(AGAIN, HIDES_FOR))))}
    known = {one.id: one for one in going}
    for one in weigh(going, last, findings, now):
        if one.ended_at is not None and one.opened_at is None:
            db.execute("DELETE FROM incidents WHERE id = ?", [one.id])
        elif one.id is None:
            db["incidents"].insert(asdict(one))  # type: ignore[union-attr]
        elif one != known[one.id]:
            db["incidents"].update(one.id, asdict(one))  # type: ignore[union-attr]


def going_on(conn: sqlite3.Connection) -> list[Incident]:
    """Those that go on, the oldest first."""
    rows = conn.execute(
        "SELECT * FROM incidents WHERE ended_at IS NULL AND opened_at IS NOT NULL ORDER BY opened_at, id"
    )
    return [_incident(row) for row in rows]


def ended(conn: sqlite3.Connection, since: str) -> tuple[Incident, ...]:
    """Those that ended since then, the latest first."""
    rows = conn.execute("SELECT * FROM incidents WHERE ended_at >= ? ORDER BY ended_at DESC, id DESC", [since])
    return tuple(_incident(row) for row in rows)


def untold(conn: sqlite3.Connection, now: datetime) -> tuple[list[Incident], list[Incident]]:
    """Those of which nobody was told that they began, and those of which nobody was told that they ended."""
    starts = conn.execute(
        """SELECT * FROM incidents WHERE ended_at IS NULL AND opened_at IS NOT NULL AND notified_start_at IS NULL
           UNION ALL SELECT * FROM incidents WHERE ended_at >= ? AND notified_start_at IS NULL ORDER BY id""",
        [utc_text(now - TELL_WITHIN)],
    )
    # an end is looked for some days back: it was seen only after a time of calm, and perhaps after a stop
    ends = conn.execute(
        """SELECT * FROM incidents WHERE ended_at >= ? AND notified_start_at IS NOT NULL AND notified_end_at IS NULL
           ORDER BY id""",
        [utc_text(now - TELL_WITHIN - LONGEST_CALM)],
    )
    return [_incident(row) for row in starts], [_incident(row) for row in ends]


def tell(db: sqlite_utils.Database, told: Iterable[Incident], now: datetime) -> None:
    """Note that the message which tells of these, and of the end of those that ended, is written. In its transaction."""
    for one in told:
        db.execute(
            """UPDATE incidents SET notified_start_at = coalesce(notified_start_at, :now),
                   notified_end_at = CASE WHEN ended_at IS NOT NULL THEN :now END WHERE id = :id""",
            {"now": utc_text(now), "id": one.id},
        )


def _incident(row: sqlite3.Row) -> Incident:
    return Incident(**dict(row))

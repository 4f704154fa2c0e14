"""Health: what is wrong with an archive now, and what was of late.

`health` reads what the decisions need; those are pure, in archive/findings.py, archive/troubles.py and what they call. A
finding is a value with a key that stays the same; archive/incidents.py sees by it what began and what ended.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive import condition, incidents
from archive.condition import Crawling, Disk, Queue
from archive.findings import Finding, Severity, is_still, of_all, of_crawling, of_disk, of_queue
from archive.incidents import Incident
from archive.records import utc_text
from archive.sources import NO_DAY, accounts, standing
from archive.troubles import Lately, of_source

RECENT = timedelta(days=7)  # incidents that ended so long ago are told of


@dataclass(frozen=True, slots=True)
class Health:
    """A look at an archive."""

    at: str
    findings: tuple[Finding, ...]
    sources: int  # in the catalogue
    looked: int  # of these, that answered in the last day
    states: Mapping[str, int]
    stored_today: int
    stored_yesterday: int
    crawling: Crawling
    queue: Queue
    disk: Disk
    ended: tuple[Incident, ...] = ()  # of late, the latest first

    @property
    def well(self) -> bool:
        """Is nothing wrong? What is only good to know does not count."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)


def health(conn: sqlite3.Connection, now: datetime) -> Health:
    """Look at an archive."""
    folder = condition.folder_of(conn)
    known = accounts(conn, now)
    standings = {account.slug: standing(account, now) for account in known}
    crawl, waiting = condition.crawling(conn, folder, now), condition.queue(conn, now)
    room = condition.disk(conn, folder, now)
    ended = condition.outcomes(conn, utc_text(now - timedelta(days=1)))
    marks, counted = condition.marks(conn, now), condition.lately(conn, now)
    going_on = {one.key: one for one in incidents.going_on(conn)}
    found = [
        *of_crawling(crawl, now),
        *of_queue(waiting, now),
        *of_disk(room),
        *of_all(known, standings),
        *(
            finding
            for account in known
            if account.in_catalog
            for finding in of_source(
                account,
                standings[account.slug],
                Lately(ended.get(account.id, {}), marks, counted.get(account.id, ())),
                now,
            )
            if finding.kind != "unlooked" or not is_still(crawl, now)  # one cause is told once
        ),
    ]
    dated = [
        replace(one, since=going_on[one.key].started_at) if one.since is None and one.key in going_on else one
        for one in found
    ]
    order = list(Severity)
    day = now.astimezone(UTC).date()
    today, yesterday = day.isoformat(), (day - timedelta(days=1)).isoformat()
    cataloged = [account for account in known if account.in_catalog]
    return Health(
        utc_text(now),
        tuple(sorted(dated, key=lambda finding: (order.index(finding.severity), bool(finding.source), finding.name))),
        len(cataloged),
        sum((account.last_success_at or "") >= utc_text(now - timedelta(days=1)) for account in cataloged),
        dict(Counter(str(one.state) for one in standings.values())),
        sum(account.days.get(today, NO_DAY).stored for account in known),
        sum(account.days.get(yesterday, NO_DAY).stored for account in known),
        crawl,
        waiting,
        room,
        incidents.ended(conn, utc_text(now - RECENT)),
    )

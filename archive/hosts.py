"""What is known of hosts, so that politeness outlives a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlite_utils

from archive.records import utc_text
from archive.text import clean

_SELECT = "SELECT host, robots, robots_status, robots_fetched_at, detail, not_before FROM hosts"


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host (authority) with its robots.txt and until when it asked to be left alone."""

    host: str
    robots: str | None = None
    robots_status: str = ""
    robots_fetched_at: str | None = None
    detail: str = ""
    not_before: str | None = None


class Hosts:
    """Reads and writes the `hosts` table. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def get(self, host: str) -> HostRow | None:
        """One host, if anything is known of it."""
        row = self._db.execute(f"{_SELECT} WHERE host = ?", [host]).fetchone()
        return HostRow(**dict(row)) if row else None

    def held(self, now: datetime) -> list[HostRow]:
        """Hosts that asked to be left alone until a time that is still to come."""
        rows = self._db.execute(f"{_SELECT} WHERE not_before > ? ORDER BY host", [utc_text(now)])
        return [HostRow(**dict(row)) for row in rows]

    def put_robots(self, row: HostRow) -> None:
        """Keep the rules of a host."""
        self._db.execute(
            """INSERT INTO hosts (host, robots, robots_status, robots_fetched_at, detail) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (host) DO UPDATE SET robots = excluded.robots, robots_status = excluded.robots_status,
                   robots_fetched_at = excluded.robots_fetched_at, detail = excluded.detail""",
            [row.host, row.robots and clean(row.robots), row.robots_status, row.robots_fetched_at, clean(row.detail)],
        )

    def put_hold(self, host: str, not_before: str) -> None:
        """Keep until when a host asked to be left alone; an earlier time does not shorten a wait."""
        self._db.execute(
            """INSERT INTO hosts (host, not_before) VALUES (?, ?)
               ON CONFLICT (host) DO UPDATE SET not_before = max(coalesce(not_before, ''), excluded.not_before)""",
            [host, not_before],
        )

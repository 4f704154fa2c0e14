"""What is known of hosts, so that politeness outlives a restart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlite_utils

from archive.records import utc_text
from archive.text import clean


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host (authority) with its robots.txt."""

    host: str
    robots: str | None = None
    robots_status: str = ""
    robots_fetched_at: str | None = None
    robots_max_age: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a host stands with us: until when it is left alone, what for, and how often it was asked on its last day."""

    host: str
    not_before: str | None = None
    strikes: int = 0
    holds: int = 0
    day: str = ""
    requests: int = 0


class Hosts:
    """Reads and writes the `hosts` table. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def get(self, host: str) -> HostRow | None:
        """One host, if anything is known of it."""
        row = self._db.execute(
            """SELECT host, robots, robots_status, robots_fetched_at, robots_max_age, detail FROM hosts
               WHERE host = ?""",
            [host],
        ).fetchone()
        return HostRow(**dict(row)) if row else None

    def standings(self, now: datetime) -> list[Standing]:
        """Hosts that are to be left alone, have failed or were asked today."""
        rows = self._db.execute(
            """SELECT host, not_before, strikes, holds, day, requests FROM hosts
               WHERE not_before > ? OR strikes > 0 OR holds > 0 OR day = ? ORDER BY host""",
            [utc_text(now), f"{now:%Y-%m-%d}"],
        )
        return [Standing(**dict(row)) for row in rows]

    def standings_of(self, hosts: Iterable[str]) -> list[Standing]:
        """How some hosts stand, those that anything is known of."""
        rows = self._db.execute(
            """SELECT host, not_before, strikes, holds, day, requests FROM hosts
               WHERE host IN (SELECT value FROM json_each(?)) ORDER BY host""",
            [json.dumps(sorted(hosts))],
        )
        return [Standing(**dict(row)) for row in rows]

    def put_robots(self, row: HostRow) -> None:
        """Keep the rules of a host."""
        self._db.execute(
            """INSERT INTO hosts (host, robots, robots_status, robots_fetched_at, robots_max_age, detail)
               VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (host) DO UPDATE SET robots = excluded.robots, robots_status = excluded.robots_status,
                   robots_fetched_at = excluded.robots_fetched_at, robots_max_age = excluded.robots_max_age,
                   detail = excluded.detail""",
            [
                row.host,
                row.robots and clean(row.robots),
                row.robots_status,
                row.robots_fetched_at,
                row.robots_max_age,
                clean(row.detail),
            ],
        )

    def put_standing(self, row: Standing) -> None:
        """Keep how a host stands."""
        self._db.execute(
            """INSERT INTO hosts (host, not_before, strikes, holds, day, requests) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (host) DO UPDATE SET not_before = excluded.not_before, strikes = excluded.strikes,
                   holds = excluded.holds, day = excluded.day, requests = excluded.requests""",
            [row.host, row.not_before, row.strikes, row.holds, row.day, row.requests],
        )

"""Long jobs over the archive, and how far they have come."""

from __future__ import annotations

from datetime import datetime

import sqlite_utils

from archive.records import utc_text


class Jobs:
    """Reads and writes the `jobs` table. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def position(self, name: str) -> int:
        """The last article that an interrupted job has done; 0 when there is none to go on with."""
        row = self._db.execute("SELECT position FROM jobs WHERE name = ?", [name]).fetchone()
        return int(row["position"]) if row else 0

    def advance(self, name: str, position: int, now: datetime) -> None:
        """Note that a job has done everything up to an article."""
        self._db.execute(
            """INSERT INTO jobs (name, started_at, position) VALUES (?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET position = max(position, excluded.position)""",
            [name, utc_text(now), position],
        )

    def finish(self, name: str) -> None:
        """Forget a job that came to its end."""
        self._db.execute("DELETE FROM jobs WHERE name = ?", [name])

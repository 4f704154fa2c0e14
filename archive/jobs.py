"""Long jobs over the archive, and how far they have come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlite_utils

from archive.records import utc_text


@dataclass(frozen=True, slots=True)
class Begun:
    """A job that is under way, or was interrupted."""

    name: str
    started_at: str
    position: int  # the last article that is done


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

    def pending(self, name: str) -> bool:
        """Is there such a job to be done?"""
        return self._db.execute("SELECT 1 FROM jobs WHERE name = ?", [name]).fetchone() is not None

    def begun(self) -> list[Begun]:
        """The jobs that have not come to their end."""
        return [
            Begun(*tuple(row)) for row in self._db.execute("SELECT name, started_at, position FROM jobs ORDER BY name")
        ]

    def work_off(
        self,
        name: str,
        do: Callable[[int], object],
        transaction: Callable[[], AbstractContextManager[None]],
        at_once: int,
        articles: str = "articles",
    ) -> int:
        """Do a job for each article, in the order of their ids and `at_once` in a transaction; gives their number. An
        interrupted call goes on where it was. `articles`: a table or query of ours with their `id`."""
        done = 0
        while True:
            with transaction():
                rows = self._db.execute(
                    f"SELECT DISTINCT id FROM {articles} WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
                    [self.position(name), at_once],
                ).fetchall()
                if not rows:
                    self.finish(name)
                    return done
                for row in rows:
                    do(row["id"])
                self.advance(name, rows[-1]["id"], datetime.now(UTC))
                done += len(rows)

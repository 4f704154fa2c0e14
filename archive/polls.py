"""What the polling policy keeps: the price of a look, and the states of the feeds by which looks are planned."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlite_utils

from archive.records import utc_text
from archive.text import json_text


@dataclass(frozen=True, slots=True)
class Polled:
    """A listing that is looked at by itself, with the slug of its source and how it was polled so far."""

    slug: str
    polling: Mapping[str, Any]
    next_check_at: str | None
    last_checked_at: str | None
    items: int


class Polls:
    """Reads and writes the `polling` table and the polling states of feeds. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def kept(self) -> Mapping[str, Any]:
        """What all feeds share; empty before the first look."""
        row = self._db.execute("SELECT state FROM polling").fetchone()
        state: Mapping[str, Any] = json.loads(row["state"]) if row else {}
        return state

    def keep(self, state: Mapping[str, Any], now: datetime) -> None:
        """Keep what all feeds share."""
        self._db.execute(
            """INSERT INTO polling (id, updated_at, state) VALUES (1, ?, ?)
               ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, state = excluded.state""",
            [utc_text(now), json_text(state)],
        )

    def feeds(self) -> list[Polled]:
        """The listings of all sources of the catalogue that are in use."""
        rows = self._db.execute(
            """SELECT s.slug, f.polling, f.next_check_at, f.last_checked_at, f.items
               FROM feeds f JOIN sources s ON s.id = f.source_id
               WHERE f.parent_id IS NULL AND f.status IN ('active', 'failing') AND s.in_catalog ORDER BY f.id"""
        )
        return [Polled(row[0], json.loads(row[1]), *tuple(row)[2:]) for row in rows]

    def state(self, feed_id: int) -> Mapping[str, Any]:
        """The polling state of one feed as it is now."""
        row = self._db.execute("SELECT polling FROM feeds WHERE id = ?", [feed_id]).fetchone()
        state: Mapping[str, Any] = json.loads(row["polling"])
        return state

    def replan(self, feed_id: int, state: Mapping[str, Any], until: datetime | None) -> None:
        """Change the state of a feed after its look, and with `until` when it is due."""
        self._db.execute(
            "UPDATE feeds SET polling = ?, next_check_at = coalesce(?, next_check_at) WHERE id = ?",
            [json_text(state), until and utc_text(until), feed_id],
        )

    def unknown(self, urls: Iterable[str]) -> set[str]:
        """Those of the URLs that no listing offered before."""
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM pages WHERE url = value)",
            [json.dumps(list(urls))],
        )
        return {row["value"] for row in rows}

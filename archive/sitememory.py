"""The table that keeps what extraction learned of each source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlite_utils

from archive.records import utc_text


class SiteMemory:
    """Reads and writes the `site_memory` table. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def load(self, source_id: int) -> Mapping[str, Any]:
        """The state of a source's memory; empty when nothing was learned yet."""
        row = self._db.execute("SELECT state FROM site_memory WHERE source_id = ?", [source_id]).fetchone()
        state: Mapping[str, Any] = json.loads(row["state"]) if row else {}
        return state

    def save(self, source_id: int, pages: float, state: Mapping[str, Any], now: datetime) -> None:
        """Keep the state of a source's memory."""
        self._db.execute(
            """INSERT INTO site_memory (source_id, updated_at, pages, state) VALUES (?, ?, ?, ?)
               ON CONFLICT (source_id) DO UPDATE SET updated_at = excluded.updated_at, pages = excluded.pages,
                   state = excluded.state""",
            [source_id, utc_text(now), pages, json.dumps(state, separators=(",", ":"))],
        )

"""The way back in time: which places are still to be read, what was found there and waits, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlite_utils

from archive.records import utc_text
from archive.text import clean, json_text

PREFIX = "backfill:"  # of `discovered_via`
HAS_IT = (
    "not_article",
    "trap",
    "duplicate",
    "blocked_noarchive",
    "refused_type",
)  # outcomes of a look that need no other
DETAIL_KEPT = 500  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """A listing, or a part of an archive's index. `oldest` and `newest` are days; "" where it does not say."""

    id: int
    source_id: int
    via: str
    url: str
    root: str
    oldest: str
    newest: str
    position: str
    done: bool
    attempts: int
    read_at: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be fetched. `moment`: UTC text, of an archive's copy that of its capture; "" when not known."""

    url: str
    moment: str = ""
    hint: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    via: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What was fetched on a day, or in a run."""

    pages: int = 0
    requests: int = 0
    bytes: int = 0


class Backfill:
    """Reads and writes the tables of the way back. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    # -- places ------------------------------------------------------------------------------------------------------

    def open_place(
        self, source_id: int, via: str, url: str, *, root: str = "", oldest: str = "", newest: str = ""
    ) -> Place:
        """Make a place known; what it is known to hold is brought up to date."""
        self._db.execute(
            """INSERT INTO backfill_places (source_id, via, url, root, oldest, newest) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (source_id, via, url) DO UPDATE SET oldest = excluded.oldest, newest = excluded.newest""",
            [source_id, via, url, root, oldest or None, newest or None],
        )
        place = self.place(source_id, via, url)
        assert place is not None
        return place

    def place(self, source_id: int, via: str, url: str) -> Place | None:
        """A place by its URL."""
        row = self._db.execute(
            "SELECT * FROM backfill_places WHERE source_id = ? AND via = ? AND url = ?", [source_id, via, url]
        ).fetchone()
        return _place(row) if row else None

    def next_place(self, source_id: int, via: str, since: str, until: str, without: Collection[int]) -> Place | None:
        """The newest place that is to be read and may hold something of the days from `since` to `until`; those that do
        not say what they hold come last."""
        rows = self._db.execute(
            """SELECT * FROM backfill_places WHERE source_id = ? AND via = ? AND NOT done
                   AND (newest IS NULL OR newest >= ?) AND (oldest IS NULL OR oldest <= ?)
               ORDER BY newest IS NULL, newest DESC, oldest DESC, id""",
            [source_id, via, since, until],
        )
        return next((_place(row) for row in rows if row["id"] not in without), None)

    def again(self, place_id: int) -> None:
        """Have a place read again, from its beginning."""
        self._db.execute("UPDATE backfill_places SET done = 0, attempts = 0, position = '' WHERE id = ?", [place_id])

    def read(self, place_id: int, now: datetime, *, done: bool = True, position: str = "", detail: str = "") -> None:
        """Note that a place was read, to its end (`done`) or up to a position."""
        self._db.execute(
            "UPDATE backfill_places SET done = ?, position = ?, attempts = 0, read_at = ?, detail = ? WHERE id = ?",
            [int(done), position, utc_text(now), clean(detail)[:DETAIL_KEPT], place_id],
        )

    def failed(self, place_id: int, detail: str) -> None:
        """Note that a place could not be read; it stays to be read."""
        self._db.execute(
            "UPDATE backfill_places SET attempts = attempts + 1, detail = ? WHERE id = ?",
            [clean(detail)[:DETAIL_KEPT], place_id],
        )

    # -- candidates --------------------------------------------------------------------------------------------------

    def add(self, source_id: int, via: str, candidates: Iterable[Candidate], *, versions: bool = False) -> int:
        """Keep what was found, unless the archive has it or it waits already; gives the number of new ones.

        With `versions` further copies of what is there are kept too, if their payload is another.
        """
        new = 0
        for one in candidates:
            if self.has(one, versions) or (not versions and self._waits(source_id, one.url)):
                continue
            if versions and self._waits_alike(source_id, one):
                continue
            new += self._db.execute(
                """INSERT INTO backfill_candidates (source_id, via, url, moment, hint) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (source_id, url, moment) DO NOTHING""",
                [source_id, via, one.url, one.moment, json_text(one.hint)],
            ).rowcount
        return new

    def newest(
        self, source_id: int, via: str, since: str, until: str, limit: int, now: datetime, without: Collection[int] = ()
    ) -> list[Candidate]:
        """What waits of the days from `since` to `until`, newest first and what has no time last, except those given."""
        rows = self._db.execute(
            """SELECT * FROM backfill_candidates WHERE source_id = ? AND via = ?
                   AND (moment = '' OR (moment >= ? AND substr(moment, 1, 10) <= ?))
                   AND (next_attempt_at IS NULL OR next_attempt_at <= ?)
               ORDER BY moment DESC, id LIMIT ?""",
            [source_id, via, since, until, utc_text(now), limit + len(without)],
        )
        return [_candidate(row) for row in rows if row["id"] not in without][:limit]

    def waiting(self, source_id: int, via: str, since: str, until: str) -> int:
        """How many wait of these days, whenever their time is."""
        row = self._db.execute(
            """SELECT count(*) FROM backfill_candidates WHERE source_id = ? AND via = ?
               AND (moment = '' OR (moment >= ? AND substr(moment, 1, 10) <= ?))""",
            [source_id, via, since, until],
        ).fetchone()
        return int(row[0])

    def drop(self, candidate_id: int) -> None:
        """Forget a candidate that has its end."""
        self._db.execute("DELETE FROM backfill_candidates WHERE id = ?", [candidate_id])

    def put_off(self, candidate_id: int, until: datetime, *, tried: bool) -> None:
        """Let a candidate wait."""
        self._db.execute(
            "UPDATE backfill_candidates SET next_attempt_at = ?, attempts = attempts + ? WHERE id = ?",
            [utc_text(until), int(tried), candidate_id],
        )

    def has(self, one: Candidate, versions: bool = False) -> bool:
        """Does the archive have what a candidate would bring: an article of that address, or a look that found none?
        With `versions`: that very copy, or its payload."""
        row = self._db.execute("SELECT article_id, outcome FROM pages WHERE url = ?", [one.url]).fetchone()
        if row is None:
            return self._is_address(one.url) and not versions
        if not versions or not row["article_id"]:
            return row["article_id"] is not None or row["outcome"] in HAS_IT
        digest = f"sha1:{one.hint.get('digest', '')}"
        found = self._db.execute(
            "SELECT 1 FROM captures c JOIN pages p ON p.id = c.page_id WHERE p.url = ? AND (c.fetched_at = ? OR c.digest = ?)",
            [one.url, one.moment, digest],
        ).fetchone()
        return found is not None

    def _is_address(self, url: str) -> bool:
        return self._db.execute("SELECT 1 FROM article_urls WHERE url = ?", [url]).fetchone() is not None

    def _waits(self, source_id: int, url: str) -> bool:
        row = self._db.execute("SELECT 1 FROM backfill_candidates WHERE source_id = ? AND url = ?", [source_id, url])
        return row.fetchone() is not None

    def _waits_alike(self, source_id: int, one: Candidate) -> bool:
        rows = self._db.execute(
            "SELECT hint FROM backfill_candidates WHERE source_id = ? AND url = ?", [source_id, one.url]
        )
        digest = one.hint.get("digest")
        return any(digest and json.loads(row["hint"]).get("digest") == digest for row in rows.fetchall())

    # -- what it costs -----------------------------------------------------------------------------------------------

    def spend(self, source_id: int, now: datetime, more: Spent) -> None:
        """Add to what was spent on a day."""
        self._db.execute(
            """INSERT INTO backfill_days (source_id, day, pages, requests, bytes) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (source_id, day) DO UPDATE SET pages = backfill_days.pages + excluded.pages,
                   requests = backfill_days.requests + excluded.requests, bytes = backfill_days.bytes + excluded.bytes""",
            [source_id, utc_text(now)[:10], more.pages, more.requests, more.bytes],
        )

    def spent(self, source_id: int, now: datetime) -> Spent:
        """What was spent today."""
        row = self._db.execute(
            "SELECT pages, requests, bytes FROM backfill_days WHERE source_id = ? AND day = ?",
            [source_id, utc_text(now)[:10]],
        ).fetchone()
        return Spent(row["pages"], row["requests"], row["bytes"]) if row else Spent()


def _place(row: Any) -> Place:
    return Place(
        id=row["id"],
        source_id=row["source_id"],
        via=row["via"],
        url=row["url"],
        root=row["root"],
        oldest=row["oldest"] or "",
        newest=row["newest"] or "",
        position=row["position"],
        done=bool(row["done"]),
        attempts=row["attempts"],
        read_at=row["read_at"] or "",
    )


def _candidate(row: Any) -> Candidate:
    return Candidate(
        url=row["url"],
        moment=row["moment"],
        hint=json.loads(row["hint"]),
        id=row["id"],
        via=row["via"],
        attempts=row["attempts"],
    )

"""The index of samples: which articles share some of a text's shingles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlite_utils

from archive.sketch import Sketch, unpacked

COMMON = 32  # articles, no two of one story: a shingle that more of them have is a phrase and finds nothing
RARE = 3  # articles: a shingle that no more of them have finds by itself
CANDIDATES = 6  # that are compared word for word
_HOLDERS = f"SELECT article_id FROM sketch_index WHERE hash = ? LIMIT {COMMON + 1}"  # noqa: S608  a number of ours
# the same for all keys at once, for PostgreSQL, where each question is a way to the server and back
_ALL_HOLDERS = f"""SELECT k, h.article_id FROM unnest($1::bigint[]) AS k CROSS JOIN LATERAL (
    SELECT article_id FROM sketch_index WHERE hash = k ORDER BY article_id LIMIT {COMMON + 1}) AS h"""  # noqa: S608 (a number of ours)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An article that shares some of a text's sample."""

    article_id: int
    shared: int  # hashes
    rare: int  # of these, hashes that few have: what is common to many is no sign of a copy


class Neighbours:
    """Keeps the samples of articles that stand for themselves or for a story. Writing belongs in a transaction."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def add(self, article_id: int, sketch: Sketch, captured_at: str) -> None:
        """Let an article be found, by this sample in place of an earlier one."""
        self.remove(article_id)
        self._db.execute(
            "INSERT INTO sketches (article_id, captured_on, hashes) VALUES (?, ?, ?)",
            [article_id, captured_at[:10], sketch.packed()],
        )
        self._db.conn.executemany(
            "INSERT INTO sketch_index (hash, article_id) VALUES (?, ?)", [(key, article_id) for key in sketch.hashes]
        )

    def remove(self, article_id: int) -> None:
        """Let an article be found no longer."""
        row = self._db.execute("SELECT hashes FROM sketches WHERE article_id = ?", [article_id]).fetchone()
        if row is None:
            return
        self._db.conn.executemany(
            "DELETE FROM sketch_index WHERE hash = ? AND article_id = ?",
            [(key, article_id) for key in unpacked(row["hashes"])],
        )
        self._db.execute("DELETE FROM sketches WHERE article_id = ?", [article_id])

    def forget(self, before: str, most: int) -> int:
        """Remove articles captured before a day, at most `most` at a time; gives their number."""
        rows = self._db.execute(
            "SELECT article_id FROM sketches WHERE captured_on < ? ORDER BY captured_on LIMIT ?", [before[:10], most]
        ).fetchall()
        for row in rows:
            self.remove(row["article_id"])
        return len(rows)

    def rebuild(self) -> None:
        """Make the index anew from the samples."""
        self._db.execute("DELETE FROM sketch_index")
        for row in self._db.execute("SELECT article_id, hashes FROM sketches").fetchall():
            self._db.conn.executemany(
                "INSERT INTO sketch_index (hash, article_id) VALUES (?, ?)",
                [(key, row["article_id"]) for key in unpacked(row["hashes"])],
            )

    def near(self, article_id: int, sketch: Sketch, since: str, until: str) -> list[Neighbour]:
        """Articles captured from the day `since` to the day `until` that share the most of a sample, and of it what few
        others have."""
        held = self._holders(article_id, sketch)
        weight: defaultdict[int, float] = defaultdict(float)
        shared: defaultdict[int, int] = defaultdict(int)
        rare: defaultdict[int, int] = defaultdict(int)
        for holders in held:
            for holder in holders:
                shared[holder] += 1
                if len(holders) <= COMMON:
                    weight[holder] += 1 / len(holders)
                if len(holders) <= RARE:
                    rare[holder] += 1
        close = sorted(weight, key=lambda key: (-weight[key], key))
        found = [Neighbour(key, shared[key], rare[key]) for key in close if rare[key] or shared[key] > 1]
        return [one for one in found[: 2 * CANDIDATES] if self._within(one.article_id, since, until)][:CANDIDATES]

    def _holders(self, article_id: int, sketch: Sketch) -> list[list[int]]:
        """Which other articles have each of the hashes."""
        native = getattr(self._db, "native", None)
        if native is None:
            ask = self._db.conn.execute  # dozens of times an article, and not through what watches over writing
            return [[row[0] for row in ask(_HOLDERS, [key]) if row[0] != article_id] for key in sketch.hashes]
        found: dict[int, list[int]] = {key: [] for key in sketch.hashes}
        for key, holder in native(_ALL_HOLDERS, [list(found)]):
            if holder != article_id:
                found[key].append(holder)
        return [found[key] for key in sketch.hashes]

    def _within(self, article_id: int, since: str, until: str) -> bool:
        row = self._db.execute("SELECT captured_on FROM sketches WHERE article_id = ?", [article_id]).fetchone()
        return row is not None and since <= row["captured_on"] <= until

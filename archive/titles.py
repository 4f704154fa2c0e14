"""Headlines of a source: a line that is one of them is a link to another article, and no part of the one it stands in."""

from __future__ import annotations

from functools import cache

import sqlite_utils

from archive.likeness import normalise
from archive.noise import Recurs

LATEST = 2000  # articles whose headlines are looked at; boxes show new ones


def titled_of(db: sqlite_utils.Database, source_id: int) -> Recurs:
    """Tells of a line, normalised, whether it is a headline of the source. Nothing is read before it is asked."""

    @cache
    def titles() -> frozenset[str]:
        rows = db.execute(
            "SELECT title FROM articles WHERE source_id = ? ORDER BY published_at DESC LIMIT ?", [source_id, LATEST]
        )
        return frozenset(normalise(row[0]) for row in rows if row[0])

    return lambda line: line in titles()

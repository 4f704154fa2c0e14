"""Related articles: others of those days and that language whose headlines share its rare words.

What it costs does not grow with the archive: only the articles that were filed around it are looked at.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from archive.folding import fold
from archive.holdings import Article
from archive.records import parse_utc, utc_text

AROUND = 10_000  # articles filed before and after that are looked at; three weeks of a hundred sources
WINDOW = timedelta(days=14)
MOST_WORDS = 24  # of a headline
MOST_HITS = 400  # headlines with a word; it is no rare one then,
COMMON = 0.02  # and neither where this share of the headlines around has it,
FEW = 2  # but in a small archive so many are few
RAREST = 8  # words that are looked at
MOST_CANDIDATES = 60  # articles that are read
MOST_SHOWN = 6
SHARED = 2  # words or tags; a single one is chance
SAME_SOURCE = 1.0  # what it adds to the logarithms of how rare the words are


@dataclass(frozen=True, slots=True)
class Related:
    """An article that is about the same thing, as far as headlines tell."""

    id: int
    title: str
    language: str
    source: str
    name: str
    published_at: str


def related(conn: sqlite3.Connection, article: Article) -> list[Related]:
    """Articles near in time that are no copies of it, the most alike first."""
    shared: dict[int, list[float]] = defaultdict(list)  # by article, how rare each of the words is
    for hits in sorted(_hits(conn, article), key=len)[:RAREST]:
        for hit in hits:
            shared[hit].append(math.log(2 * AROUND / len(hits)))
    ids = sorted(shared, key=lambda one: (-sum(shared[one]), abs(one - article.id)))[:MOST_CANDIDATES]
    if not ids:
        return []
    moment = parse_utc(article.published_at or article.first_seen_at)
    rows = conn.execute(
        f"""SELECT a.id, a.title, a.language, s.slug AS source, s.name, a.tags,
                   coalesce(a.published_at, a.first_seen_at) AS published_at
            FROM articles a JOIN sources s ON s.id = a.source_id
            WHERE a.id IN ({", ".join("?" * len(ids))}) AND a.language = ? AND (a.story_id IS NULL OR a.story_id IS NOT ?)
              AND coalesce(a.published_at, a.first_seen_at) BETWEEN ? AND ?""",  # noqa: S608  question marks
        [*ids, article.language, article.story_id, utc_text(moment - WINDOW)[:10], utc_text(moment + WINDOW)],
    )
    scored = []
    for row in rows:
        tags = len(set(article.tags) & set(json.loads(row["tags"])))
        if len(shared[row["id"]]) + tags >= SHARED:
            score = sum(shared[row["id"]]) + tags + SAME_SOURCE * (row["source"] == article.source)
            scored.append((-score, abs(row["id"] - article.id), row))
    scored.sort(key=lambda one: one[:2])
    return [Related(**{name: row[name] for name in Related.__dataclass_fields__}) for _, _, row in scored[:MOST_SHOWN]]


def _hits(conn: sqlite3.Connection, article: Article) -> list[list[int]]:
    """For each word of the headline that is rare enough, the other articles around that have it in theirs."""
    newest = conn.execute("SELECT max(id) FROM articles").fetchone()[0] or 0
    around = min(article.id + AROUND, newest) - max(article.id - AROUND, 0)
    most = max(FEW, min(MOST_HITS, int(around * COMMON)))
    found = []
    for word in list(dict.fromkeys(fold(article.title).split()))[:MOST_WORDS]:
        rows = conn.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?",
            [f'{{title title_folded}} : "{word}"', article.id - AROUND, article.id + AROUND, most + 2],
        ).fetchall()
        hits = [int(row["rowid"]) for row in rows if row["rowid"] != article.id]
        if 0 < len(hits) <= most:
            found.append(hits)
    return found

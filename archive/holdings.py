"""Articles and versions as they are read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.query import compile_query
from archive.search import moment_text

LARGEST = 2**63 - 1  # number that SQLite takes
PAGE_SIZE = 500  # rows read at a time, so that a reader that pauses does not hold a snapshot for long


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. Times are UTC text; `published_at` may be a day only."""

    id: int
    url: str
    canonical_url: str
    source: str
    title: str
    text: str
    reading: str
    summary: str
    language: str
    section: str
    published_at: str | None
    published_raw: str
    modified_at: str | None
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    agency: str
    dateline: str
    tags: tuple[str, ...]
    image_url: str
    paywalled: bool
    first_seen_at: str
    last_seen_at: str
    withdrawn_at: str | None
    version: int
    word_count: int
    provenance: dict[str, str]
    story_id: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article."""

    version: int
    captured_at: str
    title: str
    text: str


_MOMENT = "coalesce(a.published_at, a.first_seen_at)"
_SELECT = "SELECT a.*, s.slug AS source FROM articles a JOIN sources s ON s.id = a.source_id"


def articles(
    conn: sqlite3.Connection,
    *,
    source: str | None,
    language: str | None,
    since: str | None,
    until: str | None,
    query: str | None,
) -> Iterator[Article]:
    """Articles in the order in which they were stored; see `Archive.articles`."""
    for name, text in (("since", since), ("until", until)):
        if text is not None:
            moment_text(text, name)
    match = None if query is None else compile_query(query)
    if match == "":  # without letters or digits
        return
    found = "" if match is None else "JOIN articles_fts f ON f.rowid = a.id AND articles_fts MATCH :match"
    column = "a.id" if match is None else "f.rowid"  # the index gives its rows in this order, from any one on
    last = 0
    while True:
        rows = conn.execute(
            f"""{_SELECT} {found} WHERE {column} > :last AND (:source IS NULL OR s.slug = :source)
                AND (:language IS NULL OR a.language = :language)
                AND (:since IS NULL OR {_MOMENT} >= substr(:since, 1, length({_MOMENT})))
                AND (:until IS NULL OR substr({_MOMENT}, 1, length(:until)) <= :until)
                ORDER BY {column} LIMIT {PAGE_SIZE}""",
            {
                "last": last,
                "source": source,
                "language": language,
                "since": since,
                "until": until,
                "match": match,
            },
        ).fetchall()
        if not rows:
            return
        for row in rows:
            yield _article(row)
        last = rows[-1]["id"]


def article(conn: sqlite3.Connection, key: int | str) -> Article | None:
    """One article by its id or by any URL under which it is known."""
    if isinstance(key, str):
        row = conn.execute("SELECT article_id FROM article_urls WHERE url = ?", [key]).fetchone()
        if row is None:
            return None
        key = int(row[0])
    if not 0 < key <= LARGEST:
        return None
    row = conn.execute(f"{_SELECT} WHERE a.id = ?", [key]).fetchone()
    return _article(row) if row else None


def versions(conn: sqlite3.Connection, article_id: int) -> list[Version]:
    """Every version of an article, oldest first by the time of its capture."""
    rows = conn.execute(
        """SELECT version, captured_at, title, text FROM article_versions WHERE article_id = ?
           ORDER BY captured_at, version""",
        [article_id],
    )
    return [Version(**dict(row)) for row in rows]


def _article(row: Any) -> Article:
    fields = {name: row[name] for name in Article.__dataclass_fields__}
    for name in ("authors", "editors", "tags"):
        fields[name] = tuple(json.loads(fields[name]))
    fields["provenance"] = json.loads(fields["provenance"])
    fields["paywalled"] = bool(fields["paywalled"])
    return Article(**fields)

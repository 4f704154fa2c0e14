"""Articles and versions as they are read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.filters import conditions, given
from archive.query import Query, match_expression, parse_query

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
    narrowed = given(language, source, since, until)
    parsed = Query() if query is None else parse_query(query)
    if query is not None and not (parsed.wanted or parsed.filters):  # without letters or digits
        return
    narrowed += conditions(conn, parsed)
    match = match_expression(parsed)
    found = "JOIN articles_fts f ON f.rowid = a.id AND articles_fts MATCH ?" if match else ""
    column = "f.rowid" if match else "a.id"  # the index gives its rows in this order, from any one on
    where = "".join(f" AND {one.sql}" for one in narrowed)
    values = [value for one in narrowed for value in one.values]
    last = 0
    while True:
        rows = conn.execute(
            f"{_SELECT} {found} WHERE {column} > ?{where} ORDER BY {column} LIMIT {PAGE_SIZE}",
            [*([match] if match else []), last, *values],
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

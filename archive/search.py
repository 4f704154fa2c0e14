"""Search: the articles that match a query, best first, each with an excerpt that shows why."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from archive.errors import QueryError
from archive.excerpts import excerpt
from archive.query import Query, compile_query, match_expression, parse_query
from archive.records import parse_utc, utc_text

__all__ = ["Hit", "Query", "compile_query", "search"]

RANKED = 1000  # matches whose order takes their age into account: joining costs three times what ranking does
TITLE_WEIGHT = 8.0  # a word in the title says more than one in the text
RECENCY_WEIGHT = 0.2  # the newest match gains a fifth: enough to order equals, too little to bury a better match
RECENCY_HALF_LIFE = 180.0  # days
_BM25 = f"bm25(articles_fts, {TITLE_WEIGHT}, 1.0, {TITLE_WEIGHT}, 1.0)"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that matches; `score` is higher for a better match and has no unit."""

    id: int
    url: str
    title: str
    source: str  # slug
    language: str
    published_at: str | None
    snippet: str
    score: float


@dataclass(frozen=True, slots=True)
class _Ranked:
    id: int
    score: float


def search(
    conn: sqlite3.Connection,
    query: str,
    *,
    language: str | None = None,
    source: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int = 20,
    offset: int = 0,
    marks: tuple[str, str] = ("", ""),
) -> Iterator[Hit]:
    """Find articles, best first; a query without letters or digits finds none.

    `since` and `until` are days (`until` with the whole day) or times as `utc_text` writes them; they are compared with
    the time of publication or, where it is not known, of the first sight. `marks` are put around what matched in the
    excerpt. Raises QueryError for a query or a time that cannot be read.
    """
    parsed = parse_query(query)
    match = match_expression(parsed)
    filters = _filters(language, source, since, until)
    if not match or limit <= 0:
        return iter(())
    ranked = _rank(conn, match, filters, max(RANKED, max(offset, 0) + limit))
    return _hits(conn, ranked[max(offset, 0) : max(offset, 0) + limit], parsed, marks)


def _filters(
    language: str | None, source: str | None, since: str | None, until: str | None
) -> list[tuple[str, str]]:
    moment = "coalesce(a.published_at, a.first_seen_at)"
    conditions: list[tuple[str, str]] = []
    if language is not None:
        conditions.append(("a.language = ?", language))
    if source is not None:
        conditions.append(("a.source_id = (SELECT id FROM sources WHERE slug = ?)", source))
    if since is not None:
        conditions.append((f"{moment} >= ?", moment_text(since, "since")))
    if until is not None:
        text = moment_text(until, "until")
        conditions.append((f"substr({moment}, 1, {len(text)}) <= ?", text))
    return conditions


def moment_text(text: str, name: str) -> str:
    """A day as it is, a time as `utc_text` writes it; `name` is for the message. Raises QueryError."""
    try:
        moment = parse_utc(text)
    except ValueError as error:
        message = f"“{text}” is not a date for “{name}”: write it as 2024-05-31 or 2024-05-31T14:00:00Z."
        raise QueryError(message) from error
    return text if _DAY.fullmatch(text) else utc_text(moment)


def _rank(conn: sqlite3.Connection, match: str, filters: list[tuple[str, str]], count: int) -> list[_Ranked]:
    """Rank by words first, then lift the newer ones among the first `RANKED`; what follows stays in its order."""
    join = "JOIN articles a ON a.id = articles_fts.rowid" if filters else ""
    where = "".join(f" AND {condition}" for condition, _ in filters)
    rows = conn.execute(
        f"""SELECT r.id, r.rank, b.published_day FROM (
                SELECT articles_fts.rowid AS id, {_BM25} AS rank FROM articles_fts {join}
                WHERE articles_fts MATCH ?{where} ORDER BY 2, 1 DESC LIMIT ?
            ) r JOIN articles b ON b.id = r.id ORDER BY r.rank, r.id DESC""",  # noqa: S608 (constants of this module only)
        [match, *(value for _, value in filters), count],
    ).fetchall()
    days = [_ordinal(row[2]) for row in rows[:RANKED]]
    newest = max((day for day in days if day is not None), default=0)
    lifted = [
        _Ranked(row[0], -row[1] * (1 + _freshness(day, newest))) for row, day in zip(rows[:RANKED], days, strict=True)
    ]
    lifted.sort(key=lambda hit: (-hit.score, -hit.id))
    return lifted + [_Ranked(row[0], -row[1]) for row in rows[RANKED:]]


def _ordinal(day: str | None) -> int | None:
    try:
        return date.fromisoformat(day).toordinal() if day else None
    except ValueError:
        return None


def _freshness(day: int | None, newest: int) -> float:
    """What a match gains for its age against the newest match, so that the order does not depend on when one asks."""
    return 0.0 if day is None else float(RECENCY_WEIGHT * 0.5 ** ((newest - day) / RECENCY_HALF_LIFE))


def _hits(conn: sqlite3.Connection, ranked: list[_Ranked], query: Query, marks: tuple[str, str]) -> Iterator[Hit]:
    for hit in ranked:
        row = conn.execute(
            """SELECT a.url, a.title, s.slug, a.language, a.published_at, a.text
               FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.id = ?""",
            [hit.id],
        ).fetchone()
        if row is None:
            continue  # deleted since it was ranked
        snippet = excerpt(row[5], query, marks=marks)
        yield Hit(hit.id, row[0], row[1], row[2], row[3], row[4], snippet, hit.score)

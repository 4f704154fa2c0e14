"""Search: the articles that match a query, best first, each with an excerpt that shows why."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from archive.errors import QueryError
from archive.excerpts import excerpt
from archive.filters import MOMENT, Condition, conditions, given, moment_text
from archive.query import Query, compile_query, match_expression, parse_query

__all__ = ["ORDERS", "Hit", "Query", "compile_query", "moment_text", "search"]

ORDERS = ("best", "newest")

RANKED = 1000  # matches whose order takes their age into account: joining costs three times what ranking does
TITLE_WEIGHT = 8.0  # a word in the title says more than one in the text
RECENCY_WEIGHT = 0.2  # the newest match gains a fifth: enough to order equals, too little to bury a better match
RECENCY_HALF_LIFE = 180.0  # days
BM25 = f"bm25(articles_fts, {TITLE_WEIGHT}, 1.0, {TITLE_WEIGHT}, 1.0)"


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


def search(
    conn: sqlite3.Connection,
    query: str,
    *,
    language: str | None = None,
    source: str | None = None,
    since: str | None = None,
    until: str | None = None,
    order: str = "best",
    limit: int = 20,
    offset: int = 0,
    marks: tuple[str, str] = ("", ""),
) -> Iterator[Hit]:
    """Find articles, best first or newest first; what has neither letters, digits nor filters finds none.

    `since` and `until` are days (`until` with the whole day) or times as `utc_text` writes them; they are compared with
    the time of publication or, where it is not known, of the first sight. `marks` are put around what matched in the
    excerpt. Raises QueryError for a query, a time or an order that cannot be read.
    """
    parsed = parse_query(query)
    if order not in ORDERS:
        raise QueryError(f"there is no order {order!r}: {', '.join(ORDERS)}")
    outside = given(language, source, since, until)
    if not (parsed.wanted or parsed.filters) or limit <= 0:
        return iter(())
    narrowed = [*conditions(conn, parsed), *outside]
    first = max(offset, 0)
    if parsed.wanted and order == "best":
        ranked = _rank(conn, match_expression(parsed), narrowed, max(RANKED, first + limit))
    else:
        ranked = _newest(conn, match_expression(parsed), narrowed, first + limit)
    return _hits(conn, ranked[first : first + limit], parsed, marks)


def _rank(conn: sqlite3.Connection, match: str, narrowed: list[Condition], count: int) -> list[tuple[int, float]]:
    """(id, score) by words first, then the newer ones lifted among the first `RANKED`."""
    join = "JOIN articles a ON a.id = articles_fts.rowid" if narrowed else ""
    where = "".join(f" AND {one.sql}" for one in narrowed)
    rows = conn.execute(
        f"""SELECT r.id, r.rank, b.published_day FROM (
                SELECT articles_fts.rowid AS id, {BM25} AS rank FROM articles_fts {join}
                WHERE articles_fts MATCH ?{where} ORDER BY 2, 1 DESC LIMIT ?
            ) r JOIN articles b ON b.id = r.id ORDER BY r.rank, r.id DESC""",  # noqa: S608 (constants of ours only)
        [match, *(value for one in narrowed for value in one.values), count],
    ).fetchall()
    first = lifted([(row[0], -row[1], _ordinal(row[2])) for row in rows[:RANKED]])
    return first + [(row[0], -row[1]) for row in rows[RANKED:]]


def _newest(conn: sqlite3.Connection, match: str, narrowed: list[Condition], count: int) -> list[tuple[int, float]]:
    wanted = "a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)" if match else "1"
    where = "".join(f" AND {one.sql}" for one in narrowed)
    rows = conn.execute(
        f"SELECT a.id FROM articles a WHERE {wanted}{where} ORDER BY {MOMENT} DESC, a.id DESC LIMIT ?",  # noqa: S608 (the same)
        [*([match] if match else []), *(value for one in narrowed for value in one.values), count],
    )
    return [(row[0], 0.0) for row in rows]


def lifted(ranked: list[tuple[int, float, int | None]]) -> list[tuple[int, float]]:
    """(id, score) in order, from (id, score by words alone, day as an ordinal); what is newer gains a little."""
    newest = max((day for _, _, day in ranked if day is not None), default=0)
    scored = [(number, score * (1 + _freshness(day, newest))) for number, score, day in ranked]
    return sorted(scored, key=lambda pair: (-pair[1], -pair[0]))


def _ordinal(day: str | None) -> int | None:
    try:
        return date.fromisoformat(day).toordinal() if day else None
    except ValueError:
        return None


def _freshness(day: int | None, newest: int) -> float:
    """What a match gains for its age against the newest match, so that the order does not depend on when one asks."""
    return 0.0 if day is None else float(RECENCY_WEIGHT * 0.5 ** ((newest - day) / RECENCY_HALF_LIFE))


def _hits(
    conn: sqlite3.Connection, ranked: list[tuple[int, float]], query: Query, marks: tuple[str, str]
) -> Iterator[Hit]:
    for number, score in ranked:
        row = conn.execute(
            """SELECT a.url, a.title, s.slug, a.language, a.published_at, a.text
               FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.id = ?""",
            [number],
        ).fetchone()
        if row is None:
            continue  # deleted since it was ranked
        snippet = excerpt(row[5], query, marks=marks)
        yield Hit(number, row[0], row[1], row[2], row[3], row[4], snippet, score)

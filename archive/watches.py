"""Watches: saved searches that tell of new matches.

A watch remembers the last article that it looked at, in the transaction in which its message is written: nothing is told twice,
and nothing is passed over. A new version counts when the article matches now and none of its earlier versions did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from archive.filters import conditions
from archive.folding import fold_columns
from archive.query import Query, match_expression, parse_query
from archive.records import parse_utc, utc_text

LISTED = 50  # articles of one message; of more the number is told
OVERLAP = timedelta(minutes=10)  # between the capture of a version and its commit


@dataclass(frozen=True, slots=True)
class Match:
    """An article that a watch found; `copies`: others of its story that it found with it."""

    id: int
    title: str
    source: str  # its name
    url: str
    changed: bool  # an article known before, that matches since its last version
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What is new for a watch: the first ones, and how many there are, copies of one story counted once."""

    matches: tuple[Match, ...]
    number: int


NOTHING = Found((), 0)


@dataclass(frozen=True, slots=True)
class Look:
    """A look of a watch: what it found, and how far it looked."""

    name: str
    query: str
    at: str
    found: Found
    position: int
    changes: tuple[tuple[int, int], ...]


def look(conn: sqlite3.Connection, name: str, text: str, now: datetime, watched_since: str = "") -> Look:
    """What came since the last look of a watch; for its first look, and its first with another query, since it was set up
    (`watched_since`, UTC; where that is not known it only finds out where it begins). Only reads. Raises QueryError for a query
    that cannot be read."""
    newest = int(conn.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])
    known = conn.execute("SELECT * FROM watches WHERE name = ?", [name]).fetchone()
    found, told = NOTHING, []
    query = parse_query(text)
    if known is not None and known["query"] == text:
        since = utc_text(parse_utc(known["looked_at"]) - OVERLAP)
        position, before = int(known["position"]), {(one, version) for one, version in json.loads(known["changes"])}
    else:
        since, before = watched_since, set()
        position = _last_before(conn, since) if since else newest
    if since:
        fresh = _live(conn, matching(conn, query, "{id} > ? AND {id} <= ?", [position, newest]))
        changed = _changed(conn, query, position, since, before)
        told = [*_recent(conn, before, since), *changed]
        found = _collapsed(conn, fresh, [article for article, _ in changed])
    return Look(name, text, utc_text(now), found, newest, tuple(sorted(told)))


def _last_before(conn: sqlite3.Connection, since: str) -> int:
    """The article before the first that was seen since then; what was imported later is behind it, whatever its time."""
    first = conn.execute("SELECT min(id) FROM articles WHERE first_seen_at >= ?", [since]).fetchone()[0]
    return (
        int(first if first is not None else conn.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0])
        - 1
    )


def note(db: sqlite_utils.Database, one: Look) -> None:
    """Remember how far a watch has looked: in the transaction that writes the message which tells what it found."""
    db.execute(
        """INSERT INTO watches (name, query, position, looked_at, changes) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET query = excluded.query, position = excluded.position, looked_at = excluded.looked_at,
               changes = excluded.changes""",
        [one.name, one.query, one.position, one.at, json.dumps(one.changes)],
    )


def looked(conn: sqlite3.Connection) -> dict[str, str]:
    """When each watch last looked, by name."""
    return {row[0]: row[1] for row in conn.execute("SELECT name, looked_at FROM watches")}


def forget(db: sqlite_utils.Database, kept: Iterable[str]) -> None:
    """Forget the watches that are no more. Inside a transaction."""
    db.execute("DELETE FROM watches WHERE name NOT IN (SELECT value FROM json_each(?))", [json.dumps(list(kept))])


def matching(conn: sqlite3.Connection, query: Query, narrow: str, values: Sequence[int | str]) -> list[int]:
    """Ids of the articles that match and fulfil a condition on their `{id}`, ascending."""
    match = match_expression(query)
    narrowed = conditions(conn, query)
    where = " AND ".join([narrow.format(id="a.id"), *(one.sql for one in narrowed)])
    parameters = [*values, *(value for one in narrowed for value in one.values)]
    if not match:
        rows = conn.execute(f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.id", parameters)  # noqa: S608 (ours)
    else:
        # the index gives its matches by rowid, so that it reads only what came since
        rowid = narrow.format(id="articles_fts.rowid")
        rows = conn.execute(
            f"""SELECT a.id FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid
                WHERE articles_fts MATCH ? AND {rowid} AND {where} ORDER BY articles_fts.rowid""",  # noqa: S608 (ours)
            [match, *values, *parameters],
        )
    return [row[0] for row in rows]


def _live(conn: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Those of some articles that came in live: what was found by going back in time is no news."""
    rows = conn.execute(
        """SELECT a.id FROM json_each(?) j JOIN articles a ON a.id = j.value AND a.discovered_via = ''
           ORDER BY j.key""",
        [json.dumps(ids)],
    )
    return [row[0] for row in rows]


def _changed(
    conn: sqlite3.Connection, query: Query, position: int, since: str, before: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Articles known before that match since a version that came of late, with that version."""
    rows = conn.execute(
        "SELECT article_id, max(to_version) FROM changes WHERE changed_at >= ? AND article_id <= ? GROUP BY 1",
        [since, position],
    ).fetchall()
    latest = {row[0]: row[1] for row in rows if (row[0], row[1]) not in before}
    match = match_expression(query)
    if not latest or not match:  # without words there is nothing that a new version could match newly
        return []
    among = matching(conn, query, "{id} IN (SELECT value FROM json_each(?))", [json.dumps(list(latest))])
    return [(one, latest[one]) for one in among if not _matched_before(conn, match, one)]


def _matched_before(conn: sqlite3.Connection, match: str, article: int) -> bool:
    """Did an earlier version of an article match? Asked of an index of these alone."""
    rows = conn.execute(
        """SELECT v.title, v.text FROM article_versions v JOIN articles a ON a.id = v.article_id
           WHERE v.article_id = ? AND v.version != a.version""",
        [article],
    ).fetchall()
    with closing(sqlite3.connect(":memory:")) as apart:
        apart.execute(
            """CREATE VIRTUAL TABLE articles_fts USING fts5(title, text, title_folded, text_folded,
               tokenize="unicode61 remove_diacritics 2")"""
        )
        apart.executemany(
            "INSERT INTO articles_fts VALUES (?, ?, ?, ?)",
            [(row["title"], row["text"], *fold_columns(row["title"], row["text"])) for row in rows],
        )
        return (
            apart.execute("SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT 1", [match]).fetchone()
            is not None
        )


def _recent(conn: sqlite3.Connection, told: set[tuple[int, int]], since: str) -> list[tuple[int, int]]:
    """Of the versions that were told of, those that the next look might meet again."""
    sql = "SELECT 1 FROM changes WHERE article_id = ? AND to_version = ? AND changed_at >= ?"
    return [one for one in told if conn.execute(sql, [*one, since]).fetchone()]


def _collapsed(conn: sqlite3.Connection, fresh: Sequence[int], changed: Sequence[int]) -> Found:
    """One line for each story, in the order in which they came."""
    rows = conn.execute(
        """SELECT a.id, a.title, s.name, a.url, a.story_id FROM json_each(?) j JOIN articles a ON a.id = j.value
           JOIN sources s ON s.id = a.source_id ORDER BY j.key""",
        [json.dumps([*fresh, *changed])],
    )
    lines: dict[tuple[str, int], Match] = {}
    copies: dict[tuple[str, int], int] = {}
    for number, title, source, url, story in rows:
        key = ("story", story) if story else ("article", number)
        copies[key] = copies.get(key, -1) + 1
        lines.setdefault(key, Match(number, title, source, url, number in set(changed)))
    first = [
        Match(one.id, one.title, one.source, one.url, one.changed, copies[key])
        for key, one in list(lines.items())[:LISTED]
    ]
    return Found(tuple(first), len(lines))

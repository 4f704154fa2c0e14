"""The full-text index of an archive on PostgreSQL against the articles that it is made of."""

from __future__ import annotations

import sqlite3

from archive.postgres.columns import COLUMNS
from archive.postgres.tokens import tokens_of_columns

PAGE = 500  # articles whose texts are in memory together
_MISSING = "SELECT count(*) FROM (SELECT id FROM articles EXCEPT SELECT id FROM articles_fts) d"
_STRAY = "SELECT count(*) FROM (SELECT id FROM articles_fts EXCEPT SELECT id FROM articles) d"
_TOTALS = """SELECT count(*) FROM articles_fts_totals t WHERE t.articles = (SELECT count(*) FROM articles_fts)
    AND t.tokens = (SELECT coalesce(sum(size), 0) FROM articles_fts)"""
_TEXTS = f"""SELECT s.id, {", ".join(f"s.{name}" for name in COLUMNS)}, {", ".join(f"f.{name}" for name in COLUMNS)}
    FROM articles_search s JOIN articles_fts f ON f.id = s.id WHERE s.id > ? ORDER BY s.id LIMIT ?"""  # noqa: S608 (names of ours)


def trouble(conn: sqlite3.Connection, *, quick: bool) -> str:
    """What is wrong with the index; "" when it is sound. `quick` does not read the texts."""
    waiting, missing, stray, totals = (
        int(conn.execute(sql).fetchone()[0])
        for sql in ("SELECT count(*) FROM articles_unindexed", _MISSING, _STRAY, _TOTALS)
    )
    if missing or stray or waiting:
        return f"{missing} articles are missing in it, {stray} in it are none, {waiting} changed since it was written"
    if not totals:
        return "its totals are not those of its rows"
    different = 0 if quick else _different(conn)
    return f"{different} articles have other words than it says" if different else ""


def _different(conn: sqlite3.Connection) -> int:
    last, found, many = -1, 0, len(COLUMNS)
    while rows := conn.execute(_TEXTS, [last, PAGE]).fetchall():
        for row in rows:
            texts, indexed = tuple(row)[1 : 1 + many], tuple(row)[1 + many :]
            found += tokens_of_columns(texts) != [text.split() for text in indexed]
        last = rows[-1][0]
    return found


def rebuild(conn: sqlite3.Connection) -> None:
    """Make the index anew. Inside a transaction, whose end writes it."""
    conn.execute("DELETE FROM articles_fts")
    conn.execute("UPDATE articles_fts_totals SET articles = 0, tokens = 0")
    conn.execute("INSERT INTO articles_unindexed (id) SELECT id FROM articles ON CONFLICT DO NOTHING")

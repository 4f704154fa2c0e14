"""The full-text index of an archive on PostgreSQL: the tokens of the articles that changed, written down in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archive.postgres.columns import COLUMNS
from archive.postgres.matching import CUT, LONGEST_WORD
from archive.postgres.tokens import tokens_of_columns

AT_ONCE = 500  # articles whose texts are in memory together
MOST_WORDS = 900_000  # bytes of different tokens of an article; tsvector takes 1 MB

_STALE = """WITH stale AS (DELETE FROM articles_unindexed WHERE id IN (SELECT id FROM articles_unindexed ORDER BY id LIMIT $1)
                          RETURNING id)
    SELECT stale.id, s.title, s.text, s.title_folded, s.text_folded
    FROM stale LEFT JOIN articles_search s ON s.id = stale.id"""
_NEXT = """SELECT id, title, text, title_folded, text_folded FROM articles_search WHERE id > $1 ORDER BY id LIMIT $2"""
_PUT = """INSERT INTO articles_fts AS f (id, title, text, title_folded, text_folded, size, words, cut)
    VALUES ($1, $2, $3, $4, $5, $6, array_to_tsvector(string_to_array($7, ' ')), $8 <> 0)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text, title_folded = excluded.title_folded,
        text_folded = excluded.text_folded, size = excluded.size, words = excluded.words, cut = excluded.cut"""


def bring_up(cursor: Callable[[], Any]) -> int:
    """Write down the tokens of what changed; gives the number of articles. Belongs in the transaction of the change."""
    done = 0
    while True:
        rows = cursor().execute(_STALE, [AT_ONCE]).fetchall()
        present = [_row(row) for row in rows if row[1] is not None]
        if present:
            cursor().executemany(_PUT, present)
        done += len(present)
        if len(rows) < AT_ONCE:
            return done


def fill(cursor: Callable[[], Any]) -> None:
    """Write down the tokens of all articles, where none is written down; the totals are left to the caller."""
    last = -1
    while rows := cursor().execute(_NEXT, [last, AT_ONCE]).fetchall():
        cursor().executemany(_PUT, [_row(row) for row in rows])
        last = rows[-1][0]


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    found = tokens_of_columns(tuple(row[1 : 1 + len(COLUMNS)]))
    columns = ["".join(f" {token} " for token in tokens) for tokens in found]
    words = _words({token for tokens in found for token in tokens})
    # no token has a space; psycopg takes several times as long to write an array of texts
    return (row[0], *columns, sum(map(len, found)), " ".join(words), CUT in words)


def _words(tokens: set[str]) -> list[str]:
    """Different tokens, as far as a tsvector takes them; with CUT, if it does not take all."""
    words = sorted({token[:LONGEST_WORD] for token in tokens})
    size = 0
    kept: list[str] = []
    for word in words:
        size += len(word.encode())
        if size > MOST_WORDS:
            return [CUT, *kept]
        kept.append(word)
    return kept

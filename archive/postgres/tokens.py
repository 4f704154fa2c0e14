"""Tokens as SQLite's full-text index has them: made by its own tokenizer, on a database in memory."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from threading import local
from typing import Any

# as in archive/migrations/0002_search.sql
_TOKENIZER = "unicode61 remove_diacritics 2"
_OWN = local()  # a connection of its own for each thread


def tokens_of_columns(columns: tuple[str, ...]) -> list[list[str]]:
    """The tokens of each of some texts, in order."""
    conn = _connection(len(columns))
    places = ", ".join("?" * len(columns))
    conn.execute(f"INSERT INTO t (rowid, {_names(len(columns))}) VALUES (1, {places})", columns)  # noqa: S608 (names of ours)
    try:
        rows = conn.execute("SELECT col, offset, term FROM v").fetchall()
    finally:
        conn.execute("INSERT INTO t (t) VALUES ('delete-all')")
    rows.sort()
    found: list[list[str]] = [[] for _ in columns]
    for column, _, term in rows:
        found[int(column[1:])].append(term)
    return found


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> tuple[str, ...]:
    """The tokens of one text."""
    return tuple(tokens_of_columns((text,))[0])


def _names(count: int) -> str:
    return ", ".join(f"c{number}" for number in range(count))


def _connection(count: int) -> sqlite3.Connection:
    kept: dict[str, Any] = _OWN.__dict__
    name = f"of{count}"
    if name not in kept:
        conn = sqlite3.connect(":memory:", isolation_level=None)
        conn.execute(f"CREATE VIRTUAL TABLE t USING fts5({_names(count)}, content='', tokenize='{_TOKENIZER}')")
        conn.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        kept[name] = conn
    return kept[name]  # type: ignore[no-any-return]

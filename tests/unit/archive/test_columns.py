"""The columns in memory say what the archive says, after whatever was written."""

from __future__ import annotations

import random
import sqlite3

import numpy as np
import pytest

from archive import columns, finding
from archive.columns import FIELDS, Columns, Table
from archive.finding import Finder
from archive.query import parse_query
from archive.search import search
from tests.queries import QUERIES, fill, store

CHANGES = (
    "INSERT", "UPDATE articles SET section = 'Moved' WHERE id = {}", "UPDATE articles SET language = 'xx' WHERE id = {}",
    "UPDATE articles SET story_id = 5 WHERE id = {}", "UPDATE articles SET published_at = '2019-03-04' WHERE id = {}",
    "UPDATE articles SET published_at = NULL WHERE id = {}", "UPDATE articles SET source_id = 2 WHERE id = {}",
    "UPDATE articles SET agency = 'Wire' WHERE id = {}", "DELETE FROM articles WHERE id = {}",
)  # fmt: skip


def rows(table: Table) -> set[tuple[object, ...]]:
    """What the columns say of each article."""
    return {
        (int(at), int(table.source[at]), *(table.labels[name].texts[getattr(table, name)[at]] for name in FIELDS),
         int(table.story[at]), int(table.moment[at]))
        for at in np.nonzero(table.source)[0]
    }  # fmt: skip


def stored(conn: sqlite3.Connection) -> set[tuple[object, ...]]:
    """What the archive says."""
    return {
        (*row[:6], columns.seconds_of(row[6]))
        for row in conn.execute(
            """SELECT id, source_id, language, section, agency, coalesce(story_id, 0),
                      coalesce(published_at, first_seen_at) FROM articles"""
        )
    }


@pytest.mark.parametrize("seed", range(5))
def test_columns_follow_whatever_is_written(
    index: sqlite3.Connection, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    conn = index
    known = Columns()
    assert rows(known.table(conn)) == set()
    number = 0
    for _ in range(60):
        for _ in range(chance.randint(1, 40)):
            change = chance.choice(CHANGES)
            if change == "INSERT":
                number += chance.choice((1, 1, 1, 700))
                store(conn, number, "en", f"title {number}", "text", section="A")
            else:
                conn.execute(change.format(chance.randint(1, max(number, 1))))
        assert rows(known.table(conn)) == stored(conn)
        assert rows(known.table(conn)) == rows(Columns().table(conn))


def test_who_is_behind_the_journal_reads_everything_again(index: sqlite3.Connection) -> None:
    conn = index
    known = Columns()
    store(conn, 1, "en", "one", "text")
    known.table(conn)
    store(conn, 2, "en", "two", "text")
    store(conn, 3, "en", "three", "text")
    conn.execute("DELETE FROM article_journal WHERE id <= 2")  # as the trigger does 200,000 entries later
    assert rows(known.table(conn)) == stored(conn)


def test_the_journal_stays_bounded(index: sqlite3.Connection) -> None:
    conn = index
    conn.execute("INSERT INTO article_journal (id, article_id) VALUES (200500, 1)")
    if not isinstance(conn, sqlite3.Connection):
        conn.execute("ALTER TABLE article_journal ALTER COLUMN id RESTART WITH 200501")  # SQLite sees it by itself
    for number in range(600, 605):
        conn.execute("INSERT INTO article_journal (id, article_id) VALUES (?, 1)", [number])
    store(conn, 1, "en", "one", "text")
    assert conn.execute("SELECT count(*) FROM article_journal WHERE id BETWEEN 501 AND 600").fetchone()[0] == 1
    conn.execute("UPDATE articles SET section = 'B'")
    conn.execute("UPDATE articles SET text = 'other words'")
    assert conn.execute("SELECT max(id) FROM article_journal").fetchone()[0] == 200502  # a new text moves no column


@pytest.mark.parametrize("order", ["best", "newest"])
def test_the_pages_find_what_the_library_finds_in_the_same_order(index: sqlite3.Connection, order: str) -> None:
    conn = index
    fill(conn)
    finder = Finder()
    for query, _ in QUERIES:
        parsed = parse_query(query)
        if not (parsed.wanted or parsed.filters):
            continue
        found = finder.find(conn, parsed, order)
        listed = [hit.id for hit in search(conn, query, order=order, limit=100)]
        assert [place.id for place in found.page(0, 100, collapsed=False)] == listed, query
        assert found.total == found.lines == len(listed), query


def test_of_very_many_all_are_counted_and_the_latest_are_ranked(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = index
    for number in range(1, 41):
        store(conn, number, "en", f"title {number}", "word " * (41 - number))  # the oldest would come first
    whole = [place.id for place in Finder().find(conn, parse_query("word")).page(0, 40, collapsed=False)]
    monkeypatch.setattr(finding, "MOST_RANKED", 10)
    found = Finder().find(conn, parse_query("word"))
    listed = [place.id for place in found.page(0, 40, collapsed=False)]
    assert (found.total, sorted(listed)) == (40, list(range(1, 41)))
    assert listed[:10] == [number for number in whole if number > 30]
    assert listed[10:] == list(range(30, 0, -1))


def test_authors_follow_their_articles(index: sqlite3.Connection) -> None:
    conn = index

    def known() -> set[tuple[str, int]]:
        return {tuple(row) for row in conn.execute("SELECT name, article_id FROM article_authors")}

    store(conn, 1, "en", "one", "text", authors=("Anna Berg", "José Núñez"))
    store(conn, 2, "en", "two", "text", authors=("Anna Berg", "Anna Berg"))
    assert known() == {("Anna Berg", 1), ("José Núñez", 1), ("Anna Berg", 2)}
    conn.execute("""UPDATE articles SET authors = '["Clara Dahl"]' WHERE id = 1""")
    assert known() == {("Clara Dahl", 1), ("Anna Berg", 2)}
    conn.execute("DELETE FROM articles WHERE id = 2")
    assert known() == {("Clara Dahl", 1)}

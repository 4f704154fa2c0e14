"""What a corpus takes from the database: each article with everything that belongs to it, its captures and its story."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from archive.corpus.layout import (
    ARTICLE,
    CAPTURE,
    MEMBER,
    NESTED,
    SOURCE,
    STORY,
    CorpusDamaged,
    Row,
    Spec,
    check,
    from_sql,
)

_PLACED = {"article_id", "warc_file", "warc_offset", "warc_length", "missing"}  # what a corpus says of its own captures
_CAPTURE: Spec = {name: kind for name, kind in CAPTURE.items() if name not in _PLACED} | {
    "warc_file": "text", "warc_offset": "int", "warc_length": "int"}  # fmt: skip
_WITH_SOURCE = "(SELECT t.*, s.slug AS source FROM {} t JOIN sources s ON s.id = t.source_id)"
_FROM = {name: _WITH_SOURCE.format(name) for name in ("articles", "pages")}
# a page that was taken over by another article leaves its captures with the versions that were made from them
_CAPTURES = """
    SELECT c.* FROM captures c WHERE c.page_id IN (SELECT id FROM pages WHERE article_id = :id)
    UNION SELECT c.* FROM captures c WHERE c.id IN (SELECT capture_id FROM article_versions WHERE article_id = :id)
    ORDER BY 1"""


@contextmanager
def snapshot(conn: sqlite3.Connection) -> Iterator[None]:
    """All that is read in the block is of one moment, also while a crawl writes."""
    if conn.in_transaction:
        yield
        return
    conn.execute("BEGIN")
    try:
        yield
    finally:
        conn.execute("ROLLBACK")


def article(conn: sqlite3.Connection, article_id: int) -> Row:
    """The line of an article. Raises CorpusDamaged for one that the archive itself does not hold as it should."""
    what = f"article {article_id}"
    row = _row(conn.execute(f"SELECT * FROM {_FROM['articles']} WHERE id = ?", [article_id]).fetchone(), ARTICLE, what)  # noqa: S608
    for name, (table, order, spec) in NESTED.items():
        rows = conn.execute(
            f"SELECT * FROM {_FROM.get(table, table)} WHERE article_id = ? ORDER BY {order}",  # noqa: S608  names of ours
            [article_id],
        )
        row[name] = [_row(one, spec, f"{what}, {name}") for one in rows]
    return row


def captures(conn: sqlite3.Connection, article_id: int) -> Iterator[Row]:
    """The captures of the pages of an article, and those that its versions were made from."""
    for row in conn.execute(_CAPTURES, {"id": article_id}):
        yield _row(row, _CAPTURE, f"capture {row['id']}")


def payloads(conn: sqlite3.Connection, capture: Row) -> Iterator[Row]:
    """The captures with the payload that a revisit leaves out."""
    for row in conn.execute(
        "SELECT * FROM captures WHERE url = ? AND digest = ? AND record = 'response' ORDER BY id",
        [capture["url"], capture["digest"]],
    ):
        yield _row(row, _CAPTURE, f"capture {row['id']}")


def story(conn: sqlite3.Connection, story_id: int, has: Callable[[int], bool]) -> Row:
    """The line of a story, as the archive has it, with those of its members that the corpus has."""
    what = f"story {story_id}"
    row = _row(conn.execute("SELECT * FROM stories WHERE id = ?", [story_id]).fetchone(), STORY, what)
    aliases = conn.execute("SELECT id FROM story_aliases WHERE story_id = ? ORDER BY id", [story_id])
    row["aliases"] = [int(one[0]) for one in aliases]
    members = conn.execute("SELECT * FROM story_members WHERE story_id = ? ORDER BY article_id", [story_id])
    row["articles"] = [_row(one, MEMBER, what) for one in members if has(one["article_id"])]
    return row


def sources(conn: sqlite3.Connection, slugs: Sequence[str]) -> Iterator[Row]:
    """The lines of sources, in the order of their ids."""
    known = set(slugs)
    for row in conn.execute("SELECT * FROM sources ORDER BY id"):
        if row["slug"] in known:
            yield _row(row, SOURCE, f"source {row['slug']}")


def _row(found: sqlite3.Row | None, spec: Spec, what: str) -> Row:
    if found is None:
        raise CorpusDamaged(
            f"{what} is not in the archive; `python -m archive verify` tells what else is wrong with it"
        )
    try:
        row = from_sql(found, spec)
        check(row, spec)
    except (CorpusDamaged, ValueError) as error:
        raise CorpusDamaged(
            f"{what} cannot be taken into a corpus: {error}; `python -m archive verify --repair` may mend it"
        ) from error
    return row

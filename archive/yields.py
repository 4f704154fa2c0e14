"""What a crawl of one source brought: each page that was asked for, and what was read in it, field by field."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# fields as source files call them -> their column
COLUMNS = {
    "title": "title", "text": "text", "summary": "summary", "language": "language", "section": "section",
    "published": "published_at", "modified": "modified_at", "authors": "authors", "editors": "editors", "agency": "agency",
    "tags": "tags", "image": "image_url",
}  # fmt: skip
_EMPTY = ("", "[]", None)


@dataclass(frozen=True, slots=True)
class PageYield:
    """A page that was asked for, and the article in it, if there is one."""

    url: str
    outcome: str  # "pending" while it is to be tried again
    detail: str
    title: str = ""
    published_at: str = ""
    authors: tuple[str, ...] = ()
    words: int = 0
    filled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # field -> method; "": empty


def page_yields(conn: sqlite3.Connection, slug: str) -> list[PageYield]:
    """The pages of a source that were asked for, newest first."""
    columns = ", ".join(f"a.{column}" for column in COLUMNS.values())
    rows = conn.execute(
        f"""SELECT p.url, coalesce(p.outcome, 'pending') AS outcome, p.detail, a.id, a.word_count, a.provenance, {columns}
            FROM pages p JOIN sources s ON s.id = p.source_id LEFT JOIN articles a ON a.id = p.article_id
            WHERE s.slug = ? AND (p.fetched_at IS NOT NULL OR p.attempts > 0)
            ORDER BY coalesce(a.published_at, p.priority) DESC, p.id""",  # noqa: S608
        [slug],
    )
    return [_page(row) for row in rows]


def _page(row: sqlite3.Row) -> PageYield:
    if row["id"] is None:
        return PageYield(row["url"], row["outcome"], row["detail"])
    methods = json.loads(row["provenance"])
    filled = {name: "" if row[column] in _EMPTY else methods.get(column, "page") for name, column in COLUMNS.items()}
    return PageYield(
        url=row["url"],
        outcome=row["outcome"],
        detail=row["detail"],
        title=row["title"],
        published_at=row["published_at"] or "",
        authors=tuple(json.loads(row["authors"])),
        words=row["word_count"],
        filled=filled,
    )

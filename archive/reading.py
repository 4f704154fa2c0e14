"""What a page about one article needs beside the article: its outlet, its versions, its addresses, its captures."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

MOST_VERSIONS = 500  # of one article that are listed; a live page has a hundred
MOST_ADDRESSES = 200
MOST_SOURCES = 5_000  # to choose from in a form


@dataclass(frozen=True, slots=True)
class Outlet:
    """The source of an article."""

    slug: str
    name: str
    home: str
    country: str
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One version in the list of versions, and how it differs from the one before it in time."""

    version: int
    captured_at: str
    title: str
    capture_id: int | None
    from_version: int | None  # None: the first in time
    kind: str
    words_added: int
    words_removed: int
    silent: bool
    notice: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What one version says."""

    version: int
    captured_at: str
    title: str
    summary: str
    text: str


def outlet(conn: sqlite3.Connection, slug: str) -> Outlet:
    """The source of that name, which must be there."""
    row = conn.execute(
        "SELECT slug, name, home, country, language, timezone FROM sources WHERE slug = ?", [slug]
    ).fetchone()
    return Outlet(**dict(row))


def outlets(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(slug, name) of every source, by name."""
    rows = conn.execute("SELECT slug, name FROM sources ORDER BY name COLLATE NOCASE, id LIMIT ?", [MOST_SOURCES])
    return [(row["slug"], row["name"]) for row in rows]


def editions(conn: sqlite3.Connection, article_id: int) -> list[Edition]:
    """The versions of an article, oldest first by the time of their capture."""
    rows = conn.execute(
        """SELECT v.version, v.captured_at, v.title, v.capture_id, c.from_version, coalesce(c.kind, '') AS kind,
                  coalesce(c.words_added, 0) AS words_added, coalesce(c.words_removed, 0) AS words_removed,
                  coalesce(c.silent, 0) AS silent, coalesce(c.notice, '') AS notice
           FROM article_versions v LEFT JOIN changes c ON c.article_id = v.article_id AND c.to_version = v.version
           WHERE v.article_id = ? ORDER BY v.captured_at, v.version LIMIT ?""",
        [article_id, MOST_VERSIONS],
    )
    return [Edition(**{**dict(row), "silent": bool(row["silent"])}) for row in rows]


def wording(conn: sqlite3.Connection, article_id: int, version: int) -> Wording | None:
    """One version of an article."""
    row = conn.execute(
        """SELECT version, captured_at, title, summary, text FROM article_versions
           WHERE article_id = ? AND version = ?""",
        [article_id, version],
    ).fetchone()
    return Wording(**dict(row)) if row else None


def addresses(conn: sqlite3.Connection, article_id: int) -> list[tuple[str, str]]:
    """(url, kind) of the addresses of an article."""
    rows = conn.execute(
        "SELECT url, kind FROM article_urls WHERE article_id = ? ORDER BY kind, url LIMIT ?",
        [article_id, MOST_ADDRESSES],
    )
    return [(row["url"], row["kind"]) for row in rows]

"""Captures: the index from URLs and times to records of the raw store."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import sqlite_utils

from archive.raw import Earlier, Exchange, Placed
from archive.records import utc_text
from archive.text import clean, json_text


class Captures:
    """Reads and writes the `captures` table. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def earlier(self, url: str, digest: str | None = None) -> Earlier | None:
        """The newest full capture of a URL; with `digest` the newest one with that payload."""
        row = self._db.execute(
            """SELECT url, fetched_at, digest FROM captures WHERE url = :url AND record = 'response'
               AND http_status = 200 AND kept AND (:digest IS NULL OR digest = :digest)
               ORDER BY fetched_at DESC, id DESC LIMIT 1""",
            {"url": url, "digest": digest},
        ).fetchone()
        return Earlier(row["url"], row["fetched_at"], row["digest"]) if row else None

    def full(self, article_id: int, part: int) -> tuple[str, int] | None:
        """Where the payload of the newest capture of one page of an article stands: WARC file and offset."""
        row = self._db.execute(
            """SELECT f.warc_file, f.warc_offset FROM pages p JOIN captures c ON c.page_id = p.id
               JOIN captures f ON f.url = c.url AND f.digest = c.digest AND f.record = 'response'
                                  AND f.http_status = 200 AND f.kept
               WHERE p.article_id = ? AND c.part = ? AND c.http_status = 200 AND c.kept
               ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1""",
            [article_id, part],
        ).fetchone()
        return (row["warc_file"], row["warc_offset"]) if row else None

    def newest(self, page_id: int) -> tuple[str, int] | None:
        """Where the payload of the newest capture of a page stands: WARC file and offset."""
        row = self._db.execute(
            """SELECT f.warc_file, f.warc_offset FROM captures c
               JOIN captures f ON f.url = c.url AND f.digest = c.digest AND f.record = 'response'
                                  AND f.http_status = 200 AND f.kept
               WHERE c.page_id = ? AND c.part = 1 AND c.http_status = 200 AND c.kept
               ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1""",
            [page_id],
        ).fetchone()
        return (row["warc_file"], row["warc_offset"]) if row else None

    def add(
        self,
        exchange: Exchange,
        placed: Placed,
        *,
        page_id: int | None = None,
        feed_id: int | None = None,
        part: int = 1,
        via: str = "",
    ) -> int:
        """Index one record; gives the id of the capture. `part`: which page of its article it is. `via`: the archive
        whose capture it is, if it is no fetch of ours."""
        content_type = next((v for k, v in exchange.headers if k.lower() == "content-type"), "")
        cursor = self._db.execute(
            """INSERT INTO captures (page_id, feed_id, url, fetched_at, http_status, content_type, digest, record,
                                     warc_file, warc_offset, warc_length, part, robots, reserved, kept, discovered_via)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                page_id,
                feed_id,
                exchange.url,
                utc_text(exchange.fetched_at),
                exchange.status,
                clean(content_type)[:200],
                placed.digest,
                placed.record,
                placed.warc_file,
                placed.offset,
                placed.length,
                part,
                clean(exchange.wishes.robots),
                exchange.wishes.reserved and json_text(exchange.wishes.reserved),
                not exchange.wishes.withheld,
                via,
            ],
        )
        return int(cursor.lastrowid or 0)


@dataclass(frozen=True, slots=True)
class Capture:
    """One fetch, and where its record stands."""

    id: int
    url: str
    fetched_at: str
    http_status: int
    content_type: str
    digest: str
    record: str  # response, or revisit of a payload that was there before
    warc_file: str
    warc_offset: int
    warc_length: int
    part: int  # which page of its article it is
    kept: bool  # False: the site asked that no copy be kept
    reserved: str | None  # JSON: what the site said about text and data mining and AI


def captures_of(conn: sqlite3.Connection, article_id: int, most: int) -> list[Capture]:
    """The newest captures of the pages of an article, the newest first."""
    rows = conn.execute(
        """SELECT c.* FROM pages p JOIN captures c ON c.page_id = p.id WHERE p.article_id = ?
           ORDER BY c.fetched_at DESC, c.id DESC LIMIT ?""",
        [article_id, most],
    )
    return [_capture(row) for row in rows]


def capture(conn: sqlite3.Connection, capture_id: int) -> Capture | None:
    """One capture by its number."""
    row = conn.execute("SELECT * FROM captures WHERE id = ?", [capture_id]).fetchone()
    return _capture(row) if row else None


def payload_of(conn: sqlite3.Connection, one: Capture) -> Capture | None:
    """The capture that holds the payload of another: itself, or of a revisit the full one of that URL and digest."""
    if one.record == "response":
        return one
    row = conn.execute(
        """SELECT * FROM captures WHERE url = ? AND digest = ? AND record = 'response' AND kept
           ORDER BY fetched_at DESC, id DESC LIMIT 1""",
        [one.url, one.digest],
    ).fetchone()
    return _capture(row) if row else None


def _capture(row: sqlite3.Row) -> Capture:
    return Capture(**{**{name: row[name] for name in Capture.__dataclass_fields__}, "kept": bool(row["kept"])})

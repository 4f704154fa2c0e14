"""The ledger: which sources and feeds there are, every URL they offered, what became of it, and every run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from archive.pages import DETAIL_KEPT, Pages
from archive.records import utc_text
from archive.rows import FeedRow, FeedVisit, NextCheck, SourceRow, feed_row
from archive.text import clean, json_text

FAILURES_OF_A_MOVE = 3  # in a row, after which the address that a feed moved from is asked again


class Ledger(Pages):
    """Pages, and with them sources, feeds and runs. Writing belongs in a transaction of the caller."""

    # -- sources and feeds -------------------------------------------------------------------------------------

    def put_source(self, source: SourceRow, now: datetime, *, in_catalog: bool = True) -> int:
        """Insert or bring up to date; gives its id."""
        self._db.execute(
            """INSERT INTO sources (slug, name, home, country, language, timezone, added_at, in_catalog,
                                    verify_tls, expect)
               VALUES (:slug, :name, :home, :country, :language, :timezone, :now, :in_catalog, :verify_tls, :expect)
               ON CONFLICT (slug) DO UPDATE SET name = excluded.name, home = excluded.home,
                   country = excluded.country, language = excluded.language, timezone = excluded.timezone,
                   in_catalog = excluded.in_catalog, verify_tls = excluded.verify_tls,
                   expect = excluded.expect""",
            {
                "slug": source.slug,
                "name": source.name,
                "home": source.home,
                "country": source.country,
                "language": source.language,
                "timezone": source.timezone,
                "now": utc_text(now),
                "in_catalog": int(in_catalog),
                "verify_tls": int(source.verify_tls),
                "expect": json_text(source.expect),
            },
        )
        return int(self._db.execute("SELECT id FROM sources WHERE slug = ?", [source.slug]).fetchone()[0])

    def leave_catalog(self, kept: Iterable[str]) -> None:
        """Mark the sources that are no longer in the catalogue; what they published stays."""
        self._db.execute(
            "UPDATE sources SET in_catalog = 0 WHERE slug NOT IN (SELECT value FROM json_each(?))",
            [json.dumps(list(kept))],
        )

    def put_feeds(self, source_id: int, feeds: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Make (url, kind, name) the feeds of a source.

        Those no longer listed become `removed` and keep their history; listed again, they go on where they were. A feed
        that a listed one moved to counts as listed. A feed that is gone stays so while it is listed: it is asked again
        once it was taken off the list and put back. A sitemap that only an index named so far becomes one of the
        source's own.
        """
        for url, kind, name in feeds:
            self._db.execute(
                """INSERT INTO feeds (source_id, url, kind, name, next_check_at) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind, name = excluded.name,
                       parent_id = NULL, status = CASE WHEN status = 'removed' THEN 'active' ELSE status END,
                       moved_to = CASE WHEN status = 'moved' THEN moved_to END""",
                [source_id, url, kind, name, utc_text(now)],
            )
        listed = [url for url, _, _ in feeds]
        self._db.execute(
            """WITH RECURSIVE wanted(id) AS (
                   SELECT id FROM feeds WHERE source_id = :source AND url IN (SELECT value FROM json_each(:listed))
                   UNION SELECT f.moved_to FROM feeds f JOIN wanted w ON w.id = f.id WHERE f.status = 'moved')
               UPDATE feeds SET status = 'removed'
               WHERE source_id = :source AND parent_id IS NULL AND status != 'removed'
                   AND id NOT IN (SELECT id FROM wanted WHERE id IS NOT NULL)""",
            {"source": source_id, "listed": json.dumps(listed)},
        )

    def children(self, parent: FeedRow) -> dict[str, FeedRow]:
        """The sitemaps that an index named before, by URL."""
        rows = self._db.execute("SELECT * FROM feeds WHERE parent_id = ?", [parent.id])
        return {row["url"]: feed_row(row) for row in rows}

    def child_feed(self, parent: FeedRow, url: str, now: datetime) -> FeedRow:
        """The sitemap that an index names; it is asked for when its index says so, never by itself."""
        self._db.execute(
            """INSERT INTO feeds (source_id, parent_id, url, kind, name) VALUES (?, ?, ?, 'sitemap', ?)
               ON CONFLICT (source_id, url) DO UPDATE SET parent_id = excluded.parent_id, status = 'active',
                   next_check_at = NULL WHERE status = 'removed'""",
            [parent.source_id, parent.id, url, parent.name],
        )
        row = self._db.execute(
            "SELECT * FROM feeds WHERE source_id = ? AND url = ?", [parent.source_id, url]
        ).fetchone()
        return feed_row(row)

    def feeds(self, source_id: int, *, due: datetime | None = None) -> list[FeedRow]:
        """Feeds of a source that are in use; with `due` only those whose time has come."""
        rows = self._db.execute(
            """SELECT * FROM feeds WHERE source_id = ? AND parent_id IS NULL AND status IN ('active', 'failing')
               AND (? IS NULL OR next_check_at IS NULL OR next_check_at <= ?) ORDER BY id""",
            [source_id, due and utc_text(due), due and utc_text(due)],
        )
        return [feed_row(row) for row in rows]

    def feed_visited(self, feed: FeedRow, visit: FeedVisit, now: datetime) -> None:
        """Note what a visit gave and when the next one is."""
        stamp = utc_text(now)
        self._db.execute(
            """UPDATE feeds SET next_check_at = CASE WHEN parent_id IS NULL THEN :next END, last_checked_at = :now,
                   status = :status, http_status = :http_status, detail = :detail,
                   failures = CASE WHEN :ok THEN 0 ELSE failures + 1 END,
                   last_success_at = CASE WHEN :ok THEN :now ELSE last_success_at END,
                   last_new_at = CASE WHEN :new_items > 0 THEN :now ELSE last_new_at END,
                   etag = CASE WHEN :ok THEN coalesce(:etag, CASE WHEN :items IS NULL THEN etag END) ELSE etag END,
                   last_modified = CASE WHEN :ok
                       THEN coalesce(:last_modified, CASE WHEN :items IS NULL THEN last_modified END)
                       ELSE last_modified END,
                   digest = coalesce(:digest, digest), polling = coalesce(:polling, polling),
                   items = coalesce(:items, items), new_items = :new_items,
                   body_at = CASE WHEN :body THEN :now ELSE body_at END
               WHERE id = :id""",
            {
                "id": feed.id,
                "now": stamp,
                "next": utc_text(visit.next_check_at),
                "status": visit.status,
                "http_status": visit.http_status,
                "detail": clean(visit.detail)[:DETAIL_KEPT],
                "ok": visit.ok,
                "etag": visit.etag,
                "last_modified": visit.last_modified,
                "digest": visit.digest,
                "items": visit.items,
                "new_items": visit.new_items,
                "polling": None if visit.polling is None else json_text(visit.polling),
                "body": visit.body,
            },
        )
        if visit.moved_to:
            self._move(feed, visit.moved_to, stamp)
        elif visit.status == "gone" or (not visit.ok and feed.failures + 1 >= FAILURES_OF_A_MOVE):
            self._ask_first_address(feed, stamp)

    def _move(self, feed: FeedRow, url: str, stamp: str) -> None:
        """Let a feed go on under another URL, with its state; its own row stays, and says where it went."""
        if self._db.execute(
            "SELECT 1 FROM feeds WHERE source_id = ? AND url = ? AND status = 'gone'", [feed.source_id, url]
        ).fetchone():
            return
        self._db.execute(
            """INSERT INTO feeds (source_id, url, kind, name, etag, last_modified, digest, next_check_at,
                                  last_checked_at, last_success_at, last_new_at, polling, items, body_at)
               SELECT source_id, :url, kind, name, etag, last_modified, digest, next_check_at, last_checked_at,
                      last_success_at, last_new_at, polling, items, body_at FROM feeds WHERE id = :id
               ON CONFLICT (source_id, url) DO UPDATE SET parent_id = NULL, moved_to = NULL, status = 'active',
                   next_check_at = excluded.next_check_at WHERE status IN ('moved', 'removed') OR parent_id IS NOT NULL""",
            {"id": feed.id, "url": url},
        )
        self._db.execute(
            """UPDATE feeds SET status = 'moved', next_check_at = NULL, detail = :detail, moved_to =
                   (SELECT id FROM feeds WHERE source_id = :source AND url = :url) WHERE id = :id""",
            {"detail": f"moved to {url} on {stamp[:10]}"[:DETAIL_KEPT], "source": feed.source_id, "url": url, "id": feed.id},
        )

    def _ask_first_address(self, feed: FeedRow, stamp: str) -> None:
        """Ask a feed's former addresses again, as the one that it moved to gives nothing any more."""
        self._db.execute(
            """UPDATE feeds SET status = 'active', moved_to = NULL, next_check_at = ?, etag = NULL,
                   last_modified = NULL, digest = NULL WHERE moved_to = ? AND status = 'moved'""",
            [stamp, feed.id],
        )

    def put_off_feed(self, feed: FeedRow, until: datetime, detail: str) -> None:
        """Ask for a feed later, whose host is left alone for now."""
        self._db.execute(
            "UPDATE feeds SET next_check_at = CASE WHEN parent_id IS NULL THEN ? END, detail = ? WHERE id = ?",
            [utc_text(until), clean(detail)[:DETAIL_KEPT], feed.id],
        )

    def next_checks(self, slugs: Iterable[str] | None = None) -> dict[str, NextCheck]:
        """For each source, or each of some, by slug, when something of it is due."""
        of = None if slugs is None else json.dumps(list(slugs))
        rows = self._db.execute(
            """SELECT s.slug,
                      (SELECT count(*) FROM feeds f WHERE f.source_id = s.id) AS feeds,
                      (SELECT min(coalesce(f.next_check_at, s.added_at)) FROM feeds f WHERE f.source_id = s.id
                       AND f.parent_id IS NULL AND f.status IN ('active', 'failing')) AS feed,
                      (SELECT min(p.next_attempt_at) FROM pages p WHERE p.source_id = s.id
                       AND p.next_attempt_at IS NOT NULL) AS page
               FROM sources s WHERE ? IS NULL OR s.slug IN (SELECT value FROM json_each(?))""",
            [of, of],
        )
        return {row["slug"]: NextCheck(row["feeds"], row["feed"], row["page"]) for row in rows}

    # -- runs ------------------------------------------------------------------------------------------------------

    def start_run(self, source_id: int, now: datetime) -> int:
        """Open a run; gives its id."""
        cursor = self._db.execute("INSERT INTO runs (source_id, started_at) VALUES (?, ?)", [source_id, utc_text(now)])
        return int(cursor.lastrowid or 0)

    def close_runs(self, slugs: Iterable[str] | None = None) -> None:
        """Say of runs, of some sources or of all, that have no end that they were broken off; called when no other crawl of
        these can be under way."""
        of = None if slugs is None else json.dumps(list(slugs))
        self._db.execute(
            """UPDATE runs SET reason = 'broken off' WHERE finished_at IS NULL AND reason = '' AND (? IS NULL OR source_id IN
                   (SELECT id FROM sources WHERE slug IN (SELECT value FROM json_each(?))))""",
            [of, of],
        )

    def save_run(self, run_id: int, counts: Mapping[str, int], outcomes: Mapping[str, int]) -> None:
        """Bring the counts of a run up to date."""
        columns = (
            "feeds",
            "feeds_failed",
            "discovered",
            "known",
            "fetched",
            "stored",
            "updated",
            "duplicate",
            "failed",
        )
        self._db["runs"].update(  # type: ignore[union-attr]
            run_id, {name: counts.get(name, 0) for name in columns} | {"outcomes": json.dumps(dict(outcomes))}
        )

    def finish_run(self, run_id: int, now: datetime, reason: str) -> None:
        """Close a run."""
        self._db.execute("UPDATE runs SET finished_at = ?, reason = ? WHERE id = ?", [utc_text(now), reason, run_id])

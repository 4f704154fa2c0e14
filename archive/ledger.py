"""The ledger: which sources and feeds there are, every URL they offered, and what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlite_utils

from archive.records import parse_utc, utc_text
from archive.text import clean, clean_value

DETAIL_KEPT = 500  # characters of a reason: it may quote a URL, never a page
REST_AFTER_LIE = timedelta(days=1)
ASKED = "changed_since"  # in a hint: the fetch after which the listing said that the article changed


class Outcome(StrEnum):
    """What became of a URL. Each URL that was offered ends in one of these or is pending with a time."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    NOT_ARTICLE = "not_article"
    NOT_FOUND = "not_found"
    GONE = "gone"
    HTTP_ERROR = "http_error"
    BLOCKED_ROBOTS = "blocked_robots"
    BLOCKED_NETWORK = "blocked_network"
    OFFSITE = "offsite"
    REDIRECT_LOOP = "redirect_loop"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    EXTRACTION_FAILED = "extraction_failed"
    TRAP = "trap"
    REFUSED_TYPE = "refused_type"
    SKIPPED_OLD = "skipped_old"


FAILED = frozenset(
    {
        Outcome.HTTP_ERROR,
        Outcome.REDIRECT_LOOP,
        Outcome.TOO_LARGE,
        Outcome.TIMEOUT,
        Outcome.UNREACHABLE,
        Outcome.EXTRACTION_FAILED,
    }
)  # what counts as failed in a run; a page that is gone or forbidden is an answer


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as the archive knows it."""

    slug: str
    name: str
    home: str
    country: str = ""
    language: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed, sitemap or section page with the state of its last visit."""

    id: int
    source_id: int
    url: str
    kind: str
    name: str
    parent_id: int | None
    etag: str | None
    last_modified: str | None
    digest: str | None
    next_check_at: str | None
    last_checked_at: str | None
    failures: int
    status: str
    polling: Mapping[str, Any]
    items: int


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page that is to be fetched."""

    id: int
    url: str
    source_id: int
    feed_id: int | None
    attempts: int
    visits: int
    article_id: int | None
    discovered_at: str
    etag: str | None
    last_modified: str | None
    hint: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A URL that a listing offered, in canonical form, with what the listing said of it."""

    url: str
    hint: Mapping[str, Any] = field(default_factory=dict)  # JSON-able: offered, title, published, updated, ...
    newest: str = ""  # the newest time known for it, UTC text: newest first
    refused: Outcome | None = None  # its outcome when it is not even to be fetched
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NextCheck:
    """When something of a source is due: its next feed and its next page (None: never), of `feeds` known feeds."""

    feeds: int
    feed: str | None
    page: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """How many URLs of a listing were new, known, and known but said to have changed."""

    new: int = 0
    known: int = 0
    changed: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)  # outcome -> number, of the new ones


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one visit to a page: an outcome, or (outcome None) another try at `next_attempt_at`."""

    outcome: Outcome | None
    detail: str = ""
    http_status: int | None = None
    next_attempt_at: datetime | None = None
    article_id: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched: bool = True  # False when no request was made, as for a page that robots.txt forbids


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """What a visit to a feed gave."""

    next_check_at: datetime
    ok: bool
    status: str = "active"
    http_status: int | None = None
    detail: str = ""
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    polling: Mapping[str, Any] | None = None
    items: int | None = None  # None: unchanged, nothing was parsed
    new_items: int = 0


class Ledger:
    """Reads and writes sources, feeds, pages, runs and hosts. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    # -- sources and feeds -------------------------------------------------------------------------------------

    def put_source(self, source: SourceRow, now: datetime, *, in_catalog: bool = True) -> int:
        """Insert or bring up to date; gives its id."""
        self._db.execute(
            """INSERT INTO sources (slug, name, home, country, language, timezone, added_at, in_catalog)
               VALUES (:slug, :name, :home, :country, :language, :timezone, :now, :in_catalog)
               ON CONFLICT (slug) DO UPDATE SET name = excluded.name, home = excluded.home,
                   country = excluded.country, language = excluded.language, timezone = excluded.timezone,
                   in_catalog = excluded.in_catalog""",
            {
                "slug": source.slug,
                "name": source.name,
                "home": source.home,
                "country": source.country,
                "language": source.language,
                "timezone": source.timezone,
                "now": utc_text(now),
                "in_catalog": int(in_catalog),
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

        Those no longer listed become `removed` and keep their history; listed again, they go on where they were. A
        sitemap that only an index named so far becomes one of the source's own.
        """
        for url, kind, name in feeds:
            self._db.execute(
                """INSERT INTO feeds (source_id, url, kind, name, next_check_at) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind, name = excluded.name,
                       parent_id = NULL, status = CASE WHEN status = 'removed' THEN 'active' ELSE status END""",
                [source_id, url, kind, name, utc_text(now)],
            )
        listed = [url for url, _, _ in feeds]
        self._db.execute(
            """UPDATE feeds SET status = 'removed' WHERE source_id = ? AND parent_id IS NULL
               AND url NOT IN (SELECT value FROM json_each(?)) AND status != 'moved'""",
            [source_id, json.dumps(listed)],
        )

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
        return _feed(row)

    def feeds(self, source_id: int, *, due: datetime | None = None) -> list[FeedRow]:
        """Feeds of a source that are in use; with `due` only those whose time has come."""
        rows = self._db.execute(
            """SELECT * FROM feeds WHERE source_id = ? AND parent_id IS NULL AND status IN ('active', 'failing')
               AND (? IS NULL OR next_check_at IS NULL OR next_check_at <= ?) ORDER BY id""",
            [source_id, due and utc_text(due), due and utc_text(due)],
        )
        return [_feed(row) for row in rows]

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
                   items = coalesce(:items, items), new_items = :new_items
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
                "polling": None if visit.polling is None else _json(visit.polling),
            },
        )

    # -- pages ---------------------------------------------------------------------------------------------------

    def offer(self, source_id: int, feed_id: int | None, offers: Iterable[Offer], now: datetime) -> Offered:
        """Write down URLs that a listing offered: the first time as pending (or with the outcome that they are
        refused with).

        A known URL is looked at again only when the listing says that the stored article has changed since. One that
        was refused unseen becomes pending once the ground is gone: another source offers as its own what was offsite
        for the first, or what was too old is not too old any more, by a time that the listing itself gives.
        """
        stamp = utc_text(now)
        new = known = changed = 0
        refused: Counter[str] = Counter()
        for offer in offers:
            row = self._db.execute(
                "SELECT id, outcome, article_id, fetched_at, hint FROM pages WHERE url = ?", [offer.url]
            ).fetchone()
            if row is None:
                new += 1
                if offer.refused:
                    refused[offer.refused.value] += 1
                self._db.execute(
                    """INSERT INTO pages (url, source_id, feed_id, discovered_at, state, outcome, next_attempt_at,
                                          priority, hint, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [
                        offer.url,
                        source_id,
                        feed_id,
                        stamp,
                        "done" if offer.refused else "pending",
                        offer.refused and offer.refused.value,
                        None if offer.refused else stamp,
                        offer.newest or stamp,
                        _json(offer.hint),
                        clean(offer.detail)[:DETAIL_KEPT],
                    ],
                )
                continue
            known += 1
            if offer.refused is not None or row["outcome"] is None:
                continue
            before = json.loads(row["hint"])
            if row["fetched_at"] is None and _no_longer_refused(row["outcome"], offer):
                changed += 1
                self._db.execute(
                    """UPDATE pages SET state = 'pending', outcome = NULL, detail = '', source_id = ?, feed_id = ?,
                           next_attempt_at = ?, priority = ?, hint = ? WHERE id = ?""",
                    [source_id, feed_id, stamp, offer.newest or stamp, _json(offer.hint), row["id"]],
                )
            elif row["article_id"] and _says_changed(before, offer.hint, row["fetched_at"], row["outcome"]):
                changed += 1
                self._db.execute(
                    "UPDATE pages SET next_attempt_at = ?, attempts = 0, hint = ? WHERE id = ?",
                    [stamp, _json({**before, **offer.hint, ASKED: row["fetched_at"]}), row["id"]],
                )
        return Offered(new, known, changed, refused)

    def claim(
        self, source_id: int, now: datetime, limit: int, without: Collection[int] = (), before: datetime | None = None
    ) -> list[PageRow]:
        """Pages of a source whose time has come, newest first, except those already in hand and, with `before`, those
        fetched since then: no page is fetched twice in one run, however soon it is due again."""
        rows = self._db.execute(
            """SELECT * FROM pages WHERE source_id = ? AND next_attempt_at IS NOT NULL AND next_attempt_at <= ?
               AND id NOT IN (SELECT value FROM json_each(?)) AND (? IS NULL OR fetched_at IS NULL OR fetched_at < ?)
               ORDER BY state DESC, priority DESC, id LIMIT ?""",
            [
                source_id,
                utc_text(now),
                json.dumps(sorted(without)),
                before and utc_text(before),
                before and utc_text(before),
                limit,
            ],
        )
        return [_page(row) for row in rows]

    def page(self, url: str) -> PageRow | None:
        """The page of a canonical URL, if it was ever offered."""
        row = self._db.execute("SELECT * FROM pages WHERE url = ?", [url]).fetchone()
        return _page(row) if row else None

    def ensure_page(self, url: str, source_id: int, now: datetime) -> PageRow:
        """The page of a URL that did not come from a listing, such as a record of an imported WARC file."""
        self._db.execute(
            """INSERT INTO pages (url, source_id, discovered_at, next_attempt_at, priority) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (url) DO NOTHING""",
            [url, source_id, utc_text(now), utc_text(now), utc_text(now)],
        )
        row = self._db.execute("SELECT * FROM pages WHERE url = ?", [url]).fetchone()
        return _page(row)

    def settle(self, page: PageRow, settlement: Settlement, now: datetime) -> None:
        """Write down how a visit ended.

        A visit older than the last one (an imported capture) adds to what is known and takes nothing back: outcome and
        validators stay, and so does a look that is planned for later.
        """
        end = settlement
        settled = self._db.execute(
            """UPDATE pages SET
                   state = CASE WHEN :outcome IS NULL THEN state ELSE 'done' END,
                   outcome = coalesce(:outcome, outcome), detail = :detail,
                   http_status = coalesce(:http_status, http_status),
                   fetched_at = CASE WHEN :fetched THEN max(coalesce(fetched_at, ''), :now) ELSE fetched_at END,
                   attempts = CASE WHEN :outcome IS NULL THEN attempts + :fetched ELSE 0 END,
                   visits = visits + (:outcome IS NOT NULL AND :fetched),
                   next_attempt_at = coalesce(:next, CASE WHEN :outcome IS NOT NULL AND next_attempt_at > :now
                                                          THEN next_attempt_at END),
                   article_id = coalesce(:article_id, article_id),
                   etag = CASE WHEN :outcome IS NULL THEN etag
                               WHEN :http_status = 200 THEN :etag ELSE coalesce(:etag, etag) END,
                   last_modified = CASE WHEN :outcome IS NULL THEN last_modified
                                        WHEN :http_status = 200 THEN :last_modified
                                        ELSE coalesce(:last_modified, last_modified) END
               WHERE id = :id AND NOT (state = 'done' AND coalesce(fetched_at > :now, 0))""",
            {
                "id": page.id,
                "outcome": end.outcome and end.outcome.value,
                "detail": clean(end.detail)[:DETAIL_KEPT],
                "http_status": end.http_status,
                "fetched": int(end.fetched),
                "now": utc_text(now),
                "next": end.next_attempt_at and utc_text(end.next_attempt_at),
                "article_id": end.article_id,
                "etag": end.etag,
                "last_modified": end.last_modified,
            },
        )
        if settled.rowcount:
            return
        self._db.execute(
            """UPDATE pages SET article_id = coalesce(article_id, :article_id), visits = visits + :fetched,
                   next_attempt_at = coalesce(:next, CASE WHEN next_attempt_at > :now THEN next_attempt_at END)
               WHERE id = :id""",
            {
                "id": page.id,
                "article_id": end.article_id,
                "fetched": int(end.fetched),
                "now": utc_text(now),
                "next": end.next_attempt_at and utc_text(end.next_attempt_at),
            },
        )

    def next_checks(self) -> dict[str, NextCheck]:
        """For each source, by slug, when something of it is due."""
        rows = self._db.execute(
            """SELECT s.slug,
                      (SELECT count(*) FROM feeds f WHERE f.source_id = s.id) AS feeds,
                      (SELECT min(coalesce(f.next_check_at, s.added_at)) FROM feeds f WHERE f.source_id = s.id
                       AND f.parent_id IS NULL AND f.status IN ('active', 'failing')) AS feed,
                      (SELECT min(p.next_attempt_at) FROM pages p WHERE p.source_id = s.id
                       AND p.next_attempt_at IS NOT NULL) AS page
               FROM sources s"""
        )
        return {row["slug"]: NextCheck(row["feeds"], row["feed"], row["page"]) for row in rows}

    # -- runs ------------------------------------------------------------------------------------------------------

    def start_run(self, source_id: int, now: datetime) -> int:
        """Open a run; gives its id."""
        cursor = self._db.execute("INSERT INTO runs (source_id, started_at) VALUES (?, ?)", [source_id, utc_text(now)])
        return int(cursor.lastrowid or 0)

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


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(clean_value(value), ensure_ascii=False)


def _no_longer_refused(outcome: str, offer: Offer) -> bool:
    """Is a page that was refused without a look wanted now? A section page, which gives no times, does not make an
    article young that a feed called old."""
    return outcome == Outcome.OFFSITE or (outcome == Outcome.SKIPPED_OLD and bool(offer.newest))


def _says_changed(
    before: Mapping[str, Any], hint: Mapping[str, Any], fetched_at: str | None, outcome: str | None
) -> bool:
    """Does a listing say that an article changed after it was fetched?

    A stamp that moves with every look does not count before the article itself was looked at again; once that look
    found nothing changed, the stamps of this article are believed once a day only.
    """
    updated = hint.get("updated") or ""
    if not updated or not fetched_at or updated == before.get("updated") or before.get(ASKED) == fetched_at:
        return False
    lied = ASKED in before and outcome == Outcome.UNCHANGED
    return parse_utc(updated) - parse_utc(fetched_at) > (REST_AFTER_LIE if lied else timedelta(0))


def _feed(row: Any) -> FeedRow:
    return FeedRow(
        id=row["id"],
        source_id=row["source_id"],
        url=row["url"],
        kind=row["kind"],
        name=row["name"],
        parent_id=row["parent_id"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        digest=row["digest"],
        next_check_at=row["next_check_at"],
        last_checked_at=row["last_checked_at"],
        failures=row["failures"],
        status=row["status"],
        polling=json.loads(row["polling"]),
        items=row["items"],
    )


def _page(row: Any) -> PageRow:
    return PageRow(
        id=row["id"],
        url=row["url"],
        source_id=row["source_id"],
        feed_id=row["feed_id"],
        attempts=row["attempts"],
        visits=row["visits"],
        article_id=row["article_id"],
        discovered_at=row["discovered_at"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        hint=json.loads(row["hint"]),
    )

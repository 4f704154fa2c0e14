"""The rows that pass between the ledger and the crawler: sources, feeds, pages, and how visits to them ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


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
    BLOCKED_NOARCHIVE = "blocked_noarchive"
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
    verify_tls: bool = True  # False: its certificates are taken as they come
    expect: Mapping[str, Any] = field(default_factory=dict)  # what it should yield: articles_per_day, filled; JSON-able


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
    body_at: str | None = None  # when it last answered 200


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
    outcome: str | None = None  # of the last visit; None: pending
    via: str = ""  # how it was discovered, when it was by going back in time; see archive/backfill.py


@dataclass(frozen=True, slots=True)
class Offer:
    """A URL that a listing offered, in canonical form, with what the listing said of it."""

    url: str
    hint: Mapping[str, Any] = field(default_factory=dict)  # JSON-able: offered, title, published, updated, ...
    newest: str = ""  # the newest time known for it, UTC text: newest first
    refused: Outcome | None = None  # its outcome when it is not even to be fetched
    detail: str = ""
    via: str = ""  # "": a live listing; else the way back in time on which it was found


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
    body: bool = False  # it answered 200
    moved_to: str = ""  # the URL that it moved to for good


def feed_row(row: Any) -> FeedRow:
    """A row of `feeds`."""
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
        body_at=row["body_at"],
    )


def page_row(row: Any) -> PageRow:
    """A row of `pages`."""
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
        outcome=row["outcome"],
        via=row["discovered_via"],
    )

"""A link that a feed, a sitemap or a section page offered, with what it said about the article."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One offered link. Everything but `url` is a hint that the page itself may overrule."""

    url: str  # absolute, as offered (not yet canonical)
    title: str = ""  # plain text
    published: datetime | None = None  # aware, UTC
    updated: datetime | None = None  # aware, UTC; lastmod in a sitemap
    authors: tuple[str, ...] = ()
    guid: str = ""
    summary: str = ""  # plain text
    language: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What one feed, sitemap or section page held."""

    entries: tuple[Entry, ...] = ()
    children: tuple[Entry, ...] = ()  # further sitemaps that a sitemap index names, newest first
    kind: str = ""  # what it turned out to be: rss, rdf, atom, jsonfeed, sitemap, newssitemap, sitemapindex, section
    title: str = ""
    language: str = ""
    ttl_minutes: int | None = None  # how long the publisher asks not to come back (RSS ttl, sy:updatePeriod)
    skip_hours: tuple[int, ...] = ()  # UTC, in which it asks not to come (RSS skipHours)
    next_page: str = ""  # rel=next: the page of a paged feed behind this one (RFC 5005, section 3)
    prev_archive: str = ""  # rel=prev-archive: the archive document before this one (RFC 5005, section 4)
    generator: str = ""  # the program that made it
    problems: tuple[str, ...] = field(default=())  # what was dropped or repaired, in words

"""Listings that lead back: sitemaps by their days, and feeds page by page, from bytes to places and candidates. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.backfill import Candidate, Place
from archive.records import parse_utc, utc_text
from archive.rows import Offer
from crawler.backfill.dates import period_of
from crawler.discovery.entry import Entry, Listing
from crawler.urls import host_key

WORDPRESS = re.compile(r"wordpress", re.IGNORECASE)  # in the generator of a feed
REREAD = timedelta(days=1)  # after which a sitemap that says neither its days nor when it changed is read again


@dataclass(frozen=True, slots=True)
class Part:
    """A sitemap of an index, with the days that it may hold; "" where it does not say."""

    url: str
    oldest: str
    newest: str
    updated: str  # lastmod, UTC text


def parts_of(listing: Listing, owns: Callable[[str], bool]) -> list[Part]:
    """The sitemaps that an index names: by the days in their names, else no younger than they were changed last."""
    parts = []
    for child in listing.children:
        if not owns(child.url):
            continue
        days, updated = period_of(child.url), utc_text(child.updated) if child.updated else ""
        if days:
            parts.append(Part(child.url, *days.texts, updated))
        else:
            parts.append(Part(child.url, "", updated[:10], updated))
    return parts


def is_stale(place: Place, part: Part, now: datetime) -> bool:
    """Is a sitemap that was read to be read again?"""
    if not place.read_at:
        return True
    if part.updated:
        return part.updated > place.read_at
    over = part.oldest != "" and part.newest < place.read_at[:10]  # of days that had passed, and so whole
    return not over and now - parse_utc(place.read_at) > REREAD


def candidates_of(offers: Iterable[Offer], place: Place) -> list[Candidate]:
    """What a listing offers, each with the best time that is known for it: that of its publication, else the day in its
    address, else its last change, unless that is not among the days of the sitemap (as after a site was rebuilt)."""
    found = []
    for offer in offers:
        published, named = offer.hint.get("published", ""), period_of(offer.url)
        moment = published or offer.newest
        if not published and named and named.since.day == named.until.day and named.since.month == named.until.month:
            moment = f"{named.until.isoformat()}T00:00:00Z"
        elif not published and place.oldest and not place.oldest <= moment[:10] <= place.newest:
            moment = f"{place.newest}T00:00:00Z"
        found.append(Candidate(offer.url, moment, offer.hint))
    return found


def page_behind(listing: Listing, url: str) -> str:
    """The URL of the page of a feed that is older than this one: rel=prev-archive or next (RFC 5005), or `?paged=N+1`
    where WordPress made the feed; "" when there is none."""
    if listing.prev_archive or listing.next_page:
        return listing.prev_archive or listing.next_page
    if not WORDPRESS.search(listing.generator):
        return ""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    numbers = [int(value) for name, value in query if name == "paged" and value.isascii() and value.isdecimal()]
    paged = [(name, value) for name, value in query if name != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*paged, ("paged", str((numbers or [1])[-1] + 1))])))


def may_follow(url: str, root: str, owns: Callable[[str], bool]) -> bool:
    """May a further page of a feed be asked for? It lies where its first page does, or on a site of the source."""
    return host_key(url) == host_key(root) or owns(url)


def oldest_day(entries: Iterable[Entry]) -> str:
    """The day of the oldest entry; "" when none has a time."""
    moments = [moment for entry in entries if (moment := entry.published or entry.updated)]
    return min(moments).astimezone(UTC).date().isoformat() if moments else ""

"""The life of a feed: when it is asked for as a whole, where it has moved, which sitemaps of an index are due. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from archive.records import parse_utc
from archive.rows import FeedRow
from crawler.discovery.entry import Entry
from crawler.http import conditional

PERMANENT = frozenset({301, 308})
WHOLE_AGAIN = timedelta(
    days=1
)  # a server that answers 304 whatever happens is found out after this, for one body a day


def validators(feed: FeedRow, now: datetime) -> dict[str, str]:
    """Headers that ask only for what is new; none when no content was seen, or none for so long that 304 is doubted."""
    if feed.digest is None or feed.body_at is None or now - parse_utc(feed.body_at) >= WHOLE_AGAIN:
        return {}
    return conditional(feed.etag, feed.last_modified)


def moved_to(chain: Sequence[str], hops: Sequence[int]) -> str:
    """Where a feed went for good, or nothing: the end of the permanent redirects that a visit began with.

    `chain`: the URLs that were asked for; `hops`: the statuses that led from one to the next. What comes after a
    temporary redirect says nothing about the feed's own address.
    """
    lasting = 0
    while lasting < len(hops) and hops[lasting] in PERMANENT:
        lasting += 1
    return chain[lasting] if lasting else ""


def can_move(feed: FeedRow) -> bool:
    """Tell whether a listing may go on under another URL: a feed or a sitemap of the source's own. A section page may
    lead to a front page by a redirect that means nothing, and a sitemap of an index is named by its index."""
    return feed.kind != "section" and feed.parent_id is None


def is_child_due(child: Entry, feed: FeedRow) -> bool:
    """Tell whether a sitemap may hold something new, by what its index says of it and by its last visit."""
    if feed.status in ("gone", "removed"):
        return False
    if child.updated is None or feed.last_checked_at is None or feed.failures:
        return True
    # a day without a time may mean its last minute
    until = child.updated + timedelta(days=1) if child.updated.time() == time() else child.updated
    return until >= parse_utc(feed.last_checked_at)


def due_children(
    index: FeedRow,
    children: Iterable[Entry],
    known: Mapping[str, FeedRow],
    asked: Collection[str],
    most: int,
    oldest: datetime | None,
) -> tuple[list[str], int]:
    """URLs of the sitemaps of an index that may hold something new, in the order given, and how many are left over.

    `known`: those that it named before; `asked`: those of this run; `most`: how many more may be asked for; `oldest`:
    what did not change since is not looked at.
    """
    due: dict[str, None] = {}
    for child in children:
        if child.url == index.url or child.url in asked or (oldest and child.updated and child.updated < oldest):
            continue
        if (feed := known.get(child.url)) is None or is_child_due(child, feed):
            due.setdefault(child.url)
    return list(due)[: max(most, 0)], max(len(due) - max(most, 0), 0)

"""What the listings of a run say: read by a worker, as offers for the ledger, and the sitemaps that an index leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scrapy.http import Response

from archive.rows import FeedRow, Offer
from crawler.discovery.entry import Entry, Listing
from crawler.discovery.listing import read_listing
from crawler.extraction.lanes import WorkerFailed
from crawler.feedlife import due_children
from crawler.fetch.bodies import CUT
from crawler.http import header
from crawler.offers import offers_of

if TYPE_CHECKING:
    from crawler.spiders.news import NewsSpider

HEAD_READ = 2 * 1024 * 1024  # bytes that are read of a listing when a worker cannot read it all: some thousand entries


class ListingReader:
    """Reads the listings of one spider's source."""

    def __init__(self, spider: NewsSpider) -> None:
        self._spider = spider
        self._sitemaps: set[str] = set()  # those of this run that an index named
        self.indexes: dict[int, FeedRow] = {}  # that led to them, as they were before

    async def read(self, feed: FeedRow, response: Response, body: bytes, now: datetime) -> Listing:
        """What a worker reads in a body; in its head, when the whole is more than a worker can do in its bounds."""
        content_type, sites = header(response, "Content-Type") or "", self._spider.source.sites
        try:
            return await self._spider.runtime.pool.run(
                read_listing, feed.kind, body, response.url, content_type, now, self.pattern(feed), sites,
                lane=self._spider.lane,
            )  # fmt: skip
        except WorkerFailed as error:
            if len(body) <= HEAD_READ:
                raise
            listing = await self.read(feed, response, body[:HEAD_READ], now)
            said = f"only the first {HEAD_READ} bytes were read, the whole {error}"
            return replace(listing, problems=(said, *listing.problems))

    def too_long(self, response: Response) -> str:
        """That a listing came without its end, which may be where its newest entries are; nothing when it came whole."""
        if CUT not in response.flags:
            return ""
        if response.request is not None and response.request.meta.get("no_room"):
            return "broken off, since there was no room for all of it (BODIES_MAX)"
        longest = self._spider.runtime.settings.getint("LISTING_MAXSIZE")
        return f"longer than {longest} bytes (LISTING_MAXSIZE): what stands behind them is not seen"

    def pattern(self, feed: FeedRow) -> str | None:
        """Which of the URLs that a listing names are articles, where the source file says so."""
        source = self._spider.source
        places = source.sections if feed.kind == "section" else source.sitemaps if feed.kind == "sitemap" else ()
        while feed.parent_id in self.indexes:  # what is said of an index is meant for its parts
            feed = self.indexes[feed.parent_id]
        return next((place.articles for place in places if place.url == feed.url), None)

    def offers(self, feed: FeedRow, entries: Iterable[Entry], now: datetime) -> list[Offer]:
        """What the ledger is offered of the entries of a listing."""
        spider = self._spider
        runtime, source = spider.runtime, spider.source
        if feed.kind == "section":  # a page links to its partners; only what a feed offers is an offer
            own = (entry for entry in entries if source.owns(entry.url))
            return offers_of(own, now, 0, source.owns, runtime.guard)
        pattern = self.pattern(feed) if feed.kind == "sitemap" else None
        wanted = (entry for entry in entries if not pattern or re.search(pattern, entry.url))
        return offers_of(wanted, now, self._max_age(), source.owns, runtime.guard)

    async def children(self, index: FeedRow, children: Iterable[Entry], now: datetime) -> tuple[list[FeedRow], int]:
        """The sitemaps of an index that are new or may have changed since they were read, newest first, and how many
        there would be beyond those that are read in one run."""
        runtime = self._spider.runtime
        ledger = runtime.archive.ledger
        days = self._max_age()
        most = runtime.settings.getint("SITEMAPS_PER_RUN") - len(self._sitemaps)
        oldest = now - timedelta(days=days) if days else None
        urls, left = due_children(index, children, ledger.children(index), self._sitemaps, most, oldest)
        if not urls:
            return [], left
        self._sitemaps.update(urls)
        self.indexes[index.id] = index
        rows = await runtime.writer.write(lambda: [ledger.child_feed(index, url, now) for url in urls])
        # what the source file names itself has a time of its own
        return [row for row in rows if row.parent_id is not None and row.status not in ("gone", "removed")], left

    def _max_age(self) -> int:
        """Days after which what is offered is old; 0: never."""
        limit = self._spider.source.limits.max_age
        return self._spider.runtime.max_age_days if limit is None else limit

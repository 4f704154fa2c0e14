"""Visits to feeds, sitemaps and section pages: from the response to rows in the ledger."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import ArchiveError
from archive.raw import Exchange, Placed
from archive.records import parse_utc, utc_text
from archive.rows import FeedRow, FeedVisit, Offer, Offered, Outcome
from crawler.discovery.entry import Entry
from crawler.discovery.listing import read_listing
from crawler.errors import CrawlerError
from crawler.fetch.politeness import SLOT
from crawler.http import REDIRECTS, conditional, header
from crawler.outcomes import feed_backoff, of_error
from crawler.polling import next_check
from crawler.urls import canonical, host_key, join

if TYPE_CHECKING:
    from crawler.spiders.news import NewsSpider

log = logging.getLogger(__name__)
REDIRECTS_MAX = 5
SUMMARY_KEPT = 1000  # characters of a feed's summary that stay with the page as a hint


@dataclass(frozen=True, slots=True)
class ListingVisit:
    """A listing on its way, with the captures that are to be indexed with it."""

    feed: FeedRow
    chain: tuple[str, ...]
    captures: tuple[tuple[Exchange, Placed], ...] = ()


def to_offer(entry: Entry, now: datetime, max_age_days: int, refusal: tuple[Outcome, str] | None = None) -> Offer:
    """What the ledger keeps of an entry; entries that are too old or lead elsewhere get their outcome at once.

    `refusal`: what the net guard has against its URL.
    """
    url = canonical(entry.url)
    hint: dict[str, Any] = {
        "offered": entry.url if entry.url != url else "",
        "title": entry.title,
        "published": entry.published and utc_text(entry.published),
        "updated": entry.updated and utc_text(entry.updated),
        "authors": list(entry.authors),
        "guid": entry.guid,
        "summary": entry.summary[:SUMMARY_KEPT],
        "language": entry.language,
        "tags": list(entry.tags),
    }
    hint = {key: value for key, value in hint.items() if value}
    newest = max((moment for moment in (entry.published, entry.updated) if moment), default=None)
    stamp = utc_text(min(newest, now)) if newest else ""
    if refusal is not None:
        return Offer(url, hint, stamp, refusal[0], refusal[1] or "not on a site of the source")
    if max_age_days and newest and now - newest > timedelta(days=max_age_days):
        return Offer(url, hint, stamp, Outcome.SKIPPED_OLD, f"from {stamp}, older than {max_age_days} days")
    return Offer(url, hint, stamp)


def entry_of_hint(url: str, hint: dict[str, Any]) -> Entry:
    """The entry that a hint was made of."""

    def moment(key: str) -> datetime | None:
        return parse_utc(hint[key]) if hint.get(key) else None

    return Entry(
        url=hint.get("offered") or url,
        title=hint.get("title", ""),
        published=moment("published"),
        updated=moment("updated"),
        authors=tuple(hint.get("authors", ())),
        guid=hint.get("guid", ""),
        summary=hint.get("summary", ""),
        language=hint.get("language", ""),
        tags=tuple(hint.get("tags", ())),
    )


def is_child_due(child: Entry, feed: FeedRow) -> bool:
    """Tell whether a sitemap may hold something new, by what its index says of it and by its last visit."""
    if feed.status in ("gone", "removed"):
        return False
    if child.updated is None or feed.last_checked_at is None or feed.failures:
        return True
    # a day without a time may mean its last minute
    until = child.updated + timedelta(days=1) if child.updated.time() == time() else child.updated
    return until >= parse_utc(feed.last_checked_at)


class ListingVisitor:
    """Asks for the listings of one spider's source and writes down what they offered."""

    def __init__(self, spider: NewsSpider) -> None:
        self._spider = spider
        self.open = 0  # visits that are not finished
        self._sitemaps: set[str] = set()  # those of this run that an index named

    def request(self, feed: FeedRow) -> Request:
        """The first request of a visit, conditional when the feed was fetched before."""
        self.open += 1
        self._spider.counts["feeds"] += 1
        return self._request(ListingVisit(feed, (feed.url,)))

    def _request(self, visit: ListingVisit) -> Request:
        feed = visit.feed
        return Request(
            visit.chain[-1],
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"visit": visit},
            priority=10,
            headers=conditional(feed.etag, feed.last_modified),
            dont_filter=True,
            meta={"visit": visit, **SLOT},
        )

    async def parse(self, response: Response, visit: ListingVisit) -> Any:
        """Keep the answer; read what it lists, unless it is what it was."""
        spider, feed = self._spider, visit.feed
        try:
            exchange: Exchange = response.meta["exchange"]
            visit = replace(visit, captures=(*visit.captures, (exchange, spider.runtime.keep(exchange))))
            status = response.status
            if status in REDIRECTS and (location := response.headers.get("Location")):
                target = join(response.url, location.decode("utf-8", "replace"))
                if target and target not in visit.chain and len(visit.chain) <= REDIRECTS_MAX:
                    yield self._request(replace(visit, chain=(*visit.chain, target)))
                    return
                await self._fail(visit, f"redirects in a circle or to no usable URL: {target}", status)
            elif (status == 304 and feed.digest) or (status == 200 and exchange.digest == feed.digest):
                await self._unchanged(visit, response)
            elif status == 200:
                for request in await self._read(visit, response, exchange):
                    yield request
            else:
                await self._fail(visit, f"HTTP {status}", status, response.meta.get("retry_after"))
        except ArchiveError as error:
            log.debug("%s stays due: %s", feed.url, error)  # the writer has stopped the run
        except CrawlerError as error:
            await self._fail(visit, str(error), response.status)
        except Exception as error:
            log.exception("%s: %s", spider.name, feed.url)
            await self._fail(visit, f"{type(error).__name__}: {error}", response.status)
        self._done()

    async def failed(self, failure: Failure) -> None:
        """Write down a visit that brought no response."""
        visit: ListingVisit = failure.request.meta["visit"]  # type: ignore[attr-defined]
        runtime = self._spider.runtime
        end = of_error(failure.value or RuntimeError("no reason given"), 0, runtime.now(), runtime.retries)
        host = host_key(visit.chain[-1])
        address = runtime.guard.refused.get(host.rpartition(":")[0] or host)
        # a host on hold and a robots.txt that is out of reach say when it is worth another try
        wait = (end.next_attempt_at - runtime.now()).total_seconds() if end.next_attempt_at else None
        try:
            detail = f"resolves to {address}, which is not public" if address else end.detail
            await self._fail(visit, detail, wait=wait)
        finally:
            self._done()

    def _done(self) -> None:
        self.open -= 1
        self._spider.wake()

    async def _read(self, visit: ListingVisit, response: Response, exchange: Exchange) -> list[Request]:
        spider, feed, runtime = self._spider, visit.feed, self._spider.runtime
        now = runtime.now()
        content_type = header(response, "Content-Type") or ""
        listing = await runtime.pool.run(
            read_listing,
            feed.kind,
            response.body,
            response.url,
            content_type,
            now,
            self._pattern(feed),
            spider.source.sites,
        )
        offers = self._offers(feed, listing.entries, now)
        children = await self._children(feed, listing.children, now)
        base = FeedVisit(
            next_check_at=now,
            ok=True,
            http_status=response.status,
            detail="; ".join(listing.problems[:3]),
            items=len(offers),
        )
        if not children:
            # an index with sitemaps left to read is read again, whether it has changed or not
            base = replace(
                base,
                etag=header(response, "ETag"),
                last_modified=header(response, "Last-Modified"),
                digest=exchange.digest,
            )
        ttl = timedelta(minutes=listing.ttl_minutes or 0)

        def job() -> Offered:
            offered = runtime.archive.ledger.offer(spider.source_id, feed.id, offers, now)
            ended = self._scheduled(feed, replace(base, new_items=offered.new), now, ttl)
            self._write(visit, ended, now)
            return offered

        offered = await runtime.writer.write(job)
        spider.counts["discovered"] += offered.new
        spider.counts["known"] += offered.known
        spider.outcomes.update(offered.refused)
        return [self.request(child) for child in children]

    def _pattern(self, feed: FeedRow) -> str | None:
        source = self._spider.source
        places = source.sections if feed.kind == "section" else source.sitemaps if feed.kind == "sitemap" else ()
        return next((place.articles for place in places if place.url == feed.url), None)

    def _offers(self, feed: FeedRow, entries: Iterable[Entry], now: datetime) -> list[Offer]:
        source, runtime = self._spider.source, self._spider.runtime
        pattern = self._pattern(feed) if feed.kind == "sitemap" else None
        days = runtime.max_age_days if source.limits.max_age is None else source.limits.max_age
        offers: dict[str, Offer] = {}
        for entry in entries:
            owns = source.owns(entry.url)
            if pattern and not re.search(pattern, entry.url):
                continue
            if feed.kind == "section" and not owns:
                continue  # a page links to its partners; only what a feed offers is an offer
            refusal = runtime.guard.refusal(entry.url, owns)
            if refusal is None and join(entry.url, entry.url) is None:
                refusal = Outcome.BLOCKED_NETWORK, "not a URL that can be fetched"
            offer = to_offer(entry, now, 0 if feed.kind == "section" else days, refusal)
            offers.setdefault(offer.url, offer)
        return list(offers.values())

    async def _children(self, index: FeedRow, children: Iterable[Entry], now: datetime) -> list[FeedRow]:
        """The sitemaps of an index that are new or may have changed since they were read, newest first."""
        spider, runtime = self._spider, self._spider.runtime
        days = runtime.max_age_days if spider.source.limits.max_age is None else spider.source.limits.max_age
        due: list[FeedRow] = []
        for child in children:
            if days and child.updated and now - child.updated > timedelta(days=days):
                continue
            if child.url == index.url or child.url in self._sitemaps:
                continue
            if len(self._sitemaps) >= runtime.settings.getint("SITEMAPS_PER_RUN"):
                log.info("%s: %s names more sitemaps than are read in one run", spider.name, index.url)
                break
            feed = await runtime.writer.write(partial(runtime.archive.ledger.child_feed, index, child.url, now))
            if is_child_due(child, feed):
                self._sitemaps.add(child.url)
                due.append(feed)
        return due

    async def _unchanged(self, visit: ListingVisit, response: Response) -> None:
        now = self._spider.runtime.now()
        ended = FeedVisit(
            next_check_at=now,
            ok=True,
            http_status=response.status,
            detail="unchanged",
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        self._spider.counts["feeds_unchanged"] += 1
        ended = self._scheduled(visit.feed, ended, now, timedelta(0))
        await self._spider.runtime.writer.write(lambda: self._write(visit, ended, now))

    async def _fail(
        self, visit: ListingVisit, detail: str, status: int | None = None, wait: float | None = None
    ) -> None:
        spider, feed, now = self._spider, visit.feed, self._spider.runtime.now()
        spider.counts["feeds_failed"] += 1
        log.warning("%s: %s: %s", spider.name, feed.url, detail)
        later = now + max(feed_backoff(feed.failures), timedelta(seconds=wait or 0))
        ended = FeedVisit(
            next_check_at=later,
            ok=False,
            status="gone" if status == 410 else "failing",
            http_status=status,
            detail=detail,
        )
        try:
            await spider.runtime.writer.write(lambda: self._write(visit, ended, now))
        except ArchiveError:
            log.debug("%s stays due", feed.url)

    def _scheduled(self, feed: FeedRow, visit: FeedVisit, now: datetime, ttl: timedelta) -> FeedVisit:
        schedule = self._spider.source.schedule
        later, state = next_check(
            feed.polling, now, new_items=visit.new_items, ttl=ttl, first_look=feed.last_checked_at is None
        )
        return replace(visit, next_check_at=schedule.next_after(now) or later, polling=state)

    def _write(self, visit: ListingVisit, ended: FeedVisit, now: datetime) -> None:
        for exchange, placed in visit.captures:
            self._spider.runtime.archive.captures.add(exchange, placed, feed_id=visit.feed.id)
        self._spider.runtime.archive.ledger.feed_visited(visit.feed, ended, now)

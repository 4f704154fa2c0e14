"""Visits to feeds, sitemaps and section pages: from the response to rows in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import ArchiveError
from archive.raw import Exchange, Placed
from archive.rows import FeedRow, FeedVisit, Offered
from crawler.errors import CrawlerError, FeedError, HostsLost
from crawler.extraction.lanes import PutOff
from crawler.feedlife import can_move, moved_to, validators
from crawler.fetch import trouble
from crawler.fetch.politeness import SLOT, HostOnHold
from crawler.http import fresh_for, header, location
from crawler.listing_reader import ListingReader
from crawler.lookout import Found
from crawler.outcomes import feed_backoff, of_error
from crawler.polling import Asked
from crawler.sites import is_shared
from crawler.urls import host_key, join

if TYPE_CHECKING:
    from crawler.spiders.news import NewsSpider

log = logging.getLogger(__name__)
REDIRECTS_MAX = 5
FIRST = 1_000_000  # priority of a request for a listing: before those for pages, and in their order


@dataclass(frozen=True, slots=True)
class ListingVisit:
    """A listing on its way, with the captures that are to be indexed with it."""

    feed: FeedRow
    chain: tuple[str, ...]
    validators: Mapping[str, str]  # sent with each request; empty: the whole is asked for
    hops: tuple[int, ...] = ()  # the statuses of the redirects on the way
    captures: tuple[tuple[Exchange, Placed], ...] = ()


class ListingVisitor:
    """Asks for the listings of one spider's source and writes down what they offered."""

    def __init__(self, spider: NewsSpider) -> None:
        self._spider = spider
        self.open = 0  # visits that are not finished
        self._asked = 0  # requests so far
        self.reader = ListingReader(spider)

    def request(self, feed: FeedRow) -> Request:
        """The first request of a visit, conditional when the feed was fetched before."""
        self.open += 1
        self._spider.counts["feeds"] += 1
        return self._request(ListingVisit(feed, (feed.url,), validators(feed, self._spider.runtime.now())))

    def _request(self, visit: ListingVisit) -> Request:
        self._asked += 1  # Scrapy takes the last of equals first, and the newest sitemap comes first
        return Request(
            visit.chain[-1],
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"visit": visit},
            priority=FIRST - self._asked,
            headers=dict(visit.validators),
            dont_filter=True,
            meta={"visit": visit, "listing": True, "room": f"feed {visit.feed.id}", **SLOT},
        )

    async def parse(self, response: Response, visit: ListingVisit) -> Any:
        """Keep the answer; read what it lists, unless it is what it was."""
        spider, feed = self._spider, visit.feed
        try:
            exchange: Exchange = response.meta["exchange"]
            visit = replace(visit, captures=(*visit.captures, (exchange, spider.runtime.keep(exchange))))
            status = response.status
            if location(response) is not None:
                yield self._request(self._next_hop(visit, response))
                return
            if status == 304 and not visit.validators:
                await self._fail(visit, "HTTP 304 to a request for the whole", status)
            elif status == 304 or (status == 200 and exchange.digest == feed.digest):
                await self._unchanged(visit, response)
            elif status == 200:
                for request in await self._read(visit, response, exchange):
                    yield request
            else:
                wait = response.meta.get("retry_after")
                await self._fail(visit, f"HTTP {status}", status, wait, trouble.of_status(status))
        except PutOff as error:
            await self._put_off(visit, spider.intake.later(), str(error))
            return
        except ArchiveError as error:
            log.debug("%s stays due: %s", feed.url, error)  # the writer has stopped the run
        except CrawlerError as error:
            detail = "; ".join(filter(None, (self.reader.too_long(response), str(error))))
            await self._fail(visit, detail, response.status)
        except Exception as error:
            log.exception("%s: %s", spider.name, feed.url)
            await self._fail(visit, f"{type(error).__name__}: {error}", response.status)
        self._done(visit)

    def _next_hop(self, visit: ListingVisit, response: Response) -> ListingVisit:
        """The visit one redirect further. Raises FeedError where it is not to be followed."""
        raw, source = location(response) or "", self._spider.source
        target = join(response.url, raw)
        if target is None:
            raise FeedError(f"redirects to no usable URL: {raw!r}")
        if target in visit.chain:
            raise FeedError(f"redirects in a circle, back to {target}")
        if len(visit.chain) > REDIRECTS_MAX:
            raise FeedError(f"more than {REDIRECTS_MAX} redirects, the last one to {target}")
        if not (source.owns(target) or (visit.feed.kind == "feed" and is_shared(target))):
            raise FeedError(f"offsite: redirects to {target}, which is on no site of the source (see domains)")
        return replace(visit, chain=(*visit.chain, target), hops=(*visit.hops, response.status))

    async def failed(self, failure: Failure) -> None:
        """Write down a visit that brought no response."""
        visit: ListingVisit = failure.request.meta["visit"]  # type: ignore[attr-defined]
        runtime = self._spider.runtime
        if isinstance(failure.value, HostsLost):
            self._done(visit)  # it stays due
            return
        if isinstance(failure.value, HostOnHold):
            await self._put_off(visit, failure.value.until, str(failure.value))
            return
        end = of_error(failure.value or RuntimeError("no reason given"), 0, runtime.now(), runtime.retries)
        host = host_key(visit.chain[-1])
        address = runtime.guard.refused.get(host.rpartition(":")[0] or host)
        # a host on hold and a robots.txt that is out of reach say when it is worth another try
        wait = (end.next_attempt_at - runtime.now()).total_seconds() if end.next_attempt_at else None
        try:
            detail = f"resolves to {address}, which is not public" if address else end.detail
            what = trouble.of_error(failure.value) if failure.value else None
            await self._fail(visit, detail, wait=wait, what=what)
        finally:
            self._done(visit)

    async def _put_off(self, visit: ListingVisit, until: datetime, why: str) -> None:
        """Ask for a listing later that was not asked for, or not read, and so did not fail."""
        ledger, feed = self._spider.runtime.archive.ledger, visit.feed
        log.info("%s: %s: %s", self._spider.name, feed.url, why)
        self._spider.counts["feeds"] -= 1
        try:
            await self._spider.runtime.writer.write(lambda: ledger.put_off_feed(feed, until, why))
        except ArchiveError:
            log.debug("%s stays due", feed.url)
        finally:
            self._done(visit)

    def _done(self, visit: ListingVisit) -> None:
        self.open -= 1
        self._spider.runtime.room.free(f"feed {visit.feed.id}")
        self._spider.wake()

    async def _read(self, visit: ListingVisit, response: Response, exchange: Exchange) -> list[Request]:
        spider, feed, runtime = self._spider, visit.feed, self._spider.runtime
        now = runtime.now()
        listing = await self.reader.read(feed, response, response.body, now)
        if feed.kind == "section" and exchange.wishes.nofollow:
            listing = replace(listing, entries=(), problems=(f"the page says {exchange.wishes.robots}",))
        offers = self.reader.offers(feed, listing.entries, now)
        own = [child for child in listing.children if spider.source.owns(child.url)]
        children, left = await self.reader.children(feed, own, now)
        problems = [too_long] if (too_long := self.reader.too_long(response)) else []
        if left:
            problems.append(f"{left} more sitemaps are left for later runs")
        if away := len(listing.children) - len(own):
            problems.append(f"{away} sitemaps on other sites are left out (see domains)")
        base = FeedVisit(
            next_check_at=now,
            ok=True,
            http_status=response.status,
            detail="; ".join([*problems, *listing.problems[:3]]),
            items=len(offers),
            body=True,
            moved_to=self._moved(visit) if listing.entries or listing.children else "",
        )
        if not children and not left and not (too_long and response.meta.get("no_room")):
            # an index with sitemaps left to read is read again, whether it has changed or not; so is what was broken off
            base = replace(
                base,
                etag=header(response, "ETag"),
                last_modified=header(response, "Last-Modified"),
                digest=exchange.digest,
            )
        ttl = timedelta(minutes=listing.ttl_minutes or 0)
        asked = Asked(ttl, fresh_for(response), listing.skip_hours)

        def job() -> Offered:
            news = runtime.lookout.news(feed, offers)
            offered = runtime.archive.ledger.offer(spider.source_id, feed.id, offers, now)
            found = Found(news, len(offers), offered.known > 0, asked)
            self._write(visit, self._scheduled(feed, replace(base, new_items=offered.new), now, found), now)
            return offered

        offered = await runtime.writer.write(job)
        spider.counts["discovered"] += offered.new
        spider.counts["known"] += offered.known
        spider.outcomes.update(offered.refused)
        return [self.request(child) for child in children]

    def _moved(self, visit: ListingVisit) -> str:
        """Where the listing of a visit went for good; a sitemap with a pattern of its own stays where the file says."""
        if not can_move(visit.feed) or self.reader.pattern(visit.feed):
            return ""
        return moved_to(visit.chain, visit.hops)

    async def _unchanged(self, visit: ListingVisit, response: Response) -> None:
        now = self._spider.runtime.now()
        ended = FeedVisit(
            next_check_at=now,
            ok=True,
            http_status=response.status,
            detail="; ".join(filter(None, ("unchanged", self.reader.too_long(response)))),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            body=response.status == 200,
            moved_to=self._moved(visit),
        )
        self._spider.counts["feeds_unchanged"] += 1
        found = Found(asked=Asked(fresh=fresh_for(response)))
        await self._spider.runtime.writer.write(
            lambda: self._write(visit, self._scheduled(visit.feed, ended, now, found), now)
        )

    async def _fail(
        self,
        visit: ListingVisit,
        detail: str,
        status: int | None = None,
        wait: float | None = None,
        what: trouble.Trouble | None = None,
    ) -> None:
        spider, feed, now = self._spider, visit.feed, self._spider.runtime.now()
        spider.counts["feeds_failed"] += 1
        log.warning("%s: %s: %s", spider.name, feed.url, detail)
        later = now + max(feed_backoff(feed.failures, what), timedelta(seconds=wait or 0))
        ended = FeedVisit(
            next_check_at=later,
            ok=False,
            status="gone" if status == 410 else "failing",
            http_status=status,
            detail=detail,
        )

        def job() -> None:
            spider.runtime.lookout.failed(spider.source.schedule, now)
            self._write(visit, ended, now)

        try:
            await spider.runtime.writer.write(job)
        except ArchiveError:
            log.debug("%s stays due", feed.url)

    def _scheduled(self, feed: FeedRow, visit: FeedVisit, now: datetime, found: Found) -> FeedVisit:
        """The visit with its next one; that to a sitemap which an index named counts for the index."""
        schedule, lookout = self._spider.source.schedule, self._spider.runtime.lookout
        if feed.parent_id is not None:
            if index := self.reader.indexes.get(feed.parent_id):
                lookout.credit(index, schedule, found.published, now)
            return visit
        later, state = lookout.look(feed, schedule, now, found)
        return replace(visit, next_check_at=later, polling=state)

    def _write(self, visit: ListingVisit, ended: FeedVisit, now: datetime) -> None:
        for exchange, placed in visit.captures:
            self._spider.runtime.archive.captures.add(exchange, placed, feed_id=visit.feed.id)
        self._spider.runtime.archive.ledger.feed_visited(visit.feed, ended, now)

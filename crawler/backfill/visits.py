"""Visits to the places of a source's own site that lead back: asked for as politely as any listing, and written down."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import ArchiveError
from archive.backfill import PREFIX, Backfill, Place
from archive.raw import Exchange, Placed
from archive.rows import Offer
from crawler.backfill.listings import candidates_of, is_stale, may_follow, oldest_day, page_behind, parts_of
from crawler.discovery.entry import Entry, Listing
from crawler.discovery.listing import read_listing
from crawler.errors import CrawlerError, FeedError
from crawler.extraction.lanes import PutOff
from crawler.fetch.politeness import SLOT
from crawler.http import header, location
from crawler.listings import FIRST, REDIRECTS_MAX
from crawler.offers import offers_of
from crawler.outcomes import of_error
from crawler.urls import join, offer_key

if TYPE_CHECKING:
    from crawler.backfill.spider import BackfillSpider

log = logging.getLogger(__name__)
NOT_THERE = (404, 410)


@dataclass(frozen=True, slots=True)
class PlaceVisit:
    """A place on its way, with the captures of the answers."""

    place: Place
    chain: tuple[str, ...]
    captures: tuple[tuple[Exchange, Placed], ...] = ()


class Places:
    """Asks for the places of one spider, one after another, and writes down what they led to."""

    def __init__(self, spider: BackfillSpider) -> None:
        self._spider = spider
        self.open = 0  # visits that are not finished
        self.visited: set[int] = set()  # in this run
        self.troubles: list[str] = []
        # root -> the entries of its first page, which is what many give for any number, and of the last one of this run
        self._entries: dict[str, tuple[frozenset[str] | None, frozenset[str] | None]] = {}

    def request(self, place: Place) -> Request:
        """The first request of a visit."""
        self.open += 1
        self.visited.add(place.id)
        return self._request(PlaceVisit(place, (place.url,)))

    def _request(self, visit: PlaceVisit) -> Request:
        return Request(
            visit.chain[-1],
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"visit": visit},
            priority=FIRST,
            dont_filter=True,
            meta={"visit": visit, "listing": True, "room": f"place {visit.place.id}", **SLOT},
        )

    async def parse(self, response: Response, visit: PlaceVisit) -> Any:
        """Keep the answer, then read what it lists."""
        spider, place = self._spider, visit.place
        try:
            exchange: Exchange = response.meta["exchange"]
            visit = replace(visit, captures=(*visit.captures, (exchange, spider.runtime.keep(exchange))))
            spider.budget.add(requests=1, bytes=len(response.body))
            if location(response) is not None:
                yield self._request(self._next_hop(visit, response))
                return
            if response.status in NOT_THERE:
                await self._end(visit, f"HTTP {response.status}", trouble=place.url == place.root)
            elif response.status != 200:
                await self._fail(visit, f"HTTP {response.status}")
            else:
                await self._read(visit, response)
        except ArchiveError as error:
            log.debug("%s is left: %s", place.url, error)  # the writer has stopped the run
        except (PutOff, CrawlerError) as error:
            await self._fail(visit, str(error))
        except Exception as error:
            log.exception("%s: %s", spider.name, place.url)
            await self._fail(visit, f"{type(error).__name__}: {error}")
        self._done(visit)

    def _next_hop(self, visit: PlaceVisit, response: Response) -> PlaceVisit:
        raw = location(response) or ""
        target = join(response.url, raw)
        if target is None or target in visit.chain or len(visit.chain) > REDIRECTS_MAX:
            raise FeedError(f"redirects to {raw!r}, which leads nowhere")
        if not may_follow(target, visit.place.root, self._spider.source.owns):
            raise FeedError(f"redirects to {target}, which is on no site of the source")
        return replace(visit, chain=(*visit.chain, target))

    async def failed(self, failure: Failure) -> None:
        """Write down a visit that brought no response."""
        visit: PlaceVisit = failure.request.meta["visit"]  # type: ignore[attr-defined]
        runtime = self._spider.runtime
        self._spider.budget.add(requests=1)
        try:
            error = failure.value or RuntimeError("no reason given")
            await self._fail(visit, of_error(error, 0, runtime.now(), runtime.retries).detail)
        finally:
            self._done(visit)

    def _done(self, visit: PlaceVisit) -> None:
        self.open -= 1
        self._spider.runtime.room.free(f"place {visit.place.id}")
        self._spider.wake()

    # -- what it led to ----------------------------------------------------------------------------------------------

    async def _read(self, visit: PlaceVisit, response: Response) -> None:
        spider, place, now = self._spider, visit.place, self._spider.runtime.now()
        kind = "sitemap" if place.via == "sitemaps" else "feed"
        content_type = header(response, "Content-Type") or ""
        listing = await spider.runtime.pool.run(
            read_listing, kind, response.body, response.url, content_type, now, None, spider.source.sites,
            lane=spider.lane,
        )  # fmt: skip
        repeats = place.via == "feeds" and self._repeats(place, listing.entries)
        offers = [] if repeats else self._offers(place, listing.entries, now)
        refused = [offer for offer in offers if offer.refused]
        wanted = candidates_of((offer for offer in offers if not offer.refused), place)
        detail = "repeats a page before it" if repeats else "; ".join(listing.problems[:3])

        def job() -> int:
            back, ledger = Backfill(spider.runtime.archive.db), spider.runtime.archive.ledger
            new = back.add(spider.source_id, place.via, wanted)
            ledger.offer(spider.source_id, None, refused, now)
            if place.via == "sitemaps":
                self._open_parts(back, place, listing, now)
            elif not repeats:
                self._open_next(back, place, listing, response.url, new)
            self._write(back, visit, now, detail)
            return new

        spider.counts["found"] += await spider.runtime.writer.write(job)
        spider.counts["places"] += 1

    def _offers(self, place: Place, entries: Iterable[Entry], now: datetime) -> list[Offer]:
        spider = self._spider
        pattern = spider.pattern_of(place)
        wanted = (entry for entry in entries if not pattern or re.search(pattern, entry.url))
        offers = offers_of(wanted, now, 0, spider.source.owns, spider.runtime.guard)
        return [replace(offer, via=PREFIX + place.via) for offer in offers]

    def _open_parts(self, back: Backfill, place: Place, listing: Listing, now: datetime) -> None:
        spider = self._spider
        for part in parts_of(listing, spider.source.owns):
            before = back.place(spider.source_id, "sitemaps", part.url)
            opened = back.open_place(
                spider.source_id, "sitemaps", part.url, root=place.root, oldest=part.oldest, newest=part.newest
            )
            if before is not None and before.done and before.id not in self.visited and is_stale(before, part, now):
                back.again(opened.id)

    def _open_next(self, back: Backfill, place: Place, listing: Listing, url: str, new: int) -> None:
        behind = page_behind(listing, url) if listing.entries else ""
        if not behind or not may_follow(behind, place.root, self._spider.source.owns):
            return
        source_id = self._spider.source_id
        before = back.place(source_id, "feeds", behind)
        # what stands behind a page is older than that page
        opened = back.open_place(source_id, "feeds", behind, root=place.root, newest=oldest_day(listing.entries))
        # the pages move on with each article that is published: what was read is read again while there is news
        if before is not None and before.done and new and before.id not in self.visited:
            back.again(opened.id)

    def _repeats(self, place: Place, entries: Iterable[Entry]) -> bool:
        """Does a page of a feed give nothing but what pages before it gave? Some servers answer so behind the last one."""
        fresh = frozenset(offer_key(entry.url) for entry in entries)
        first, last = self._entries.get(place.root, (None, None))
        self._entries[place.root] = (first if first is not None else fresh, fresh)
        return any(earlier is not None and fresh <= earlier for earlier in (first, last))

    async def _end(self, visit: PlaceVisit, detail: str, *, trouble: bool) -> None:
        now = self._spider.runtime.now()
        if trouble:
            self.troubles.append(f"{visit.place.url}: {detail}")
        await self._spider.runtime.writer.write(
            lambda: self._write(Backfill(self._spider.runtime.archive.db), visit, now, detail)
        )

    async def _fail(self, visit: PlaceVisit, detail: str) -> None:
        place, spider = visit.place, self._spider
        self.troubles.append(f"{place.url}: {detail}")
        log.warning("%s: %s: %s", spider.name, place.url, detail)

        def job() -> None:
            back = Backfill(spider.runtime.archive.db)
            self._index(visit)
            back.failed(place.id, detail)
            back.spend(spider.source_id, spider.runtime.now(), spider.budget.unsaved())

        try:
            await spider.runtime.writer.write(job)
        except ArchiveError:
            log.debug("%s stays to be read", place.url)

    def _write(self, back: Backfill, visit: PlaceVisit, now: datetime, detail: str) -> None:
        """Inside a write job: the place was read."""
        self._index(visit)
        back.read(visit.place.id, now, detail=detail)
        back.spend(self._spider.source_id, now, self._spider.budget.unsaved())

    def _index(self, visit: PlaceVisit) -> None:
        for exchange, placed in visit.captures:
            self._spider.runtime.archive.captures.add(exchange, placed)

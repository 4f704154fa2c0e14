"""The spider that goes back on a source's own site: dated sitemaps and paged feeds, and the pages that they name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from archive import ArchiveError
from archive.backfill import PREFIX, Backfill, Candidate, Place
from archive.rows import Offer, Outcome, PageRow, Settlement
from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days
from crawler.backfill.visits import Places, PlaceVisit
from crawler.extraction.lanes import Lane
from crawler.intake import Intake
from crawler.runtime import Runtime
from crawler.spiders.news import NewsSpider
from crawler.steps import Steps
from crawler.traps import form_of
from crawler.visit import Visit


class BackfillIntake(Intake):
    """Gives out what was found on the way back and not fetched yet, the newest first, as far as the budget goes."""

    def __init__(self, spider: BackfillSpider, started: datetime, lane: Lane) -> None:
        super().__init__(spider.runtime, spider.source_id, started, lane)
        self._spider = spider
        self.claims: dict[int, Candidate] = {}  # by the id of its page

    async def claim(self, limit: int, in_hand: Collection[int]) -> list[PageRow]:
        """At most `limit` pages, except those in hand."""
        spider, runtime = self._spider, self._spider.runtime
        while (room := min(limit, spider.budget.pages_left())) > 0 and not self._lane.given_up:
            now, back = runtime.now(), Backfill(runtime.archive.db)
            held = {one.id for page_id, one in self.claims.items() if page_id in in_hand}
            found = back.newest(spider.source_id, spider.via, *spider.days.texts, room, now, held)
            if not found:
                return []
            pages = await runtime.writer.write(lambda back=back, found=found, now=now: self._offer(back, found, now))  # type: ignore[misc]
            if pages:
                spider.budget.add(pages=len(pages))
                return pages
        return []

    def _offer(self, back: Backfill, found: Sequence[Candidate], now: datetime) -> list[PageRow]:
        """Inside a write job: make pages of candidates; what the archive has is dropped."""
        spider, ledger, pages = self._spider, self._spider.runtime.archive.ledger, []
        for one in found:
            page = None
            if not back.has(one):
                barren = self._harvest.barren(form_of(one.url))
                refused = Outcome.TRAP if barren else None
                offer = Offer(one.url, one.hint, one.moment, refused, barren, PREFIX + one.via)
                ledger.offer(spider.source_id, None, [offer], now)
                page = ledger.page(one.url)
            if page is None or page.outcome is not None or page.source_id != spider.source_id:
                back.drop(one.id)
                continue
            self._harvest.ask(form_of(one.url))
            self.claims[page.id] = one
            pages.append(page)
        return pages


class BackfillSteps(Steps):
    """Goes on as a live crawl does, and looks at nothing again."""

    def with_next_look(self, page: PageRow, end: Settlement, article_id: int | None) -> Settlement:
        """The end of a visit, which is that of the page: history is not looked at again."""
        return end if end.outcome is None else replace(end, next_attempt_at=None)


class BackfillSpider(NewsSpider):
    """Goes back on one source: `vias` one after another, within `days` and `budget`. It writes no run and looks at no feed
    of the live crawl; its state is in the tables of archive/backfill.py, so that a killed one goes on where it was."""

    def __init__(
        self,
        name: str | None = None,
        *,
        runtime: Runtime,
        vias: Sequence[str],
        days: Days,
        budget: Budget,
        sitemaps: Sequence[str] = (),
        pattern: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, runtime=runtime, **kwargs)
        self.days, self.budget, self.via = days, budget, ""
        self.notes: list[str] = []  # that a way leads nowhere
        self.listings: Places = Places(self)  # type: ignore[assignment]  # of the same make as far as NewsSpider asks
        self._vias, self._sitemaps, self._given = list(vias), tuple(sitemaps), pattern

    async def open_run(self) -> None:
        """Bring the source's rows up to date; there is no run to open."""
        now = self.runtime.now()
        self.source_id = await self.runtime.writer.write(lambda: self.runtime.register(self.source, now))
        self.lane = self.runtime.pool.lanes.open(self.name)
        self.intake = BackfillIntake(self, now, self.lane)
        self.steps = BackfillSteps(self.source, self.runtime, self.intake)

    async def close_run(self, spider: Spider, reason: str) -> None:
        """Keep what was learned and spent."""
        self.reason = self.broken or reason
        if not self.source_id or self.runtime.writer.trouble is not None:
            return
        self.runtime.pool.lanes.close(self.lane)
        now = self.runtime.now()

        def job() -> None:
            self.runtime.memories.save(self.source_id, now)
            Backfill(self.runtime.archive.db).spend(self.source_id, now, self.budget.unsaved())

        try:
            await self.runtime.writer.write(job)
        except ArchiveError:
            return  # the writer has told why

    # -- where to look -----------------------------------------------------------------------------------------------

    def roots(self, via: str) -> list[str]:
        """Where a way back begins. News sitemaps hold two days, which are the live crawl's."""
        if via == "feeds":
            return [place.url for place in self.source.feeds]
        named = [place.url for place in self.source.sitemaps if not place.news]
        return list(dict.fromkeys([*self._sitemaps, *named]))

    def pattern_of(self, place: Place) -> str:
        """Which of the URLs that a place lists are articles; "" for all."""
        own = next((one.articles for one in self.source.sitemaps if one.url == place.root), None)
        return self._given or own or ""

    async def first(self, now: datetime) -> list[Request]:
        """The roots of the first way."""
        return await self._next_way()

    async def more(self) -> list[Request]:
        """The next place, the newest first; the roots of the next way when this one has none left."""
        if self.budget.exhausted:
            return []
        back, (since, until) = Backfill(self.runtime.archive.db), self.days.texts
        place = back.next_place(self.source_id, self.via, since, until, self.listings.visited) if self.via else None
        if place is not None:
            return [self.listings.request(place)]
        return await self._next_way()

    async def _next_way(self) -> list[Request]:
        while self._vias and not self.budget.exhausted:
            self.via = via = self._vias.pop(0)

            def job(via: str = via) -> list[Place]:
                back, opened = Backfill(self.runtime.archive.db), []
                for url in self.roots(via):
                    opened.append(back.open_place(self.source_id, via, url, root=url))
                    back.again(opened[-1].id)
                return opened

            if places := await self.runtime.writer.write(job):
                return [self.listings.request(place) for place in places]
            self.notes.append(f"{via}: the source file names none that lead back")
        return []

    # -- what came of it ---------------------------------------------------------------------------------------------

    def keep(self, response: Response, visit: Visit) -> Visit:
        """Count an answer and keep it."""
        self.budget.add(requests=1, bytes=len(response.body))
        return super().keep(response, visit)

    def write_end(self, visit: Visit, end: Settlement) -> int | None:
        """Inside a write job: how a visit ended, and what that means for the candidate."""
        capture_id = super().write_end(visit, end)
        back, one = Backfill(self.runtime.archive.db), self.intake.claims.get(visit.page.id)  # type: ignore[attr-defined]
        if one is not None:
            if end.outcome is None and end.next_attempt_at is not None:
                back.put_off(one.id, end.next_attempt_at, tried=end.fetched)
            else:
                back.drop(one.id)
        back.spend(self.source_id, self.runtime.now(), self.budget.unsaved())
        return capture_id

    def dropped(self, request: Request) -> None:
        """Scrapy's word that it threw a request away."""
        if not isinstance(request.meta.get("visit"), PlaceVisit):
            super().dropped(request)
            return
        self.drop_visit(request, self.listings.failed)

"""The spider of every source: listings when they are due, and the pages they offered, straight from the ledger."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from math import inf
from time import monotonic
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive import ArchiveError
from archive.raw import Exchange
from archive.records import utc_text
from archive.rows import FAILED, Outcome, PageRow, Settlement
from crawler.errors import HostsLost
from crawler.extraction.lanes import Lane
from crawler.fetch.politeness import SLOT
from crawler.http import conditional
from crawler.intake import Intake
from crawler.listings import ListingVisit, ListingVisitor
from crawler.runtime import Runtime
from crawler.source import Source
from crawler.steps import Steps
from crawler.visit import Kept, Visit
from crawler.writer import is_trouble

log = logging.getLogger(__name__)


class NewsSpider(Spider):
    """Crawls one source. `source` is set by the spider loader, `runtime` by whoever starts the crawl.

    `force`: ask for every feed, due or not (as by hand); else only for those whose time has come.
    """

    name = ""
    source: Source
    runtime: Runtime

    def __init__(self, name: str | None = None, *, runtime: Runtime | None = None, force: bool = True, **kwargs: Any):
        super().__init__(name or self.source.slug, **kwargs)
        if runtime is not None:
            self.runtime = runtime
        self.force = force
        self.source_id = 0
        self.run_id = 0
        self.counts: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.in_hand: dict[int, Visit] = {}
        self.unsettled: set[int] = set()  # pages whose end could not be written: not asked for again in this run
        self.intake: Intake
        self.steps: Steps
        self.lane: Lane  # of its pages and listings, to the workers
        self.claimed = 0
        self.reason = ""  # how the run ended; empty while it goes on
        self.broken = ""  # by what it was broken off
        self.listings = ListingVisitor(self)
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Scrapy's way to settings of one spider: its source may have opted out of verified certificates."""
        super().update_settings(settings)
        if not cls.source.verify_tls:
            settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make a spider."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.close_run, signals.spider_closed)
        crawler.signals.connect(spider.dropped, signals.request_dropped)
        return spider

    # -- the loop ----------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Do the work of the run. An error that nobody foresaw breaks it off: Scrapy would call such a run finished."""
        try:
            async for request in self.work():
                yield request
        except Exception as error:
            if is_trouble(error):
                self.runtime.writer.fail(error)
            else:
                log.exception("%s is broken off", self.name)
            self.broken = f"broken off by {type(error).__name__}: {error}"

    async def work(self) -> AsyncIterator[Request]:
        """Ask for what is due, then hand out pages from the ledger until there is none left."""
        started = self.runtime.now()
        await self.open_run()
        for request in await self.first(started):
            yield request
        settings = self.runtime.settings
        most = self.source.limits.pages_per_run or settings.getint("PAGES_PER_RUN")
        closing = inf  # until the first page: every run gets on, however long its listings took
        while True:
            free = min(settings.getint("IN_HAND") - len(self.in_hand), most - self.claimed)
            if monotonic() > closing:
                free = 0  # the rest stays pending
            self._changed.clear()
            pages = await self.intake.claim(free, {*self.in_hand, *self.unsettled})
            if pages and closing == inf:
                closing = monotonic() + settings.getfloat("RUN_TIME")
            for page in pages:
                # as it was offered: a site may know its page only under the URL with the parameters of its feed
                visit = self.in_hand[page.id] = Visit(page, (page.hint.get("offered") or page.url,))
                self.claimed += 1
                try:
                    request = self.page_request(visit, -self.claimed)  # Scrapy takes the last of equals first
                except Exception as error:  # noqa: BLE001  Scrapy raises what it likes for a URL that it cannot ask for
                    await self.settle(
                        visit, Settlement(Outcome.BLOCKED_NETWORK, f"not a URL to ask for: {error}", fetched=False)
                    )
                else:
                    yield request
            if not pages and not self.in_hand and not self.listings.open:
                following = await self.more() if monotonic() <= closing else []
                if not following:
                    return
                for request in following:
                    yield request
                continue
            if not pages and not await self._progress(settings.getfloat("STALL_TIMEOUT")):
                return

    async def first(self, now: datetime) -> list[Request]:
        """The requests with which a run begins: for what is due of its listings."""
        due = None if self.force else now
        return [self.listings.request(feed) for feed in self.runtime.archive.ledger.feeds(self.source_id, due=due)]

    async def more(self) -> list[Request]:
        """The requests with which a run goes on when there is no page left; none: it is at its end."""
        return []

    async def _progress(self, timeout: float) -> bool:
        """Wait until something was settled. After `timeout` seconds without, give up on what is in hand and tell so."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            log.error("%s: nothing happened for %.0f s; %d pages are given up", self.name, timeout, len(self.in_hand))
            for visit in list(self.in_hand.values()):
                retry = self.runtime.retries
                attempts, now = visit.page.attempts, self.runtime.now()
                await self.settle(visit, retry.settle(Outcome.TIMEOUT, attempts, now, "no answer and no error"))
            return False
        return True

    def wake(self) -> None:
        """Let the loop look for work again."""
        self._changed.set()

    def dropped(self, request: Request) -> None:
        """Scrapy's word that it threw a request away: its page or listing is tried again as after any failure."""
        visit = request.meta.get("visit")
        if isinstance(visit, Visit | ListingVisit):
            self.drop_visit(request, self.page_failed if isinstance(visit, Visit) else self.listings.failed)

    def drop_visit(self, request: Request, failed: Callable[[Failure], Coroutine[Any, Any, None]]) -> None:
        """End the visit of a request that was thrown away."""
        failure = Failure(IgnoreRequest("the request was dropped"))  # type: ignore[no-untyped-call]
        failure.request = request  # type: ignore[attr-defined]
        task = asyncio.ensure_future(failed(failure))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open_run(self) -> None:
        """Bring the source's rows up to date and open the run."""
        now = self.runtime.now()

        def job() -> tuple[int, int]:
            source_id = self.runtime.register(self.source, now)
            return source_id, self.runtime.archive.ledger.start_run(source_id, now)

        source_id, run_id = await self.runtime.writer.write(job)
        if self.runtime.archive.shared:
            self.runtime.memories.forget(source_id)
        self.lane = self.runtime.pool.lanes.open(self.name)
        self.intake = Intake(self.runtime, source_id, now, self.lane)
        self.steps = Steps(self.source, self.runtime, self.intake)
        self.source_id, self.run_id = source_id, run_id

    async def close_run(self, spider: Spider, reason: str) -> None:
        """Write the counts of the run down and close it; what is still in hand stays pending."""
        self.reason = reason = self.broken or reason
        now, ledger = self.runtime.now(), self.runtime.archive.ledger
        if self.run_id:
            self.runtime.pool.lanes.close(self.lane)
        if self.run_id and self.intake.refused:
            self.outcomes[Outcome.TRAP.value] += self.intake.refused

        def job() -> None:
            self.runtime.memories.save(self.source_id, now)
            self.runtime.archive.store.stories.forget(now)
            ledger.save_run(self.run_id, self.counts, self.outcomes)
            ledger.finish_run(self.run_id, now, reason)

        if self.run_id and self.runtime.writer.trouble is None:
            try:
                await self.runtime.writer.write(job)
            except ArchiveError as error:
                log.debug("%s: the end of the run is not written: %s", self.name, error)  # the writer has told why

    # -- pages -------------------------------------------------------------------------------------------------------

    def page_request(self, visit: Visit, priority: int = 0) -> Request:
        """The request for a page, conditional when it was fetched before."""
        page, url = visit.page, visit.chain[-1]
        headers = {}
        if page.article_id and len(visit.chain) == 1 and visit.part == 1:
            headers = conditional(page.etag, page.last_modified)
        return Request(
            url,
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"visit": visit},
            headers=headers,
            priority=priority,
            dont_filter=True,
            meta={"visit": visit, "room": f"page {page.id}", **SLOT},
        )

    async def parse_page(self, response: Response, visit: Visit) -> AsyncIterator[Any]:
        """Keep the answer, then follow, settle or pass it on."""
        try:
            visit = self.keep(response, visit)
            step = self.steps.after(response, visit)
            if isinstance(step, Visit):
                yield self.page_request(step)
            elif isinstance(step, Settlement):
                await self.settle(visit, step)
            else:
                yield step
        except ArchiveError:
            self.let_go(visit.page)
        except Exception as error:
            if is_trouble(error):
                self.runtime.writer.fail(error)
                self.let_go(visit.page)
                return
            log.exception("%s: %s", self.name, visit.page.url)
            await self.settle(visit, Settlement(Outcome.EXTRACTION_FAILED, f"{type(error).__name__}: {error}"))

    def keep(self, response: Response, visit: Visit) -> Visit:
        """The visit with one more answer, which is in the raw store now. Raises ArchiveError."""
        exchange: Exchange = response.meta["exchange"]
        kept = Kept(exchange, self.runtime.keep(exchange), visit.part)
        self.counts["fetched"] += 1
        return replace(visit, captures=(*visit.captures, kept))

    async def page_failed(self, failure: Failure) -> None:
        """Settle a page that brought no response, or whose callback failed."""
        visit: Visit = failure.request.meta["visit"]  # type: ignore[attr-defined]
        if isinstance(failure.value, HostsLost):
            self.unsettled.add(visit.page.id)  # it stays pending, for whoever has the host now
            self.let_go(visit.page)
            return
        await self.settle(visit, self.steps.after_error(failure.value or RuntimeError("no reason given"), visit))

    async def settle(self, visit: Visit, end: Settlement) -> None:
        """Write down how a visit ended, with its captures, and make room for the next page."""

        def job() -> bool:
            if not (overtaken := self.overtaken(visit)):
                self.write_end(visit, end)
            return overtaken

        try:
            overtaken = await self.runtime.writer.write(job)
        except ArchiveError:
            log.debug("%s stays pending", visit.page.url)
        except Exception:
            # it stays as it was, pending; without this it would be claimed again at once, and for ever
            log.exception("%s: how %s ended cannot be written", self.name, visit.page.url)
            self.unsettled.add(visit.page.id)
        else:
            if not overtaken:
                self.tally(visit.page, end)
        finally:
            self.let_go(visit.page)

    def overtaken(self, visit: Visit) -> bool:
        """Inside a write job: was the page settled since it was claimed, by a process that has had the host since this one lost
        it? Its end is left as it is then; what was fetched here is a capture like others."""
        archive, page = self.runtime.archive, visit.page
        if not archive.shared or archive.ledger.is_as_claimed(page):
            return False
        log.info("%s: %s was settled by another worker meanwhile", self.name, page.url)
        self.write_captures(visit)
        return True

    def write_captures(self, visit: Visit) -> int | None:
        """Inside a write job: index the captures of a visit; gives the id of the last one of its first part."""
        capture_id = None
        for kept in visit.captures:
            added = self.runtime.archive.captures.add(kept.exchange, kept.placed, page_id=visit.page.id, part=kept.part)
            capture_id = added if kept.part == 1 else capture_id
        return capture_id

    def write_end(self, visit: Visit, end: Settlement) -> int | None:
        """Inside a write job: index the captures and settle the page; gives the id of the last capture of its first
        part."""
        archive, page, now = self.runtime.archive, visit.page, self.runtime.now()
        capture_id = self.write_captures(visit)
        article_id = end.article_id or page.article_id
        if article_id and end.outcome is not None:
            if end.outcome in (Outcome.NOT_FOUND, Outcome.GONE):
                archive.store.withdraw(article_id, utc_text(now), page.url)
            elif end.outcome == Outcome.UNCHANGED:
                archive.store.seen(article_id, utc_text(now))
        archive.ledger.settle(page, self.steps.with_next_look(page, end, article_id), now)
        return capture_id

    def tally(self, page: PageRow, end: Settlement) -> None:
        """Count how a visit ended, and learn from it."""
        self.intake.note(page, end)
        name = end.outcome.value if end.outcome else "pending"
        self.outcomes[name] += 1
        if end.outcome in (Outcome.STORED, Outcome.UPDATED, Outcome.DUPLICATE):
            self.counts[name] += 1
        elif end.outcome in FAILED:
            self.counts["failed"] += 1

    def let_go(self, page: PageRow) -> None:
        """Free the place of a page that was in hand."""
        self.in_hand.pop(page.id, None)
        self.runtime.room.free(f"page {page.id}")
        self.wake()

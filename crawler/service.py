"""Crawls as the scheduler runs them: several sources at once, never two on one host, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scrapy.crawler import AsyncCrawlerRunner, Crawler

from archive import ArchiveError
from archive.records import parse_utc
from archive.rows import NextCheck
from crawler.fetch.netguard import GuardedResolver
from crawler.runtime import Runtime
from crawler.source import Source
from crawler.spiders.news import NewsSpider
from crawler.summary import STOPPED, CrawlResult
from crawler.urls import host_key

log = logging.getLogger(__name__)
STOP_GRACE = 7.0  # seconds for what is in flight when told to stop; service managers kill after ten
BROKEN_OFF_REST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Due:
    """A source with the time at which it is next to be looked at, and why."""

    source: Source
    at: datetime
    why: str


def plan_of(sources: Iterable[Source], checks: Mapping[str, NextCheck], now: datetime) -> list[Due]:
    """When each source is next to be looked at, soonest first; sources with nothing left to look at are not in it."""
    due = []
    for source in sources:
        check = checks.get(source.slug)
        if check is None or not check.feeds:
            due.append(Due(source, now, "first look"))
            continue
        times = [(parse_utc(text), why) for text, why in ((check.feed, "feeds"), (check.page, "pages")) if text]
        if times:
            at, why = min(times, key=lambda pair: pair[0])
            due.append(Due(source, at, why))
    return sorted(due, key=lambda item: (item.at, item.source.slug))


def hosts_of(source: Source) -> frozenset[str]:
    """The hosts, as politeness knows them, that a source's listings and home stand on; sources that share one never run at
    once."""
    return frozenset(filter(None, (host_key(url) for url in (source.home, *source.places))))


class Service:
    """Starts crawls and keeps count of them."""

    def __init__(self, runtime: Runtime, sources: Iterable[Source]) -> None:
        from twisted.internet import reactor  # late: importing it installs one

        self.runtime = runtime
        self.sources = {source.slug: source for source in sources}
        self.running: dict[str, Crawler | None] = {}  # None until its crawler is made
        self.results: list[CrawlResult] = []
        self.failed = False  # by an error that is no source's
        self.stopping = False
        self.broken_off = False  # until `resume`
        self.waiting: list[str] = []  # sources that are to be crawled and are not begun
        self._runner = AsyncCrawlerRunner(runtime.settings)
        self._tasks: set[asyncio.Task[None]] = set()
        self._not_before: dict[str, float] = {}  # by the monotonic clock, which nobody sets
        self._most = runtime.settings.getint("CRAWLS_AT_ONCE")
        # AsyncCrawlerRunner installs no resolver; without it the guard would not see what names resolve to
        GuardedResolver(reactor).install_on_reactor()

    def plan(self) -> list[Due]:
        """When each source is next to be looked at, soonest first."""
        return plan_of(self.sources.values(), self.runtime.archive.ledger.next_checks(), self.runtime.now())

    async def crawl_source(self, slug: str, *, force: bool = False) -> CrawlResult:
        """Crawl one source: its due feeds (all with `force`) and its pending pages."""
        source, began = self.sources[slug], time.monotonic()
        crawler = self._runner.create_crawler(self._runner.spider_loader.load(slug))
        self.running[slug] = crawler
        try:
            await self._runner.crawl(crawler, runtime=self.runtime, force=force)
            spider = crawler.spider
            if not isinstance(spider, NewsSpider):
                return CrawlResult(source.slug, "no spider")
            took = time.monotonic() - began
            return CrawlResult(slug, spider.reason or "broken off", dict(spider.counts), dict(spider.outcomes), took)
        except (ArchiveError, sqlite3.Error):
            raise
        except Exception as error:
            log.exception("the crawl of %s failed", slug)
            return CrawlResult(slug, f"{type(error).__name__}: {error}")
        finally:
            del self.running[slug]

    def busy_hosts(self) -> frozenset[str]:
        """Hosts that a running crawl is on."""
        return (
            frozenset().union(*(hosts_of(self.sources[slug]) for slug in self.running)) if self.running else frozenset()
        )

    def rests(self, slug: str) -> bool:
        """Was its last crawl broken off so lately that it is not crawled again yet?"""
        return time.monotonic() < self._not_before.get(slug, 0.0)

    def start(
        self, slug: str, *, force: bool = False, done: Callable[[CrawlResult], None] | None = None
    ) -> asyncio.Task[None] | None:
        """Start a crawl in the background, and give its task, unless it runs, its hosts are busy or enough are running."""
        if self.stopping or self.broken_off or slug in self.running or len(self.running) >= self._most:
            return None
        if hosts_of(self.sources[slug]) & self.busy_hosts():
            return None
        if not force and self.rests(slug):
            return None

        async def run() -> None:
            result = await self.crawl_source(slug, force=force)
            self.results.append(result)
            if not result.completed and not self.broken_off:
                # a crawl that broke off wrote no new due time: without a rest it would be started again at once
                self._not_before[slug] = time.monotonic() + BROKEN_OFF_REST.total_seconds()
            if done is not None:
                done(result)

        # taken here and not in the task, so that the next call sees the host as busy
        self.running[slug] = None
        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, (ArchiveError, sqlite3.Error)):
            self.runtime.writer.fail(error)
            return
        log.error("a crawl ended with an error", exc_info=error)
        self.failed = True

    async def run_all(
        self, slugs: Iterable[str], *, force: bool = False, done: Callable[[CrawlResult], None] | None = None
    ) -> None:
        """Crawl the sources, as many at once as allowed, and wait for the last."""
        self.waiting = list(slugs)
        while (self.waiting or self._tasks) and not self.stopping:
            self.waiting = [slug for slug in self.waiting if not self.start(slug, force=force, done=done)]
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def stopped(self) -> list[str]:
        """Sources whose crawl was told to stop before its end."""
        return sorted({*self.running, *(result.slug for result in self.results if result.reason == STOPPED)})

    async def stop(self, grace: float) -> bool:
        """Stop all crawls: what is in flight is finished if it can be in `grace` seconds, the rest stays pending.

        Tells whether everything ended in time.
        """
        self.stopping = True
        return await self._end(grace)

    async def break_off(self, why: str, grace: float) -> bool:
        """Break off all crawls at once, with the connections that they have open; their pages stay pending. Nothing is started
        until `resume`. Tells whether everything ended in time."""
        self.broken_off = True
        for crawler in self.running.values():
            if crawler is not None and isinstance(crawler.spider, NewsSpider):
                crawler.spider.broken = crawler.spider.broken or f"broken off: {why}"
        ending = asyncio.ensure_future(self._end(grace))
        await asyncio.sleep(0)  # they are told to stop before what is in flight fails
        self.runtime.gate.cut()
        return await ending

    def resume(self) -> None:
        """Start crawls again."""
        self.broken_off = False

    async def _end(self, grace: float) -> bool:
        crawlers = [crawler for crawler in self.running.values() if crawler is not None]
        stops = [asyncio.ensure_future(crawler.stop_async()) for crawler in crawlers]
        pending = {*stops, *self._tasks}
        if pending:
            _, pending = await asyncio.wait(pending, timeout=grace)
        return not pending

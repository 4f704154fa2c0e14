"""robots.txt of each host: fetched as RFC 9309 asks, kept over restarts, obeyed by every request."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.exchanges import Exchange
from crawler.errors import HostsLost
from crawler.fetch import wishes
from crawler.fetch.politeness import SLOT, HostOnHold
from crawler.fetch.robotstxt import REDIRECTS, RobotsTxt, Rules, of_response
from crawler.urls import host_key, join

TIMEOUT = 30.0  # seconds for one request; a server that drips its robots.txt must not hold its pages for minutes
KEPT = 2000  # parsed files in memory; a large one takes some megabytes


class ForbiddenByRobots(IgnoreRequest):
    """robots.txt forbids this URL."""


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be had, so nothing may be fetched from the host until it is asked for again (section 2.3.1.4)."""

    def __init__(self, detail: str, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class RobotsStore(Protocol):
    """Keeps rules over restarts."""

    def load(self, host: str) -> Rules | None:
        """Rules of a host, if they are known."""

    async def save(self, host: str, rules: Rules) -> None:
        """Keep the rules of a host."""


class Robots:
    """The rules of all hosts, asked for once by whoever needs them first.

    They are kept for `longest` seconds at most; that there was no answer, for `unreachable_for`.
    """

    def __init__(self, store: RobotsStore, now: Callable[[], datetime], longest: float, unreachable_for: float) -> None:
        self._store = store
        self._now = now
        self._longest = longest
        self._unreachable_for = unreachable_for
        self._rules: dict[str, tuple[Rules, RobotsTxt]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules(
        self, host: str, fetch: Callable[[], Awaitable[Rules]], again: datetime | None = None
    ) -> tuple[Rules, RobotsTxt]:
        """Rules of a host: from memory, from the archive, or through `fetch`.

        `again`: what was out of reach before then is asked for again, whatever its time.
        """
        async with self._locks[host]:
            known = self._rules.get(host)
            rules = known[0] if known else self._store.load(host)
            if rules is not None and again is not None and rules.status == "disallow" and rules.fetched_at < again:
                rules = None
            if rules is None or self._expired(rules):
                rules = await fetch()
                await self._store.save(host, rules)
            if known is None or known[0] is not rules:
                known = self._rules[host] = (rules, RobotsTxt(rules.text))
                if len(self._rules) > KEPT:
                    del self._rules[next(iter(self._rules))]
            return known

    def _expired(self, rules: Rules) -> bool:
        # a clock that was set back must not keep a rule for ever
        return not rules.fetched_at <= self._now() < self.until(rules)

    def until(self, rules: Rules) -> datetime:
        """When the rules are asked for again."""
        return rules.expires(self._longest, self._unreachable_for)

    def forget(self, hosts: Iterable[str]) -> None:
        """Take the rules of hosts from the archive the next time: another process may have asked for them."""
        for host in hosts:
            self._rules.pop(host, None)

    def known(self, host: str) -> RobotsTxt | None:
        """The rules that were last looked at, if any."""
        known = self._rules.get(host)
        return known[1] if known else None


class RobotsMiddleware:
    """Lets through what robots.txt allows; a request for robots.txt itself carries `robots` in its meta,
    by which its size is bounded, too (crawler.fetch.bodies).

    With each answer goes what it, and robots.txt, said about robots, copies and mining.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._began: datetime | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise ForbiddenByRobots or RobotsUnreachable when the URL may not be fetched (now)."""
        if request.meta.get("robots"):
            return
        spider = self._crawler.spider
        runtime = spider.runtime  # type: ignore[union-attr]
        self._began = self._began or runtime.now()
        runtime.guard.check_url(request.url)  # first: what may not be asked for needs no robots.txt
        host = host_key(request.url)
        again = self._began - timedelta(seconds=1) if spider.force else None  # type: ignore[union-attr]
        rules, robots = await runtime.robots.rules(host, lambda: self._fetch(request.url, runtime.now), again)
        if rules.status == "disallow":
            raise RobotsUnreachable(rules.detail, runtime.robots.until(rules))
        runtime.gate.set_crawl_delay(host, robots.delay(self._crawler.settings.getfloat("LONGEST_CRAWL_DELAY")))
        if rules.status == "rules" and not robots.allows(request.url):
            raise ForbiddenByRobots(f"robots.txt of {host} forbids {request.url}")

    async def process_response(self, request: Request, response: Response) -> Response:
        """Put what was said about the answer beside it."""
        exchange: Exchange | None = request.meta.get("exchange")
        if exchange is not None and not request.meta.get("robots"):
            runtime = self._crawler.spider.runtime  # type: ignore[union-attr]
            robots = runtime.robots.known(host_key(request.url))
            said = wishes.of_answer(exchange, response.body, robots, runtime.now())
            request.meta["exchange"] = replace(exchange, wishes=said)
        return response

    async def _fetch(self, page_url: str, now: Callable[[], datetime]) -> Rules:
        url = join(page_url, "/robots.txt")
        response: Response | None = None
        seen: set[str] = set()
        for _ in range(REDIRECTS + 1):
            if url is None or url in seen:
                return Rules("allow", "", now(), "robots.txt redirects in a circle or to no usable URL")
            seen.add(url)
            try:
                response = await self._crawler.engine.download_async(self._request(url))
            except (HostOnHold, HostsLost):
                raise  # it was not asked: what is known of it stays, and the page waits as well
            except Exception as error:  # noqa: BLE001  whatever kept it away, the answer is the same: not now
                return Rules(
                    "disallow", "", now(), f"robots.txt is unreachable: {type(error).__name__} {error}".strip()
                )
            if not (300 <= response.status < 400 and response.status != 304):
                break
            url = join(url, (response.headers.get("Location") or b"").decode("utf-8", "replace"))
        assert response is not None
        cache_control = b",".join(response.headers.getlist("Cache-Control")).decode("latin-1")
        return of_response(response.status, response.body, now(), cache_control)

    def _request(self, url: str) -> Request:
        timeout = min(TIMEOUT, self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        meta = {"robots": True, "download_timeout": timeout, **SLOT}
        return Request(url, meta=meta, callback=NO_CALLBACK, priority=1000, dont_filter=True)

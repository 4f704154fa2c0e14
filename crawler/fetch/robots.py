"""robots.txt as RFC 9309 asks: which statuses allow, which forbid for now, how much is read, how long it is kept."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.fetch.identity import PRODUCT
from crawler.fetch.politeness import SLOT
from crawler.urls import host_key, join

LARGEST = 500 * 1024  # bytes that are read; section 2.5
REDIRECTS = 5  # hops that are followed, also to other hosts; section 2.3.1.2
UNREACHABLE_FOR = timedelta(minutes=30)  # an unreachable robots.txt is asked for again after this


class ForbiddenByRobots(IgnoreRequest):
    """robots.txt forbids this URL."""


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be had, so nothing may be fetched from the host until it is asked for again (section 2.3.1.4)."""

    def __init__(self, detail: str, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says. `status`: rules (obey `text`), allow (there is none), disallow (unreachable)."""

    status: str
    text: str
    fetched_at: datetime
    detail: str = ""

    def expired(self, now: datetime, longest: float) -> bool:
        """Tell whether it has to be asked for again; section 2.4 allows 24 hours."""
        life = UNREACHABLE_FOR if self.status == "disallow" else timedelta(seconds=longest)
        # a clock that was set back must not keep a rule for ever
        return not timedelta(0) <= now - self.fetched_at < life


def of_response(status: int, body: bytes, now: datetime) -> Rules:
    """Rules from the answer at the end of the redirects."""
    if 200 <= status < 300:
        return Rules("rules", _head(body).decode("utf-8-sig", "replace"), now)
    if 400 <= status < 500 and status != 429:
        return Rules("allow", "", now, f"HTTP {status}")
    if 300 <= status < 400:
        return Rules("allow", "", now, f"HTTP {status}, and no file after {REDIRECTS} redirects")
    # 429 asks to come back later, which "everything is allowed" would not do
    return Rules("disallow", "", now, f"robots.txt answered with HTTP {status}")


def _head(body: bytes) -> bytes:
    if len(body) <= LARGEST:
        return body
    # half a line could forbid more than the whole one
    return body[:LARGEST].rpartition(b"\n")[0]


class RobotsStore(Protocol):
    """Keeps rules over restarts."""

    def load(self, host: str) -> Rules | None:
        """Rules of a host, if they are known."""

    async def save(self, host: str, rules: Rules) -> None:
        """Keep the rules of a host."""


class Robots:
    """The rules of all hosts, asked for once by whoever needs them first."""

    def __init__(self, store: RobotsStore, now: Callable[[], datetime], longest: float) -> None:
        self._store = store
        self._now = now
        self._longest = longest
        self._rules: dict[str, tuple[Rules, Protego]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules(self, host: str, fetch: Callable[[], Awaitable[Rules]]) -> tuple[Rules, Protego]:
        """Rules of a host: from memory, from the archive, or through `fetch`."""
        async with self._locks[host]:
            known = self._rules.get(host)
            rules = known[0] if known else self._store.load(host)
            if rules is None or rules.expired(self._now(), self._longest):
                rules = await fetch()
                await self._store.save(host, rules)
            if known is None or known[0] is not rules:
                known = self._rules[host] = (rules, Protego.parse(rules.text))
            return known


def crawl_delay(parser: Any, longest: float) -> float:
    """Seconds that robots.txt asks to wait between requests, between 0 and `longest`; nonsense counts as nothing."""
    asked = parser.crawl_delay(PRODUCT)
    return min(float(asked), longest) if asked and math.isfinite(asked) and asked > 0 else 0.0


class RobotsMiddleware:
    """Lets through what robots.txt allows; a request for robots.txt itself carries `robots` in its meta."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise ForbiddenByRobots or RobotsUnreachable when the URL may not be fetched (now)."""
        if request.meta.get("robots"):
            return
        runtime = self._crawler.spider.runtime  # type: ignore[union-attr]
        runtime.guard.check_url(request.url)  # first: what may not be asked for needs no robots.txt
        host = host_key(request.url)
        rules, parser = await runtime.robots.rules(host, lambda: self._fetch(request.url, runtime.now))
        if rules.status == "disallow":
            raise RobotsUnreachable(rules.detail, rules.fetched_at + UNREACHABLE_FOR)
        runtime.gate.set_crawl_delay(host, crawl_delay(parser, self._crawler.settings.getfloat("LONGEST_CRAWL_DELAY")))
        if rules.status == "rules" and not parser.can_fetch(request.url, PRODUCT):
            raise ForbiddenByRobots(f"robots.txt of {host} forbids {request.url}")

    async def _fetch(self, page_url: str, now: Callable[[], datetime]) -> Rules:
        url = join(page_url, "/robots.txt")
        status, body = 0, b""
        seen: set[str] = set()
        for _ in range(REDIRECTS + 1):
            if url is None or url in seen:
                return Rules("allow", "", now(), "robots.txt redirects in a circle or to no usable URL")
            seen.add(url)
            request = Request(url, meta={"robots": True, **SLOT}, callback=NO_CALLBACK, priority=1000)
            try:
                response: Response = await self._crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001  whatever kept it away, the answer is the same: not now
                return Rules(
                    "disallow", "", now(), f"robots.txt is unreachable: {type(error).__name__} {error}".strip()
                )
            status, body = response.status, response.body
            if not (300 <= status < 400 and status != 304):
                break
            url = join(url, (response.headers.get("Location") or b"").decode("utf-8", "replace"))
        return of_response(status, body, now())

"""The spider of a survey: asks for what the surveyor wants to see, as politely as any crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.hosts import Hosts
from archive.rows import Outcome
from crawler.discovery.asking import Answer
from crawler.discovery.findings import NothingThere, Survey
from crawler.discovery.survey import Surveyor
from crawler.discovery.whereabouts import Peer
from crawler.extraction.errors import ExtractionError
from crawler.extraction.lanes import Lane, PutOff
from crawler.fetch.politeness import SLOT
from crawler.http import header, location, refresh
from crawler.outcomes import of_error
from crawler.runtime import Runtime
from crawler.source import Source
from crawler.urls import host_key, join

T = TypeVar("T")
REDIRECTS_MAX = 5
ROOM = "survey"


class ScoutSpider(Spider):
    """Surveys one site. `source` is what is known of it: its home; what was found is in `found`, or why not in `failed`."""

    name = ""
    source: Source
    runtime: Runtime
    force = True  # robots.txt that was out of reach is asked for again

    def __init__(
        self,
        *,
        runtime: Runtime,
        source: Source,
        most: int,
        peers: Sequence[Peer],
        tell: Callable[[str], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(source.slug, **kwargs)
        self.runtime, self.source = runtime, source
        self.found: Survey | None = None
        self.failed = ""
        self._most, self._peers, self._tell = most, peers, tell
        self._lane: Lane

    async def start(self) -> AsyncIterator[Request]:
        """Survey the site."""
        self._lane = self.runtime.pool.lanes.open(self.name)
        try:
            self.found = await Surveyor(self, self._most).survey(self.source.home, self._peers)
        except NothingThere as error:
            self.failed = str(error)
        finally:
            self.runtime.pool.lanes.close(self._lane)
        return
        yield  # Scrapy wants a generator

    def now(self) -> datetime:
        """The time."""
        return self.runtime.now()

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function in a worker process. Raises what it raises, and ExtractionError."""
        try:
            return await self.runtime.pool.run(function, *args, lane=self._lane)
        except PutOff as error:
            raise ExtractionError(str(error)) from error

    def robots(self, url: str) -> str:
        """The robots.txt of a URL's host, which was asked for before the first request to it."""
        row = Hosts(self.runtime.archive.db).get(host_key(url))
        return row.robots or "" if row else ""

    async def get(self, url: str) -> Answer:
        """Ask for a URL, and for what it redirects to."""
        seen: list[str] = []
        while len(seen) <= REDIRECTS_MAX and url not in seen:
            seen.append(url)
            self._tell(url)
            try:
                response = await self._download(url)
            except Exception as error:  # noqa: BLE001  whatever kept it away, the survey goes on with its reason
                end = of_error(error, 0, self.now(), self.runtime.retries)
                sent = end.outcome not in (Outcome.BLOCKED_ROBOTS, Outcome.BLOCKED_NETWORK)
                return Answer(url, problem=end.detail, sent=sent)
            finally:
                self.runtime.room.free(ROOM)
            raw = location(response) or refresh(response.body)
            target = join(url, raw) if raw else None
            if target is None or target == url:
                return Answer(url, response.status, response.body, header(response, "Content-Type") or "")
            url = target
        return Answer(url, 310, problem=f"more than {REDIRECTS_MAX} redirects, or a circle of them")

    async def _download(self, url: str) -> Response:
        assert self.crawler.engine is not None
        meta = {"listing": True, "room": ROOM, **SLOT}
        request = Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta)
        return await self.crawler.engine.download_async(request)

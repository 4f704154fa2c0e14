"""The download handler: each request waits for its host's turn and leaves a record of what went over the wire."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.utils.defer import maybe_deferred_to_future

from archive.raw import Exchange
from crawler.errors import HostsLost, NoAnswer
from crawler.fetch import trouble
from crawler.fetch.failures import in_words
from crawler.fetch.politeness import HostOnHold
from crawler.fetch.wire import WireBounds, bounded_factory, cut_all
from crawler.http import REDIRECTS
from crawler.outcomes import retry_after
from crawler.urls import host_key

LATER = frozenset({429, 503})


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler behind the net guard and the host gate.

    Here, and not in a middleware, since everything that goes out passes here: pages, feeds, robots.txt and redirects.
    Tells the gate how each request ended. Puts the `Exchange` into `request.meta["exchange"]`, with the body as it was
    transferred.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._made: WeakSet[Any] = WeakSet()
        self._pool._factory = bounded_factory(WireBounds.of(crawler.settings), self._sent, self._made)
        self._pool.retryAutomatically = False  # it would ask again at once, without waiting for a turn
        self._fail_on_dataloss_warned = True  # Scrapy would advise to take half a body for a whole one

    async def download_request(self, request: Request) -> Response:
        """Download. Raises ForbiddenAddress, HostOnHold, HostsLost and what Scrapy's handler raises."""
        spider = self.crawler.spider
        runtime, limits = spider.runtime, spider.source.limits  # type: ignore[union-attr]
        runtime.guard.check_url(request.url)
        request.headers["User-Agent"] = runtime.user_agent
        host = host_key(request.url)
        delay = runtime.delay if limits.delay is None else limits.delay
        await runtime.room.wait(request.meta.get("room", ""))
        gate = runtime.gate
        gate.connections.add(self)
        again = False
        while True:
            tenancy, going = gate.tenancy, None
            try:
                async with gate.turn(host, delay, limits.concurrency or 1) as going:
                    moment = runtime.now()
                    response: Response = await self._download(request)
                break
            except HostOnHold:
                raise
            except Exception as error:
                if going is not None and going.refused:
                    continue  # it has not left: in turn, and once that is certain again
                if isinstance(error, HostsLost):
                    raise
                if tenancy is not None and tenancy.lost:
                    raise HostsLost(f"{host} may be asked by another process by now") from error
                was_well = gate.is_well(host)
                if urlsplit(request.url).hostname not in runtime.guard.refused:
                    gate.report(host, trouble.of_error(error))
                # a connection that was kept open may have been closed meanwhile: once more, in turn
                if again or not was_well or not isinstance(error, NoAnswer):
                    raise
                again = True
        self._report(request, response, host)
        stopped = "download_stopped" in response.flags
        request.meta["exchange"] = Exchange(
            url=request.url,
            fetched_at=moment,
            status=response.status,
            reason=_phrase(response.status),
            headers=_pairs(response.headers),
            body=b"" if stopped and response.status in REDIRECTS else response.body,
            request_headers=_pairs(request.headers),
            ip=str(response.ip_address or ""),
            truncated=stopped,
        )
        return response

    async def close(self) -> None:
        """Close the connections that are kept open, and wait for it a little.

        Scrapy ends its wait by firing what it waits for, which fails when the connections close in that very moment.
        """
        closing = asyncio.ensure_future(maybe_deferred_to_future(self._pool.closeCachedConnections()))  # type: ignore[no-untyped-call]
        await asyncio.wait({closing}, timeout=self._disconnect_timeout)

    def cut(self) -> None:
        """Cut all connections: what they were asked for has failed with HostsLost."""
        cut_all(self._made, HostsLost("cut off, since another process may ask the host"))

    def _sent(self, url: str) -> None:
        self.crawler.spider.runtime.gate.sent(host_key(url))  # type: ignore[union-attr]

    async def _download(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except Exception as error:
            told = in_words(error, request.url)
            if told is error:
                raise
            raise told from error

    def _report(self, request: Request, response: Response, host: str) -> None:
        """Tell the gate how the request ended; one that asks to come back later says when."""
        runtime = self.crawler.spider.runtime  # type: ignore[union-attr]
        asked = None
        if response.status in LATER and (value := response.headers.get("Retry-After")):
            longest = self.crawler.settings.getfloat("LONGEST_RETRY_AFTER")
            asked = retry_after(value.decode("latin-1"), runtime.now(), longest)
        ended = trouble.of_status(response.status)
        if request.meta.get("robots") and ended not in (None, trouble.Trouble.BUSY):
            return  # that it cannot be had is a rule of its own, and 4xx is an answer
        wait = runtime.gate.report(host, ended, asked)
        if wait and ended is trouble.Trouble.BUSY:
            request.meta["retry_after"] = wait


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

"""What a body may cost: how much is taken of it, by kind, and how far it unpacks."""

from __future__ import annotations

from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, StopDownload
from scrapy.http import Headers, Response

from crawler.encodings import ACCEPTED, TooLarge, decode, head
from crawler.fetch.room import NoRoom, Room
from crawler.http import REDIRECTS

CUT = "kiosque_cut"  # flag of a response whose body is the head of a longer one
TINY = 8  # bytes; a body in pieces that are smaller on average costs more than it brings
PIECES = 10_000  # that are taken whatever their size; each costs some 50 µs


class BodyMiddleware:
    """Bounds and unpacks bodies; in the place of Scrapy's HttpCompressionMiddleware.

    A page that exceeds its bound is refused. Of a listing, a robots.txt and a redirect the head is worth having: the
    download is stopped at the bound and what came is used. Requests say what they are in their meta: `listing`, `robots`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._page = settings.getint("DOWNLOAD_MAXSIZE")
        self._listing = settings.getint("LISTING_MAXSIZE")
        self._robots = settings.getint("ROBOTS_MAXSIZE")
        self._large = settings.getint("BODY_LARGE")
        self._crawler = crawler
        self._ratio = settings.getint("DECOMPRESSION_RATIO")
        self._layers = settings.getint("ENCODINGS_MAX")
        crawler.signals.connect(self._headers_received, signals.headers_received)
        crawler.signals.connect(self._bytes_received, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a middleware."""
        return cls(crawler)

    def _longest(self, request: Request) -> int:
        meta = request.meta
        return self._robots if meta.get("robots") else self._listing if meta.get("listing") else self._page

    def process_request(self, request: Request) -> None:
        """Say what can be unpacked."""
        request.headers["Accept-Encoding"] = ACCEPTED

    def _headers_received(self, headers: Headers, request: Request, spider: Spider) -> None:
        request.meta["pieces"] = 0
        request.meta["left"] = self._longest(request)
        if _is_cut(request) or "Location" in headers:
            request.meta["download_maxsize"] = 0  # Scrapy would drop it all

    def _bytes_received(self, data: bytes, request: Request, spider: Spider) -> None:
        meta = request.meta
        meta["left"] -= len(data)
        meta["pieces"] += 1
        came = self._longest(request) - meta["left"]
        self._take(request, len(data))
        if came > self._large and self._room.overfull:
            meta["no_room"] = True
            raise StopDownload(fail=False)
        if meta["left"] < 0 or (meta["pieces"] > PIECES and came < TINY * meta["pieces"]):
            raise StopDownload(fail=False)

    @property
    def _room(self) -> Room:
        return self._crawler.spider.runtime.room  # type: ignore[union-attr, no-any-return]

    def _take(self, request: Request, size: int) -> None:
        if key := request.meta.get("room"):
            self._room.take(key, size)

    def process_response(self, request: Request, response: Response) -> Response:
        """Give the body as it is read. Raises NoRoom, and DownloadCancelledError, which is the outcome too_large."""
        stopped = "download_stopped" in response.flags
        cut = _is_cut(request)
        if stopped and response.status in REDIRECTS:
            return response.replace(body=b"")
        if stopped and not cut and request.meta.get("no_room"):
            raise NoRoom(f"{request.url}: a large body, and no room for it while others are read (BODIES_MAX)")
        if stopped and not cut:
            raise DownloadCancelledError(f"{request.url}: the body has no end in sight (DOWNLOAD_MAXSIZE)")
        encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if not encodings:
            return response.replace(flags=[*response.flags, CUT]) if stopped else response
        longest = self._longest(request)
        try:
            if cut:
                body = head(response.body, encodings, longest + 1, self._layers)
                stopped, body = stopped or len(body) > longest, body[:longest]
            else:
                body = decode(response.body, encodings, longest, self._ratio, self._layers)
        except TooLarge as error:
            raise DownloadCancelledError(f"{request.url}: {error}") from error
        self._take(request, len(body) - len(response.body))
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        flags = [*response.flags, CUT] if stopped else response.flags
        return response.replace(body=body, headers=headers, flags=flags)


def _is_cut(request: Request) -> bool:
    return bool(request.meta.get("robots") or request.meta.get("listing"))

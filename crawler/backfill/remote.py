"""How an archive's server is asked: in a thread, one request at a time, with a rest between two, and within bounds.

The two libraries that know the protocols (wayback, cdx-toolkit) are written for programs that block, and try again by
themselves: cdx-toolkit without end and without a look at Retry-After. Their sending is replaced here, so that a request
is one request: it goes through the gate of politeness that every request goes through, its answer has a longest size and
time, and what Retry-After says is kept over a restart.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from crawler.backfill.budget import Budget
from crawler.errors import CrawlerError
from crawler.fetch import trouble
from crawler.fetch.politeness import HostOnHold
from crawler.fetch.trouble import Trouble
from crawler.outcomes import retry_after
from crawler.runtime import Runtime
from crawler.sites import is_address
from crawler.source import Source
from crawler.urls import host_key

T = TypeVar("T")
CONNECT_TIMEOUT = 20.0  # seconds
READ_TIMEOUT = 60.0  # seconds without a byte: indexes of large sites think for long
WHOLE_TIMEOUT = 300.0  # seconds for one answer as a whole
CHUNK = 64 * 1024


class RemoteError(CrawlerError):
    """An archive gave no usable answer."""


class AnswerTooLarge(RemoteError):
    """An answer is longer than it may be."""


class AsksForRest(RemoteError):
    """An archive asks to be left alone, for longer than this run waits."""


class Refused(RemoteError):
    """An archive answers that there is nothing to be had, or not for us; to ask again would change nothing."""


class Bounded(HTTPAdapter):
    """Sends to `base` what is meant for `known`, and reads no more than `most` bytes of an answer.

    The libraries name the archive's own server in their code; a mirror, or a server of a test, answers in its place.
    """

    def __init__(self, known: str, base: str, most: int) -> None:
        super().__init__()
        self._known, self._base, self.most = known, base.rstrip("/"), most
        self.received = 0  # bytes of the last answer
        self.asked = False  # was something sent
        self.answer: tuple[int, str] = (0, "")  # status and Retry-After of the last one
        self.headers: Mapping[str, str] = {}  # of the last one

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read its answer."""
        url = request.url or ""
        self.asked, self.received, self.answer = True, 0, (0, "")
        request.url = self._base + url.removeprefix(self._known)
        kwargs |= {"stream": True, "timeout": (CONNECT_TIMEOUT, READ_TIMEOUT)}
        try:
            response = super().send(request, *args, **kwargs)
        finally:
            request.url = url
        response.url = url  # as the library knows it
        self.headers = response.headers
        self.answer = response.status_code, response.headers.get("Retry-After", "")
        if (target := response.headers.get("Location", "")).startswith(self._base):
            response.headers["Location"] = self._known + target.removeprefix(self._base)
        response._content = self._body(response)  # what `content` gives once it was read
        response._content_consumed = True
        return response

    def _body(self, response: requests.Response) -> bytes:
        chunks, ends = [], monotonic() + WHOLE_TIMEOUT
        with response:
            for chunk in response.iter_content(CHUNK):
                self.received += len(chunk)
                if self.received > self.most:
                    raise AnswerTooLarge(f"more than {self.most} bytes")
                if monotonic() > ends:
                    raise RemoteError(f"not whole after {WHOLE_TIMEOUT:.0f} s")
                chunks.append(chunk)
        return b"".join(chunks)


class Remote:
    """The server of an archive, as one run asks it."""

    def __init__(self, runtime: Runtime, base: str, budget: Budget, adapter: Bounded) -> None:
        self._runtime, self._budget, self._adapter = runtime, budget, adapter
        self._host = host_key(base)
        self._delay = runtime.settings.getfloat("ARCHIVE_DELAY")
        self._patience = runtime.settings.getfloat("ARCHIVE_WAIT")

    async def ask(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function, which sends one request at most, in a thread, when the server may be asked.

        Raises AsksForRest when it wants to be left alone for long, RemoteError for what else goes wrong with it.
        """
        adapter = self._adapter
        while True:
            try:
                async with self._runtime.gate.turn(self._host, self._delay):
                    adapter.asked, adapter.received, adapter.answer = False, 0, (0, "")
                    result, error = None, None
                    try:
                        result = await asyncio.to_thread(function, *args)
                    except (RemoteError, requests.RequestException, OSError) as problem:
                        error = problem
                    # here, while nobody else may ask: the adapter knows of one request only
                    if adapter.asked:
                        self._budget.add(requests=1, bytes=adapter.received)
                    busy = adapter.answer[0] in (429, 503)
                    self._report(error)
            except HostOnHold as hold:
                await self._rest(hold)
                continue
            if error is None:
                return result  # type: ignore[return-value]
            if busy:
                continue  # it asked for a rest, and no more
            if isinstance(error, RemoteError):
                raise error
            raise RemoteError(f"{self._host}: {_brief(error)}") from error

    async def _rest(self, hold: HostOnHold) -> None:
        """Wait as long as the server asked, unless that is too long."""
        left = (hold.until - self._runtime.now()).total_seconds()
        if left > self._patience:
            raise AsksForRest(str(hold)) from hold
        await asyncio.sleep(max(left, 0.01))

    def _report(self, error: Exception | None) -> None:
        """Tell the gate how it went."""
        runtime, (status, said) = self._runtime, self._adapter.answer
        if status in (429, 503):
            longest = runtime.settings.getfloat("LONGEST_RETRY_AFTER")
            asked = retry_after(said, runtime.now(), longest) if said else None
            runtime.gate.report(self._host, Trouble.BUSY, asked)
        elif status:
            runtime.gate.report(self._host, trouble.of_status(status) if status >= 500 else None)
        elif self._adapter.asked:
            slow = isinstance(error, requests.Timeout)
            runtime.gate.report(self._host, Trouble.TIMEOUT if slow else Trouble.BROKEN)


def session_of(runtime: Runtime, known: str, adapter: Bounded, session: requests.Session) -> requests.Session:
    """A session of `requests` that sends through the adapter under our name, with the certificates that we trust."""
    session.mount(known, adapter)
    session.headers["User-Agent"] = runtime.user_agent
    session.verify = os.environ.get("SSL_CERT_FILE") or True  # as Scrapy does
    return session


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the web that belongs to a source: everything on a host, in a domain, or below a path."""

    match: str  # host, domain or prefix, as CDX servers call it
    url: str

    def __str__(self) -> str:
        return f"{self.match}:{self.url}"

    @classmethod
    def of(cls, text: str) -> Self:
        """The one that was written so."""
        match, _, url = text.partition(":")
        return cls(match, url)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an archive's index that is listed by itself, with the days that it holds; "" where it does not say."""

    name: str
    oldest: str
    newest: str


def scopes_of(source: Source) -> list[Scope]:
    """What archives are asked for: the host of the home page, or what is below it when it is not the front page of its
    host; the hosts of sitemaps and sections elsewhere, and the further domains."""
    home = urlsplit(source.home)
    path = home.path.rpartition("/")[0] if "." in home.path.rpartition("/")[2] else home.path.rstrip("/")
    found = [Scope("prefix", f"{home.netloc}{path}/") if path else Scope("host", home.netloc)]
    for place in (*source.sections, *source.sitemaps):
        if (host := urlsplit(place.url).netloc) != home.netloc:
            found.append(Scope("host", host))
    found += [Scope("domain", domain) for domain in source.domains]
    known = [one for one in found if ":" not in one.url and not is_address(one.url.partition("/")[0])]
    return list(dict.fromkeys(known))


def check_base(name: str, url: str) -> str:
    """The address of an archive's server. Raises ValueError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{name} is {url!r} and must be a URL such as https://archive.example")
    return url.rstrip("/")


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"

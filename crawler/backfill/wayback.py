"""The Wayback Machine: its index (CDX server) month by month, and the bytes of a page as they were captured.

Protocols: the CDX server API of the Internet Archive, Memento (RFC 7089), and replay with `id_`, which gives a body as
it came from the site, its headers as X-Archive-Orig-*.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from requests import Response
from wayback import Mode, WaybackClient, WaybackSession
from wayback.exceptions import (
    BlockedByRobotsError,
    BlockedSiteError,
    MementoPlaybackError,
    NoMementoError,
    RateLimitError,
    WaybackException,
)

from archive.backfill import Candidate, Place
from archive.exchanges import Exchange
from archive.records import parse_utc, utc_text
from archive.warc import exchange_records
from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days
from crawler.backfill.remote import Bounded, Piece, Refused, Remote, RemoteError, Scope, check_base, session_of
from crawler.runtime import Runtime
from crawler.urls import offer_key
from crawler.warcfiles import LARGEST, Record

log = logging.getLogger(__name__)
KNOWN = "https://web.archive.org"  # in the code of the library
FIRST = date(1996, 5, 10)  # its first captures
AT_ONCE = 5_000  # lines of the index in one answer
MOST = 32 << 20  # bytes of an answer: so many lines take under 2 MB, a page 16 MB at most
FILTERS = ["statuscode:200", "mimetype:text/html"]
LIKE = timedelta(seconds=1)  # the difference between the time in an address and in Memento-Datetime that is none
OF_TRANSFER = ("content-encoding", "content-length", "transfer-encoding")  # of headers: the body comes without


class _NextPage(Exception):
    """The library is about to ask for another page of the index."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class _Session(WaybackSession):  # type: ignore[misc]
    """The library's session, that tries nothing again by itself, waits for nobody, and stops behind one page of the
    index, so that an interrupted listing goes on from there."""

    def __init__(self) -> None:
        super().__init__(retries=0, search_calls_per_second=0, memento_calls_per_second=0)
        self.key: str | None = None  # with which the next listing begins
        self._listed = False

    def begin(self, key: str) -> None:
        """The next listing begins at a resume key; "" for its beginning."""
        self.key, self._listed = key, False

    def request(self, method: str, url: str, **kwargs: Any) -> Response:
        params = kwargs.get("params")
        if params is not None:
            if self._listed:
                raise _NextPage(params.get("resumeKey", ""))
            self._listed = True
            if self.key:
                kwargs["params"] = {**params, "resumeKey": self.key}
        return super().request(method, url, **kwargs)  # type: ignore[no-any-return]


class Wayback:
    """Lists and fetches what the Wayback Machine has of the sites of a source."""

    via = "wayback"

    def __init__(self, runtime: Runtime, budget: Budget) -> None:
        """Raises ValueError when WAYBACK_URL is none."""
        base = check_base("WAYBACK_URL", runtime.settings["WAYBACK_URL"])
        self._adapter = Bounded(KNOWN, base, MOST)
        self._session = _Session()
        session_of(runtime, KNOWN, self._adapter, self._session)
        self._client = WaybackClient(self._session)
        self._remote = Remote(runtime, base, budget, self._adapter)

    async def parts(self, days: Days, scopes: Sequence[Scope]) -> list[Piece]:
        """The pieces of the index: months, the newest first, of each scope."""
        return [
            Piece(f"{scope} {month.since:%Y-%m}", *month.texts)
            for month in days.months()
            if month.until > FIRST
            for scope in scopes
        ]

    async def page(self, place: Place) -> tuple[list[Candidate], str]:
        """One page of a part of the index, and the position behind it; "" at the end."""
        return await self._remote.ask(self._page, place)

    def _page(self, place: Place) -> tuple[list[Candidate], str]:
        scope = Scope.of(place.url.partition(" ")[0])
        since, until = parse_utc(place.oldest), parse_utc(place.newest) + timedelta(days=1, seconds=-1)
        self._session.begin(place.position)
        found: list[Candidate] = []
        try:
            for one in self._client.search(
                scope.url,
                match_type=scope.match,
                limit=AT_ONCE,
                from_date=since,
                to_date=until,
                filter_field=FILTERS,
                collapse="digest",
                skip_malformed_results=False,  # it takes addresses with a number for a host for such
            ):
                stamp = utc_text(one.timestamp)
                found.append(Candidate(offer_key(one.original), stamp, {"at": one.original, "digest": one.digest}))
        except _NextPage as more:
            return found, more.key
        except Exception as error:
            raise _told(error) from error
        return found, ""

    async def fetch(self, one: Candidate) -> Record:
        """The record of a capture. Raises RemoteError, or Refused when there is none to be had."""
        return await self._remote.ask(self._fetch, one)

    def _fetch(self, one: Candidate) -> Record:
        url, moment = str(one.hint["at"]), parse_utc(one.moment)
        try:
            memento = self._client.get_memento(url, moment, mode=Mode.original, exact=True, follow_redirects=False)
        except Exception as error:
            raise _told(error) from error
        if memento.status_code != 200:
            raise Refused(f"HTTP {memento.status_code} at the time of the capture")
        body = memento.content
        if len(body) > LARGEST:
            raise Refused(f"larger than {LARGEST} bytes")
        exchange = Exchange(
            url=url,
            fetched_at=_captured(self._adapter.headers.get("Memento-Datetime", ""), memento.timestamp),
            status=200,
            reason="OK",
            headers=tuple(_headers(memento.headers.items())),
            body=body,
        )
        data, _ = exchange_records(exchange, None, source=memento.memento_url)
        return Record(url, exchange.fetched_at, exchange.header("content-type"), data, True, 0, 0)


def _headers(pairs: Any) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        yield (f"X-Crawl-{name}" if name.lower() in OF_TRANSFER else name), value


def _captured(said: str, named: datetime) -> datetime:
    """The time of a capture: that of Memento-Datetime (RFC 7089, section 2.1.1), if it is another than its address
    has."""
    try:
        moment = parsedate_to_datetime(said).astimezone(UTC)
    except (ValueError, TypeError):
        return named
    return named if abs(moment - named) <= LIKE else moment


def _told(error: Exception) -> Exception:
    """An error of the library in our words."""
    if isinstance(error, RemoteError):
        return error
    if isinstance(error, (BlockedSiteError, BlockedByRobotsError, NoMementoError)):
        return Refused(str(error))
    if isinstance(error, RateLimitError):
        return RemoteError(f"asks for a rest: {error}")
    if isinstance(error, MementoPlaybackError):
        return Refused(str(error)) if " error while loading" not in str(error) else RemoteError(str(error))
    if isinstance(error, (WaybackException, ValueError, StopIteration, RuntimeError)):
        return RemoteError(f"{type(error).__name__}: {str(error)[:200]}")
    return error

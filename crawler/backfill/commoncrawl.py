"""Common Crawl: its indexes, one for each crawl, and the records of its WARC files by range.

Protocols: collinfo.json names the indexes, each a CDX server as pywb has it (JSON lines, `page=N` from 0, HTTP 400 behind
the last page, 404 when there is nothing); the WARC files lie beside them and are read with Range (RFC 9110, section 14).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from cdx_toolkit import cdx_to_captures
from cdx_toolkit.commoncrawl import filter_cc_endpoints

from archive.backfill import Candidate, Place
from archive.errors import RecordDamaged
from archive.members import unpacked
from archive.records import utc_text
from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days
from crawler.backfill.remote import Bounded, Piece, Refused, Remote, RemoteError, Scope, check_base, session_of
from crawler.runtime import Runtime
from crawler.urls import offer_key
from crawler.warcfiles import LARGEST_RECORD, Record, opened

MOST = 32 << 20  # bytes of an answer: a page of an index takes under 5 MB, a record 16 MB at most
FILTERS = ["=status:200", "=mime-detected:text/html"]
STAMP = "%Y%m%d%H%M%S"
LIKE = timedelta(seconds=1)


class CommonCrawl:
    """Lists and fetches what Common Crawl has of the sites of a source."""

    via = "commoncrawl"

    def __init__(self, runtime: Runtime, budget: Budget) -> None:
        """Raises ValueError when COMMONCRAWL_INDEX or COMMONCRAWL_DATA is no URL."""
        self._index = check_base("COMMONCRAWL_INDEX", runtime.settings["COMMONCRAWL_INDEX"])
        self._data = check_base("COMMONCRAWL_DATA", runtime.settings["COMMONCRAWL_DATA"])
        self._ask_index, self._get_index = _remote(runtime, self._index, budget)
        self._ask_data, self._get_data = _remote(runtime, self._data, budget)

    async def parts(self, days: Days, scopes: Sequence[Scope]) -> list[Piece]:
        """The pieces of the index: crawls that may hold something of these days, the newest first, of each scope."""
        crawls = await self._ask_index.ask(self._crawls, days)
        return [Piece(f"{scope} {one.name}", one.oldest, one.newest) for one in crawls for scope in scopes]

    def _crawls(self, days: Days) -> list[Piece]:
        answer = self._get_index(f"{self._index}/collinfo.json", {}, {})
        if answer.status_code != 200:
            raise RemoteError(f"HTTP {answer.status_code} for the list of indexes")
        try:
            # the index is asked where the setting says, wherever it believes to be
            crawls = [
                Piece(urlsplit(str(one["cdx-api"])).path, str(one.get("from", ""))[:10], str(one.get("to", ""))[:10])
                for one in answer.json()
            ]
            dated = [one for one in crawls if one.oldest and one.newest]
            undated = [one.name for one in crawls if one not in dated]
            span = {"from_ts": f"{days.since:%Y%m%d}000000", "to": f"{days.until:%Y%m%d}235959"}
            named = filter_cc_endpoints(sorted(undated), "mixed", params=span) if undated else []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RemoteError(f"the list of indexes cannot be read: {error!r:.200}") from error
        since, until = days.texts
        within = [one for one in dated if one.oldest <= until and one.newest >= since]
        return sorted(within, key=lambda one: one.newest, reverse=True) + [Piece(str(name), "", "") for name in named]

    async def page(self, place: Place) -> tuple[list[Candidate], str]:
        """One page of a part of the index, and the position behind it; "" at the end."""
        return await self._ask_index.ask(self._page, place)

    def _page(self, place: Place) -> tuple[list[Candidate], str]:
        name, _, path = place.url.partition(" ")
        scope, number = Scope.of(name), int(place.position or 0)
        params: dict[str, object] = {
            "url": scope.url,
            "matchType": scope.match,
            "filter": FILTERS,
            "output": "json",
            "page": str(number),
        }
        answer = self._get_index(self._index + path, params, {})
        if answer.status_code == 400 or (answer.status_code == 200 and not answer.text):
            return [], ""  # behind the last page
        if answer.status_code not in (200, 404):
            raise RemoteError(f"HTTP {answer.status_code} for {path}")
        try:
            captures = cdx_to_captures(answer)
            found = [_candidate(dict(capture)) for capture in captures]
        except (ValueError, KeyError, TypeError) as error:
            raise RemoteError(f"{path}: the index cannot be read: {error!r:.200}") from error
        return found, str(number + 1) if found else ""

    async def fetch(self, one: Candidate) -> Record:
        """The record of a capture. Raises RemoteError, or Refused when it is none."""
        return await self._ask_data.ask(self._fetch, one)

    def _fetch(self, one: Candidate) -> Record:
        offset, length = int(one.hint["offset"]), int(one.hint["length"])
        if not 0 < length <= LARGEST_RECORD:
            raise Refused(f"a record of {length} bytes")
        url = f"{self._data}/{one.hint['file']}"
        answer = self._get_data(url, {}, {"Range": f"bytes={offset}-{offset + length - 1}"})
        if answer.status_code in (403, 404, 410, 416):
            raise Refused(f"HTTP {answer.status_code} for {one.hint['file']}")
        if answer.status_code != 206 or len(answer.content) != length:
            raise RemoteError(
                f"HTTP {answer.status_code} with {len(answer.content)} bytes, and {length} by range are wanted"
            )
        data = answer.content
        try:
            unpacked(data, LARGEST_RECORD)  # one member, and whole: it is kept as it is
            exchange = opened(data, packed=True)
        except RecordDamaged as error:
            raise Refused(f"its record is damaged: {error}") from error
        captured = datetime.strptime(str(one.hint["stamp"]), STAMP).replace(tzinfo=UTC)
        if exchange.status != 200 or offer_key(exchange.url) != one.url or abs(exchange.fetched_at - captured) > LIKE:
            raise Refused("its record is that of something else")
        return Record(exchange.url, exchange.fetched_at, exchange.header("content-type"), data, True, 0, 0)


def _candidate(line: dict[str, str]) -> Candidate:
    captured = datetime.strptime(line["timestamp"], STAMP).replace(tzinfo=UTC)
    hint = {
        "digest": line.get("digest", ""),
        "file": line["filename"],
        "offset": int(line["offset"]),
        "length": int(line["length"]),
        "stamp": line["timestamp"],
    }
    return Candidate(offer_key(line["url"]), utc_text(captured), hint)


def _remote(
    runtime: Runtime, base: str, budget: Budget
) -> tuple[Remote, Callable[[str, dict[str, object], dict[str, str]], requests.Response]]:
    adapter = Bounded(base, base, MOST)
    session = session_of(runtime, base, adapter, requests.Session())

    def get(url: str, params: dict[str, object], headers: dict[str, str]) -> requests.Response:
        answer = session.get(url, params=params, headers=headers, allow_redirects=False)  # type: ignore[arg-type]
        if answer.status_code in (429, 503):
            raise RemoteError(f"HTTP {answer.status_code}")
        return answer

    return Remote(runtime, base, budget, adapter), get

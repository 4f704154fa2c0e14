"""Days: which ones are gone back to, which ones a listing speaks of, and what is too young to be history. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.records import parse_utc

LIVE = timedelta(
    days=2
)  # what is younger is left to the live crawl, which looks at feeds and news sitemaps of two days
EARLIEST = date(1991, 8, 6)  # the first page of the web
_DATED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)  # 2024, 2024-05, 202405, 2024/05/17, 20240517
_ASKED = re.compile(  # ?yyyy=2024&mm=05&dd=17, as plugins of WordPress have it
    r"\b(?:yyyy|year)=((?:19|20)\d\d)(?:&(?:mm|month)=(0[1-9]|1[0-2])(?:&(?:dd|day)=(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both included."""

    since: date
    until: date

    @property
    def texts(self) -> tuple[str, str]:
        """The two days as the archive writes them."""
        return self.since.isoformat(), self.until.isoformat()

    def months(self) -> Iterator[Days]:
        """The months that it touches, whole, the newest first."""
        year, month = self.until.year, self.until.month
        while (year, month) >= (self.since.year, self.since.month):
            yield Days(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def days_of(since: str, until: str, now: datetime) -> Days:
    """The days between two that were given (`YYYY-MM-DD`, or "" for as far as it goes), without those that are the live
    crawl's. Raises ValueError, with the reason, when there is none left."""
    latest = (now - LIVE).date()
    first = _day(since, "--from") if since else EARLIEST
    last = min(_day(until, "--to") if until else latest, latest)
    if first > last:
        if first > latest:
            raise ValueError(f"--from {first} is too young: the days after {latest} are the live crawl's")
        raise ValueError(f"--from {first} is after --to {last}")
    return Days(max(first, EARLIEST), last)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option} {text!r} is not a day such as 2024-05-17") from None


def period_of(url: str) -> Days | None:
    """The year, month or day that the name of a sitemap tells: the most exact of them; None when it tells none."""
    text = url.partition("://")[2].partition("/")[2]
    found = [match.groups() for match in _DATED.finditer(text)] + [match.groups() for match in _ASKED.finditer(text)]
    for year, month, day in sorted(found, key=lambda parts: sum(part is not None for part in parts), reverse=True):
        try:
            if day:
                return Days(date(int(year), int(month), int(day)), date(int(year), int(month), int(day)))
        except ValueError:  # 31 June
            continue
        if month:
            last = monthrange(int(year), int(month))[1]
            return Days(date(int(year), int(month), 1), date(int(year), int(month), last))
        return Days(date(int(year), 1, 1), date(int(year), 12, 31))
    return None


def origin(via: str, published_at: str, fetched_at: datetime) -> str:
    """How an article is marked that was fetched from its own site: as found by going back, unless the page turns out to
    be so young that the live crawl is about to find it."""
    if not via or not published_at:
        return via
    try:
        published = parse_utc(published_at)
    except ValueError:
        return via
    return "" if fetched_at - published < LIVE else via

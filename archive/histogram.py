"""Articles over time: how many fall into each day, week, month or year, in a number of bars that a page has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from archive.columns import DAY, Numbers

EPOCH = date(1970, 1, 1)
MOST_DAYS, MOST_WEEKS, MOST_MONTHS = 70, 70, 96  # bars of a unit before the next larger one is taken
LEAST_DAYS = 14  # bars; a single one says nothing
MOST_YEARS = 120  # bars of a year
STRAY = 0.002  # share of the articles that may be so old that they would make the scale useless


@dataclass(frozen=True, slots=True)
class Span:
    """One bar: from a day on, up to and without another one. `open`: with all that is older; `endless`: that is newer."""

    start: date
    end: date
    label: str
    open: bool = False
    endless: bool = False


def spans(moments: Numbers) -> list[Span]:
    """Divide the time of some articles (seconds since 1970) into bars, without gaps. The few oldest and newest, when they
    are far from the others, are put together in the first and the last bar, and so is what MOST_YEARS do not reach."""
    if not len(moments):
        return []
    days = moments // DAY
    oldest, newest = int(days.min()), int(days.max())
    few, many = (int(np.quantile(days, share, method="lower")) for share in (STRAY, 1 - STRAY))
    last = many if newest - many > max(many - few, MOST_DAYS) else newest
    first = few if few - oldest > max(last - few, MOST_DAYS) else oldest
    first = max(first, last - MOST_YEARS * 366)
    found = list(_spans(_day(first), _day(last)))
    found[0] = replace(found[0], open=(found[0].start - EPOCH).days > oldest)
    found[-1] = replace(found[-1], endless=(found[-1].end - EPOCH).days <= newest)
    return found


def counted(moments: Numbers, bars: list[Span]) -> list[int]:
    """How many of the articles fall into each bar."""
    if not bars:
        return []
    edges = np.array([(bar.start - EPOCH).days * DAY for bar in bars] + [(bars[-1].end - EPOCH).days * DAY])
    if bars[0].open:
        edges[0] = np.iinfo(np.int64).min
    if bars[-1].endless:
        edges[-1] = np.iinfo(np.int64).max
    places = np.searchsorted(edges, moments, side="right")  # 0: before all bars
    return [int(number) for number in np.bincount(places, minlength=len(edges) + 1)[1 : len(edges)]]


def _day(number: int) -> date:
    return date.fromordinal(min(max(EPOCH.toordinal() + number, LEAST_DAYS + 1), date.max.toordinal() - 366))


def _spans(first: date, last: date) -> Iterator[Span]:
    length = (last - first).days + 1
    if length <= MOST_DAYS:
        first = min(first, last - timedelta(days=LEAST_DAYS - 1))
        day = first
        while day <= last:
            yield Span(day, day + timedelta(days=1), day.isoformat())
            day += timedelta(days=1)
    elif length <= MOST_WEEKS * 7:
        day = first - timedelta(days=first.weekday())
        while day <= last:
            yield Span(day, day + timedelta(days=7), day.isoformat())
            day += timedelta(days=7)
    elif length <= MOST_MONTHS * 30:
        day = first.replace(day=1)
        while day <= last:
            following = (day + timedelta(days=31)).replace(day=1)
            yield Span(day, following, f"{day:%Y-%m}")
            day = following
    else:
        for year in range(first.year, last.year + 1):
            yield Span(date(year, 1, 1), date(year + 1, 1, 1), f"{year:04}")

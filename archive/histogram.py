"""Articles over time: how many fall into each day, week, month or year, in a number of bars that a page has room for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from archive.columns import DAY, Numbers

EPOCH = date(1970, 1, 1)
MOST_DAYS, MOST_WEEKS, MOST_MONTHS = 70, 70, 96  # bars of a unit before the next larger one is taken
LEAST_DAYS = 14  # bars; a single one says nothing
STRAY = 0.002  # share of the articles that may be so old that they would make the scale useless


@dataclass(frozen=True, slots=True)
class Span:
    """One bar: from a day on, up to and without another one. `open`: with all that is older."""

    start: date
    end: date
    label: str
    open: bool = False


def spans(moments: Numbers) -> list[Span]:
    """Divide the time of some articles (seconds since 1970) into bars, without gaps. The few oldest, when they are far
    from the others, are put together in the first bar."""
    if not len(moments):
        return []
    days = moments // DAY
    last = int(days.max())
    least, oldest = int(np.quantile(days, STRAY, method="lower")), int(days.min())
    first = least if least - oldest > last - least else oldest
    found = list(_spans(_day(first), _day(last)))
    if first > oldest:
        found[0] = Span(found[0].start, found[0].end, found[0].label, open=True)
    return found


def counted(moments: Numbers, bars: list[Span]) -> list[int]:
    """How many of the articles fall into each bar."""
    if not bars:
        return []
    edges = np.array([(bar.start - EPOCH).days * DAY for bar in bars] + [(bars[-1].end - EPOCH).days * DAY])
    if bars[0].open:
        edges[0] = np.iinfo(np.int64).min
    places = np.searchsorted(edges, moments, side="right")  # 0: before all bars
    return [int(number) for number in np.bincount(places, minlength=len(edges) + 1)[1 : len(edges)]]


def _day(number: int) -> date:
    return date.fromordinal(min(max(EPOCH.toordinal() + number, 1), date.max.toordinal() - 366))


def _spans(first: date, last: date) -> Iterator[Span]:
    length = (last - first).days + 1
    if length <= MOST_DAYS:
        first = max(min(first, last - timedelta(days=LEAST_DAYS - 1)), date.min + timedelta(days=1))
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

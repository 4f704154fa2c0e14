"""Policies for `benchmarks.freshness`: Kiosque's own, and what others publish of theirs, each under a budget.

None of the others knows a budget. So that all ask equally often, each has the one knob of its rule that makes it ask more
or less turned by the same kind of controller that moves Kiosque's price.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import exp
from typing import Any, Protocol

from crawler.polling import PollPolicy

EPOCH = 1_772_409_600.0  # 2026-03-02, a Monday: when the simulation begins
DAY, MINUTE = 86_400.0, 60.0
SHORTEST, LONGEST = 5 * MINUTE, DAY


class Poller(Protocol):
    """Times in seconds since the simulation began."""

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        """The time of the next look, after one that found these new items."""

    def tick(self, now: float, polls: int) -> None:
        """Every five minutes: how many looks there were."""


class Kiosque:
    """crawler.polling as the crawler uses it."""

    def __init__(self, budget: float, count: int) -> None:
        self._policy = PollPolicy(budget)
        self._states = [self._policy.new_state() for _ in range(count)]

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        moment = datetime.fromtimestamp(EPOCH + now, UTC)
        published = [datetime.fromtimestamp(EPOCH + item, UTC) for item in new]
        state = self._states[feed] = self._policy.observe(
            self._states[feed], now=moment, published=published, window=window, overlap=overlap
        )
        return self._policy.next_check(state, moment).timestamp() - EPOCH

    def tick(self, now: float, polls: int) -> None:
        self._policy.tick(datetime.fromtimestamp(EPOCH + now, UTC), polls)


class Fixed:
    """Every feed equally often."""

    def __init__(self, budget: float, count: int) -> None:
        self._interval, self._count = DAY * count / budget, count

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        # after the first look they are spread, so that they do not all come at once
        return now + self._interval * (1.0 if now else (feed + 1) / self._count)

    def tick(self, now: float, polls: int) -> None:
        pass


class Ruled:
    """A rule with a knob: turned up, it asks more often."""

    def __init__(self, budget: float, count: int) -> None:
        self._budget = budget
        self.knob = 1.0

    def tick(self, now: float, polls: int) -> None:
        asked = self._budget * 300 / DAY
        self.knob *= exp(min(max((asked - polls) / self._budget, -0.1), 0.1))


class Miniflux(Ruled):
    """`entry_frequency`: a week through the number of entries of the last week, times a factor (the knob), within bounds."""

    def __init__(self, budget: float, count: int) -> None:
        super().__init__(budget, count)
        self._week: list[deque[float]] = [deque() for _ in range(count)]

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        week = self._week[feed]
        week.extend(new)
        while week and week[0] < now - 7 * DAY:
            week.popleft()
        return now + min(max(7 * DAY / max(len(week) * self.knob, 1e-9), SHORTEST), LONGEST)


class StormCrawler(Ruled):
    """`AdaptiveScheduler`: the interval shrinks by half of what it is above the least when the page changed, and grows by
    half when it did not. The knob divides the growth."""

    def __init__(self, budget: float, count: int) -> None:
        super().__init__(budget, count)
        self._interval = [DAY * count / budget] * count

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        interval = self._interval[feed]
        interval = (interval + SHORTEST) / 2 if new else interval * (1 + 0.5 / self.knob)
        self._interval[feed] = min(max(interval, SHORTEST), LONGEST)
        return now + self._interval[feed]


class MediaCloud(Ruled):
    """`rss-fetcher`: an hour shorter when less than a third of the entries were known before, and back to the default at
    once from beyond it; longer when two thirds were, by ten minutes, or by an hour when nothing was new. The knob divides
    the shares of new entries; a step is at most a tenth of the interval: with whole
    steps the rule does far worse under a budget."""

    STEP, SMALL, DEFAULT = 60 * MINUTE, 10 * MINUTE, 12 * 60 * MINUTE

    def __init__(self, budget: float, count: int) -> None:
        super().__init__(budget, count)
        self._interval = [min(self.DEFAULT, DAY * count / budget)] * count

    def look(self, feed: int, now: float, new: Sequence[float], window: int, overlap: bool) -> float:
        interval, share = self._interval[feed], len(new) / window if window else 0.0
        if share > 0.67 / self.knob:
            interval = self.DEFAULT if interval > self.DEFAULT else interval - min(self.STEP, interval / 10)
        elif share <= 0.33 / self.knob:
            interval += min(self.SMALL if new else self.STEP, interval / 10)
        self._interval[feed] = min(max(interval, SHORTEST), LONGEST)
        return now + self._interval[feed]


POLLERS: dict[str, Callable[[float, int], Any]] = {
    "fixed": Fixed, "Miniflux-like": Miniflux, "StormCrawler-like": StormCrawler, "Media-Cloud-like": MediaCloud,
    "Kiosque": Kiosque,
}  # fmt: skip

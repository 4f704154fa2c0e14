"""When a feed is looked at again: where a look is worth most, for as many looks a day as the operator allows.

A look at a feed is worth the waiting of what it finds. With `rate(t)` items a second since the last look at `last`, the
index J(t) = integral of (s - last) * rate(s) ds from `last` to `t` says what is gained by looking now instead of later;
a feed is due when J reaches a price that is the same for all feeds, and a controller moves the price until the looks of a
day are the budget. A feed that publishes four times as much is thus looked at twice as often, and one that sleeps at
night is left alone at night.

- K. C. Sia, J. Cho, H. Cho, "Efficient Monitoring Algorithm for Fast News Alerts", IEEE TKDE 19(7), 2007: delay as the
  measure, allocation by the square root of the rate, daily profiles of feeds.
- J. Cho, H. Garcia-Molina, "Effective Page Refresh Policies for Web Crawlers", ACM TODS 28(4), 2003, and "Estimating
  Frequency of Change", ACM TOIT 3(3), 2003: looks as a shared budget; estimates that do not break at zero changes.
- A. Kolobov, Y. Peres, C. Lu, E. Horvitz, "Staying up to Date with Online Content Changes Using Reinforcement Learning for
  Scheduling", NeurIPS 2019: one price (the multiplier of the budget) for all sources, learned while crawling.
- Y. Azar, E. Horvitz, E. Lubetzky, Y. Peres, D. Shahaf, "Tractable near-optimal policies for crawling", PNAS 115(32), 2018:
  the index that each source has by itself is near the best that could be done for all together.

Times of publication are believed only between the last look and this one. Nothing here reads a clock, and what a feed
did is in its state, a JSON-able dict: `at` (seconds since 1970 of the last look, None before the first), `items` and
`days` (decayed count and exposure), `hours` (count by hour of the day in UTC, smoothed, decayed until `learned`), `window`
(items in the feed), `told` and `lied` (new items whose time was checked, and found wrong), `weight`, `ttl` and `fresh` (seconds for which the
publisher wants no visit: of the feed, and of its last answer) and `skip` (hours in which it wants none).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, inf, sqrt
from typing import Any

from crawler.clocks import Told, listen, seconds

State = dict[str, Any]

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
LOOKS_PER_FEED = 24.0  # a day, if the operator names no budget
HOUR, DAY = 3600.0, 86_400.0
RATE_HALVES = 7.0  # days
HOURS_HALVE = 14.0  # days
FEW_ITEMS, SHORT_TIME = 0.5, 0.25  # items and days that every feed is credited with: two a day when nothing is known
PRIOR_ITEMS = 12.0  # as much as the profile of all feeds counts beside a feed's own items
KERNEL = ((-2, 0.1), (-1, 0.2), (0, 0.4), (1, 0.2), (2, 0.1))  # an item speaks for the hours around it
FULL = (
    0.6  # share of a feed's window that may be expected to be new: the rest is for days that are busier than expected
)
SETTLES = 0.5  # days in which the price makes up for what was asked too much or too little
LEAST_ELASTIC = 0.1  # looks that the price hardly moves must not make it run away
LONGEST_STEP = 0.5  # of the logarithm of the price, in one tick
LONGEST_TICK = 7200.0  # seconds; time in which nobody was at work is not made up for
PRICES = (
    1e-6,
    1e12,
)  # beyond, every feed is at one of its bounds, and a price that ran on would take weeks to come back
USUAL_RATE = 8.0  # items a day of a feed that is not known yet, for the price at the beginning


@dataclass(frozen=True, slots=True)
class Asked:
    """What a publisher asks for: not to come before `ttl` (None: it did not say, as before), nor while its last answer
    is `fresh`, nor in the hours of `skip`, UTC (None: as before)."""

    ttl: timedelta | None = None
    fresh: timedelta = timedelta(0)
    skip: Collection[int] | None = None


NOTHING_ASKED = Asked()


class PollPolicy:
    """One price for all feeds of an archive, and what they have in common."""

    def __init__(self, budget_per_day: float, feeds: int = 0) -> None:
        """`feeds`: how many are awaited, so that those that are looked at first are not alone with the budget. Raises
        ValueError for a budget that is no positive number."""
        if not 0 < budget_per_day < inf:
            raise ValueError(f"a budget is a number of looks a day above 0, and not {budget_per_day}")
        self._budget = budget_per_day / DAY  # looks a second
        self._awaited = feeds
        self.price = _bounded((feeds * self._root(USUAL_RATE)) ** 2)  # items * seconds; 0 before there is a feed
        self._by_price = self._looks = 0.0  # decayed: looks whose time the price decided, of all looks
        self._hours = [0.0] * 24  # decayed: what all feeds did by hour of the day, each counting the same
        self._ticked: float | None = None
        self._remember_hours()

    # -- of one feed -------------------------------------------------------------------------------------------------

    def new_state(self) -> State:
        """The state of a feed that was never looked at."""
        return {
            "at": None, "items": 0.0, "days": 0.0, "hours": [0.0] * 24, "learned": None, "window": 0,
            "told": 0.0, "lied": 0.0, "weight": 1.0, "ttl": 0.0, "fresh": 0.0, "skip": [],
        }  # fmt: skip

    def observe(
        self,
        state: Mapping[str, Any],
        *,
        now: datetime,
        published: Sequence[datetime | None],
        window: int | None,
        overlap: bool,
        weight: float = 1.0,
        asked: Asked = NOTHING_ASKED,
    ) -> State:
        """The state after a look at `now`.

        `published`: what the items that were not there at the last look say of themselves (None: nothing). `window`:
        items in the feed (None: it did not change). `overlap`: some of them were there at the last look. `weight`: what
        a minute's delay counts beside that of other feeds.
        """
        state = self._whole(state)
        at, last = seconds(now), state["at"]
        told = listen(published, last, at, liar=is_liar(state))
        alone = last is None or (published and not overlap)
        items, days = told.own_window(RATE_HALVES) if alone else told.since_last(RATE_HALVES)
        kept = 0.5 ** (told.passed / RATE_HALVES)
        after: State = {
            **state,
            "at": at,
            "items": state["items"] * kept + items,
            "days": state["days"] * kept + days,
            "window": state["window"] if window is None else window,
            "weight": weight,
            "ttl": state["ttl"] if asked.ttl is None else asked.ttl.total_seconds(),
            "fresh": asked.fresh.total_seconds(),
            "skip": state["skip"] if asked.skip is None else sorted(asked.skip),
        }
        if published:
            self._learn_hours(after, told)
        if last is None:
            self.expect(after)
        self._looks += 1.0
        self._by_price += self._interval(after)[1]
        return after

    def credit(self, state: Mapping[str, Any], published: Sequence[datetime | None], since: float) -> State:
        """The state with items that the last look led to and that were found after it, as in the sitemaps that an index
        names. `since`: the look before it, in seconds since 1970."""
        state = self._whole(state)
        told = listen(published, since, state["at"], liar=is_liar(state))
        after = {**state, "items": state["items"] + len(published)}
        self._learn_hours(after, told)
        return after

    def next_check(self, state: Mapping[str, Any], now: datetime) -> datetime:
        """When a feed with this state is due, at the price of this moment; `now` if it is overdue or was never looked at."""
        state, at = self._whole(state), seconds(now)
        if state["at"] is None:
            return now
        due: float = min(state["at"], at) + self._interval(state)[0]  # `at` where the clock was set back
        if len(state["skip"]) < 24:
            while int(due // HOUR) % 24 in state["skip"]:
                due = (due // HOUR + 1) * HOUR
        wait = timedelta(seconds=max(due - at, 0.0))
        return now + wait if now.tzinfo is None else (now.astimezone(UTC) + wait).astimezone(now.tzinfo)

    def expected(self, state: Mapping[str, Any], until: datetime) -> float:
        """How many new items a look at `until` is expected to find, given the last one."""
        state = self._whole(state)
        if state["at"] is None:
            return 0.0
        level, hours = self._level(state), self._hourly(state)
        at, end, items = state["at"], seconds(until), 0.0
        while at < end:
            later = min((at // HOUR + 1) * HOUR, end)
            items += level * hours[int(at // HOUR) % 24] * (later - at)
            at = later
        return items

    # -- of all feeds ------------------------------------------------------------------------------------------------

    def expect(self, state: Mapping[str, Any]) -> None:
        """Raise the price by what one more feed with this state asks for, so that the others pay for it at once.

        If the price alone decided, n feeds would spend the budget b at the price (sum of sqrt(rate))² / 2 b², whose
        root is a sum over the feeds. One that was awaited takes the place of a usual one.
        """
        root = sqrt(self.price) + self._root(rate(state) * state["weight"])
        if self._awaited:
            self._awaited -= 1
            root = max(root - self._root(USUAL_RATE), 0.0)
        self.price = _bounded(root * root)

    def _root(self, rate: float) -> float:
        return sqrt(rate / DAY / 2) / self._budget

    def tick(self, now: datetime, polls: int) -> None:
        """Move the price, after `polls` looks since the last tick.

        Looks go with price^-0.5 where the price decides, and not at all where something else does. An integral
        controller whose gain is divided by that elasticity makes up for any difference within SETTLES, however many
        feeds are held by a bound; over weeks, looks can differ from the budget only by what the price itself has moved.
        """
        at = seconds(now)
        passed = min(max(at - self._ticked, 0.0), LONGEST_TICK) if self._ticked is not None else 300.0
        self._ticked = at
        elasticity = max(0.5 * self._by_price / self._looks, LEAST_ELASTIC) if self._looks else 0.5
        asked = self._budget * passed
        step = (polls - asked) / (self._budget * DAY * SETTLES * elasticity)
        self.price = _bounded(self.price * exp(min(max(step, -LONGEST_STEP), LONGEST_STEP)))
        kept = exp(-passed / DAY)
        self._looks, self._by_price = self._looks * kept, self._by_price * kept
        fading = 0.5 ** (passed / DAY / HOURS_HALVE)
        self._hours = [count * fading for count in self._hours]
        self._remember_hours()

    def kept(self) -> State:
        """What is to be kept over a restart; JSON-able."""
        return {
            "price": self.price, "budget": self._budget * DAY, "awaited": self._awaited, "ticked": self._ticked,
            "looks": self._looks, "by_price": self._by_price, "hours": self._hours,
        }  # fmt: skip

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on from what was kept, under a budget that may be another one now."""
        self.price = _bounded(kept["price"] * (kept["budget"] / DAY / self._budget) ** 2)
        self._awaited, self._ticked = kept["awaited"], kept["ticked"]
        self._looks, self._by_price, self._hours = kept["looks"], kept["by_price"], list(kept["hours"])
        self._remember_hours()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _whole(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """A state with all that an earlier release did not keep."""
        return {**self.new_state(), **state}

    def _remember_hours(self) -> None:
        """What a feed is credited with for each hour before its own items count: half uniform, half the mean."""
        total = sum(self._hours) + 24.0
        self._prior = [PRIOR_ITEMS * (0.5 + 0.5 * 24.0 * (count + 1.0) / total) for count in self._hours]

    def _learn_hours(self, state: State, told: Told) -> None:
        """Put the hours of new items into a state, and into what all feeds do."""
        fading = 0.5 ** (max(told.at - (state["learned"] or told.at), 0.0) / DAY / HOURS_HALVE)
        share = 1.0 / max(rate(state), 1.0)
        trusted = not is_liar(state)
        state["told"] = state["told"] * fading + told.judged
        state["lied"] = state["lied"] * fading + told.lies
        if trusted and is_liar(state):
            fading = 0.0  # what it said before was believed and is not any more
        own = [count * fading for count in state["hours"]]
        for hour, count in told.hours:
            for step, part in KERNEL:
                place = (hour + step) % 24
                own[place] += count * part
                self._hours[place] += count * part * share
        state["hours"], state["learned"] = own, told.at

    def _level(self, state: Mapping[str, Any]) -> float:
        """Items a second for each unit of `_hourly`."""
        return rate(state) / DAY / (float(sum(state["hours"])) + PRIOR_ITEMS)

    def _hourly(self, state: Mapping[str, Any]) -> list[float]:
        return [24.0 * count + prior for count, prior in zip(state["hours"], self._prior, strict=True)]

    def _interval(self, state: Mapping[str, Any]) -> tuple[float, bool]:
        """Seconds from one look to the next, and whether it is the price that decides them."""
        level, hours, prior = self._level(state), state["hours"], self._prior
        room = FULL * state["window"] if state["window"] else float("inf")
        price = self.price / state["weight"]
        shortest = min(max(SHORTEST_S, state["ttl"], state["fresh"]), LONGEST_S)
        hour, begin = int(state["at"] // HOUR) % 24, 0.0
        end = HOUR - state["at"] % HOUR
        while begin < LONGEST_S:
            rate = level * (24.0 * hours[hour] + prior[hour])
            waiting = rate * (end * end - begin * begin) / 2
            items = rate * (end - begin)
            if waiting >= price or items >= room:
                full = begin + room / rate
                due = sqrt(begin * begin + 2 * price / rate)
                interval = min(max(min(full, due), shortest), LONGEST_S)
                return interval, interval == due
            price -= waiting
            room -= items
            begin, end, hour = end, end + HOUR, (hour + 1) % 24
        return LONGEST_S, False


SHORTEST_S, LONGEST_S = SHORTEST.total_seconds(), LONGEST.total_seconds()


def _bounded(price: float) -> float:
    """A price that decides something; 0 stays 0, and stands for none."""
    return min(max(price, PRICES[0]), PRICES[1]) if price else 0.0


def rate(state: Mapping[str, Any]) -> float:
    """Items a day, as a feed's state has it."""
    return float((state["items"] + FEW_ITEMS) / (state["days"] + SHORT_TIME))


def is_liar(state: Mapping[str, Any]) -> bool:
    """Tell whether most of the times that a feed gave of late were wrong."""
    return bool(state["lied"] > state["told"] / 2)

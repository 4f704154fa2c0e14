"""A listing's own rhythm, hour by hour, and whether it has been quiet for longer than that explains. Pure.

What is known of an hour is one bit: did something new turn up? Articles that come in batches are one event then, and how
often a listing is asked matters little. Time is measured in events that were to be expected: a night or a weekend, in which
the listing is always quiet, hardly lets it pass. In that time quiet spells of a listing that goes on by chance are
exponential, so that one of 14 comes once in a million; and because news has habits of its own, a spell
has to be twice as long as the longest of the last four weeks as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log, log1p

from archive.expectations import CHANCE

WEEKS = 4
LEAST_DAYS = 14  # on which it was looked at; less is no rhythm
LEAST_EVENTS = 10
SURE = -log(CHANCE)  # events that were to be expected and did not come
FAR = 2.0  # times its own longest spell
MOST_SURE = 0.9  # chance of an event in an hour, at most: four weeks say no more
EVEN = 0.1  # share of the events that is spread evenly over the day, so that no hour is ruled out
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A spell without an event: since when, how many were to be expected, and in the longest spell of the weeks before."""

    since: datetime
    hours: int
    missed: float
    longest: float

    @property
    def telling(self) -> bool:
        """Is it longer than chance and habit explain?"""
        return self.missed >= SURE and self.missed >= FAR * self.longest


def quiet(looked: Mapping[str, int], events: Mapping[str, int]) -> Quiet | None:
    """Measure the spell up to the last look; both are bits by day. None when its rhythm is not known, or it is not quiet for long."""
    days = sorted(day for day, bits in events.items() if bits)
    last_look = _last(looked)
    if not days or last_look is None:
        return None
    last_event = _hour(days[-1], events[days[-1]].bit_length() - 1)
    hours = int((last_look - last_event) / HOUR) - 1  # whole ones
    if hours * -log1p(-MOST_SURE) < SURE:
        return None  # however busy it is
    first = (last_event - timedelta(weeks=WEEKS)).replace(hour=0)
    known = {day for day, bits in looked.items() if bits and first <= _hour(day, 0) < last_event.replace(hour=0)}
    before = {day: events.get(day, 0) for day in known}
    if len(known) < LEAST_DAYS or sum(map(int.bit_count, before.values())) < LEAST_EVENTS:
        return None
    weights = _expected(before)
    missed = sum(weights[one.weekday()][one.hour] for one in (last_event + HOUR * at for at in range(1, hours + 1)))
    if missed < SURE:
        return Quiet(last_event, hours, missed, 0.0)
    return Quiet(last_event, hours, missed, _longest(before, weights))


def _expected(before: Mapping[str, int]) -> list[list[float]]:
    """Events to be expected in each hour of each weekday: as many as the weekday has, spread as a day is."""
    days, of_day, of_hour = [0] * 7, [0] * 7, [0] * 24
    for day, bits in before.items():
        weekday = _hour(day, 0).weekday()
        days[weekday] += 1
        of_day[weekday] += bits.bit_count()
        for hour in range(24):
            of_hour[hour] += bits >> hour & 1
    total = sum(of_day)
    mean = total / len(before)
    shares = [
        (1 - EVEN) * (of_hour[at - 1] + 2 * of_hour[at] + of_hour[(at + 1) % 24]) / 4 / total + EVEN / 24
        for at in range(24)
    ]
    rates = [of_day[at] / days[at] if days[at] else mean for at in range(7)]
    return [[-log1p(-min(rate * share, MOST_SURE)) for share in shares] for rate in rates]


def _longest(before: Mapping[str, int], weights: list[list[float]]) -> float:
    """The longest spell between two events; days on which nobody looked do not count."""
    passed, at_events = 0.0, []
    for day in sorted(before):
        weekday = _hour(day, 0).weekday()
        for hour in range(24):
            if before[day] >> hour & 1:
                at_events.append((passed, passed + weights[weekday][hour]))
            passed += weights[weekday][hour]
    return max((later[0] - earlier[1] for earlier, later in pairwise(at_events)), default=0.0)


def _last(bits: Mapping[str, int]) -> datetime | None:
    day = max((day for day, one in bits.items() if one), default=None)
    return _hour(day, bits[day].bit_length() - 1) if day else None


def _hour(day: str, hour: int) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)

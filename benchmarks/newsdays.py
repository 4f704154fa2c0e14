"""Feeds for `benchmarks.freshness`: when each of 500 published what, over four weeks and some time before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import cos, exp, pi

FEEDS = 500
DAYS = 28
DAY = 86_400.0
MEDIAN, SIGMA, RATES = 8.0, 1.6, (0.1, 600.0)  # items a day
NIGHT = 0.15  # of a profile: what is left at the quietest hour
PEAK = (0.5, 2.5)  # how much the busiest hour stands out
WINDOW = (20, 50)  # items in a feed
BATCH = (2, 8)  # items of a burst
WITHIN = 300.0  # seconds, in which a burst comes out
DRIFT, DRIFTS = 3.0, (8.0, 20.0)  # times that the rate of half the feeds changes, and the days between which it does
SCENARIOS = ("base", "bursty", "drift")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed published, in seconds since the simulation began, sorted; what is before 0 fills its window."""

    window: int
    items: list[float] = field(repr=False)


def feeds(scenario: str, seed: int, count: int = FEEDS) -> list[Feed]:
    """The feeds of a scenario."""
    return [_feed(scenario, random.Random(f"{seed}/{number}")) for number in range(count)]


def _feed(scenario: str, chance: random.Random) -> Feed:
    rate = min(max(MEDIAN * exp(chance.gauss(0, SIGMA)), RATES[0]), RATES[1])
    peak, phase = chance.uniform(*PEAK), chance.uniform(0, 24)
    window, median = chance.randint(*WINDOW), rate / DAY
    profile = [NIGHT + exp(peak * cos(2 * pi * (minute / 60 - phase) / 24)) for minute in range(1440)]
    most = max(profile)
    turn, after = DAYS * DAY, 1.0
    if scenario == "drift" and chance.random() < 0.5:
        turn, after = chance.uniform(*DRIFTS) * DAY, chance.choice((DRIFT, 1 / DRIFT))
    highest = max(after, 1.0)
    share = (
        1 / most / highest,
        after / most / highest,
    )  # of moments at the highest rate that are kept, before and after
    bursts = sum(BATCH) / 2 if scenario == "bursty" else 1.0
    rate *= highest * most / (sum(profile) / len(profile)) / bursts / DAY
    items: list[float] = []
    for moment in _poisson(rate, -1.5 * window / median, chance):
        if chance.random() < profile[int(moment % DAY // 60)] * share[moment >= turn]:
            if bursts == 1.0:
                items.append(moment)
                continue
            items.extend(moment + chance.uniform(0, WITHIN) for _ in range(chance.randint(*BATCH)))
    return Feed(window, sorted(item for item in items if item < DAYS * DAY))


def _poisson(rate: float, begin: float, chance: random.Random) -> Iterator[float]:
    moment = begin + chance.expovariate(rate)
    while moment < DAYS * DAY:
        yield moment
        moment += chance.expovariate(rate)

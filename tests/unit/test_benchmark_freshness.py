"""The simulation of `benchmarks.freshness`: what it counts, and that the world that it draws is the one described."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from statistics import median

import pytest

from benchmarks.freshness import plot, rows_of, simulate, table
from benchmarks.newsdays import DAY, DAYS, WINDOW, Feed, feeds
from benchmarks.pollers import POLLERS, Fixed


def regular(every: float, window: int, count: int = 3) -> list[Feed]:
    """Feeds with an item each so many seconds, half of that off the full."""
    items = [every / 2 + every * n for n in range(-50, int(DAYS * DAY / every))]
    return [Feed(window, items) for _ in range(count)]


def test_delays_are_those_of_the_looks() -> None:
    found = simulate(Fixed(24 * 3, 3), regular(1800, 50))
    assert found["polls"] == pytest.approx(72, abs=1)
    assert found["mean"] == pytest.approx(30, abs=15)
    assert found["lost"] == 0


def test_what_falls_out_of_the_window_is_lost() -> None:
    found = simulate(Fixed(24 * 3, 3), regular(60, 20))
    assert found["lost"] == pytest.approx(40 / 60, abs=0.01)
    assert found["mean"] < 20, "only what was seen has a delay"


@pytest.mark.parametrize("name", POLLERS)
def test_every_policy_spends_about_its_budget(name: str) -> None:
    found = simulate(POLLERS[name](30 * 24, 30), feeds("base", 1, 30))
    assert found["polls"] == pytest.approx(30 * 24, rel=0.05)


@pytest.mark.parametrize("scenario", ["base", "bursty", "drift"])
def test_feeds_are_drawn_as_described(scenario: str) -> None:
    news = feeds(scenario, 2, 60)
    assert all(WINDOW[0] <= feed.window <= WINDOW[1] for feed in news)
    assert all(before <= after for feed in news[:20] for before, after in pairwise(feed.items))
    rates = [sum(item >= 0 for item in feed.items) / DAYS for feed in news]
    assert 5 < median(rates) < 13
    assert max(rates) < (800 if scenario != "drift" else 1800)
    assert news[:5] == feeds(scenario, 2, 5)


def test_the_report() -> None:
    line = '{"policy": "%s", "budget": 12000, "scenario": "base", "seed": %d, "mean": %f, "median": 1, "p90": 2, "lost": 0.001, "polls": 12120}'
    rows = rows_of([line % ("Kiosque", 1, 10), line % ("Kiosque", 2, 12), line % ("fixed", 1, 30)])
    assert "| base | 12,000 | Kiosque | 11.0 | 1.0 | 2.0 | 0.10 % | +1.0 % |" in table(rows)
    assert [row.policy for row in rows] == ["fixed", "Kiosque"]
    assert "30.0" in "".join(ET.fromstring(plot(rows)).itertext())

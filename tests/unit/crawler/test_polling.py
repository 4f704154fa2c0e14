"""When a feed is looked at again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.polling import FIRST, LONGEST, SHORTEST, next_check

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def looks(news: list[int], ttl: timedelta = timedelta(0)) -> list[timedelta]:
    """The intervals after each of a row of looks."""
    state: dict[str, Any] = {}
    intervals = []
    for number, new_items in enumerate(news):
        later, state = next_check(state, NOW, new_items=new_items, ttl=ttl, first_look=number == 0)
        intervals.append(later - NOW)
    return intervals


def test_the_first_look_says_nothing() -> None:
    assert looks([500]) == looks([0]) == [FIRST]


def test_news_halves_and_silence_prolongs() -> None:
    assert looks([9, 3]) == [FIRST, FIRST / 2]
    assert looks([9, 0]) == [FIRST, FIRST * 3 / 2]


def test_intervals_stay_within_bounds() -> None:
    assert looks([1] * 20)[-1] == SHORTEST
    assert looks([0] * 20)[-1] == LONGEST


def test_what_the_publisher_asks_for_is_a_lower_bound() -> None:
    assert looks([1] * 9, ttl=timedelta(hours=2))[-1] == timedelta(hours=2)
    assert looks([1] * 9, ttl=timedelta(days=400))[-1] == LONGEST


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.timedeltas(timedelta(-9), timedelta(400)))
def test_any_history_gives_an_interval_within_bounds_and_a_state_that_is_json(news: list[int], ttl: timedelta) -> None:
    state: dict[str, Any] = {}
    for number, new_items in enumerate(news):
        later, state = next_check(state, NOW, new_items=new_items, ttl=ttl, first_look=number == 0)
        assert SHORTEST <= later - NOW <= LONGEST
        assert later - NOW >= min(ttl, LONGEST)
        assert json.loads(json.dumps(state)) == state

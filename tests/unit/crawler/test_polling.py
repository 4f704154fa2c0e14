"""The polling policy: rates, hours, the price and its controller, what publishers ask for, and states of old archives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.lookout import carried
from crawler.polling import DAY, LONGEST, SHORTEST, Asked, PollPolicy, rate

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def seen(policy: PollPolicy, every: timedelta, *, window: int = 40, **more: Any) -> dict[str, Any]:
    """The state of a feed that was looked at for the first time and publishes at a steady pace."""
    published = [NOW - every * n for n in range(window)]
    return policy.observe(policy.new_state(), now=NOW, published=published, window=window, overlap=False, **more)


def steady(every: timedelta, days: int, window: int = 40) -> dict[str, Any]:
    """The state at NOW of a feed that published at a steady pace for days, looked at every two hours."""
    policy = PollPolicy(1000)
    state, now = policy.new_state(), NOW - timedelta(days=days)
    while now <= NOW:
        count = int(now.timestamp() / every.total_seconds()) - int((now - 2 * HOUR).timestamp() / every.total_seconds())
        state = policy.observe(
            state,
            now=now,
            published=[now - every * n for n in range(count)],
            window=window,
            overlap=state["at"] is not None,
        )
        now += 2 * HOUR
    return state


def interval(policy: PollPolicy, state: dict[str, Any]) -> timedelta:
    return policy.next_check(state, NOW) - NOW


def priced(minutes: float, items_a_day: float = 24.0) -> PollPolicy:
    """A policy whose price has a feed of that rate looked at after so many minutes."""
    policy = PollPolicy(1e9)
    policy.price = items_a_day / DAY * (minutes * 60) ** 2 / 2
    return policy


def test_a_feed_that_was_never_looked_at_is_due() -> None:
    policy = PollPolicy(100)
    assert policy.next_check(policy.new_state(), NOW) == NOW


@pytest.mark.parametrize("every", [HOUR, 6 * HOUR, 10 * MINUTE])
def test_the_rate_is_that_of_what_was_new(every: timedelta) -> None:
    assert rate(steady(every, 20)) == pytest.approx(timedelta(days=1) / every, rel=0.1)


@pytest.mark.parametrize("every", [HOUR, 6 * HOUR])
def test_the_rate_is_at_first_that_of_the_feeds_own_window(every: timedelta) -> None:
    assert rate(seen(PollPolicy(1000), every)) == pytest.approx(timedelta(days=1) / every, rel=0.15)


def test_where_nothing_was_known_before_the_window_counts_and_not_what_is_left_of_the_time() -> None:
    policy = PollPolicy(1000)
    state = policy.observe(policy.new_state(), now=NOW, published=[], window=0, overlap=False)
    now = NOW + timedelta(days=3)
    state = policy.observe(state, now=now, published=[now - HOUR / 2 * n for n in range(40)], window=40, overlap=False)
    assert rate(state) > 30


def test_the_rate_follows_a_feed_with_a_half_life_of_a_week() -> None:
    policy = PollPolicy(1000)
    state, now = seen(policy, HOUR), NOW
    for _ in range(7 * 24):
        now += HOUR
        state = policy.observe(state, now=now, published=[], window=None, overlap=True)
    assert rate(state) < 24 / 2 * 0.9
    assert rate(state) > 24 / 8


def test_four_times_as_many_items_twice_as_many_looks() -> None:
    policy = priced(90)
    slow, fast = interval(policy, seen(policy, 4 * HOUR)), interval(policy, seen(policy, HOUR))
    assert slow / fast == pytest.approx(2, rel=0.15)


def test_weight_counts_as_more_items_would() -> None:
    policy = priced(90)
    assert interval(policy, seen(policy, HOUR)) / interval(policy, seen(policy, HOUR, weight=4.0)) == pytest.approx(
        2, rel=0.15
    )


def test_a_window_that_fills_up_is_looked_at_before_it_is_full() -> None:
    policy = priced(60 * 24)
    assert interval(policy, steady(HOUR, 20, window=20)) / HOUR == pytest.approx(12, rel=0.1)


def test_hours_in_which_nothing_comes_out_are_left_alone() -> None:
    policy, chance = priced(60), Random(1)
    state, now = policy.new_state(), NOW
    for day in range(21):
        for hour in range(8, 20):  # news in the daytime only
            now = NOW + timedelta(days=day, hours=hour, minutes=59)
            items = [now - MINUTE * chance.randrange(59) for _ in range(3)]
            state = policy.observe(state, now=now, published=items, window=40, overlap=day + hour > 8)
    policy.price = 36 / DAY * 3600**2 / 2
    looks = [now]
    while looks[-1] < now + timedelta(days=1):
        state = policy.observe(state, now=looks[-1], published=[], window=None, overlap=True)
        looks.append(policy.next_check(state, looks[-1]))
    night = [look for look in looks if look.hour < 6 or look.hour >= 22]
    day = [look for look in looks if 8 <= look.hour < 20]
    assert len(day) > 3 * len(night)


def test_bounds() -> None:
    assert interval(priced(0.001), seen(priced(1), HOUR)) == SHORTEST
    policy = PollPolicy(1)
    policy.price = 1e12
    assert interval(policy, seen(policy, timedelta(days=9))) == LONGEST


@pytest.mark.parametrize(
    ("asked", "least"),
    [
        (Asked(ttl=timedelta(hours=2)), 2 * HOUR),
        (Asked(fresh=timedelta(hours=3)), 3 * HOUR),
        (Asked(ttl=timedelta(days=400)), LONGEST),
        (Asked(skip=range(5)), 5 * HOUR),
        (Asked(skip=range(24)), SHORTEST),
    ],
    ids=["ttl", "max-age", "absurd ttl", "skipHours", "never"],
)
def test_what_the_publisher_asks_for_is_a_lower_bound(asked: Asked, least: timedelta) -> None:
    policy = priced(0.001)
    assert interval(policy, seen(policy, HOUR, asked=asked)) == least


def test_a_ttl_outlives_answers_that_do_not_name_it_and_freshness_does_not() -> None:
    policy = priced(0.001)
    state = seen(policy, HOUR, asked=Asked(timedelta(hours=2), timedelta(hours=3), (7,)))
    state = policy.observe(state, now=NOW, published=[], window=None, overlap=True)
    assert (state["ttl"], state["fresh"], state["skip"]) == (7200, 0, [7])


def crowd(budget: float, days: int, *, feeds: int = 60, ttl: timedelta | None = None) -> list[int]:
    """Looks a day at feeds whose rates differ a thousandfold; every third one asks for a `ttl`."""
    policy, chance = PollPolicy(budget), Random(7)
    rates = [10 ** chance.uniform(-1, 2.3) for _ in range(feeds)]
    states = [policy.new_state() for _ in rates]
    due, last, polls = [NOW] * feeds, [NOW - timedelta(days=3)] * feeds, [0] * days
    now, step = NOW, 5 * MINUTE
    while now < NOW + timedelta(days=days):
        looked = 0
        for number, items in enumerate(rates):
            if due[number] > now:
                continue
            mean = items * ((now - last[number]) / timedelta(days=1))
            count = min(int(mean) + (chance.random() < mean % 1), 30)
            news = [last[number] + (now - last[number]) * chance.random() for _ in range(count)]
            asked = Asked(ttl=ttl if number % 3 == 0 else None)
            first = states[number]["at"] is None
            states[number] = policy.observe(
                states[number], now=now, published=news, window=30, overlap=not first and count < 30, asked=asked
            )
            due[number], last[number], looked = policy.next_check(states[number], now), now, looked + 1
        polls[int((now - NOW) / timedelta(days=1))] += looked
        now += step
        policy.tick(now, looked)
    return polls


@pytest.mark.parametrize("budget", [300, 1440])
@pytest.mark.parametrize("ttl", [None, 6 * HOUR], ids=["free", "bounded"])
def test_the_price_spends_the_budget(budget: float, ttl: timedelta | None) -> None:
    polls = crowd(budget, 8, ttl=ttl)
    assert sum(polls[3:]) == pytest.approx(5 * budget, rel=0.02)
    assert all(day == pytest.approx(budget, rel=0.12) for day in polls[3:])


def test_new_feeds_raise_the_price_at_once() -> None:
    policy = PollPolicy(1000)
    prices = []
    for _ in range(5):
        seen(policy, HOUR)
        prices.append(sqrt(policy.price))
    assert [after - before for before, after in pairwise(prices)] == pytest.approx([prices[0]] * 4)


def test_awaited_feeds_have_their_share_from_the_start() -> None:
    alone, awaited = PollPolicy(1000), PollPolicy(1000, feeds=41)
    seen(alone, 3 * HOUR)
    seen(awaited, 3 * HOUR)
    assert awaited.price > 1000 * alone.price
    for _ in range(40):
        seen(alone, 3 * HOUR)
        seen(awaited, 3 * HOUR)
    assert awaited.price == pytest.approx(alone.price)


def test_what_is_kept_goes_on_and_another_budget_changes_the_price() -> None:
    policy = PollPolicy(1000)
    state = seen(policy, HOUR)
    policy.tick(NOW, 3)
    kept = json.loads(json.dumps(policy.kept()))
    again, more = PollPolicy(1000), PollPolicy(2000)
    again.restore(kept)
    more.restore(kept)
    assert again.next_check(state, NOW) == policy.next_check(state, NOW)
    assert more.price == pytest.approx(policy.price / 4)


def test_a_day_without_anybody_at_work_is_not_made_up_for() -> None:
    policy = priced(60)
    policy.tick(NOW, 0)
    price = policy.price
    policy.tick(NOW + timedelta(days=30), 0)
    assert policy.price > price / 2


@pytest.mark.parametrize("budget", [0, -5, float("nan"), float("inf")])
def test_a_budget_is_a_positive_number(budget: float) -> None:
    with pytest.raises(ValueError, match="budget"):
        PollPolicy(budget)


@pytest.mark.parametrize(("polls", "then"), [(0, 100), (100, 0)], ids=["too little to do", "more than the budget"])
def test_a_price_that_decided_nothing_for_months_comes_back_in_a_day(polls: int, then: int) -> None:
    policy, now = PollPolicy(1000), NOW
    state = seen(policy, 6 * HOUR)
    for _ in range(90 * 288):
        now += 5 * MINUTE
        policy.tick(now, polls)
    assert interval(policy, state) == (LONGEST if polls else SHORTEST)
    for _ in range(288):
        now += 5 * MINUTE
        policy.tick(now, then)
    assert interval(policy, state) < LONGEST / 4 if polls else interval(policy, state) > SHORTEST * 4


@pytest.mark.parametrize("rest", [{}, {"items": 3.0, "days": 1.0}, {"lied": 0.0, "told": 1.0, "window": 30}])
def test_a_state_without_what_was_added_since_goes_on(rest: dict[str, float]) -> None:
    policy = PollPolicy(1000)
    old = {"at": NOW.timestamp(), **rest}
    assert NOW < policy.next_check(old, NOW) <= NOW + LONGEST
    later = policy.observe(old, now=NOW + HOUR, published=[NOW], window=30, overlap=True)
    assert set(later) == set(policy.new_state())
    assert policy.next_check({}, NOW) == NOW


def test_a_clock_that_was_years_ahead_costs_no_years() -> None:
    policy, ahead = priced(60), NOW + timedelta(days=4000)
    state = seen(policy, HOUR)
    wrong = policy.observe(state, now=ahead, published=[], window=40, overlap=True)
    assert policy.next_check(wrong, NOW) <= NOW + LONGEST
    for hour in range(1, 15 * 24):
        now = NOW + HOUR * hour
        wrong = policy.observe(wrong, now=now, published=[now - MINUTE], window=40, overlap=True)
    assert rate(wrong) == pytest.approx(24, rel=0.4)


def test_a_text_that_is_pinned_in_the_feed_does_not_slow_it_down() -> None:
    published = [NOW - HOUR * n for n in range(19)]
    for pinned in (datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=200)):
        policy = PollPolicy(1000)
        state = policy.observe(policy.new_state(), now=NOW, published=[*published, pinned], window=20, overlap=False)
        assert rate(state) == pytest.approx(24, rel=0.4)


def test_times_without_a_zone_are_utc_and_others_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        policy = priced(90)
        bare = NOW.replace(tzinfo=None)
        published = [bare - HOUR * n for n in range(40)]
        state = policy.observe(policy.new_state(), now=bare, published=published, window=40, overlap=False)
        aware = priced(90)
        assert state == seen(aware, HOUR)
        assert policy.next_check(state, bare) == aware.next_check(state, NOW).replace(tzinfo=None)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_night_in_which_the_clock_changes_is_no_hour_shorter() -> None:
    policy = priced(60)
    now = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # half an hour before it goes forward
    state = policy.observe(
        policy.new_state(), now=now, published=[now - HOUR * n for n in range(40)], window=40, overlap=False
    )
    due = policy.next_check(state, now)
    assert due.timestamp() == pytest.approx(policy.next_check(state, now.astimezone(UTC)).timestamp())
    assert due.tzinfo is now.tzinfo


@pytest.mark.parametrize("seconds", [300.0, 3600.0, 86_400.0])
def test_states_of_earlier_releases_keep_about_their_rhythm(seconds: float) -> None:
    policy = PollPolicy(24)
    state = carried({"interval": seconds}, NOW.timestamp(), 30)
    policy.expect(state)
    assert rate(state) == pytest.approx(0.46 * DAY / seconds, rel=1)
    later = policy.observe(state, now=NOW + HOUR, published=[], window=None, overlap=True)
    assert set(later) == set(policy.new_state())


def test_items_that_a_look_led_to_count() -> None:
    policy = PollPolicy(1000)
    before = seen(policy, HOUR)
    since = before["at"]
    state = policy.observe(before, now=NOW + 3 * HOUR, published=[], window=None, overlap=True)
    credited = policy.credit(state, [NOW + HOUR, NOW + 2 * HOUR, None], since)
    assert credited["items"] == state["items"] + 3
    assert sum(credited["hours"]) == pytest.approx(sum(state["hours"]) + 3, rel=0.01)


def test_expected_items_are_those_that_come_out_at_the_rate() -> None:
    policy = PollPolicy(1000)
    assert policy.expected(steady(HOUR, 20), NOW + timedelta(days=2)) == pytest.approx(48, rel=0.1)
    assert policy.expected(policy.new_state(), NOW + HOUR) == 0


moments = st.none() | st.integers(100_000, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
look = st.tuples(st.timedeltas(timedelta(-1), timedelta(40)), st.lists(moments, max_size=6), st.booleans())


@given(st.lists(look, min_size=1, max_size=12), st.timedeltas(timedelta(-9), timedelta(400)))
def test_any_history_gives_a_time_within_bounds_and_a_state_that_is_json(
    looks: list[tuple[timedelta, list[datetime | None], bool]], ttl: timedelta
) -> None:
    policy, now = PollPolicy(100), NOW
    state = policy.new_state()
    for passed, published, overlap in looks:
        now += passed
        state = policy.observe(
            state, now=now, published=published, window=len(published), overlap=overlap, asked=Asked(ttl)
        )
        policy.tick(now, 1)
        assert json.loads(json.dumps(state, allow_nan=False)) == state
        assert min(max(SHORTEST, ttl), LONGEST) <= policy.next_check(state, now) - now <= LONGEST
        assert rate(state) > 0
        assert min(state["hours"]) >= 0

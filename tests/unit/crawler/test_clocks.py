"""Feeds that lie about when their items came out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.clocks import DAY, listen
from crawler.polling import PollPolicy, State, rate

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAST = (NOW - 3 * HOUR).timestamp()
Clock = Callable[[datetime, datetime], datetime]


@pytest.mark.parametrize(
    ("said", "believed", "lies"),
    [
        ([NOW - HOUR, NOW - 2 * HOUR], 2, 0),
        ([NOW + 5 * HOUR], 0, 1),
        ([NOW - 30 * HOUR], 0, 1),
        ([NOW, NOW, NOW], 0, 3),
        ([NOW - HOUR, NOW - HOUR], 2, 0),
        ([None, NOW - HOUR], 1, 0),
        ([NOW + timedelta(minutes=5)], 1, 0),
    ],
    ids=["honest", "future", "before the last look", "time of build", "a batch", "undated", "a clock that is a little ahead"],
)  # fmt: skip
def test_times_are_believed_between_two_looks(said: list[datetime | None], believed: int, lies: int) -> None:
    told = listen(said, LAST, NOW.timestamp(), liar=False)
    assert (len(told.stamps), told.lies) == (believed, lies)
    assert all(LAST <= stamp <= NOW.timestamp() for stamp in told.stamps)
    assert sum(count for _, count in told.hours) == pytest.approx(len(said))


def test_of_a_liar_nothing_is_believed() -> None:
    told = listen([NOW - HOUR], LAST, NOW.timestamp(), liar=True)
    assert (told.stamps, told.unknown) == ((), 1)
    assert dict(told.hours) == pytest.approx({9: 1 / 3, 10: 1 / 3, 11: 1 / 3})


def test_a_long_absence_says_nothing_of_the_hour() -> None:
    told = listen([None], NOW.timestamp() - 9 * DAY, NOW.timestamp(), liar=False)
    assert [count for _, count in told.hours] == pytest.approx([1 / 24] * 24)


@pytest.mark.parametrize(
    "said",
    [[NOW] * 30, [NOW + timedelta(days=400) + HOUR * n for n in range(30)], [None] * 30, [datetime(1970, 1, 2, tzinfo=UTC)] * 30],
    ids=["all now", "all to come", "undated", "all alike"],
)  # fmt: skip
def test_a_first_window_without_usable_times_says_nothing(said: list[datetime | None]) -> None:
    assert listen(said, None, NOW.timestamp(), liar=False).own_window(7) == (0, 0)


def honest(moment: datetime, _: datetime) -> datetime:
    return moment


def watched(clock: Clock) -> tuple[PollPolicy, State]:
    """A feed with an item at the full hours from 9 to 20, of which it says what `clock(item, look)` gives."""
    policy = PollPolicy(1000)
    state, last = policy.new_state(), NOW - timedelta(days=2)
    for look in range(14 * 24 * 2):
        now = NOW + HOUR / 2 * look + timedelta(minutes=7)
        items = [
            NOW.replace(hour=0) + HOUR * n
            for n in range(-48, 24 * 15)
            if 9 <= n % 24 <= 20 and last < NOW.replace(hour=0) + HOUR * n <= now
        ]
        said = [clock(item, now) for item in items]
        state = policy.observe(state, now=now, published=said, window=20, overlap=look > 0)
        last = now
    return policy, state


@pytest.mark.parametrize(
    "clock",
    [
        lambda item, look: item + 9 * HOUR,
        lambda item, look: item - 5 * HOUR,
        lambda item, look: look,
        lambda item, look: item.replace(hour=0),
        lambda item, look: item + timedelta(days=3650),
    ],
    ids=["zone ahead", "zone behind", "build", "date only", "another decade"],
)
def test_a_lying_feed_is_planned_as_an_honest_one(clock: Clock) -> None:
    policy, truth = watched(honest)
    liars, state = watched(clock)
    assert rate(state) == pytest.approx(rate(truth), rel=0.1)
    night, day = sum(state["hours"][h] for h in range(6)), sum(state["hours"][h] for h in range(10, 20))
    assert day > 20 * night
    policy.price = liars.price = 12 / DAY * 3600**2
    now = datetime.fromtimestamp(truth["at"], UTC)
    assert liars.next_check(state, now) - now == pytest.approx(policy.next_check(truth, now) - now, rel=0.25)


def test_liars_are_known_and_forgiven() -> None:
    policy, state = watched(lambda item, look: item + 9 * HOUR)
    assert state["lied"] > state["told"] / 2
    now = datetime.fromtimestamp(state["at"], UTC)
    for _ in range(60 * 24):
        now += HOUR
        state = policy.observe(state, now=now, published=[now - HOUR / 2], window=20, overlap=True)
    assert state["lied"] < state["told"] / 2

"""The host gate in a real event loop: who waits for whom, and for how long at least."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest

from archive.hosts import Standing
from crawler.fetch.politeness import LONGEST_HOLD, SHORT_HOLD, HostGate, HostOnHold
from crawler.fetch.trouble import WEIGHTS, Trouble

HANG = 20  # seconds; a bound for what hangs, not a measure of speed


class Log:
    """A server's view of the requests: when each began and ended, and how many there were at once."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []
        self.open = self.most = 0

    async def request(self, gate: HostGate, host: str, delay: float, takes: float = 0.0, concurrency: int = 1) -> None:
        async with gate.turn(host, delay, concurrency):
            begun = time.monotonic()
            self.open += 1
            self.most = max(self.most, self.open)
            await asyncio.sleep(takes)
            self.open -= 1
            self.spans.append((begun, time.monotonic()))

    def rests(self) -> list[float]:
        """Seconds between the end of each request and the start of the next."""
        self.spans.sort()
        return [later[0] - earlier[1] for earlier, later in zip(self.spans, self.spans[1:], strict=False)]


def gate() -> HostGate:
    """A gate without chance."""
    return HostGate(0.0)


def run(work: object) -> None:
    """Run a coroutine; a dead-lock fails the test."""
    asyncio.run(asyncio.wait_for(work, HANG))  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_at_once_than_allowed(concurrency: int) -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        await asyncio.gather(*(log.request(shared, "a", 0, 0.02, concurrency) for _ in range(9)))

    run(work())
    assert log.most == concurrency
    assert len(log.spans) == 9


def test_concurrency_is_not_fixed_by_who_speaks_of_the_host_first() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        shared.set_crawl_delay("a", 0)
        shared.hold("a", datetime.now(UTC))
        await asyncio.gather(*(log.request(shared, "a", 0, 0.02, 3) for _ in range(6)))

    run(work())
    assert log.most == 3


@pytest.mark.parametrize("concurrency", [1, 2])
def test_rests_from_end_to_start_are_never_shorter_than_the_delay(concurrency: int) -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        await asyncio.gather(*(log.request(shared, "a", 0.08, 0.03, concurrency) for _ in range(5)))

    run(work())
    starts = sorted(begun for begun, _ in log.spans)
    assert min(b - a for a, b in itertools.pairwise(starts)) >= 0.08
    assert all(rest >= 0.08 for rest in log.rests() if rest > 0)
    assert concurrency > 1 or all(rest > 0 for rest in log.rests())


def test_two_that_wait_together_see_the_end_of_the_one_before() -> None:
    # the second starts waiting while the first is still under way, and its rest begins when that one ends
    log, shared = Log(), gate()

    async def work() -> None:
        first = asyncio.ensure_future(log.request(shared, "a", 0.1, 0.15, 2))
        await asyncio.sleep(0.01)
        await asyncio.gather(first, log.request(shared, "a", 0.1, 0.0, 2), log.request(shared, "a", 0.1, 0.0, 2))

    run(work())
    ended = sorted(end for _, end in log.spans)
    begun = sorted(start for start, _ in log.spans)
    assert begun[1] - begun[0] >= 0.1
    assert all(begun[2] - end >= 0.1 for end in ended[:2])


def test_hosts_do_not_wait_for_each_other() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        await asyncio.gather(*(log.request(shared, f"host-{n}", 5.0, 0.2) for n in range(8)))

    run(work())
    assert log.most == 8


def test_a_slow_host_is_asked_less_often() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        await log.request(shared, "a", 0.01, 0.3)
        await log.request(shared, "a", 0.01)

    run(work())
    assert log.rests()[0] >= 0.3


def test_jitter_prolongs_and_never_shortens() -> None:
    log, shared = Log(), HostGate(1.0, draw=lambda low, high: high)

    async def work() -> None:
        await log.request(shared, "a", 0.1)
        await log.request(shared, "a", 0.1)

    run(work())
    assert log.rests()[0] >= 0.2


def test_a_crawl_delay_that_becomes_known_after_a_request_counts_for_its_rest() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        await log.request(shared, "a", 0.0)
        shared.set_crawl_delay("a", 0.2)
        await log.request(shared, "a", 0.0)
        shared.set_crawl_delay("a", 0.0)

    run(work())
    assert log.rests()[0] >= 0.2


def test_no_delay_is_no_delay() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        for _ in range(300):
            await log.request(shared, "a", 0.0)

    run(work())
    assert len(log.spans) == 300


def test_a_short_hold_is_waited_for_also_by_who_waits_already() -> None:
    log, shared = Log(), gate()

    async def work() -> float:
        await log.request(shared, "a", 0.1)
        waiting = asyncio.ensure_future(log.request(shared, "a", 0.1))
        await asyncio.sleep(0.01)
        begun = time.monotonic()
        shared.hold("a", datetime.now(UTC) + timedelta(seconds=0.4))
        await waiting
        assert shared.held("a") is None
        assert log.spans[-1][0] - begun >= 0.39  # the wall clock that says until when has other ticks
        return 0

    run(work())


def test_a_long_hold_turns_everybody_away() -> None:
    log, shared = Log(), gate()
    until = datetime.now(UTC) + timedelta(hours=2)

    async def work() -> None:
        await log.request(shared, "a", 0.1)
        waiting = [asyncio.ensure_future(log.request(shared, "a", 0.1)) for _ in range(3)]
        await asyncio.sleep(0.01)
        shared.hold("a", until)
        shared.hold("a", datetime.now(UTC) + timedelta(minutes=1))
        for error in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(error, HostOnHold)
            assert abs(error.until - until) < timedelta(seconds=HANG)
        held = shared.held("a")
        assert held is not None and abs(held - until) < timedelta(seconds=HANG)
        await log.request(shared, "b", 0.0)

    run(work())
    assert len(log.spans) == 2


def test_a_hold_outlives_a_clock_that_jumps_and_is_bounded() -> None:
    clock = [datetime(2026, 3, 1, tzinfo=UTC)]
    shared = HostGate(0.0, now=lambda: clock[0])
    shared.hold("a", clock[0] + timedelta(hours=1))
    clock[0] += timedelta(days=9)
    held = shared.held("a")
    assert held is not None and timedelta(minutes=59) < held - clock[0] <= timedelta(hours=1)
    clock[0] -= timedelta(days=4000)  # what was kept before the clock was set back lies far ahead
    shared.hold("b", clock[0] + timedelta(days=4000))
    held = shared.held("b")
    assert held is not None and held - clock[0] <= LONGEST_HOLD
    shared.hold("c", clock[0] + timedelta(seconds=SHORT_HOLD / 2))
    assert shared.held("c") is None
    assert shared.held("never heard of") is None


def test_failures_in_a_row_turn_everybody_away_and_an_answer_makes_them_good() -> None:
    log, shared = Log(), gate()

    async def work() -> None:
        assert shared.report("a", Trouble.TIMEOUT) is shared.report("a", Trouble.TIMEOUT) is None
        assert not shared.is_well("a")
        shared.report("a", None)
        assert shared.is_well("a")
        waits = [shared.report("a", Trouble.TIMEOUT) for _ in range(3)]
        assert waits == [None, None, WEIGHTS[Trouble.TIMEOUT].wait.total_seconds()]
        with pytest.raises(HostOnHold, match="timeout"):
            await log.request(shared, "a", 0.0)
        await log.request(shared, "b", 0.0)

    run(work())


def test_requests_that_were_under_way_together_count_once() -> None:
    shared = gate()
    assert shared.report("a", Trouble.BUSY) == 60
    for _ in range(5):
        wait = shared.report("a", Trouble.BUSY)
        assert wait is not None and wait <= 60
    wait = shared.report("a", Trouble.BUSY, 600.0)
    assert wait is not None and 590 < wait <= 600, "but what is asked for is granted"
    assert [(row.holds, row.strikes) for row in shared.changes()] == [(1, 20)]


def test_a_budget_counts_a_day_of_one_host() -> None:
    clock = [datetime(2026, 3, 1, 23, 59, tzinfo=UTC)]
    log, shared = Log(), HostGate(0.0, now=lambda: clock[0], budget=3)

    async def work() -> None:
        for _ in range(3):
            await log.request(shared, "a", 0.0)
        with pytest.raises(HostOnHold, match="HOST_BUDGET") as caught:
            await log.request(shared, "a", 0.0)
        assert caught.value.until == datetime(2026, 3, 2, tzinfo=UTC)
        await log.request(shared, "b", 0.0)
        clock[0] += timedelta(minutes=2)
        await log.request(shared, "a", 0.0)

    run(work())
    assert [(row.host, row.day, row.requests) for row in shared.changes()] == [
        ("a", "2026-03-02", 1),
        ("b", "2026-03-01", 1),
    ]
    assert shared.changes() == []


def test_what_is_known_of_a_host_outlives_a_restart() -> None:
    log, before = Log(), HostGate(0.0, budget=5)

    async def work() -> list[Standing]:
        for _ in range(5):
            await log.request(before, "spent", 0.0)
        for host, trouble in (("busy", Trouble.BUSY), ("shaky", Trouble.TIMEOUT)):
            await log.request(before, host, 0.0)
            before.report(host, trouble)
        return before.changes()

    kept = asyncio.run(work())
    after = HostGate(0.0, budget=5)
    after.restore(kept)
    assert after.changes() == []
    assert (after.held("busy") is None, after.held("shaky")) == (False, None)
    assert not after.is_well("shaky")

    async def more() -> None:
        for host in ("spent", "busy"):
            with pytest.raises(HostOnHold):
                await log.request(after, host, 0.0)
        await log.request(after, "shaky", 0.0)

    run(more())


@pytest.mark.parametrize("how", ["exception", "cancelled inside", "cancelled while waiting"])
def test_a_turn_is_given_back_however_it_ends(how: str) -> None:
    log, shared = Log(), gate()

    async def fail() -> None:
        async with shared.turn("a", 0.0):
            raise ValueError("broken")

    async def work() -> None:
        if how == "exception":
            with pytest.raises(ValueError):
                await fail()
        else:
            holder = asyncio.ensure_future(log.request(shared, "a", 0.0, HANG))
            await asyncio.sleep(0.01)
            waiting = [asyncio.ensure_future(log.request(shared, "a", 0.0)) for _ in range(3)]
            await asyncio.sleep(0.01)
            if how == "cancelled while waiting":
                for task in waiting[:2]:
                    task.cancel()
                await asyncio.sleep(0.01)
            holder.cancel()
            await asyncio.gather(holder, *waiting, return_exceptions=True)
        log.open = 0
        await log.request(shared, "a", 0.0)

    run(work())
    assert log.spans

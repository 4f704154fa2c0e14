"""How often a host is asked: one gate for all crawls of the process, so that no two of them ask a host at once.

A host is an authority: name and port, the unit that robots.txt speaks for (RFC 9309, section 2.3).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from random import uniform

from crawler.errors import CrawlerError

SLOT = {"download_slot": "politeness"}  # request meta: see DOWNLOAD_SLOTS in crawler/settings.py
SHORT_HOLD = 15.0  # seconds; a shorter hold is waited for, a longer one puts the page back
LONGEST_HOLD = timedelta(days=1)  # no host is left alone for longer; also the bound of a hold kept under a wrong clock
SLOWEST = 30.0  # seconds; a host that takes longer is not given even longer rests


class HostOnHold(CrawlerError):
    """The host asked to be left alone until `until`."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until


@dataclass(slots=True)
class _Turn:
    """What is going on at one host. Times are those of the monotonic clock, which is also the event loop's."""

    entrance: asyncio.Lock = field(default_factory=asyncio.Lock)  # first come, first served
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    started: float = -inf  # the last request
    ended: float = -inf
    took: float = 0.0
    delay: float = 0.0  # that its crawl asked for
    jitter: float = 1.0
    crawl_delay: float = 0.0  # what robots.txt asks for
    held_until: float = -inf

    def ready_at(self, delay: float) -> float:
        """When a crawl with this delay may ask next, given what is known by now."""
        asked = max(delay, self.delay, self.crawl_delay)
        if not asked:
            return self.held_until
        rest = max(asked, min(self.took, SLOWEST)) * self.jitter
        return max(self.started + asked * self.jitter, self.ended + rest, self.held_until)


class HostGate:
    """Lets requests to each host through one after another, with a rest between them."""

    def __init__(
        self,
        jitter: float,
        draw: Callable[[float, float], float] = uniform,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._jitter = jitter
        self._draw = draw
        self._now = now
        self._turns: dict[str, _Turn] = {}

    def _turn(self, host: str) -> _Turn:
        return self._turns.setdefault(host, _Turn())

    @asynccontextmanager
    async def turn(self, host: str, delay: float, concurrency: int = 1) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold its turn for the length of the block.

        The rest afterwards is the longest of `delay`, the host's Crawl-delay and the time that the answer took: a slow
        host is asked less often. Raises HostOnHold when the host asked to be left alone for longer than a moment.
        """
        turn = self._turn(host)
        async with turn.entrance:
            # in a loop: while this one waits, an answer, robots.txt or Retry-After may ask for a longer rest
            while True:
                self._check_hold(host, turn)
                if turn.busy >= concurrency:
                    turn.freed.clear()
                    await turn.freed.wait()
                elif (wait := turn.ready_at(delay) - time.monotonic()) > 0:
                    await asyncio.sleep(min(wait, SHORT_HOLD))
                else:
                    break
            turn.busy += 1
            started = turn.started = time.monotonic()
            turn.delay, turn.jitter = delay, self._draw(1.0, 1.0 + self._jitter)
        try:
            yield
        finally:
            turn.busy -= 1
            turn.ended = time.monotonic()
            turn.took = turn.ended - started
            turn.freed.set()

    def _check_hold(self, host: str, turn: _Turn) -> None:
        left = turn.held_until - time.monotonic()
        if left > SHORT_HOLD:
            raise HostOnHold(host, self._now() + timedelta(seconds=left))

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Ask a host no more often than its robots.txt says."""
        self._turn(host).crawl_delay = seconds

    def hold(self, host: str, until: datetime) -> None:
        """Leave a host alone until a time; an earlier hold is never shortened."""
        turn = self._turn(host)
        # measured on the monotonic clock, so that a clock that is set meanwhile neither ends nor prolongs it
        left = min(until - self._now(), LONGEST_HOLD).total_seconds()
        turn.held_until = max(turn.held_until, time.monotonic() + left)

    def held(self, host: str) -> datetime | None:
        """Until when a host is to be left alone; None when it may be asked now or in a moment."""
        turn = self._turns.get(host)
        left = turn.held_until - time.monotonic() if turn else 0.0
        return self._now() + timedelta(seconds=left) if left > SHORT_HOLD else None

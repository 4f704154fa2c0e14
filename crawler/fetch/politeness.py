"""How often a host is asked: one gate for all crawls of the process, so that no two of them ask a host at once.

A host is an authority: name and port, the unit that robots.txt speaks for (RFC 9309, section 2.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import uniform

from crawler.errors import CrawlerError

SLOT = {"download_slot": "politeness"}  # request meta: see DOWNLOAD_SLOTS in crawler/settings.py
SHORT_HOLD = 15.0  # seconds; a shorter hold is waited for, a longer one puts the page back
SLOWEST = 30.0  # seconds; a host that takes longer is not given even longer rests


class HostOnHold(CrawlerError):
    """The host asked to be left alone until `until`."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until


@dataclass(slots=True)
class _Turn:
    slots: asyncio.Semaphore
    start: asyncio.Lock = field(default_factory=asyncio.Lock)
    not_before: float = 0.0  # loop time
    crawl_delay: float = 0.0  # what robots.txt asks for, seconds
    hold: datetime | None = None


class HostGate:
    """Lets requests to each host through one after another, with a rest between them."""

    def __init__(self, jitter: float, draw: Callable[[float, float], float] = uniform) -> None:
        self._jitter = jitter
        self._draw = draw
        self._turns: dict[str, _Turn] = {}

    def _turn(self, host: str, concurrency: int = 1) -> _Turn:
        turn = self._turns.get(host)
        if turn is None:
            turn = self._turns[host] = _Turn(asyncio.Semaphore(concurrency))
        return turn

    @asynccontextmanager
    async def turn(self, host: str, delay: float, concurrency: int = 1) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold its turn for the length of the block.

        The rest afterwards is the longest of `delay`, the host's Crawl-delay and the time that the answer took: a slow
        host is asked less often. Raises HostOnHold when the host asked to be left alone for longer than a moment.
        """
        turn = self._turn(host, concurrency)
        loop = asyncio.get_running_loop()
        async with turn.slots:
            async with turn.start:
                self._check_hold(host, turn)
                await asyncio.sleep(max(0.0, turn.not_before - loop.time()))
                self._check_hold(host, turn)
                started = loop.time()
                turn.not_before = started + self._rest(turn, delay, 0.0)
            try:
                yield
            finally:
                ended = loop.time()
                turn.not_before = max(turn.not_before, ended + self._rest(turn, delay, ended - started))

    def _rest(self, turn: _Turn, delay: float, took: float) -> float:
        if not delay and not turn.crawl_delay:
            return 0.0
        rest = max(delay, turn.crawl_delay, min(took, SLOWEST))
        return rest * self._draw(1.0, 1.0 + self._jitter)

    def _check_hold(self, host: str, turn: _Turn) -> None:
        if turn.hold is None:
            return
        left = (turn.hold - datetime.now(UTC)).total_seconds()
        if left <= 0:
            turn.hold = None
        elif left > SHORT_HOLD:
            raise HostOnHold(host, turn.hold)
        else:
            turn.not_before = max(turn.not_before, asyncio.get_running_loop().time() + left)

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Ask a host no more often than its robots.txt says."""
        self._turn(host).crawl_delay = seconds

    def hold(self, host: str, until: datetime) -> None:
        """Leave a host alone until a time; an earlier hold is never shortened."""
        turn = self._turn(host)
        turn.hold = max(turn.hold, until) if turn.hold else until

    def held(self, host: str) -> datetime | None:
        """Until when a host is to be left alone."""
        turn = self._turns.get(host)
        return (
            turn.hold if turn and turn.hold and turn.hold > datetime.now(UTC) + timedelta(seconds=SHORT_HOLD) else None
        )

"""How often a host is asked: one gate for all crawls of the process, so that no two of them ask a host at once. Processes
that share an archive see to it by a tenancy of each host that only one has at a time (crawler.workers.hosts).

It also counts what a host is asked on one day, and leaves alone who asked for it or fails again and again.

A host is an authority: name and port, the unit that robots.txt speaks for (RFC 9309, section 2.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import inf
from random import uniform
from time import monotonic
from typing import Protocol
from weakref import WeakSet

from archive.hosts import Standing
from archive.records import parse_utc, utc_text
from crawler.errors import CrawlerError, HostsLost
from crawler.fetch.trouble import LONGEST_WAIT, Record, Trouble

SLOT = {"download_slot": "politeness"}  # request meta: see DOWNLOAD_SLOTS in crawler/settings.py
SHORT_HOLD = 15.0  # seconds; a shorter hold is waited for, a longer one puts the page back
LONGEST_HOLD = LONGEST_WAIT  # also the bound of a hold that was kept under a wrong clock
SLOWEST = 30.0  # seconds; a host that takes longer is not given even longer rests


class HostOnHold(CrawlerError):
    """The host is left alone until `until`."""

    def __init__(self, host: str, until: datetime, why: str = "") -> None:
        super().__init__(f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC{why and ': '}{why}")
        self.until = until


class Tenancy(Protocol):
    """Who sees to it that no other process asks a host. Every method raises HostsLost when that cannot be said any more."""

    @property
    def trusted(self) -> bool:
        """Was it confirmed so lately that a request may leave?"""

    @property
    def lost(self) -> bool:
        """Are the hosts another's by now?"""

    def of(self, host: str) -> AbstractAsyncContextManager[None]:
        """Have the host for the length of the block. Raises HostOnHold when another process has it."""

    async def until_trusted(self) -> None:
        """Wait until a request may leave."""


class Connections(Protocol):
    """What holds the connections of a crawl."""

    def cut(self) -> None:
        """Cut them all, with whatever is on its way."""


@dataclass(slots=True, eq=False)
class Going:
    """A request that has its turn."""

    refused: bool = False  # it was not sent, since nobody could say in that moment that it might be


@dataclass(slots=True)
class _Turn:
    """What is going on at one host. Times are those of the monotonic clock, which is also the event loop's."""

    entrance: asyncio.Lock = field(default_factory=asyncio.Lock)  # first come, first served
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    started: float = -inf  # the last request, or its way to the wire
    unsent: Going | None = None  # the request that has a turn and no connection yet
    ended: float = -inf
    took: float = 0.0
    delay: float = 0.0  # that its crawl asked for
    jitter: float = 1.0
    crawl_delay: float = 0.0  # what robots.txt asks for
    held_until: float = -inf
    why: str = ""  # it is held
    record: Record = field(default_factory=Record)
    day: str = ""  # of the last request, UTC
    requests: int = 0  # on that day

    def asked(self, delay: float) -> float:
        """The rest that a crawl with this delay, and the host, ask for."""
        return max(delay, self.delay, self.crawl_delay)

    def ready_at(self, delay: float) -> float:
        """When a crawl with this delay may ask next, given what is known by now."""
        asked = self.asked(delay)
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
        budget: int = 0,
    ) -> None:
        """`budget`: requests to one host on one day, whatever they ask for; 0: no limit."""
        self._jitter = jitter
        self._budget = budget
        self._draw = draw
        self._now = now
        self._turns: dict[str, _Turn] = {}
        self._changed: set[str] = set()
        self.tenancy: Tenancy | None = None  # None: no other process crawls for this archive
        self.connections: WeakSet[Connections] = WeakSet()

    def _turn(self, host: str) -> _Turn:
        return self._turns.setdefault(host, _Turn())

    @asynccontextmanager
    async def turn(self, host: str, delay: float, concurrency: int = 1) -> AsyncIterator[Going]:
        """Wait until the host may be asked, and hold its turn for the length of the block.

        The rest afterwards is the longest of `delay`, the host's Crawl-delay and the time that the answer took: a slow
        host is asked less often. Raises HostOnHold when the host is to be left alone for longer than a moment, and
        HostsLost.
        """
        async with self.tenancy.of(host) if self.tenancy else nullcontext():
            turn = self._turn(host)
            async with turn.entrance:
                await self._wait(host, turn, delay, concurrency)
                turn.busy += 1
                self._count(host, turn)
                started = turn.started = monotonic()
                turn.delay, turn.jitter = delay, self._draw(1.0, 1.0 + self._jitter)
                going = turn.unsent = Going()
            try:
                yield going
            finally:
                turn.busy -= 1
                if turn.unsent is going:
                    turn.unsent = None
                turn.ended = monotonic()
                turn.took = turn.ended - started
                turn.freed.set()

    async def _wait(self, host: str, turn: _Turn, delay: float, concurrency: int) -> None:
        # in a loop: while this one waits, an answer, robots.txt or Retry-After may ask for a longer rest
        while True:
            self._check_hold(host, turn)
            if turn.busy >= concurrency or (turn.unsent and turn.asked(delay)):
                turn.freed.clear()
                await turn.freed.wait()
            elif (wait := turn.ready_at(delay) - monotonic()) > 0:
                await asyncio.sleep(min(wait, SHORT_HOLD))
            elif self.tenancy and not self.tenancy.trusted:
                await self.tenancy.until_trusted()
            else:
                return

    def sent(self, host: str) -> None:
        """Note that the request whose turn came last goes on the wire. The rest begins now: a connection takes its time, and
        the next request, on one that is open, would be close behind.

        Raises HostsLost for a request that must not leave, as in a process that was stopped since its turn came.
        """
        turn = self._turn(host)
        if self.tenancy and not self.tenancy.trusted:
            if turn.unsent:
                turn.unsent.refused = not self.tenancy.lost
            raise HostsLost(f"{host}: it is not certain any more that no other process asks it")
        turn.started, turn.unsent = monotonic(), None
        turn.freed.set()

    def cut(self) -> None:
        """Cut the connections of all crawls: what the kernel has not brought to a host yet must not reach it later."""
        for connections in list(self.connections):
            connections.cut()

    def _check_hold(self, host: str, turn: _Turn) -> None:
        left, now = turn.held_until - monotonic(), self._now()
        if left > SHORT_HOLD:
            raise HostOnHold(host, now + timedelta(seconds=left), turn.why)
        if self._budget and turn.day == _day(now) and turn.requests >= self._budget:
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            raise HostOnHold(host, tomorrow, f"it was asked {turn.requests} times today (HOST_BUDGET)")

    def _count(self, host: str, turn: _Turn) -> None:
        day = _day(self._now())
        turn.requests = turn.requests + 1 if turn.day == day else 1
        turn.day = day
        self._changed.add(host)

    def report(self, host: str, trouble: Trouble | None, asked: float | None = None) -> float | None:
        """Note how a request ended (None: well). Gives the seconds for which the host is left alone from now, if it is.

        `asked`: what Retry-After named. A request that began before the host was held says nothing new.
        """
        turn = self._turn(host)
        if trouble is not None and turn.held_until > monotonic():
            self.hold(host, self._now() + timedelta(seconds=min(asked or 0, LONGEST_HOLD.total_seconds())), turn.why)
            return turn.held_until - monotonic()
        before = turn.record
        turn.record, wait = before.after(trouble, asked)
        if turn.record != before:
            self._changed.add(host)
        if wait is None:
            return None
        self.hold(host, self._now() + wait, "it asked for it" if trouble is Trouble.BUSY else f"it failed: {trouble}")
        return wait.total_seconds()

    def is_well(self, host: str) -> bool:
        """Tell whether nothing has failed since the host last answered."""
        return self._turn(host).record == Record()

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Ask a host no more often than its robots.txt says."""
        self._turn(host).crawl_delay = seconds

    def hold(self, host: str, until: datetime, why: str = "") -> None:
        """Leave a host alone until a time; an earlier hold is never shortened."""
        turn = self._turn(host)
        # measured on the monotonic clock, so that a clock that is set meanwhile neither ends nor prolongs it
        left = min(until - self._now(), LONGEST_HOLD).total_seconds()
        if monotonic() + left > turn.held_until:
            turn.held_until, turn.why = monotonic() + left, why
            self._changed.add(host)

    def held(self, host: str) -> datetime | None:
        """Until when a host is to be left alone; None when it may be asked now or in a moment."""
        turn = self._turns.get(host)
        left = turn.held_until - monotonic() if turn else 0.0
        return self._now() + timedelta(seconds=left) if left > SHORT_HOLD else None

    def restore(self, standings: list[Standing]) -> None:
        """Take over what is known from before a restart, or by another process."""
        for row in standings:
            turn = self._turn(row.host)
            turn.record, turn.day, turn.requests = Record(row.strikes, row.holds), row.day, row.requests
            if row.not_before:
                self.hold(row.host, parse_utc(row.not_before))
            self._changed.discard(row.host)

    def arrive(self, hosts: Iterable[str]) -> None:
        """Begin with hosts that another process may have asked until this moment: as if each had just been asked, and without
        what was known of it, for `restore`."""
        for host in hosts:
            turn = self._turn(host)
            turn.started = turn.ended = monotonic()
            turn.record, turn.day, turn.requests, turn.held_until = Record(), "", 0, -inf
            self._changed.discard(host)

    def changes(self) -> list[Standing]:
        """How the hosts stand of which something changed since the last call; to be kept over a restart."""
        changed, self._changed = self._changed, set()
        return [self._standing(host, self._turn(host)) for host in sorted(changed)]

    def _standing(self, host: str, turn: _Turn) -> Standing:
        left = turn.held_until - monotonic()
        # whole seconds, of which the last one is not cut short
        until = utc_text(self._now() + timedelta(seconds=left, microseconds=999_999)) if left > 0 else None
        return Standing(host, until, turn.record.strikes, turn.record.holds, turn.day, turn.requests)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"

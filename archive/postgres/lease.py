"""Locks by name that last as long as a session does, and are known to have been held a moment ago.

A process that was stopped, starved or cut off from the server may have lost its session without knowing. Two clocks keep it
from acting on a lock that is another's by then: the server ends a session that is silent for SILENT_S, and its holder, who
has it confirmed every CONFIRM_S, trusts no confirmation that was asked for more than TRUSTED_S ago. Both clocks run from the
same question, the holder's from before it was sent, so that trust always ends first.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import psycopg

from archive.postgres.errors import refused
from archive.postgres.place import Place

CONFIRM_S = 1.0
TRUSTED_S = 3.0
SILENT_S = 6


class LeaseLost(Exception):
    """The session that held the locks is gone, and with it the locks."""


def boottime() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """A session with its locks. For one event loop; every method but `close` raises LeaseLost once it is lost.

    A lock that is taken twice is given back when it was given back twice.
    """

    def __init__(self, pg: psycopg.AsyncConnection[Any]) -> None:
        self._pg = pg
        self._one = asyncio.Lock()  # one question at a time
        self._held: Counter[str] = Counter()
        self._confirmed = -1e9
        self._news = asyncio.Event()  # of a confirmation, or of the end
        self.lost = False

    @classmethod
    async def open(cls, place: Place, name: str) -> Lease:
        """Open a session; `name` is what the server calls it. Raises ArchiveError when there is none to be had."""
        try:
            pg = await psycopg.AsyncConnection.connect(
                **place.dialled(tcp_user_timeout=int(TRUSTED_S * 1000), connect_timeout=5, application_name=name),
                autocommit=True,
                prepare_threshold=None,
            )
            await pg.execute(f"SET idle_session_timeout = '{SILENT_S}s'")
        except psycopg.Error as error:
            raise refused(place.shown, error) from error
        lease = cls(pg)
        await lease.confirm()
        return lease

    @property
    def trusted(self) -> bool:
        """Was it confirmed so lately that the locks are surely held?"""
        return not self.lost and boottime() - self._confirmed < TRUSTED_S

    async def confirm(self) -> None:
        """Ask the server whether the session is there."""
        await self._ask("SELECT 1")

    async def until_trusted(self) -> None:
        """Wait for a confirmation that can be trusted."""
        while not self.trusted:
            if self.lost:
                raise LeaseLost("the session that held the locks is gone")
            self._news.clear()
            await self._news.wait()

    async def keep(self) -> None:
        """Have the session confirmed, for ever. To be cancelled when the session is not needed any more."""
        while True:
            await self.confirm()
            await asyncio.sleep(CONFIRM_S)

    def holds(self, name: str) -> bool:
        """Was the lock taken, and not yet given back?"""
        return name in self._held

    def held_once(self, name: str) -> bool:
        """Will the next who gives the lock back let others have it?"""
        return self._held[name] == 1

    async def take(self, names: Iterable[str]) -> bool:
        """Take locks, all of them or none; tells whether it did. Never waits for another holder."""
        got: list[str] = []
        for name in sorted(set(names)):
            if not self.holds(name) and not await self._ask("SELECT pg_try_advisory_lock(%s)", key_of(name)):
                await self.give_back(got)
                return False
            self._held[name] += 1
            got.append(name)
        return True

    async def give_back(self, names: Iterable[str]) -> None:
        """Give locks back, each as often as it is named."""
        for name in names:
            if not self.holds(name):
                raise LeaseLost("the session that held the locks is gone")
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]
                await self._ask("SELECT pg_advisory_unlock(%s)", key_of(name))

    def close(self) -> None:
        """End the session, and with it the locks."""
        self._end()

    async def _ask(self, sql: str, *values: int) -> Any:
        if self.lost:
            raise LeaseLost("the session that held the locks is gone")
        async with self._one:
            asked = boottime()
            try:
                row = await (await self._pg.execute(sql, values)).fetchone()
            except BaseException as error:
                self._end()  # also when it was cancelled: nobody knows then what the server did
                if isinstance(error, psycopg.Error):
                    raise LeaseLost(f"the session that held the locks is gone: {error}") from error
                raise
        self._confirmed = max(self._confirmed, asked)
        self._news.set()
        return row[0] if row else None

    def _end(self) -> None:
        self.lost = True
        self._held.clear()
        self._news.set()
        self._pg.pgconn.finish()


def key_of(name: str) -> int:
    """The key of a lock on the server: 63 bits of a digest, which are not those of the archive's own locks."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, person=b"kiosque").digest(), "big") >> 1

"""Hosts of which one worker at a time may ask: the tenancy by which the host gate of a worker lets requests through."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

from archive import ArchiveError
from archive.hosts import Hosts
from archive.postgres.lease import Lease, LeaseLost
from crawler.errors import HostsLost
from crawler.fetch.politeness import SHORT_HOLD, HostOnHold
from crawler.runtime import Runtime
from crawler.workers.groups import host_lock
from crawler.workers.writing import ThreadedWriter

ASK_AGAIN_S = 0.25  # for a host that another worker has
ELSEWHERE = timedelta(minutes=1)  # that a page waits whose host another worker has
log = logging.getLogger(__name__)


class WorkerTenancy:
    """Has hosts by the locks of a lease.

    The hosts of a group are taken for its crawl. A host beyond these, such as one that a redirect leads to, is taken for
    each request, so that its own crawl gets its turn. Whoever takes a host begins as if it had been asked in that moment, since
    its last holder may have done so, and with what the archive knows of it.
    """

    def __init__(self, runtime: Runtime, lease: Lease) -> None:
        self._runtime = runtime
        self._lease = lease
        self._arriving: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def trusted(self) -> bool:
        """May a request leave?"""
        return self._lease.trusted

    @property
    def lost(self) -> bool:
        """Has the session ended, and with it the locks?"""
        return self._lease.lost

    async def until_trusted(self) -> None:
        """Wait until a request may leave. Raises HostsLost."""
        try:
            await self._lease.until_trusted()
        except LeaseLost as error:
            raise HostsLost(str(error)) from error

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        """Have a host for the length of the block. Raises HostOnHold and HostsLost."""
        lock = host_lock(host)
        deadline = time.monotonic() + SHORT_HOLD
        async with self._arriving[host]:
            fresh = not self._lease.holds(lock)
            try:
                while not await self._lease.take([lock]):
                    if time.monotonic() > deadline:
                        raise HostOnHold(host, self._runtime.now() + ELSEWHERE, "another worker is at it")
                    await asyncio.sleep(ASK_AGAIN_S)
            except LeaseLost as error:
                raise HostsLost(str(error)) from error
            try:
                if fresh:
                    await self.arrive([host])
            except BaseException:
                await self.leave([lock])
                raise
        try:
            yield
        finally:
            # not waited for: the answer is there, and what it changed is written down first
            task = asyncio.ensure_future(self.leave([lock]))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def arrive(self, hosts: Collection[str]) -> None:
        """Begin with hosts whose locks were just taken. Raises HostsLost."""
        gate, db = self._runtime.gate, self._runtime.archive.db
        gate.arrive(hosts)  # first: from now on nobody else asks them
        try:
            writer = cast(ThreadedWriter, self._runtime.writer)
            standings = await writer.read(lambda: Hosts(db).standings_of(hosts))
        except (ArchiveError, sqlite3.Error) as error:
            raise HostsLost(f"what is known of {', '.join(hosts)} cannot be read: {error}") from error
        gate.restore(standings)
        self._runtime.robots.forget(hosts)

    async def leave(self, locks: Collection[str]) -> None:
        """Give locks back, once what is known of their hosts is in the archive."""
        try:
            if any(self._lease.held_once(lock) for lock in locks):
                await self._runtime.writer.write(_nothing)  # what the gate has noted goes with every batch
        except ArchiveError as error:
            log.debug("how some hosts stand is not written: %s", error)  # the writer has told why
        finally:
            try:
                await self._lease.give_back(locks)
            except LeaseLost:
                log.debug("locks went with their session")


def _nothing() -> None:
    """A job that does nothing."""

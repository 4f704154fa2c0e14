"""Room for bodies: how much of what was sent a crawl holds in memory at once, over all its sources."""

from __future__ import annotations

import asyncio
from collections import Counter

from crawler.errors import CrawlerError


class NoRoom(CrawlerError):
    """A large body came while others took the room; it is asked for again later."""


class Room:
    """Counts the bytes of bodies, each under the key of the visit that holds it, from the first to when it is settled.

    While `most` bytes are held nothing new is asked for; what is under way may take as much again, and then what has
    grown large is broken off: sixteen hosts that send twenty megabytes each would else take a gigabyte.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()
        self._freed = asyncio.Event()

    @property
    def overfull(self) -> bool:
        """Tell whether what has grown large has to give way."""
        return self._held.total() >= 2 * self._most

    def take(self, key: str, size: int) -> None:
        """Note that a visit holds so many bytes more."""
        self._held[key] += size

    def free(self, key: str) -> None:
        """Note that a visit holds nothing any more."""
        if self._held.pop(key, 0):
            self._freed.set()

    async def wait(self, key: str) -> None:
        """Wait until there is room. A visit that holds something goes on: it could not end otherwise."""
        while self._held.total() >= self._most and key not in self._held:
            self._freed.clear()
            await self._freed.wait()

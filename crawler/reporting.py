"""What the service tells of itself: at each turn it looks at its health, at the watches and at the clock, puts what is to be told
into the outbox, and has it delivered."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from scrapy.settings import BaseSettings

from archive import ArchiveError, QueryError, condition, database, incidents, revisions, watches
from archive.health import health
from archive.records import parse_utc, utc_text
from archive.saved import Saved, Searches
from crawler.errors import SettingError
from crawler.messages import Day, of_day, of_incidents, of_watch
from crawler.notifying import Notifier, channels_of

if TYPE_CHECKING:
    from crawler.runtime import Runtime

T = TypeVar("T")
log = logging.getLogger(__name__)
LOOK = timedelta(minutes=3)  # between two looks at the health of an archive: of 400 sources, half a second at most
LATE = timedelta(hours=6)  # after its time a digest is still written, by a service that was down
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def digest_time(text: str) -> time | None:
    """Read DIGEST_AT; None: no digest. Raises SettingError."""
    if not text.strip():
        return None
    found = _AT.fullmatch(text.strip())
    if found is None:
        raise SettingError(f"DIGEST_AT is {text!r} and must be a time of day such as 07:30 (UTC)")
    return time(int(found[1]), int(found[2]))


def check_reporting(settings: BaseSettings) -> None:
    """Raise SettingError for a value of the settings of reports and metrics that nothing can be done with."""
    channels_of(settings.get("NOTIFY", ""))
    digest_time(settings.get("DIGEST_AT", ""))
    for name, least, most in (("WATCH_INTERVAL", 60.0, 86_400.0), ("METRICS_PORT", 0, 65_535)):
        value = settings.get(name)
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise SettingError(f"{name} is {value!r} and must be a number") from None
        if not least <= number <= most:
            raise SettingError(f"{name} is {value} and must be between {least:g} and {most:g}")
    base = str(settings.get("BASE_URL", ""))
    if base and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", base):
        raise SettingError(f"BASE_URL is {base!r} and must be an address such as https://news.example.org")


def digest_due(at: time, now: datetime, last: str | None) -> bool:
    """Is it time for the digest of today?"""
    due = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return due <= now < due + LATE and (last is None or last < utc_text(due))


class Reporter:
    """Takes turns at looking and telling."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self.notifier = Notifier(runtime, channels_of(settings.get("NOTIFY", "")))
        self._digest_at = digest_time(settings.get("DIGEST_AT", ""))
        self._base = str(settings.get("BASE_URL", "")).rstrip("/")
        self._watch_every = timedelta(seconds=settings.getfloat("WATCH_INTERVAL"))
        self._looked_at: datetime | None = None
        self._recovered = False
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Look, write and deliver."""
        async with self._turn:
            try:
                await self._take()
            except ArchiveError:
                if self._runtime.writer.trouble is None:
                    raise
                log.debug("nothing is told any more: the archive is in trouble, and the service ends")

    async def _take(self) -> None:
        if not self._recovered:
            await self.notifier.recover()
            self._recovered = True
        now = self._runtime.now()
        if self._looked_at is None or not timedelta() <= now - self._looked_at < LOOK:
            await self._look(now)
            self._looked_at = now
        await self._watch(now)
        await self.notifier.deliver()

    async def close(self, grace: float) -> None:
        """Wait for the turn that is being taken, for some seconds."""
        try:
            await asyncio.wait_for(self._turn.acquire(), grace)
        except TimeoutError:
            log.warning("a message was still being sent")

    async def _look(self, now: datetime) -> None:
        found = await self._read(lambda conn: health(conn, now))
        if found is None:
            return
        db, outbox, keys = self._runtime.archive.db, self.notifier.outbox, self.notifier.keys

        def job() -> None:
            incidents.record(db, found.findings, now)
            condition.forget_marks(db, now)
            if not keys:
                return
            starts, ends = incidents.untold(db.conn, now)
            if starts or ends:
                outbox.write("incidents", *of_incidents(starts, ends, self._base), keys, now)
                incidents.tell(db, [*starts, *ends], now)
            if self._digest_at is not None and digest_due(self._digest_at, now, outbox.last("digest")):
                outbox.write("digest", *of_day(found, self._day(now), self._base), keys, now)

        await self._runtime.writer.write(job)

    def _day(self, now: datetime) -> Day:
        conn, yesterday = self._runtime.archive.db.conn, now - timedelta(days=1)
        changed = revisions.number(conn, utc_text(yesterday)[:10], utc_text(now)[:10])
        return Day(changed, incidents.ended(conn, utc_text(yesterday)), incidents.going_on(conn))

    async def _watch(self, now: datetime) -> None:
        try:
            searches = [one for one in Searches(self._runtime.archive.folder).all() if one.watch]
        except ArchiveError as error:
            log.error("%s", error)
            return
        db = self._runtime.archive.db
        looked = watches.looked(db.conn)
        if set(looked) - {one.name for one in searches}:
            await self._runtime.writer.write(lambda: watches.forget(db, [one.name for one in searches]))
        for one in searches:
            last = looked.get(one.name)
            if last is None or not timedelta() <= now - parse_utc(last) < self._watch_every:
                await self._look_for(one, now)

    async def _look_for(self, one: Saved, now: datetime) -> None:
        try:
            look = await self._read(lambda conn: watches.look(conn, one.name, one.query, now, one.watched_since))
        except QueryError as error:
            log.error("the watch %s cannot be followed: %s", one.name, error)
            return
        if look is None:
            return
        db, outbox, keys = self._runtime.archive.db, self.notifier.outbox, self.notifier.keys

        def job() -> None:
            watches.note(db, look)
            if look.found.matches and keys:
                outbox.write("watch", *of_watch(one.name, look.found, self._base), keys, now, about=one.name)

        await self._runtime.writer.write(job)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Read the archive in another thread; None when it cannot be read just now."""
        where = self._runtime.archive.address

        def read() -> T:
            with closing(database.connect(where, write=False)) as db:
                return work(db.conn)

        try:
            return await asyncio.to_thread(read)
        except QueryError:
            raise
        except (ArchiveError, sqlite3.Error, OSError) as error:
            log.warning("the archive could not be looked at: %s", error)
            return None

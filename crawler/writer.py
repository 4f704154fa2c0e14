"""The one writer of a crawl process: collects what is to be written and commits it together."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar, cast

from archive import Archive, ArchiveError
from archive.database import NO_ROOM, explained

T = TypeVar("T")
Asked = tuple[Callable[[], Any], "asyncio.Future[Any]"]  # a job, and where its result goes
Ended = tuple["asyncio.Future[Any]", Any, Exception | None]
log = logging.getLogger(__name__)
# what a job did wrong; every other error of SQLite is the database's (locked, full, malformed, gone)
OF_THE_JOB = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)


def is_trouble(error: BaseException) -> bool:
    """Is an error one of the archive itself, and no fault of what was being done?"""
    return isinstance(error, (sqlite3.Error, ArchiveError)) and not isinstance(error, OF_THE_JOB)


class Writer:
    """Runs write jobs in batches: raw records first to the disk, then one transaction.

    A job that fails is rolled back alone and its error goes to whoever asked for it. When the batch itself cannot be
    written (disk full, database gone), every job in it fails with ArchiveError, and so does every later one: an archive
    that cannot keep what is fetched must not be crawled for.
    """

    def __init__(self, archive: Archive, interval: float, most: int) -> None:
        self._archive = archive
        self._interval = interval
        self._most = most
        self._jobs: list[Asked] = []
        self._timer: asyncio.TimerHandle | None = None
        self.trouble: ArchiveError | None = None
        self.on_trouble: Callable[[ArchiveError], None] | None = None
        # asked, in the event loop, for a job that goes into every batch
        self.with_each: Callable[[], Callable[[], None]] | None = None

    @property
    def waiting(self) -> int:
        """Jobs that wait for the next batch."""
        return len(self._jobs)

    async def write(self, job: Callable[[], T]) -> T:
        """Run a job in the next batch; returns its result once that is committed."""
        if self.trouble is not None:
            raise self.trouble
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.append((job, future))
        if len(self._jobs) >= self._most:
            self.flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._interval, self.flush)
        return cast(T, await future)

    def flush(self) -> None:
        """Write and commit what has been collected."""
        jobs = self._take()
        if not jobs:
            return
        try:
            self._archive.raw.flush()
            ended = self._commit(jobs, self._also())
        except (sqlite3.Error, OSError, ArchiveError) as error:
            self._fail(jobs, error)
            return
        deliver(ended)

    def close(self) -> None:
        """Write what is left, when the event loop has ended."""
        self.flush()

    def _take(self) -> list[Asked]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        jobs, self._jobs = self._jobs, []
        return jobs

    def _also(self) -> Callable[[], None] | None:
        return self.with_each() if self.with_each is not None else None

    def _commit(self, jobs: list[Asked], also: Callable[[], None] | None) -> list[Ended]:
        """One transaction of all jobs. Raises the error of a batch that cannot be written."""
        ended: list[Ended] = []
        with self._archive.transaction():
            for job, future in jobs:
                try:
                    with self._archive.transaction():
                        ended.append((future, job(), None))
                except Exception as error:
                    if isinstance(error, (sqlite3.Error, OSError, ArchiveError)) and not isinstance(error, OF_THE_JOB):
                        raise
                    ended.append((future, None, error))
            if also is not None:
                also()
        return ended

    def _fail(self, jobs: list[Asked], error: Exception) -> None:
        trouble = self.fail(error)
        for _, future in jobs:
            if not future.done():
                future.set_exception(trouble)

    def fail(self, error: Exception) -> ArchiveError:
        """Take an error for one of the archive: nothing is written any more, and the crawls are told to stop."""
        if self.trouble is None:
            full = isinstance(error.__cause__, OSError) and error.__cause__.errno in NO_ROOM
            if isinstance(error, ArchiveError) and not full:
                self.trouble = error
            elif full:
                self.trouble = explained(self._archive.folder, error.__cause__)  # type: ignore[arg-type]
                self.trouble.__cause__ = error
            else:
                self.trouble = explained(self._archive.name, error)
                self.trouble.__cause__ = error
            if self.on_trouble is not None:
                self.on_trouble(self.trouble)
        return self.trouble

    def give_up(self, error: OSError) -> ArchiveError:
        """The same for an error of the machine that keeps pages from being extracted."""
        return self.fail(ArchiveError(f"no page can be extracted any more: {error}. What was fetched stays pending"))


def deliver(ended: list[Ended]) -> None:
    """Tell those who asked how their jobs ended, once the batch is committed."""
    for future, result, failure in ended:
        if future.cancelled():
            continue
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(result)

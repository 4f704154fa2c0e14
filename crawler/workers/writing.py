"""The writer of a process that shares its archive: transactions wait for those of others, so they have a thread of their own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import cast

from archive import Archive, ArchiveError
from archive.postgres.threads import ByThread
from crawler.writer import Asked, Ended, T, Writer, deliver


class ThreadedWriter(Writer):
    """A writer whose transactions do not hold up the event loop. Jobs run in its thread, one batch after another; results and
    errors come back to the loop. What takes long to read has a thread, too, and its own session in it."""

    def __init__(self, archive: Archive, interval: float, most: int) -> None:
        super().__init__(archive, interval, most)
        self._thread = ThreadPoolExecutor(1, "writer", initializer=cast(ByThread, archive.db).write_here)
        self._reader = ThreadPoolExecutor(1, "reader")
        self._under_way: asyncio.Future[list[Ended]] | None = None

    def flush(self) -> None:
        """Hand over what has been collected; while a batch is being written, the next one waits."""
        if self._under_way is not None or not (jobs := self._take()):
            return
        try:
            self._archive.raw.flush()
        except ArchiveError as error:
            self._fail(jobs, error)
            return
        loop = asyncio.get_running_loop()
        self._under_way = loop.run_in_executor(self._thread, self._commit, jobs, self._also())
        self._under_way.add_done_callback(partial(self._committed, jobs))

    def _committed(self, jobs: list[Asked], work: asyncio.Future[list[Ended]]) -> None:
        self._under_way = None
        if work.cancelled():
            return
        if (error := work.exception()) is not None:
            # whatever it was: nothing of the batch was kept, and who waits must not wait for ever
            self._fail([*jobs, *self._take()], error if isinstance(error, Exception) else RuntimeError(str(error)))
            return
        deliver(work.result())
        self.flush()

    async def read(self, work: Callable[[], T]) -> T:
        """Run what only reads the archive in the thread for that. Raises sqlite3.Error and ArchiveError."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)

    def recover(self) -> None:
        """Write again, after a trouble that is over."""
        self.trouble = None

    def close(self) -> None:
        """Write what is left, and end the thread. Raises ArchiveError."""
        jobs = self._take()
        try:
            if jobs and self.trouble is None:
                self._archive.raw.flush()
                self._thread.submit(self._commit, jobs, self._also()).result()
        except (sqlite3.Error, OSError) as error:
            raise self.fail(error) from error
        finally:
            self._thread.shutdown()
            self._reader.shutdown()

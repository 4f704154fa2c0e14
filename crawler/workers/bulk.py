"""A worker for bulk work: it takes one WARC file after another, beside any number of others on any machines.

Which files there are, and how far each has come, is in a table of the archive's database (archive/postgres/files.py); a job of
procrastinate says that a file is to be taken, and its heartbeat that somebody is at it. The file of a worker that died goes to
another, from the last commit on. What was committed twice over in between is passed over: a record is known by URL and time.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from rich.console import Console
from rich.progress import MofNCompleteColumn

from archive import ArchiveError
from archive.postgres import Place, Where
from archive.postgres.errors import is_passing
from archive.postgres.files import MOST_TRIES, File, Files, lock_of
from crawler.bulk import Bench, bench
from crawler.filelists import NotFetched
from crawler.workers.app import HEARTBEAT_S, fail_stalled, make_app, tell_trouble_once, worker_name
from crawler.workers.onefile import OneFile, Superseded

NAMESPACE, QUEUE = "bulk", "bulk"
TICK = timedelta(seconds=2)  # how often files without a job are looked for
REST_S = 2.0  # after the server could not be reached
TRIES_TO_REACH = 30  # of these, one after another
LONG_S = 60.0  # a shift that lasted as long was no failed try
log = logging.getLogger("worker")


class BulkWorker:
    """Takes files until told to stop, or with `once` until none is left.

    Files are worked on in a thread with an event loop of its own, so that a transaction that waits for those of others, and a
    gigabyte of pictures that is passed over, let this one go on saying that it is alive.
    """

    def __init__(self, where: Where, place: Place, tools: Bench, user_agent: str) -> None:
        self._where, self._tools, self._user_agent = where, tools, user_agent
        self._files = Files(place)
        self._me = worker_name()
        self._trouble: Exception | None = None
        self._at: OneFile | None = None
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()  # a file was, so that there may be something to see to before the next tick
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="files", daemon=True)

    async def run(self, *, once: bool, stop: asyncio.Event) -> None:
        """Work. Raises ArchiveError, or what else keeps every file from being done."""
        self._stop = stop
        self._thread.start()
        unreached = 0
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._shift(once)
                    return
                except (ConnectorException, psycopg.OperationalError, ArchiveError, sqlite3.Error) as error:
                    unreached = unreached + 1 if time.monotonic() - began < LONG_S else 1
                    if not (isinstance(error, ConnectorException) or is_passing(error)) or unreached > TRIES_TO_REACH:
                        raise
                    log.warning("%s; going on in %.0f s", error, REST_S)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), REST_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _shift(self, once: bool) -> None:
        """Take files until told to stop, or until something is out of reach, whose error is raised."""
        tell_trouble_once()
        blueprint = procrastinate.Blueprint()
        blueprint.task(name="file")(self._take)
        app = await asyncio.to_thread(make_app, self._where, {NAMESPACE: blueprint})
        async with app.open_async():
            working = asyncio.ensure_future(
                app.run_worker_async(
                    queues=[QUEUE], concurrency=1, fetch_job_polling_interval=TICK.total_seconds(), delete_jobs="always"
                )
            )
            beating = asyncio.ensure_future(_every(HEARTBEAT_S, lambda: _reap(app)))
            ticking = asyncio.ensure_future(self._tick(app, once))
            told = asyncio.ensure_future(self._stop.wait())
            all_of_it: set[asyncio.Future[Any]] = {working, beating, ticking, told}
            try:
                done, _ = await asyncio.wait(all_of_it, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if self._at is not None:
                    self._at.stop()
                for task in all_of_it:
                    task.cancel()
                await asyncio.gather(*all_of_it, return_exceptions=True)
            if self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                raise trouble
            for task in done - {told}:
                task.result()

    async def _tick(self, app: procrastinate.App, once: bool) -> None:
        """Have a job for each file that is to be done; returns when there is none, if it is to be done `once`, and when there
        was trouble."""
        while self._trouble is None:
            for number in await asyncio.to_thread(self._files.without_job):
                lock = lock_of(number)
                with suppress(AlreadyEnqueued):
                    await app.configure_task(
                        f"{NAMESPACE}:file", lock=lock, queueing_lock=lock, queue=QUEUE
                    ).defer_async(number=number)
            if once and self._at is None and not await asyncio.to_thread(self._files.left):
                return
            self._ended.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), TICK.total_seconds())

    # -- a file ------------------------------------------------------------------------------------------------------

    async def _take(self, number: int) -> None:
        """Do a file; the job of procrastinate."""
        if self._stop.is_set() or self._trouble is not None:
            return  # it stays on the list
        taken = await asyncio.to_thread(self._files.take, number, self._me)
        if taken is None:
            return
        if taken.tries > MOST_TRIES:
            why = f"{MOST_TRIES} workers took it one after another and came no further"
            await self._end(taken, "failed", f"{why}; {taken.reason}" if taken.reason else why)
            return
        log.info("%s %s from %d", taken.kind, taken.name, taken.position)
        self._at = OneFile(taken, self._me, self._tools, self._user_agent)
        try:
            await self._do(taken, self._at.done())
        finally:
            self._at = None
            self._ended.set()

    async def _do(self, taken: File, work: Coroutine[Any, Any, str]) -> None:
        assert self._at is not None
        try:
            reason = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
        except Superseded:
            log.warning("%s: another worker goes on with it", taken.name)
        except NotFetched as error:
            await self._end(taken, "waiting" if self._at.stopped else "failed", f"{error} ({platform.node()})")
        except (ArchiveError, sqlite3.Error, OSError) as error:
            self._trouble = error  # of the archive or the machine: the next file would fare no better
            await self._end(taken, "waiting", str(error))
        except Exception as error:
            log.exception("%s", taken.name)
            await self._end(taken, "failed", f"{type(error).__name__}: {error}")
        else:
            await self._end(taken, "waiting" if self._at.stopped else "done", reason)

    async def _end(self, taken: File, state: str, reason: str) -> None:
        log.log(
            logging.WARNING if state == "failed" else logging.INFO, "%s: %s", taken.name, f"{state} {reason}".strip()
        )
        try:
            await asyncio.to_thread(self._files.end, taken.id, self._me, state, reason)
        except ArchiveError as error:
            self._trouble = self._trouble or error  # it is found to be without a worker, and taken again


async def _reap(app: procrastinate.App) -> None:
    await fail_stalled(app, QUEUE)


async def _every(seconds: float, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        await do()
        await asyncio.sleep(seconds)


def work_in(
    where: Where, place: Place, console: Console, *, once: bool, stopping: Callable[[asyncio.Event], None]
) -> None:
    """Be a worker for the archive `where`; `stopping` is given the event that ends it, inside the event loop.

    Raises ArchiveError.
    """
    from crawler.fetch.identity import user_agent
    from crawler.runtime import settings_of_project

    contact = user_agent(str(settings_of_project()["CONTACT"]))
    with bench(where, console, MofNCompleteColumn(), shared=True) as tools:

        async def body() -> None:
            stop = asyncio.Event()
            stopping(stop)
            await BulkWorker(where, place, tools, contact).run(once=once, stop=stop)

        asyncio.run(body())

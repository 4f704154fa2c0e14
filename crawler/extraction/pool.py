"""Worker processes in which hostile bytes are parsed: a hang or a crash costs one page."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as DeadlineExceeded
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from crawler.extraction.errors import ExtractionError

T = TypeVar("T")
log = logging.getLogger(__name__)
MOST_WORKERS = 4  # a crawl waits for the network; more would only take memory
TRIES = 2  # of an input whose worker hung or died; then it is given up
TASKS_PER_WORKER = 2000  # then it is replaced: what lxml and its callers leak stays small
ORPHANS_LIVE = 2  # deadlines; a worker ends by itself after them, when nobody is left who would end it
PRELOAD = [
    "crawler.extraction.article",
    "crawler.discovery.listing",
]


class WorkerFailed(ExtractionError):
    """The worker process hung or died over this input."""


class Pool:
    """Runs functions in worker processes with a deadline; started with the first call."""

    def __init__(self, workers: int, timeout: float, memory: int) -> None:
        self._workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
        self._timeout = timeout
        self._memory = memory
        self._pool: ProcessPool | None = None
        self._waited_for: set[asyncio.Future[Any]] = set()

    @property
    def workers(self) -> int:
        """Number of worker processes."""
        return self._workers

    def _started(self) -> ProcessPool:
        if self._pool is None:
            # a forked copy of a process with threads and a reactor may hang; a fork server has neither
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(PRELOAD)
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=TASKS_PER_WORKER,
                context=context,
                initializer=_limit,
                initargs=[self._memory],
            )
        return self._pool

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call `function(*args)` in a worker. Raises WorkerFailed when it hung or died twice, else what the call raised.

        Twice, since a worker can be killed for what another page did to the machine. Is cancelled when the pool is
        closed meanwhile.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._tried(function, *args)
            except WorkerFailed as error:
                log.warning("tried once more: %s", error)
        return await self._tried(function, *args)

    async def _tried(self, function: Callable[..., T], *args: Any) -> T:
        try:
            try:
                return cast(T, await self._scheduled(function, args))
            except BrokenProcessPool as error:
                # a worker was killed while it had nothing to do, for instance: that is nothing about this input
                log.warning("the worker processes are started anew: %s", error)
                return cast(T, await self._scheduled(function, args))
        except (DeadlineExceeded, TimeoutError) as error:
            raise WorkerFailed(f"took longer than {self._timeout:g} s") from error
        except ProcessExpired as error:
            raise WorkerFailed(f"the worker process died (exit status {error.exitcode})") from error
        except BrokenProcessPool as error:
            raise WorkerFailed(f"the worker processes died: {error}") from error
        except MemoryError as error:
            raise WorkerFailed("needed more memory than a worker may have") from error

    def _scheduled(self, function: Callable[..., Any], args: tuple[Any, ...]) -> asyncio.Future[Any]:
        if self._pool is not None and not self._pool.active:
            self._stop()
        job = self._started().schedule(
            _within, args=(self._timeout * ORPHANS_LIVE, function, args), timeout=self._timeout
        )
        future = asyncio.wrap_future(job)
        self._waited_for.add(future)
        future.add_done_callback(self._waited_for.discard)
        return future

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def close(self) -> None:
        """End the workers; what they were at is given up."""
        for future in list(self._waited_for):
            if not future.get_loop().is_closed():
                future.cancel()
        self._stop()


def _limit(memory: int) -> None:
    """Inside a new worker."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # at once, also in the middle of a regular expression, where Python's own handlers have to wait
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _within(seconds: float, function: Callable[..., T], args: tuple[Any, ...]) -> T:
    """Inside a worker: one call, with an end by the kernel should the process that keeps the deadline be gone."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return function(*args)
    except BaseException as error:
        # an exit is for the worker, not for the process that asked
        if not isinstance(error, Exception) or not _travels(error):
            raise ExtractionError(f"{type(error).__name__}: {error}") from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _travels(error: Exception) -> bool:
    """Tell whether an exception can be read by the other process; one that cannot would break the whole pool."""
    try:
        return isinstance(pickle.loads(pickle.dumps(error)), type(error))
    except Exception:  # noqa: BLE001  whatever its constructor does
        return False

"""Worker processes in which hostile bytes are parsed: a hang or a crash costs one page."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as DeadlineExceeded
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.extraction.errors import ExtractionError

T = TypeVar("T")
MOST_WORKERS = 4  # a crawl waits for the network; more would only take memory
TASKS_PER_WORKER = 2000  # then it is replaced: what lxml and its callers leak stays small
PRELOAD = [
    "crawler.extraction.article",
    "crawler.discovery.feeds",
    "crawler.discovery.sitemaps",
    "crawler.discovery.sections",
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
        """Call `function(*args)` in a worker. Raises WorkerFailed when it hung or died, else what the call raised."""
        future = self._started().schedule(function, args=args, timeout=self._timeout)
        try:
            result: T = await asyncio.wrap_future(future)
        except (DeadlineExceeded, TimeoutError) as error:
            raise WorkerFailed(f"took longer than {self._timeout:.0f} s") from error
        except ProcessExpired as error:
            raise WorkerFailed(f"the worker process died (exit status {error.exitcode})") from error
        except MemoryError as error:
            raise WorkerFailed("needed more memory than a worker may have") from error
        return result

    def close(self) -> None:
        """End the workers; what they were at is given up."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

"""Worker processes in which hostile bytes are parsed: a hang or a crash costs one page."""

from __future__ import annotations

import asyncio
import errno
import logging
import multiprocessing
import os
import pickle
import resource
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as DeadlineExceeded
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver
from typing import Any, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from crawler.extraction.errors import ExtractionError
from crawler.extraction.lanes import AHEAD, Call, Lane, Lanes, WorkerFailed
from crawler.garbage import settle

T = TypeVar("T")
log = logging.getLogger(__name__)
MOST_WORKERS = 2  # of a crawl, which waits for the network: they do forty pages a second. More would only take memory
# What a crawl takes beside its pages (PSS): itself with what it has in hand, the process that workers are forked from, and
# each worker at rest
AT_REST, WORKER = 320 << 20, 48 << 20
LEAST = 32 << 20  # bytes that a page may take at least: there are no more workers than can have them
TRIES = 2  # of an input whose worker hung or died; then it is given up
TASKS_PER_WORKER = 500  # batches; then it is replaced: what lxml and its callers leak stays small
ORPHANS_LIVE = 2  # deadlines; a worker ends by itself after them, when nobody is left who would end it
# the machine is at its end: room, files, processes, memory. Another page would fare no better
EXHAUSTED = frozenset(
    getattr(errno, name) for name in "ENOSPC EDQUOT EFBIG EROFS EIO EMFILE ENFILE ENOMEM EAGAIN".split()
)
PRELOAD = [
    "crawler.extraction.pool",
    "crawler.workshop",
    "crawler.ready",
    "crawler.discovery.listing",
]


def prepare() -> None:
    """Start the process that workers are forked from: it loads in the meantime what they need, and so may we."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    forkserver.ensure_running()


def shares(total: int, workers: int, most: int) -> tuple[int, int]:
    """How many workers a crawl has that may take `total` bytes, and how many bytes a page may take in each, at most `most`.

    `workers`: as many as are wanted; 0: as many as there are cores, up to two.
    """
    room = max(total - AT_REST, 0)
    wanted = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    count = max(min(wanted, room // (WORKER + LEAST)), 1)
    return count, max(min(room // count - WORKER, most), LEAST)


class Pool:
    """Runs functions in worker processes with a deadline; started with the first call."""

    def __init__(self, workers: int, timeout: float, memory: int, most_guilty: int = 1) -> None:
        """`memory`: bytes that a call may take beside what its worker has at rest. `most_guilty`: see Lanes."""
        self._workers = workers
        self._timeout = timeout
        self._memory = memory
        self._pool: ProcessPool | None = None
        # what an error that is no page's fault is taken for, such as a disk without room for temporary files
        self.on_exhausted: Callable[[OSError], Exception] | None = None
        self.lanes = Lanes(workers, most_guilty)
        self._under_way: dict[asyncio.Task[None], tuple[Lane, list[Call]]] = {}

    @property
    def workers(self) -> int:
        """Number of worker processes."""
        return self._workers

    def _started(self) -> ProcessPool:
        if self._pool is None:
            # a forked copy of a process with threads and a reactor may hang; a fork server has neither
            prepare()
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=TASKS_PER_WORKER,
                context=multiprocessing.get_context("forkserver"),
                initializer=_prepare,
                initargs=[self._memory],
            )
        return self._pool

    async def run(self, function: Callable[..., T], *args: Any, lane: Lane | None = None) -> T:
        """Call `function(*args)` in a worker. Raises WorkerFailed when it hung or died twice, else what the call raised.

        Twice, since a worker can be killed for what another page did to the machine. Calls that wait for a worker go to
        it together, by lanes: those of one source are none of the others' business. Raises PutOff when its lane is given
        up. Is cancelled when the pool is closed meanwhile.
        An error of EXHAUSTED is nothing about this input: `on_exhausted` says what it is.
        """
        lane = lane or self.lanes.common
        if lane.given_up:
            raise self.lanes.put_off(lane)
        call = Call(function, args, asyncio.get_running_loop().create_future())
        lane.waiting.append(call)
        self._feed()
        try:
            return cast(T, await call.result)
        except OSError as error:
            if self.on_exhausted is None or error.errno not in EXHAUSTED:
                raise
            raise self.on_exhausted(error) from error

    def _feed(self) -> None:
        """Give the workers what waits, as long as they have less than they can take up at once."""
        while len(self._under_way) < AHEAD * self._workers and (found := self.lanes.next()):
            lane, batch = found
            if batch:
                task = asyncio.ensure_future(self._do(lane, batch))
                self._under_way[task] = found
                lane.under_way += 1
                task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        lane, batch = self._under_way.pop(task)
        lane.under_way -= 1
        error = None if task.cancelled() else task.exception()
        for call in batch:
            if error is not None and not call.result.done():
                call.result.set_exception(error)
            elif task.cancelled():
                call.result.cancel()
        if not task.cancelled():
            self._feed()

    async def _do(self, lane: Lane, batch: list[Call]) -> None:
        """Have a batch done; what it left undone is tried once more, call by call, or given up."""
        failure: Exception = WorkerFailed("needed more memory than a worker may have")
        try:
            for call, outcome in zip(batch, await self._tried(batch), strict=True):
                call.take(*outcome)
            lane.well += len(batch)
        except MemoryError:
            log.debug("there was no memory for what a call gave")
        except WorkerFailed as error:
            failure = error
            self.lanes.accuse(lane, batch)
        undone = [call for call in batch if not call.result.done()]
        if undone and len(batch) > 1:
            log.warning("%d pages%s are tried one by one: %s", len(undone), _of(lane), failure)
        for call in undone:
            call.tries += 1
            if lane.given_up and not call.guilty:
                call.result.set_exception(self.lanes.put_off(lane))
            elif call.tries < TRIES:
                lane.again.append(call)
            else:
                call.result.set_exception(failure)
        if undone and len(batch) == 1 and lane.again and lane.again[-1] is undone[0]:
            log.warning("a page%s is tried once more: %s", _of(lane), failure)

    async def _tried(self, batch: list[Call]) -> list[tuple[bool, bytes]]:
        """What came of a batch. Raises WorkerFailed when its worker hung or died, and MemoryError."""
        try:
            try:
                return await self._scheduled(batch)
            except BrokenProcessPool as error:
                # a worker was killed while it had nothing to do, for instance: that is nothing about this input
                log.warning("the worker processes are started anew: %s", error)
                return await self._scheduled(batch)
        except (DeadlineExceeded, TimeoutError) as error:
            raise WorkerFailed(f"took longer than {self._timeout:g} s") from error
        except ProcessExpired as error:
            raise WorkerFailed(f"the worker process died (exit status {error.exitcode})") from error
        except BrokenProcessPool as error:
            if self.on_exhausted is not None:  # workers that cannot even be started
                raise OSError(errno.EAGAIN, f"no worker process can be started: {error}") from error
            raise WorkerFailed(f"the worker processes died: {error}") from error

    def _scheduled(self, batch: list[Call]) -> asyncio.Future[list[tuple[bool, bytes]]]:
        if self._pool is not None and not self._pool.active:
            self._stop()
        # the deadline of one call is kept from here, those of several by the kernel, which ends the worker
        alone = len(batch) == 1
        job = self._started().schedule(
            _work,
            args=(self._timeout * (ORPHANS_LIVE if alone else 1), [call.job for call in batch]),
            timeout=self._timeout * len(batch),
        )
        return asyncio.wrap_future(job)

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def close(self) -> None:
        """End the workers; what they were at is given up."""
        calls = [*self.lanes.waiting(), *(call for _, batch in self._under_way.values() for call in batch)]
        for future in [*self._under_way, *(call.result for call in calls)]:
            if not future.get_loop().is_closed():
                future.cancel()
        self._stop()


def _of(lane: Lane) -> str:
    return f" of {lane.name}" if lane.name else ""


_most: int | None = None  # inside a worker: bytes of address space while it does a call


def _prepare(memory: int) -> None:
    """Inside a new worker: `memory` is what a call may take beside what the worker has now."""
    global _most
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            _most = memory + int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        log.warning("the memory of workers is not bounded: this system has no /proc")
    settle()
    # at once, also in the middle of a regular expression, where Python's own handlers have to wait
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@contextmanager
def _bounded() -> Iterator[None]:
    """Bound the memory of a call, and only that: a worker that has none to take a call with would lose it unsaid."""
    if _most is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _work(seconds: float, jobs: list[bytes]) -> list[tuple[bool, bytes]]:
    """Inside a worker: calls one after another, each with an end by the kernel; (went well, result or error) of each."""
    outcomes = []
    for job in jobs:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            with _bounded():
                outcomes.append(_called(job))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return outcomes


def _called(job: bytes) -> tuple[bool, bytes]:
    try:
        function, args = pickle.loads(job)
        return True, pickle.dumps(function(*args), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001
        # an exit is for the worker, not for the process that asked, which could not read every exception either
        if isinstance(error, Exception) and _travels(error):
            return False, pickle.dumps(error)
        return False, pickle.dumps(ExtractionError(f"{type(error).__name__}: {error}"))


def _travels(error: Exception) -> bool:
    """Tell whether an exception can be read by the other process."""
    try:
        return isinstance(pickle.loads(pickle.dumps(error)), type(error))
    except Exception:  # noqa: BLE001  whatever its constructor does
        return False

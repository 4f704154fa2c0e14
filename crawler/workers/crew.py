"""A crawl worker: one of any number of processes that share the sources of a catalogue and an archive on PostgreSQL.

The archive says what is due. Every worker looks for that and defers a job for each group of sources, of which there is one at
most; whoever is free takes it. That a host is asked by one worker at a time does not depend on jobs: a worker holds the locks of the
hosts that it crawls, on one session (archive/postgres/lease.py). When that session, the jobs or the archive cannot be reached,
the shift ends: crawls are broken off, their pages stay pending, and the next shift begins with new sessions.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, cast

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from rich.console import Console

from archive import ArchiveError
from archive.postgres import Place, place_of
from archive.postgres.errors import is_passing
from archive.postgres.lease import Lease, LeaseLost
from archive.postgres.queue import forget_jobs
from crawler.console import metrics_of, tell
from crawler.errors import HostsLost
from crawler.reporting import Reporter
from crawler.service import STOP_GRACE, Service, plan_of
from crawler.summary import CrawlResult, print_cycle
from crawler.workers import crawls
from crawler.workers.app import HEARTBEAT_S, fail_stalled, make_app, tell_trouble_once, worker_name
from crawler.workers.groups import groups_of, locks_of, queue_of
from crawler.workers.hosts import WorkerTenancy
from crawler.workers.writing import ThreadedWriter

TICK = timedelta(seconds=5)  # how often due sources are looked for
TURN = timedelta(minutes=1)  # how often health, watches and messages have their turn
REPORT = timedelta(hours=1)  # how often a worker says what it did, and old jobs are forgotten
REST = timedelta(seconds=1)  # before the next shift; longer each time that none can begin
LONGEST_REST = timedelta(seconds=30)
BREAK_OFFS = 4  # tries, of STOP_GRACE each
REPORTS = "reports"  # the lock of the worker that has them
OPEN = (Status.TODO, Status.DOING)
PASSING = (LeaseLost, HostsLost, ConnectorException, psycopg.OperationalError)
log = logging.getLogger("worker")
# they tell with tracebacks what ends a shift, which says so itself
for _name in ("procrastinate.utils", f"procrastinate.worker.{worker_name()}"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Crew:
    """The crawls, ticks and reports of one worker."""

    def __init__(self, service: Service, reporter: Reporter, console: Console) -> None:
        self._service = service
        self._runtime = service.runtime
        self._reporter = reporter
        self._console = console
        self._groups = {group.name: group for group in groups_of(service.sources.values())}
        self._queue = queue_of(self._groups.values())
        self._place = cast(Place, place_of(self._runtime.archive.address))
        self._writer = cast(ThreadedWriter, self._runtime.writer)
        self._troubled = asyncio.Event()
        self._writer.on_trouble = lambda error: self._troubled.set()
        self._early = asyncio.Event()  # there may be something to defer before the next tick
        self._metrics = metrics_of(service)
        self._app: procrastinate.App | None = None
        self._lease: Lease
        self._tenancy: WorkerTenancy

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. Raises ArchiveError for a trouble that does not pass."""
        asyncio.get_running_loop().set_exception_handler(_quietly)
        rest = REST
        try:
            await self._runtime.register_all(self._service.sources.values())
            log.info("%d sources in %d groups on disjoint hosts", len(self._service.sources), len(self._groups))
            while not stop.is_set():
                began = False
                try:
                    async with self._sessions() as app:
                        began = True
                        await self._shift(app, stop)
                except (*PASSING, ArchiveError, sqlite3.Error) as error:
                    if not isinstance(error, PASSING) and not is_passing(error):
                        raise
                    self._writer.recover()  # what could not be written was of crawls that are broken off
                    rest = REST if began else min(2 * rest, LONGEST_REST)
                    log.warning("%s; going on in %.0f s", error, rest.total_seconds())
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), rest.total_seconds())
        finally:
            if self._metrics is not None:
                self._metrics.close()
            if self._service.results:
                print_cycle(self._service.results, self._console)

    @asynccontextmanager
    async def _sessions(self) -> AsyncIterator[procrastinate.App]:
        """The sessions of a shift, opened and closed."""
        tell_trouble_once()
        if self._app is None:
            tasks = {crawls.NAMESPACE: crawls.blueprint}
            self._app = await asyncio.to_thread(make_app, self._runtime.archive.address, tasks)
        self._lease = await Lease.open(self._place, f"{worker_name()}: hosts")
        self._tenancy = self._runtime.gate.tenancy = WorkerTenancy(self._runtime, self._lease)
        try:
            async with self._app.open_async():
                self._troubled.clear()
                self._writer.recover()
                self._service.resume()
                yield self._app
        finally:
            self._lease.close()

    # -- a shift -----------------------------------------------------------------------------------------------------

    async def _shift(self, app: procrastinate.App, stop: asyncio.Event) -> None:
        """Work until told to stop, or until something is out of reach, whose error is raised."""
        keeping = asyncio.ensure_future(self._lease.keep())
        working = asyncio.ensure_future(
            app.run_worker_async(
                queues=[self._queue],
                concurrency=self._runtime.settings.getint("CRAWLS_AT_ONCE"),
                fetch_job_polling_interval=TICK.total_seconds(),
                additional_context={"crew": self},
            )
        )
        beside = [
            asyncio.ensure_future(work)
            for work in (
                every(TICK, lambda: self._tick(app), self._early),
                every(timedelta(seconds=HEARTBEAT_S), lambda: self._reap(app)),
                every(TURN, self._report),
                every(REPORT, self._account),
                self._trouble(),
            )
        ]
        told = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({keeping, working, told, *beside}, return_when=asyncio.FIRST_COMPLETED)
            errors = [one.exception() for one in (keeping, *beside, working) if one.done()]
            error = next(filter(None, errors), None)
            if stop.is_set():
                log.info("stopping: what is in flight is finished, the rest stays pending")
                working.cancel()  # no job is taken any more; those that run are waited for
                in_time, _ = await asyncio.gather(self._service.stop(STOP_GRACE), self._reporter.close(STOP_GRACE))
                log.info("stopped" if in_time else "stopped; what took too long stays pending")
                if in_time:
                    await asyncio.wait({working}, timeout=STOP_GRACE)
                return
            working.cancel()
            why = str(error or "the jobs are out of reach")
            for _ in range(BREAK_OFFS):
                if await self._service.break_off(why, STOP_GRACE):
                    raise error or LeaseLost(why)
                log.warning("a crawl is still being broken off")
            raise RuntimeError("a crawl cannot be broken off; only the end of this process ends it")
        finally:
            told.cancel()
            for one in beside:
                one.cancel()
            keeping.cancel()
            await asyncio.wait({working}, timeout=STOP_GRACE)
            await asyncio.gather(keeping, *beside, return_exceptions=True)

    async def _trouble(self) -> None:
        """Raise the writer's trouble when there is one."""
        await self._troubled.wait()
        raise self._writer.trouble or ArchiveError("the archive is in trouble")

    async def _tick(self, app: procrastinate.App) -> None:
        """Defer a job for each group of which something is due, and which has none."""
        now = self._runtime.now()
        checks = await self._writer.read(self._runtime.archive.ledger.next_checks)
        plan = plan_of(self._service.sources.values(), checks, now)
        due = [item.source.slug for item in plan if item.at <= now and not self._service.rests(item.source.slug)]
        if not due:
            return
        known = [await app.job_manager.list_jobs_async(queue=self._queue, status=one.value) for one in OPEN]
        there = {job.queueing_lock for jobs in known for job in jobs}
        group_of = {slug: group for group in self._groups.values() for slug in group.slugs}
        for name in dict.fromkeys(group_of[slug].name for slug in due):
            lock = f"{self._queue} {name}"
            if lock in there:
                continue
            with suppress(AlreadyEnqueued):  # by another worker, in the meantime
                job = app.configure_task(crawls.GROUP, queue=self._queue, lock=lock, queueing_lock=lock)
                await job.defer_async(name=name)

    async def _reap(self, app: procrastinate.App) -> None:
        if await fail_stalled(app):
            self._early.set()

    async def _report(self) -> None:
        """Have the turn of health, watches and messages, which one worker at a time has."""
        if not self._lease.holds(REPORTS) and not await self._lease.take([REPORTS]):
            return
        try:
            await self._reporter.turn()
        except (ArchiveError, sqlite3.Error):
            raise
        except Exception:
            log.exception("no report could be made")

    async def _account(self) -> None:
        results, self._service.results = self._service.results, []
        if results:
            print_cycle(results, self._console)
        if forgotten := await asyncio.to_thread(forget_jobs, self._place):
            log.info("%d old jobs are forgotten", forgotten)

    # -- a job -------------------------------------------------------------------------------------------------------

    async def crawl(self, name: str) -> None:
        """Crawl what is due of a group, one source after another, unless another worker has one of its hosts."""
        group, tenancy = self._groups[name], self._tenancy
        locks = locks_of(group)
        try:
            if not await self._lease.take(locks):
                log.debug("%s: another worker is at it", name)
                return
        except LeaseLost as error:
            log.debug("%s: %s", name, error)
            return
        try:
            await tenancy.arrive(group.hosts)
            done: set[str] = set()
            while slug := await self._next(group.slugs, done):
                if not done:
                    await self._writer.write(lambda: self._runtime.archive.ledger.close_runs(group.slugs))
                if (task := self._service.start(slug, done=self._ended)) is None:
                    break  # told to stop
                done.add(slug)
                await asyncio.wait({task})
        except (HostsLost, ArchiveError, sqlite3.Error) as error:
            log.debug("%s is broken off: %s", name, error)
        finally:
            await tenancy.leave(locks)

    async def _next(self, slugs: tuple[str, ...], done: set[str]) -> str:
        """The source of a group that is due first, if any is still due; none when it was crawled before in this job."""
        now, sources = self._runtime.now(), self._service.sources
        checks = await self._writer.read(lambda: self._runtime.archive.ledger.next_checks(slugs))
        plan = plan_of((sources[slug] for slug in slugs), checks, now)
        due = (item.source.slug for item in plan if item.at <= now)
        return next((slug for slug in due if slug not in done), "")

    def _ended(self, result: CrawlResult) -> None:
        tell(result)
        if self._metrics is not None:
            self._metrics.add(result)


async def every(interval: timedelta, work: Callable[[], Awaitable[None]], early: asyncio.Event | None = None) -> None:
    """Do something now and again after each interval, or as soon as `early` says so; for ever."""
    early = early or asyncio.Event()
    while True:
        await work()
        with suppress(TimeoutError):
            await asyncio.wait_for(early.wait(), interval.total_seconds())
        early.clear()


def _quietly(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Take it easy that a job which ended could not be marked as such: it is reaped as that of a dead worker."""
    error = context.get("exception")
    if isinstance(error, ConnectorException):
        log.debug("%s: %s", context.get("message"), error)
    else:
        loop.default_exception_handler(context)

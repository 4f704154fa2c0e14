"""The service: crawls every source of the catalogue when it is due.

\b
    python scheduler.py                 run for ever
    python scheduler.py --once          everything that is due, once; exit status 1 if a source failed
    python scheduler.py --plan          what is due when
    python scheduler.py --worker        the same beside other workers, on any number of machines; needs ARCHIVE_URL
    python scheduler.py --demo          a newsroom on this machine, crawled twice, with three searches

Exit status: 0 all well, or told to stop (the rest is due as before), 1 some source failed (--once), 2 the archive is in trouble or in use, or the command line or a
setting is wrong.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from archive import ArchiveError
from archive.clock import SLACK
from archive.postgres import place_of
from crawler.catalog import Catalog
from crawler.console import configure_logging, live, metrics_of, print_plan, tell
from crawler.errors import CrawlerError, SettingError
from crawler.reporting import Reporter, check_reporting
from crawler.runtime import Runtime, archive_of, check_settings, load_catalog, set_archive, settings_of_project
from crawler.service import STOP_GRACE, Service
from crawler.source import Source
from crawler.summary import CrawlResult, print_cycle, print_stopped

TICK = timedelta(seconds=5)  # how often due sources are looked for
CHECKPOINT = timedelta(minutes=5)  # how often the write-ahead log is folded in
LOG_WIDTH = 160  # columns of the tables in a log file
TURN = timedelta(minutes=1)  # how often health, watches and messages have their turn
UNACKED = 4.0  # seconds; less than a worker that vanished keeps its hosts (SILENT_S in archive/postgres/lease.py)
REPORT = timedelta(hours=1)  # how often a running service says what it did
log = logging.getLogger("scheduler")


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--once", is_flag=True, help="Crawl what is due, once, and print a summary.")
@click.option("--force", is_flag=True, help="With --once: ask for every feed, due or not.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what is due when, and do nothing.")
@click.option("--worker", is_flag=True, help="Share the work with other workers; the archive is on PostgreSQL.")
@click.option("--demo", is_flag=True, help="Crawl a newsroom on this machine twice and search it.")
@click.option(
    "--source", "what", metavar="WHAT", help="Only these: slugs, globs, country:fr, language:ar, with commas."
)
@click.option("--archive", "folder", metavar="DIR|URL", help="The archive (setting ARCHIVE_DIR).")
def main(
    once: bool, force: bool, plan_only: bool, worker: bool, demo: bool, what: str | None, folder: str | None
) -> None:
    """Read the command line and do what it says."""
    if demo:
        from tests.newsstand.demo import run_demo

        sys.exit(run_demo())
    if force and not once:
        raise click.UsageError("--force goes with --once")
    if worker and (once or plan_only):
        raise click.UsageError("--worker goes on for ever: it goes with neither --once nor --plan")
    settings = settings_of_project()
    if folder:
        set_archive(settings, folder)
    if what is not None:
        settings.set("SOURCES", what, priority="cmdline")
    console = Console() if sys.stdout.isatty() else Console(width=LOG_WIDTH)
    try:
        check_settings(settings)
        check_reporting(settings)
        configure_logging(str(settings["LOG_LEVEL"]).upper(), console)
        catalog = load_catalog(settings)
        sources = [source for source in catalog.select(settings["SOURCES"]) if source.enabled or what]
        if not sources:
            raise SettingError("there is no source to crawl; look at CATALOG_DIRS, CATALOG_ONLY and SOURCES")
        if plan_only:
            print_plan(settings, sources, console)
            return
        if worker and place_of(archive_of(settings)) is None:
            raise SettingError(
                "workers share an archive on PostgreSQL: set ARCHIVE_URL=postgresql://user@host/database"
            )
        if worker:
            settings.set("UNACKED_TIMEOUT", UNACKED, priority="cmdline")
        sys.exit(run(settings, catalog, sources, console, once=once, force=force, worker=worker))
    except (CrawlerError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    except ArchiveError as error:
        click.echo(f"kiosque: {error}", err=True)
        sys.exit(2)


def run(
    settings: Settings,
    catalog: Catalog,
    sources: Sequence[Source],
    console: Console,
    *,
    once: bool,
    force: bool,
    worker: bool = False,
) -> int:
    """Open the archive and crawl until done (`once`) or told to stop; gives the exit status."""
    install_reactor(settings["TWISTED_REACTOR"])
    from twisted.internet import reactor

    runtime = Runtime.open(settings, catalog, lambda line: click.echo(f"kiosque: {line}", err=True), shared=worker)
    status = 0

    async def body() -> None:
        nonlocal status
        try:
            if worker:
                status = await _share(runtime, sources, console)
            else:
                status = await _work(runtime, sources, console, once=once, force=force)
        except (ArchiveError, sqlite3.Error, OSError) as error:
            runtime.writer.fail(error)
        except SettingError as error:
            click.echo(f"kiosque: {error}", err=True)
            status = 2
        except Exception:
            log.exception("the scheduler failed")
            status = 2
        finally:
            reactor.stop()  # type: ignore[misc]

    def begin() -> None:
        task = asyncio.ensure_future(body())
        task.add_done_callback(lambda done: done.exception())

    reactor.callWhenRunning(begin)
    try:
        reactor.run(installSignalHandlers=False)  # type: ignore[call-arg,misc]
    finally:
        trouble = runtime.writer.trouble
        try:
            runtime.close()
        except ArchiveError as error:
            trouble = trouble or error
        trouble = trouble or runtime.writer.trouble
    if trouble is not None:
        click.echo(f"kiosque: {trouble}", err=True)
        return 2
    return status


async def _work(runtime: Runtime, sources: Sequence[Source], console: Console, *, once: bool, force: bool) -> int:
    service, reporter = Service(runtime, sources), Reporter(runtime)
    stop = _told_to_stop()
    runtime.writer.on_trouble = lambda error: stop.set()
    await runtime.register_all(sources)
    work = asyncio.ensure_future(
        _once(service, reporter, console, force=force) if once else _for_ever(service, reporter, console)
    )
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        log.info("stopping: what is in flight is finished, the rest stays pending")
        in_time, _ = await asyncio.gather(service.stop(STOP_GRACE), reporter.close(STOP_GRACE))
        work.cancel()
        log.info("stopped" if in_time else "stopped; what took too long stays pending")
    waiting.cancel()
    await asyncio.gather(work, waiting, return_exceptions=True)
    if not work.cancelled() and (error := work.exception()) is not None:
        raise error
    if once or service.results:
        print_cycle(service.results, console)
    if service.stopping:
        print_stopped(service.stopped(), service.waiting, console)
    if service.failed:
        return 2
    return int(once and any(not result.ok for result in service.results))


async def _share(runtime: Runtime, sources: Sequence[Source], console: Console) -> int:
    from crawler.workers.crew import Crew  # late: with the libraries of PostgreSQL

    service = Service(runtime, sources)
    crew = Crew(service, Reporter(runtime), console)
    with live(service, console):
        await crew.run(_told_to_stop())
    if service.stopping:
        print_stopped(service.stopped(), [], console)
    return 2 if service.failed else 0


def _told_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _once(service: Service, reporter: Reporter, console: Console, *, force: bool) -> None:
    now = service.runtime.now()
    slugs = [due.source.slug for due in service.plan() if force or due.at <= now]
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("sources", total=len(slugs))

        def done(result: CrawlResult) -> None:
            progress.advance(task)
            tell(result)

        await service.run_all(slugs, force=force, done=done)
    if not service.stopping:
        await reporter.turn()


async def _for_ever(service: Service, reporter: Reporter, console: Console) -> None:
    due = service.plan()
    log.info(
        "%d sources planned; the first is due %s", len(due), due[0].at.isoformat(timespec="seconds") if due else "never"
    )
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        # a tick that comes late is one tick, however many were missed
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )

    metrics = metrics_of(service)

    def ended(result: CrawlResult) -> None:
        tell(result)
        if metrics is not None:
            metrics.add(result)

    async def tick() -> None:  # a coroutine, as the others: what is none would run in a thread of its own
        now = service.runtime.now()
        for item in service.plan():
            if item.at > now:
                break
            service.start(item.source.slug, done=ended)

    async def report() -> None:
        results, service.results = service.results, []
        if results:
            print_cycle(results, console)

    async def checkpoint() -> None:
        service.runtime.archive.checkpoint()

    async def watch() -> None:
        """Let no job wait for a time that a clock which was set has moved away."""
        now, ticks = service.runtime.now, time.monotonic
        before = now(), ticks()
        while True:
            await asyncio.sleep(TICK.total_seconds())
            before, (moment, tick) = (now(), ticks()), before
            jump = before[0] - moment - timedelta(seconds=before[1] - tick)
            if abs(jump) < SLACK:
                continue
            log.warning("the clock was set by %.0f s; what is due is worked out anew", jump.total_seconds())
            await service.runtime.mend_times()
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))

    scheduler.add_job(
        tick, IntervalTrigger(seconds=TICK.total_seconds(), timezone=UTC), next_run_time=datetime.now(UTC)
    )
    scheduler.add_job(report, IntervalTrigger(seconds=REPORT.total_seconds(), timezone=UTC))
    scheduler.add_job(checkpoint, IntervalTrigger(seconds=CHECKPOINT.total_seconds(), timezone=UTC))
    scheduler.add_job(
        reporter.turn, IntervalTrigger(seconds=TURN.total_seconds(), timezone=UTC), next_run_time=datetime.now(UTC)
    )
    scheduler.start()
    try:
        with live(service, console):
            await watch()
    finally:
        if metrics is not None:
            metrics.close()
        scheduler.shutdown(wait=False)


if __name__ == "__main__":
    main()

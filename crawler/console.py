"""What the service says: its log, the plan, a line for each crawl, a status on a terminal, metrics."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler
from rich.table import Table
from scrapy.settings import Settings

from archive import Archive, ArchiveMissing
from crawler.lookout import expected_items
from crawler.runtime import archive_of
from crawler.service import Service, plan_of
from crawler.source import Source
from crawler.summary import COLUMNS, CrawlResult

if TYPE_CHECKING:
    from crawler.metrics import Metrics

log = logging.getLogger("scheduler")
NOISY = (
    "scrapy",
    "twisted",
    "apscheduler",
    "trafilatura",
    "htmldate",
    "asyncio",
    "filelock",
    "procrastinate",
    "psycopg",
)


def configure_logging(level: str, console: Console) -> None:
    """Plain lines in a log, coloured ones on a terminal; Scrapy's chatter only when it is about trouble."""
    if console.is_terminal:
        handler: logging.Handler = RichHandler(console=console, show_path=False)
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def print_plan(settings: Settings, sources: Sequence[Source], console: Console) -> None:
    """Print when each source is due, without writing anything."""
    now = datetime.now(UTC)
    try:
        with Archive(archive_of(settings)) as archive:
            checks, awaited = archive.ledger.next_checks(), expected_items(archive, now)
    except ArchiveMissing:
        checks, awaited = {}, {}
    rows = plan_of(sources, checks, now)
    table = Table(
        title=f"{len(rows)} sources, {now:%Y-%m-%d %H:%M} UTC", title_justify="left", box=None, pad_edge=False
    )
    for column in ("due", "source", "schedule", "feeds", "sitemaps", "sections", "for", "items", "note"):
        table.add_column(column)
    for item in rows:
        source = item.source
        schedule = source.schedule.every or source.schedule.cron or "adaptive"
        due = "now" if item.at <= now else f"{item.at:%Y-%m-%d %H:%M:%S}"
        counts = (len(source.feeds), len(source.sitemaps), len(source.sections))
        items = f"{awaited[source.slug]:.1f}" if source.slug in awaited else ""
        note = "" if source.verify_tls else "TLS not verified"
        table.add_row(due, source.slug, schedule, *map(str, counts), item.why, items, note)
    console.print(table)


def metrics_of(service: Service) -> Metrics | None:
    """The metrics of this process, if METRICS_PORT is set. Raises SettingError."""
    settings = service.runtime.settings
    if not (port := settings.getint("METRICS_PORT")):
        return None
    from crawler.metrics import Metrics  # late: most installations have none

    made = Metrics(service.runtime, lambda: len(service.running))
    made.serve(str(settings["METRICS_HOST"]), port)
    log.info("metrics at http://%s:%d/metrics", settings["METRICS_HOST"], port)
    return made


@contextmanager
def live(service: Service, console: Console) -> Iterator[None]:
    """A status line on a terminal; a log has the lines of each crawl instead."""
    if not console.is_terminal:
        yield
        return
    with Live(console=console, refresh_per_second=1, get_renderable=lambda: _status(service)):
        yield


def _status(service: Service) -> str:
    pages = sum(result.counts.get("fetched", 0) for result in service.results)
    stored = sum(result.counts.get("stored", 0) for result in service.results)
    at_it = ", ".join(sorted(service.running)[:6]) or "waiting"
    return f"{len(service.running)} crawls: {at_it} · since the last report {pages} pages fetched, {stored} articles stored"


def tell(result: CrawlResult) -> None:
    """One line about a crawl that ended."""
    said = ", ".join(f"{name} {result.counts[name]}" for name in COLUMNS if result.counts.get(name))
    log.log(
        logging.INFO if result.ok else logging.WARNING, "%s: %s: %s", result.slug, result.reason, said or "nothing new"
    )

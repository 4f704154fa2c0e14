"""Metrics for Prometheus: what this process did since it began, and how the archive stands at the moment it is asked.

The former are counters that each crawl adds to; the latter are read from the database by the thread that answers, on a connection
of its own. No label has values that the web gives: outcomes, severities and the slugs of the catalogue are all.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric

from archive import ArchiveError, database
from archive.findings import Severity
from archive.measures import Measures, measures
from archive.rows import Outcome
from crawler.errors import SettingError
from crawler.summary import CrawlResult

if TYPE_CHECKING:
    from crawler.runtime import Runtime

log = logging.getLogger(__name__)
SECONDS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600)  # of a crawl; RUN_TIME is one hour


class Metrics:
    """The metrics of a process; `serve` lets them be read."""

    def __init__(self, runtime: Runtime, running: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry}
        self._pages = Counter("kiosque_pages", "Pages settled, by outcome.", ["outcome"], **made)
        self._stored = Counter("kiosque_articles_stored", "New articles.", **made)
        self._updated = Counter("kiosque_articles_updated", "New versions of known articles.", **made)
        self._feeds = Counter("kiosque_feeds_polled", "Feeds, sitemaps and sections asked for.", ["result"], **made)
        self._crawls = Counter("kiosque_crawls", "Crawls of one source that ended.", ["result"], **made)
        self._seconds = Histogram("kiosque_crawl_duration_seconds", "How long they took.", buckets=SECONDS, **made)
        for outcome in Outcome:
            self._pages.labels(outcome.value)
        writer = runtime.writer
        Gauge("kiosque_crawls_running", "Crawls under way.", **made).set_function(running)
        Gauge("kiosque_writer_queue", "Results that wait to be written.", **made).set_function(lambda: writer.waiting)
        self.registry.register(_Standing(runtime))
        self._server: tuple[Any, threading.Thread] | None = None

    def add(self, result: CrawlResult) -> None:
        """Count a crawl that ended."""
        for outcome, number in result.outcomes.items():
            self._pages.labels(outcome).inc(number)
        self._stored.inc(result.counts.get("stored", 0))
        self._updated.inc(result.counts.get("updated", 0))
        failed = result.counts.get("feeds_failed", 0)
        self._feeds.labels("failed").inc(failed)
        self._feeds.labels("ok").inc(max(result.counts.get("feeds", 0) - failed, 0))
        self._crawls.labels("ok" if result.ok else "failed").inc()
        self._seconds.observe(result.seconds)

    def serve(self, host: str, port: int) -> None:
        """Answer on a port, in threads. Raises SettingError."""
        try:
            self._server = start_http_server(port, host, self.registry)
        except (OSError, OverflowError) as error:
            raise SettingError(f"METRICS_PORT: {host}:{port} cannot be listened on: {error}") from error

    def close(self) -> None:
        """Answer no more."""
        if self._server is not None:
            server, thread = self._server
            server.shutdown()
            server.server_close()
            thread.join(5)


class _Standing:
    """Reads how the archive stands when it is asked; one at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._archive = runtime.archive
        self._now: Callable[[], datetime] = runtime.now
        self._one = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is, is found out by `collect`, which is not to run at the start."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges. When the archive cannot be read, they are left out, and `kiosque_archive_readable` is 0."""
        readable = GaugeMetricFamily("kiosque_archive_readable", "Whether the archive could be read for this answer.")
        try:
            with self._one, closing(database.connect(self._archive.address, write=False)) as db:
                found = measures(db.conn, self._now())
                sizes = database.database_sizes(db.conn, self._archive.folder)
        except (ArchiveError, sqlite3.Error, OSError) as error:
            log.warning("no metrics of the archive: %s", error)
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield from self._gauges(found, *sizes)

    def _gauges(self, found: Measures, size: int, log_size: int) -> Iterable[Metric]:
        for name, what, value in (
            ("kiosque_queue_pending", "Pages without an outcome.", found.pending),
            ("kiosque_queue_due", "Pages that could be fetched now.", found.due),
            ("kiosque_queue_oldest_seconds", "For how long the oldest of these has been due.", found.oldest),
            ("kiosque_feeds_due", "Listings whose time has come.", found.feeds_due),
            ("kiosque_feeds_delay_seconds", "For how long the first of these has been due.", found.feeds_delay),
            ("kiosque_feeds_failing", "Listings that failed when last asked for.", found.feeds_failing),
            ("kiosque_database_bytes", "Size of the database.", size),
            ("kiosque_wal_bytes", "Size of the write-ahead log of archive.db.", log_size),
            ("kiosque_disk_free_bytes", "Free where the archive is.", found.free),
        ):
            yield GaugeMetricFamily(name, what, value)
        severities = GaugeMetricFamily(
            "kiosque_incidents_open", "Incidents that go on, by severity.", labels=["severity"]
        )
        for severity in (Severity.BAD, Severity.WARN):
            severities.add_metric([str(severity)], found.incidents.get(str(severity), 0))
        yield severities
        success = GaugeMetricFamily(
            "kiosque_source_last_success_timestamp_seconds",
            "When a listing of a source last answered.",
            labels=["source"],
        )
        for slug, moment in found.successes:
            success.add_metric([slug], moment)
        yield success
        delays = GaugeMetricFamily(
            "kiosque_article_delay_seconds",
            "From publication to archive, of the latest articles that say when they were published.",
            labels=["quantile"],
        )
        for quantile, seconds in found.delays:
            delays.add_metric([quantile], seconds)
        yield delays

"""What all crawls of a process share: the archive and its writer, the worker pool, the host gate, robots and net guard."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Self

from scrapy.settings import BaseSettings, Settings
from scrapy.utils.project import get_project_settings

from archive import Archive, ArchiveError
from archive.clock import mend_times
from archive.database import explained
from archive.hosts import HostRow, Hosts
from archive.postgres import address
from archive.raw import Exchange, Placed
from archive.records import parse_utc, utc_text
from crawler.catalog import SHIPPED, Catalog
from crawler.durations import parse_durations
from crawler.errors import SettingError
from crawler.extraction.pool import Pool, prepare, shares
from crawler.fetch import handler as _handler  # noqa: F401  Scrapy would load it in the middle of the first crawl, at thrice the cost
from crawler.fetch.identity import NO_CONTACT, user_agent
from crawler.fetch.netguard import GuardedResolver, NetGuard, parse_networks
from crawler.fetch.politeness import LONGEST_HOLD, HostGate
from crawler.fetch.robots import Robots
from crawler.fetch.robotstxt import Rules
from crawler.fetch.room import Room
from crawler.lookout import Lookout, adaptive_feeds, budget_of
from crawler.memories import Memories
from crawler.outcomes import Retries
from crawler.source import Source
from crawler.writer import Writer

log = logging.getLogger(__name__)


def settings_of_project() -> Settings:
    """The project's settings, from whatever folder the process was started in."""
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    return get_project_settings()


def archive_of(settings: BaseSettings) -> str:
    """Where the archive is that the settings name: a folder, or the URL of one on PostgreSQL."""
    return address(settings["ARCHIVE_URL"], settings["ARCHIVE_RAW"]) or str(settings["ARCHIVE_DIR"])


def set_archive(settings: BaseSettings, where: str) -> None:
    """Take what the command line names instead."""
    settings.set("ARCHIVE_URL", "", priority="cmdline")
    settings.set("ARCHIVE_DIR", where, priority="cmdline")


def load_catalog(settings: BaseSettings) -> Catalog:
    """The catalogue that the settings name; its errors are logged, the other sources are there."""
    own = [part.strip() for part in settings.get("CATALOG_DIRS", "").replace(":", ",").split(",")]
    folders = [Path(part).expanduser() for part in own if part]
    return _loaded(tuple(folders if settings.getbool("CATALOG_ONLY") else [SHIPPED, *folders]))


@lru_cache(maxsize=1)  # the spider loader and the runtime of one process ask for the same
def _loaded(folders: tuple[Path, ...]) -> Catalog:
    catalog = Catalog.load(folders)
    for error in catalog.errors:
        log.error("source file left out: %s", error)
    return catalog


AT_LEAST = {
    "CRAWLS_AT_ONCE": 1, "IN_HAND": 1, "PAGES_PER_RUN": 1, "RUN_TIME": 1, "COMMIT_BATCH": 1, "HANGS_PER_RUN": 1,
    "MEMORY": 400 << 20, "EXTRACT_MEMORY": 32 << 20, "EXTRACT_WORKERS": 0, "MAX_AGE_DAYS": 0,
    "HOST_BUDGET": 0, "POLLS_PER_DAY": 0, "LONGEST_CRAWL_DELAY": 0, "LONGEST_RETRY_AFTER": 0, "ROBOTS_MAX_AGE": 0,
    "ROBOTS_UNREACHABLE_FOR": 0, "PARTS_MAX": 1, "DOWNLOAD_DELAY": 0, "LOCK_WAIT": 0, "BUSY_TIMEOUT": 0, "EXTRACT_TIMEOUT": 0.1, "DELAY_JITTER": 0,
    "DOWNLOAD_TIMEOUT": 0.1, "HEADERS_TIMEOUT": 0.1, "HEADERS_MAXSIZE": 1024, "HEADERS_MAX": 10,
    "DOWNLOAD_MAXSIZE": 1024, "LISTING_MAXSIZE": 1024, "BODIES_MAX": 1024, "DECOMPRESSION_RATIO": 1, "ENCODINGS_MAX": 0,
    "BACKFILL_PAGES": 0, "BACKFILL_PAGES_PER_DAY": 0, "BACKFILL_REQUESTS": 0, "BACKFILL_BYTES": 0,
    "ARCHIVE_DELAY": 0, "ARCHIVE_WAIT": 0,
}  # fmt: skip
DURATIONS = ("REVISIT_AFTER", "RETRY_AFTER_FAILURE")


def check_settings(settings: BaseSettings) -> None:
    """Raise SettingError for a value that a crawl could not work with."""
    for name, least in AT_LEAST.items():
        value = settings.get(name)
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise SettingError(f"{name} is {value!r} and must be a number") from None
        if not least <= number < float("inf"):
            raise SettingError(f"{name} is {value} and must be at least {least}")
    for name in DURATIONS:
        try:
            parse_durations(settings.get(name, ""))
        except ValueError as error:
            raise SettingError(f"{name}: {error}") from error
    try:
        parse_networks(settings.get("NET_ALLOW", ""))
    except ValueError as error:
        raise SettingError(f"NET_ALLOW: {error}") from error
    level = settings.get("LOG_LEVEL", "INFO")
    if not isinstance(logging.getLevelName(str(level).upper()), int):
        raise SettingError(f"LOG_LEVEL is {level!r} and must be DEBUG, INFO, WARNING or ERROR")


class Runtime:
    """Opened once per process and shared by its crawls. Raises ArchiveLocked or ArchiveError when it cannot be opened."""

    def __init__(self, settings: Settings, archive: Archive, catalog: Catalog) -> None:
        self.settings = settings
        self.archive = archive
        self.catalog = catalog
        self.writer = _writer(archive, settings.getfloat("COMMIT_INTERVAL"), settings.getint("COMMIT_BATCH"))
        wanted, most = settings.getint("EXTRACT_WORKERS"), settings.getint("EXTRACT_MEMORY")
        workers, memory = shares(settings.getint("MEMORY"), wanted, most)
        self.pool = Pool(workers, settings.getfloat("EXTRACT_TIMEOUT"), memory, settings.getint("HANGS_PER_RUN"))
        self.pool.on_exhausted = self.writer.give_up
        self.memories = Memories(archive)
        feeds = adaptive_feeds(catalog.select(settings["SOURCES"]))
        self.lookout = Lookout(archive, budget_of(settings.getfloat("POLLS_PER_DAY"), feeds), feeds)
        self.room = Room(settings.getint("BODIES_MAX"))
        self.gate = HostGate(settings.getfloat("DELAY_JITTER"), budget=settings.getint("HOST_BUDGET"))
        self.gate.restore(Hosts(archive.db).standings(self.now()))
        self.writer.with_each = self._keep_standings
        endpoints = (url for source in catalog.sources.values() for url in source.endpoints)
        self.guard = NetGuard(parse_networks(settings.get("NET_ALLOW", "")), endpoints)
        GuardedResolver.guard = self.guard
        ages = settings.getfloat("ROBOTS_MAX_AGE"), settings.getfloat("ROBOTS_UNREACHABLE_FOR")
        self.robots = Robots(_KeptRobots(self), self.now, *ages)
        self.delay = settings.getfloat("DOWNLOAD_DELAY")
        self.retries = Retries(parse_durations(settings.get("RETRY_AFTER_FAILURE", "")))
        self.revisit_after = parse_durations(settings.get("REVISIT_AFTER", ""))
        self.max_age_days = settings.getint("MAX_AGE_DAYS")
        self.user_agent = user_agent(settings.get("CONTACT", ""))

    @classmethod
    def open(
        cls,
        settings: Settings,
        catalog: Catalog | None = None,
        tell: Callable[[str], None] | None = None,
        shared: bool = False,
    ) -> Self:
        """Open the archive for writing, alone or as one of several, and put the rest together. Raises SettingError too."""
        check_settings(settings)
        # now, and not with the first page: whoever starts a worker before its models are loaded waits for them, and
        # all connections with it
        prepare()
        catalog = catalog or load_catalog(settings)
        if not settings.get("CONTACT", "").strip():
            log.warning(NO_CONTACT)
        if unverified := [source.slug for source in catalog.sources.values() if not source.verify_tls]:
            log.warning("certificates are not verified (verify_tls = false) for: %s", ", ".join(unverified))
        archive = Archive(
            archive_of(settings),
            write=True,
            wait=settings.getfloat("LOCK_WAIT"),
            busy_timeout=settings.getfloat("BUSY_TIMEOUT"),
            tell=tell or log.warning,
            shared=shared,
        )
        try:
            if shared:  # runs that have no end may be those of others, and so may times ahead of this clock
                return cls(settings, archive, catalog)
            with archive.transaction():
                archive.ledger.close_runs()
                mended = mend_times(archive.db, cls.now(), LONGEST_HOLD)
            if mended:
                log.warning("%s", mended)
            return cls(settings, archive, catalog)
        except (sqlite3.Error, OSError) as error:
            with suppress(ArchiveError):
                archive.close()
            raise explained(archive.name, error) from error
        except BaseException:
            archive.close()
            raise

    def close(self) -> None:
        """Commit what is collected, end the workers and close the archive."""
        self.pool.close()
        try:
            self.writer.close()
        finally:
            self.archive.close()

    def register(self, source: Source, now: datetime) -> int:
        """Inside a write job: bring a source's row and its feeds up to date; gives its id."""
        places = [(place.url, "feed", place.name) for place in source.feeds]
        places += [(place.url, "sitemap", place.name) for place in source.sitemaps]
        places += [(place.url, "section", place.name) for place in source.sections]
        source_id = self.archive.ledger.put_source(source.row, now)
        self.archive.ledger.put_feeds(source_id, places, now)
        return source_id

    async def register_all(self, sources: Iterable[Source]) -> None:
        """Make sources known to the archive, so that it can be asked about all of them, crawled or not."""
        now = self.now()

        def job() -> None:
            for source in sources:
                self.register(source, now)
            self.archive.ledger.leave_catalog(self.catalog.sources)

        await self.writer.write(job)

    async def mend_times(self) -> None:
        """Bring back what was written while the clock was ahead."""
        now = self.now()
        if mended := await self.writer.write(lambda: mend_times(self.archive.db, now, LONGEST_HOLD)):
            log.warning("%s", mended)

    def _keep_standings(self) -> Callable[[], None]:
        hosts, changes = Hosts(self.archive.db), self.gate.changes()

        def job() -> None:
            for standing in changes:
                hosts.put_standing(standing)

        return job

    @staticmethod
    def now() -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def keep(self, exchange: Exchange) -> Placed:
        """Append an exchange to the raw store; the caller's next write job indexes it.

        A payload that the URL's last capture had too becomes a revisit record. Raises ArchiveError when the disk
        does not take it; no later crawl goes on then.
        """
        earlier = None
        try:
            if exchange.status == 304:
                earlier = self.archive.captures.earlier(exchange.url)
            elif exchange.status == 200:
                earlier = self.archive.captures.earlier(exchange.url, exchange.digest)
            return self.archive.raw.append(exchange, earlier)
        except (ArchiveError, sqlite3.Error, OSError) as error:
            if (trouble := self.writer.fail(error)) is error:
                raise
            raise trouble from error


def _writer(archive: Archive, interval: float, most: int) -> Writer:
    if not archive.shared:
        return Writer(archive, interval, most)
    from crawler.workers.writing import ThreadedWriter  # late: with the libraries of PostgreSQL

    return ThreadedWriter(archive, interval, most)


class _KeptRobots:
    """Robots rules in the `hosts` table."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def load(self, host: str) -> Rules | None:
        row = Hosts(self._runtime.archive.db).get(host)
        if row is None or not row.robots_fetched_at:
            return None
        fetched_at = parse_utc(row.robots_fetched_at)
        return Rules(row.robots_status, row.robots or "", fetched_at, row.detail, row.robots_max_age)

    async def save(self, host: str, rules: Rules) -> None:
        row = HostRow(
            host,
            rules.text if rules.status == "rules" else None,
            rules.status,
            utc_text(rules.fetched_at),
            rules.max_age,
            rules.detail,
        )
        await self._runtime.writer.write(lambda: Hosts(self._runtime.archive.db).put_robots(row))

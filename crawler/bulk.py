"""What every job over many pages needs around it: archive, catalogue, workers and a progress bar."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from archive import Archive
from archive.postgres import Where
from crawler.catalog import Catalog
from crawler.extraction.pool import Pool
from crawler.garbage import settle
from crawler.runtime import check_settings, load_catalog, settings_of_project
from crawler.writer import Writer

MOST_WORKERS = 4  # the process that reads and writes takes a tenth of their time, and a disk has an end


@dataclass(frozen=True, slots=True)
class Bench:
    """The open archive and the tools to work on it."""

    archive: Archive
    catalog: Catalog
    pool: Pool
    progress: Progress
    commit_interval: float
    commit_batch: int

    def writer(self) -> Writer:
        """A writer for the event loop that runs now."""
        writer = Writer(self.archive, self.commit_interval, self.commit_batch)
        self.pool.on_exhausted = writer.give_up
        return writer


@contextmanager
def bench(
    folder: Where, console: Console, amount: ProgressColumn, *, write: bool = True, shared: bool = False
) -> Iterator[Bench]:
    """Open an archive for a job whose progress `amount` shows; without `write` no lock is taken, `shared` takes it beside
    others."""
    settings = settings_of_project()
    check_settings(settings)
    catalog = load_catalog(settings)
    workers = settings.getint("EXTRACT_WORKERS") or min(os.cpu_count() or 1, MOST_WORKERS)
    pool = Pool(workers, settings.getfloat("EXTRACT_TIMEOUT"), settings.getint("EXTRACT_MEMORY"))
    with (
        Archive(
            folder,
            write=write,
            wait=settings.getfloat("LOCK_WAIT"),
            busy_timeout=settings.getfloat("BUSY_TIMEOUT"),
            tell=lambda line: console.print(line, highlight=False),
            shared=shared,
        ) as archive,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            amount,
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as progress,
    ):
        settle()
        try:
            interval, batch = settings.getfloat("COMMIT_INTERVAL"), settings.getint("COMMIT_BATCH")
            yield Bench(archive, catalog, pool, progress, interval, batch)
        finally:
            pool.close()

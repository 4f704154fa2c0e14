"""`reextract` as a whole: archive, workers and progress around a `Reextractor`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive import Archive
from crawler.extraction.pool import Pool
from crawler.reextract import Reextractor, Report
from crawler.runtime import check_settings, load_catalog, settings_of_project
from crawler.writer import Writer


def reextract_articles(
    folder: Path, source: str | None, since: str | None, *, dry_run: bool, console: Console
) -> Report:
    """Extract stored articles again; a dry run needs no lock and writes nothing."""
    settings = settings_of_project()
    check_settings(settings)
    catalog = load_catalog(settings)
    with (
        Archive(
            folder,
            write=not dry_run,
            wait=settings.getfloat("LOCK_WAIT"),
            tell=lambda line: console.print(line, highlight=False),
        ) as archive,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as shown,
    ):
        pool = Pool(
            settings.getint("EXTRACT_WORKERS"), settings.getfloat("EXTRACT_TIMEOUT"), settings.getint("EXTRACT_MEMORY")
        )

        async def work() -> Report:
            writer = Writer(archive, settings.getfloat("COMMIT_INTERVAL"), settings.getint("COMMIT_BATCH"))
            again = Reextractor(archive, catalog, pool, writer, dry_run=dry_run)
            task = shown.add_task("extract again", total=again.count(source, since))
            return await again.run(source, since, lambda done: shown.advance(task, done))

        try:
            return asyncio.run(work())
        finally:
            pool.close()

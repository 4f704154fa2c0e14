"""`reextract` as a whole: progress around a `Reextractor`."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.progress import MofNCompleteColumn

from archive.postgres import Where
from crawler.bulk import bench
from crawler.reextract import Reextractor, Report, checked


def reextract_articles(
    folder: Where, source: str | None, since: str | None, *, dry_run: bool, console: Console
) -> Report:
    """Extract stored articles again; a dry run needs no lock and writes nothing. Raises QueryError for a source or a day that
    there is not."""
    with bench(folder, console, MofNCompleteColumn(), write=not dry_run) as tools:
        first = checked(tools.archive, source, since)

        async def work() -> Report:
            again = Reextractor(tools.archive, tools.catalog, tools.pool, tools.writer(), dry_run=dry_run)
            task = tools.progress.add_task("extract again", total=again.count(source, first))
            return await again.run(source, first, lambda done: tools.progress.advance(task, done))

        return asyncio.run(work())

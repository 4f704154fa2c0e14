"""`import-warc` as a whole: files, progress and what was wrong with them around an `Importer`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn, Progress, TaskID

from archive.postgres import Where
from crawler.bulk import bench
from crawler.fetch.identity import user_agent
from crawler.filelists import NotFetched, at_hand, size_of
from crawler.importer import Importer
from crawler.runtime import settings_of_project


def import_files(folder: Where, files: Sequence[str | Path], console: Console) -> Counter[str]:
    """Import WARC files (paths or URLs) into the archive in `folder`; gives the number of records by outcome.

    Damaged files count as `damaged_file`, missing ones as `missing_file`; what was wrong with them, and what was passed over,
    is printed.
    """
    contact = user_agent(str(settings_of_project()["CONTACT"]))
    names = [str(file) for file in files]
    sizes = [size_of(name) for name in names]
    with bench(folder, console, DownloadColumn()) as tools:
        task = tools.progress.add_task("import", total=sum(sizes))

        async def work() -> Counter[str]:
            importer, missing = Importer(tools.archive, tools.catalog, tools.pool, tools.writer()), 0
            for number, name in enumerate(names):
                shown = partial(_show, tools.progress, task, sum(sizes[:number]))
                try:
                    with at_hand(name, contact) as path:
                        await importer.run([path], shown)
                except NotFetched as error:
                    missing += 1
                    importer.troubles.append(f"{name}: {error}")
            if importer.passed_over:
                said = ", ".join(f"{name} {count}" for name, count in sorted(importer.passed_over.items()))
                console.print(f"passed over: {said}", highlight=False, soft_wrap=True)
            for trouble in importer.troubles:
                console.print(escape(trouble), highlight=False, soft_wrap=True)
            return importer.outcomes + Counter(damaged_file=importer.damaged, missing_file=missing)

        return asyncio.run(work())


def _show(progress: Progress, task: TaskID, before: int, path: Path, position: int) -> None:
    del path
    progress.update(task, completed=before + position)

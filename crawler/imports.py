"""`import-warc` as a whole: archive, workers and progress around an `Importer`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from archive import Archive
from crawler.extraction.pool import Pool
from crawler.importer import Importer
from crawler.runtime import check_settings, load_catalog, settings_of_project
from crawler.writer import Writer


def import_files(folder: Path, files: Sequence[Path], console: Console) -> Counter[str]:
    """Import WARC files into the archive in `folder`; gives the number of records by outcome.

    Files that could be read in part only are counted as `damaged_file`; what was wrong is printed.
    """
    settings = settings_of_project()
    check_settings(settings)
    catalog = load_catalog(settings)
    sizes = {path: path.stat().st_size for path in files}
    with (
        Archive(
            folder,
            write=True,
            wait=settings.getfloat("LOCK_WAIT"),
            tell=lambda line: console.print(line, highlight=False),
        ) as archive,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as shown,
    ):
        pool = Pool(
            settings.getint("EXTRACT_WORKERS"), settings.getfloat("EXTRACT_TIMEOUT"), settings.getint("EXTRACT_MEMORY")
        )
        task = shown.add_task("import", total=sum(sizes.values()))
        before = {path: sum(sizes[other] for other in files[:index]) for index, path in enumerate(files)}

        async def work() -> Counter[str]:
            writer = Writer(archive, settings.getfloat("COMMIT_INTERVAL"), settings.getint("COMMIT_BATCH"))
            importer = Importer(archive, catalog, pool, writer)
            await importer.run(files, lambda path, position: shown.update(task, completed=before[path] + position))
            if importer.passed_over:
                said = ", ".join(f"{name} {count}" for name, count in sorted(importer.passed_over.items()))
                console.print(f"passed over: {said}", highlight=False, soft_wrap=True)
            for trouble in importer.troubles:
                console.print(escape(trouble), highlight=False, soft_wrap=True)
            return importer.outcomes + Counter(damaged_file=len(importer.troubles))

        try:
            return asyncio.run(work())
        finally:
            pool.close()

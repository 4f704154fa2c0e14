"""`import-warc` as a whole: files, progress and what was wrong with them around an `Importer`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn

from archive.postgres import Where
from crawler.bulk import bench
from crawler.importer import Importer


def import_files(folder: Where, files: Sequence[Path], console: Console) -> Counter[str]:
    """Import WARC files into the archive in `folder`; gives the number of records by outcome.

    Damaged files count as `damaged_file`; what was wrong with them, and what was passed over, is printed.
    """
    sizes = {path: path.stat().st_size for path in files}
    before = {path: sum(sizes[other] for other in files[:index]) for index, path in enumerate(files)}
    with bench(folder, console, DownloadColumn()) as tools:
        task = tools.progress.add_task("import", total=sum(sizes.values()))

        async def work() -> Counter[str]:
            importer = Importer(tools.archive, tools.catalog, tools.pool, tools.writer())
            await importer.run(files, lambda path, at: tools.progress.update(task, completed=before[path] + at))
            if importer.passed_over:
                said = ", ".join(f"{name} {count}" for name, count in sorted(importer.passed_over.items()))
                console.print(f"passed over: {said}", highlight=False, soft_wrap=True)
            for trouble in importer.troubles:
                console.print(escape(trouble), highlight=False, soft_wrap=True)
            return importer.outcomes + Counter(damaged_file=importer.damaged)

        return asyncio.run(work())

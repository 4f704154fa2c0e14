"""The whole way from WARC records to finished rows in a fresh archive, as `import-warc` goes it; run as a program.

`python -m benchmarks.pipeline ARCHIVE WORKERS watch|plain RESULT WARC...`: one import in a process of its own. What it
costs to start (imports, catalogue, worker processes, models) is measured apart: an import of a hundred thousand pages
pays it once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

from archive import Archive
from benchmarks.stages import OF_AN_IMPORT, Stages, watched, work_watched
from benchmarks.systems import WARM_PAGE
from crawler.catalog import Catalog
from crawler.extraction.article import Page, examine
from crawler.extraction.lanes import Lane
from crawler.extraction.pool import Pool
from crawler.garbage import settle
from crawler.importer import Importer
from crawler.runtime import load_catalog, settings_of_project
from crawler.workshop import work
from crawler.writer import Writer

T = TypeVar("T")
WARM_UPS = 40  # tries to meet every worker


@dataclass(frozen=True, slots=True)
class Import:
    """What one import took; seconds."""

    pages: int
    outcomes: dict[str, int]
    start_wall: float
    wall: float
    parent_cpu: float
    worker_cpu: float | None  # None with several workers: nobody can ask a certain one of them
    stages: dict[str, float] = field(default_factory=dict)  # CPU; when watched


class WatchedPool(Pool):
    """A pool whose workers tell how long the stages of a page took."""

    stages: defaultdict[str, float]

    async def run(self, function: Callable[..., T], *args: Any, lane: Lane | None = None) -> T:
        """Call `function` in a worker, `work` with its stages watched."""
        if function is not cast(object, work):
            return await super().run(function, *args, lane=lane)
        worked, seconds = await super().run(work_watched, *args, lane=lane)
        for stage, spent in seconds.items():
            self.stages[stage] += spent
        return cast(T, worked)


def import_once(folder: Path, files: list[Path], workers: int, *, watch: bool) -> Import:
    """Import files into a new archive in `folder`."""
    begun = time.perf_counter()
    settings = settings_of_project()
    kind = WatchedPool if watch else Pool
    pool = kind(workers, settings.getfloat("EXTRACT_TIMEOUT"), settings.getint("EXTRACT_MEMORY"))
    stages = Stages()
    try:
        if isinstance(pool, WatchedPool):
            pool.stages = stages.seconds
            with watched(stages, OF_AN_IMPORT):
                return asyncio.run(_import(folder, files, pool, load_catalog(settings), stages, begun))
        return asyncio.run(_import(folder, files, pool, load_catalog(settings), stages, begun))
    finally:
        pool.close()


async def _import(
    folder: Path, files: list[Path], pool: Pool, catalog: Catalog, stages: Stages, begun: float
) -> Import:
    settings = settings_of_project()
    archive = Archive(folder, write=True)
    await _warm(pool, catalog)
    writer = Writer(archive, settings.getfloat("COMMIT_INTERVAL"), settings.getint("COMMIT_BATCH"))
    importer = Importer(archive, catalog, pool, writer)
    settle()
    stages.seconds.clear()
    worker, before = await pool.run(_cpu)
    own, start = _cpu()[1], time.perf_counter()
    await importer.run(files, lambda path, position: None)
    archive.close()
    wall, own = time.perf_counter() - start, _cpu()[1] - own
    same_worker, after = await pool.run(_cpu)
    return Import(
        pages=importer.outcomes.total(),
        outcomes=dict(importer.outcomes),
        start_wall=start - begun,
        wall=wall,
        parent_cpu=own,
        worker_cpu=after - before if pool.workers == 1 and same_worker == worker else None,
        stages=dict(stages.seconds),
    )


async def _warm(pool: Pool, catalog: Catalog) -> None:
    """Let every worker load its models, and the catalogue build its tables."""
    catalog.owner(WARM_PAGE.url)
    page = Page(WARM_PAGE.url, WARM_PAGE.body, WARM_PAGE.captured_at, WARM_PAGE.content_type)
    met: set[int] = set()
    for _ in range(WARM_UPS):
        met.update(await asyncio.gather(*(pool.run(_warmed, page) for _ in range(2 * pool.workers))))
        if len(met) == pool.workers:
            return


def _warmed(page: Page) -> int:
    examine(page)
    return os.getpid()


def _cpu() -> tuple[int, float]:
    """This process and the CPU seconds of all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return os.getpid(), used.ru_utime + used.ru_stime


def main(folder: str, workers: str, watch: str, result: str, *files: str) -> None:
    """Import once and write what it took to `result`, as JSON."""
    logging.disable(logging.CRITICAL)
    took = import_once(Path(folder), [Path(file) for file in files], int(workers), watch=watch == "watch")
    Path(result).write_text(json.dumps(asdict(took)))


if __name__ == "__main__":
    # by its full name, so that the workers find the same functions
    import_module("benchmarks.pipeline").main(*sys.argv[1:])

"""Commands that look at live sites and keep nothing: a runtime on a temporary archive, in one run of the reactor."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from archive import ArchiveError
from crawler.catalog import Catalog
from crawler.errors import CrawlerError
from crawler.runtime import Runtime, check_settings, load_catalog, set_archive
from crawler.source import Source

OWN_BOUNDS: dict[str, Any] = {
    "REVISIT_AFTER": "",  # nothing is looked at twice
    "SITEMAPS_PER_RUN": 3,  # of one index, newest first: enough to see what they hold
}


class OneShot(ScrapyCommand):
    """A Scrapy command whose `work` runs once, in the reactor, and gives the exit status."""

    requires_project = True

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take over Scrapy's options; the log says no more than warnings unless it is asked to."""
        if unknown := [
            one for one in args if one.startswith("-")
        ]:  # Scrapy takes what it does not know for an argument
            raise UsageError(f"there is no option {unknown[0]}; --help shows those that there are")
        super().process_options(args, opts)
        assert self.settings is not None
        if not opts.loglevel and "KIOSQUE_LOG_LEVEL" not in os.environ:
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    @abstractmethod
    async def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do what the command is for; gives the exit status."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run `work` in the reactor. Exit status 2: a setting or a source file is wrong."""
        from twisted.internet import reactor

        process = self.process
        self.exitcode = 2

        async def body() -> None:
            try:
                self.exitcode = await self.work(args, opts)
            except (ArchiveError, CrawlerError, ValueError) as error:
                print(f"kiosque: {error}", file=sys.stderr)
            finally:
                if reactor.running:
                    reactor.stop()  # type: ignore[misc]

        begun: list[asyncio.Task[None]] = []
        reactor.callWhenRunning(lambda: begun.append(asyncio.ensure_future(body())))
        process.start(stop_after_crawl=False)
        for task in begun:
            if not task.done():
                task.cancel()  # told to stop
            elif error := task.exception():
                raise error

    @property
    def process(self) -> AsyncCrawlerProcess:
        """What runs the crawls of this command."""
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        return self.crawler_process

    def catalog(self) -> Catalog:
        """The catalogue. Raises SettingError too."""
        assert isinstance(self.settings, Settings)
        check_settings(self.settings)
        return load_catalog(self.settings)

    @contextmanager
    def runtime(self, where: Path | str | None, source: Source, **settings: Any) -> Iterator[Runtime]:
        """A runtime for one source, with settings of its own, on the archive that is named, or (None) on that of the
        settings."""
        assert isinstance(self.settings, Settings)
        own = self.settings.copy()
        for name, value in (OWN_BOUNDS | settings).items():
            own.set(name, value, priority="cmdline")
        if where is not None:
            set_archive(own, str(where))
        runtime = Runtime.open(own, Catalog({source.slug: source}))
        try:
            yield runtime
        finally:
            runtime.close()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kiosque-") as name:
        yield Path(name)


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is looked at; nothing in a log."""
    if not console.is_terminal:
        yield lambda line: None
        return
    with console.status("") as status:
        yield lambda line: status.update(f"looking at {line}"[: max(console.width - 5, 20)])

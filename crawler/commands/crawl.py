"""`scrapy crawl SLUG`: one source by hand, whatever its schedule says."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from rich.console import Console
from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from archive import ArchiveError
from crawler.errors import CrawlerError
from crawler.runtime import Runtime, load_catalog, set_archive
from crawler.service import STOP_GRACE
from crawler.spiders.news import NewsSpider
from crawler.summary import CrawlResult, print_result


class Command(crawl.Command):
    """Scrapy's command with the archive open around it and a summary at the end.

    Exit status: 0 all well, 1 the source failed, 2 the archive is in trouble or in use.
    """

    stopped = False  # by a signal

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Crawl one source of the catalogue now, whatever its schedule says"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --archive to Scrapy's options."""
        super().add_options(parser)
        parser.add_argument("--archive", metavar="DIR|URL", help="the archive (setting ARCHIVE_DIR)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take --archive over into the settings."""
        super().process_options(args, opts)
        if opts.archive:
            assert self.settings is not None
            set_archive(self.settings, opts.archive)

    def _stop_on_signal(self, crawler: Crawler) -> None:
        """Stop in order at the first signal: what is in flight is finished if it can be in time, the rest stays pending."""
        from twisted.internet import reactor

        # the reactor's loop, which does not run yet when the reactor says that it does
        loop = asyncio.get_event_loop()

        def stop() -> None:
            self.stopped = True
            asyncio.ensure_future(crawler.stop_async())  # noqa: RUF006  the end of the crawl is what is waited for
            loop.call_later(STOP_GRACE, end)

        def end() -> None:
            if getattr(reactor, "running", False):
                reactor.stop()  # type: ignore[misc]

        def begin() -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop)

        reactor.callWhenRunning(begin)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, print what was found, set the exit status."""
        if len(args) != 1:
            raise UsageError("name one source; `scrapy list` shows them")
        assert self.crawler_process and self.settings is not None
        try:
            spider_class = self.crawler_process.spider_loader.load(args[0])
        except KeyError:
            raise UsageError(f"there is no source {args[0]!r}; `scrapy list` shows them") from None
        if not issubclass(spider_class, NewsSpider):
            super().run(args, opts)
            return
        try:
            runtime = Runtime.open(self.settings, load_catalog(self.settings))
        except (ArchiveError, CrawlerError, ValueError) as error:
            print(f"kiosque: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        crawler = self.crawler_process.create_crawler(spider_class)

        def stop(error: ArchiveError) -> None:
            asyncio.ensure_future(crawler.stop_async())  # noqa: RUF006  the crawl's end is what is waited for

        runtime.writer.on_trouble = stop
        try:
            self.crawler_process.crawl(crawler, runtime=runtime, **opts.spargs)
            self._stop_on_signal(crawler)
            self.crawler_process.start(install_signal_handlers=False)
        finally:
            try:
                runtime.close()
            except ArchiveError as error:
                runtime.writer.trouble = runtime.writer.trouble or error
        if runtime.writer.trouble is not None:
            print(f"kiosque: {runtime.writer.trouble}", file=sys.stderr)
            self.exitcode = 2
            return
        spider = crawler.spider
        if not isinstance(spider, NewsSpider):
            self.exitcode = 1
            return
        reason = spider.reason or ("shutdown" if self.stopped else "")
        result = CrawlResult(spider.name, reason, spider.counts, spider.outcomes)
        print_result(result, Console())
        self.exitcode = 0 if result.ok else 1

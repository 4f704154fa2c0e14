"""`scrapy backfill SLUG`: what a source published before it was watched, from its own listings and from archives."""

from __future__ import annotations

import argparse
import re
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from scrapy.exceptions import UsageError

from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days, days_of
from crawler.backfill.run import ARCHIVES, OWN, Report, Wanted, go_back
from crawler.errors import CatalogError
from crawler.oneshot import OneShot, progress
from crawler.runtime import Runtime

VIAS = (*OWN, *ARCHIVES)
A_WEEK = 7 * 86_400.0  # seconds; the budget ends a run, not the hour that bounds one of the scheduler


class Command(OneShot):
    """Goes back in time for one source, newest first, within a budget; the next call goes on where this one stopped.

    Exit status: 0 all well, whether or not something is left for the next run; 1 a way back failed; 2 the command line, a
    setting or the archive is wrong.
    """

    def syntax(self) -> str:
        """The arguments for `scrapy backfill --help`."""
        return "[options] SLUG"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Fetch what a source published before it was watched, newest first"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--archive", metavar="DIR", help="the archive (settings ARCHIVE_DIR, ARCHIVE_URL)")
        parser.add_argument("--from", dest="since", default="", metavar="DAY", help="the first day, such as 2024-01-01")
        parser.add_argument("--to", dest="until", default="", metavar="DAY", help="the last day (two days ago at most)")
        parser.add_argument("--via", default=",".join(VIAS), metavar="WAYS", help=f"in this order ({','.join(VIAS)})")
        parser.add_argument("--limit", type=int, metavar="N", help="pages of this run (setting BACKFILL_PAGES)")
        parser.add_argument(
            "--sitemap", action="append", default=[], metavar="URL", help="one beside the source file's"
        )
        parser.add_argument("--articles", default="", metavar="REGEX", help="which URLs are articles")
        parser.add_argument(
            "--versions", action="store_true", help="from archives, also older and later captures of what is stored"
        )

    async def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Go back, and say what came of it."""
        if len(args) != 1:
            raise UsageError("name one source; `scrapy list` shows them")
        try:
            (source,) = self.catalog().select(args[0])
        except (CatalogError, ValueError):
            raise UsageError(f"{args[0]!r} is not one source; `scrapy list` shows them") from None
        out, days, vias = Console(soft_wrap=True, highlight=False), _days(opts), _vias(opts.via)
        if opts.limit is not None and opts.limit < 1:
            raise UsageError("--limit is a number of pages, 1 or more")
        wanted = Wanted(vias, days, _urls(opts.sitemap), _pattern(opts.articles), opts.versions)
        with progress(Console(stderr=True)) as tell, self.runtime(opts.archive, source, RUN_TIME=A_WEEK) as runtime:
            report = await go_back(self.process, runtime, source, wanted, _budget(runtime, opts.limit), tell)
        if runtime.writer.trouble is not None:
            raise runtime.writer.trouble
        show(report, wanted, out)
        return 1 if report.failed else 0


def show(report: Report, wanted: Wanted, out: Console) -> None:
    """Print what a run found, for a person."""
    since, until = wanted.days.texts
    out.print(f"[bold]{report.slug}[/]: back from {until} to {since}")
    for way in report.ways:
        said = ", ".join(f"{name} {count}" for name, count in sorted(way.outcomes.items()) if count) or "none"
        out.print(f"  {way.via:12} {way.places} places read, {way.found} found, pages: {said}; {way.waiting} wait")
        if way.rest:
            out.print(f"  {way.via:12} left alone for now: {escape(way.rest)}")
    spent = report.spent
    out.print(f"{spent.pages} pages, {spent.requests} requests, {spent.bytes / 1e6:.1f} MB")
    for note in report.notes:
        out.print(escape(note))
    for trouble in report.troubles:
        out.print(f"[red]Trouble:[/] {escape(trouble)}")
    if report.stopped:
        out.print(f"Stopped after {report.stopped}. The same command goes on from there.")
    elif any(way.waiting or way.unread for way in report.ways):
        out.print("Not everything could be had now. The same command goes on from there.")
    else:
        out.print("There is nothing more to be had on these ways.")


def _budget(runtime: Runtime, limit: int | None) -> Budget:
    settings = runtime.settings
    return Budget(
        pages=settings.getint("BACKFILL_PAGES") if limit is None else limit,
        requests=settings.getint("BACKFILL_REQUESTS"),
        bytes=settings.getint("BACKFILL_BYTES"),
        pages_a_day=settings.getint("BACKFILL_PAGES_PER_DAY"),
    )


def _days(opts: argparse.Namespace) -> Days:
    try:
        return days_of(opts.since, opts.until, Runtime.now())
    except ValueError as error:
        raise UsageError(str(error)) from None


def _vias(text: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not named or not set(named) <= set(VIAS):
        raise UsageError(f"--via {text!r}: name some of {', '.join(VIAS)}")
    return named


def _urls(urls: list[str]) -> tuple[str, ...]:
    for url in urls:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise UsageError(f"--sitemap {url!r} is not a URL")
    return tuple(urls)


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--articles {pattern!r} is not a regular expression: {error}") from None
    return pattern

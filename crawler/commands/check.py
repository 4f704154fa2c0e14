"""`scrapy check SLUG...`: what sources yield now, field by field, and what is wrong with it."""

from __future__ import annotations

import argparse
import json
from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.exceptions import UsageError

from archive.yields import COLUMNS
from crawler.errors import CatalogError
from crawler.oneshot import OneShot, progress, temporary_folder
from crawler.trial import Trial, as_record, try_source

PAGES = 8  # newest ones that are read; each is a request


class Command(OneShot):
    """Crawls a little of each source into a temporary archive; the real one is neither read nor written.

    Exit status: 0 all well, 1 something is broken, 2 the command line, a setting or a source file is wrong.
    """

    def syntax(self) -> str:
        """The arguments for `scrapy check --help`."""
        return "[options] SLUG..."

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Say what sources yield now: listings, fields and expectations"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one object a line for each source")
        parser.add_argument("--pages", type=int, default=PAGES, metavar="N", help=f"newest pages to read ({PAGES})")

    async def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Check one source after another."""
        if not args:
            raise UsageError("name one source or more; `scrapy list` shows them")
        if opts.pages < 1:
            raise UsageError("--pages must be at least 1")
        catalog, out, status = self.catalog(), Console(soft_wrap=True, highlight=False), 0
        try:
            sources = catalog.select(",".join(args))
        except CatalogError as error:
            raise UsageError(str(error)) from None
        for source in sources:
            with (
                progress(Console(stderr=True)) as tell,
                temporary_folder() as folder,
                self.runtime(folder, source) as runtime,
            ):
                tell(source.slug)
                trial = await try_source(self.process, runtime, source, opts.pages)
            if opts.json:
                print(json.dumps(as_record(trial), ensure_ascii=False))
            else:
                show(trial, out)
            status |= bool(trial.faults)
        return status


def show(trial: Trial, out: Console) -> None:
    """Print a trial for a person."""
    source = trial.source
    out.print(f"[bold]{source.slug}[/]: {escape(source.name)}, {source.home}")
    for one in trial.listings:
        day = "" if one.last_day is None else f", {one.last_day} of the last day"
        newest = f", newest {one.newest:%Y-%m-%d %H:%M}" if one.newest else ""
        status = f"HTTP {one.http_status}" if one.http_status else "no answer"
        out.print(f"  {one.kind:8} {escape(one.url)}: {status}, {one.items} entries{day}{newest}")
    outcomes = Counter(page.outcome for page in trial.pages)
    said = ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) or "none"
    out.print(f"\n{len(trial.pages)} of the newest pages: {said}")
    if trial.articles:
        out.print(_fields(trial))
    for page in trial.articles:
        out.print(
            f"  {page.published_at[:16].replace('T', ' ') or 'no time':16}  {page.words:5} words  {escape(page.title or page.url)}"
        )
    for remark in trial.remarks:
        out.print(f"Look at: {escape(remark)}")
    for fault in trial.faults:
        out.print(f"[red]Broken:[/] {escape(fault)}")
    if not trial.faults:
        out.print(
            "Nothing is broken."
            if source.expect.filled or source.expect.articles_per_day
            else "Nothing is broken; the source file expects nothing in particular."
        )
    out.print()


def _fields(trial: Trial) -> Table:
    """Which fields are filled, by what, and how many are expected."""
    table = Table(box=None, pad_edge=False)
    for column in ("field", "filled", "expected", "by"):
        table.add_column(column, justify="right" if column in ("filled", "expected") else "left")
    expected = trial.source.expect.filled
    for name in COLUMNS:
        methods = Counter(page.filled[name] for page in trial.articles if page.filled[name])
        share = expected.get(name)  # type: ignore[call-overload]
        by = ", ".join(f"{method} {count}" for method, count in methods.most_common())
        table.add_row(
            name, f"{methods.total()}/{len(trial.articles)}", "" if share is None else f"{share:.0%}", escape(by)
        )
    return table

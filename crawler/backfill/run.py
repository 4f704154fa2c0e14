"""One run back in time: the ways of a source one after another, and a report of what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scrapy.crawler import AsyncCrawlerRunner

from archive.backfill import Backfill, Spent
from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days
from crawler.backfill.spider import BackfillSpider
from crawler.errors import SettingError
from crawler.runtime import Runtime
from crawler.source import Source

OWN = ("sitemaps", "feeds")
ARCHIVES = ("wayback", "commoncrawl")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is gone back to, and on which ways."""

    vias: Sequence[str]
    days: Days
    sitemaps: Sequence[str] = ()  # beside those of the source file
    pattern: str = ""  # which URLs are articles
    versions: bool = False  # of archives, also other captures of what is stored


@dataclass
class Way:
    """What came of one way back."""

    via: str
    places: int = 0  # listings, or parts of indexes, that were read
    found: int = 0  # addresses or captures that were not known before
    outcomes: Mapping[str, int] = field(default_factory=Counter)
    waiting: int = 0  # found and not fetched yet
    unread: bool = False  # there are places left to read
    rest: str = ""  # why an archive is left alone for now


@dataclass
class Report:
    """What came of a run."""

    slug: str
    ways: list[Way] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # that a way leads nowhere for this source
    spent: Spent = field(default_factory=Spent)
    stopped: str = ""  # by which budget, or by a signal
    failed: bool = False  # something could not be read, and no budget is the reason


async def go_back(
    runner: AsyncCrawlerRunner,
    runtime: Runtime,
    source: Source,
    wanted: Wanted,
    budget: Budget,
    tell: Callable[[str], None],
) -> Report:
    """Go back as far as the budget allows. Raises ArchiveError."""
    report = Report(source.slug)
    now, back = runtime.now(), Backfill(runtime.archive.db)
    source_id = await runtime.writer.write(lambda: runtime.register(source, now))
    budget.today = back.spent(source_id, now)
    for via in wanted.vias:
        if (stopped := budget.exhausted) or report.stopped:
            report.stopped = report.stopped or stopped
            break
        tell(f"{source.slug}: {via}")
        if via in OWN:
            await _own(runner, runtime, source, via, wanted, budget, report)
        else:
            await _archive(runtime, source, source_id, via, wanted, budget, report)
        if runtime.writer.trouble is not None:
            return report
    report.stopped = report.stopped or budget.exhausted
    report.spent, report.failed = budget.spent, bool(report.troubles)
    since, until = wanted.days.texts
    for way in report.ways:
        way.waiting = back.waiting(source_id, way.via, since, until)
        way.unread = back.next_place(source_id, way.via, since, until, ()) is not None
    return report


async def _own(
    runner: AsyncCrawlerRunner,
    runtime: Runtime,
    source: Source,
    via: str,
    wanted: Wanted,
    budget: Budget,
    report: Report,
) -> None:
    """A way over the source's own site."""
    limits = source.limits.model_copy(update={"pages_per_run": 1_000_000})  # the budget bounds it
    bounded = source.model_copy(update={"limits": limits})
    bound = type("BackfillSpider", (BackfillSpider,), {"name": source.slug, "source": bounded, "__module__": __name__})
    crawler = runner.create_crawler(bound)
    await runner.crawl(
        crawler,
        runtime=runtime,
        vias=[via],
        days=wanted.days,
        budget=budget,
        sitemaps=wanted.sitemaps,
        pattern=wanted.pattern,
    )
    spider = crawler.spider
    assert isinstance(spider, BackfillSpider)
    runtime.writer.flush()
    report.ways.append(Way(via, spider.counts["places"], spider.counts["found"], spider.outcomes))
    report.troubles.extend(spider.listings.troubles)
    report.notes.extend(spider.notes)
    if spider.broken:
        report.troubles.append(spider.broken)
    elif spider.reason == "shutdown":
        report.stopped = "a signal"


async def _archive(
    runtime: Runtime, source: Source, source_id: int, via: str, wanted: Wanted, budget: Budget, report: Report
) -> None:
    """A way through an archive."""
    # here, and not when each Scrapy command starts: its libraries take long to import
    from crawler.backfill.commoncrawl import CommonCrawl
    from crawler.backfill.copies import Copies
    from crawler.backfill.wayback import Wayback

    try:
        library = Wayback(runtime, budget) if via == "wayback" else CommonCrawl(runtime, budget)
    except ValueError as error:
        raise SettingError(str(error)) from error
    copies = Copies(
        library, runtime, source, source_id, wanted.days, budget, pattern=wanted.pattern, versions=wanted.versions
    )
    await copies.run()
    runtime.writer.flush()
    report.ways.append(Way(copies.way, copies.places, copies.found, copies.outcomes, rest=copies.rest))
    report.troubles.extend(copies.troubles)
    report.notes.extend(copies.notes)

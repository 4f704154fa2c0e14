"""A trial: one crawl of a source into an archive of its own, to see what it yields now, and what is wrong with that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response

from archive.records import utc_text
from archive.rows import FeedRow
from archive.sources import accounts
from archive.yields import PageYield, page_yields
from crawler.discovery.entry import Listing
from crawler.discovery.probing import newest_of
from crawler.listing_reader import ListingReader
from crawler.runtime import Runtime
from crawler.source import Expect, Source
from crawler.spiders.news import NewsSpider

ARTICLE = frozenset({"stored", "updated", "unchanged"})
NO_FAULT = ARTICLE | {"duplicate", "skipped_old", "not_article", "pending"}  # of the page, or not of the source
NEVER_EMPTY = ("title", "text")
CHANCE = 0.05  # below which so few filled pages are no accident
LONG_AGO = timedelta(days=45)  # a listing whose newest entry is older is no longer fed


@dataclass(frozen=True, slots=True)
class ListingReport:
    """What a feed, sitemap or section page gave; the parts of a sitemap index are counted in."""

    url: str
    kind: str
    name: str
    status: str
    http_status: int | None
    detail: str
    items: int
    newest: datetime | None
    last_day: int | None  # entries of the last 24 hours; None: it does not reach so far back, or has no times

    @property
    def broken(self) -> str:
        """What is wrong with it; empty when nothing is."""
        if self.status in ("failing", "gone"):
            return self.detail or f"HTTP {self.http_status}"
        if self.status == "active" and self.http_status is None:
            return self.detail or "it was not asked for"
        return "" if self.items or self.status == "moved" else "it offers nothing"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source yields now."""

    source: Source
    listings: tuple[ListingReport, ...]
    pages: tuple[PageYield, ...]
    at: datetime

    @property
    def articles(self) -> tuple[PageYield, ...]:
        """The pages in which an article was read."""
        return tuple(page for page in self.pages if page.filled and page.outcome in ARTICLE)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is broken, in words."""
        return tuple(_faults(self))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What deserves a look and may be all right."""
        old = [one for one in self.listings if one.newest and self.at - one.newest > LONG_AGO]
        return tuple(f"{one.url}: nothing new since {one.newest:%Y-%m-%d}" for one in old)


def _faults(trial: Trial) -> Iterator[str]:
    yield from (f"{one.url}: {fault}" for one in trial.listings if (fault := one.broken))
    if not trial.articles:
        tried = ", ".join(sorted({page.outcome for page in trial.pages})) or "there was none to ask for"
        yield f"no article was read in {len(trial.pages)} pages ({tried})"
        return
    if failed := [page for page in trial.pages if page.outcome not in NO_FAULT]:
        half = len(failed) * 2 >= len(trial.pages)
        yield from (f"{page.url}: {page.outcome}: {page.detail}" for page in failed if half)
    yield from filled_as_expected(trial.articles, trial.source.expect)
    yield from as_many_as_expected(trial.listings, trial.source.expect)


def filled_as_expected(articles: Sequence[PageYield], expect: Expect) -> Iterator[str]:
    """Fields that fewer of the articles have than the source file expects, by more than chance."""
    wanted: Mapping[str, float] = dict.fromkeys(NEVER_EMPTY, 1.0) | dict(expect.filled)
    for name, share in wanted.items():
        have = sum(bool(article.filled.get(name)) for article in articles)
        if have < share * len(articles) and at_most(have, len(articles), share) < CHANCE:
            yield f"{name}: filled in {have} of {len(articles)} articles, and {share:.0%} are expected"


def as_many_as_expected(listings: Sequence[ListingReport], expect: Expect) -> Iterator[str]:
    """Whether the last 24 hours of the listings are within what the source file expects of a day.

    Listings overlap, so the largest says how few there are at least, and all together how many at most.
    """
    counts = [one.last_day for one in listings if one.last_day is not None]
    if expect.articles_per_day is None or not counts:
        return
    low, high = expect.articles_per_day
    if sum(counts) < low:
        yield f"{sum(counts)} entries of the last 24 hours, and {low:g} to {high:g} are expected"
    elif max(counts) > high:
        yield f"{max(counts)} entries of the last 24 hours, and {low:g} to {high:g} are expected"


def at_most(count: int, of: int, share: float) -> float:
    """The chance that at most `count` of `of` are filled when `share` of all are (binomial)."""
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count + 1))


class _Watched(ListingReader):
    """Listings whose entries are remembered, with those of the sitemaps that an index names."""

    def __init__(self, spider: NewsSpider) -> None:
        super().__init__(spider)
        self.found: defaultdict[int, list[Listing]] = defaultdict(list)

    async def read(self, feed: FeedRow, response: Response, body: bytes, now: datetime) -> Listing:
        """Read a listing, and remember it."""
        listing = await super().read(feed, response, body, now)
        self.found[feed.parent_id or feed.id].append(listing)
        return listing


class TrialSpider(NewsSpider):
    """The spider of every source, watched."""

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.listings.reader = self.watched = _Watched(self)


async def try_source(runner: AsyncCrawlerRunner, runtime: Runtime, source: Source, pages: int) -> Trial:
    """Crawl a source with `pages` pages at most, into the archive of the runtime, and say what it yielded."""
    limits = source.limits.model_copy(update={"pages_per_run": pages})
    bounded = source.model_copy(update={"limits": limits})
    bound = type("TrialSpider", (TrialSpider,), {"name": source.slug, "source": bounded, "__module__": __name__})
    crawler = runner.create_crawler(bound)
    await runner.crawl(crawler, runtime=runtime)
    spider = crawler.spider
    assert isinstance(spider, TrialSpider)
    runtime.writer.flush()
    now, conn = runtime.now(), runtime.archive.db.conn
    (account,) = accounts(conn, now, slug=source.slug, fields=False)
    reports = []
    for one in account.listings:
        entries = [entry for listing in spider.watched.found[one.id] for entry in listing.entries]
        times = sorted(moment for entry in entries if (moment := entry.published or entry.updated))
        reaches = times and (times[0] <= now - timedelta(days=1) or one.kind == "sitemap")
        reports.append(
            ListingReport(
                url=one.url,
                kind=one.kind,
                name=one.name,
                status=one.status,
                http_status=one.http_status,
                detail=one.detail,
                items=len({entry.url for entry in entries}),
                newest=newest_of(entries),
                last_day=sum(moment > now - timedelta(days=1) for moment in times) if reaches else None,
            )
        )
    return Trial(source, tuple(reports), tuple(page_yields(conn, source.slug)), now)


def as_record(trial: Trial) -> dict[str, Any]:
    """A trial as JSON has it."""
    return {
        "source": trial.source.slug,
        "at": utc_text(trial.at),
        "listings": [
            {
                "url": one.url, "kind": one.kind, "name": one.name, "status": one.status, "http_status": one.http_status,
                "items": one.items, "newest": one.newest and utc_text(one.newest), "last_day": one.last_day,
                "detail": one.detail,
            }
            for one in trial.listings
        ],
        "pages": [
            {
                "url": page.url, "outcome": page.outcome, "detail": page.detail, "title": page.title,
                "published_at": page.published_at, "authors": list(page.authors), "words": page.words,
                "filled": dict(page.filled),
            }
            for page in trial.pages
        ],
        "faults": list(trial.faults),
        "remarks": list(trial.remarks),
    }  # fmt: skip

"""The spider's loop: nothing is lost when a request is dropped, and nothing is asked for ever when an end is not written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.settings import Settings

from archive import Archive, ArchiveError
from archive.records import utc_text
from archive.rows import Offer, Outcome, PageRow, Settlement, SourceRow
from crawler.extraction.pool import Pool
from crawler.fetch.netguard import NetGuard
from crawler.fetch.room import Room
from crawler.intake import Intake
from crawler.outcomes import Retries
from crawler.source import Feed, Source
from crawler.spiders.news import NewsSpider
from crawler.steps import Steps
from crawler.visit import Visit

NOW = datetime.now(UTC)
SITE = "https://news.example"
SETTINGS = Settings({"FORM_TRIAL": 3, "PAGES_PER_FORM": 2, "SAME_BODY": 2, "PUT_OFF": 600.0, "REDIRECTS_MAX": 3})


class Writer:
    """Runs jobs at once; `fails` is raised instead."""

    fails: Exception | None = None
    trouble = None

    async def write(self, job: Callable[[], Any]) -> Any:
        if self.fails is not None:
            raise self.fails
        return job()


@pytest.fixture
def spider(tmp_path: Path) -> Iterator[NewsSpider]:
    """A spider over an archive with one source."""
    source = Source(
        slug="news", name="News", home=SITE, country="gb", language="en", timezone="UTC", feeds=(Feed(url=f"{SITE}/feed"),)
    )
    with Archive(tmp_path, write=True) as archive:
        runtime: Any = SimpleNamespace(
            room=Room(1 << 20), archive=archive, writer=Writer(), settings=SETTINGS, now=lambda: NOW, revisit_after=(),
            retries=Retries((timedelta(minutes=1),)), guard=NetGuard(), pool=Pool(1, 30.0, 1 << 26),
        )  # fmt: skip
        spider = type("NewsSpider", (NewsSpider,), {"source": source})(runtime=runtime)
        spider.source_id = archive.ledger.put_source(SourceRow("news", "News", SITE), NOW)
        spider.lane = runtime.pool.lanes.open("news")
        spider.intake = Intake(runtime, spider.source_id, NOW, spider.lane)
        spider.steps = Steps(spider.source, runtime, spider.intake)
        yield spider


def offered(spider: NewsSpider, *paths: str) -> list[PageRow]:
    ledger = spider.runtime.archive.ledger
    ledger.offer(spider.source_id, None, [Offer(f"{SITE}{path}") for path in paths], NOW)
    pages = [ledger.page(f"{SITE}{path}") for path in paths]
    assert None not in pages
    return pages  # type: ignore[return-value]


def in_hand(spider: NewsSpider, page: PageRow) -> Visit:
    visit = spider.in_hand[page.id] = Visit(page, (page.url,))
    return visit


def row(spider: NewsSpider, page: PageRow) -> Any:
    return spider.runtime.archive.db.execute("SELECT * FROM pages WHERE id = ?", [page.id]).fetchone()


def test_a_page_whose_request_was_dropped_is_tried_again(spider: NewsSpider) -> None:
    [page] = offered(spider, "/a")
    visit = in_hand(spider, page)

    async def drop() -> None:
        spider.dropped(spider.page_request(visit))
        spider.dropped(Request(f"{SITE}/somebody-elses"))
        await asyncio.gather(*spider._tasks)

    asyncio.run(drop())
    assert spider.in_hand == {}
    assert (row(spider, page)["state"], row(spider, page)["attempts"]) == ("pending", 1)
    assert row(spider, page)["next_attempt_at"] == utc_text(NOW + timedelta(minutes=1))
    assert "dropped" in row(spider, page)["detail"]


@pytest.mark.parametrize("error", [sqlite3.IntegrityError("constraint"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no")])
def test_a_page_whose_end_cannot_be_written_stays_pending_and_is_not_claimed_for_ever(
    spider: NewsSpider, error: Exception
) -> None:
    [page] = offered(spider, "/a")
    spider.runtime.writer.fails = error  # type: ignore[attr-defined]
    asyncio.run(spider.settle(in_hand(spider, page), Settlement(Outcome.NOT_FOUND)))
    spider.runtime.writer.fails = None  # type: ignore[attr-defined]
    assert (spider.in_hand, spider.unsettled) == ({}, {page.id})
    assert row(spider, page)["state"] == "pending"
    assert asyncio.run(spider.intake.claim(8, spider.unsettled)) == []


def test_a_form_that_bears_nothing_is_refused(spider: NewsSpider) -> None:
    pages = offered(spider, *(f"/cal/{n}" for n in range(9)), "/other/slug")
    for page in pages[:3]:
        asyncio.run(spider.settle(in_hand(spider, page), Settlement(Outcome.NOT_ARTICLE, "a list", 200)))
    claimed = asyncio.run(spider.intake.claim(8, ()))
    assert [page.url for page in claimed] == [f"{SITE}/other/slug"]
    assert [row(spider, page)["outcome"] for page in pages[3:9]] == ["trap"] * 6
    assert "3 addresses like news.example/cal/# gave no article" in row(spider, pages[5])["detail"]
    assert spider.intake.refused == 6


def test_a_form_that_had_its_share_waits_while_others_do(spider: NewsSpider) -> None:
    pages = offered(spider, *(f"/n/{n}" for n in range(5)), "/other/slug")
    hand = {page.id for page in asyncio.run(spider.intake.claim(2, ()))}
    claimed = asyncio.run(spider.intake.claim(8, hand))
    assert [page.url for page in claimed] == [f"{SITE}/other/slug"]
    assert {row(spider, page)["next_attempt_at"] for page in pages[2:5]} == {utc_text(NOW + timedelta(minutes=10))}


def test_a_form_that_is_alone_goes_on(spider: NewsSpider) -> None:
    offered(spider, *(f"/n/{n}" for n in range(5)))
    hand: set[int] = set()
    for _ in range(5):
        hand |= {page.id for page in asyncio.run(spider.intake.claim(1, hand))}
    assert len(hand) == 5


@pytest.mark.parametrize(
    ("chain", "raw", "outcome"),
    [
        (["/a"], "/b", None),
        (["/a"], "/a#again", "redirect_loop"),
        (["/a", "/b"], "/a", "redirect_loop"),
        (["/a", "/b", "/c", "/d"], "/e", "redirect_loop"),
        (["/a"], "https://elsewhere.example/", "offsite"),
        (["/a"], "file:///etc/hostname", "blocked_network"),
        (["/a"], "http://127.0.0.1/", "blocked_network"),
        (["/a"], "http://[", "http_error"),
        (["/a"], "/x/y/x/y/x/y", "trap"),
    ],
)
def test_where_a_redirect_ends(spider: NewsSpider, chain: list[str], raw: str, outcome: str | None) -> None:
    from crawler.urls import join

    [page] = offered(spider, "/a")
    kept: Any = SimpleNamespace(exchange=SimpleNamespace(status=301))
    visit = Visit(page, tuple(SITE + path for path in chain), (kept,))
    end = spider.steps.redirect_end(visit, join(visit.chain[-1], raw), raw)
    assert (end and end.outcome) == outcome


def test_an_archive_that_gives_out_at_the_very_end_is_told_once(spider: NewsSpider) -> None:
    """The writer says what is wrong; the end of the run has nothing to add."""
    spider.run_id = 1
    spider.runtime.writer.fails = ArchiveError("the disk is full")
    asyncio.run(spider.close_run(spider, "shutdown"))
    assert spider.reason == "shutdown"

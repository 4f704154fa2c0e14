"""Going back in time: days, names of sitemaps, pages of feeds, budgets. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.backfill import Place
from archive.rows import Offer
from crawler.backfill.budget import Budget
from crawler.backfill.dates import EARLIEST, Days, days_of, origin, period_of
from crawler.backfill.listings import Part, candidates_of, is_stale, page_behind
from crawler.backfill.remote import Scope, scopes_of
from crawler.discovery.entry import Listing
from crawler.source import Feed, Section, Source

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "period"),
    [
        ("https://a.example/sitemap-2024-05.xml", ("2024-05-01", "2024-05-31")),
        ("https://a.example/sitemap_202402.xml.gz", ("2024-02-01", "2024-02-29")),
        ("https://a.example/2024/05/17.xml", ("2024-05-17", "2024-05-17")),
        ("https://a.example/sitemaps/2019/index-20190630-2.xml", ("2019-06-30", "2019-06-30")),
        ("https://a.example/sitemap-2019.xml", ("2019-01-01", "2019-12-31")),
        ("https://a.example/sitemap.xml?yyyy=2024&mm=05&dd=03", ("2024-05-03", "2024-05-03")),
        ("https://a.example/sitemap.xml?year=2024&month=05", ("2024-05-01", "2024-05-31")),
        ("https://a.example/sitemap-20240631.xml", None),
        ("https://2024.example/post-sitemap12.xml", None),
        ("https://a.example/sitemap-1202405123.xml", None),
    ],
)
def test_what_the_name_of_a_sitemap_tells(url: str, period: tuple[str, str] | None) -> None:
    found = period_of(url)
    assert (found and found.texts) == period


def test_the_days_that_are_gone_back_to() -> None:
    assert days_of("", "", NOW) == Days(EARLIEST, date(2026, 3, 3))
    assert days_of("2024-01-01", "2030-01-01", NOW) == Days(date(2024, 1, 1), date(2026, 3, 3))
    months = list(Days(date(2023, 12, 15), date(2024, 2, 10)).months())
    assert [month.texts for month in months] == [
        ("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31"), ("2023-12-01", "2023-12-31"),
    ]  # fmt: skip
    for since, until, said in (
        ("2026-03-04", "", "live crawl"),
        ("2024-02-02", "2024-02-01", "is after"),
        ("x", "", "not a day"),
    ):
        with pytest.raises(ValueError, match=said):
            days_of(since, until, NOW)


def test_what_turns_out_to_be_young_is_live() -> None:
    assert origin("", "2020-01-01", NOW) == ""
    assert origin("backfill:feeds", "2020-01-01", NOW) == origin("backfill:feeds", "", NOW) == "backfill:feeds"
    assert origin("backfill:feeds", "2026-03-05T01:00:00Z", NOW) == ""


def place(**more: object) -> Place:
    values = {"id": 1, "source_id": 1, "via": "sitemaps", "url": "u", "root": "r", "oldest": "", "newest": "", "position": "",
              "done": True, "attempts": 0, "read_at": "2026-03-05T11:00:00Z"}  # fmt: skip
    return Place(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "read_at", "stale"),
    [
        (Part("u", "", "", ""), "", True),
        (Part("u", "", "", ""), "2026-03-05T11:00:00Z", False),
        (Part("u", "", "", ""), "2026-03-01T11:00:00Z", True),
        (Part("u", "2026-01-01", "2026-01-31", ""), "2026-02-03T11:00:00Z", False),
        (Part("u", "2026-01-01", "2026-01-31", ""), "2026-01-20T11:00:00Z", True),
        (Part("u", "", "2026-03-04", "2026-03-04T00:00:00Z"), "2026-03-01T11:00:00Z", True),
        (Part("u", "", "2026-03-04", "2026-03-04T00:00:00Z"), "2026-03-04T11:00:00Z", False),
    ],
)
def test_when_a_sitemap_is_read_again(part: Part, read_at: str, stale: bool) -> None:
    assert is_stale(place(read_at=read_at), part, NOW) is stale


def test_the_best_time_that_is_known() -> None:
    month = place(oldest="2024-05-01", newest="2024-05-31")
    offers = [
        Offer("https://a.example/a", {"published": "2024-05-03T08:00:00Z"}, "2026-02-02T00:00:00Z"),
        Offer("https://a.example/2024/05/04/b", {}, "2026-02-02T00:00:00Z"),
        Offer("https://a.example/c", {}, "2026-02-02T00:00:00Z"),  # a whole site that was stamped anew
        Offer("https://a.example/d", {}, "2024-05-09T00:00:00Z"),
        Offer("https://a.example/2024/e", {}, ""),
    ]
    assert [one.moment[:10] for one in candidates_of(offers, month)] == [
        "2024-05-03", "2024-05-04", "2024-05-31", "2024-05-09", "2024-05-31",
    ]  # fmt: skip
    assert [one.moment[:10] for one in candidates_of(offers[2:], place())] == ["2026-02-02", "2024-05-09", ""]


@pytest.mark.parametrize(
    ("listing", "url", "behind"),
    [
        (
            Listing(prev_archive="https://a.example/4", next_page="https://a.example/2"),
            "https://a.example/f",
            "https://a.example/4",
        ),
        (Listing(next_page="https://a.example/2"), "https://a.example/f", "https://a.example/2"),
        (Listing(generator="https://wordpress.org/?v=6"), "https://a.example/f", "https://a.example/f?paged=2"),
        (
            Listing(generator="https://wordpress.org/?v=6"),
            "https://a.example/f?x=1&paged=2",
            "https://a.example/f?x=1&paged=3",
        ),
        (Listing(generator="hugo"), "https://a.example/f", ""),
    ],
    ids=["archive", "next", "wordpress", "wordpress again", "none"],
)
def test_the_page_behind(listing: Listing, url: str, behind: str) -> None:
    assert page_behind(listing, url) == behind


def test_budgets() -> None:
    budget = Budget(pages=5, requests=0, bytes=1000, pages_a_day=0)
    assert budget.pages_left() == 5 and not budget.exhausted
    budget.add(pages=2, requests=3, bytes=10)
    assert budget.pages_left() == 3 and budget.unsaved().requests == 3 and budget.unsaved().requests == 0
    budget.add(bytes=1000)
    assert budget.pages_left() == 0 and "bytes" in budget.exhausted
    assert Budget(0, 0, 0, 0).pages_left() > 1000


def test_what_archives_are_asked_for() -> None:
    def source(home: str, **more: object) -> Source:
        feeds = (Feed(url="https://feeds.example/a.xml"),)
        return Source(slug="a", name="A", home=home, country="fr", language="fr", timezone="UTC", feeds=feeds, **more)  # type: ignore[arg-type]

    assert scopes_of(source("https://www.a.example/")) == [Scope("host", "www.a.example")]
    assert scopes_of(source("https://www.a.example/afrique")) == [Scope("prefix", "www.a.example/afrique/")]
    assert scopes_of(source("https://www.a.example/fr/index.html")) == [Scope("prefix", "www.a.example/fr/")]
    more = source("https://a.example/", domains=("old.example",), sections=(Section(url="https://world.a.example/x"),))
    assert scopes_of(more) == [
        Scope("host", "a.example"),
        Scope("host", "world.a.example"),
        Scope("domain", "old.example"),
    ]
    assert scopes_of(source("http://127.0.0.1:8021/")) == []
    assert Scope.of(str(Scope("prefix", "a.example:80/x/"))) == Scope("prefix", "a.example:80/x/")

"""Trials: what of a source's yield is called broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.yields import PageYield
from crawler.catalog import parse_source
from crawler.source import Source
from crawler.trial import ListingReport, Trial, as_many_as_expected, as_record, at_most, filled_as_expected

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BASE = 'name = "P"\nhome = "https://p.example/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n[[feeds]]\nurl = "https://p.example/rss"\n'


def source(expect: str = "") -> Source:
    return parse_source(f"{BASE}[expect]\n{expect}", "p")


def listing(**changes: Any) -> ListingReport:
    values: dict[str, Any] = {
        "url": "https://p.example/rss", "kind": "feed", "name": "", "status": "active", "http_status": 200, "detail": "",
        "items": 20, "newest": NOW, "last_day": 10,
    }  # fmt: skip
    return ListingReport(**values | changes)


def article(**filled: str) -> PageYield:
    fields = {"title": "jsonld", "text": "trafilatura", "published": "jsonld", "authors": ""} | filled
    return PageYield("https://p.example/1", "stored", "", "Title", "2026-06-01T00:00:00Z", (), 300, fields)


def trial(listings: Sequence[ListingReport], pages: Sequence[PageYield], expect: str = "") -> Trial:
    return Trial(source(expect), tuple(listings), tuple(pages), NOW)


def test_all_well() -> None:
    well = trial([listing()], [article()] * 5, "articles_per_day = [5, 40]\nfilled = { title = 1.0, published = 0.95 }")
    assert well.faults == () and well.remarks == ()
    assert as_record(well)["faults"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "failing", "http_status": 404, "detail": "HTTP 404"}, "HTTP 404"),
        ({"status": "gone", "http_status": 410, "detail": ""}, "HTTP 410"),
        ({"items": 0}, "offers nothing"),
        ({"http_status": None, "detail": "the host is left alone"}, "left alone"),
    ],
    ids=["failing", "gone", "empty", "not asked"],
)
def test_a_broken_listing(changes: dict[str, Any], words: str) -> None:
    (fault,) = trial([listing(), listing(**changes)], [article()] * 5).faults
    assert words in fault


def test_a_listing_that_is_no_longer_fed_is_remarked() -> None:
    (remark,) = trial([listing(newest=NOW - timedelta(days=100))], [article()]).remarks
    assert "nothing new since 2026-02-21" in remark


def test_no_article_at_all() -> None:
    (fault,) = trial([listing()], [PageYield("u", "not_article", "a list")]).faults
    assert "no article was read in 1 pages (not_article)" in fault


def test_most_pages_fail() -> None:
    bad = PageYield("https://p.example/2", "http_error", "HTTP 403")
    assert len(trial([listing()], [article(), bad, bad]).faults) == 2
    assert trial([listing()], [article(), article(), article(), bad]).faults == ()


@pytest.mark.parametrize(
    ("have", "of", "expect", "broken"),
    [
        (5, 5, "filled = { authors = 0.9 }", False),
        (4, 5, "filled = { authors = 0.9 }", False),
        (2, 5, "filled = { authors = 0.9 }", True),
        (4, 5, "filled = { authors = 1.0 }", True),
        (0, 5, "", False),
        (0, 5, "filled = { authors = 0.2 }", False),
        (0, 20, "filled = { authors = 0.2 }", True),
    ],
)
def test_fields_fall_short_by_more_than_chance(have: int, of: int, expect: str, broken: bool) -> None:
    pages = [article(authors="jsonld")] * have + [article()] * (of - have)
    assert bool(list(filled_as_expected(pages, source(expect).expect))) is broken


def test_an_article_without_text_is_never_expected() -> None:
    (fault,) = filled_as_expected([article(), article(text="")], source().expect)
    assert fault.startswith("text: filled in 1 of 2")


@pytest.mark.parametrize(
    ("days", "fault"),
    [([10], False), ([2, 2], True), ([2, 4], False), ([50], True), ([None], False), ([None, 2], True)],
    ids=["within", "few", "enough together", "many", "not known", "few where it is known"],
)
def test_articles_of_a_day(days: list[int | None], fault: bool) -> None:
    reports = [listing(last_day=day) for day in days]
    assert bool(list(as_many_as_expected(reports, source("articles_per_day = [5, 40]").expect))) is fault


def test_the_chance_of_so_few() -> None:
    assert at_most(5, 5, 0.9) == pytest.approx(1.0)
    assert at_most(0, 1, 0.25) == pytest.approx(0.75)

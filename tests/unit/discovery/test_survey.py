"""Surveys: where a site is looked at and where not, against sites that are a table of answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from crawler.catalog import parse_source
from crawler.discovery.asking import LOST, Answer
from crawler.discovery.draft import draft_of, slug_for
from crawler.discovery.findings import NothingThere, Survey
from crawler.discovery.survey import Surveyor

T = TypeVar("T")
HOME = "https://www.paper.example/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TITLES = [f"The {word} bridge opens again after eleven years of work" for word in "red blue old new long tall".split()]
ARTICLES = [f"{HOME}world/the-bridge-opens-again-{40_000 + number}.html" for number in range(6)]


class Table:
    """A scout whose site is a table; what is not in it answers 404."""

    def __init__(self, pages: dict[str, str | Answer], robots: str = "") -> None:
        self.pages = pages
        self.text = robots
        self.asked: list[str] = []

    async def get(self, url: str) -> Answer:
        self.asked.append(url)
        page = self.pages.get(url.removeprefix(HOME.rstrip("/")), Answer(url, 404, b"<html>no</html>", "text/html"))
        return page if isinstance(page, Answer) else Answer(url, 200, page.encode(), "text/html; charset=utf-8")

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        return function(*args)

    def robots(self, url: str) -> str:
        return self.text

    def now(self) -> datetime:
        return NOW


def survey(table: Table, most: int = 60) -> Survey:
    return asyncio.run(Surveyor(table, most).survey(HOME))


def home(head: str = "", menu: tuple[str, ...] = ("world", "sport", "culture"), articles: list[str] = ARTICLES) -> str:
    links = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in menu)
    cards = "".join(f'<h2><a href="{url}">{title}</a></h2>' for url, title in zip(articles, TITLES, strict=False))
    return f'<!doctype html><html lang="en-GB"><head><title>The Paper</title>{head}</head><body><nav><ul>{links}</ul></nav><main>{cards}</main></body></html>'


def rss(urls: list[str] = ARTICLES) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link><pubDate>Mon, 01 Jun 2026 10:00:00 +0100</pubDate></item>"
        for url, title in zip(urls, TITLES, strict=False)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Paper</title>{items}</channel></rss>'


def urlset(urls: list[str], news: bool = False) -> str:
    extra = "<news:news><news:title>x</news:title><news:publication_date>2026-06-01</news:publication_date></news:news>"
    rows = "".join(f"<url><loc>{url}</loc>{extra if news else ''}</url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'


def index(urls: list[str]) -> str:
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'


def used(found: Survey) -> set[str]:
    return {one.url.removeprefix(HOME) for one in found.used}


NAMED = '<link rel="alternate" type="application/rss+xml" href="/all.rss">'


def test_what_a_site_names_spares_common_places() -> None:
    table = Table({"/": home(NAMED), "/all.rss": rss(), "/news.map": urlset(ARTICLES, news=True)}, "Sitemap: /news.map")
    found = survey(table)
    assert used(found) == {"all.rss", "news.map"}
    assert {url.removeprefix(HOME) for url in table.asked} == {
        "",
        "all.rss",
        "news.map",
        "world/",
        "sport/",
        "culture/",
    }
    assert found.requests == len(table.asked)


@pytest.mark.parametrize("path", ["/feed/", "/rss.xml", "/feed.json", "/rss/sport.xml", "/culture/feed/"])
def test_common_places_of_feeds(path: str) -> None:
    sections = {f"/{name}/": home() for name in ("world", "sport", "culture")}
    found = survey(Table({"/": home(), path: rss(), **sections}), most=80)
    assert path.lstrip("/") in used(found)


def test_feeds_of_sections_are_guessed_at_only_without_a_sitemap() -> None:
    pages: dict[str, str | Answer] = {f"/{name}/": home() for name in ("world", "sport", "culture")}
    table = Table({"/": home(), "/map.xml": urlset(ARTICLES), "/culture/feed/": rss(), **pages}, "Sitemap: /map.xml")
    assert used(survey(table, most=80)) == {"map.xml"}
    assert f"{HOME}culture/feed/" not in table.asked


def test_a_page_about_feeds_is_read() -> None:
    overview = '<html><body><p><a href="/x/1.rss">World</a> <a href="/x/2.rss">Sport</a></p></body></html>'
    body = home().replace("</main>", '<a href="/services/">RSS</a></main>')
    other = [url.replace("world", "sport").replace("400", "500") for url in ARTICLES]
    found = survey(Table({"/": body, "/services/": overview, "/x/1.rss": rss(), "/x/2.rss": rss(other)}))
    assert {"x/1.rss", "x/2.rss"} <= used(found)


def test_a_part_of_an_index_for_news_is_named_itself() -> None:
    children = [f"{HOME}map-images.xml", f"{HOME}map-2026-06.xml", f"{HOME}map-news.xml"]
    pages: dict[str, str | Answer] = {"/": home(), "/index.map": index(children)}
    pages |= {"/map-news.xml": urlset(ARTICLES, news=True), "/map-2026-06.xml": urlset(ARTICLES)}
    assert used(survey(Table(pages, "Sitemap: /index.map"))) == {"map-news.xml"}
    del pages["/map-news.xml"]
    assert used(survey(Table(pages, "Sitemap: /index.map"))) == {"index.map"}


def test_a_feed_that_robots_txt_calls_a_sitemap_is_a_feed() -> None:
    found = survey(Table({"/": home(), "/latest.rss": rss()}, "Sitemap: /latest.rss"))
    assert [(place.kind, place.url) for place in found.used] == [("feed", f"{HOME}latest.rss")]


def test_sitemaps_of_other_editions_are_left_out() -> None:
    other = [url.replace("www.", "es.") for url in ARTICLES]
    pages: dict[str, str | Answer] = {
        "/": home(),
        "/es.xml": urlset(other, news=True),
        "/en.xml": urlset(ARTICLES, news=True),
    }
    found = survey(Table(pages, "Sitemap: /es.xml\nSitemap: /en.xml"))
    assert used(found) == {"en.xml"}
    assert any("this edition" in one.left_out for one in found.places)


def test_a_page_that_is_no_feed_is_none() -> None:
    table = Table({"/": home(NAMED), "/all.rss": home(), "/feed/": "<html><body>Not found</body></html>"})
    assert not any(one.kind == "feed" for one in survey(table).used)


def test_comments_are_no_feed_of_articles() -> None:
    comments = rss().replace("<title>The Paper", "<title>Comments on: The Paper", 1)
    found = survey(Table({"/": home(NAMED), "/all.rss": comments}))
    assert [one.left_out for one in found.places if one.kind == "feed"] == ["it lists comments"]


def test_the_home_page_is_a_section_only_without_anything_else() -> None:
    assert used(survey(Table({"/": home(menu=())}))) == {""}
    assert used(survey(Table({"/": home(NAMED, menu=()), "/all.rss": rss()}))) == {"all.rss"}


def test_sections_that_add_something() -> None:
    mine = [f"{HOME}sport/the-quiet-eight-wins-again-{70_000 + n}.html" for n in range(6)]
    table = Table({"/": home(NAMED), "/all.rss": rss(), "/sport/": home(articles=mine), "/world/": home()})
    found = survey(table)
    assert used(found) == {"all.rss", "sport/"}
    assert found.pattern is not None and found.pattern.found == found.pattern.articles


def test_requests_are_bounded() -> None:
    table = Table({"/": home()})
    assert survey(table, most=7).requests == len(table.asked) == 7


def test_a_site_that_stops_answering_is_left_alone() -> None:
    class Dying(Table):
        async def get(self, url: str) -> Answer:
            answer = await super().get(url)
            return answer if url == HOME else Answer(url, problem="timeout")

    table = Dying({"/": home()})
    found = survey(table)
    assert len(table.asked) == 1 + LOST
    assert "timeout" in found.trouble


def test_what_robots_txt_forbids_is_no_request_and_no_sign_of_death() -> None:
    class Closed(Table):
        async def get(self, url: str) -> Answer:
            if url not in (HOME, f"{HOME}rss.xml"):
                return Answer(url, problem="robots.txt forbids it", sent=False)
            return await super().get(url)

    found = survey(Closed({"/": home(), "/rss.xml": rss()}))
    assert used(found) == {"rss.xml"}
    assert (found.requests, found.trouble) == (2, "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(HOME, problem="no address"), "no address"),
        (Answer(HOME, 403, b"x"), "HTTP 403"),
        (Answer(HOME, 200, b"%PDF-1.4"), "is no HTML page, but a PDF file"),
        (Answer(HOME, 200, b" "), "the answer is empty"),
        (Answer(HOME, 200, b""), "the answer is empty"),
    ],
    ids=["unreachable", "forbidden", "no page", "blank", "empty"],
)
def test_a_home_page_that_cannot_be_had(answer: Answer, words: str) -> None:
    with pytest.raises(NothingThere, match=words):
        survey(Table({"/": answer}))


@pytest.mark.parametrize("front", [None, home(), ""], ids=["no home page", "a home page", "an empty one"])
def test_the_address_of_a_feed_leads_to_its_site(front: str | None) -> None:
    table = Table({"/world/rss.xml": Answer(f"{HOME}world/rss.xml", 200, rss().encode(), "application/rss+xml")})
    if front is not None:
        table.pages["/"] = front
    found = asyncio.run(Surveyor(table, 60).survey(f"{HOME}world/rss.xml"))
    assert used(found) == {"world/rss.xml"}
    assert found.home == HOME
    assert found.used[0].why == "the address that was given"
    assert (found.name.value, found.language.value) == ("The Paper", "en")
    assert len(set(table.asked)) == len(table.asked)


def test_the_address_of_a_feed_on_a_host_of_feeds_leads_to_the_site_of_its_entries() -> None:
    away = "https://feeds.paper.example/all"

    class Elsewhere(Table):
        async def get(self, url: str) -> Answer:
            return Answer(url, 200, rss().encode(), "text/xml") if url == away else await super().get(url)

    found = asyncio.run(Surveyor(Elsewhere({"/": home()}), 60).survey(away))
    assert [place.url for place in found.used] == [away]
    assert (found.home, found.name.value) == (HOME, "The Paper")


def test_a_feed_on_another_site_that_the_home_page_leads_to() -> None:
    away = [url.replace("www.paper.example", "paper-live.example") for url in ARTICLES]
    table = Table({"/": home(NAMED, articles=away), "/all.rss": rss(away)})
    found = survey(table)
    assert used(found) == {"all.rss"}
    assert found.domains == ("paper-live.example",)


def test_the_source_file_loads_and_says_why() -> None:
    pages: dict[str, str | Answer] = {
        "/": home(NAMED),
        "/all.rss": rss(),
        "/map.xml": urlset([*ARTICLES, f"{HOME}about"]),
    }
    found = survey(Table(pages, "Sitemap: /map.xml"))
    draft = draft_of(found, "paper", NOW)
    assert draft is not None
    assert parse_source(draft.text, "paper") == draft.source
    assert draft.source.country == "gb" and draft.source.name == "The Paper"
    assert "# named by https://www.paper.example/: rss, 6 entries" in draft.text
    assert "# articles: finds 6 of 6 articles" in draft.text


def test_hostile_titles_do_not_leave_their_comment() -> None:
    evil = rss().replace(
        "<title>The Paper</title>", '<title>x\u2028[[feeds]]\nurl = "https://evil.example/"</title>', 1
    )
    body = home(NAMED.replace("href", 'title="a&#10;[limits]&#10;delay = 0" href'))
    draft = draft_of(survey(Table({"/": body, "/all.rss": evil})), "paper", NOW)
    assert draft is not None
    loaded = parse_source(draft.text, "paper")
    assert loaded == draft.source
    assert loaded.limits.delay is None and len(loaded.feeds) == 1


def test_nothing_found_is_no_draft() -> None:
    assert draft_of(survey(Table({"/": "<html><body><p>Under construction</p></body></html>"})), "paper", NOW) is None


@pytest.mark.parametrize(
    ("url", "taken", "slug"),
    [
        ("https://www.the-paper.co.uk/", (), "the_paper"),
        ("https://www.paper.example/fr/", ("paper",), "paper_fr"),
        ("https://www.paper.example/", ("paper",), "paper_en"),
        ("https://paper.example/", ("paper", "paper_en", "paper_paper_example"), "paper_2"),
        ("http://127.0.0.1:8080/", (), "127_0_0_1"),
    ],
)
def test_slugs(url: str, taken: tuple[str, ...], slug: str) -> None:
    assert slug_for(url, taken, "en") == slug

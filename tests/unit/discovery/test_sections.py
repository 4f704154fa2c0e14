"""Section pages: which links are articles."""

from __future__ import annotations

import time

import pytest

from crawler.discovery.links import MAX_LINKS
from crawler.discovery.sections import parse_section
from crawler.errors import FeedError
from crawler.urls import canonical
from tests.unit.discovery.pages import ARABIC, CARDS, DATED_LIST, JAPANESE, OLD_TABLE, PAGES, RUSSIAN, SectionPage

CONTENT_TYPES = {RUSSIAN.name: "text/html; charset=windows-1251"}


def found(page: SectionPage, pattern: str | None = None) -> dict[str, str]:
    listing = parse_section(page.data, page.url, CONTENT_TYPES.get(page.name, "text/html"), pattern)
    return {canonical(entry.url): entry.title for entry in listing.entries}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_articles_of_a_page(page: SectionPage) -> None:
    links = found(page)
    right = links.keys() & page.articles
    assert len(right) / len(page.articles) == 1.0, f"missed: {sorted(page.articles - links.keys())}"
    assert len(right) / len(links) == 1.0, f"wrongly taken: {sorted(links.keys() - page.articles)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_order(page: SectionPage) -> None:
    links = list(found(page))
    assert len(links) == len(set(links))
    if page is DATED_LIST:
        assert [link.rstrip("/").rsplit("/", 1)[1][:5] for link in links] == [
            "harbo",
            "river",
            "minis",
            "glaci",
            "quake",
        ]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (CARDS, "Neue Brücke über die Elbe freigegeben"),
        (OLD_TABLE, "La ville de Qinzhou inaugure un canal long de cent kilomètres"),
        (RUSSIAN, "Новый ледокол вышел в первый рейс"),
        (JAPANESE, "南の島に新しい灯台が完成"),
        (ARABIC, "افتتاح جسر جديد في المدينة القديمة"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_title_is_the_headline(page: SectionPage, title: str) -> None:
    assert title in found(page).values()


def test_pattern_decides_alone() -> None:
    html = (
        b"<a href='/x/1'>a</a><a href='/tag/2'>A headline that is long enough for anybody to see</a>"
        b"<a href='//o.org/x/3'>b</a>"
    )
    listing = parse_section(html, "https://e.org/", pattern=r"/x/\d$")
    assert [entry.url for entry in listing.entries] == ["https://e.org/x/1", "https://o.org/x/3"]
    owned = parse_section(html, "https://e.org/", pattern=r"/x/\d$", owns=lambda url: url.startswith("https://e.org/"))
    assert [entry.url for entry in owned.entries] == ["https://e.org/x/1"]


def test_other_hosts_need_to_be_owned() -> None:
    html = "".join(
        f"<li><a href='https://{host}/2026/11/2{n}/a-long-slug-of-a-story'>A headline, and a long one {n}</a></li>"
        for n, host in enumerate(["news.e.org", "e.org", "elsewhere.org"])
    ).encode()
    urls = [entry.url for entry in parse_section(html, "https://www.e.org/").entries]
    assert [url.split("/")[2] for url in urls] == ["news.e.org", "e.org"]
    only = parse_section(html, "https://www.e.org/", owns=lambda url: "//elsewhere.org/" in url).entries
    assert [entry.url.split("/")[2] for entry in only] == ["elsewhere.org"]


@pytest.mark.parametrize(
    "path",
    [
        "/world/articles/cy8103xklreo",
        "/articles/AST1F4445T1FUTIL02SM.html",
        "/a-65464327",
        "/weather/storm-reaches-the-northern-coast-at-night",
        "/tema/maira-deler-supergrepet-mot-kulda/81717808",
        "/archives/123456",
        "/view.php?lang=fr&id=4711",
    ],
)
def test_forms_of_addresses_that_are_articles(path: str) -> None:
    html = (
        f"<main><p><a href='{path}'>A headline that is long enough to be the title of a story</a></p></main>".encode()
    )
    assert [entry.url for entry in parse_section(html, "https://e.org/news/").entries] == ["https://e.org" + path]


LIST = "".join(
    f"<li><a href='/world/2026/a-story-of-the-river-{n}-{n}'>A headline that is long enough to be one: {n}</a></li>"
    for n in range(5)
)


def chosen(extra: str) -> list[str]:
    html = f"<ul class=list>{LIST}</ul>{extra}".encode()
    urls = [entry.url.removeprefix("https://e.org") for entry in parse_section(html, "https://e.org/world").entries]
    assert sum(url.startswith("/world/2026/") for url in urls) >= 5
    return [url for url in urls if "-of-the-river-" not in url]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<footer>", "</footer>"),
        ("<nav>", "</nav>"),
        ("<div role=navigation>", "</div>"),
        ("<div class='main-menu'>", "</div>"),
    ],
)
def test_long_links_of_menus_and_footers_are_no_articles(before: str, after: str) -> None:
    link = "<a href='/company/how-we-report-and-correct'>How we report and how we correct our mistakes</a>"
    assert chosen(before + link + after) == []
    assert chosen("<div class=c>" + link + "</div>") == ["/company/how-we-report-and-correct"]


def test_header_of_a_card_is_not_the_header_of_the_page() -> None:
    link = "<h2><a href='/world/night-train-opens'>Night train opens on Sunday</a></h2>"
    assert chosen(f"<article class=card><header>{link}</header></article>") == ["/world/night-train-opens"]
    assert chosen(f"<header><ul><li>{link}</li></ul></header>") == []


def test_the_form_of_its_likes_vouches_for_a_short_headline() -> None:
    assert chosen("<section><p><a href='/world/2026/quake-in-north-77-77'>Strong quake in the</a></p></section>") == [
        "/world/2026/quake-in-north-77-77"
    ]


def test_labels_of_the_same_form_are_told_apart_by_their_prefix() -> None:
    html = "".join(
        f"<li><a href='/de/a-654643{n}'>Eine Überschrift von einiger Länge, Nummer {n}</a></li>" for n in range(9)
    )
    html += "".join(f"<li><a href='/de/s-102{n}'>Thema {n}</a></li>" for n in range(40))
    urls = [entry.url for entry in parse_section(html.encode(), "https://e.org/").entries]
    assert len(urls) == 9
    assert all("/a-" in url for url in urls)


def test_next_page_language_and_title() -> None:
    listing = parse_section(DATED_LIST.data, DATED_LIST.url)
    assert listing.next_page == "https://courier.example/world/page/2/"
    assert (listing.kind, listing.language, listing.title) == ("section", "en", "World | Courier")


@pytest.mark.parametrize(
    "href",
    [
        "/",
        "/world/",
        "/tag/a-long-name-of-a-tag",
        "/author/jane-van-der-doe",
        "/world/page/3",
        "/login",
        "/photo-of-the-day.jpg",
        "/2026/11/",
        "/nachrichten/schleswig-holstein/index.html",
        "/report-of-the-year.pdf",
        "#top",
        "javascript:go()",
        "/search?q=a+long+query",
        "/about-us",
        "/feed/rss.xml",
    ],
)
def test_never_an_article(href: str) -> None:
    html = (
        f"<main><p><a href='{href}'>A headline that is long enough to be the title of a story</a></p></main>".encode()
    )
    assert parse_section(html, "https://e.org/world/europe").entries == ()


def test_page_without_articles_says_so() -> None:
    listing = parse_section(b"<nav><a href='/a'>A</a><a href='/b'>B</a></nav>", "https://e.org/")
    assert listing.entries == ()
    assert listing.problems == ("none of 2 links looks like an article",)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "empty"), (b"  \n", "empty"), (b"%PDF-1.7 ...", "PDF"), (b'{"a": 1}', "JSON"), (b"hello", "text")],
)
def test_not_a_page(data: bytes, what: str) -> None:
    with pytest.raises(FeedError, match=what):
        parse_section(data, "https://e.org/")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<div>" * 20_000 + b"<a href=/x>y</a>", id="deep nesting"),
        pytest.param(b"<a href=/x" * 20_000, id="unclosed tags"),
        pytest.param(b"<p>\0\xff\xfe<a href='http://[x'>y</a><a href='\x00'>z</a>", id="nul and bad bytes"),
        pytest.param("<a href='/\udc80'>x</a>".encode("utf-8", "surrogatepass"), id="surrogate"),
    ],
)
def test_hostile_markup_is_survived(data: bytes) -> None:
    assert parse_section(data, "https://e.org/").kind == "section"


def test_links_are_bounded() -> None:
    one = b"<li><a href='/2026/11/22/story-number-%d-of-many'>A headline that is long enough to be one</a></li>"
    listing = parse_section(b"".join(one % n for n in range(MAX_LINKS + 500)), "https://e.org/")
    assert len(listing.entries) == MAX_LINKS
    assert any("only the first" in problem for problem in listing.problems)


@pytest.mark.parametrize("piece", ["<li class=a{0}><b><a href=/s/{0}>text</a>", "<a href=/s/{0}><div>", "<a href=/s>"])
def test_time_grows_with_the_page_and_not_with_its_square(piece: str) -> None:
    def cost(count: int) -> float:
        html = "".join(piece.format(n) for n in range(count)).encode()
        start = time.process_time()
        parse_section(html, "https://e.org/")
        return time.process_time() - start

    cost(100)
    assert cost(4_000) < 25 * max(cost(500), 0.01)

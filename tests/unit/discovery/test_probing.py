"""Probing: what is worth a look, in which order, and what an answer is worth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.discovery import probing
from crawler.discovery.entry import Entry, Listing
from crawler.discovery.homepage import read_site_page
from crawler.discovery.links import read_links

HOME = "https://www.paper.example/"


def owns(url: str) -> bool:
    return url.startswith(HOME)


def feed(*paths: str, title: str = "Paper", kind: str = "rss") -> Listing:
    return Listing(tuple(Entry(HOME + path if "://" not in path else path) for path in paths), kind=kind, title=title)


def test_named_feeds_are_those_of_articles() -> None:
    head = """<link rel="alternate" type="application/rss+xml" title="World" href="/world.rss">
    <link rel="alternate" type="application/rss+xml" title="Paper » Comments" href="/comments/feed/">
    <link rel="alternate" type="application/atom+xml; charset=utf-8" href="//feeds.example/paper.atom">
    <link rel="alternate" hreflang="fr" href="/fr/"><link rel="stylesheet" href="/feed.css">
    <link rel="alternate" type="application/rss+xml" href="/world.rss">"""
    page = read_site_page(f"<html><head>{head}</head><body><p>x</p></body></html>".encode(), HOME)
    found = probing.named_feeds(page)
    assert [one.url for one in found] == [f"{HOME}world.rss", "https://feeds.example/paper.atom"]
    assert found[0].name == "World"


def test_links_that_look_like_feeds() -> None:
    body = """<a href="/rss/monde.xml">Monde</a><a href="/services">RSS</a><a href="/sitemap.xml">Map</a>
    <a href="/express/xmlhttp">x</a><a href="https://other.example/rss.xml">Other</a><a href="/feedback">Feedback</a>
    <a href="/comments/feed/">Comments</a><a href="https://feeds.feedburner.com/paper">RSS feed</a>"""
    page = read_links(f"<html><body>{body}</body></html>".encode(), HOME)
    assert page is not None
    urls = [one.url for one in probing.linked_feeds(page, owns, HOME)]
    assert urls == [f"{HOME}rss/monde.xml", f"{HOME}services", "https://feeds.feedburner.com/paper"]


def test_places_below_the_folder_of_an_edition_come_first() -> None:
    urls = [one.url for one in probing.feed_places("https://www.paper.example/fr/")]
    assert urls[0] == "https://www.paper.example/fr/feed/"
    assert "https://www.paper.example/feed/" in urls


def test_places_of_a_section_one_form_at_a_time() -> None:
    forms = [[one.url for one in form] for form in probing.section_feed_places([f"{HOME}world/", f"{HOME}a/sport"])]
    assert forms[0] == [f"{HOME}rss/world.xml", f"{HOME}rss/sport.xml"]
    assert [f"{HOME}world/feed/", f"{HOME}a/sport/feed/"] in forms


def test_sitemaps_of_robots_txt_news_first() -> None:
    robots = """User-agent: *
Disallow: /x
Sitemap: https://www.paper.example/sitemap-video.xml
sitemap: /sitemap.xml
 Sitemap : https://www.paper.example/news-sitemap.xml
# Sitemap: https://www.paper.example/old.xml
Sitemap: /sitemap.xml
"""
    urls = [one.url for one in probing.sitemaps_named(robots, HOME)]
    assert urls == [f"{HOME}news-sitemap.xml", f"{HOME}sitemap.xml", f"{HOME}sitemap-video.xml"]


@pytest.mark.parametrize(
    ("listing", "fault"),
    [
        (feed("a", "b", "c"), ""),
        (feed("a", "b", "https://partner.example/c"), ""),
        (feed(), "it is empty"),
        (feed("a", "b", "c", title="Comments on: Paper"), "it lists comments"),
        (feed("a", kind="sitemap"), "it is a sitemap"),
        (
            feed("a", "https://x.example/1", "https://x.example/2"),
            "only 1 of its 3 links lead to this site, or this edition of it",
        ),
        (feed("https://feeds.feedburner.com/~r/1", "https://feeds.feedburner.com/~r/2"), ""),
    ],
    ids=["own", "a partner", "empty", "comments", "sitemap", "another site", "counted clicks"],
)
def test_what_a_feed_is_worth(listing: Listing, fault: str) -> None:
    assert probing.fault_of_feed(listing, owns) == fault


@pytest.mark.parametrize(
    ("listing", "fault"),
    [
        (feed("x", kind="newssitemap"), ""),
        (feed("2026/05/04/bridge-opens-after-storm", "about", kind="sitemap"), ""),
        (feed("about", "contact", "x", "y", kind="sitemap"), "0 of its 4 links look like articles"),
        (feed("k1", "k2", "k3", "about", kind="sitemap"), ""),
        (feed(kind="sitemap"), "it is empty"),
        (feed("https://x.example/1", kind="sitemap"), "none of its links leads to this site, or this edition of it"),
    ],
    ids=["news", "article-like", "pages", "known articles", "empty", "another site"],
)
def test_what_a_sitemap_is_worth(listing: Listing, fault: str) -> None:
    assert probing.fault_of_sitemap(listing, owns, {f"{HOME}k{n}" for n in (1, 2, 3)}) == fault


def test_a_twin_has_all_the_entries() -> None:
    small, large = frozenset("ab"), frozenset("abcd")
    assert probing.twin(small, [("large", large)]) == "large"
    assert probing.twin(large, [("small", small)]) == ""


def test_parts_of_an_index_that_last() -> None:
    assert probing.lasting(f"{HOME}sitemaps/news.xml")
    assert not probing.lasting(f"{HOME}sitemaps/news-2026-05.xml")


def test_main_site() -> None:
    entries = [Entry(f"https://www.other.example/{n}") for n in range(9)]
    assert probing.main_site([*entries, Entry(HOME)]) == "other.example"
    assert probing.main_site([*entries[:2], Entry(HOME)]) == ""


def test_newest() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert probing.newest_of([Entry("a", published=early), Entry("b", updated=late), Entry("c")]) == late
    assert probing.newest_of([Entry("c")]) is None

"""Home pages: what a page says of its publisher."""

from __future__ import annotations

import pytest

from crawler.discovery.homepage import Said, read_site_page
from crawler.errors import FeedError

URL = "https://www.paper.example/"
PAGE = """<!doctype html><html lang="fr-BE"><head><title>Une | Le Journal</title>
<meta property="og:site_name" content="Le Journal &amp; Cie"><meta property="og:locale" content="fr_BE">
<meta name="geo.region" content="BE-BRU"><link rel="sitemap" href="/plan.xml">
<link rel="alternate" type="application/rss+xml" href="/une.rss" title="Une">
<script type="application/ld+json">{"@type": "WebPage", "publisher": {"@type": "NewsMediaOrganization",
"name": "Journal SA", "address": {"addressCountry": "BE"}}}</script></head>
<body><p><a href="/a" type="application/atom+xml">Atom</a></p></body></html>"""


def test_what_a_page_says() -> None:
    page = read_site_page(PAGE.encode(), URL, "text/html; charset=utf-8")
    assert page.names == (
        Said("Le Journal & Cie", "og:site_name"), Said("Journal SA", "JSON-LD"), Said("Une | Le Journal", "<title>"),
    )  # fmt: skip
    assert [one.value for one in page.locales] == ["fr-BE", "fr_BE"]
    assert [one.value for one in page.countries] == ["BE", "BE"]
    assert page.feeds == (Said(f"{URL}une.rss", "Une"), Said(f"{URL}a", ""))
    assert page.sitemaps == (f"{URL}plan.xml",)


@pytest.mark.parametrize(
    ("link", "feed"),
    [
        ('rel="alternate" type="text/xml" href="/f"', f"{URL}f"),
        ('rel="Alternate" type="application/xml; charset=utf-8" href="/f"', f"{URL}f"),
        ('rel="alternate" type="application/x-rss+xml" href="/f"', f"{URL}f"),
        ('rel="alternate" type="text/rss" href="/f"', f"{URL}f"),
        ('rel="alternate" type="application/rss+xml" href="feed://www.paper.example/f"', f"{URL}f"),
        ('rel="alternate" type="application/rss+xml" href="feed:http://www.paper.example/f"', "http://www.paper.example/f"),
        ('rel="alternate" type="application/rss+xml" href="feed://http://www.paper.example/f"', "http://www.paper.example/f"),
        ('rel="alternate" type="text/xml+oembed" href="/f"', ""),
        ('rel="alternate" type="application/json" href="/f"', ""),
        ('rel="alternate" hreflang="fr" href="/f"', ""),
        ('rel="stylesheet" type="text/xml" href="/f"', ""),
    ],
)  # fmt: skip
def test_what_a_page_names_as_a_feed(link: str, feed: str) -> None:
    page = read_site_page(f"<html><head><link {link}></head><body><p>x</p></body></html>".encode(), URL)
    assert [one.value for one in page.feeds] == [feed] * bool(feed)


def test_addresses_are_relative_to_the_base_of_the_page() -> None:
    page = read_site_page(PAGE.replace("<head>", '<head><base href="/news/">').replace('"/', '"').encode(), URL)
    assert [one.value for one in page.feeds] == [f"{URL}news/une.rss", f"{URL}news/a"]
    assert page.sitemaps == (f"{URL}news/plan.xml",)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"{}"], ids=["nothing", "a PDF", "JSON"])
def test_what_is_no_page(data: bytes) -> None:
    with pytest.raises(FeedError):
        read_site_page(data, URL)


def test_hostile_json_ld_is_no_trouble() -> None:
    page = read_site_page(PAGE.replace('"BE"}', '{"name": ["x"]}}').replace('"Journal SA"', "[1]").encode(), URL)
    assert [one.where for one in page.names] == ["og:site_name", "<title>"]

"""Editions: which part of a site is a source's own."""

from __future__ import annotations

import pytest

from crawler.discovery.edition import Edition


@pytest.mark.parametrize(
    ("home", "articles", "url", "own"),
    [
        ("https://paper.example/", "https://www.paper.example/a", "https://www.paper.example/x", True),
        ("https://fr.paper.example/", "https://fr.paper.example/a", "https://de.paper.example/x", False),
        ("https://www.paper.example/fr/", "https://www.paper.example/fr/a", "https://www.paper.example/en/x", False),
        ("https://www.paper.example/fr/", "https://www.paper.example/fr/a", "https://www.paper.example/fr/x", True),
        ("https://www.paper.example/fr/", "https://www.paper.example/2026/a", "https://www.paper.example/en/x", True),
        ("https://www.paper.example/", "https://sport.paper.example/a", "https://sport.paper.example/x", True),
        ("https://www.paper.example/", "https://www.paper.example/a", "https://elsewhere.example/x", False),
    ],
    ids=["www", "host", "another folder", "its folder", "no folder of its own", "subdomain", "elsewhere"],
)
def test_what_is_of_this_edition(home: str, articles: str, url: str, own: bool) -> None:
    assert Edition(home, [f"{articles}{n}" for n in range(6)]).has(url) is own


def test_without_articles_the_whole_site_is() -> None:
    assert Edition("https://fr.paper.example/", ["https://fr.paper.example/a"]).has("https://de.paper.example/x")


def test_a_site_that_its_feeds_lead_to_is_taken_in() -> None:
    edition = Edition("https://fr.paper.example/fr/", [f"https://fr.paper.example/fr/{n}" for n in range(6)])
    edition.widen("paper-live.example", ["https://www.paper-live.example/1"])
    assert edition.has("https://paper-live.example/2") and edition.owns("https://paper-live.example/2")
    assert edition.sites == {"paper.example", "paper-live.example"}

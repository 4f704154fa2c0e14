"""What the form of a URL says of the article behind it."""

from __future__ import annotations

import pytest

from archive.addresses import is_above, is_front_page, is_renamed, number_of, variant_key


@pytest.mark.parametrize(
    "variant",
    [
        "https://www.example.com/world/story-1",
        "http://m.example.com/world/story-1/",
        "https://amp.example.com/world/story-1",
        "https://mobile.example.com/world/story-1",
        "https://www.example.com/amp/world/story-1",
        "https://example.com/world/story-1/amp",
        "https://example.com/world/story-1/amp/",
        "https://example.com/world/story-1?amp=1",
        "https://example.com/world/story-1?amp",
        "https://example.com/world/story-1?outputType=amp",
        "https://example.com/m/world/story-1",
        "https://example.com/world/story-1/index.html",
        "https://example.com/world/story-1.amp",
        "https://www.m.example.com/world/story-1",
        "https://example.com/world/story-1/amp.html",
    ],
)
def test_variants_share_a_key(variant: str) -> None:
    assert variant_key(variant) == variant_key("https://example.com/world/story-1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/a?id=1", "https://e.org/a?id=2"),
        ("https://e.org/a", "https://e.org/b"),
        ("https://fr.e.org/a", "https://de.e.org/a"),
        ("https://m.org/a", "https://www.org/a"),
        ("https://e.org/stamp", "https://e.org/st"),
        ("https://e.org/x.html", "https://e.org/x.php"),
    ],
)
def test_articles_keep_their_keys(one: str, other: str) -> None:
    assert variant_key(one) != variant_key(other)


def test_amp_in_the_file_name() -> None:
    assert variant_key("https://e.org/a/x.amp.html") == variant_key("https://e.org/a/x.html")


NUMBERS = {
    "https://e.org/news/world-europe-68123456": "68123456",
    "https://e.org/2026/03/05/ferry-sails-1234567.html": "1234567",
    "https://e.org/article/4711234/ferry-sails": "4711234",
    "https://e.org/n3/2026/0305/c90000-10234567.html": "10234567",
    "https://e.org/news/articles/c4nx12abc34o": "c4nx12abc34o",
    "https://e.org/a/65e7a1b2c3d4e5f6a7b8c9d0": "65e7a1b2c3d4e5f6a7b8c9d0",
    "https://e.org/a/ferry-6f9619ff-8b86-4011-b42d-00cf4fc964ff": "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
    "https://e.org/ferry/a-65432109": "65432109",
    "https://e.org/2026/03/05/ferry-sails": "",
    "https://e.org/20260305/ferry-sails": "",
    "https://e.org/t20260305.html": "",
    "https://e.org/world/ferry-sails-at-nine": "",
}


@pytest.mark.parametrize(("url", "number"), NUMBERS.items(), ids=NUMBERS)
def test_numbers(url: str, number: str) -> None:
    assert number_of(url) == number


RENAMED = {
    "the slug before the number": ("https://e.org/ferry-sails-1234567.html", "https://e.org/ferry-sinks-1234567.html", True),
    "the slug after the number": ("https://e.org/a/1234567/ferry-sails", "https://e.org/a/1234567/ferry-sinks", True),
    "slug and section": ("https://e.org/world/ferry-sails-1234567", "https://e.org/sea/ferry-sinks-1234567", True),
    "an accented slug": ("https://e.org/1234567-le-bateau", "https://e.org/1234567-la-for%C3%AAt-br%C3%BBle", True),
    "another number": ("https://e.org/ferry-sails-1234567.html", "https://e.org/ferry-sails-1234568.html", False),
    "the mobile page": ("https://e.org/ferry-sails-1234567", "https://m.e.org/ferry-sails-1234567", False),
    "the AMP page": ("https://e.org/ferry-sails-1234567", "https://e.org/amp/ferry-sails-1234567", False),
    "a print view": ("https://e.org/news/ferry-sails-1234567", "https://e.org/print/ferry-sails-1234567", False),
    "a part of it": ("https://e.org/ferry-sails-1234567", "https://e.org/ferry-sails-1234567/comments-of-readers", False),
    "another site": ("https://a.e.org/ferry-sails-1234567", "https://b.e.org/ferry-sinks-1234567", False),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "renamed"), RENAMED.values(), ids=RENAMED)
def test_renamed(before: str, after: str, renamed: bool) -> None:
    assert is_renamed(before, after) is renamed


@pytest.mark.parametrize(
    ("url", "front"),
    [
        ("https://e.org/", True),
        ("https://e.org/index.html", True),
        ("https://e.org/en/", True),
        ("https://e.org/pt-br", True),
        ("https://e.org/?p=7", False),
        ("https://e.org/world/", False),
        ("https://e.org/ferry", False),
    ],
)
def test_front_pages(url: str, front: bool) -> None:
    assert is_front_page(url) is front


ABOVE = {
    "a section": ("https://e.org/world/", "https://e.org/world/2026/ferry-sails-at-nine", True),
    "a section of two words": ("https://e.org/world-europe/", "https://e.org/world-europe/ferry-sails-at-nine", True),
    "a day": ("https://e.org/2026/03/05/", "https://e.org/2026/03/05/ferry-sails", True),
    "a section of numbered articles": ("https://e.org/news", "https://e.org/news/1234567", True),
    "the page without amp": ("https://e.org/ferry-sails", "https://e.org/ferry-sails/amp", False),
    "the first of its pages": ("https://e.org/ferry-sails/", "https://e.org/ferry-sails/page/2/", False),
    "a number with any slug": ("https://e.org/a/1234567", "https://e.org/a/1234567/ferry-sails", False),
    "another article": ("https://e.org/world/ferry-sinks", "https://e.org/world/ferry-sails", False),
    "another site": ("https://a.org/world/", "https://e.org/world/ferry-sails", False),
    "itself": ("https://e.org/world/ferry-sails", "https://e.org/world/ferry-sails", False),
}


@pytest.mark.parametrize(("url", "page", "above"), ABOVE.values(), ids=ABOVE)
def test_sections_above_a_page(url: str, page: str, above: bool) -> None:
    assert is_above(url, page) is above

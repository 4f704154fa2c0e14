"""Traps: which addresses are refused by their form, what their form is, and when a form is given up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.catalog import SHIPPED, Catalog
from crawler.traps import Harvest, form_of, refusal
from crawler.urls import MAX_LENGTH, canonical

SITE = "https://news.example"


@pytest.mark.parametrize(
    "path",
    [
        "/a/b/a/b", "/x/a/b/a/b/y", "/news/news/news/slug", "/a/b/c/a/b/c/slug", "/" + "/".join("abcdefghijklmnop"),
        "/list?" + "&".join(f"f{n}=1" for n in range(13)), "/" + "a" * MAX_LENGTH, "/a/2/a/2", "/A%42/x/AB/x",
    ],
    ids=lambda path: str(path)[:25],
)  # fmt: skip
def test_refused(path: str) -> None:
    assert refusal(SITE + path)


@pytest.mark.parametrize(
    "path",
    [
        "/", "", "/news/news/slug-of-it", "/2024/11/11/slug", "/2011/11/11/11/11", "/world/europe/world-leaders/slug",
        "/a/b/a/c", "/news/world/2024/news/slug", "/n3/2024/1124/c31354-20245678.html", "/article?id=1&lang=en&page=2",
        "/a/b/c/d/e/f/g/h/i/j", "/de/de/panorama/x-1.2345",
    ],
)  # fmt: skip
def test_not_refused(path: str) -> None:
    assert refusal(SITE + path) == ""


def test_no_place_of_the_catalogue_is_refused() -> None:
    urls = [url for source in Catalog.load([SHIPPED]).sources.values() for url in (source.home, *source.places)]
    assert len(urls) > 400
    assert [url for url in urls if refusal(url)] == []


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/cal/2024/01", "/cal/#/#"),
        ("/cal/2024-01-02", "/cal/#-#-#"),
        ("/2024/11/24/the-slug-of-it.html", "/#/#/#/*.html"),
        ("/world/a-long-name/12345", "/world/*/#"),
        ("/shop?size=2&color=red", "/*?color&size"),
        ("/shop?color=blue&size=", "/*?color&size"),
        ("/tag/word", "/tag/*"),
        ("/", "/"),
        ("/article123/x", "/article#/*"),
    ],
)
def test_form(path: str, form: str) -> None:
    assert form_of(SITE + path) == "news.example" + form


@given(st.text(max_size=60))
def test_any_text_has_a_form(text: str) -> None:
    form_of(text)
    refusal(text)
    form_of(f"{SITE}/{text}")
    refusal(f"{SITE}/{text}")


@pytest.mark.parametrize(
    ("tried", "borne", "barren"),
    [(49, 0, False), (50, 0, True), (50, 1, True), (50, 2, False), (500, 10, True), (500, 11, False)],
)
def test_a_form_is_given_up_for_what_it_bore(tried: int, borne: int, barren: bool) -> None:
    harvest = Harvest(trial=50, share=1000)
    for number in range(tried):
        harvest.note("f", article=number < borne)
    assert bool(harvest.barren("f")) == barren
    assert not harvest.barren("another")


def test_a_form_has_its_share_of_a_run() -> None:
    harvest = Harvest(trial=50, share=2)
    harvest.ask("f")
    assert not harvest.took_its_share("f")
    harvest.ask("f")
    assert harvest.took_its_share("f") and not harvest.took_its_share("g")
    harvest.another_share("f")
    assert not harvest.took_its_share("f")


def test_pages_of_one_body_are_counted_and_not_looks_at_one_page() -> None:
    harvest = Harvest(trial=50, share=1000)
    assert [harvest.same_body("d", page) for page in (1, 1, 2, 3, 1)] == [0, 0, 1, 2, 2]
    assert harvest.same_body("e", 4) == 0


def test_texts_of_one_title_that_differ_in_a_word_are_told_again() -> None:
    harvest = Harvest(trial=50, share=1000)
    text = "The page {} that you asked for was moved or taken away by the people who run this site. Look for it elsewhere."
    assert [harvest.retold("Sorry", text.format(name)) for name in ("/a", "/b", "/c")] == [0, 1, 2]
    assert harvest.retold("Another", text.format("/d")) == 0
    assert harvest.retold("Sorry", "Nothing that was ever said before on any page, and long enough to be a text.") == 0


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("/a;jsessionid=1F2E?x=1", "/a?x=1"),
        ("/a;PHPSESSID=abc/b", "/a/b"),
        ("/(S(4duf5xxxr12345678901fg3abc))/news/a.aspx", "/news/a.aspx"),
        ("/a?PHPSESSID=abc&id=3", "/a?id=3"),
        ("/a?sid=0123456789abcdef0123456789abcdef", "/a"),
        ("/a?session_id=Zk3x9_Qw8rT5yU2iO1pL0", "/a"),
        ("/a?ASPSESSIONIDQQ=ABC", "/a"),
        ("/a?sid=12345", "/a?sid=12345"),
        ("/a?sid=election-results-of-the-north", "/a?sid=election-results-of-the-north"),
        ("/a?session=2024", "/a?session=2024"),
    ],
)
def test_sessions_are_no_part_of_an_address(url: str, key: str) -> None:
    assert canonical(SITE + url) == SITE + key

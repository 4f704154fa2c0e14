from __future__ import annotations

import pytest

from crawler.discovery.entry import Entry
from crawler.extraction.headline import fold, without_site

from .pages import PARAGRAPHS, TITLE, article, html

TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    "suffix",
    [
        " | The Example",
        " - The Example",
        " – The Example",
        " — The Example",
        " · The Example",
        " | World | The Example",
        "_The Example",
        " :: The Example",
    ],
)
def test_site_behind(suffix: str) -> None:
    page = f'<head><title>{TITLE}{suffix}</title><meta property="og:site_name" content="The Example"></head><body>{TEXT}</body>'
    assert article(page).title.startswith(TITLE)
    assert "The Example" not in article(page).title


def test_site_in_front() -> None:
    assert without_site(f"The Example: news | {TITLE}", [fold("The Example: news")]) == TITLE


@pytest.mark.parametrize(
    "title", ["Spider-Man - a life in pictures", "Election 2024 | What we know so far", "Paris–Berlin by night train"]
)
def test_what_is_no_site_stays(title: str) -> None:
    assert without_site(title, [fold("The Example")]) == title


def test_heading_confirmed_by_another_witness() -> None:
    page = html(title=TITLE).replace(f"<title>{TITLE}</title>", f"<title>{TITLE} :: Any Name At All</title>")
    draft = article(page)
    assert (draft.title, draft.provenance["title"]) == (TITLE, "rule")


def test_heading_without_its_kicker() -> None:
    page = html().replace("<h1>", '<h1><span class="kicker">World</span> ')
    assert article(page).title == TITLE


def test_kicker_that_another_witness_leaves_out() -> None:
    head = f'<meta property="og:title" content="{TITLE}">'
    page = html("", head).replace("<h1>", "<h1>Old harbour: ").replace("<title>", "<title>Old harbour: ")
    assert article(page).title == TITLE


def test_heading_that_is_part_of_the_breadcrumb() -> None:
    page = html().replace(
        "<body>", '<body><ol class="breadcrumb"><li><h1>Harbour bridge reopens after two years</h1></li></ol>'
    )
    assert article(page).title == TITLE


def test_title_shown_in_a_plain_block() -> None:
    page = f"<head><title>{TITLE} - Some Paper</title></head><body><div>{TITLE}</div>{TEXT}</body>"
    draft = article(page)
    assert draft.title == TITLE
    assert TITLE not in draft.text


def test_feed_title_when_the_page_has_none() -> None:
    from crawler.discovery.entry import Entry

    draft = article(f"<body>{TEXT}</body>", hint=Entry(url="https://x.example/", title=TITLE))
    assert (draft.title, draft.provenance["title"]) == (TITLE, "feed")


OVERLINE = '<div class="over">Harbour</div>'


def _topic(jsonld: str, og: str, above: str = OVERLINE, extra: str = "") -> str:
    head = (
        f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{jsonld}"}}</script>'
        f'<meta property="og:title" content="{og}">{extra}'
    )
    return article(html("", head).replace("<h1>", f"{above}<h1>")).title


class TestTopic:
    """A topic in front of the headline, such as "Kenya: Nairobi from below"."""

    def test_kept_when_data_and_page_show_it(self) -> None:
        assert _topic(f"Harbour: {TITLE}", f"Harbour: {TITLE}") == f"Harbour: {TITLE}"

    def test_not_when_one_witness_leaves_it_out(self) -> None:
        assert _topic(f"Harbour: {TITLE}", TITLE) == TITLE

    def test_not_when_the_page_does_not_show_it(self) -> None:
        assert _topic(f"Harbour: {TITLE}", f"Harbour: {TITLE}", above="") == TITLE

    def test_not_when_it_is_the_section(self) -> None:
        section = '<meta property="article:section" content="Harbour">'
        assert _topic(f"Harbour: {TITLE}", f"Harbour: {TITLE}", extra=section) == TITLE


def test_heading_whose_parts_only_style_sets_apart() -> None:
    head = f'<meta property="og:title" content="Harbour / {TITLE}">'
    assert article(html("", head).replace("<h1>", "<h1><span>Harbour</span>")).title == f"Harbour / {TITLE}"


@pytest.mark.parametrize(
    ("heading", "feed_title"),
    [("北京市政府宣布新建三座桥梁", "国内新闻"), ("Storm", "Breaking"), ("Council votes", "T")],
)
def test_a_short_heading_that_the_page_says_twice_stands_against_the_feed(heading: str, feed_title: str) -> None:
    page = f"<head><title>{heading} - Any Paper</title></head><body><article><h1>{heading}</h1>{TEXT}</article></body>"
    draft = article(page, hint=Entry(url="https://news.example.org/a", title=feed_title))
    assert (draft.title, draft.provenance["title"]) == (heading, "rule")


def test_the_name_of_the_paper_in_a_heading_is_no_headline() -> None:
    page = (
        f'<head><title>The Example | {TITLE}</title><meta property="og:site_name" content="The Example"></head>'
        f"<body><h1>The Example</h1><article><h2>{TITLE}</h2>{TEXT}</article></body>"
    )
    assert article(page).title == TITLE

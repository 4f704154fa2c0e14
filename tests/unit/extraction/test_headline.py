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


SITE = '<meta property="og:site_name" content="The Example">'


def _title(og: str, head: str = SITE, heading: str = "", text: str = TEXT, url: str = "https://news.example.org/a") -> str:
    page = f'<head><title>{og}</title><meta property="og:title" content="{og}">{head}</head><body>{heading}{text}</body>'
    return article(page, url=url).title


class TestSiteAndSection:
    @pytest.mark.parametrize("mark", ["|", "-", "–", "—", ":", "·", "•", "»", "<", "/", "~", "::"])
    def test_marks_before_the_site(self, mark: str) -> None:
        assert _title(f"{TITLE} {mark} The Example") == TITLE
        assert _title(f"{TITLE} {mark} The Example", heading=f"<h1>{TITLE}</h1>") == TITLE

    @pytest.mark.parametrize("mark", ["|", "-", "–", "—", "·", "»"])
    def test_marks_behind_the_site(self, mark: str) -> None:
        assert _title(f"The Example {mark} {TITLE}") == TITLE

    @pytest.mark.parametrize(
        ("whole", "site"),
        [
            (f"{TITLE} - example.org", ""),
            (f"{TITLE} | news.example.co.uk", ""),
            (f"{TITLE} | The Example Online", "The Example"),
            (f"{TITLE} | The Example", "The Example of the Coast"),
            (f"{TITLE}: The Example", "The Example"),
            (f"{TITLE} – TE – 28.04.2023", "TE"),
            ("港の橋が二年ぶりに再開：示例新聞", "示例新聞"),
            ("港の橋が二年ぶりに再開 | 示例新聞デジタル", "示例新聞"),
            ("إعادة فتح جسر الميناء بعد عامين | المثال", "المثال"),
        ],
    )
    def test_names_of_sites(self, whole: str, site: str) -> None:
        title = TITLE if whole.startswith(TITLE) else whole.replace("：", " | ").split(" | ")[0]
        assert _title(whole, f'<meta property="og:site_name" content="{site}">') == title

    @pytest.mark.parametrize(
        "title",
        [
            "Fish stocks - the example of the northern islands in spring",
            "Why The Example changed: a look back",
            "The - and other words that are hard to say",
            "Draw of the lottery - 28.04.2023",
        ],
    )
    def test_what_only_looks_like_one_stays(self, title: str) -> None:
        assert _title(title) == title

    def test_section_between_headline_and_site(self) -> None:
        assert _title(f"{TITLE} - World - The Example", url="https://news.example.org/world/a") == TITLE
        assert _title(f"{TITLE} - World", url="https://news.example.org/world/a") == f"{TITLE} - World"

    def test_site_in_the_heading(self) -> None:
        page = f'<head><title>{TITLE} | The Example</title>{SITE}<meta property="og:title" content="{TITLE}"></head>'
        assert article(f"{page}<body><h1>{TITLE} | The Example</h1>{TEXT}</body>").title == TITLE

    def test_a_template_that_says_nothing_but_the_site(self) -> None:
        assert _title("The Example", heading=f"<h1>The Example</h1><h1>{TITLE}</h1>") == TITLE


class TestParts:
    @pytest.mark.parametrize(
        "heading",
        [
            f"<span>Harbour</span><span>{TITLE}</span>",
            f"<small>Harbour</small> {TITLE}",
            f"<em>Harbour</em>: <span>{TITLE}</span>",
            f"{TITLE} <span>Plus</span>",
            f"<b>{TITLE}</b><i>Premium</i>",
        ],
    )
    def test_what_another_witness_leaves_out(self, heading: str) -> None:
        assert _title(TITLE, heading=f"<h1>{heading}</h1>") == TITLE

    def test_words_behind_it_that_are_no_element_stay(self) -> None:
        assert _title(TITLE, heading=f"<h1>{TITLE} in spring</h1>") == f"{TITLE} in spring"

    @pytest.mark.parametrize("cut", [TITLE[:30] + "...", TITLE[:30] + "…", TITLE[:29] + " …"])
    def test_cut_headline(self, cut: str) -> None:
        head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{cut}"}}</script>'
        assert _title(TITLE, head) == TITLE
        assert _title(cut, heading=f"<h1>{TITLE}</h1>") == TITLE

    def test_subheading_that_is_part_of_the_title(self) -> None:
        assert _title(TITLE, heading="<h1>Bridge opens</h1><h2>Harbour bridge reopens after two years</h2>") == TITLE

    def test_what_the_reader_sees_before_what_is_made_for_social_media(self) -> None:
        head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{TITLE}"}}</script>'
        assert _title("What divers found below this bridge", head, heading=f"<h1>{TITLE}</h1>") == TITLE

    @pytest.mark.parametrize("written", [TITLE.replace(" ", "&nbsp;"), TITLE.replace(" ", "\n  "), TITLE.replace("ou", "ou&shy;", 1)])
    def test_space_of_any_kind(self, written: str) -> None:
        assert _title(TITLE, heading=f"<h1>{written}</h1>") == TITLE

    def test_topic_of_two_witnesses_that_the_heading_lacks(self) -> None:
        ld = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Night train: {TITLE[:16]}"}}</script>'
        page = f"<div><div>Night train</div><h1>{TITLE[:16]}</h1></div>"
        assert _title(f"Night train: {TITLE[:16]}", ld, heading=page) == f"Night train: {TITLE[:16]}"

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime

import pytest

from crawler.discovery.entry import Entry
from crawler.errors import CrawlerError
from crawler.extraction.article import NotAnArticle, Page
from crawler.extraction.errors import ExtractionError
from crawler.extraction.rules import Rules, check

from .pages import CAPTURED, PARAGRAPHS, TITLE, URL, article, html, run

WHOLE = "\n".join(PARAGRAPHS)


class TestText:
    def test_exactly_the_paragraphs(self) -> None:
        assert article(html()).text == WHOLE

    @pytest.mark.parametrize("name", ["", "c7"], ids=["no-class", "hashed-class"])
    def test_a_box_that_asks_for_an_address_is_none_of_it(self, name: str) -> None:
        box = (
            f"<div class='{name}'><h4>The harbour every morning</h4><p>What happened on the quay, what will, and what it "
            "costs: in your box before the first ferry.</p><form><input type='email'><button>Yes</button></form></div>"
        )
        page = html().replace(f"<p>{PARAGRAPHS[2]}", box + f"<p>{PARAGRAPHS[2]}")
        assert article(page).text == WHOLE

    def test_a_flash_above_such_a_box_stays(self) -> None:
        flash = f"<div><p>{PARAGRAPHS[0]}</p><form><input type='email'></form></div>"
        assert article(html(body=flash, paragraphs=())).text == PARAGRAPHS[0]

    def test_a_headline_below_its_topic_is_no_line_of_the_text(self) -> None:
        shown = f"{TITLE}, and the ferries stop in June"
        whole = f"Harbour traffic: {shown}"
        page = html(head=f'<meta property="og:title" content="{whole}">', title=whole)
        page = page.replace(f"<h1>{whole}</h1>", f"<div>Harbour traffic</div><p>{shown}</p>")
        assert article(page).text == WHOLE

    @pytest.mark.parametrize(
        "furniture",
        [
            "<nav><a href='/'>Home</a> <a href='/world'>World</a></nav>",
            "<p>Share this article:</p><ul><li><a href='#'>Twitter</a></li></ul>",
            "<p><a href='/x'>Read also: Ferries to stop in June</a></p>",
            "<aside><p>A long text in an aside that has nothing to do with the article, but goes on and on and on.</p></aside>",
            "<figure><img src='x.jpg'><figcaption>The bridge at night, as seen from the ferry on its way.</figcaption></figure>",
            "<div class='newsletter'><p>Every morning we send you the news of the harbour, free of charge and without advertisements.</p></div>",
            "<p>3 min read</p>",
            "<p>Last updated 31 May 2024, 10:25</p>",
            "<p>By Anna Muster</p>",
            "<p>2 May 2024, 10:00</p>",
            "<button>Play</button>",
            "<blockquote class='twitter-tweet'><p>What a bridge, what a day, what a view over the old harbour of our town!</p></blockquote>",
            "<p>Photo: Anna Muster</p>",
            "<div><img src='x.jpg'><p>The bridge at night, as seen from the ferry on its way.</p></div>",
            "<p>Mehr dazu: <a href='/x'>Ferries to the islands stop in June, and not before</a></p>",
            "<div class='box'><h3><a href='/x'>Ferries stop in June</a></h3><p>The last boats leave on Saturday.</p></div>",
            "<div><div><a href='/x'>Ferries to the islands will stop in June</a></div><p>The last boats of the year leave on Saturday evening, it says.</p></div>",
            "<h2 class='visually-hidden'>Article content</h2>",
            "<section><h4>Más información</h4><a href='/x'>Ferries to the islands stop in June</a></section>",
            "<p>Empfohlener redaktioneller Inhalt</p><p>Ich bin damit einverstanden, dass mir der externe Inhalt angezeigt wird. Damit können Daten an Drittplattformen übermittelt werden.</p>",
            "<p>This post is third-party content. By clicking on it you agree that it may set cookies and read your data.</p>",
            "<ul><li>Archivado en:</li><li><a href='/x'>Ports and harbours</a></li></ul>",
        ],
        ids=lambda markup: re.sub(r"<[^>]*>", "", markup)[:20],
    )
    def test_furniture_goes(self, furniture: str) -> None:
        text = "".join(f"<p>{one}</p>" + (furniture if at == 1 else "") for at, one in enumerate(PARAGRAPHS))
        assert article(html(text, paragraphs=())).text == WHOLE

    @pytest.mark.parametrize(
        "block",
        [
            "<h2><a href='#cost'>What it cost in the end</a></h2>",
            "<p><a href='/costs'>The costs of the bridge are to be published before the end of the year.</a></p>",
            "<p>Browsers will no longer accept cookies from third-party sites, the makers of three of them said.</p>",
            "<p><img src='x.png' alt=''>Nobody was hurt when the barge struck the bridge.</p>",
        ],
        ids=["heading with an anchor", "sentence that is a link", "about cookies", "paragraph with a picture in it"],
    )
    def test_what_looks_like_furniture_stays(self, block: str) -> None:
        text = "".join(f"<p>{one}</p>" + (block if at == 1 else "") for at, one in enumerate(PARAGRAPHS))
        said = re.sub(r"<[^>]*>", "", block)
        assert article(html(text, paragraphs=())).text.split("\n") == [*PARAGRAPHS[:2], said, *PARAGRAPHS[2:]]

    def test_afterword_of_the_house(self) -> None:
        after = "<p class='follow'>Sigue toda la información de nuestros puertos en las redes sociales.</p>"
        page = html("<div>" + "".join(f"<p>{one}</p>" for one in PARAGRAPHS) + f"</div>{after}", paragraphs=())
        assert article(page).text == WHOLE

    def test_appended_pages_below_a_second_headline(self) -> None:
        appendix = "<section><h1>Why we need you</h1><div><p>Our house has no owner but its readers, and lives on them.</p></div></section>"
        assert article(html().replace("</article>", f"{appendix}</article>")).text == WHOLE

    def test_sections_that_each_have_a_headline_of_the_first_rank(self) -> None:
        sections = "".join(f"<section><h1>Part {n}</h1><p>{one}</p></section>" for n, one in enumerate(PARAGRAPHS))
        assert [line for line in article(html(sections, paragraphs=())).text.split("\n") if line in PARAGRAPHS] == list(PARAGRAPHS)

    def test_text_in_several_blocks_with_headings(self) -> None:
        parts = [f'<div class="part"><h2>Part {n}</h2><p class="text">{one}</p></div>' for n, one in enumerate(PARAGRAPHS)]
        page = html("".join(f"{part}<div class='ad'></div>" for part in parts), paragraphs=())
        assert [line for line in article(page).text.split("\n") if line.startswith("Part")] == ["Part 1", "Part 2", "Part 3"]

    def test_blocks_one_a_line_in_page_order(self) -> None:
        body = f"<p>{PARAGRAPHS[0]}</p><h2>What it cost</h2><p>{PARAGRAPHS[1]}</p><ul><li>Four new piers</li><li>Two new lamps</li></ul><p>{PARAGRAPHS[2]}</p>"
        assert article(html(body, paragraphs=())).text.split("\n") == [
            PARAGRAPHS[0], "What it cost", PARAGRAPHS[1], "Four new piers", "Two new lamps", PARAGRAPHS[2],
        ]  # fmt: skip

    @pytest.mark.parametrize("separator", ["<br>", "<br/><br/>", "<br>\n&nbsp;&nbsp;"])
    def test_paragraphs_by_line_breaks(self, separator: str) -> None:
        assert article(html(f"<div>{separator.join(PARAGRAPHS)}</div>", paragraphs=())).text == WHOLE

    def test_lead_between_headline_and_text(self) -> None:
        lead = "Commuters had waited for this day since the winter of the accident."
        assert article(html(f"<header><h2>{lead}</h2></header>")).text == f"{lead}\n{WHOLE}"

    def test_page_wrapped_in_a_form(self) -> None:
        page = html().replace("<body>", "<body><form>").replace("</body>", "</form></body>")
        assert article(page).text == WHOLE

    def test_words_at_the_start_of_sentences_are_no_labels(self) -> None:
        paragraphs = (
            *PARAGRAPHS,
            "Share prices of the ferry company fell on Monday.",
            "Comments by the mayor were not available.",
        )
        assert article(html(paragraphs=paragraphs)).text == "\n".join(paragraphs)

    def test_text_is_clean(self) -> None:
        decomposed = (
            "The cafe\u0301 at the bridge opened too, said its owner, and everybody in the old town was glad about it."
        )
        text = article(html(paragraphs=(*PARAGRAPHS, decomposed + "\x00\x07"))).text
        assert "café" in text
        assert "\x00" not in text
        assert "\x07" not in text

    def test_rule_of_the_source(self) -> None:
        other = (
            "<div class='mine'>"
            + "".join(f"<p>Only this counts, says the source file, sentence number {n} of it.</p>" for n in range(3))
            + "</div>"
        )
        draft = article(html(other), rules=Rules(body=".mine", remove=(".mine p:last-child",), title="h1"))
        assert draft.text.split("\n") == [
            f"Only this counts, says the source file, sentence number {n} of it." for n in range(2)
        ]
        assert draft.provenance["text"] == "rule"


class TestAddresses:
    @pytest.mark.parametrize(
        ("href", "expected"),
        [
            ("/world/harbour-bridge", "https://news.example.org/world/harbour-bridge"),
            ("https://news.example.org/", ""),
            ("https://www.example.org", ""),
            ("https://news.example.org/world/", ""),
            ("javascript:void(0)", ""),
            ("https://other.example/world/bridge", "https://other.example/world/bridge"),
            ("", ""),
        ],
    )
    def test_canonical(self, href: str, expected: str) -> None:
        assert article(html("", f'<link rel="canonical" href="{href}">')).canonical_url == expected

    def test_og_url(self) -> None:
        draft = article(html("", f'<meta property="og:url" content="{URL}?x=1">'))
        assert (draft.canonical_url, draft.provenance["canonical_url"]) == (f"{URL}?x=1", "opengraph")

    def test_none(self) -> None:
        draft = article(html())
        assert draft.canonical_url == ""
        assert "canonical_url" not in draft.provenance

    def test_amp(self) -> None:
        assert article(html("", '<link rel="amphtml" href="/amp/1">')).amp_url == "https://news.example.org/amp/1"


class TestSection:
    @pytest.mark.parametrize(
        "crumb",
        [
            "<a href='/'>Home</a> &gt;&gt; <a href='/w'>World</a>",
            "<a href='/'>首页</a>&gt;<a href='/w'>World</a>",
            "Accueil » World",
            "<a href='/'>Главная</a> / <a href='/w'>World</a>",
        ],
    )
    def test_breadcrumb(self, crumb: str) -> None:
        page = html().replace("<article>", f"<div>{crumb}</div><article>")
        draft = article(page)
        assert (draft.section, draft.provenance["section"]) == ("World", "rule")

    def test_structured_first(self) -> None:
        head = '<meta property="article:section" content="Harbour">'
        assert (
            article(html("", head).replace("<article>", "<div><a href='/'>Home</a> » World</div><article>")).section
            == "Harbour"
        )

    def test_headline_at_the_end_of_the_breadcrumb(self) -> None:
        page = html().replace(
            "<article>", f"<div><a href='/'>Home</a> » <a href='/w'>World</a> » {TITLE}</div><article>"
        )
        assert article(page).section == "World"


@pytest.mark.parametrize(
    ("crumbs", "section"),
    [
        ('<a href="/">首页</a> &gt; <a href="/guoji/">国际</a> &gt; 正文', "国际"),
        ('<a href="/">トップ</a> ＞ <a href="/kokusai/">国際</a> ＞ 記事', "国際"),
        ('<a href="/">Home</a> &gt; World', "World"),
    ],
)
def test_last_crumb_without_a_link_is_the_page(crumbs: str, section: str) -> None:
    assert article(html().replace("<h1>", f"<div>{crumbs}</div><h1>")).section == section


LINKS = "".join(f'<li><a href="/a/{n}">Headline number {n} about something in the world</a></li>' for n in range(120))


class TestNotAnArticle:
    @pytest.mark.parametrize(
        ("markup", "url"),
        [
            ("", URL),
            ("<html></html>", URL),
            ("<title>Loading</title><body><p>Please enable JavaScript to view this page.</p></body>", URL),
            (f"<title>World news</title><body><h1>World</h1><ul>{LINKS}</ul></body>", "https://news.example.org/world"),
            (
                "<title>Page not found</title><body><h1>404</h1><p>Sorry, the page that you asked for does not exist on this server any more.</p></body>",
                URL,
            ),
            (
                "<title>Sign in</title><h1>Sign in</h1><p>Please log in to continue. Forgot your password? You can reset it here within minutes.</p>",
                URL,
            ),
            (html(), "https://news.example.org/"),
        ],
        ids=["empty", "bare", "shell", "section", "soft-404", "login", "front"],
    )
    def test_rejected(self, markup: str, url: str) -> None:
        found = run(markup, url=url)
        assert isinstance(found, NotAnArticle)
        assert found.reason

    def test_front_of_cards_with_linked_headings(self) -> None:
        card = '<div class="card"><h3><a href="/a/{n}">Headline {n} of the morning</a></h3><p>{text}</p></div>'
        cards = "".join(card.format(n=n, text=f"{PARAGRAPHS[n % 4]} Part {n}.") for n in range(12))
        markup = f"<title>World</title><body><h1>World</h1><main>{cards}</main></body>"
        assert run(markup, url="https://news.example.org/world/") == NotAnArticle("a list of articles")

    def test_article_with_a_box_of_cards(self) -> None:
        card = '<div class="card"><h3><a href="/a/{n}">Headline {n} of the morning</a></h3><p>{text}</p></div>'
        cards = "".join(card.format(n=n, text=f"What else happened on day {n} of this week, in short.") for n in range(6))
        assert article(html().replace("</article>", f"</article><section>{cards}</section>")).title == TITLE

    def test_flash_of_one_sentence_is_an_article(self) -> None:
        head = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + TITLE + '"}</script>'
        assert article(html("", head, paragraphs=PARAGRAPHS[:1])).text == PARAGRAPHS[0]

    def test_article_about_a_missing_page(self) -> None:
        title = "Page not found: how a library lost its oldest book"
        text = tuple(f"{paragraph[:-1]}, says volume {n}." for n in range(2) for paragraph in PARAGRAPHS)
        assert article(html(title=title, paragraphs=text)).title == title

    def test_article_among_many_links(self) -> None:
        assert article(html().replace("</article>", f"</article><ul>{LINKS}</ul>")).text == WHOLE


class TestHostile:
    @pytest.mark.parametrize("tag", ["div", "span", "b", "table><tr><td", "x-box"])
    def test_deep_nesting(self, tag: str) -> None:
        close = "".join(f"</{part}>" for part in reversed(re.findall(r"[\w-]+", tag)))
        body = f"<{tag}>" * 5000 + "".join(f"<p>{one}</p>" for one in PARAGRAPHS) + close * 5000
        assert PARAGRAPHS[2] in article(html(body, paragraphs=())).text

    @pytest.mark.parametrize(
        "raw",
        [b"\x00" * 1000, bytes(range(256)) * 50, b"<" * 100_000, b"%PDF-1.7 ..."],
        ids=["nul", "binary", "angles", "pdf"],
    )
    def test_rubbish_is_no_article(self, raw: bytes) -> None:
        try:
            assert isinstance(run(raw), NotAnArticle)
        except ExtractionError as error:
            assert isinstance(error, CrawlerError)

    def test_two_hundred_thousand_links(self) -> None:
        page = html().replace("</article>", "</article>" + '<a href="/x">a link</a> ' * 200_000)
        assert article(page).text == WHOLE

    def test_long_runs_are_linear(self) -> None:
        assert (
            article(html(f"<p>{'1 ' * 200_000}</p><p>{'a' * 500_000}</p>" + "<p>By A and B</p>" * 500)).title == TITLE
        )


def test_page_can_be_pickled() -> None:
    page = Page(
        url=URL,
        body=b"x",
        captured_at=CAPTURED,
        hint=Entry(url=URL, published=datetime(2024, 5, 2, tzinfo=UTC)),
        rules=Rules(title="h1"),
    )
    assert pickle.loads(pickle.dumps(page)) == page


def test_provenance_names_every_filled_field_and_no_other() -> None:
    draft = article(html("<p>By Ben Sample</p><p>2 May 2024, 10:00</p>"))
    assert draft.provenance == {
        "title": "rule", "text": "rule", "language": "langid", "authors": "rule", "published_at": "rule",
    }  # fmt: skip


@pytest.mark.parametrize("selector", ["p[", "//p[", "::x::"])
def test_a_rule_that_is_no_selector(selector: str) -> None:
    with pytest.raises(ExtractionError, match="not a selector"):
        check(Rules(title=selector))

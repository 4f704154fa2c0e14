"""Content that means harm: bombs, depth, size, odd characters, script and impossible dates, all of it in one crawl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, FaultySite, article, rss, title_of

SCRIPT = "<script>window.owned = 1</script>"

PLAIN = 1, 2, 3  # numbers of the articles that stand between the hostile ones


def number_of(name: str) -> int:
    """A number of its own for the text of each case."""
    return 20 + [*PAGE_NAMES, *FEED_NAMES].index(name)


def page(name: str, *, head: str = "", body: str = "") -> bytes:
    """An article of its own with something added."""
    return article(number_of(name), head=head, body=body)


def ld(value: object) -> str:
    """Structured data; text is taken as it stands."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def news(name: str, **more: object) -> str:
    """Structured data of the article of a case."""
    return ld({"@type": "NewsArticle", "headline": title_of(number_of(name)), **more})


def within(name: str, before: str, after: str) -> bytes:
    """An article with something around its paragraphs."""
    return (
        page(name)
        .replace(b"<article>", f"<article>{before}".encode())
        .replace(b"</article>", f"{after}</article>".encode())
    )


def titled(name: str, title: str) -> bytes:
    """An article with a headline as given, in markup."""
    return page(name).replace(title_of(number_of(name)).encode(), title.encode("utf-8", "surrogatepass"))


def dated(name: str, when: str) -> bytes:
    """An article that says when it was published, and cannot have been."""
    return page(
        name, head=news(name, datePublished=when) + f'<meta property="article:published_time" content="{when}">'
    )


DATES = {
    "date-zero": "0000-00-00", "date-zone": "2026-11-20T10:00:00+99:99", "date-9999": "9999-12-31T23:59:59Z", "date-13": "2026-13-01",
    "date-feb": "2026-02-30T25:61:61Z", "date-future": "2031-05-05T00:00:00Z", "date-old": "0001-01-01T00:00:00Z", "date-words": "tomorrow",
    "date-digits": "9" * 400,
}  # fmt: skip
CHARSETS = {
    "cp1252": ("text/html; charset=iso-8859-1", "fr", "d’été à Nîmes – 5 €"), "koi8-r": ("text/html; charset=koi8-r", "ru", "Мост открыт"),
    "gb18030": ("text/html; charset=gb2312", "zh", "大桥重新开放"), "shift_jis": ("text/html; charset=Shift_JIS", "ja", "橋が再開した"),
    "euc_kr": ("text/html; charset=euc-kr", "ko", "다리가 다시 열렸다"), "cp1256": ("text/html; charset=windows-1256", "ar", "افتتاح الجسر"),
    "utf-16": ("text/html", "pl", "Most otwarty, żółw"), "utf-8": ("text/html; charset=iso-8859-1", "de", "Straße nach Łódź"),
}  # fmt: skip

PAGE_NAMES = [
    *(
        "deep-300 deep-5000 deep-100000 spans-100000 links table one-line empty-elements attribute attributes hangs swells nul "
        "references surrogate-bytes surrogate-json bidi width script addresses json-5mb json-deep json-many metas entity-page"
    ).split(),
    *DATES,
    *(f"charset-{charset}" for charset in CHARSETS),
]
FEED_NAMES = (
    "laughs quadratic parameter file web include author deep-feed deeper-feed deepest-feed odd-feed script-feed links-feed "
    "dates-feed attributes-feed json-feed"
).split()


def pages() -> dict[str, Answer]:
    """The hostile pages by name."""
    made = {
        "deep-300": within("deep-300", "<div>" * 300, "</div>" * 300),
        "deep-5000": within("deep-5000", "<div>" * 5_000, "</div>" * 5_000),
        "deep-100000": within("deep-100000", "<div>" * 100_000, "</div>" * 100_000),
        "spans-100000": within("spans-100000", "<span>" * 100_000, "</span>" * 100_000),
        "links": page("links", body="".join(f'<a href="/x{number}">link {number}</a> ' for number in range(200_000))),
        "table": page("table", body="<table>" + ("<tr>" + "<td>a cell</td>" * 100 + "</tr>") * 1_000 + "</table>"),
        "one-line": page("one-line", body="<p>" + "word and more " * 750_000 + "</p>"),
        "empty-elements": page("empty-elements", body="<i></i>" * 1_000_000),
        "attribute": page("attribute", body=f'<p title="{"x" * 1_000_000}" {"y" * 1_000_000}>The last line of it.</p>'),
        "attributes": page("attributes", body=f"<p {' '.join(f'a{number}=1' for number in range(20_000))}>The last.</p>"),
        "hangs": page("hangs", body=f"<p>a{chr(0x301)}{f'{chr(0x301)}{chr(0x323)}' * 300_000}b</p>"),
        "swells": page("swells", body="<p>" + "w" * 7_500_000 + "</p>"),
        "nul": page("nul").replace(b" again", b" ag\0ain"),
        "references": titled("references", f"{title_of(number_of('references'))} &#0;and&#xD800; &#x110000;so on"),
        "surrogate-bytes": titled("surrogate-bytes", f"{title_of(number_of('surrogate-bytes'))} \ud800 so"),
        "surrogate-json": page("surrogate-json", head=ld(
            '{"@type": "NewsArticle", "headline": "TITLE", "author": {"name": "Anna \\ud83d Bell"}, "keywords": ["a\\ud800b", "\\ud83d\\ude00"]}'.replace("TITLE", title_of(number_of("surrogate-json"))))),
        "bidi": titled("bidi", f"{title_of(number_of('bidi'))} \u202efdp.exe\u2066"),
        "width": titled("width", f"{title_of(number_of('width'))} so\u200bon"),
        "script": titled("script", f"{title_of(number_of('script'))} {escape(SCRIPT)}").replace(b"</head>", news(
            "script", author={"name": "Anna <script>x<\\/script> Bell"}, keywords=["<img src=x onerror=alert(1)>"]).encode() + b"</head>"),
        "addresses": page("addresses", head='<base href="javascript:alert(1)"><link rel="canonical" href="javascript:alert(2)">'
            '<meta property="og:image" content="data:image/svg+xml,<svg onload=alert(3)>"><link rel="amphtml" href="data:text/html,x">',
            body='<p>Who reads <a href="javascript:alert(4)">this link</a>, <a href=" jAvA\tscript:alert(5)">that link</a>, '
            '<a href="data:text/html,x">one of data</a> or <a href="vbscript:x">one of another kind</a> is told nothing.</p>'),
        "json-5mb": page("json-5mb", head=news("json-5mb", keywords="word," * 1_000_000)),
        "json-deep": page("json-deep", head=ld("[" * 100_000 + "]" * 100_000) + ld('{"author":' * 100_000)),
        "json-many": page("json-many", head=news("json-many") * 2_000),
        "metas": page("metas", head='<meta name="author" content="' + "John Smith, " * 40_000 + '">' + '<meta name="x" content="y">' * 5_000),
        "entity-page": b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + page("entity-page", body="<p>&a; it says.</p>"),
        **{name: dated(name, when) for name, when in DATES.items()},
    }  # fmt: skip
    answers = {name: Answer(body) for name, body in made.items()}
    for charset, (header, tongue, words) in CHARSETS.items():
        name = f"charset-{charset}"
        text = titled(name, f"{words}, {title_of(number_of(name))}").decode().replace('<meta charset="utf-8">', "")
        text = text.replace(' lang="en"', f' lang="{tongue}"').replace(
            "</article>", f"<p>{f'{words}. ' * 20}</p></article>"
        )
        answers[name] = Answer(text.encode(charset, "xmlcharrefreplace"), headers={"Content-Type": header})
    return answers


def feeds(site: FaultySite) -> dict[str, Answer]:
    """The hostile feeds by name; each offers an article of its own, `/of-` and its name."""

    def link(name: str) -> str:
        return f"{site.url}/of-{name}"

    def feed(name: str, *, doctype: str = "", inner: str = "", title: str = "A title", channel: str = "") -> bytes:
        return (
            f'<?xml version="1.0"?>{doctype}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>F</title>'
            f"{channel}<item><title>{title}</title><link>{link(name)}</link>{inner}</item></channel></rss>"
        ).encode("utf-8", "surrogatepass")

    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    made = {
        "laughs": feed("laughs", doctype=f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>', title="&l11;"),
        "quadratic": feed("quadratic", doctype=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>', title="&a;" * 50_000),
        "parameter": feed("parameter", doctype=f'<!DOCTYPE rss [<!ENTITY % d SYSTEM "{site.url}/fetched.dtd"> %d;]>'),
        "file": feed("file", doctype='<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>', title="x &a; y"),
        "web": feed("web", doctype=f'<!DOCTYPE rss [<!ENTITY a SYSTEM "{site.url}/fetched">]>', title="x &a; y"),
        "include": feed("include", inner='<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'),
        "author": feed("author", inner=f"<author>{'a@' * 20_000}</author><dc:creator>{'(' * 40_000}</dc:creator>"),
        "deep-feed": feed("deep-feed", inner="<description>" + "<b>" * 300 + "x" + "</b>" * 300 + "</description>"),
        "deeper-feed": feed("deeper-feed", inner="<a>" * 5_000 + "</a>" * 5_000),
        "deepest-feed": feed("deepest-feed", inner="<description>" + "&lt;b&gt;" * 100_000 + "</description>"),
        "odd-feed": feed("odd-feed", title="An \0odd &#0;title&#xD800; \ud800 \u202eof &#x1F600; it"),
        "script-feed": feed("script-feed", title=escape(SCRIPT) * 2, channel=f"<category>{escape(SCRIPT)}</category>",
                            inner=f"<author>{escape(SCRIPT)}</author><category>{escape(SCRIPT)}</category><description><![CDATA[{SCRIPT}]]></description>"),
        "links-feed": feed("links-feed").replace(b"</channel>", b"".join(
            f"<item><title>{at}</title><link>{escape(at)}</link><enclosure url='{escape(at)}' type='x'/></item>".encode() for at in BAD_LINKS) + b"</channel>"),
        "dates-feed": feed("dates-feed", inner="".join(f"<pubDate>{when}</pubDate><dc:date>{when}</dc:date>" for when in DATES.values())),
        "attributes-feed": feed("attributes-feed", inner="<x" + "".join(f" a{n}='1'" for n in range(30_000)) + "/>"),
        "json-feed": json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": SCRIPT, "items": [
            {"id": "1", "url": link("json-feed"), "title": "\ud800 A \udc00 title \0", "authors": [{"name": "\ud83d"}], "tags": ["\ud800"]},
            {"id": "2", "url": "javascript:alert(1)"}, {"id": "3", "url": 5, "title": {}}, None, [], "x"]}).encode(),
    }  # fmt: skip
    return {name: Answer(body, headers={"Content-Type": "application/rss+xml"}) for name, body in made.items()}


# what cannot be read as a feed at all costs that feed
BROKEN: dict[str, bytes] = {
    "json-nested": b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
    "xml-nested": b"<rss version='2.0'><channel>" + b"<a>" * 100_000,
    "zeros": b"\0" * 100_000,
    "noise": bytes(range(256)) * 400,
}
BAD_LINKS = ("javascript:alert(1)", "data:text/html,x", "file:///etc/hostname", "vbscript:x", " jAvAscript:x", "http://", "http://[::1", "//", "\u202e", "http://\x7f/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """The one crawl of this module, when it is over."""

    stage: Stage
    run: Run
    pages: FaultySite
    feeds: FaultySite
    articles: dict[str, dict[str, object]]  # by the path of their address

    def outcome(self, name: str) -> str:
        """Outcome of a hostile page."""
        return self.stage.outcomes("pages")[f"{self.pages.url}/{name}"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Hostile pages, hostile feeds and a site without fault, crawled once."""
    with open_stage(tmp_path_factory.mktemp("content")) as stage:
        site = stage.site(slug="pages", name=SCRIPT.replace('"', "'"))
        hostile = pages()
        assert list(hostile) == PAGE_NAMES
        plain = {f"plain-{number}": Answer(article(number)) for number in PLAIN}
        names = ["plain-1", *PAGE_NAMES[:20], "plain-2", *PAGE_NAMES[20:], "plain-3"]
        site.routes |= {f"/{name}": answer for name, answer in (hostile | plain).items()}
        site.routes["/feed.xml"] = rss(*(f"{site.url}/{name}" for name in names))
        other = stage.site(slug="feeds", feeds=[f"/{name}.xml" for name in (*FEED_NAMES, *BROKEN)])
        made = feeds(other)
        assert list(made) == FEED_NAMES
        other.routes |= {f"/{name}.xml": answer for name, answer in made.items()}
        other.routes |= {f"/of-{name}": Answer(article(number_of(name))) for name in FEED_NAMES}
        other.routes |= {
            f"/{name}.xml": Answer(body, headers={"Content-Type": "application/rss+xml"})
            for name, body in BROKEN.items()
        }
        stage.settings["EXTRACT_TIMEOUT"] = "9"  # seconds; a page that hangs is tried with others, then alone
        stage.settings["HANGS_PER_RUN"] = "20"  # all of them stand on one site
        run = stage.crawl()
        rows = stage.rows("SELECT a.* FROM articles a JOIN sources s ON s.id = a.source_id WHERE s.slug <> 'bulk'")
        yield Ended(stage, run, site, other, {str(row["url"]).rpartition("/")[2]: row for row in rows})


def test_the_rest_is_whole_and_memory_small(ended: Ended) -> None:
    ended.stage.check(ended.run, status=0)


def test_nothing_vanishes(ended: Ended) -> None:
    outcomes = ended.stage.outcomes("pages")
    assert {url.rpartition("/")[2] for url in outcomes} == {*PAGE_NAMES, *(f"plain-{number}" for number in PLAIN)}
    assert not {url: outcome for url, outcome in outcomes.items() if outcome.startswith("pending")}
    kept = ended.stage.rows(
        "SELECT count(DISTINCT page_id) AS n FROM captures WHERE http_status = 200 AND page_id IS NOT NULL"
    )
    assert kept[0]["n"] >= len(outcomes)


@pytest.mark.parametrize("number", PLAIN)
def test_articles_between_hostile_ones_are_stored(ended: Ended, number: int) -> None:
    assert ended.articles[f"plain-{number}"]["title"] == title_of(number)


MAY_FAIL = frozenset(
    "deep-100000 spans-100000 links table one-line empty-elements attributes hangs swells json-5mb".split()
)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_page_is_an_article_or_failed_alone(ended: Ended, name: str) -> None:
    outcome = ended.outcome(name)
    if name in MAY_FAIL and outcome in ("extraction_failed", "too_large"):
        return
    assert outcome == "stored"
    found = ended.articles[name]
    assert str(found["title"]).startswith(title_of(number_of(name))) or name.startswith("charset-")
    assert f"in report {number_of(name)} of the year" in str(found["text"])


@pytest.mark.parametrize("name", ["hangs", "swells", "empty-elements"])
def test_what_kills_a_worker_says_so(ended: Ended, name: str) -> None:
    assert ended.outcome(name) == "extraction_failed"
    detail = str(ended.stage.rows("SELECT detail FROM pages WHERE url = ?", f"{ended.pages.url}/{name}")[0]["detail"])
    assert any(word in detail for word in ("longer than", "memory", "tags", "characters", "died")), detail


@pytest.mark.parametrize("name", [*DATES])
def test_an_impossible_date_is_no_date(ended: Ended, name: str) -> None:
    published = ended.articles[name]["published_at"]
    assert published is None or "1990" < str(published)[:4] <= "2026", published


@pytest.mark.parametrize("charset", CHARSETS)
def test_letters_come_out_right(ended: Ended, charset: str) -> None:
    assert str(ended.articles[f"charset-{charset}"]["title"]).startswith(CHARSETS[charset][2])


def test_text_is_valid_and_without_controls(ended: Ended) -> None:
    for row in ended.stage.rows("SELECT * FROM articles"):
        for column, value in row.items():
            if isinstance(value, str):
                value.encode()
                assert "\0" not in value, (row["url"], column)
                assert not any(0xD800 <= ord(letter) < 0xE000 for letter in value), (row["url"], column)


def test_what_was_published_is_stored(ended: Ended) -> None:
    """Marks of direction and markup in words stay: the page that shows them isolates the one and escapes the other."""
    assert "\u202efdp.exe" in str(ended.articles["bidi"]["title"])
    assert SCRIPT in str(ended.articles["script"]["title"])
    assert "soon" in str(ended.articles["width"]["title"]).replace("\u200b", "")


def test_no_address_of_another_kind_is_kept(ended: Ended) -> None:
    for row in ended.stage.rows("SELECT url, canonical_url, image_url, reading FROM articles"):
        for column in ("url", "canonical_url", "image_url"):
            assert str(row[column]).startswith(("http://", "https://")) or not row[column], row
        assert not any(
            f"]({start}" in str(row["reading"]).lower().replace("(<", "(")
            for start in ("javascript", "data:", "vbscript")
        )
    for row in ended.stage.rows("SELECT url FROM article_urls"):
        assert str(row["url"]).startswith(("http://", "https://", "guid:")), row
    refused = ended.stage.rows("SELECT url, outcome FROM pages WHERE url NOT LIKE 'http%'")
    assert {row["outcome"] for row in refused} <= {"blocked_network"}, (
        "what a feed offered is in the ledger, and not fetched"
    )
    assert "this link" in str(ended.articles["addresses"]["text"])


@pytest.mark.parametrize("name", FEED_NAMES)
def test_a_hostile_feed_gives_its_article(ended: Ended, name: str) -> None:
    assert ended.articles[f"of-{name}"]["title"] == title_of(number_of(name))


def test_nothing_that_an_entity_names_was_fetched(ended: Ended) -> None:
    assert not {path for path in ended.feeds.paths() if path.startswith("/fetched")}
    with open("/etc/hostname", encoding="utf-8") as file:
        name = file.read().strip()
    hints = ended.stage.rows(
        "SELECT hint FROM pages UNION SELECT title || text FROM articles UNION SELECT detail FROM feeds"
    )
    assert not name or not [row for row in hints if name in str(row["hint"]) and len(name) > 8]


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_feed_fails_alone(ended: Ended, name: str) -> None:
    rows = ended.stage.rows("SELECT status, failures, detail FROM feeds WHERE url = ?", f"{ended.feeds.url}/{name}.xml")
    assert rows[0]["failures"] == 1, rows
    assert rows[0]["detail"]

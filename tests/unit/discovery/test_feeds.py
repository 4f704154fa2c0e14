"""Feeds: RSS, RDF, Atom and JSON Feed from bytes to entries."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import utc_text
from crawler.discovery import feeds
from crawler.discovery.bounds import MAX_TAGS, newest_items
from crawler.discovery.feeds import MAX_PARSED, parse_feed
from crawler.discovery.payload import xml_text
from crawler.discovery.plain import MAX_AUTHORS, MAX_PROBLEMS, MAX_SUMMARY, MAX_TITLE
from crawler.errors import FeedError
from crawler.urls import MAX_LENGTH, join

URL = "https://news.example/feeds/world.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rss(items: str, channel: str = "", version: str = "2.0") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}" {NAMESPACES}><channel><title>World</title>'
        f"<link>https://news.example/</link>{channel}{items}</channel></rss>"
    )


def item(inner: str = "", link: str = "<link>https://news.example/a/1</link>", title: str = "Ferry returns") -> str:
    return f"<item><title>{title}</title>{link}{inner}</item>"


ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="pt" xml:base="https://news.example/atom/">
<title type="html">Mundo &amp;amp; mais</title><link rel="self" href="/atom.xml"/><link rel="next" href="?page=2"/>
<entry><id>urn:uuid:1</id><title type="html">Barco &lt;b&gt;volta&lt;/b&gt;</title>
<link rel="enclosure" href="https://cdn.example/x.mp3" type="audio/mpeg"/><link rel="related" href="https://other.example/"/>
<link rel="alternate" type="text/html" href="a/1"/><published>2026-11-22T10:00:00-03:00</published>
<updated>2026-11-22T12:30:00Z</updated><author><name>Ana Lima</name><email>ana@news.example</email></author>
<author><name>Rui Costa</name></author><category term="rios" label="Rios"/>
<summary>Depois de dois anos.</summary></entry></feed>"""

RDF = """<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/">
<title>国際</title><link>https://news.example/</link></channel><item rdf:about="https://news.example/a/1"><title>灯台が完成</title>
<link>https://news.example/a/1</link><dc:date>2026-11-22T19:00:00+09:00</dc:date><dc:creator>山田花子</dc:creator></item></rdf:RDF>"""


def test_rss() -> None:
    listing = parse_feed(
        rss(
            item(
                "<guid isPermaLink='false'>g-1</guid><pubDate>Sun, 22 Nov 2026 10:00:00 +0100</pubDate>"
                "<dc:creator>Ann Reporter</dc:creator><category>Transport</category><category>Rivers</category>"
                "<description>&lt;p&gt;After &lt;i&gt;two&lt;/i&gt; years.&lt;/p&gt;</description>"
            ),
            "<language>en-gb</language><ttl>15</ttl>",
        ).encode(),
        URL,
        now=NOW,
    )
    assert (listing.kind, listing.title, listing.language, listing.ttl_minutes) == ("rss", "World", "en-gb", 15)
    (entry,) = listing.entries
    assert (entry.url, entry.title, entry.guid) == ("https://news.example/a/1", "Ferry returns", "g-1")
    assert entry.published == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert (entry.authors, entry.tags) == (("Ann Reporter",), ("Transport", "Rivers"))
    assert entry.summary == "After two years."
    assert listing.problems == ()


def test_atom() -> None:
    listing = parse_feed(ATOM.encode(), URL, "application/atom+xml", NOW)
    assert (listing.kind, listing.title, listing.language) == ("atom", "Mundo & mais", "pt")
    assert listing.next_page == "https://news.example/atom/?page=2"
    (entry,) = listing.entries
    assert (entry.url, entry.title, entry.guid) == ("https://news.example/atom/a/1", "Barco volta", "urn:uuid:1")
    assert entry.published == datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert (entry.authors, entry.tags) == (("Ana Lima", "Rui Costa"), ("Rios",))


def test_rdf_dates_are_publication_dates() -> None:
    listing = parse_feed(RDF.encode(), URL, "text/xml", NOW)
    (entry,) = listing.entries
    assert (listing.kind, listing.title, entry.title) == ("rdf", "国際", "灯台が完成")
    assert (entry.published, entry.updated) == (datetime(2026, 11, 22, 10, tzinfo=UTC), None)
    assert entry.authors == ("山田花子",)


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94", "2.0", "2.01", ""])
def test_rss_versions(version: str) -> None:
    listing = parse_feed(rss(item(), version=version).encode(), URL)
    assert (listing.kind, len(listing.entries)) == ("rss", 1)


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "World",
        "language": "en",
        "next_url": "/feed.json?page=2",
        "items": [
            {
                "id": "1",
                "url": "/a/1",
                "title": "Ferry &amp; pier",
                "content_html": "<p>After</p><script>x()</script><p>years</p>",
                "date_published": "2026-11-22T10:00:00+01:00",
                "date_modified": "2026-11-22T11:00:00Z",
                "authors": [{"name": "Ann Reporter"}, {"url": "https://x.example"}, "junk"],
                "tags": ["Rivers", 3, None],
            },
            {"id": "https://news.example/a/2", "author": {"name": "Bo"}, "title": None},
            {"id": "3", "content_text": "no link"},
            "junk",
        ],
    }
    listing = parse_feed(json.dumps(document).encode(), URL, "application/feed+json", NOW)
    first, second = listing.entries
    assert (listing.kind, listing.next_page) == ("jsonfeed", "https://news.example/feed.json?page=2")
    assert (first.url, first.title, first.summary) == ("https://news.example/a/1", "Ferry & pier", "After years")
    assert first.published == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert (first.authors, first.tags) == (("Ann Reporter",), ("Rivers", "3"))
    assert (second.url, second.authors) == ("https://news.example/a/2", ("Bo",))
    assert any("without a link" in problem for problem in listing.problems)


def test_json_feed_with_lone_surrogates_is_storable() -> None:
    document = {"items": [{"url": "/\ud800", "title": "a\ud800", "language": "\udfff", "id": "\ud800"}], "title": "\0"}
    listing = parse_feed(json.dumps(document).encode(), URL)
    (entry,) = listing.entries
    f"{entry.url}{entry.title}{entry.language}{entry.guid}{listing.title}".encode()
    assert "which version" in listing.problems[0]


@pytest.mark.parametrize(
    ("inner", "link", "url"),
    [
        pytest.param("", "<link>\n  /a/1\n</link>", "https://news.example/a/1", id="relative with white space"),
        pytest.param(
            "",
            "<link><![CDATA[https://news.example/a/1?x=1&y=2]]></link>",
            "https://news.example/a/1?x=1&y=2",
            id="cdata",
        ),
        pytest.param("<guid>https://news.example/g/1</guid>", "", "https://news.example/g/1", id="permanent guid"),
        pytest.param(
            "<feedburner:origLink>https://news.example/o/1</feedburner:origLink>",
            "<link>https://feeds.feedburner.com/~r/w/1</link>",
            "https://news.example/o/1",
            id="original link of feedburner",
        ),
        pytest.param(
            "<guid isPermaLink='false'>https://news.example/g/1</guid>",
            "<link>https://feedproxy.google.com/~r/w/1</link>",
            "https://news.example/g/1",
            id="guid behind a redirector",
        ),
        pytest.param(
            "<enclosure url='https://cdn.example/1.mp3' type='audio/mpeg' length='1'/>",
            "<link>https://news.example/a/1</link>",
            "https://news.example/a/1",
            id="link beside an enclosure",
        ),
        pytest.param(
            "<atom:link href='https://news.example/a/9'/>", "", "https://news.example/a/9", id="atom link in rss"
        ),
    ],
)
def test_link_of_an_item(inner: str, link: str, url: str) -> None:
    assert [entry.url for entry in parse_feed(rss(item(inner, link)).encode(), URL).entries] == [url]


@pytest.mark.parametrize(
    ("inner", "link"),
    [
        ("<enclosure url='https://cdn.example/1.mp3' type='audio/mpeg' length='1'/>", ""),
        ("<guid isPermaLink='false'>42</guid>", ""),
        ("<enclosure url='file:///etc/hostname' type='audio/mpeg' length='1'/>", ""),
    ],
)
def test_item_without_a_page_is_dropped_and_said(inner: str, link: str) -> None:
    listing = parse_feed(rss(item(inner, link)).encode(), URL)
    assert listing.entries == ()
    assert listing.problems == ("1 entries without a link to a page were dropped",)


@pytest.mark.parametrize(
    ("link", "url"),
    [("http://[bad/", "http://%5Bbad/"), ("http://[::1]/a", "http://[::1]/a"), ("http://a]b/", "http://a%5Db/")],
)
def test_a_link_with_a_stray_bracket_is_not_lost(link: str, url: str) -> None:
    assert [entry.url for entry in parse_feed(rss(item("", f"<link>{link}</link>")).encode(), URL).entries] == [url]
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>t</title><link href="{link}"/></entry></feed>'
    assert [entry.url for entry in parse_feed(atom.encode(), URL).entries] == [url]


def test_a_guid_that_links_share_is_none() -> None:
    items = "".join(item("<guid isPermaLink='false'>one</guid>", f"<link>/{n}</link>") for n in range(3))
    listing = parse_feed(rss(items + item("<guid isPermaLink='false'>two</guid>", "<link>/3</link>")).encode(), URL)
    assert [entry.guid for entry in listing.entries] == ["", "", "", "two"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "file://host/etc/hostname", "ftp://files.example/a", "data:text/html,a",
        "gopher://files.example/1", "https://user:pw@news.example/a", "mailto:desk@news.example",
        "https://news.example/" + "a" * 4000,
    ],
    ids=lambda link: str(link)[:20],
)  # fmt: skip
def test_what_cannot_be_fetched_is_an_offer_all_the_same(link: str) -> None:
    offered = link[: MAX_LENGTH + 1]
    assert [entry.url for entry in parse_feed(rss(item("", f"<link>{link}</link>")).encode(), URL).entries] == [offered]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": link}]})
    assert [entry.url for entry in parse_feed(feed.encode(), URL).entries] == [offered]
    assert join(offered, offered) is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("<![CDATA[A <b>bold</b> ferry]]>", "A bold ferry"),
        ("A &lt;script&gt;alert(1)&lt;/script&gt;ferry", "A ferry"),
        ("<![CDATA[A <style>p{}</style><script>if (a<b) x()</script>ferry]]>", "A ferry"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("Caf&amp;eacute; &amp;#8217;n&amp;#8217; bar", "Café ’n’ bar"),
        ("Caf&eacute;&nbsp;bar", "Café bar"),
        ("Fish & chips", "Fish & chips"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
        ("Cafe\u0301", "Café"),
        ("a\n\t b", "a b"),
        ("nul\x00 bell\x07", "nul bell"),
        ("x" * 600, "x" * (MAX_TITLE - 1) + "…"),
    ],
)
def test_titles_are_plain_text(title: str, text: str) -> None:
    assert parse_feed(rss(item(title=title)).encode(), URL).entries[0].title == text


def test_summary_is_bounded() -> None:
    entry = parse_feed(rss(item(f"<description>{'word ' * 9000}</description>")).encode(), URL).entries[0]
    assert MAX_SUMMARY - 10 < len(entry.summary) <= MAX_SUMMARY


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<author>ann@news.example (Ann Reporter)</author>", ("Ann Reporter",)),
        ("<author>Ann Reporter &lt;ann@news.example&gt;</author>", ("Ann Reporter",)),
        ("<author>ann@news.example</author>", ()),
        (
            "<dc:creator><![CDATA[Ann Reporter]]></dc:creator><dc:creator>Bo Writer</dc:creator>",
            ("Ann Reporter", "Bo Writer"),
        ),
        ("<author></author>", ()),
    ],
)
def test_authors_have_no_addresses(author: str, name: tuple[str, ...]) -> None:
    assert parse_feed(rss(item(author)).encode(), URL).entries[0].authors == name


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Sun, 22 Nov 2026 10:00:00 GMT", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00+05:30", datetime(2026, 11, 22, 4, 30, tzinfo=UTC)),
        ("2026-11-22 10:00:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Wed, 25 Nov 2026 10:00:00 GMT", None),
        ("-1", None),
        ("yesterday, somewhere", None),
        ("99999-01-01", None),
    ],
)
def test_dates(raw: str, moment: datetime | None) -> None:
    listing = parse_feed(rss(item(f"<pubDate>{raw}</pubDate>")).encode(), URL, now=NOW)
    assert listing.entries[0].published == moment
    assert (moment is None) == any(raw in problem for problem in listing.problems)


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl> 5 minutes</ttl>", 5),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>99999999</ttl>", feeds.MAX_TTL),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 30),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 1440),
        ("", None),
    ],
)
def test_ttl(channel: str, minutes: int | None) -> None:
    assert parse_feed(rss(item(), channel).encode(), URL).ttl_minutes == minutes


@pytest.mark.parametrize(
    ("channel", "hours"),
    [
        ("<skipHours><hour>1</hour><hour> 23 </hour>\n<hour>24</hour></skipHours>", (0, 1, 23)),
        ("<skipHours></skipHours>", ()),
        ("<skipHours><hour>noon</hour></skipHours>", ()),
        ("<skipHours>" * 100_000, ()),
        ("", ()),
    ],
    ids=["three", "none", "no number", "never closed", "absent"],
)
def test_skip_hours(channel: str, hours: tuple[int, ...]) -> None:
    assert parse_feed(rss(item(), channel).encode(), URL).skip_hours == hours


TEXT = "Éclipse à Saint-Étienne : l'été où la forêt brûlait, près de l'œuvre"
CYRILLIC = "Новый ледокол вышел в первый рейс после долгого ремонта в северном порту"


def declared(encoding: str, title: str, actual: str) -> bytes:
    text = rss(item(title=title)).replace('encoding="utf-8"', f'encoding="{encoding}"' if encoding else "")
    return text.encode(actual)


@pytest.mark.parametrize(
    ("data", "content_type", "title"),
    [
        pytest.param(declared("utf-8", TEXT, "cp1252"), "", TEXT, id="says utf-8, is windows-1252"),
        pytest.param(declared("utf-8", CYRILLIC, "cp1251"), "text/xml", CYRILLIC, id="says utf-8, is windows-1251"),
        pytest.param(declared("iso-8859-1", CYRILLIC, "utf-8"), "", CYRILLIC, id="says latin-1, is utf-8"),
        pytest.param(declared("iso-8859-1", TEXT, "cp1252"), "", TEXT, id="latin-1 means windows-1252"),
        pytest.param(declared("windows-1251", CYRILLIC, "cp1251"), "text/xml", CYRILLIC, id="declared inside only"),
        pytest.param(
            declared("", CYRILLIC, "cp1251"), "text/xml; charset=windows-1251", CYRILLIC, id="declared in the header"
        ),
        pytest.param(declared("utf-16", TEXT, "utf-16"), "", TEXT, id="utf-16 with mark"),
        pytest.param(declared("utf-16", CYRILLIC, "utf-16-le"), "", CYRILLIC, id="utf-16 without mark"),
        pytest.param(declared("utf-8", TEXT, "utf-8-sig"), "text/plain", TEXT, id="utf-8 with mark"),
        pytest.param(
            declared("gb2312", "北方三省開通新鐵路", "gb18030"), "", "北方三省開通新鐵路", id="gb2312 means gb18030"
        ),
        pytest.param(declared("euc-kr", "남부 해안 철도", "euc-kr"), "", "남부 해안 철도", id="euc-kr"),
        pytest.param(declared("iso-2022-jp", "灯台が完成", "iso-2022-jp"), "", "灯台が完成", id="iso-2022-jp"),
        pytest.param(gzip.compress(declared("utf-8", TEXT, "utf-8")), "", TEXT, id="gzip without header"),
        pytest.param(
            b"\n  warning: x on line 3\n" + declared("utf-8", TEXT, "utf-8"), "text/html", TEXT, id="leading junk"
        ),
        pytest.param(declared("utf-8", TEXT, "utf-8") + b"\xc3", "", TEXT, id="cut within a character"),
    ],
)
def test_encodings(data: bytes, content_type: str, title: str) -> None:
    assert parse_feed(data, URL, content_type).entries[0].title == title


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"<!DOCTYPE html><html><body><p>Not found</p></body></html>", "an HTML page"),
        (b"<html><head><title>x</title></head></html>", "an HTML page"),
        (b"<urlset><url><loc>https://e.org/</loc></url></urlset>", "a sitemap"),
        (b"<opml><body/></opml>", "XML document of another kind|HTML page"),
        (b"{", "looks like JSON"),
        (b'{"items": 3}', "not a JSON Feed"),
        (b"{" * 100_000, "JSON"),
        (b'{"items":' + b"[" * 100_000, "JSON"),
        (b"hello", "text"),
        (b"%PDF-1.4", "PDF"),
        (gzip.compress(b"", mtime=0), "empty"),
    ],
)
def test_what_is_no_feed(data: bytes, what: str) -> None:
    with pytest.raises(FeedError, match=what) as raised:
        parse_feed(data, URL)
    assert URL in str(raised.value)


def test_empty_feed_is_a_listing() -> None:
    listing = parse_feed(rss("").encode(), URL)
    assert (listing.kind, listing.entries, listing.problems) == ("rss", (), ())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(rss(item() + "<item><title>cut").encode(), id="cut off"),
        pytest.param(rss(item("<description>a <b>b</description>")).encode(), id="unclosed tag"),
        pytest.param(rss(item("<x:y>z</x:y>")).encode(), id="undeclared prefix"),
    ],
)
def test_broken_feed_gives_what_is_there_and_a_problem(data: bytes) -> None:
    listing = parse_feed(data, URL)
    assert "https://news.example/a/1" in [entry.url for entry in listing.entries]
    assert any("not well-formed" in problem for problem in listing.problems)


def test_repeated_links_count_once() -> None:
    listing = parse_feed(rss(item() + item(link="<link>https://news.example/a/1?utm_source=x#y</link>")).encode(), URL)
    assert [entry.url for entry in listing.entries] == ["https://news.example/a/1"]
    assert listing.problems == ("1 entries repeated a link",)


@pytest.mark.parametrize(
    "field",
    [
        "<author>{}</author>",
        "<dc:creator>{}</dc:creator>",
        "<dc:creator><![CDATA[{}]]></dc:creator>",
        "<managingEditor>{}</managingEditor>",
        "<author><name>{}</name></author>",
        "<author>x<!-- -->{}</author>",
    ],
)
def test_long_authors_take_linear_time(field: str) -> None:
    def cost(length: int) -> float:
        start = time.process_time()
        listing = parse_feed(rss(item(field.format("a" * length)) * 3).encode(), URL)
        assert len(listing.entries) == 1
        return time.process_time() - start

    cost(10)
    # quadratic time would be 10,000 times as much
    assert cost(40_000) < 100 * max(cost(400), 0.002)
    assert any(
        "author" in problem for problem in parse_feed(rss(item(field.format("a" * 40_000))).encode(), URL).problems
    )


def test_entities_cannot_smuggle_a_long_author_in() -> None:
    text = rss(item("<author>&x;</author>")).replace("<rss", f'<!DOCTYPE rss [<!ENTITY x "{"a" * 40_000}">]><rss', 1)
    listing = parse_feed(text.encode(), URL)
    assert all(len(name) < 100 for name in listing.entries[0].authors)


def test_many_attributes_take_linear_time() -> None:
    def cost(count: int) -> float:
        attributes = " ".join(f"a{n}='1'" for n in range(count))
        data = rss(item(f"<x {attributes}>y</x>")).encode()
        start = time.process_time()
        assert len(parse_feed(data, URL).entries) == 1
        return time.process_time() - start

    cost(10)
    assert cost(20_000) < 200 * max(cost(200), 0.002)


def test_many_tags_are_bounded() -> None:
    tags = "".join(f"<category>t{n}</category>" for n in range(5_000))
    listing = parse_feed(rss(item(tags) + item(tags, "<link>/b</link>")).encode(), URL)
    assert [entry.tags for entry in listing.entries] == [tuple(f"t{n}" for n in range(MAX_TAGS))] * 2
    assert any("categories beyond" in problem for problem in listing.problems)


def test_problems_and_authors_are_few() -> None:
    items = "".join(item(f"<pubDate>never {n}</pubDate>", f"<link>/a/{n}</link>") for n in range(100))
    problems = parse_feed(rss(items).encode(), URL).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1] == "and 80 more problems"
    crowd = "".join(f"<dc:creator>Name {n}</dc:creator>" for n in range(200))
    assert len(parse_feed(rss(item(crowd)).encode(), URL).entries[0].authors) == MAX_AUTHORS


def test_the_newest_entries_of_a_large_feed_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 20)
    days = [
        f"<link>/a/{n}</link><pubDate>{NOW - timedelta(hours=100 - n):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
        for n in range(100)
    ]
    listing = parse_feed(
        rss(item(link="<link>/undated</link>") + "".join(item(link=day) for day in days)).encode(), URL
    )
    assert [entry.url.rpartition("/")[2] for entry in listing.entries] == [str(n) for n in range(80, 100)]
    assert listing.problems[0] == "only the newest 20 of 101 entries were taken"


def test_the_newest_entries_of_a_large_json_feed_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 20)
    items = [{"url": f"/a/{n}", "date_published": utc_text(NOW - timedelta(hours=100 - n))} for n in range(100)]
    listing = parse_feed(json.dumps({"items": items}).encode(), URL)
    assert {entry.url.rpartition("/")[2] for entry in listing.entries} == {str(n) for n in range(80, 100)}


def test_characters_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    items = "".join(item(link=f"<link>/a/{n}</link>") for n in range(2_000))
    monkeypatch.setattr(feeds, "MAX_PARSED", 5_000)
    cut = parse_feed(gzip.compress(rss(items).encode()), URL)
    assert 10 < len(cut.entries) < 100
    monkeypatch.setattr(feeds, "MAX_BYTES", 3_000)
    cut = parse_feed(gzip.compress(rss(items).encode()), URL)
    assert len(cut.entries) > 5
    assert any("first 3000 bytes" in problem for problem in cut.problems)


def test_a_hundred_thousand_entries_take_linear_time() -> None:
    def cost(count: int) -> float:
        data = rss(
            "".join(
                item(link=f"<link>/a/{n}</link><pubDate>{NOW:%a, %d %b %Y} 10:00:00 GMT</pubDate>")
                for n in range(count)
            )
        )
        start = time.process_time()
        text, kept, total = newest_items(data, 1_000, MAX_PARSED)
        assert (kept, total) == (1_000, count) and text.count("<item>") == 1_000
        return time.process_time() - start

    cost(2_000)
    assert cost(100_000) < 120 * max(cost(2_000), 0.005)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss>",
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">',
        '<!DOCTYPE rss [<!ENTITY a "b"> <!ENTITY c SYSTEM "file:///x">]>',
        "<!DOCTYPE rss [ <!ELEMENT x (y)> ] >",
    ],
)
def test_document_type_is_taken_away(doctype: str) -> None:
    assert xml_text(f"<?xml version='1.0'?>{doctype}<rss>&a;&eacute;&lt;</rss>") == "<rss>&amp;a;é&lt;</rss>"


def test_billion_laughs_and_external_entities_are_nothing() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    attack = f'<!DOCTYPE rss [{laughs}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    text = rss(item("<description>x&f;</description>", title="&l8;")).replace("<rss", attack + "<rss", 1)
    (entry,) = parse_feed(text.encode(), URL).entries
    assert len(entry.title) < 20
    assert len(entry.summary) < 20


@settings(deadline=None)  # what it takes hangs on what else the machine does
@given(st.binary(max_size=300), st.integers(0, 500))
def test_any_bytes_give_a_listing_or_a_feed_error(noise: bytes, position: int) -> None:
    whole = ATOM.encode()
    for data in (noise, b"<rss>" + noise, whole[:position] + noise + whole[position:]):
        try:
            listing = parse_feed(data, URL, now=NOW)
        except FeedError:
            continue
        for entry in listing.entries:
            f"{entry.title}{entry.summary}{entry.guid}{entry.authors}{entry.url}".encode()
            assert "\0" not in entry.title + entry.summary + entry.guid


@pytest.mark.parametrize("reference", ["&#0;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#9999999;", "&#xFFFF;", "&#8;"])
def test_references_to_what_is_no_character_cost_no_feed(reference: str) -> None:
    """feedparser falls over a surrogate, and expat over each of them."""
    feed = f"<rss version='2.0'><channel><item><title>A {reference}title</title><link>https://a.example/1</link></item></channel></rss>"
    assert [entry.title for entry in parse_feed(feed.encode(), "https://a.example/feed").entries] == ["A title"]


@pytest.mark.parametrize(
    "opened", ["<a>" * 100_000, "<a>" * 100_000 + "</a>" * 100_000, "<br>" * 5_000], ids=["open", "closed", "br"]
)
def test_depth_costs_no_entry(opened: str) -> None:
    """What one entry leaves open, or nests without end, is no matter of the next."""
    items = [
        f"<item><title>{name}</title><link>https://a.example/{name}</link>{inner}</item>"
        for name, inner in (("one", opened), ("two", ""))
    ]
    listing = parse_feed(
        f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode(), "https://a.example/feed"
    )
    assert [entry.url for entry in listing.entries] == ["https://a.example/one", "https://a.example/two"]
    assert any("levels" in problem for problem in listing.problems)

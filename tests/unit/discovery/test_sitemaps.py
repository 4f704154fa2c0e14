"""Sitemaps: urlsets, news sitemaps, indexes and lists from bytes to entries."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import sitemaps
from crawler.discovery.plain import w3c_time
from crawler.discovery.sitemaps import MAX_ENTRIES, parse_sitemap
from crawler.errors import FeedError

URL = "https://news.example/sitemap.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def urlset(records: str, spaces: str = SPACES) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>{records}</urlset>'.encode()


def record(path: str, lastmod: str = "", inner: str = "") -> str:
    return (
        f"<url><loc>https://news.example{path}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}{inner}</url>"
    )


def paths(data: bytes) -> list[str]:
    return [entry.url.removeprefix("https://news.example") for entry in parse_sitemap(data, URL, NOW).entries]


def test_urlset_is_newest_first() -> None:
    data = urlset(
        record("/old", "2026-01-02")
        + record("/none")
        + record("/new", "2026-11-22T10:00:00+01:00")
        + record("/mid", "2026-11-21")
    )
    assert paths(data) == ["/new", "/mid", "/old", "/none"]
    first = parse_sitemap(data, URL, NOW).entries[0]
    assert (first.updated, first.published) == (datetime(2026, 11, 22, 9, tzinfo=UTC), None)
    assert parse_sitemap(data, URL, NOW).kind == "sitemap"


NEWS = (
    "<{0}news><{0}publication><{0}name>Courier</{0}name><{0}language>fr</{0}language></{0}publication>"
    "<{0}publication_date>2026-11-22T10:00:00Z</{0}publication_date><{0}title>L&#8217;été &amp; après</{0}title>"
    "<{0}keywords>fleuve, pont, fleuve,</{0}keywords></{0}news>"
)


@pytest.mark.parametrize(
    ("prefix", "spaces"),
    [
        pytest.param("news:", SPACES, id="as it should be"),
        pytest.param("n:", SPACES + ' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"', id="another prefix"),
        pytest.param("news:", 'xmlns="http://www.google.com/schemas/sitemap/0.84"', id="prefix never declared"),
        pytest.param("news:", 'xmlns:news="http://wrong.example/"', id="wrong namespaces"),
        pytest.param("", "", id="no namespace at all"),
    ],
)
def test_news_sitemap(prefix: str, spaces: str) -> None:
    picture = "<image:image><image:loc>https://cdn.example/1.jpg</image:loc></image:image>"
    listing = parse_sitemap(urlset(record("/a", "2026-11-23", picture + NEWS.format(prefix)), spaces), URL, NOW)
    (entry,) = listing.entries
    assert listing.kind == "newssitemap"
    assert (entry.url, entry.title, entry.language) == ("https://news.example/a", "L’été & après", "fr")
    assert entry.published == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert entry.tags == ("fleuve", "pont")


def test_picture_addresses_are_not_pages() -> None:
    picture = "<image:image><image:loc>https://cdn.example/1.jpg</image:loc></image:image>"
    assert paths(urlset(f"<url>{picture}<loc>https://news.example/a</loc></url>")) == ["/a"]
    assert paths(urlset(f"<url>{picture}<loc>https://news.example/a</loc></url>", spaces="")) == ["/a"]


def index(*children: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</sitemap>"
        for url, lastmod in children
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


def test_index_children_by_lastmod_then_by_their_names() -> None:
    listing = parse_sitemap(
        index(
            ("/sitemap-2026-09.xml", ""),
            ("/static.xml", ""),
            ("/a.xml", "2026-11-01"),
            ("/sitemap-2026-11.xml", ""),
            ("/posts-20261120-2.xml", ""),
            ("/posts-20261131.xml", ""),
            ("/b.xml", "2026-11-22"),
            ("/sitemap-2025-12-31.xml", ""),
            ("/posts-20261120.xml", ""),
        ),
        URL,
        NOW,
    )
    assert [child.url.rpartition("/")[2] for child in listing.children] == [
        "b.xml",
        "a.xml",
        "posts-20261131.xml",
        "posts-20261120-2.xml",
        "posts-20261120.xml",
        "sitemap-2026-11.xml",
        "sitemap-2026-09.xml",
        "sitemap-2025-12-31.xml",
        "static.xml",
    ]
    assert (listing.kind, listing.entries) == ("sitemapindex", ())


def test_index_without_any_date_keeps_its_order() -> None:
    listing = parse_sitemap(index(("/pages.xml", ""), ("/articles.xml", ""), ("/sport.xml", "")), URL)
    assert [child.url.rpartition("/")[2] for child in listing.children] == ["pages.xml", "articles.xml", "sport.xml"]


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T10:30+01:00", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-11-22T10:30:15Z", datetime(2026, 11, 22, 10, 30, 15, tzinfo=UTC)),
        ("2026-11-22T10:30:15.1234567Z", datetime(2026, 11, 22, 10, 30, 15, 123456, tzinfo=UTC)),
        ("2026-11-22T10:30:15-0330", datetime(2026, 11, 22, 14, 0, 15, tzinfo=UTC)),
        ("2026-11-22 10:30:15", datetime(2026, 11, 22, 10, 30, 15, tzinfo=UTC)),
        ("2026-11-22 10:30:15 UTC", datetime(2026, 11, 22, 10, 30, 15, tzinfo=UTC)),
        (" 2026-11-22T10:30:60Z\n", datetime(2026, 11, 22, 10, 30, 59, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 10:30:00 +0100", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("0000-00-00", None),
        ("2026-11-22T10:30+99:99", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_w3c_time(raw: str, moment: datetime | None) -> None:
    assert w3c_time(raw) == moment


def test_impossible_dates_are_dropped_and_said() -> None:
    listing = parse_sitemap(urlset(record("/a", "2030-01-01") + record("/b", "1970-01-01")), URL, NOW)
    assert [entry.updated for entry in listing.entries] == [None, None]
    assert any("2030-01-01" in problem for problem in listing.problems)


def test_plain_list() -> None:
    data = b"\xef\xbb\xbf\nhttps://news.example/a\r\nhttps://news.example/b\njunk:x\nhttps://news.example/a#x\n"
    assert sorted(paths(data)) == ["/a", "/b"]


def test_feed_given_as_a_sitemap() -> None:
    data = (
        b"<rss version='2.0'><channel><item><title>T</title><link>https://news.example/a</link></item></channel></rss>"
    )
    listing = parse_sitemap(gzip.compress(data), URL, NOW)
    assert (listing.kind, [entry.title for entry in listing.entries]) == ("rss", ["T"])


@pytest.mark.parametrize("twice", [False, True], ids=["one member", "two members"])
def test_gzip_by_magic_number(twice: bool) -> None:
    data = urlset(record("/a"))
    packed = gzip.compress(data[:70]) + gzip.compress(data[70:]) if twice else gzip.compress(data)
    assert paths(packed) == ["/a"]


def test_truncated_gzip_gives_what_is_there() -> None:
    data = gzip.compress(urlset("".join(record(f"/a/{n}") for n in range(2_000))), compresslevel=1)
    listing = parse_sitemap(data[: len(data) // 2], URL, NOW)
    assert 100 < len(listing.entries) < 2_000
    assert any("not well-formed" in problem for problem in listing.problems)


def test_gzip_bomb_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 100_000)
    bomb = gzip.compress(urlset("".join(record(f"/a/{n}") for n in range(3)) + " " * 30_000_000))
    listing = parse_sitemap(bomb, URL, NOW)
    assert len(listing.entries) == 3
    assert any("first 100000 bytes" in problem for problem in listing.problems)


def test_entries_are_bounded_even_if_all_are_one() -> None:
    listing = parse_sitemap(urlset(record("/a") * (MAX_ENTRIES + 5) + record("/b")), URL, NOW)
    assert [entry.url for entry in listing.entries] == ["https://news.example/a"]
    assert any(f"first {MAX_ENTRIES}" in problem for problem in listing.problems)


def test_time_grows_with_the_number_of_entries() -> None:
    def cost(count: int) -> float:
        data = urlset("".join(record(f"/a/{n}", "2026-11-22") for n in range(count)))
        start = time.process_time()
        assert len(parse_sitemap(data, URL, NOW).entries) == count
        return time.process_time() - start

    cost(100)
    assert cost(20_000) < 40 * max(cost(2_000), 0.01)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(urlset(record("/a") + record("/b"))[:-30], id="cut off"),
        pytest.param(urlset(record("/a?x=1&y=2")), id="bare ampersand"),
        pytest.param(b"\n\n junk " + urlset(record("/a")), id="leading junk"),
        pytest.param(urlset(record("/a") + "\x00\x0b"), id="control characters"),
        pytest.param(urlset(record("/a")).replace(b"UTF-8", b"UTF-16"), id="wrong encoding declared"),
        pytest.param(urlset(record("/a")).decode().encode("utf-16"), id="utf-16"),
        pytest.param(urlset("<url><loc><![CDATA[ https://news.example/a ]]></loc></url>"), id="cdata and blanks"),
        pytest.param(urlset("<url></url><url><loc/></url><url><loc>#</loc></url>" + record("/a")), id="no link"),
    ],
)
def test_damaged_sitemaps_give_what_is_there(data: bytes) -> None:
    assert paths(data)[0].startswith("/a")


def test_what_cannot_be_fetched_is_an_offer_but_no_sitemap() -> None:
    assert paths(urlset("<url><loc>file:///etc/hostname</loc></url>" + record("/a"))) == ["file:///etc/hostname", "/a"]
    index = b"<sitemapindex><sitemap><loc>file:///etc/hostname</loc></sitemap></sitemapindex>"
    assert parse_sitemap(index, URL, NOW).children == ()


def test_entities_are_not_expanded() -> None:
    attack = b'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY l "https://evil.example/">]>'
    data = urlset("<url><loc>&l;</loc></url><url><loc>&f;</loc></url>" + record("/a")).replace(
        b"<urlset", attack + b"<urlset", 1
    )
    assert "evil" not in "".join(paths(data))
    assert "/a" in paths(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page"),
        (b"<opml version='2.0'/>", "XML document of another kind"),
        (b"{}", "JSON"),
        (gzip.compress(b"\0" * 1_000_000, mtime=0), "binary data"),
        (b"\x1f\x8bjunk", "empty"),
    ],
)
def test_what_is_no_sitemap(data: bytes, what: str) -> None:
    with pytest.raises(FeedError, match=what) as raised:
        parse_sitemap(data, URL)
    assert URL in str(raised.value)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_give_a_listing_or_a_feed_error(noise: bytes, position: int) -> None:
    whole = urlset(record("/a", "2026-11-22", NEWS.format("news:")))
    for data in (noise, b"\x1f\x8b" + noise, whole[:position] + noise + whole[position:]):
        try:
            listing = parse_sitemap(data, URL, NOW)
        except FeedError:
            continue
        # another scheme stays as it was offered: it gets an outcome of its own
        assert all(":" in entry.url for entry in listing.entries + listing.children)

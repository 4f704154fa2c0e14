"""URLs: canonical form, joining, politeness key, registered domain, loose key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import safe_url_string

from crawler.urls import canonical, host_key, join, registered_domain


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param("HTTP://News.Example.ORG/A/b", "http://news.example.org/A/b", id="case of scheme and host only"),
        pytest.param("https://example.org", "https://example.org/", id="empty path"),
        pytest.param("https://example.org:443/a", "https://example.org/a", id="default https port"),
        pytest.param("http://example.org:80/a", "http://example.org/a", id="default http port"),
        pytest.param("http://example.org:443/a", "http://example.org:443/a", id="other scheme's port stays"),
        pytest.param("http://example.org:8080/a", "http://example.org:8080/a", id="odd port stays"),
        pytest.param("http://example.org:/a", "http://example.org/a", id="empty port"),
        pytest.param("http://example.org./a", "http://example.org/a", id="trailing dot of the host"),
        pytest.param("https://example.org/a#comments", "https://example.org/a", id="fragment"),
        pytest.param("https://example.org/a#!/b", "https://example.org/a", id="hashbang"),
        pytest.param("https://user:pw@example.org/a", "https://example.org/a", id="userinfo"),
        pytest.param("https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4", id="idna host, utf-8 path"),
        pytest.param("https://例え.jp/記事", "https://xn--r8jz45g.jp/%E8%A8%98%E4%BA%8B", id="japanese"),
        pytest.param("https://foo_bar.example.org/a", "https://foo_bar.example.org/a", id="underscore in host"),
        pytest.param("https://[2001:DB8:0::1]:8080/a", "https://[2001:db8::1]:8080/a", id="ipv6"),
        pytest.param("https://e.org/%7euser/%c3%a9/%2F", "https://e.org/~user/%C3%A9/%2F", id="percent-encoding"),
        pytest.param("https://e.org/100%/a%zz", "https://e.org/100%25/a%25zz", id="stray percent"),
        pytest.param("https://e.org/a b|c", "https://e.org/a%20b%7Cc", id="unsafe characters"),
        pytest.param("https://e.org/a/./b/../c", "https://e.org/a/c", id="dot segments"),
        pytest.param("https://e.org/../../c/..", "https://e.org/", id="dots above the root"),
        pytest.param("https://e.org/a/%2e%2E/c", "https://e.org/c", id="encoded dots"),
        pytest.param("https://e.org/a//b/", "https://e.org/a//b/", id="double and trailing slash stay"),
        pytest.param(r"https://e.org\a\b", "https://e.org/a/b", id="backslashes"),
        pytest.param(" \n https://e.org/a\tb\r\n/c\u200b", "https://e.org/ab/c", id="white space of markup"),
        pytest.param("https://e.org/a;jsessionid=1A2B.n1?x=1", "https://e.org/a?x=1", id="session in the path"),
        pytest.param("https://e.org/a?b=\ud800", "https://e.org/a?b=%EF%BF%BD", id="lone surrogate"),
        pytest.param("mailto:x@example.org", "mailto:x@example.org", id="not http"),
        pytest.param("https://e.org:99999/a", "https://e.org:99999/a", id="impossible port comes back"),
    ],
)
def test_canonical(url: str, key: str) -> None:
    assert canonical(url) == key


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=rss&utm_medium=x",
        "UTM_Campaign=1",
        "fbclid=1",
        "gclid=a",
        "at_medium=RSS&at_campaign=rss",
        "xtor=RSS-1",
        "cmpid=rss",
        "maca=de-rss",
        "ns_mchannel=rss",
        "wt_mc=rss.red",
        "traffic_source=rss",
        "ref=rss",
        "r=rss",
        "cmp=rss",
        "source=rss_feed",
        "amp;utm_source=x",
        "utm%5Fsource=x",
        "mc_cid=1&mc_eid=2",
        "dicbo=v2-1",
        "spm=C73.P59",
        "ocid=x",
        "guccounter=1",
        "__twitter_impression=true",
        "src=newsletter",
        "&",
        "&&",
        "_ga=1.2",
    ],
)
def test_canonical_drops_tracking(query: str) -> None:
    assert canonical(f"https://e.org/a?{query}") == "https://e.org/a"
    assert canonical(f"https://e.org/a?id=7&{query}&z") == "https://e.org/a?id=7&z"


@pytest.mark.parametrize(
    "query",
    [
        "a=b;c",
        "p=123",
        "id=7&cid=9",
        "q=",
        "q",
        "cid=1&sid=2",
        "source=7",
        "ref=12345",
        "r=news/12",
        "gallery=3",
        "medium=4",
        "campaign=9",
        "oid=1&aid=2",
        "b=2&a=1",
        "article.aspx?id=3",
        "t=a+b",
        "t=a%20b",
        "a[]=1",
        "x=%26y%3Dz",
        "session=12",
        "eid=8",
        "clid=4",
        "format=rss",
        "feed=rss",
        "type=atom",
        "seite=all",
    ],
)
def test_canonical_keeps_what_names_an_article(query: str) -> None:
    kept = query.replace("[]", "%5B%5D")
    assert canonical(f"https://e.org/a?{query}") == f"https://e.org/a?{kept}"


_WILD = st.text(alphabet=st.sampled_from("aZé中 %2eF/.?&=;:#@[]\\~+|\ud800\t_-0utm"), max_size=40)


@given(st.sampled_from(["http://", "HTTPS://", "http://e.org", "https://e.org/", "https://e.org/a?", ""]), _WILD)
def test_canonical_is_idempotent_and_what_scrapy_sends(start: str, rest: str) -> None:
    once = canonical(start + rest)
    assert canonical(once) == once
    if host_key(once):
        assert once.isascii()
        assert safe_url_string(once) == once


@given(_WILD, _WILD)
def test_join_never_raises(base: str, link: str) -> None:
    made = join("https://e.org/" + base, link)
    assert made is None or made.lower().startswith(("http://", "https://"))
    join(base, link)


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("/x/y.html", "https://e.org/x/y.html"),
        ("y.html", "https://e.org/news/y.html"),
        ("../y.html", "https://e.org/y.html"),
        ("?id=3", "https://e.org/news/index.html?id=3"),
        ("//other.org/x", "https://other.org/x"),
        ("///other.org/x", "https://other.org/x"),
        ("http:/other.org/x", "http://other.org/x"),
        ("https:///other.org/x", "https://other.org/x"),
        ("HTTP://Other.org/x", "http://Other.org/x"),
        ("\n  /x\n/y \t", "https://e.org/x/y"),
        ("\\x\\y", "https://e.org/x/y"),
        ("/x#part", "https://e.org/x"),
        ("/x?u=http://a.b/c", "https://e.org/x?u=http://a.b/c"),
        ("/2026/a:b", "https://e.org/2026/a:b"),
        ("#top", None),
        ("", None),
        ("javascript:void(0)", None),
        (" java\nscript:alert(1)", None),
        ("mailto:a@b.c", None),
        ("data:text/html,x", None),
        ("file:///etc/hostname", None),
        ("ftp://e.org/x", None),
        ("tel:+4912345", None),
        ("https://user:pw@e.org/x", None),
        ("https://user@e.org/x", None),
        ("http://[::1/x", None),
        ("http://", None),
        ("http://e.org:port/", None),
        ("http://e.org:70000/", None),
        ("/" + "x" * 2000, None),
    ],
)
def test_join(link: str, made: str | None) -> None:
    assert join("https://e.org/news/index.html", link) == made


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://Example.org/x", "example.org"),
        ("http://127.0.0.1:8021/x", "127.0.0.1:8021"),
        ("https://example.org:443/x", "example.org"),
        ("https://user@example.org/x", "example.org"),
        ("https://[::1]:81/", "[::1]:81"),
        ("nonsense", ""),
    ],
)
def test_host_key(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("French.PeopleDaily.com.cn", "peopledaily.com.cn"),
        ("example.org:8080", "example.org"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:8021", "127.0.0.1"),
        ("[::1]:80", "[::1]"),
        ("localhost", "localhost"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain

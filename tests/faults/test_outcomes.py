"""Nothing vanishes: whatever a link or a redirect says, each URL that was offered has an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, FaultySite, article, rss


def to(where: str | bytes, status: int = 302, **headers: str) -> Answer:
    """A redirect, its Location byte for byte."""
    raw = where if isinstance(where, bytes) else where.encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()).encode()
    return Answer(raw=b"HTTP/1.1 %d Found\r\nLocation: %s\r\nContent-Length: 0\r\n%s\r\n" % (status, raw, more))


def leads(where: str, seconds: str = "0", text: bytes = b"") -> Answer:
    """A page that takes its reader elsewhere."""
    head = f'<html><head><meta http-equiv="refresh" content="{seconds};url={where}">'
    return Answer(head.encode() + b"</head><body>" + text + b"</body></html>")


REDIRECTS = {
    # path: (what it answers, given the address of a site that is not the source's; the outcome)
    "to-an-article": (lambda away: to("/real-1"), "stored"),
    "back-and-forth": (lambda away: to("/forth"), "redirect_loop"),
    "to-itself": (lambda away: to("/to-itself"), "redirect_loop"),
    "to-itself-with-a-cookie": (lambda away: to("/to-itself-with-a-cookie", Set_Cookie="seen=1"), "redirect_loop"),
    "hop-0": (lambda away: to("/hop-1"), "redirect_loop"),
    "offsite": (lambda away: to(f"{away}/page"), "offsite"),
    "protocol-relative": (lambda away: to(f"{away.partition(':')[2]}/page"), "offsite"),
    "file": (lambda away: to("file:///etc/hostname"), "blocked_network"),
    "data": (lambda away: to("data:text/html,<h1>x</h1>"), "blocked_network"),
    "ftp": (lambda away: to("ftp://127.0.0.1/x"), "blocked_network"),
    "javascript": (lambda away: to("javascript:alert(1)"), "blocked_network"),
    "user-name": (lambda away: to("http://user:pw@127.0.0.1/"), "blocked_network"),
    "empty-location": (lambda away: to(""), "http_error"),
    "no-location": (lambda away: Answer(status=302), "http_error"),
    "bracket": (lambda away: to("http://["), "http_error"),
    "bad-port": (lambda away: to("http://127.0.0.1:99999/"), "http_error"),
    "nothing-but-a-scheme": (lambda away: to("http://"), "http_error"),
    "no-scheme": (lambda away: to("real-2"), "stored"),
    "one-slash": (lambda away: to("/a%20b"), "not_found"),
    "spaces": (lambda away: to("/with two spaces"), "stored"),
    "control-bytes": (lambda away: to(b"/real\x01-\x7f3"), "not_found"),
    "not-utf-8": (lambda away: to(b"/caf\xe9"), "stored"),
    "utf-8": (lambda away: to("/caf\u00e9-2"), "stored"),
    "fragment": (lambda away: to("/real-4#top"), "stored"),
    "very-long": (lambda away: to("/" + "a" * 5000), "http_error"),
    "deeper-and-deeper": (lambda away: to("/a/b/a/b/a/b"), "trap"),
    "refresh-to-an-article": (lambda away: leads("/real-5"), "stored"),
    "refresh-offsite": (lambda away: leads(f"{away}/page"), "offsite"),
    "refresh-to-itself": (lambda away: leads("/refresh-to-itself"), "not_article"),
    "refresh-in-a-circle": (lambda away: leads("/refresh-back"), "redirect_loop"),
    "refresh-to-file": (lambda away: leads("file:///etc/hostname"), "not_article"),
    "refresh-in-five-minutes": (lambda away: Answer(article(6, head='<meta http-equiv="refresh" content="300">')), "stored"),
    "a-304-for-nothing": (lambda away: Answer(status=304), "pending: http_error: HTTP 304"),
    "status-999": (lambda away: Answer(raw=b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"), None),
    "status-204": (lambda away: Answer(raw=b"HTTP/1.1 204 No\r\n\r\n"), "http_error"),
    "status-300": (lambda away: Answer(status=300), "http_error"),
}  # fmt: skip
LINKS = {
    "javascript:alert(1)": "blocked_network",
    "mailto:desk@news.example": "blocked_network",
    "file://etc/hostname": "blocked_network",
    "data:text/html,hello": "blocked_network",
    "ftp://127.0.0.1/a": "blocked_network",
    "gopher://127.0.0.1/a": "blocked_network",
    "http://user:pw@127.0.0.1/a": "blocked_network",
    "http://[bad/": "blocked_network",
    "http://exa mple.org/": "blocked_network",
    "http://127.0.0.1:99999/": "blocked_network",
    "https://elsewhere.example/": "offsite",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crawled:
    """What a crawl of all these sites left behind."""

    stage: Stage
    run: Run
    hops: FaultySite
    links: FaultySite
    away: FaultySite


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of everything; `away` belongs to no source."""
    with open_stage(tmp_path_factory.mktemp("outcomes")) as stage, FaultySite() as away:
        away.otherwise = Answer(article(40))
        hops = stage.site(slug="hops")
        hops.routes |= {f"/{name}": make(away.url) for name, (make, _) in REDIRECTS.items()}
        hops.routes |= {f"/hop-{n}": to(f"/hop-{n + 1}") for n in range(1, 50)}
        hops.routes |= {"/forth": to("/back-and-forth"), "/refresh-back": leads("/refresh-in-a-circle")}
        hops.routes |= {f"/real-{n}": Answer(article(n)) for n in range(10)}
        hops.routes |= {"/with%20two%20spaces": Answer(article(11)), "/caf%E9": Answer(article(12))}
        hops.routes |= {"/caf%C3%A9-2": Answer(article(13))}
        hops.routes["/feed.xml"] = rss(*(f"{hops.url}/{name}" for name in REDIRECTS))
        links = stage.site(slug="links")
        links.routes["/feed.xml"] = rss(*LINKS, f"{links.url}/real", f"{links.url}/real#again", "", "   ", "#top")
        links.routes["/real"] = Answer(article(20))
        for slug, path in (("feed-away", "/feed.xml"), ("feed-to-file", "/feed.xml"), ("feed-loop", "/feed.xml")):
            site = stage.site(slug=slug)
            site.routes[path] = to(
                {"feed-away": f"{away.url}/feed.xml", "feed-to-file": "file:///etc/passwd"}.get(slug, path)
            )
        front = stage.site(slug="section-away", feeds=())
        front.routes["/"] = to(f"{away.url}/", 301)
        stage.write_source("section-away", front.source(feeds=(), more=f'[[sections]]\nurl = "{front.url}/"\n'))
        yield Crawled(stage, stage.crawl(), hops, links, away)


def test_the_rest_is_well(crawled: Crawled) -> None:
    crawled.stage.check(crawled.run, 1)  # feeds that lead away failed


@pytest.mark.parametrize("name", REDIRECTS)
def test_a_redirect_has_an_outcome(crawled: Crawled, name: str) -> None:
    outcome = crawled.stage.outcomes("hops")[f"{crawled.hops.url}/{name}"]
    wanted = REDIRECTS[name][1]
    assert outcome == wanted if wanted and "pending" not in wanted else outcome.startswith(wanted or "")


def test_each_url_once_and_no_other(crawled: Crawled) -> None:
    assert set(crawled.stage.outcomes("hops")) == {f"{crawled.hops.url}/{name}" for name in REDIRECTS}


def test_redirects_are_bounded(crawled: Crawled) -> None:
    assert sum(path.startswith("/hop-") for path in crawled.hops.paths()) <= 11
    assert crawled.hops.paths().count("/to-itself-with-a-cookie") == 1


def test_nobody_is_sent_away(crawled: Crawled) -> None:
    assert crawled.away.asked == []


@pytest.mark.parametrize("link", LINKS)
def test_a_link_that_is_no_use_has_an_outcome(crawled: Crawled, link: str) -> None:
    rows = crawled.stage.rows("SELECT outcome, detail FROM pages WHERE url LIKE ?", link.replace("[", "%"))
    assert [row["outcome"] for row in rows] == [LINKS[link]], crawled.stage.outcomes("links")
    assert rows[0]["detail"]


def test_links_of_one_page_are_one_page(crawled: Crawled) -> None:
    assert crawled.stage.outcomes("links")[f"{crawled.links.url}/real"] == "stored"
    assert f"{crawled.links.url}/feed.xml" not in crawled.stage.outcomes("links")
    feed = crawled.stage.rows("SELECT detail FROM feeds WHERE url = ?", f"{crawled.links.url}/feed.xml")[0]
    assert "without a link" in str(feed["detail"])


@pytest.mark.parametrize(
    ("slug", "why"),
    [("feed-away", "offsite: redirects to"), ("section-away", "offsite: redirects to"),
     ("feed-to-file", "redirects to no usable URL"), ("feed-loop", "in a circle")],
)  # fmt: skip
def test_a_listing_that_leads_away_says_so(crawled: Crawled, slug: str, why: str) -> None:
    rows = crawled.stage.rows(
        "SELECT f.status, f.detail FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = ?", slug
    )
    assert [row["status"] for row in rows] == ["failing"]
    assert why in str(rows[0]["detail"])

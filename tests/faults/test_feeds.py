"""The life of feeds: those that move, die, come back, lie, or have no end. Two crawls of all of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, Asked, FaultySite, Route, article, rss

XML = {"Content-Type": "application/xml"}
HTML = {"Content-Type": "text/html"}
NOW = datetime.now(UTC)
MANY = 100_000


def dated(moment: datetime) -> str:
    return f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"


def feed_of(items: str, more: str = "") -> Answer:
    return Answer(f'<rss version="2.0"><channel><title>F</title>{more}{items}</channel></rss>'.encode(), headers=XML)


def item(link: str, more: str = "") -> str:
    return f"<item><title>t</title><link>{escape(link)}</link>{more}</item>"


@dataclass
class Cast:
    """The sites by name, the crawls of them, and what each crawl asked each of them for."""

    stage: Stage
    sites: dict[str, FaultySite] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    found: list[dict[str, dict[str, str]]] = field(default_factory=list)

    def open(self, slug: str, *, limits: str = "") -> FaultySite:
        site = self.sites[slug] = self.stage.site(slug=slug, limits=limits)
        site.routes |= {f"/{n}": Answer(article(n)) for n in range(8)}
        return site

    def crawl(self) -> None:
        before = {slug: len(site.asked) for slug, site in self.sites.items()}
        self.runs.append(self.stage.crawl("--force"))
        self.asked.append({
            slug: [path for path in site.paths()[before[slug]:] if path != "/robots.txt"] for slug, site in self.sites.items()
        })  # fmt: skip
        self.found.append({slug: self.stage.outcomes(slug) for slug in self.sites})

    def feeds(self, slug: str) -> dict[str, dict[str, object]]:
        rows = self.stage.rows(
            "SELECT f.* FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = ? ORDER BY f.id", slug
        )
        return {str(row["url"]).removeprefix(self.sites[slug].url): row for row in rows}

    def stored(self, slug: str) -> int:
        return int(self.stage.rows(
            "SELECT count(*) AS n FROM articles a JOIN sources s ON s.id = a.source_id WHERE s.slug = ?", slug
        )[0]["n"])  # type: ignore[call-overload]  # fmt: skip


MOVES = {  # slug: (what /feed.xml and others answer, given the site; where the feed is asked for afterwards)
    "moved-301": ({"/feed.xml": (301, "/new.xml")}, "/new.xml"),
    "moved-308": ({"/feed.xml": (308, "/new.xml")}, "/new.xml"),
    "lent-302": ({"/feed.xml": (302, "/new.xml")}, "/feed.xml"),
    "lent-307": ({"/feed.xml": (307, "/new.xml")}, "/feed.xml"),
    "moved-twice": ({"/feed.xml": (301, "/b.xml"), "/b.xml": (308, "/new.xml")}, "/new.xml"),
    "moved-then-lent": ({"/feed.xml": (301, "/b.xml"), "/b.xml": (302, "/new.xml")}, "/b.xml"),
    "lent-then-moved": ({"/feed.xml": (302, "/b.xml"), "/b.xml": (301, "/new.xml")}, "/feed.xml"),
    "moved-to-a-page": ({"/feed.xml": (301, "/"), "/": (200, "page")}, "/feed.xml"),
    "moved-in-a-circle": ({"/feed.xml": (301, "/b.xml"), "/b.xml": (301, "/feed.xml")}, "/feed.xml"),
}
SICK = {  # slug: (what the feed answers, what its detail says)
    "gone": (Answer(status=410), "HTTP 410"),
    "missing": (Answer(status=404), "HTTP 404"),
    "empty": (Answer(headers=XML), "is not a feed but empty"),
    "never-a-body": (Answer(status=304), "HTTP 304 to a request for the whole"),
    "a-page": (Answer(b"<!doctype html><html><head><title>Home</title></head></html>"), "an HTML page, called"),
    "names-a-feed": (
        Answer(b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>'),
        "it names a feed: http://127.0.0.1",
    ),
    "parked": (Answer(b"<html><body>This domain is for sale</body></html>"), "the page of a parked domain"),
    "broken": (Answer(b"<rss version='2.0'><channel><item", headers=XML), "is a broken feed"),
    "a-picture": (Answer(b"\x89PNG\r\n\x1a\n" + bytes(100), headers={"Content-Type": "image/png"}), "an image"),
}


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """Every site, crawled twice; what changes between the crawls changes here."""
    with open_stage(tmp_path_factory.mktemp("feeds")) as stage:
        stage.settings["EXTRACT_TIMEOUT"] = "60"  # the longest lists take their time on a busy machine
        cast = Cast(stage)
        for slug, (hops, _) in MOVES.items():
            site = cast.open(slug)
            site.routes["/new.xml"] = rss(*(f"{site.url}/{n}" for n in range(3)))
            for path, (status, where) in hops.items():
                page = Answer(b"<html><body>Welcome</body></html>")
                site.routes[path] = page if status == 200 else Answer(status=status, headers={"Location": where})
        for slug, (answer, _) in SICK.items():
            cast.open(slug).routes["/feed.xml"] = answer
        _open_guids(cast)
        _open_odd(cast)
        cast.crawl()
        _change(cast)
        cast.crawl()
        yield cast


def _open_guids(cast: Cast) -> None:
    for slug in ("new-guids", "new-links", "one-guid", "same-etag"):
        site = cast.open(slug)
        guid = "always" if slug == "one-guid" else "old-{n}"
        items = "".join(item(f"{site.url}/{n}", f'<guid isPermaLink="false">{guid.format(n=n)}</guid>') for n in range(4))
        site.routes["/feed.xml"] = feed_of(items)
    site = cast.sites["same-etag"]
    site.routes["/feed.xml"] = _stubborn(site)


def _stubborn(site: FaultySite) -> Route:
    """A feed that calls itself the same whatever is in it, and answers 304 to whoever believes it."""

    def answer(asked: Asked) -> Answer:
        if "If-None-Match" in asked.headers:
            return Answer(status=304)
        feed = rss(*(f"{site.url}/{n}" for n in range(2)))
        return Answer(feed.body, headers={**XML, "ETag": '"1"'})

    return answer


def _open_odd(cast: Cast) -> None:
    site = cast.open("shrinks")
    site.routes["/feed.xml"] = rss(f"{site.url}/1")
    site = cast.open("no-links")
    site.routes["/feed.xml"] = feed_of("<item><title>a</title></item><item><title>b</title></item>")
    site = cast.open("to-come")
    site.routes["/feed.xml"] = feed_of(item(f"{site.url}/1", dated(NOW + timedelta(days=400))))
    site = cast.open("long-past")
    site.routes["/feed.xml"] = feed_of(item(f"{site.url}/1", dated(NOW - timedelta(days=400))))
    site = cast.open("all-at-once")
    site.routes["/feed.xml"] = feed_of("".join(item(f"{site.url}/{n}", dated(NOW)) for n in range(4)))
    site = cast.open("wrong-encoding")
    text = f'<?xml version="1.0" encoding="ascii"?><rss version="2.0"><channel>{item(site.url + "/1")}' \
        "<item><title>Été</title></item></channel></rss>"  # fmt: skip
    site.routes["/feed.xml"] = Answer(text.encode("latin-1"), headers={"Content-Type": "text/xml; charset=utf-16"})
    site = cast.open("cut-off")
    whole = rss(*(f"{site.url}/{n}" for n in range(4))).body
    site.routes["/feed.xml"] = Answer(whole[: whole.index(b"/3</link>")], headers=XML)
    site = cast.open("gzip-file")
    packed = gzip.compress(rss(f"{site.url}/1").body)
    site.routes["/feed.xml"] = Answer(packed, headers={"Content-Type": "application/x-gzip"})
    site = cast.open("endless-list", limits="pages_per_run = 3")
    old = "".join(item(f"{site.url}/old/{n}", dated(NOW - timedelta(days=3, seconds=n))) for n in range(MANY))
    new = "".join(item(f"{site.url}/{n}", dated(NOW - timedelta(minutes=n))) for n in range(3))
    site.routes["/feed.xml"] = feed_of(old + new)


def _change(cast: Cast) -> None:
    sites = cast.sites
    for slug in ("missing", "gone", "empty"):
        sites[slug].routes["/feed.xml"] = rss(f"{sites[slug].url}/1")
    site = sites["new-guids"]
    items = "".join(item(f"{site.url}/{n}", f"<guid>tag:new,{n}</guid>") for n in range(4))
    site.routes["/feed.xml"] = feed_of(items)
    site = sites["new-links"]
    items = "".join(item(f"{site.url}/moved/{n}", f'<guid isPermaLink="false">old-{n}</guid>') for n in range(4))
    site.routes |= {f"/moved/{n}": Answer(article(n)) for n in range(4)}
    site.routes["/feed.xml"] = feed_of(items)
    sites["shrinks"].routes["/feed.xml"] = feed_of("")


def test_all_the_rest_is_well(cast: Cast) -> None:
    for run in cast.runs:
        cast.stage.check(run, 1)  # the sick feeds are the only ones of their sources


@pytest.mark.parametrize("slug", MOVES)
def test_where_a_feed_is_asked_for_afterwards(cast: Cast, slug: str) -> None:
    assert cast.asked[1][slug][0] == MOVES[slug][1]


@pytest.mark.parametrize("slug", MOVES)
def test_a_move_is_written_down_and_only_then(cast: Cast, slug: str) -> None:
    feeds, new = cast.feeds(slug), MOVES[slug][1]
    if new == "/feed.xml":
        assert [feed["status"] for feed in feeds.values()] == ["failing" if "-a-" in slug else "active"]
        return
    assert (feeds["/feed.xml"]["status"], feeds["/feed.xml"]["moved_to"]) == ("moved", feeds[new]["id"])
    assert f"moved to {cast.sites[slug].url}{new}" in str(feeds["/feed.xml"]["detail"])
    assert (feeds[new]["status"], feeds[new]["moved_to"]) == ("active", None)
    assert cast.stored(slug) == 3


@pytest.mark.parametrize("slug", SICK)
def test_what_is_said_of_a_sick_feed(cast: Cast, slug: str) -> None:
    if slug not in ("missing", "empty"):
        assert SICK[slug][1] in str(cast.feeds(slug)["/feed.xml"]["detail"])
    assert f"{slug}: " in cast.runs[0].output and SICK[slug][1] in cast.runs[0].output


def test_a_feed_that_is_gone_is_not_asked_again(cast: Cast) -> None:
    assert cast.asked[0]["gone"] == ["/feed.xml"]
    assert cast.asked[1]["gone"] == []
    assert cast.feeds("gone")["/feed.xml"]["status"] == "gone"


@pytest.mark.parametrize("slug", ["missing", "empty"])
def test_a_feed_that_was_missing_comes_back(cast: Cast, slug: str) -> None:
    feed = cast.feeds(slug)["/feed.xml"]
    assert (feed["status"], feed["failures"]) == ("active", 0)
    assert cast.stored(slug) == 1


def test_new_guids_make_nothing_new(cast: Cast) -> None:
    assert cast.found[1]["new-guids"] == cast.found[0]["new-guids"]
    assert cast.stored("new-guids") == 4


def test_new_links_of_old_articles_are_addresses_of_them(cast: Cast) -> None:
    assert cast.stored("new-links") == 4
    assert sorted(cast.found[1]["new-links"].values()) == ["duplicate"] * 4 + ["stored"] * 4


def test_one_guid_for_all_is_none(cast: Cast) -> None:
    assert cast.stored("one-guid") == 4


def test_an_etag_that_never_changes_is_believed_for_a_day(cast: Cast) -> None:
    assert "If-None-Match" in cast.sites["same-etag"].asked[-1].headers
    assert cast.feeds("same-etag")["/feed.xml"]["body_at"]


@pytest.mark.parametrize(
    ("slug", "status", "detail", "outcomes"),
    [
        ("shrinks", "active", "", ["stored"]),
        ("no-links", "active", "2 entries without a link", []),
        ("to-come", "active", "a date was not used", ["stored"]),
        ("long-past", "active", "", ["skipped_old"]),
        ("all-at-once", "active", "", ["stored"] * 4),
        ("wrong-encoding", "active", "", ["stored"]),
        ("cut-off", "active", "not well-formed", ["stored"] * 3),
        ("gzip-file", "active", "", ["stored"]),
    ],
)
def test_an_odd_feed_gives_what_is_in_it(cast: Cast, slug: str, status: str, detail: str, outcomes: list[str]) -> None:
    found = [outcome for url, outcome in cast.found[0][slug].items() if not url.endswith("/3") or slug != "cut-off"]
    assert found == outcomes
    feed = cast.feeds(slug)["/feed.xml"]
    assert feed["status"] == status
    assert detail in str(feed["detail"]) or str(feed["detail"]) == "unchanged"


def test_the_newest_of_a_hundred_thousand_entries_come_first(cast: Cast) -> None:
    assert set(cast.asked[0]["endless-list"][1:]) == {"/0", "/1", "/2"}
    assert cast.stored("endless-list") == 3
    assert 1_000 < len(cast.found[0]["endless-list"]) <= 5_000
    said = cast.stage.rows("SELECT detail FROM feeds WHERE items > 1000")
    assert not said or "only the newest" in str(said[0]["detail"]) or said[0]["detail"] == "unchanged"

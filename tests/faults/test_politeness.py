"""Hosts that are tired, dead, slow or reserved, one site each; crawled twice, and judged by the servers' own logs.

The feed of each site stands on another one, so that its articles are offered whatever the site does.
"""

from __future__ import annotations

import gzip
import itertools
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from tests.faults.conftest import Run, Stage
from tests.faults.servers import Answer, Asked, FaultySite, Route, Wire, article, rss

BUDGET = 30
TIMEOUT = 2
SETTINGS = {"HOST_BUDGET": str(BUDGET), "DOWNLOAD_TIMEOUT": str(TIMEOUT), "LOG_LEVEL": "INFO", "DELAY_JITTER": "0"}
MINUTE, DAY = 60.0, 86_400.0
SLACK = 20 * MINUTE  # between the collection of the tests, when dates are made, and the crawl


def hanging(asked: Asked, wire: Wire) -> None:
    while wire.wait(1):
        pass


def busy(retry_after: str | None = None, status: int = 429) -> Answer:
    """An answer that asks to come back later."""
    return Answer(b"later", status, {"Retry-After": retry_after} if retry_after is not None else {})


def at_first(route: Answer, then: bytes) -> Route:
    """An answer once, and then an article."""
    left = [route]

    def answer(asked: Asked) -> Answer:
        return left.pop() if left else Answer(then)

    return answer


def in_minutes(minutes: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)


# what a Retry-After says -> for how many seconds the host is left alone
TIRED: dict[str, tuple[Answer, float]] = {
    "seconds": (busy("600"), 600),
    "date": (busy(in_minutes(120)), 120 * MINUTE - SLACK),
    "date in the past": (busy(in_minutes(-20)), MINUTE),
    "zero": (busy("0"), MINUTE),
    "negative": (busy("-5"), MINUTE),
    "huge": (busy("99999999999"), DAY),
    "far date": (busy("Fri, 31 Dec 9999 23:59:59 GMT"), DAY),
    "nonsense": (busy("soon"), MINUTE),
    "a number that is none": (busy("1e9"), MINUTE),
    "fraction": (busy("600.5"), 600),
    "empty": (busy(""), MINUTE),
    "none": (busy(), MINUTE),
    "503": (busy("600", 503), 600),
    "503 without": (busy(status=503), MINUTE),
}


@dataclass(frozen=True)
class Failing:
    """A site on which all pages fail in one way: how many are tried before it is left alone, of how many."""

    route: Route
    tried: int
    outcome: str = "pending"
    pages: int = 8


FAILING = {
    "500": Failing(Answer(b"", 500), 5),
    "502": Failing(Answer(b"", 502), 5),
    "403": Failing(Answer(b"", 403), 20, "http_error", 24),
    "no answer": Failing(Answer(raw=b""), 5),
    "hangs": Failing(hanging, 3),
    "404": Failing(Answer(b"", 404), 8, "not_found"),
}

MARKER = "sandcastle"  # stands in articles of which no copy may be kept
MARKED = article(3, body=f"<p>The {MARKER} on the beach was finished before the tide came in on Friday evening.</p>")


def meta(name: str, content: str, body: str = "") -> bytes:
    return article(4, head=f'<meta name="{name}" content="{content}">', body=body)


def marked(**headers: str) -> Answer:
    return Answer(MARKED, headers={name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Wish:
    """A page that says something about copies or mining, and what is to be found with its capture."""

    page: Answer
    outcome: str = "stored"
    robots: str = ""
    reserved: str | None = None


WISHES = {
    "noarchive": Wish(
        Answer(meta("robots", "noarchive", f"<p>The {MARKER} of the town, of which no copy is wanted.</p>")),
        "blocked_noarchive", "noarchive",
    ),
    "noarchive-header": Wish(marked(X_Robots_Tag="noarchive, nofollow"), "blocked_noarchive", "noarchive, nofollow"),
    "noarchive-for-us": Wish(marked(X_Robots_Tag="kiosque: noarchive"), "blocked_noarchive", "noarchive"),
    "noarchive-packed": Wish(
        Answer(gzip.compress(meta("robots", "nocache", f"<p>Another {MARKER}.</p>")), headers={"Content-Encoding": "gzip"}),
        "blocked_noarchive", "nocache",
    ),
    "noarchive-for-another": Wish(Answer(article(5), headers={"X-Robots-Tag": "otherbot: noarchive"})),
    "noindex": Wish(Answer(meta("robots", "noindex")), robots="noindex"),
    "none": Wish(Answer(article(6), headers={"X-Robots-Tag": "none"}), robots="none"),
    "unavailable": Wish(
        Answer(article(7), headers={"X-Robots-Tag": "unavailable_after: 2001-01-01"}),
        robots="unavailable_after: 2001-01-01, noindex",
    ),
    "tdm-header": Wish(Answer(article(8), headers={"TDM-Reservation": "1"}), reserved='{"tdm_reservation": "1"}'),
    "tdm-meta": Wish(Answer(article(9, head='<meta name="tdm-reservation" content="1">')),
                     reserved='{"tdm_reservation": "1"}'),
    "noai": Wish(Answer(article(10, head='<meta name="robots" content="noai">')), robots="noai",
                 reserved='{"robots": ["noai"]}'),
    "nothing": Wish(Answer(article(11))),
}  # fmt: skip


@dataclass
class Town:
    """All sites of the crawls, the runs, and how often each site had been asked when the first had ended."""

    stage: Stage
    sites: dict[str, FaultySite] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    asked: dict[str, list[Asked]] = field(default_factory=dict)
    found: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(
        self, stack: ExitStack, slug: str, routes: Mapping[str, Route], more: str = "", delay: float = 0
    ) -> FaultySite:
        """A site whose pages a feed on another site offers."""
        site = self.sites[slug] = stack.enter_context(FaultySite(routes))
        feed = rss(*(f"{site.url}{path}" for path in routes if path != "/robots.txt"))
        press = stack.enter_context(FaultySite({"/feed.xml": feed}))
        self.stage.write_source(
            slug, press.source(more=more, delay=delay).replace(f'home = "{press.url}/"', f'home = "{site.url}/"')
        )
        return site

    def outcomes(self, slug: str) -> dict[str, str]:
        url = self.sites[slug].url
        return {page.removeprefix(url): said.partition(":")[0] for page, said in self.stage.outcomes(slug).items()}

    def host(self, slug: str) -> dict[str, object]:
        rows = self.stage.rows("SELECT * FROM hosts WHERE host = ?", f"127.0.0.1:{self.sites[slug].port}")
        return rows[0]

    def held_for(self, slug: str) -> float:
        """Seconds from the last answer of the first crawl to the end of the rest, by the clock of the archive."""
        until = datetime.fromisoformat(str(self.host(slug)["not_before"]))
        fetched = self.stage.rows(
            "SELECT max(fetched_at) AS at FROM captures WHERE url LIKE ?", f"{self.sites[slug].url}/%"
        )
        return (until - datetime.fromisoformat(str(fetched[0]["at"]))).total_seconds()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two crawls of all sites, the second at once after the first and without a contact."""
    with ExitStack() as stack:
        stage = Stage(tmp_path_factory.mktemp("politeness"), stack)
        stage.settings.update(SETTINGS)
        town = Town(stage)
        for label, (answer, _) in TIRED.items():
            pages: dict[str, Route] = {f"/{n}": Answer(article(n)) for n in range(2, 5)}
            town.add(stack, slug_of(label), {"/1": answer, **pages})
        town.add(
            stack,
            "short-rest",
            {"/1": at_first(busy("2"), article(1)), "/2": Answer(article(2)), "/3": Answer(article(3))},
        )
        for label, failing in FAILING.items():
            town.add(stack, f"failing-{slug_of(label)}", {f"/{n}": failing.route for n in range(failing.pages)})
        mixed: dict[str, Route] = {f"/{n}": Answer(b"", 500) if n % 2 else Answer(article(n)) for n in range(16)}
        town.add(stack, "now-and-then", mixed)
        town.add(stack, "wanted-often", {f"/{n}": Answer(article(n)) for n in range(BUDGET + 8)})
        town.add(stack, "wishes", {f"/{name}": wish.page for name, wish in WISHES.items()})
        for slug, head in (("nofollow", '<meta name="robots" content="noindex,nofollow">'), ("follow", "")):
            links = "".join(f'<p><a href="/news/{n}">A headline of the town, number {n}</a></p>' for n in range(3))
            front = Answer(f"<html><head><title>Front</title>{head}</head><body>{links}</body></html>".encode())
            routes: dict[str, Route] = {"/": front, **{f"/news/{n}": Answer(article(n)) for n in range(3)}}
            site = town.sites[slug] = stack.enter_context(FaultySite(routes))
            section = f'[[sections]]\nurl = "{site.url}/"\narticles = "/news/"\n'
            stage.write_source(slug, site.source(feeds=(), more=section))
        site = town.sites["feed-with-wishes"] = stack.enter_context(FaultySite({"/1": Answer(article(1))}))
        feed = rss(f"{site.url}/1")
        site.routes["/feed.xml"] = Answer(
            feed.body, 200, {**feed.headers, "X-Robots-Tag": "noindex, nofollow, noarchive"}
        )
        stage.write_source("feed-with-wishes", site.source())
        with FaultySite() as closed:
            pass
        town.sites["closed"] = closed
        press = stack.enter_context(FaultySite({"/feed.xml": rss(*(f"{closed.url}/{n}" for n in range(4)))}))
        stage.write_source("closed", press.source().replace(f'home = "{press.url}/"', f'home = "{closed.url}/"'))

        town.runs.append(stage.crawl())
        town.asked = {slug: list(site.asked) for slug, site in town.sites.items()}
        town.found = {slug: town.outcomes(slug) for slug in town.sites}
        stage.settings["CONTACT"] = " "
        town.runs.append(stage.crawl("--force"))
        yield town
        stage.end()


def slug_of(label: str) -> str:
    return label.lower().replace(" ", "-")


def pages_of(asked: Sequence[Asked]) -> list[str]:
    return [one.path for one in asked if one.path != "/robots.txt"]


def test_the_crawls_end_well(town: Town) -> None:
    for run in town.runs:
        town.stage.check(run)


@pytest.mark.parametrize("label", TIRED)
def test_a_host_that_asks_for_a_rest_gets_it_as_a_whole(town: Town, label: str) -> None:
    slug, least = slug_of(label), TIRED[label][1]
    assert pages_of(town.asked[slug]) == ["/1"]
    assert town.found[slug] == {f"/{n}": "pending" for n in range(1, 5)}
    assert least - 2 <= town.held_for(slug) <= (least + SLACK if label == "date" else least) + 2


@pytest.mark.parametrize("label", TIRED)
def test_its_pages_come_back_when_it_does(town: Town, label: str) -> None:
    until = str(town.host(slug_of(label))["not_before"])
    rows = town.stage.rows(
        "SELECT url, next_attempt_at, attempts FROM pages WHERE url LIKE ? ORDER BY url",
        f"{town.sites[slug_of(label)].url}/%",
    )
    second = timedelta(seconds=2)  # moments are kept in whole ones
    assert all(
        datetime.fromisoformat(str(row["next_attempt_at"])) >= datetime.fromisoformat(until) - second for row in rows
    )
    assert [row["attempts"] for row in rows] == [1, 0, 0, 0], "what was not asked for cost no try"


def test_a_short_rest_is_waited_for(town: Town) -> None:
    asked = [one for one in town.asked["short-rest"] if one.path != "/robots.txt"]
    assert [one.path for one in asked] == ["/1", "/2", "/3"]
    assert asked[1].at - asked[0].at >= 2
    assert town.found["short-rest"] == {"/1": "pending", "/2": "stored", "/3": "stored"}


@pytest.mark.parametrize("label", FAILING)
def test_a_host_that_fails_again_and_again_is_left_alone(town: Town, label: str) -> None:
    slug, case = f"failing-{slug_of(label)}", FAILING[label]
    assert len(pages_of(town.asked[slug])) == case.tried
    said = list(town.found[slug].values())
    assert said.count(case.outcome) == (case.pages if case.outcome == "pending" else case.tried)
    assert said.count("pending") == case.pages - case.tried * (case.outcome != "pending")


def test_a_host_that_answers_in_between_is_not(town: Town) -> None:
    assert len(pages_of(town.asked["now-and-then"])) == 16
    assert list(town.found["now-and-then"].values()).count("stored") == 8


def test_where_nothing_listens_pages_wait(town: Town) -> None:
    assert town.found["closed"] == {f"/{n}": "pending" for n in range(4)}


def test_a_restart_forgets_no_rest(town: Town) -> None:
    for slug in (*map(slug_of, TIRED), "failing-500", "failing-hangs", "wanted-often"):
        assert len(town.sites[slug].asked) == len(town.asked[slug]), slug


def test_a_host_is_asked_so_often_on_one_day_and_no_more(town: Town) -> None:
    assert len(town.sites["wanted-often"].asked) == BUDGET, "robots.txt counts too"
    host = town.host("wanted-often")
    assert (host["requests"], host["day"]) == (BUDGET, f"{datetime.now(UTC):%Y-%m-%d}")
    rows = town.stage.rows("SELECT next_attempt_at FROM pages WHERE url LIKE ? AND state = 'pending'",
                           f"{town.sites['wanted-often'].url}/%")  # fmt: skip
    assert len(rows) == 9
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}T00:00:00Z"
    assert {row["next_attempt_at"] for row in rows} == {tomorrow}


@pytest.mark.parametrize("name", WISHES)
def test_what_a_page_says_is_recorded_and_honoured(town: Town, name: str) -> None:
    wish, url = WISHES[name], f"{town.sites['wishes'].url}/{name}"
    assert town.found["wishes"][f"/{name}"] == wish.outcome
    (row,) = town.stage.rows("SELECT robots, reserved, kept FROM captures WHERE url = ?", url)
    assert (row["robots"], row["reserved"], row["kept"]) == (wish.robots, wish.reserved, wish.outcome == "stored")


def test_no_copy_is_kept_of_what_may_not_be_copied(town: Town) -> None:
    folder: Path = town.stage.folder
    for path in folder.rglob("*.warc.gz"):
        with gzip.open(path) as whole:
            assert MARKER.encode() not in whole.read()
    assert MARKER.encode() not in (folder / "archive.db").read_bytes()
    assert not town.stage.rows("SELECT 1 FROM articles WHERE text LIKE ?", f"%{MARKER}%")


def test_the_archive_is_sound_without_these_copies(town: Town) -> None:
    done = town.stage.run("-m", "archive", "verify", "--archive", str(town.stage.folder))
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_of_a_page_that_says_nofollow_are_not_followed(town: Town) -> None:
    assert town.found["nofollow"] == {}
    assert set(town.found["follow"].values()) == {"stored"} and len(town.found["follow"]) == 3
    (feed,) = town.stage.rows("SELECT status FROM feeds WHERE url = ?", f"{town.sites['nofollow'].url}/")
    assert feed["status"] == "active"


def test_what_a_feed_offers_is_offered_whatever_it_says_to_indexers(town: Town) -> None:
    assert town.found["feed-with-wishes"] == {"/1": "stored"}


def test_who_asks_is_said_with_every_request(town: Town) -> None:
    agents = {one.headers["User-Agent"] for asked in town.asked.values() for one in asked}
    assert agents == {"Kiosque/0.1 (demo@example.org)"}
    assert "CONTACT is not set" not in town.runs[0].output
    assert town.runs[1].output.count("CONTACT is not set") == 1


# -- the rest between two requests, over a whole crawl ---------------------------------------------------------------------

DELAY = 0.2


def paper(number: int, site: FaultySite, url: str) -> None:
    """A newspaper below a folder of a site: its feed and an article have moved, others fail. Eight requests in all, with
    one that is made again since the connection broke."""
    base = f"/{number}"
    site.routes |= {
        f"{base}/feed": Answer(b"", 301, {"Location": f"{base}/feed.xml"}),
        f"{base}/feed.xml": rss(*(f"{url}{base}/{n}" for n in range(4))),
        f"{base}/0": Answer(b"", 302, {"Location": f"{base}/moved"}),
        f"{base}/moved": Answer(article(number)),
        f"{base}/1": Answer(article(number + 1)),
        f"{base}/2": Answer(raw=b""),
        f"{base}/3": Answer(b"", 500),
    }


@pytest.mark.parametrize("sources", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_no_host_is_asked_more_often_than_it_may_be(tmp_path: Path, sources: int) -> None:
    """Sources two by two on one host, and every fifth host under a second name as well."""
    with ExitStack() as stack:
        stage = Stage(tmp_path, stack)
        sites = []
        for number in range(0, sources, 2):
            site = stack.enter_context(FaultySite())
            sites.append(site)
            second = site.url.replace("127.0.0.1", "localhost") if number % 5 == 0 else site.url
            for at, url in ((number, site.url), (number + 1, second)):
                paper(at, site, url)
                stage.write_source(
                    f"paper-{at}", site.source(feeds=(f"/{at}/feed",), delay=DELAY).replace(site.url, url)
                )
        run = stage.crawl()
        stage.check(run)
        asked: dict[str, list[float]] = {}
        for site in sites:
            for one in site.asked:
                asked.setdefault(one.headers["Host"], []).append(one.at)
        papers = stage.rows(
            """SELECT count(*) AS n FROM pages p JOIN sources s ON s.id = p.source_id
               WHERE p.outcome IN ('stored', 'duplicate') AND s.slug LIKE 'paper-%'"""
        )
        assert papers[0]["n"] == 2 * sources
        assert len(asked) == sources // 2 + sources // 10
        assert sum(map(len, asked.values())) == 8 * sources + len(asked), (
            "robots.txt once a host, and eight for each paper"
        )
        for host, times in asked.items():
            gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(times))]
            assert min(gaps) >= DELAY, host


def test_several_connections_keep_the_delay_as_well(tmp_path: Path) -> None:
    """Every second handshake is slow, so that a request that came first may be overtaken by one on an open connection."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    handshakes = itertools.count()
    context.sni_callback = lambda *_: time.sleep(DELAY * 0.8 * (next(handshakes) % 2))

    def slow(asked: Asked) -> Answer:
        time.sleep(DELAY * 2.5)
        return Answer(
            article(int(asked.path[1:])), headers={"Connection": "close" if int(asked.path[1:]) % 3 else "keep-alive"}
        )

    with ExitStack() as stack:
        stage = Stage(tmp_path, stack)
        stage.settings["DELAY_JITTER"] = "0"
        site = stage.site({f"/{n}": slow for n in range(16)}, tls=context, delay=DELAY)
        site.routes["/feed.xml"] = rss(*(f"{site.url}/{n}" for n in range(16)))
        stage.write_source("faulty", "verify_tls = false\n" + site.source(delay=DELAY, limits="concurrency = 4"))
        stage.check(stage.crawl())
        assert list(stage.outcomes().values()).count("stored") == 16
        times = sorted(one.at for one in site.asked)
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert min(gaps) >= DELAY * 0.95, gaps  # the server reads a request some milliseconds after it was written
        assert min(gaps) < DELAY * 2.5, "several are under way at once"

"""robots.txt of every kind, one site each: crawled twice, and judged by what the site was asked for and what became of it.

The feed of each site stands on another one, so that its articles are offered whatever its robots.txt does.
"""

from __future__ import annotations

import gzip
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from archive.records import utc_text
from tests.faults.conftest import Run, Stage
from tests.faults.servers import Answer, Asked, FaultySite, Route, Wire, article, rss

FORBID = b"User-agent: *\nDisallow: /secret\n"
ALLOWED = {"/1": "stored", "/secret": "stored"}
OBEYED = {"/1": "stored", "/secret": "blocked_robots"}
WAITING = {"/1": "pending", "/secret": "pending"}
UNREACHABLE_FOR = 2  # seconds
SETTINGS = {
    "DOWNLOAD_TIMEOUT": "3",
    "ROBOTS_UNREACHABLE_FOR": str(UNREACHABLE_FOR),
    "RETRY_AFTER_FAILURE": "2s,1h",
    "LONGEST_CRAWL_DELAY": "3",
    "DELAY_JITTER": "0",
}


def to(path: str) -> Answer:
    """A redirect."""
    return Answer(b"", 302, {"Location": path})


def hanging(asked: Asked, wire: Wire) -> None:
    while wire.wait(1):
        pass


def endless(asked: Asked, wire: Wire) -> None:
    """A robots.txt that begins like any other, and has no end."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + FORBID)
    while wire.send(b"Disallow: /other\n" * 4000):
        pass


def dripping(asked: Asked, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while wire.send(b"#") and wire.wait(0.2):
        pass


def at_first(*answers: Answer) -> Callable[[Asked], Answer]:
    """One answer after another, the last one for ever."""
    left = list(answers)

    def route(asked: Asked) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return route


def delay(value: str) -> Answer:
    return Answer(f"User-agent: *\nCrawl-delay: {value}\n".encode())


@dataclass(frozen=True)
class Case:
    """A robots.txt, with what else the site answers, and what becomes of its pages in the first and in the second crawl."""

    robots: Route
    first: dict[str, str]
    second: dict[str, str] | None = None  # None: as the first
    more: dict[str, Route] | None = None
    gap: float = 0.0  # seconds that are between two requests at least


HOPS: dict[str, Route] = {f"/r{n}": to(f"/r{n + 1}") for n in range(1, 9)}
LARGE = FORBID + b"# filler\n" * 70_000 + b"Disallow: /1\n"
CASES = {
    "rules": Case(Answer(FORBID), OBEYED),
    "404": Case(Answer(FORBID, 404), ALLOWED),
    "410": Case(Answer(b"User-agent: *\nDisallow: /\n", 410), ALLOWED),
    "401": Case(Answer(FORBID, 401), ALLOWED),
    "403": Case(Answer(FORBID, 403), ALLOWED),
    "500 then 200": Case(at_first(Answer(b"", 500), Answer(FORBID)), WAITING, OBEYED),
    "503 then 200": Case(at_first(Answer(b"", 503), Answer(FORBID)), WAITING),
    "500 for ever": Case(Answer(b"", 500), WAITING),
    "429 then 200": Case(at_first(Answer(b"", 429), Answer(FORBID)), WAITING),
    "429 and come back": Case(at_first(Answer(b"", 429, {"Retry-After": "2"}), Answer(FORBID)), WAITING, OBEYED),
    "429 for hours": Case(Answer(b"", 429, {"Retry-After": "7200"}), WAITING),
    "hangs": Case(hanging, WAITING),
    "drips": Case(dripping, WAITING),
    "breaks off": Case(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *"), WAITING),
    "five redirects": Case(to("/r4"), OBEYED, more={**HOPS, "/r8": Answer(FORBID)}),
    "six redirects": Case(to("/r3"), ALLOWED, more={**HOPS, "/r8": Answer(FORBID)}),
    "redirects in a circle": Case(to("/robots.txt"), ALLOWED),
    "redirect to file": Case(to("file:///etc/hostname"), ALLOWED),
    "redirect to the metadata of a cloud": Case(to("http://169.254.169.254/robots.txt"), WAITING),
    "600 KB": Case(Answer(LARGE), OBEYED),
    "endless": Case(endless, OBEYED),
    "no end in the header": Case(
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + LARGE + bytes(99_999)), OBEYED
    ),
    "gzip": Case(Answer(gzip.compress(FORBID), headers={"Content-Encoding": "gzip"}), OBEYED),
    "gzip bomb": Case(Answer(gzip.compress(FORBID + b"#" * 100_000_000), headers={"Content-Encoding": "gzip"}), OBEYED),
    "HTML": Case(Answer(article(99)), ALLOWED),
    "byte order mark and CRLF": Case(Answer(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /secret\r\n"), OBEYED),
    "CR": Case(Answer(b"User-agent: *\rDisallow: /secret\r"), OBEYED),
    "NUL and garbage": Case(Answer(b"\x00\xff\xfe\n" + FORBID + bytes(range(256))), OBEYED),
    "our version": Case(Answer(b"User-agent: Kiosque/9.9\nDisallow: /secret\nUser-agent: *\nDisallow: /\n"), OBEYED),
    "part of our name": Case(Answer(b"User-agent: Kios\nDisallow: /\n"), ALLOWED),
    "agents of AI": Case(Answer(b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n"), ALLOWED),
    "NULs in the lines": Case(Answer(b"User-agent: *\0\nDisallow: /secret\0\n"), OBEYED),
    "crawl-delay 2": Case(delay("2"), ALLOWED, gap=2),
    "crawl-delay 2s": Case(delay("2s"), ALLOWED, gap=2),
    "crawl-delay 1,5": Case(delay("1,5"), ALLOWED, gap=1.5),
    "crawl-delay nan": Case(delay("nan"), ALLOWED),
    "crawl-delay -1": Case(delay("-1"), ALLOWED),
    "crawl-delay 1e9": Case(delay("1e9"), ALLOWED, gap=3),
}
RESTS = {"503 then 200": 60, "429 then 200": 60, "429 for hours": 7200}  # seconds
Crawls = tuple[
    Stage, dict[str, FaultySite], Run, dict[str, dict[str, str]], dict[str, list[Asked]], dict[str, tuple[float, float]]
]


def slug_of(label: str) -> str:
    return "robots-" + "".join(c if c.isalnum() else "-" for c in label.lower())


def outcomes(stage: Stage, label: str, site: FaultySite) -> dict[str, str]:
    found = stage.outcomes(slug_of(label))
    return {url.removeprefix(site.url): said.partition(":")[0] for url, said in found.items()}


def rest_until(stage: Stage, host: str, moment: str) -> None:
    """Move the end of a host's rest."""
    with closing(sqlite3.connect(stage.folder / "archive.db")) as db, db:
        db.execute("UPDATE hosts SET not_before = ? WHERE host = ?", [moment, host])


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    """Two crawls of all sites: the stage, the sites, the first run, its outcomes, what was asked in it, and how many
    seconds after its begin and after its end the rests are over that it was asked for."""
    with ExitStack() as stack:
        stage = Stage(tmp_path_factory.mktemp("robots"), stack)
        stage.settings.update(SETTINGS)
        sites: dict[str, FaultySite] = {}
        for label, case in CASES.items():
            pages: dict[str, Route] = {"/1": Answer(article(1)), "/secret": Answer(article(2))}
            site = sites[label] = stack.enter_context(
                FaultySite({"/robots.txt": case.robots, **pages, **(case.more or {})})
            )
            press = stack.enter_context(FaultySite({"/feed.xml": rss(f"{site.url}/1", f"{site.url}/secret")}))
            stage.write_source(
                slug_of(label), press.source().replace(f'home = "{press.url}/"', f'home = "{site.url}/"')
            )
        began = datetime.now(UTC).replace(microsecond=0)
        first = stage.crawl()
        ended = datetime.now(UTC)
        found = {label: outcomes(stage, label, site) for label, site in sites.items()}
        asked = {label: list(site.asked) for label, site in sites.items()}
        rests = {}
        for label in RESTS:
            host = f"127.0.0.1:{sites[label].port}"
            (row,) = stage.rows("SELECT not_before FROM hosts WHERE host = ?", host)
            over = datetime.fromisoformat(str(row["not_before"]))
            rests[label] = ((over - began).total_seconds(), (over - ended).total_seconds())
            # a slow machine may take longer than the rest for what comes next
            rest_until(stage, host, utc_text(over + timedelta(hours=1)))
        time.sleep(UNREACHABLE_FOR + 1)
        stage.check(stage.crawl())
        yield stage, sites, first, found, asked, rests
        stage.end()


def test_the_crawl_ends_well(crawls: Crawls) -> None:
    crawls[0].check(crawls[2])


@pytest.mark.parametrize("label", CASES)
def test_what_becomes_of_the_pages(crawls: Crawls, label: str) -> None:
    stage, sites, _, found, *_ = crawls
    assert found[label] == CASES[label].first
    assert outcomes(stage, label, sites[label]) == (CASES[label].second or CASES[label].first)


@pytest.mark.parametrize("label", CASES)
def test_nothing_is_asked_that_may_not_be(crawls: Crawls, label: str) -> None:
    asked = [one.path for one in crawls[4][label]]
    assert asked[0] == "/robots.txt"
    if "redirects" not in label:
        assert asked.count("/robots.txt") == 1
    wanted = [path for path, outcome in CASES[label].first.items() if outcome == "stored"]
    assert sorted(path for path in asked if path in ALLOWED) == sorted(wanted)


@pytest.mark.parametrize("label", [label for label, case in CASES.items() if case.gap])
def test_a_crawl_delay_is_kept(crawls: Crawls, label: str) -> None:
    times = [one.at for one in crawls[4][label]]
    assert len(times) == 3
    assert all(later - earlier >= CASES[label].gap for earlier, later in itertools.pairwise(times))


def test_what_was_out_of_reach_is_asked_for_once_in_each_crawl(crawls: Crawls) -> None:
    sites = crawls[1]
    for label in ("500 for ever", "500 then 200", "hangs"):
        assert sites[label].paths().count("/robots.txt") == 2, label


@pytest.mark.parametrize(("label", "rest"), RESTS.items())
def test_a_host_whose_robots_txt_asks_for_a_rest_gets_it(crawls: Crawls, label: str, rest: int) -> None:
    """Also with --force. What it answers after its rest counts; when that is the same, it rests longer."""
    stage, sites, *_, rests = crawls
    since_begin, since_end = rests[label]
    assert since_begin >= rest >= since_end
    host = f"127.0.0.1:{sites[label].port}"
    stage.check(stage.crawl("--force", "--source", f"bulk,{slug_of(label)}"))
    assert sites[label].paths() == ["/robots.txt"]

    def standing() -> tuple[float, int]:
        (row,) = stage.rows("SELECT not_before, holds FROM hosts WHERE host = ?", host)
        return (datetime.fromisoformat(str(row["not_before"])) - datetime.now(UTC)).total_seconds(), int(
            str(row["holds"])
        )

    assert standing()[1] == 1
    rest_until(stage, host, "2026-01-01T00:00:00Z")
    with closing(sqlite3.connect(stage.folder / "archive.db")) as db, db:
        db.execute("UPDATE pages SET next_attempt_at = '2026-01-01T00:00:00Z' WHERE url LIKE ?", [f"http://{host}/%"])
    sites[label].routes["/robots.txt"] = Answer(b"", 503)
    before = datetime.now(UTC)
    stage.check(stage.crawl("--force", "--source", f"bulk,{slug_of(label)}"))
    left, holds = standing()
    assert holds == 2
    assert left + (datetime.now(UTC) - before).total_seconds() >= 2 * 60


def test_what_is_said_to_agents_of_ai_is_recorded_with_the_captures(crawls: Crawls) -> None:
    stage, sites, *_ = crawls
    rows = stage.rows("SELECT DISTINCT reserved FROM captures WHERE url LIKE ?", f"{sites['agents of AI'].url}/%")
    assert [row["reserved"] for row in rows] == ['{"ai_agents": ["ccbot", "gptbot"]}']

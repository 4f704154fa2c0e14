"""robots.txt by RFC 9309: what it allows, how it is fetched, how long it is kept."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.hosts import Hosts
from crawler.fetch.robots import Robots
from crawler.fetch.robotstxt import LARGEST, SHORTEST_LIFE, RobotsTxt, Rules, max_age, of_response
from tests import warm
from tests.unit.crawler.servers import ROOT, Answer, Server, crawl_environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86_400.0
UNREACHABLE = 1800.0
UNREACHABLE_FOR = timedelta(seconds=UNREACHABLE)
FORBID = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(200, "rules"), (204, "rules"), (301, "allow"), (304, "allow"), (400, "allow"), (401, "allow"), (403, "allow"),
     (404, "allow"), (410, "allow"), (451, "allow"), (429, "disallow"), (500, "disallow"), (503, "disallow"),
     (599, "disallow"), (100, "disallow")],
)  # fmt: skip
def test_the_class_of_the_status_decides(status: int, meaning: str) -> None:
    rules = of_response(status, FORBID, NOW)
    assert rules.status == meaning
    assert bool(rules.text) == (meaning == "rules"), "the body of an error page is no robots.txt"


def test_at_least_500_kib_are_read_and_no_half_line() -> None:
    body = b"User-agent: *\nDisallow: /first\n" + b"# filler\n" * 70_000
    body = body[: LARGEST - 20] + b"\nDisallow: /x\nDisallow: /beyond\n"
    robots = RobotsTxt(of_response(200, body, NOW).text)
    assert not robots.allows("http://e.org/first")
    assert not robots.allows("http://e.org/x")
    assert robots.allows("http://e.org/b"), "half of the last line is no rule"
    assert robots.allows("http://e.org/beyond")


@pytest.mark.parametrize(
    ("text", "allowed", "forbidden"),
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", ["/", "/a/b/c"], ["/a", "/a/c", "/ab"]),
        ("User-agent: *\nDisallow: /*.pdf$", ["/x.pdf?y", "/x.pdfs"], ["/x.pdf", "/a/b.pdf"]),
        ("User-agent: *\nDisallow: /*/print/", ["/print/"], ["/a/print/x"]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: KIOSQUE\nDisallow: /own", ["/", "/x"], ["/own/x"]),
        ("User-agent: kiosque\nUser-agent: other\nDisallow: /both\n\nUser-agent: *\nDisallow: /", ["/"], ["/both"]),
        ("User-agent: kiosque\nDisallow:\n\nUser-agent: *\nDisallow: /", ["/anything"], []),
        ("User-agent: notkiosque\nDisallow: /", ["/"], []),
        ("User-agent: Kiosque/1.0\nDisallow: /", [], ["/"]),
        ("User-agent: Kiosque bot # ours\nDisallow: /", [], ["/"]),
        ("User-agent Kiosque\nDisallow: /", [], ["/"]),
        ("User-agent: Kios\nDisallow: /\nUser-agent: k\nUser-agent: que\nDisallow: /", ["/"], []),
        ("User-agent: Kiosque-News\nUser-agent: Kiosque2\nDisallow: /", ["/"], []),
        ("User-agent: Mozilla/5.0 (compatible; Kiosque/1.0)\nDisallow: /", ["/"], []),
        ("User-agent: *kiosque*\nDisallow: /a\nUser-agent: *\nDisallow: /b", ["/a"], ["/b"]),
        ("User-agent: kiosque\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: KIOSQUE\nDisallow: /b", ["/"],
         ["/a", "/b"]),
        ("User-agent: *\rDisallow: /a\rDisallow: /b", ["/c"], ["/a", "/b"]),
        ("User-agent: *\nDisallow: /é", ["/e"], ["/é", "/%C3%A9"]),
        ("User-agent: *\nDisallow: /%7Ejoe", ["/joe"], ["/~joe/x", "/%7Ejoe"]),
        ("\ufeffUser-agent: *\nDisallow: /a", ["/b"], ["/a"]),
        ("User-agent: *\r\nDisallow: /a\r\n", ["/b"], ["/a"]),
        ("user-agent:*\ndisallow:/a # comment", ["/b"], ["/a"]),
        ("User-agent: *\0\nDis\0allow: /a\0\n\0", ["/b"], ["/a/c"]),
        ("<html><body>Not found</body></html>", ["/"], []),
        ("", ["/"], []),
    ],
    ids=["longest match", "end of path", "wildcard", "our group beats *", "shared group", "empty rule", "another token",
         "version", "more words", "no colon", "part of our name", "longer names", "whole header", "stars", "two groups",
         "CR",
         "non-ASCII", "escaped tilde", "byte order mark", "CRLF", "no spaces", "NULs", "an HTML page", "empty"],
)  # fmt: skip
def test_rules(text: str, allowed: list[str], forbidden: list[str]) -> None:
    robots = RobotsTxt(of_response(200, text.encode(), NOW).text)
    paths = [*allowed, *forbidden]
    assert [p for p in paths if robots.allows(f"http://e.org{p}")] == allowed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    robots = RobotsTxt(of_response(200, "User-agent: *\nDisallow: /caf\xe9\n".encode(encoding), NOW).text)
    page = "/caf%E9/1" if encoding == "latin-1" else "/caf%C3%A9/1"
    assert not robots.allows(f"http://e.org{page}")
    assert robots.allows("http://e.org/caf")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("0", 0.0), ("-1", 0.0), ("nan", 0.0), ("inf", 0.0), ("1e9", 60.0), ("61", 60.0),
     ("soon", 0.0), ("", 0.0), ("1,5", 1.5), ("2s", 2.0), ("3 seconds # or so", 3.0), ("0.5s", 0.5), ("-2s", 0.0),
     ("9" * 400, 0.0)],
)  # fmt: skip
def test_crawl_delay(value: str, seconds: float) -> None:
    assert RobotsTxt(f"User-agent: *\nCrawl-delay: {value}\n").delay(60.0) == seconds


def test_our_own_crawl_delay_counts() -> None:
    text = "User-agent: *\nCrawl-delay: 9\n\nUser-agent: kiosque\nCrawl-delay: 3\n"
    assert RobotsTxt(text).delay(60.0) == 3
    assert RobotsTxt("User-agent: *\nRequest-rate: 1/5\nCrawl-delay: 2").delay(60.0) == 5


@pytest.mark.parametrize(
    ("header", "age"),
    [("max-age=60", 60), ("public, MAX-AGE = 60", 60), ('max-age="60"', 60), ("no-store", 0), ("no-cache, max-age=9", 0),
     ("", None), ("s-maxage=9", None), ("max-age=soon", None), ("max-age=-1", None), ("max-age=" + "9" * 30, 10**18 - 1)],
)  # fmt: skip
def test_how_long_an_answer_may_be_kept(header: str, age: int | None) -> None:
    assert max_age(header) == age


@pytest.mark.parametrize(
    ("header", "status", "seconds"),
    [("", 200, DAY), ("max-age=7200", 200, 7200), ("max-age=7200", 404, 7200), ("max-age=999999", 200, DAY),
     ("max-age=1", 200, SHORTEST_LIFE), ("no-store", 200, SHORTEST_LIFE), ("max-age=7200", 503, UNREACHABLE)],
)  # fmt: skip
def test_cache_control_shortens_the_life_of_rules_and_never_prolongs_it(header: str, status: int, seconds: float) -> None:
    rules = of_response(status, FORBID, NOW, header)
    assert rules.expires(DAY, UNREACHABLE) == NOW + timedelta(seconds=seconds)


def test_what_is_said_to_agents_of_ai() -> None:
    robots = RobotsTxt(
        "User-agent: GPTBot\nUser-agent: CCBot/2.0\nDisallow: /\n\nUser-agent: ClaudeBot\nDisallow: /premium/\n\n"
        "User-agent: Google-Extended\nAllow: /\n\nUser-agent: *\nContent-Signal: search=yes, ai-train=no # ours\n"
        "Disallow: /search\n\nUser-agent: other\nContent-Usage: train-ai=y\n"
    )
    assert robots.closed_to("https://e.org/news/1") == ("ccbot", "gptbot")
    assert robots.closed_to("https://e.org/premium/1") == ("ccbot", "claudebot", "gptbot")
    assert robots.usage == ("content-signal: search=yes, ai-train=no",)
    assert robots.allows("https://e.org/news/1"), "what is said to others does not hold for us"
    assert not RobotsTxt("").closed_to("https://e.org/") and not RobotsTxt("").usage


def test_what_is_said_to_us_goes_before_what_is_said_to_all() -> None:
    text = "Content-Usage: a=n\nUser-agent: *\nContent-Usage: b=n\nAllow: /\nUser-agent: kiosque\nContent-Usage: c=y\n"
    assert RobotsTxt(text).usage == ("content-usage: c=y",)
    assert RobotsTxt(text.replace("kiosque", "other")).usage == ("content-usage: a=n", "content-usage: b=n")


class Store:
    """Keeps rules as the archive does, without a file."""

    def __init__(self, **kept: Rules) -> None:
        self.kept = dict(kept)

    def load(self, host: str) -> Rules | None:
        return self.kept.get(host)

    async def save(self, host: str, rules: Rules) -> None:
        await asyncio.sleep(0)
        self.kept[host] = rules


class Site:
    """Answers like a site whose robots.txt is asked for; counts how often."""

    def __init__(self, clock: list[datetime], status: int = 200) -> None:
        self.clock, self.status, self.asked = clock, status, 0

    async def fetch(self) -> Rules:
        self.asked += 1
        await asyncio.sleep(0.01)
        return of_response(self.status, FORBID, self.clock[0])


@pytest.mark.parametrize(
    ("status", "later", "asked"),
    [
        (200, timedelta(hours=23, minutes=59), 1),
        (200, timedelta(hours=24), 2),
        (404, timedelta(hours=23), 1),
        (404, timedelta(hours=25), 2),
        (503, UNREACHABLE_FOR - timedelta(seconds=1), 1),
        (503, UNREACHABLE_FOR, 2),
        (200, timedelta(seconds=-1), 2),
        (503, timedelta(days=-300), 2),
    ],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "restarted"])
def test_how_long_rules_are_kept(status: int, later: timedelta, asked: int, restarted: bool) -> None:
    clock = [NOW]
    site, store = Site(clock, status), Store()

    async def work() -> None:
        robots = Robots(store, lambda: clock[0], DAY, UNREACHABLE)
        await robots.rules("a", site.fetch)
        clock[0] += later
        if restarted:
            robots = Robots(store, lambda: clock[0], DAY, UNREACHABLE)
        rules, _ = await robots.rules("a", site.fetch)
        assert rules == store.kept["a"]

    asyncio.run(work())
    assert site.asked == asked


@pytest.mark.parametrize(("status", "asked"), [(503, 2), (200, 1), (404, 1)])
def test_by_hand_what_was_out_of_reach_is_asked_for_again(status: int, asked: int) -> None:
    site, store = Site([NOW], status), Store()

    async def work() -> None:
        await Robots(store, lambda: NOW, DAY, UNREACHABLE).rules("a", site.fetch)
        robots = Robots(store, lambda: NOW, DAY, UNREACHABLE)
        for _ in range(3):
            await robots.rules("a", site.fetch, NOW + timedelta(seconds=asked == 1))
            await robots.rules("a", site.fetch, NOW + timedelta(seconds=1) if site.asked == 1 else NOW)

    asyncio.run(work())
    assert site.asked == asked


def test_many_that_wait_ask_once() -> None:
    site = Site([NOW])

    async def work() -> None:
        robots = Robots(Store(), lambda: NOW, DAY, UNREACHABLE)
        found = await asyncio.gather(*(robots.rules("a", site.fetch) for _ in range(50)))
        assert len({id(parser) for _, parser in found}) == 1

    asyncio.run(work())
    assert site.asked == 1


def test_a_failed_fetch_leaves_the_way_free() -> None:
    site = Site([NOW])

    async def broken() -> Rules:
        raise OSError("gone")

    async def work() -> None:
        robots = Robots(Store(), lambda: NOW, DAY, UNREACHABLE)
        with pytest.raises(OSError):
            await robots.rules("a", broken)
        rules, _ = await asyncio.wait_for(robots.rules("a", site.fetch), 10)
        assert rules.status == "rules"

    asyncio.run(work())


PROBE = """
import asyncio, json, sys
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import reactor
from scrapy import Request
from scrapy.crawler import AsyncCrawlerRunner
from crawler.catalog import Catalog, parse_source
from crawler.fetch.netguard import GuardedResolver
from crawler.fetch.politeness import SLOT
from crawler.runtime import Runtime, settings_of_project
from crawler.spiders.news import NewsSpider
from tests.unit.crawler.servers import source_file

pages, results = json.loads(sys.argv[1]), {}

class Probe(NewsSpider):
    name = "probe"
    source = parse_source(source_file("http://127.0.0.1:9/feed"), "probe")

    async def start(self):
        await self.open_run()
        for label, url in pages.items():
            yield Request(url, self.came, errback=self.failed, cb_kwargs={"label": label}, dont_filter=True, meta=dict(SLOT))

    def came(self, response, label):
        results[label] = str(response.status)

    def failed(self, failure):
        results[failure.request.cb_kwargs["label"]] = failure.type.__name__

async def main():
    settings = settings_of_project()
    settings.set("DOWNLOAD_TIMEOUT", 6)  # of what hangs; a busy machine answers by then
    runtime = Runtime.open(settings, Catalog({"probe": Probe.source}))
    runtime.guard.ports = frozenset(("127.0.0.1", port) for port in range(1, 65536))
    GuardedResolver(reactor).install_on_reactor()
    try:
        await AsyncCrawlerRunner(settings).crawl(Probe, runtime=runtime)
    finally:
        runtime.close()
        print(json.dumps(results))
        reactor.stop()

reactor.callWhenRunning(lambda: asyncio.ensure_future(main()))
reactor.run()
"""


def to(url: str) -> Answer:
    """A redirect."""
    return Answer(302, headers={"Location": url})


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], dict[str, Server], Path]]:
    """One crawl of a page of each of many sites: label -> status or name of the error, the sites, the archive."""
    folder = tmp_path_factory.mktemp("robots")
    big = b"User-agent: *\nDisallow: /other\n" + b"# filler\n" * 80_000 + b"Disallow: /page\n"
    with ExitStack() as stack:

        def add(robots: Answer, **more: Answer) -> Server:
            answers = {"/robots.txt": robots, **{f"/{name}": answer for name, answer in more.items()}}
            return stack.enter_context(Server(answers, Answer(200, b"a page")))

        rules = add(Answer(200, FORBID))
        elsewhere = add(to(f"{rules.url}/robots.txt"))
        hops = {f"r{n}": to(f"/r{n + 1}") for n in range(1, 9)}
        sites = {
            "allowed": add(Answer(200, b"User-agent: *\nDisallow: /other\n")),
            "forbidden": rules,
            "not found": add(Answer(404, FORBID)),
            "gone": add(Answer(410, FORBID)),
            "not for you": add(Answer(403, FORBID)),
            "unavailable": add(Answer(503, b"")),
            "too many requests": add(Answer(429, b"")),
            "hangs": add(Answer(hang=True)),
            "large": add(Answer(200, big)),
            "redirect to another host": elsewhere,
            "five redirects": add(to("/r4"), **hops | {"r8": Answer(200, FORBID)}),
            "six redirects": add(to("/r3"), **hops | {"r8": Answer(200, FORBID)}),
            "redirect to itself": add(to("/robots.txt")),
            "redirect to nowhere": add(to("")),
            "redirect to a file": add(to("file:///etc/hostname")),
            "redirect to a private address": add(to("http://10.255.255.1/robots.txt")),
        }
        pages = {label: f"{server.url}/page" for label, server in sites.items()}
        pages |= {"private": "http://10.255.255.1/page", "again": f"{rules.url}/page", "third": f"{rules.url}/third"}
        with Server({}) as server:
            pages["refused"] = f"{server.url}/page"
        done = warm.run(
            [sys.executable, "-c", PROBE, json.dumps(pages)], cwd=ROOT, env=crawl_environment(folder),
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout.splitlines()[-1])
        assert results, done.stderr
        yield results, sites, folder


@pytest.mark.parametrize(
    ("label", "result"),
    [
        ("allowed", "200"),
        ("forbidden", "ForbiddenByRobots"),
        ("again", "ForbiddenByRobots"),
        ("not found", "200"),
        ("gone", "200"),
        ("not for you", "200"),
        ("unavailable", "RobotsUnreachable"),
        ("too many requests", "RobotsUnreachable"),
        ("hangs", "RobotsUnreachable"),
        ("refused", "RobotsUnreachable"),
        ("large", "200"),
        ("redirect to another host", "ForbiddenByRobots"),
        ("five redirects", "ForbiddenByRobots"),
        ("six redirects", "200"),
        ("redirect to itself", "200"),
        ("redirect to nowhere", "200"),
        ("redirect to a file", "200"),
        ("redirect to a private address", "RobotsUnreachable"),
        ("private", "ForbiddenAddress"),
    ],
)
def test_a_page_behind_each_robots_txt(
    probed: tuple[dict[str, str], dict[str, Server], Path], label: str, result: str
) -> None:
    assert probed[0][label] == result


def test_what_the_sites_were_asked_for(probed: tuple[dict[str, str], dict[str, Server], Path]) -> None:
    _, sites, _ = probed
    # once for three pages, and once more because another host's robots.txt redirects to it
    assert sites["forbidden"].asked == ["/robots.txt"] * 2
    assert sites["allowed"].asked == ["/robots.txt", "/page"]
    assert sites["five redirects"].asked == ["/robots.txt", "/r4", "/r5", "/r6", "/r7", "/r8"]
    assert sites["six redirects"].asked == ["/robots.txt", "/r3", "/r4", "/r5", "/r6", "/r7", "/page"]
    assert sites["unavailable"].asked == sites["hangs"].asked == ["/robots.txt"]


def test_the_rules_are_kept_in_the_archive(probed: tuple[dict[str, str], dict[str, Server], Path]) -> None:
    _, sites, folder = probed
    with Archive(folder) as archive:
        hosts = Hosts(archive.db)
        kept = {label: hosts.get(server.url.removeprefix("http://")) for label, server in sites.items()}
    said = {label: row.robots_status for label, row in kept.items() if row}
    assert said.keys() == sites.keys()
    assert said["forbidden"] == said["redirect to another host"] == "rules"
    assert said["not found"] == "allow"
    assert said["unavailable"] == said["redirect to a private address"] == "disallow"
    large = kept["large"]
    assert large is not None and large.robots is not None and len(large.robots) <= LARGEST

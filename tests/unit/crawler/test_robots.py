"""robots.txt by RFC 9309: what it allows, how it is fetched, how long it is kept."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from protego import Protego

from archive import Archive
from archive.hosts import Hosts
from crawler.fetch.identity import PRODUCT
from crawler.fetch.robots import LARGEST, UNREACHABLE_FOR, Robots, Rules, crawl_delay, of_response
from tests.unit.crawler.servers import ROOT, Answer, Server, crawl_environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86_400.0
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
    parser = Protego.parse(of_response(200, body, NOW).text)
    assert not parser.can_fetch("http://e.org/first", PRODUCT)
    assert not parser.can_fetch("http://e.org/x", PRODUCT)
    assert parser.can_fetch("http://e.org/b", PRODUCT), "half of the last line is no rule"
    assert parser.can_fetch("http://e.org/beyond", PRODUCT)


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
        ("User-agent: *\nDisallow: /é", ["/e"], ["/é", "/%C3%A9"]),
        ("User-agent: *\nDisallow: /%7Ejoe", ["/joe"], ["/~joe/x", "/%7Ejoe"]),
        ("\ufeffUser-agent: *\nDisallow: /a", ["/b"], ["/a"]),
        ("User-agent: *\r\nDisallow: /a\r\n", ["/b"], ["/a"]),
        ("user-agent:*\ndisallow:/a # comment", ["/b"], ["/a"]),
        ("<html><body>Not found</body></html>", ["/"], []),
        ("", ["/"], []),
    ],
    ids=["longest match", "end of path", "wildcard", "our group beats *", "shared group", "empty rule", "another token",
         "non-ASCII", "escaped tilde", "byte order mark", "CRLF", "no spaces", "an HTML page", "empty"],
)  # fmt: skip
def test_rules(text: str, allowed: list[str], forbidden: list[str]) -> None:
    parser = Protego.parse(of_response(200, text.encode(), NOW).text)
    paths = [*allowed, *forbidden]
    assert [p for p in paths if parser.can_fetch(f"http://e.org{p}", PRODUCT)] == allowed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("0", 0.0), ("-1", 0.0), ("nan", 0.0), ("inf", 0.0), ("1e9", 60.0), ("61", 60.0),
     ("soon", 0.0), ("", 0.0), ("1,5", 0.0), ("9" * 400, 0.0)],
)  # fmt: skip
def test_crawl_delay(value: str, seconds: float) -> None:
    assert crawl_delay(Protego.parse(f"User-agent: *\nCrawl-delay: {value}\n"), 60.0) == seconds


def test_our_own_crawl_delay_counts() -> None:
    text = "User-agent: *\nCrawl-delay: 9\n\nUser-agent: kiosque\nCrawl-delay: 3\n"
    assert crawl_delay(Protego.parse(text), 60.0) == 3


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
        robots = Robots(store, lambda: clock[0], DAY)
        await robots.rules("a", site.fetch)
        clock[0] += later
        if restarted:
            robots = Robots(store, lambda: clock[0], DAY)
        rules, _ = await robots.rules("a", site.fetch)
        assert rules == store.kept["a"]

    asyncio.run(work())
    assert site.asked == asked


def test_many_that_wait_ask_once() -> None:
    site = Site([NOW])

    async def work() -> None:
        robots = Robots(Store(), lambda: NOW, DAY)
        found = await asyncio.gather(*(robots.rules("a", site.fetch) for _ in range(50)))
        assert len({id(parser) for _, parser in found}) == 1

    asyncio.run(work())
    assert site.asked == 1


def test_a_failed_fetch_leaves_the_way_free() -> None:
    site = Site([NOW])

    async def broken() -> Rules:
        raise OSError("gone")

    async def work() -> None:
        robots = Robots(Store(), lambda: NOW, DAY)
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
    settings.set("DOWNLOAD_TIMEOUT", 2)
    runtime = Runtime.open(settings, Catalog({"probe": Probe.source}))
    runtime.guard.ports = frozenset(range(1, 65536))
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
        done = subprocess.run(
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

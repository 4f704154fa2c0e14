"""Addresses without end: the real articles are archived all the same, and what was refused says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, Asked, FaultySite, article

NOW = datetime.now(UTC)
TRIAL = 50  # crawler.settings.FORM_TRIAL
REAL = 5


def page(text: str, *links: str) -> Answer:
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return Answer(f"<!doctype html><html><head><title>{text}</title></head><body><ul>{anchors}</ul></body></html>".encode())


class Traps:
    """A stage with one site for each trap; each has real articles in its feed, older than what the trap offers."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.sites: dict[str, FaultySite] = {}
        self.run: Run | None = None

    def open(self, slug: str, *offers: str, section: tuple[str, ...] = (), limits: str = "", domains: str = "") -> FaultySite:
        site = self.sites[slug] = self.stage.site(slug=slug)
        site.routes |= {f"/real/{n}": Answer(article(n)) for n in range(REAL)}
        items = "".join(
            f"<item><title>t</title><link>{site.url}/real/{n}</link>"
            f"<pubDate>{NOW - timedelta(hours=n + 1):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>" for n in range(REAL)
        )  # fmt: skip
        items += "".join(f"<item><title>t</title><link>{link.replace('HOST', site.url)}</link></item>" for link in offers)
        feed = f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
        site.routes["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})
        more = ""
        if section:
            site.routes["/list"] = page("List", *section)
            more = f"[[sections]]\nurl = \"{site.url}/list\"\narticles = '.'\n"
        self.stage.write_source(slug, domains + site.source(more=more, limits=limits))
        return site

    def outcomes(self, slug: str) -> Counter[str]:
        """How often each outcome, of what the trap offered."""
        found = self.stage.outcomes(slug)
        real = {f"{self.sites[slug].url}/real/{n}" for n in range(REAL)}
        assert {url: found[url] for url in real} == dict.fromkeys(real, "stored")
        return Counter(outcome for url, outcome in found.items() if url not in real)

    def details(self, slug: str, outcome: str) -> set[str]:
        rows = self.stage.rows(
            "SELECT p.detail FROM pages p JOIN sources s ON s.id = p.source_id WHERE s.slug = ? AND p.outcome = ?",
            slug, outcome,
        )  # fmt: skip
        return {str(row["detail"]) for row in rows}


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with open_stage(tmp_path_factory.mktemp("traps")) as stage:
        traps = Traps(stage)
        days = tuple(f"/cal/{2024 + n // 12}/{n % 12 + 1:02}" for n in range(TRIAL + 30))
        site = traps.open("calendar", section=days)
        site.otherwise = lambda asked: page(f"Events of {asked.path}", f"{asked.path}/1", f"{asked.path}/2")
        traps.open("sessions", *(
            f"HOST/real/1;jsessionid={n:032X}" for n in range(5)), *(f"HOST/real/2?PHPSESSID=s{n}" for n in range(5)), *(
            f"HOST/real/3?sid={n:032x}" for n in range(5)))  # fmt: skip
        site = traps.open("short-sessions", section=tuple(f"/paper?sid=a{n}" for n in range(TRIAL + 30)))
        site.otherwise = lambda asked: Answer(article(30)) if asked.path.startswith("/paper") else Answer(status=404)
        traps.open(
            "forms", "HOST/a/b/a/b/a/b", "HOST/news/news/news/x", "HOST/" + "/".join("abcdefghijklmnopqrst"),
            "HOST/list?" + "&amp;".join(f"f{n}=1" for n in range(20)), "HOST/" + "x" * 3000,
        )  # fmt: skip
        combinations = tuple(f"/shop?color={n}&amp;size={m}" for n in range(10) for m in range(9))
        site = traps.open("facets", section=combinations)
        site.otherwise = lambda asked: page(f"Shop {asked.path}", *combinations[:5])
        site = traps.open("one-page-for-all", section=tuple(f"/no/{n}" for n in range(30)))
        site.otherwise = Answer(article(31))
        site = traps.open("soft-404", section=tuple(f"/no/{n}" for n in range(30)))
        site.otherwise = page("Page not found", "/real/1")
        site = traps.open("soft-404-with-its-address", section=tuple(f"/no/{n}" for n in range(TRIAL + 10)))
        site.otherwise = _echo
        site = traps.open("mirrors", section=(
            *(f"/real/{n}?print=1" for n in range(REAL)), *(f"/print/{n}" for n in range(REAL)),
        ))  # fmt: skip
        site.routes |= {f"/real/{n}?print=1": Answer(article(n)) for n in range(REAL)}
        site.routes |= {f"/print/{n}": Answer(article(n)) for n in range(REAL)}
        site = traps.open("other-host", *(f"http://localhost:PORT/real/{n}" for n in range(REAL)))
        feed = site.routes["/feed.xml"]
        assert isinstance(feed, Answer)
        site.routes["/feed.xml"] = Answer(feed.body.replace(b"PORT", str(site.port).encode()), headers=feed.headers)
        stage.write_source("other-host", f'domains = ["localhost:{site.port}"]\n' + site.source())
        site = traps.open("endless-news", section=tuple(f"/new/{n}" for n in range(200)), limits="pages_per_run = 20")
        site.routes |= {f"/new/{n}": Answer(article(n + 50)) for n in range(200)}
        traps.run = stage.crawl()
        yield traps


def _echo(asked: Asked) -> Answer:
    text = f"<p>The page {asked.path} that you asked for was moved, renamed or taken away by the people who run this site.</p>"
    more = "<p>Look for it with the search at the top, or begin again at the front page, where the news of the day is.</p>"
    return Answer(f"<html><head><title>Sorry</title></head><body><h1>Sorry</h1>{text}{more}</body></html>".encode())


def test_all_is_well(traps: Traps) -> None:
    assert traps.run is not None
    traps.stage.check(traps.run)


def test_an_endless_calendar_is_given_up(traps: Traps) -> None:
    found = traps.outcomes("calendar")
    assert set(found) == {"not_article", "trap"}
    assert TRIAL <= found["not_article"] < TRIAL + 10
    assert all("addresses like" in detail and "/cal/#/#" in detail for detail in traps.details("calendar", "trap"))


def test_sessions_are_no_part_of_an_address(traps: Traps) -> None:
    assert traps.outcomes("sessions") == {}


def test_sessions_that_cannot_be_told_are_given_up(traps: Traps) -> None:
    found = traps.outcomes("short-sessions")
    assert found["stored"] == 1
    assert set(found) == {"stored", "duplicate", "trap"}
    assert len([path for path in traps.sites["short-sessions"].paths() if "sid" in path]) < TRIAL + 10


def test_addresses_that_no_article_has_are_not_asked_for(traps: Traps) -> None:
    assert traps.outcomes("forms") == {"trap": 5}
    assert all(path.startswith(("/real/", "/feed", "/robots")) for path in traps.sites["forms"].paths())


def test_facets_are_given_up(traps: Traps) -> None:
    found = traps.outcomes("facets")
    assert set(found) == {"not_article", "trap"}
    assert found["not_article"] < TRIAL + 10


def test_one_page_for_everything_is_one_article(traps: Traps) -> None:
    assert traps.outcomes("one-page-for-all") == {"stored": 1, "duplicate": 2, "trap": 27}
    assert all("the same body as" in detail for detail in traps.details("one-page-for-all", "trap"))


def test_a_soft_404_is_no_article(traps: Traps) -> None:
    assert traps.outcomes("soft-404") == {"not_article": 3, "trap": 27}


def test_a_soft_404_that_names_its_address_is_no_article_for_long(traps: Traps) -> None:
    found = traps.outcomes("soft-404-with-its-address")
    assert found == {"stored": 3, "trap": TRIAL + 7}


@pytest.mark.parametrize("slug", ["mirrors", "other-host"])
def test_mirrors_are_addresses_of_the_same_articles(traps: Traps, slug: str) -> None:
    rows = traps.stage.rows(
        "SELECT count(*) AS n FROM articles a JOIN sources s ON s.id = a.source_id WHERE s.slug = ?", slug
    )
    assert rows[0]["n"] == REAL
    outcomes = Counter(traps.stage.outcomes(slug).values())
    assert set(outcomes) == {"stored", "duplicate"}


def test_the_budget_of_a_run_goes_to_the_newest(traps: Traps) -> None:
    found = traps.outcomes("endless-news")
    assert found["stored"] == 20 - REAL

"""Sitemaps without end, in circles, in depth and by the ten thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, Asked, FaultySite, article

XML = {"Content-Type": "application/xml"}


def urls(*locations: str, index: bool = False) -> Answer:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    rows = "".join(f"<{inner}><loc>{location}</loc></{inner}>" for location in locations)
    return Answer(f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{outer}>'.encode(), headers=XML)


@dataclass
class Maps:
    """The sites by name, and one crawl of them."""

    stage: Stage
    sites: dict[str, FaultySite] = field(default_factory=dict)
    run: Run | None = None

    def open(self, slug: str, listing: str) -> FaultySite:
        site = self.sites[slug] = self.stage.site(slug=slug)
        more = f'[[sitemaps]]\nurl = "{site.url}{listing}"\n'
        self.stage.write_source(slug, site.source(feeds=(), more=more))
        site.routes["/1"] = Answer(article(1))
        return site

    def asked(self, slug: str) -> list[str]:
        return [path for path in self.sites[slug].paths() if path.endswith(".xml")]

    def feeds(self, slug: str) -> dict[str, dict[str, object]]:
        rows = self.stage.rows("SELECT f.* FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = ?", slug)
        return {str(row["url"]).removeprefix(self.sites[slug].url): row for row in rows}


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maps]:
    with open_stage(tmp_path_factory.mktemp("sitemaps")) as stage, FaultySite(otherwise=urls()) as away:
        stage.settings["EXTRACT_TIMEOUT"] = "60"  # the longest lists take their time on a busy machine
        maps = Maps(stage)
        site = maps.open("names-itself", "/map.xml")
        site.routes["/map.xml"] = urls(f"{site.url}/map.xml", f"{site.url}/news.xml", index=True)
        site.routes["/news.xml"] = urls(f"{site.url}/1")
        site = maps.open("ten-deep", "/0.xml")
        site.routes |= {f"/{n}.xml": urls(f"{site.url}/{n + 1}.xml", index=True) for n in range(10)}
        site.routes["/10.xml"] = urls(f"{site.url}/1")
        site = maps.open("fifty-thousand", "/map.xml")
        site.routes["/map.xml"] = urls(*(f"{site.url}/part-{n}.xml" for n in range(50_000)), index=True)
        site.routes["/robots.txt"] = Answer(status=404)
        site.otherwise = urls(f"{site.url}/1")
        site = maps.open("without-end", "/map-0.xml")
        site.otherwise = _another
        maps.sites["elsewhere"] = away
        site = maps.open("names-another-site", "/map.xml")
        site.routes["/map.xml"] = urls(f"{away.url}/map.xml", f"{site.url}/news.xml", index=True)
        site.routes["/news.xml"] = urls(f"{site.url}/1", "file:///etc/hostname")
        maps.run = stage.crawl()
        yield maps


def _another(asked: Asked) -> Answer:
    """An index that names the next one of its kind."""
    number = asked.path.removeprefix("/map-").removesuffix(".xml")
    where = f"http://{asked.headers['Host']}/map-{int(number) + 1}.xml" if number.isdecimal() else ""
    return urls(where, index=True) if where else Answer(status=404)


def test_all_is_well(maps: Maps) -> None:
    assert maps.run is not None
    maps.stage.check(maps.run)


def test_an_index_that_names_itself_is_read_once(maps: Maps) -> None:
    assert maps.asked("names-itself") == ["/map.xml", "/news.xml"]


@pytest.mark.parametrize("slug", ["names-itself", "ten-deep", "fifty-thousand"])
def test_what_is_in_it_is_found(maps: Maps, slug: str) -> None:
    assert maps.stage.outcomes(slug) == {f"{maps.sites[slug].url}/1": "stored"}


@pytest.mark.parametrize("slug", ["fifty-thousand", "without-end"])
def test_sitemaps_of_one_run_are_bounded(maps: Maps, slug: str) -> None:
    assert len(maps.asked(slug)) == 21


def test_what_is_left_of_an_index_is_said(maps: Maps) -> None:
    assert "49980 more sitemaps are left" in str(maps.feeds("fifty-thousand")["/map.xml"]["detail"])
    assert len(maps.feeds("fifty-thousand")) == 21


def test_sitemaps_of_other_sites_are_left_out(maps: Maps) -> None:
    assert maps.sites["elsewhere"].asked == []
    assert "1 sitemaps on other sites" in str(maps.feeds("names-another-site")["/map.xml"]["detail"])
    assert maps.stage.outcomes("names-another-site") == {
        f"{maps.sites['names-another-site'].url}/1": "stored", "file:///etc/hostname": "blocked_network",
    }  # fmt: skip

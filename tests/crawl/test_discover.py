"""`scrapy discover` against the newsroom: what it finds, what it writes, how it asks, and when it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.catalog import Catalog
from crawler.source import Source
from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand
from tests.newsstand.catalog import FEEDS
from tests.newsstand.content import load_sites

MOST = 60  # DISCOVER_REQUESTS


@pytest.fixture
def desk(tmp_path: Path, stand: Newsstand) -> Iterator[Desk]:
    """A desk with an empty folder of source files."""
    (tmp_path / "sources").mkdir()
    desk = Desk(tmp_path, {"DOWNLOAD_DELAY": "0"})
    yield desk
    desk.end()


def discover(desk: Desk, *arguments: str) -> str:
    done = desk.run("-m", "scrapy", "discover", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path) -> dict[str, Source]:
    catalog = Catalog.load([folder])
    assert catalog.errors == ()
    return dict(catalog.sources)


@pytest.mark.parametrize("slug", [spec.slug for spec in load_sites()])
def test_every_site_of_the_newsroom(empty_desk: Desk, slug: str) -> None:
    """All feeds and sitemaps of a site are found, with few requests, and its facts are right as far as they tell."""
    empty_desk.settings["DOWNLOAD_DELAY"] = "0"
    with Newsstand(only=(slug,)) as stand:
        site = stand.sites[slug]
        target = empty_desk.folder / "sources" / f"{slug}.toml"
        discover(empty_desk, site.url("/"), "--no-preview", "--output", str(target))
        source = written(target.parent)[slug]
        asked = [request.path for request in stand.requests]
    places = site.spec.listings
    assert {feed.url for feed in source.feeds} == {site.url(place.path) for place in places if place.kind in FEEDS}
    assert {one.url for one in source.sitemaps} == {site.url(place.path) for place in places if "sitemap" in place.kind}
    assert source.language.partition("-")[0] == site.spec.language
    assert source.name == site.spec.name
    assert asked[0] == "/robots.txt" and len(asked) <= MOST + 1
    assert len(set(asked)) == len(asked)
    if slug == "quotidien-est":  # its feeds have no world news
        assert [section.url for section in source.sections] == [site.url("/International/")]


def test_what_robots_txt_forbids_is_not_asked_for(desk: Desk, stand: Newsstand) -> None:
    discover(desk, stand.sites["correo-del-valle"].url("/"), "--no-preview")
    paths = {request.path for request in stand.requests}
    assert not any(path.startswith(("/acceso/", "/suscripciones/")) for path in paths)


def test_the_source_file_crawls(desk: Desk, stand: Newsstand) -> None:
    """The preview shows articles, the file goes into the first folder of the catalogue, and an ordinary crawl takes it."""
    site = stand.sites["elbtaler-bote"]
    shown = discover(desk, site.url("/"))
    assert "Preview" in shown
    assert any(article.title[:20] in shown for article in site.articles)
    assert not (desk.place / "archive.db").exists()
    ((slug, source),) = written(desk.folder / "sources").items()
    assert slug == "127_0_0_1" and source.sitemaps[0].articles is not None
    again = desk.run("-m", "scrapy", "discover", site.url("/"))
    assert again.returncode == 2 and f"{slug}.toml is there already" in again.stderr
    crawled = desk.run("-m", "scrapy", "crawl", slug)
    assert crawled.returncode == 0, crawled.stdout + crawled.stderr
    stored = {str(row["url"]) for row in desk.rows("SELECT url FROM articles")}
    expected = {article.url for article in site.articles if article.expected == "stored" and not article.story.unlisted}
    assert expected <= stored
    # a list among the articles of a part of its sitemap index: the pattern leaves it out
    assert "/ausland/dossier-alpenbahn.aspx" not in {request.path for request in stand.requests}


def test_a_file_is_not_overwritten(desk: Desk, stand: Newsstand) -> None:
    target = desk.folder / "mine.toml"
    target.write_text("# mine\n")
    url = stand.sites["tidewater-post"].url("/")
    refused = desk.run("-m", "scrapy", "discover", url, "--output", str(target))
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert target.read_text() == "# mine\n"
    assert not stand.requests
    discover(desk, url, "--no-preview", "--force", "--output", str(target))
    assert "rss.xml" in target.read_text()


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://127.0.0.1:1/", "Nothing was found"), ("http://192.0.2.1/", "Nothing was found"), ("http://169.254.169.254/", "NET_ALLOW")],
    ids=["closed", "not public", "a metadata service"],
)  # fmt: skip
def test_nothing_is_found(desk: Desk, url: str, words: str) -> None:
    done = desk.run("-m", "scrapy", "discover", url)
    assert done.returncode == 1, done.stdout + done.stderr
    assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name one home page"),
        (("a", "b"), "name one home page"),
        (("ftp://127.0.0.1/",), "does not begin with http"),
        (("--forse", "http://127.0.0.1:1/"), "there is no option --forse"),
        (("--output", "{sources}", "http://127.0.0.1:1/"), "is a folder: name a file"),
        (("--output", "{sources}/a paper.toml", "http://127.0.0.1:1/"), "is no name of a source file"),
        (("--output", "{sources}/paper", "http://127.0.0.1:1/"), "is no name of a source file"),
        (("--output", "{sources}/taken.toml", "http://127.0.0.1:1/"), "the catalogue has a source taken already"),
        (("--output", "{sources}/deep/taken.toml/new.toml", "http://127.0.0.1:1/"), "taken.toml is no folder"),
        (("-s", "DISCOVER_REQUESTS=few", "http://127.0.0.1:1/"), "DISCOVER_REQUESTS is 'few'"),
        (("-s", "DISCOVER_REQUESTS=0", "http://127.0.0.1:1/"), "DISCOVER_REQUESTS is '0'"),
    ],
    ids=[
        "no URL", "two", "not http", "a mistyped option", "a folder", "white space", "no suffix", "a name in use",
        "a file for a folder", "no number", "no requests",
    ],
)  # fmt: skip
def test_a_wrong_command_line(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    sources = desk.folder / "sources"
    (sources / "deep").mkdir()
    taken = sources / "deep" / "taken.toml"
    taken.write_text(
        """name = "Taken"\nhome = "https://taken.example/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n"""
        """[[feeds]]\nurl = "https://taken.example/rss"\n"""
    )
    done = desk.run("-m", "scrapy", "discover", *(one.format(sources=sources) for one in arguments))
    assert done.returncode == 2
    assert words in done.stdout + done.stderr
    assert list(sources.rglob("*.toml")) == [taken]


def test_what_to_type_next_knows_a_file_outside_of_the_catalogue(desk: Desk, stand: Newsstand) -> None:
    target = desk.folder / "elsewhere" / "tidewater.toml"
    shown = discover(desk, stand.sites["tidewater-post"].url("/"), "--no-preview", "--output", str(target))
    known = desk.environment["KIOSQUE_CATALOG_DIRS"]
    assert f"KIOSQUE_CATALOG_DIRS={known}:{target.parent} scrapy check tidewater" in shown


def test_what_is_written_nowhere_says_so(desk: Desk, stand: Newsstand) -> None:
    desk.settings["CATALOG_DIRS"] = ""
    done = desk.run("-m", "scrapy", "discover", stand.sites["tidewater-post"].url("/"), "--no-preview")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Found by") and "Not written" not in done.stdout
    assert "Not written: name a file with --output" in done.stderr

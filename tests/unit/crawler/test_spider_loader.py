"""`scrapy list` and the spiders behind its names; the OPML commands, end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.catalog import Catalog
from crawler.opml import import_opml
from tests import warm
from tests.unit.crawler.servers import ROOT, crawl_environment, source_file

SPIDER = """
from scrapy import Spider
from crawler.spiders.news import NewsSpider

class Own(NewsSpider):
    name = "own"

class Alone(Spider):
    name = "alone"
"""
LOAD = """
from scrapy.spiderloader import get_spider_loader
from crawler.runtime import settings_of_project
from scrapy import Request
settings = settings_of_project()
settings.set("SPIDER_MODULES", ["crawler.spiders", "extra"], priority="cmdline")
loader = get_spider_loader(settings)
print(*loader.list())
for name in ("own", "alpha", "alone"):
    spider = loader.load(name)
    print(spider.__name__, spider.name, getattr(getattr(spider, "source", None), "slug", None))
print(*loader.find_by_request(Request("http://alpha.example/x")))
try:
    loader.load("nothing")
except KeyError as error:
    print("KeyError", error)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of three sources, of which one is disabled, and of a file that is no source."""
    sources = tmp_path / "sources"
    (sources / "fr").mkdir(parents=True)
    (sources / "fr" / "alpha.toml").write_text(source_file("http://alpha.example/feed"))
    (sources / "fr" / "off.toml").write_text("enabled = false\n" + source_file("http://off.example/feed"))
    (sources / "own.toml").write_text(source_file("http://own.example/feed"))
    (sources / "broken.toml").write_text("name = \n")
    return tmp_path


def command(folder: Path, *arguments: str, data: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the project."""
    environment = crawl_environment(folder) | {f"KIOSQUE_{name}": value for name, value in settings.items()}
    environment["PYTHONPATH"] = f"{ROOT}:{folder}"
    return warm.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        input=data,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_list_is_the_catalogue(folder: Path) -> None:
    done = command(folder, "-m", "scrapy", "list")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().split() == ["alpha", "own"]
    assert b"broken.toml" in done.stderr


def test_a_wrong_selection_is_one_line(folder: Path) -> None:
    done = command(folder, "-m", "scrapy", "list", SOURCES="alpah")
    assert done.returncode == 2
    assert b"alpha" in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def test_a_class_of_the_same_name_wins_and_has_the_source(folder: Path) -> None:
    (folder / "extra").mkdir()
    (folder / "extra" / "__init__.py").write_text(SPIDER)
    done = command(folder, "-c", LOAD)
    assert done.stdout.decode().splitlines() == [
        "alone alpha own",
        "Own own own",
        "NewsSpider alpha alpha",
        "Alone alone None",
        "alpha",
        "KeyError 'Spider not found: nothing'",
    ], done.stderr.decode()


OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Ponts" language="fr">
  <outline type="rss" text="Le Pont &amp; la rive" xmlUrl="https://www.lepont.example/feed" htmlUrl="https://www.lepont.example/"/>
  <outline type="rss" text="Il ponte" language="it" xmlUrl="https://ilponte.example/rss.xml"/>
</outline>
<outline type="rss" text="Known" xmlUrl="http://alpha.example/feed"/>
<outline type="rss" text="No address" xmlUrl="not a URL"/>
</body></opml>
"""


def test_opml_in_and_out(folder: Path) -> None:
    target = folder / "new" / "sources"
    arguments = ["-m", "archive", "import-opml", "-", "--into", str(target), "--timezone", "Europe/Paris"]
    done = command(folder, *arguments, data=OPML.encode())
    assert done.returncode == 0, done.stderr.decode()
    assert b"2 sources written" in done.stdout
    assert b"already in alpha" in done.stderr
    assert b"No address" in done.stderr
    loaded = Catalog.load([target])
    assert loaded.errors == ()
    assert {source.places for source in loaded.sources.values()} == {
        ("https://www.lepont.example/feed",), ("https://ilponte.example/rss.xml",),
    }  # fmt: skip
    assert {source.timezone for source in loaded.sources.values()} == {"Europe/Paris"}

    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    again = command(folder, *arguments, data=OPML.encode())
    assert again.returncode == 1
    assert b"0 sources written" in again.stdout
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before

    exported = command(folder, "-m", "archive", "export-opml", CATALOG_DIRS=str(target))
    assert exported.returncode == 0, exported.stderr.decode()
    result = import_opml(exported.stdout)
    assert {feed.url for feed in result.feeds} == {"https://www.lepont.example/feed", "https://ilponte.example/rss.xml"}
    assert result.dropped == ()


@pytest.mark.parametrize("data", [b"", b"not OPML at all", b"<opml><body></body></opml>", b"\xff\xfe\x00"])
def test_what_is_no_opml_writes_nothing(folder: Path, data: bytes) -> None:
    target = folder / "new"
    done = command(folder, "-m", "archive", "import-opml", "-", "--into", str(target), data=data)
    assert done.returncode in (1, 2)
    assert b"Traceback" not in done.stderr
    assert not target.exists()

"""A catalogue of one source and the command, in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backfill.serving import Server
from tests.crawl.conftest import Desk

SOURCE = """name = "The Old Paper"
home = "{base}/"
country = "gb"
language = "en"
timezone = "UTC"
domains = [{domains}]
{places}
[limits]
delay = 0.0
"""


@dataclass
class Past:
    """Runs `scrapy backfill` and looks at what it left."""

    desk: Desk

    def source(self, base: str, places: str, domains: str = "") -> None:
        """Write the source file."""
        folder = self.desk.folder / "sources" / "gb"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "old-paper.toml").write_text(SOURCE.format(base=base, places=places, domains=domains))

    def command(self, *more: str) -> list[str]:
        """The command line."""
        return ["-m", "scrapy", "backfill", "old-paper", *more]

    def run(self, *more: str, status: int = 0) -> str:
        """Run it to its end; gives what it printed."""
        done = self.desk.run(*self.command(*more))
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def articles(self) -> list[dict[str, object]]:
        """The articles, newest first."""
        return list(self.desk.rows("SELECT * FROM articles ORDER BY published_at DESC"))


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    """A desk without a source yet."""
    desk = Desk(tmp_path, {"DOWNLOAD_DELAY": "0", "DELAY_JITTER": "0", "ARCHIVE_DELAY": "0"})
    yield Past(desk)
    desk.end()


def feed_of(server: Server) -> str:
    """The part of a source file that names a feed."""
    return f'[[feeds]]\nurl = "{server.url}/feed"\n'


def sitemap_of(server: Server) -> str:
    """The part of a source file that names the sitemap index."""
    return f'[[sitemaps]]\nurl = "{server.url}/sitemap.xml"\n'

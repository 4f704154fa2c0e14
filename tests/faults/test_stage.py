"""The stage itself: what a crawl of sites without fault gives."""

from __future__ import annotations

from tests.faults.conftest import Stage
from tests.faults.servers import Answer, article, rss


def test_without_a_fault(stage: Stage) -> None:
    site = stage.site({f"/{n}": Answer(article(n)) for n in range(3)})
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{n}" for n in range(3)), f"{site.url}/nothing")
    stage.check(stage.crawl())
    assert stage.outcomes() == {f"{site.url}/{n}": "stored" for n in range(3)} | {f"{site.url}/nothing": "not_found"}
    assert site.paths().count("/robots.txt") == 1

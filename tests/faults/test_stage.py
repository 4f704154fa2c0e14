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


def test_a_run_takes_up_no_pages_after_its_time(stage: Stage) -> None:
    """A host that wants a long rest between requests keeps the rest of its pages for the next run."""
    count = 40
    site = stage.site({f"/{n}": Answer(article(n)) for n in range(count)}, delay=0.6)
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{n}" for n in range(count)))
    stage.settings["RUN_TIME"] = "1"
    assert stage.crawl().status == 0
    ends = list(stage.outcomes().values())
    assert 0 < ends.count("stored") < count
    assert ends.count("stored") + sum(end.startswith("pending") for end in ends) == count
    stage.settings.pop("RUN_TIME")
    stage.write_source("faulty", site.source(delay=0))
    stage.check(stage.crawl("--force"))
    assert set(stage.outcomes().values()) == {"stored"}

"""Pages that change at each request and articles that do not: the second look finds nothing new, and an edit is found."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crawl.conftest import Desk
from tests.newsstand.demo import LOOK_AGAIN
from tests.newsstand.restless import LAYOUTS, RestlessSite

ADDED = "Two more people were taken to hospital, the harbour office said on Tuesday."


def crawl(desk: Desk) -> None:
    done = desk.once("--force")
    assert done.returncode == 0, done.stdout + done.stderr


def look_twice(desk: Desk, folder: Path, count: int) -> None:
    """Crawl sites of every layout twice, with one article of each edited meanwhile: nothing else is a new version."""
    desk.settings["REVISIT_AFTER"] = LOOK_AGAIN
    with ExitStack() as stack:
        sites = [stack.enter_context(RestlessSite(layout, count)) for layout in LAYOUTS]
        for site in sites:
            site.write_catalog(folder / "sources")
        crawl(desk)
        assert desk.rows("SELECT count(*) AS n FROM articles") == [{"n": count * len(sites)}]
        edits = {}
        for site in sites:
            path, story = list(site.stories.items())[count // 2]
            site.edited[path] = replace(story, paragraphs=(*story.paragraphs[:-1], ADDED, story.paragraphs[-1]))
            edits[site.base_url + path] = "addition"
        served = sum(site.served for site in sites)
        crawl(desk)
        assert sum(site.served for site in sites) - served >= count * len(sites)
        found = desk.rows(
            """SELECT a.url, c.kind, v.text FROM article_versions v JOIN articles a ON a.id = v.article_id
               LEFT JOIN changes c ON c.article_id = v.article_id AND c.to_version = v.version WHERE v.version > 1"""
        )
        assert {str(row["url"]): row["kind"] for row in found} == edits
        assert all(ADDED in str(row["text"]) for row in found)


def test_a_second_look_at_120_restless_pages_finds_no_new_version(empty_desk: Desk, tmp_path: Path) -> None:
    look_twice(empty_desk, tmp_path, 20)


@pytest.mark.soak
def test_a_second_look_at_1000_restless_pages_finds_no_new_version(empty_desk: Desk, tmp_path: Path) -> None:
    look_twice(empty_desk, tmp_path, 170)

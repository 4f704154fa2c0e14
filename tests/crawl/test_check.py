"""`scrapy check` against the newsroom: what sources yield, and what is broken."""

from __future__ import annotations

import json

from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand


def test_a_healthy_source(desk: Desk, stand: Newsstand) -> None:
    done = desk.run("-m", "scrapy", "check", "minato-shimpo", "jianghe-chenbao")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Nothing is broken") == 2
    assert stand.sites["minato-shimpo"].url("/index.rdf") in done.stdout
    assert not (desk.place / "archive.db").exists()


def test_one_object_a_line(desk: Desk, stand: Newsstand) -> None:
    done = desk.run("-m", "scrapy", "check", "--json", "--pages", "3", "jianghe-chenbao")
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = map(json.loads, done.stdout.splitlines())
    site = stand.sites["jianghe-chenbao"]
    assert record["source"] == "jianghe-chenbao" and record["faults"] == []
    listings = {one["url"]: one for one in record["listings"]}
    assert listings[site.url("/sitemap-news.xml")]["items"] == len(site.articles) - len(
        [article for article in site.articles if article.story.unlisted]
    )
    assert listings[site.url("/sitemap-news.xml")]["newest"] and listings[site.url("/guoji/")]["kind"] == "section"
    assert 0 < len(record["pages"]) <= 3
    titles = {article.title for article in site.articles}
    for page in record["pages"]:
        if page["outcome"] == "stored":
            assert page["title"] in titles and page["filled"]["title"] and page["filled"]["published"]


def test_what_is_broken(desk: Desk, stand: Newsstand) -> None:
    """A feed that is gone, and a field that the file expects and no article has."""
    (path,) = desk.folder.glob("sources/*/severny-bereg.toml")
    text = path.read_text().replace("/feed.json", "/old-feed.json")
    path.write_text(text + '\n[[sections]]\nurl = "' + stand.sites["severny-bereg"].url("/world") + '"\n'
                    "\n[expect]\nfilled = { agency = 1.0 }\n")  # fmt: skip
    done = desk.run("-m", "scrapy", "check", "severny-bereg")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "old-feed.json: HTTP 404" in done.stdout
    assert "Broken: agency: filled in" in done.stdout


def test_a_wrong_command_line(desk: Desk) -> None:
    for arguments, words in (
        ((), "name one source or more"),
        (("no-such-source",), "no source matches"),
        (("--pages", "0", "minato-shimpo"), "--pages must be at least 1"),
        (("--jsno", "minato-shimpo"), "there is no option --jsno"),
    ):
        done = desk.run("-m", "scrapy", "check", *arguments)
        assert done.returncode == 2, arguments
        assert words in done.stdout + done.stderr

"""`reextract` over a crawled archive: the memory that the crawl gained is applied to its first pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand


def precision_and_recall(desk: Desk, stand: Newsstand) -> list[tuple[float, float]]:
    """Of the words of each article, in the order in which they were stored."""
    truths = {truth.url: truth.text for truth in stand.expected().values()}
    found = []
    with desk.archive() as archive:
        for article in archive.articles():
            have, want = Counter(article.text.split()), Counter(truths[article.url].split())
            common = (have & want).total()
            found.append((common / have.total(), common / want.total()))
    return found


def test_the_first_pages_of_a_source_gain_what_the_later_ones_taught(tmp_path: Path, empty_desk: Desk) -> None:
    desk = empty_desk
    with Newsstand(house=24, only=("house",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        assert desk.once().returncode == 0
        before = precision_and_recall(desk, stand)
        assert min(precision for precision, _ in before) < 0.9

        dry = desk.run("-m", "archive", "reextract", "--dry-run")
        assert dry.returncode == 0, dry.stderr
        assert "24 articles extracted again" in dry.stdout
        assert "text in" in dry.stdout
        assert precision_and_recall(desk, stand) == before, "a dry run writes nothing"

        done = desk.run("-m", "archive", "reextract", "--source", "house")
        assert done.returncode == 0, done.stderr
        after = precision_and_recall(desk, stand)
        assert all(precision > 0.99 and recall >= 0.99 for precision, recall in after), after

        again = desk.run("-m", "archive", "reextract")
        assert "24 articles extracted again, 0 changed" in again.stdout
    versions = desk.rows(
        "SELECT v.text = a.text AS same, a.version FROM articles a JOIN article_versions v ON v.article_id = a.id"
    )
    assert [(row["same"], row["version"]) for row in versions] == [(1, 1)] * 24, (
        "no new version: the page did not change"
    )
    assert desk.rows("SELECT * FROM jobs") == []
    with desk.archive() as archive:
        assert not list(archive.search('"one occupation and a strike"'))

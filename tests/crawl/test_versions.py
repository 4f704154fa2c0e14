"""What becomes of articles after they are published, crawled: edited, renamed, withdrawn in every way, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand
from tests.newsstand.model import Article, Resource
from tests.newsstand.server import Handler
from tests.newsstand.site import Site

Answer = tuple[int, dict[str, str], bytes]
SOFT_404 = b"""<!doctype html><html><head><title>Page not found | The Harbour Courier</title></head><body>
<h1>Page not found</h1><p>The page that you asked for does not exist or is no longer available. Go to the front page or use the search.</p>
</body></html>"""
FRONT = "<!doctype html><html><head><title>The Harbour Courier</title></head><body>{}</body></html>".format(
    "".join(
        f'<div><h3><a href="/2026/{n}/">A headline of today, number {n}</a></h3><p>The first sentence, which says more of what happened in the harbour than the headline.</p></div>'
        for n in range(40)
    )
).encode()


@pytest.fixture
def stand(tmp_path: Path, empty_desk: Desk) -> Iterator[Newsstand]:
    with Newsstand(bulk=6, only=("harbour-courier",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        yield stand


@pytest.fixture
def desk(empty_desk: Desk) -> Desk:
    return empty_desk


def crawl(desk: Desk) -> None:
    """Crawl, with every page of an article due."""
    if (desk.place / "archive.db").exists():
        with Archive(desk.place, write=True) as archive, archive.transaction():
            archive.db.execute("UPDATE pages SET next_attempt_at = '2026-01-01T00:00:00Z' WHERE article_id IS NOT NULL")
    done = desk.once("--force")
    assert done.returncode == 0, done.stdout + done.stderr


def answering(answers: dict[str, Answer]) -> Callable[[Handler, Resource], bool]:
    """A server that gives these answers to these paths, and its own to others."""

    def disturb(handler: Handler, resource: Resource) -> bool:
        if (answer := answers.get(handler.path)) is None:
            return False
        status, headers, body = answer
        handler.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return disturb


def withdrawn(desk: Desk, articles: list[Article]) -> dict[str, bool]:
    """Which articles are withdrawn, by the id of their story."""
    with desk.archive() as archive:
        found = {one.story.id: archive.article(one.url) for one in articles}
    assert all(article is not None and len(article.text) > 500 for article in found.values()), "the text stays"
    return {name: article is not None and article.withdrawn_at is not None for name, article in found.items()}


def plain_articles(site: Site) -> list[Article]:
    """Articles that no special URL leads to."""
    special = {special.target for special in site.spec.specials}
    return [
        article for article in site.articles if f"id:{article.story.id}" not in special and article.expected == "stored"
    ]


def test_withdrawn_in_every_way_and_back(stand: Newsstand, desk: Desk) -> None:
    front, section, soft, lists, gone, kept = articles = stand.sites["bulk"].articles
    crawl(desk)
    assert not any(withdrawn(desk, articles).values())

    stand.disturb = answering(
        {
            front.path: (302, {"Location": "/"}, b""),
            section.path: (301, {"Location": "/world/"}, b""),
            soft.path: (200, {}, SOFT_404),
            lists.path: (200, {}, FRONT),
            gone.path: (404, {}, b"gone"),
            "/": (200, {}, FRONT),
            "/world/": (200, {}, FRONT),
        }
    )
    crawl(desk)
    assert withdrawn(desk, articles) == {one.story.id: one is not kept for one in articles}
    outcomes = {str(row["url"]): row["outcome"] for row in desk.rows("SELECT url, outcome FROM pages")}
    assert [outcomes[one.url] for one in articles] == ["gone", "gone", "not_found", "gone", "not_found", "unchanged"]

    stand.disturb = answering({})
    crawl(desk)
    assert not any(withdrawn(desk, articles).values())
    assert desk.rows("SELECT * FROM article_versions WHERE version > 1") == []


def test_every_version_that_was_published_and_no_other(stand: Newsstand, desk: Desk) -> None:
    """An article that is edited twice, a headline that flips and flips back, an article that moves to another slug."""
    site = stand.sites["harbour-courier"]
    edited, flipped, moved = plain_articles(site)[:3]
    crawl(desk)
    now = datetime.now(UTC)
    texts = [
        edited.text,
        "\n".join(edited.paragraphs[:-1]),
        "\n".join((*edited.paragraphs[:-1], "It was signed at noon.")),
    ]
    titles = [flipped.title, "Another headline for the same story", flipped.title]
    for step in (1, 2):
        moment = now + timedelta(seconds=step)
        site.edit(edited.story.id, moment, replace(edited.story, edited_paragraphs=tuple(texts[step].split("\n"))))
        site.edit(flipped.story.id, moment, replace(flipped.story, edited_title=titles[step]))
        if step == 2:
            moved = site.move(moved.story.id, "a-slug-that-nobody-knew", moment)
        crawl(desk)
    with desk.archive() as archive:
        article = archive.article(edited.url)
        assert article is not None
        assert [version.text for version in archive.versions(article.id)] == texts
        assert [change.kind for change in archive.changes(article=article.id)] == ["addition", "deletion"]
        article = archive.article(flipped.url)
        assert article is not None
        assert article.title == flipped.title
        assert [version.title for version in archive.versions(article.id)] == titles[:2]
        assert [(one.version, one.instead_of) for one in archive.returns(article.id)] == [(1, 2)]
        article = archive.article(moved.url)
        assert article is not None
        assert len(archive.versions(article.id)) == 1
        # the feed's form of its old URL is gone, and does not lead on
        assert article.withdrawn_at is None
        assert {url for url, kind in archive.addresses(article.id) if kind == "final"} == {moved.url, article.url}

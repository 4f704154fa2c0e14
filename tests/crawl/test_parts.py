"""Articles over several pages, crawled: one text under the first page, whichever page was offered, and whatever fails."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand
from tests.newsstand.demo import LOOK_AGAIN
from tests.newsstand.model import Article
from tests.newsstand.site import Site

PAGE = "SELECT id FROM pages WHERE url = ?"


@pytest.fixture
def herald(tmp_path: Path, empty_desk: Desk) -> Iterator[Site]:
    """A site with an article over three pages, whose third page its feed offers by itself, and before the article."""
    with Newsstand(only=("lakeside-herald",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        empty_desk.settings["REVISIT_AFTER"] = LOOK_AGAIN
        yield stand.sites["lakeside-herald"]


def crawl(desk: Desk) -> None:
    done = desk.once("--force")
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_text_under_the_first_page(herald: Site, empty_desk: Desk) -> None:
    """Third page first, versions, 304, and extraction again."""
    desk, article = empty_desk, herald.all_articles["w4"]
    crawl(desk)
    check_whole(desk, article)
    with desk.archive() as archive:
        found = archive.article(article.url)
        assert found is not None
        assert found.reading.count("\n\n") == len(article.paragraphs)
        assert (found.provenance["parts"], found.authors) == ("3", article.authors)
        addresses = archive.addresses(found.id)
    for number in (2, 3):
        assert (f"{article.url}/{number}", "requested") in addresses
    assert outcomes(desk) == {
        article.url: "stored",
        f"{article.url}/3": "duplicate",
        **{other.url: "stored" for other in herald.articles if other is not article},
    }
    parts = desk.rows(f"SELECT url, part, http_status FROM captures WHERE page_id = ({PAGE})", article.url)  # noqa: S608
    assert [tuple(row.values()) for row in parts] == [
        (article.url, 1, 200),
        (f"{article.url}/2", 2, 200),
        (f"{article.url}/3", 3, 200),
    ]
    made_from = desk.rows("SELECT c.part FROM article_versions v JOIN captures c ON c.id = v.capture_id")
    assert {row["part"] for row in made_from} == {1}

    crawl(desk)
    assert outcomes(desk)[article.url] == "unchanged", "the first page answered 304, and the others were not asked for"
    assert len(desk.rows("SELECT * FROM captures WHERE part > 1")) == 2

    edited = herald.edit("w4", datetime.now(UTC))
    crawl(desk)
    assert outcomes(desk)[article.url] == "updated"
    check_whole(desk, edited)
    assert len(desk.rows("SELECT * FROM captures WHERE part > 1")) == 4
    again = desk.run("-m", "archive", "reextract")
    assert again.returncode == 0, again.stderr
    assert "5 articles extracted again, 0 changed" in again.stdout
    check_whole(desk, edited)


def test_the_next_article_is_not_the_next_page(herald: Site, empty_desk: Desk) -> None:
    crawl(empty_desk)
    assert 'rel="next"' in herald.answer(herald.all_articles["w1"].path).body.decode()
    with empty_desk.archive() as archive:
        for article in herald.articles:
            found = archive.article(article.url)
            assert found is not None
            assert ("parts" in found.provenance) == (article.story.pages > 1)


def test_a_live_blog_keeps_its_entries_in_order_with_their_times(herald: Site, empty_desk: Desk) -> None:
    crawl(empty_desk)
    blog = herald.all_articles["w5"]
    with empty_desk.archive() as archive:
        found = archive.article(blog.url)
        assert found is not None
        assert found.text == blog.text


def test_an_imported_first_page_does_not_shorten_the_article(herald: Site, empty_desk: Desk, tmp_path: Path) -> None:
    """Nor does a further page become an article: the archive knows whose it is."""
    crawl(empty_desk)
    article = herald.all_articles["w4"]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with (tmp_path / "later.warc").open("wb") as file:
        writer = WARCWriter(file, gzip=False)
        for path in (article.path, f"{article.path}/2"):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            body, date = io.BytesIO(herald.answer(path).body + b"<!-- later -->"), {"WARC-Date": tomorrow}
            url = herald.url(path)
            writer.write_record(
                writer.create_warc_record(url, "response", payload=body, http_headers=head, warc_headers_dict=date)
            )
    done = empty_desk.run("-m", "archive", "import-warc", str(tmp_path / "later.warc"))
    assert done.returncode == 0, done.stdout + done.stderr
    check_whole(empty_desk, article)
    with empty_desk.archive() as archive:
        found = archive.article(article.url)
        assert found is not None
        assert found.last_seen_at == tomorrow
    assert (outcomes(empty_desk)[article.url], outcomes(empty_desk)[f"{article.url}/2"]) == ("unchanged", "duplicate")


def check_whole(desk: Desk, article: Article) -> None:
    with desk.archive() as archive:
        found = archive.article(article.url)
        assert found is not None
        assert found.text == text_of(article)
        assert found.title == article.title
        assert archive.article(f"{article.url}/3") == archive.article(f"{article.url}/2") == found
        assert len(archive.versions(found.id)) == article.version
        assert [other.url for other in archive.articles()].count(article.url) == 1


def text_of(article: Article) -> str:
    """What the pages show: the lead, which each of them repeats, and the paragraphs."""
    return f"{article.summary}\n{article.text}"


def outcomes(desk: Desk) -> dict[str, object]:
    assert desk.rows("SELECT url FROM pages WHERE state = 'pending'") == []
    return {str(row["url"]): row["outcome"] for row in desk.rows("SELECT url, outcome FROM pages")}

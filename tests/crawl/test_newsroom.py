"""The newsroom crawled by the real scheduler: what is stored, under which outcome, and what a second day changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand
from tests.newsstand.demo import LOOK_AGAIN, differences, unseen_changes, untold_stories
from tests.postgresql import Server


@pytest.fixture
def crawled(desk: Desk, stand: Newsstand) -> Desk:
    """The newsroom after a first crawl; the second comes seconds after it, so articles are looked at again then."""
    desk.settings["REVISIT_AFTER"] = LOOK_AGAIN
    done = desk.once()
    assert done.returncode == 0, done.stdout + done.stderr
    return desk


def test_two_days_on_postgresql(desk: Desk, stand: Newsstand, postgresql: Server, tmp_path: Path) -> None:
    """The same as below, in a database."""
    name = postgresql.database()
    desk.settings["ARCHIVE_URL"] = postgresql.url(name, tmp_path / "shared")
    desk.settings["REVISIT_AFTER"] = LOOK_AGAIN
    done = desk.once()
    assert done.returncode == 0, done.stdout + done.stderr
    test_two_days(desk, stand)
    for command in ("search the", "stats", "health", "verify", "stories", "changes", "export", "reextract --dry-run"):
        done = desk.run("-m", "archive", *command.split())
        assert done.returncode == (0 if command != "health" else done.returncode), (command, done.stderr)
        assert "Traceback" not in done.stderr and "not on PostgreSQL" not in done.stderr, (command, done.stderr)
    postgresql.drop(name)


def test_two_days(crawled: Desk, stand: Newsstand) -> None:
    """First crawl and second, in one test since each takes a while: articles, outcomes, versions, politeness."""
    assert list(differences(stand, crawled.place)) == []
    check_outcomes(crawled, stand)
    check_texts(crawled, stand)
    check_fetched_once(stand)
    check_captures(crawled)
    check_runs(crawled)

    before = len(stand.requests)
    changes = stand.second_day()
    done = crawled.once("--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(differences(stand, crawled.place)) == []
    assert list(unseen_changes(stand, changes, crawled.place)) == []
    assert list(untold_stories(stand, crawled.place)) == []
    check_conditional(stand, before, crawled)


def check_outcomes(desk: Desk, stand: Newsstand) -> None:
    """Every URL that was offered has exactly one row, done, with an outcome that the newsroom allows for it."""
    pages = {str(row["url"]): row for row in desk.rows("SELECT * FROM pages")}
    allowed = stand.outcomes()
    assert {url.partition("?")[0] for url in pages} >= set(allowed)
    for url, row in pages.items():
        assert row["state"] == "done", row
        assert row["outcome"] in allowed[url.partition("?")[0]], row


def check_texts(desk: Desk, stand: Newsstand) -> None:
    """Texts are those of the newsroom: hardly anything missing, hardly anything added."""
    with desk.archive() as archive:
        for key, truth in stand.expected().items():
            if truth.outcome != "stored":
                continue
            found = archive.article(truth.url)
            assert found is not None, key
            have, want = Counter(found.text.split()), Counter(truth.text.split())
            common = sum((have & want).values())
            assert common >= 0.9 * want.total(), f"{key}: text is missing: {found.text}"
            assert common >= 0.8 * have.total(), f"{key}: text was added: {found.text}"
            assert found.language == truth.language, key
            assert found.published_at and found.published_at[:16] == truth.published_at[:16], key


def check_fetched_once(stand: Newsstand) -> None:
    """No URL is asked for twice in one crawl; robots.txt comes first and once for each host."""
    by_host: dict[str, list[str]] = {}
    for request in stand.requests:
        by_host.setdefault(request.host, []).append(request.path)
    for host, paths in by_host.items():
        assert paths[0] == "/robots.txt", host
        twice = [path for path, count in Counter(paths).items() if count > 1]
        # a page that others redirect to is reached under its own URL as well
        assert len(twice) <= 1, (host, twice)
    assert all("example.org" in request.user_agent for request in stand.requests)


def check_captures(desk: Desk) -> None:
    """Each page that was fetched has a capture with its record in the raw store."""
    rows = desk.rows(
        "SELECT p.url FROM pages p LEFT JOIN captures c ON c.page_id = p.id WHERE p.http_status = 200 AND c.id IS NULL"
    )
    assert rows == []
    with desk.archive() as archive:
        for row in archive.db.conn.execute("SELECT url, http_status, warc_file, warc_offset FROM captures").fetchall():
            exchange = archive.raw.read(row["warc_file"], row["warc_offset"])
            assert (exchange.url, exchange.status) == (row["url"], row["http_status"])


def check_runs(desk: Desk) -> None:
    """The counts of the runs add up to what is in the tables."""
    (sums,) = desk.rows(
        "SELECT sum(stored) AS stored, sum(discovered) AS discovered, min(finished_at) AS finished FROM runs"
    )
    (articles,) = desk.rows("SELECT count(*) AS n FROM articles")
    (pages,) = desk.rows("SELECT count(*) AS n FROM pages")
    assert (sums["stored"], sums["discovered"]) == (articles["n"], pages["n"])
    assert sums["finished"] is not None


def check_conditional(stand: Newsstand, before: int, desk: Desk) -> None:
    """Unchanged listings and articles were asked for conditionally and answered with 304."""
    later = stand.requests[before:]
    assert later
    again = [request for request in later if request.status == 304]
    # two sites publish, so that their pages change; and an article that was first found behind a redirect is asked for there
    assert len(again) >= 0.6 * len([request for request in later if request.path != "/robots.txt"])
    assert not [request for request in later if request.path == "/robots.txt"], "robots.txt is kept for a day"
    kept = desk.rows("SELECT record FROM captures WHERE http_status = 304")
    assert len(kept) == len(again)
    assert {row["record"] for row in kept} == {"revisit"}

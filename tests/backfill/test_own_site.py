"""Back in time on a source's own site: dated sitemaps and paged feeds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from archive import Archive
from archive.sources import accounts
from tests.backfill.conftest import Past, feed_of, sitemap_of
from tests.backfill.site import OldSite, stories
from tests.crawl.conftest import kill
from tests.soundness import check_database, check_raw_files

NOW = datetime.now(UTC)
LAST = NOW.replace(day=1, hour=12, minute=0, second=0, microsecond=0) - timedelta(days=10)


def test_the_newest_months_come_first_and_the_next_run_goes_on(past: Past) -> None:
    site = OldSite(stories(4, 6, LAST))
    with site.server:
        past.source(site.server.url, sitemap_of(site.server))
        out = past.run("--via", "sitemaps", "--limit", "8")
        assert "Stopped after 8 pages in this run (--limit)" in out
        assert [row["url"] for row in past.articles()] == [site.server.url + one.path for one in site.stories[:8]]
        assert len(site.server.paths("/sitemap-")) == 2  # what is older than the budget reaches is not read
        assert "nothing more" in past.run("--via", "sitemaps")
        assert [row["url"] for row in past.articles()] == [site.server.url + one.path for one in site.stories]
        asked = site.server.paths("/news/")
        assert len(asked) == len(set(asked)) == 24
        assert len(set(site.server.paths("/sitemap-"))) == len(site.server.paths("/sitemap-")) == len(site.months())
        past.run("--via", "sitemaps")
        assert site.server.paths("/news/") == asked
    check_database(past.desk.place)
    check_raw_files(past.desk.place)


def test_only_the_days_that_are_asked_for(past: Past) -> None:
    site = OldSite(stories(4, 6, LAST))
    wanted = [
        one
        for one in site.stories
        if site.stories[9].published.date() >= one.published.date() >= site.stories[15].published.date()
    ]
    since, until = f"{wanted[-1].published:%Y-%m-%d}", f"{wanted[0].published:%Y-%m-%d}"
    with site.server:
        past.source(site.server.url, sitemap_of(site.server))
        past.run("--via", "sitemaps", "--from", since, "--to", until)
        assert {row["url"] for row in past.articles()} == {site.server.url + one.path for one in wanted}
        assert set(site.server.paths("/sitemap-")) == {f"/sitemap-{one.published:%Y-%m}.xml" for one in wanted}
        past.run("--via", "sitemaps")  # and then the rest, from listings that were read
        assert len(past.articles()) == len(site.stories)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ({"wordpress": True}, "/feed?paged="),
        ({"wordpress": True, "endless": True}, "/feed?paged="),
        ({"archived": True}, "/archive/"),
    ],
    ids=["wordpress until 404", "wordpress that repeats itself", "archive documents"],
)
def test_feeds_page_by_page(past: Past, kind: dict[str, bool], asked: str) -> None:
    site = OldSite(stories(3, 6, LAST), **kind)  # type: ignore[arg-type]
    with site.server:
        past.source(site.server.url, feed_of(site.server))
        out = past.run("--via", "feeds", "--limit", "6")
        assert "Stopped after" in out and len(past.articles()) == 6
        past.run("--via", "feeds")
        assert len(past.articles()) == 18
        pages = [path for path in site.server.paths() if path.startswith(asked)]
        # five pages, each once, and at most one question more, for what is behind the last
        assert len(set(pages)) == len(pages) and 4 <= len(pages) <= 5, pages
        assert "nothing more" in past.run("--via", "feeds")


def test_a_feed_that_is_not_paged_is_read_once(past: Past) -> None:
    site = OldSite(stories(2, 6, LAST))
    with site.server:
        past.source(site.server.url, feed_of(site.server))
        past.run("--via", "feeds")
        assert len(past.articles()) == 4 and site.server.paths("/feed") == ["/feed"]


def test_it_stops_going_through_pages_at_the_first_day(past: Past) -> None:
    site = OldSite(stories(6, 4, LAST), wordpress=True)
    with site.server:
        past.source(site.server.url, feed_of(site.server))
        past.run("--via", "feeds", "--from", f"{site.stories[5].published:%Y-%m-%d}")
        assert len(past.articles()) >= 6 and len(site.server.paths("/feed")) == 2
        past.run("--via", "feeds")
        assert len(past.articles()) == 24


def test_what_is_found_is_marked_and_no_news(past: Past) -> None:
    """Statistics of the source, its runs and its feeds do not know of it; what the live crawl finds is counted as ever."""
    recent = [*stories(1, 4, NOW - timedelta(hours=1)), *stories(3, 5, LAST)[5:]]
    site = OldSite(sorted(recent, key=lambda one: one.published, reverse=True), page_size=2, wordpress=True)
    with site.server:
        past.source(site.server.url, feed_of(site.server) + sitemap_of(site.server))
        out = past.run()
        assert "no host that an archive could know" in out and "Trouble" not in out
        found = past.articles()
        assert found and {row["discovered_via"] for row in found} <= {"backfill:sitemaps", "backfill:feeds"}
        assert all(str(row["published_at"]) < (NOW - timedelta(days=2)).isoformat() for row in found)
        with Archive(past.desk.place) as archive:
            (account,) = accounts(archive.db.conn, NOW)
            assert all(day.articles == day.stored == day.looks == 0 for day in account.days.values())
            assert [one.http_status for one in account.listings] == [None, None]
        assert past.desk.rows("SELECT * FROM runs") == []
        (days,) = past.desk.rows("SELECT sum(backfilled) AS number FROM source_days")
        assert days["number"] == len(found)
        pages = past.desk.rows("SELECT DISTINCT state, discovered_via, next_attempt_at FROM pages")
        assert all(row["state"] == "done" and row["discovered_via"] and not row["next_attempt_at"] for row in pages)
        crawl = past.desk.run("-m", "scrapy", "crawl", "old-paper")
        assert crawl.returncode == 0, crawl.stdout + crawl.stderr
        live = past.desk.rows("SELECT published_at FROM articles WHERE discovered_via = ''")
        with Archive(past.desk.place) as archive:
            (account,) = accounts(archive.db.conn, NOW)
            assert sum(day.stored for day in account.days.values()) == len(live) > 0


def test_what_was_too_old_for_the_live_crawl(past: Past) -> None:
    """A page that got `skipped_old` is had now; one that is an article already is not fetched again."""
    site = OldSite(stories(3, 4, LAST), page_size=12)
    with site.server:
        past.source(site.server.url, feed_of(site.server))
        past.desk.settings["MAX_AGE_DAYS"] = str((NOW - site.stories[3].published).days + 1)
        assert past.desk.run("-m", "scrapy", "crawl", "old-paper").returncode == 0
        before = len(site.server.paths("/news/"))
        skipped = past.desk.rows("SELECT url FROM pages WHERE outcome = 'skipped_old'")
        assert 0 < len(skipped) < 12 and before == 12 - len(skipped)
        past.run("--via", "feeds")
        assert len(site.server.paths("/news/")) == 12 and len(past.articles()) == 12
        assert {row["discovered_via"] for row in past.articles()} == {"", "backfill:feeds"}


def test_a_kill_loses_nothing(past: Past) -> None:
    site = OldSite(stories(4, 15, LAST))
    with site.server:
        past.source(site.server.url, sitemap_of(site.server))
        for after in (12, 30):
            process = past.desk.start(*past.command("--via", "sitemaps"))
            deadline = time.monotonic() + 60
            while len(site.server.paths("/news/")) < after and time.monotonic() < deadline:
                time.sleep(0.01)
            kill(process)
        past.run("--via", "sitemaps")
        assert sorted(str(row["url"]) for row in past.articles()) == sorted(
            site.server.url + one.path for one in site.stories
        )
        asked = site.server.paths("/news/")
        assert len(asked) - len(set(asked)) <= 2 * 50  # what was not committed, COMMIT_BATCH at most
        assert past.desk.rows("SELECT * FROM backfill_candidates") == []
    check_database(past.desk.place)
    check_raw_files(past.desk.place)


def test_robots_and_failures(past: Past) -> None:
    site = OldSite(stories(2, 4, LAST), robots="User-agent: *\nDisallow: /news/1\n")
    site.broken.add(f"/sitemap-{site.months()[0]}.xml")
    site.gone.add(site.stories[-1].path)
    with site.server:
        past.source(site.server.url, sitemap_of(site.server))
        out = past.run("--via", "sitemaps", status=1)
        assert "Trouble:" in out and "HTTP 500" in out and "goes on from there" in out
        forbidden = [one for one in site.stories if one.path.startswith("/news/1")]
        assert forbidden and not set(site.server.paths("/news/")) & {one.path for one in forbidden}
        outcomes = {row["outcome"] for row in past.desk.rows("SELECT outcome FROM pages")}
        assert "blocked_robots" in outcomes
        site.broken.clear()
        past.run("--via", "sitemaps")
        assert len(past.articles()) == len(
            [one for one in site.stories if one not in forbidden and one.path not in site.gone]
        )


def test_budgets(past: Past) -> None:
    """What is under way is finished: a run may take as many more as it has in hand (IN_HAND, 8)."""
    site = OldSite(stories(3, 12, LAST))
    with site.server:
        past.source(site.server.url, sitemap_of(site.server))
        past.desk.settings["BACKFILL_PAGES_PER_DAY"] = "7"
        past.run("--via", "sitemaps", "--limit", "5")
        assert "7 pages today (BACKFILL_PAGES_PER_DAY)" in past.run("--via", "sitemaps") and len(past.articles()) == 7
        past.desk.settings |= {"BACKFILL_PAGES_PER_DAY": "0", "BACKFILL_BYTES": "100"}
        assert "bytes in this run" in past.run("--via", "sitemaps") and len(past.articles()) <= 15
        past.desk.settings |= {"BACKFILL_BYTES": "0", "BACKFILL_REQUESTS": "1"}
        assert "requests in this run" in past.run("--via", "sitemaps") and len(past.articles()) <= 23


@pytest.mark.parametrize(
    "arguments",
    [("--from", "2024-13-01"), ("--via", "post"), ("--limit", "0"), ("--articles", "("), ("--sitemap", "nonsense")],
)
def test_a_wrong_command_line(past: Past, arguments: tuple[str, ...]) -> None:
    past.source("http://127.0.0.1:9", '[[feeds]]\nurl = "http://127.0.0.1:9/feed"\n')
    past.run(*arguments, status=2)
    assert not (past.desk.place / "archive.db").exists()

"""What becomes of the entries of a listing, and which sitemaps of an index are asked for."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive
from archive.records import utc_text
from archive.rows import FeedRow, Outcome
from crawler.discovery.entry import Entry
from crawler.feedlife import is_child_due
from crawler.offers import SUMMARY_KEPT, entry_of_hint, to_offer
from tests import warm
from tests.unit.crawler.servers import ROOT, Answer, Server, crawl_environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.none() | st.integers(0, 2_200_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTRIES = st.builds(
    Entry,
    url=st.sampled_from(
        ["https://e.example/a", "https://E.example:443/a?utm_source=rss#x", "http://e.example/é?b=1&a=2"]
    ),
    title=TEXTS,
    published=MOMENTS,
    updated=MOMENTS,
    authors=st.lists(TEXTS, max_size=3).map(tuple),
    guid=TEXTS,
    summary=TEXTS,
    language=st.sampled_from(["", "fr"]),
    tags=st.lists(TEXTS, max_size=3).map(tuple),
)


@given(ENTRIES)
def test_an_entry_survives_the_ledger(entry: Entry) -> None:
    offer = to_offer(entry, NOW, 0)
    assert entry_of_hint(offer.url, json.loads(json.dumps(offer.hint))) == entry
    assert offer.refused is None


def test_a_long_summary_is_cut() -> None:
    offer = to_offer(Entry("https://e.example/a", summary="x" * 5000), NOW, 0)
    assert len(offer.hint["summary"]) == SUMMARY_KEPT


def test_an_empty_hint_is_an_entry() -> None:
    assert entry_of_hint("https://e.example/a", {}) == Entry("https://e.example/a")


@pytest.mark.parametrize(
    ("published", "updated", "max_age", "owns", "refused"),
    [
        (None, None, 30, True, None),
        (timedelta(days=29), None, 30, True, None),
        (timedelta(days=31), None, 30, True, Outcome.SKIPPED_OLD),
        (timedelta(days=31), timedelta(days=1), 30, True, None),
        (None, timedelta(days=31), 30, True, Outcome.SKIPPED_OLD),
        (timedelta(days=9000), None, 0, True, None),
        (timedelta(days=-2), None, 30, True, None),
        (timedelta(0), None, 30, False, Outcome.OFFSITE),
        (timedelta(days=31), None, 30, False, Outcome.OFFSITE),
    ],
    ids=["undated", "young", "old", "old but changed", "old lastmod", "no limit", "from the future", "offsite", "offsite and old"],
)  # fmt: skip
def test_refusals(
    published: timedelta | None, updated: timedelta | None, max_age: int, owns: bool, refused: Outcome | None
) -> None:
    entry = Entry(
        "https://e.example/a", published=published and NOW - published, updated=updated and NOW - updated
    ) if published != timedelta(0) else Entry("https://e.example/a", published=NOW)  # fmt: skip
    offer = to_offer(entry, NOW, max_age, None if owns else (Outcome.OFFSITE, ""))
    assert offer.refused == refused
    assert bool(offer.detail) == (refused is not None)


def test_nothing_is_newer_than_now() -> None:
    assert to_offer(Entry("https://e.example/a", published=NOW + timedelta(days=9)), NOW, 30).newest == utc_text(
        NOW
    )


def feed(checked: datetime | None, *, failures: int = 0, status: str = "active") -> FeedRow:
    """The row of a sitemap that an index named."""
    return FeedRow(
        id=1, source_id=1, url="http://e.example/s.xml", kind="sitemap", name="", parent_id=2, etag=None,
        last_modified=None, digest=None, next_check_at=None, last_checked_at=checked and utc_text(checked),
        failures=failures, status=status, polling={}, items=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("updated", "row", "due"),
    [
        (NOW, feed(None), True),
        (NOW, feed(NOW - timedelta(hours=1)), True),
        (NOW - timedelta(hours=2), feed(NOW - timedelta(hours=1)), False),
        (None, feed(NOW), True),
        (NOW - timedelta(hours=2), feed(NOW, failures=1), True),
        (NOW, feed(None, status="gone"), False),
        (NOW.replace(hour=0), feed(NOW), True),
        (NOW.replace(hour=0), feed(NOW + timedelta(days=1)), False),
    ],
    ids=[
        "never read",
        "changed",
        "not changed",
        "undated",
        "failed",
        "gone",
        "changed that day",
        "read after that day",
    ],
)
def test_which_sitemaps_of_an_index_are_due(updated: datetime | None, row: FeedRow, due: bool) -> None:
    assert is_child_due(Entry("http://e.example/s.xml", updated=updated), row) == due


def urlset(base: str, name: str) -> Answer:
    """A sitemap with one page."""
    text = (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{base}/{name}.html</loc></url></urlset>'
    )
    return Answer(200, text.encode(), {"Content-Type": "application/xml"})


def test_an_index_is_read_until_all_its_sitemaps_are(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ages: dict[str, timedelta | None] = {
        "old": timedelta(hours=30), "new": timedelta(hours=1), "broken": timedelta(hours=2), "undated": None,
        "ancient": timedelta(days=60), "index": timedelta(minutes=1),
    }  # fmt: skip
    with Server({}) as server:
        rows = "".join(
            f"<sitemap><loc>{server.url}/{name}.xml</loc>"
            + (f"<lastmod>{utc_text(now - age)}</lastmod>" if age else "") + "</sitemap>"
            for name, age in ages.items()
        )  # fmt: skip
        index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
        server.answers["/index.xml"] = Answer(200, index.encode(), {"ETag": '"1"'})
        server.answers |= {f"/{name}.xml": urlset(server.url, name) for name in ("old", "new", "undated")}
        server.answers["/broken.xml"] = Answer(404)  # a 503 would keep the whole host waiting
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "probe.toml").write_text(
            f'name = "Probe"\nhome = "{server.url}/"\ncountry = "fr"\nlanguage = "fr"\ntimezone = "UTC"\n'
            f'[[sitemaps]]\nurl = "{server.url}/index.xml"\n[limits]\ndelay = 0\n'
        )

        def crawl(*options: str) -> set[str]:
            server.asked.clear()
            done = warm.run(
                [sys.executable, "-m", "scrapy", "crawl", "probe", *options], cwd=ROOT,
                env=crawl_environment(tmp_path), capture_output=True, text=True, timeout=90, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert server.asked.count("/index.xml") == 1
            return {path[1:-4] for path in server.asked if path.endswith(".xml")} - {"index"}

        assert crawl("-s", "SITEMAPS_PER_RUN=2") == {"new", "broken"}, "the newest first, no more than that"
        server.answers["/broken.xml"] = urlset(server.url, "broken")
        assert crawl() == {"old", "broken", "undated"}, "what is left, what failed, what may have changed"
    with Archive(tmp_path) as archive:
        found = {row[0]: row[1] for row in archive.db.execute("SELECT url, outcome FROM pages")}
    assert found == {f"{server.url}/{name}.html": "not_found" for name in ("old", "new", "broken", "undated")}

"""The ledger: every URL that was offered is pending with a time, or done with an outcome."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from archive import Archive
from archive.hosts import HostRow, Hosts, Standing
from archive.ledger import Ledger
from archive.records import parse_utc
from archive.rows import FeedRow, FeedVisit, Offer, Offered, Outcome, PageRow, Settlement
from tests.unit.archive.helpers import NOW, add_source, at, file, filing, rows, stamp

URL = "https://island-post.example/ferry"
FEED = "https://island-post.example/rss"


@pytest.fixture
def ledger(archive: Archive) -> Ledger:
    return archive.ledger


@pytest.fixture
def source(archive: Archive) -> int:
    return add_source(archive)


def offer(ledger: Ledger, source: int, *offers: Offer, hours: float = 0) -> Offered:
    return ledger.offer(source, None, offers, at(hours))


def page_of(ledger: Ledger, url: str = URL) -> PageRow:
    page = ledger.page(url)
    assert page is not None
    return page


def row_of(archive: Archive, url: str = URL) -> dict[str, Any]:
    return dict(archive.db.execute("SELECT * FROM pages WHERE url = ?", [url]).fetchone())


def stored(archive: Archive, source: int, *, hours: float = 1, **more: Any) -> PageRow:
    """A page that was offered at 0 and holds an article since `hours`."""
    offer(archive.ledger, source, Offer(URL, more.pop("hint", {})))
    article = file(archive, filing(source, URL, hours=hours)).article_id
    end = Settlement(Outcome.STORED, http_status=200, article_id=article, **more)
    archive.ledger.settle(page_of(archive.ledger), end, at(hours))
    return page_of(archive.ledger)


# -- offers ----------------------------------------------------------------------------------------------------------


def test_a_url_is_written_down_once(archive: Archive, ledger: Ledger, source: int) -> None:
    assert offer(ledger, source, Offer(URL), Offer(URL)) == Offered(1, 1, 0, {})
    assert offer(ledger, source, Offer(URL), hours=1) == Offered(0, 1, 0, {})
    row = row_of(archive)
    assert (row["state"], row["outcome"], row["next_attempt_at"]) == ("pending", None, stamp(0))
    assert row["discovered_at"] == stamp(0)


def test_what_is_refused_is_done_at_once(archive: Archive, ledger: Ledger, source: int) -> None:
    offered = offer(
        ledger,
        source,
        Offer(URL, refused=Outcome.SKIPPED_OLD, detail="old"),
        Offer(URL + "2", refused=Outcome.OFFSITE),
        Offer(URL + "3"),
    )
    assert offered == Offered(3, 0, 0, {"skipped_old": 1, "offsite": 1})
    row = row_of(archive)
    assert (row["state"], row["outcome"], row["detail"], row["next_attempt_at"]) == ("done", "skipped_old", "old", None)
    assert [page.url for page in ledger.claim(source, at(1), 10)] == [URL + "3"]


def test_a_pending_url_stays_as_it_is(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL, {"title": "first"}))
    before = row_of(archive)
    offer(ledger, source, Offer(URL, {"title": "second"}, refused=Outcome.SKIPPED_OLD), Offer(URL), hours=1)
    assert row_of(archive) == before


def test_a_newer_stamp_makes_a_stored_page_due(archive: Archive, ledger: Ledger, source: int) -> None:
    stored(archive, source, hint={"updated": stamp(0), "guid": "g"})
    assert offer(ledger, source, Offer(URL, {"updated": stamp(2)}), hours=3) == Offered(0, 1, 1, {})
    row = row_of(archive)
    assert (row["state"], row["next_attempt_at"]) == ("done", stamp(3))
    assert page_of(ledger).hint["guid"] == "g"
    assert [page.url for page in ledger.claim(source, at(3), 10)] == [URL]


@pytest.mark.parametrize(
    "hint",
    [{}, {"updated": stamp(0)}, {"updated": stamp(1)}, {"updated": stamp(0.5)}],
    ids=["no stamp", "the stamp that is known", "the time of the fetch", "before the fetch"],
)
def test_no_news_no_fetch(archive: Archive, ledger: Ledger, source: int, hint: dict[str, str]) -> None:
    stored(archive, source, hint={"updated": stamp(0)})
    assert offer(ledger, source, Offer(URL, hint), hours=3).changed == 0
    assert ledger.claim(source, at(3), 10) == []


def test_a_lying_stamp_counts_once_for_each_look(archive: Archive, ledger: Ledger, source: int) -> None:
    page = stored(archive, source)
    assert offer(ledger, source, Offer(URL, {"updated": stamp(2)}), hours=2).changed == 1
    ledger.settle(page, Settlement(None, "HTTP 503", 503, at(10)), at(2.5))
    before = row_of(archive)
    assert offer(ledger, source, Offer(URL, {"updated": stamp(3)}), hours=4).changed == 1  # fetched once since
    ledger.settle(page, Settlement(None, "no route", None, at(10), fetched=False), at(4))
    assert offer(ledger, source, Offer(URL, {"updated": stamp(5)}), hours=5).changed == 0
    assert row_of(archive)["next_attempt_at"] == stamp(10)  # the wait that the failure gave is kept
    assert before["next_attempt_at"] == stamp(10)
    ledger.settle(page, Settlement(Outcome.UNCHANGED, http_status=304), at(10))
    assert offer(ledger, source, Offer(URL, {"updated": stamp(11)}), hours=11).changed == 0, "it has lied"
    assert offer(ledger, source, Offer(URL, {"updated": stamp(35)}), hours=35).changed == 1, "a day later"
    ledger.settle(page, Settlement(Outcome.UPDATED, http_status=200), at(36))
    assert offer(ledger, source, Offer(URL, {"updated": stamp(37)}), hours=37).changed == 1, "it told the truth"


def test_a_refused_offer_of_a_stored_page_changes_nothing(archive: Archive, ledger: Ledger, source: int) -> None:
    stored(archive, source)
    late = Offer(URL, {"updated": stamp(2)}, refused=Outcome.SKIPPED_OLD)
    assert offer(ledger, source, late, hours=3) == Offered(0, 1, 0, {})


def test_what_was_offsite_for_one_source_is_another_s_own(archive: Archive, ledger: Ledger, source: int) -> None:
    other = add_source(archive, "harbour_news")
    offer(ledger, source, Offer(URL, refused=Outcome.OFFSITE, detail="not ours"))
    assert offer(ledger, other, Offer(URL, {"title": "t"}), hours=1) == Offered(0, 1, 1, {})
    assert ledger.claim(source, at(1), 10) == []
    assert [page.hint for page in ledger.claim(other, at(1), 10)] == [{"title": "t"}]
    assert (row_of(archive)["outcome"], row_of(archive)["detail"]) == (None, "")


def test_a_redirect_that_led_offsite_is_not_tried_again(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL))
    ledger.settle(page_of(ledger), Settlement(Outcome.OFFSITE, "redirects away", 301), at(1))
    assert offer(ledger, source, Offer(URL), hours=2).changed == 0
    assert row_of(archive)["outcome"] == "offsite"


@pytest.mark.parametrize(("newest", "wanted"), [(stamp(-9), True), ("", False)], ids=["with a time", "without one"])
def test_what_was_too_old(archive: Archive, ledger: Ledger, source: int, newest: str, wanted: bool) -> None:
    offer(ledger, source, Offer(URL, newest=stamp(-9), refused=Outcome.SKIPPED_OLD))
    assert offer(ledger, source, Offer(URL, newest=newest), hours=1).changed == wanted
    assert bool(ledger.claim(source, at(1), 10)) == wanted


def test_hostile_text_in_an_offer(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL, {"title": "a\0b\ud800", "tags": ["\udfff"]}, detail="\0\ud800"))
    assert page_of(ledger).hint == {"title": "ab\ufffd", "tags": ["\ufffd"]}
    ledger.settle(page_of(ledger), Settlement(Outcome.HTTP_ERROR, "x\0\udc80" + "y" * 1000), at(1))
    assert row_of(archive)["detail"].startswith("x\ufffdyyy")
    assert len(row_of(archive)["detail"]) == 500


# -- claims ----------------------------------------------------------------------------------------------------------


def test_claims_come_newest_first_and_new_pages_before_looks(archive: Archive, ledger: Ledger, source: int) -> None:
    page = stored(archive, source)
    ledger.settle(page, Settlement(Outcome.UNCHANGED, next_attempt_at=at(2)), at(1))
    offer(ledger, source, *(Offer(f"{URL}{n}", newest=stamp(-n)) for n in (3, 1, 2)))
    assert [page.url[len(URL) :] for page in ledger.claim(source, at(5), 10)] == ["1", "2", "3", ""]
    assert [page.url[len(URL) :] for page in ledger.claim(source, at(5), 2)] == ["1", "2"]


def test_claims_leave_out_what_is_in_hand_or_not_due_or_another_s(
    archive: Archive, ledger: Ledger, source: int
) -> None:
    other = add_source(archive, "harbour_news")
    offer(ledger, source, Offer(URL + "1"), Offer(URL + "2"), Offer(URL + "3"))
    offer(ledger, other, Offer(URL + "4"))
    hand = page_of(ledger, URL + "1")
    ledger.settle(page_of(ledger, URL + "2"), Settlement(None, next_attempt_at=at(8)), at(1))
    assert [page.url[-1] for page in ledger.claim(source, at(7), 10, {hand.id})] == ["3"]
    assert {page.url[-1] for page in ledger.claim(source, at(8), 10, {hand.id})} == {"2", "3"}
    assert [page.url[-1] for page in ledger.claim(other, at(1), 10)] == ["4"]


# -- settlements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(Outcome), ids=str)
def test_every_outcome_settles_a_page(archive: Archive, ledger: Ledger, source: int, outcome: Outcome) -> None:
    offer(ledger, source, Offer(URL))
    ledger.settle(page_of(ledger), Settlement(None, "again", 503, at(2)), at(1))
    ledger.settle(page_of(ledger), Settlement(outcome, "why", 200), at(2))
    row = row_of(archive)
    assert (row["state"], row["outcome"], row["detail"]) == ("done", outcome.value, "why")
    assert (row["attempts"], row["visits"], row["fetched_at"], row["next_attempt_at"]) == (0, 1, stamp(2), None)


def test_attempts_count_fetches_and_not_waits(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL))
    for hour, fetched in enumerate([True, False, True], start=1):
        ledger.settle(page_of(ledger), Settlement(None, next_attempt_at=at(hour + 1), fetched=fetched), at(hour))
    row = row_of(archive)
    assert (row["state"], row["attempts"], row["visits"], row["fetched_at"]) == ("pending", 2, 0, stamp(3))


def test_a_visit_without_a_fetch_is_no_visit(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL))
    ledger.settle(page_of(ledger), Settlement(Outcome.BLOCKED_ROBOTS, fetched=False), at(1))
    row = row_of(archive)
    assert (row["outcome"], row["visits"], row["fetched_at"]) == ("blocked_robots", 0, None)


def test_a_pending_page_must_be_given_a_time(ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL))
    with pytest.raises(sqlite3.IntegrityError):
        ledger.settle(page_of(ledger), Settlement(None), at(1))


def test_a_look_that_has_to_be_repeated_leaves_the_outcome(archive: Archive, ledger: Ledger, source: int) -> None:
    page = stored(archive, source, etag='"1"')
    ledger.settle(page, Settlement(None, "HTTP 503", 503, at(5)), at(4))
    row = row_of(archive)
    assert (row["state"], row["outcome"], row["next_attempt_at"], row["attempts"]) == ("done", "stored", stamp(5), 1)
    assert row["etag"] == '"1"'


VALIDATORS = {
    "a new page brings new ones": (Settlement(Outcome.UPDATED, "", 200, etag='"2"'), '"2"', None),
    "a new page without forgets them": (Settlement(Outcome.UPDATED, "", 200), None, None),
    "304 without keeps them": (Settlement(Outcome.UNCHANGED, "", 304), '"1"', "Mon"),
    "304 with renews them": (Settlement(Outcome.UNCHANGED, "", 304, etag='"3"'), '"3"', "Mon"),
    "what could not be read is asked for again": (Settlement(Outcome.EXTRACTION_FAILED, "", 200), None, None),
    "a failure keeps them": (Settlement(Outcome.TIMEOUT, ""), '"1"', "Mon"),
}


@pytest.mark.parametrize(("end", "etag", "modified"), VALIDATORS.values(), ids=VALIDATORS)
def test_validators(
    archive: Archive, ledger: Ledger, source: int, end: Settlement, etag: str | None, modified: str | None
) -> None:
    page = stored(archive, source, etag='"1"', last_modified="Mon")
    ledger.settle(page, end, at(5))
    assert (page_of(ledger).etag, page_of(ledger).last_modified) == (etag, modified)


def test_an_older_visit_takes_nothing_back(archive: Archive, ledger: Ledger, source: int) -> None:
    page = stored(archive, source, hours=5, etag='"1"', next_attempt_at=at(9))
    before = row_of(archive)
    ledger.settle(page, Settlement(Outcome.NOT_ARTICLE, "older", 200), at(1))
    assert row_of(archive) == before | {"visits": 2}


def test_an_imported_capture_leaves_a_pending_page_to_be_fetched(archive: Archive, ledger: Ledger, source: int) -> None:
    offer(ledger, source, Offer(URL))
    article = file(archive, filing(source, URL, hours=-100)).article_id
    ledger.settle(page_of(ledger), Settlement(Outcome.STORED, "", 200, article_id=article), at(-100))
    assert row_of(archive)["outcome"] == "stored"
    assert [page.article_id for page in ledger.claim(source, at(0), 10)] == [article]


def test_a_page_that_no_listing_offered(archive: Archive, ledger: Ledger, source: int) -> None:
    page = ledger.ensure_page(URL, source, at(0))
    assert ledger.ensure_page(URL, source, at(5)) == page
    ledger.settle(page, Settlement(Outcome.STORED, "", 200), at(0))
    assert row_of(archive)["next_attempt_at"] is None


# -- feeds -----------------------------------------------------------------------------------------------------------


def one_feed(ledger: Ledger, source: int) -> FeedRow:
    ledger.put_feeds(source, [(FEED, "feed", "World")], NOW)
    (feed,) = ledger.feeds(source)
    return feed


def test_feeds_are_put_removed_and_put_again(archive: Archive, ledger: Ledger, source: int) -> None:
    feed = one_feed(ledger, source)
    ledger.feed_visited(feed, FeedVisit(at(5), ok=True, etag="e", items=3), at(1))
    ledger.put_feeds(source, [("https://island-post.example/other", "section", "")], at(2))
    assert [one.kind for one in ledger.feeds(source)] == ["section"]
    ledger.put_feeds(source, [(FEED, "feed", "Monde")], at(3))
    (again,) = ledger.feeds(source)
    assert (again.id, again.name, again.etag, again.next_check_at) == (feed.id, "Monde", "e", stamp(5))
    assert rows(archive, "SELECT status FROM feeds ORDER BY id") == [("active",), ("removed",)]


def test_feeds_are_due_when_their_time_has_come(ledger: Ledger, source: int) -> None:
    feed = one_feed(ledger, source)
    assert ledger.feeds(source, due=NOW) == [feed]
    ledger.feed_visited(feed, FeedVisit(at(5), ok=True), NOW)
    assert ledger.feeds(source, due=at(4)) == []
    assert [one.id for one in ledger.feeds(source, due=at(5))] == [feed.id]
    assert [one.id for one in ledger.feeds(source)] == [feed.id]


@pytest.mark.parametrize("status", ["gone", "moved"])
def test_feeds_that_are_no_more_are_not_asked(ledger: Ledger, source: int, status: str) -> None:
    ledger.feed_visited(one_feed(ledger, source), FeedVisit(at(5), ok=False, status=status), NOW)
    assert ledger.feeds(source) == []


FIRST = FeedVisit(at(5), ok=True, http_status=200, etag="e", last_modified="m", digest="d", items=9, new_items=4)
VISITS = {
    "new content": (FeedVisit(at(6), ok=True, etag="e2", digest="d2", items=8), ("e2", None, "d2", 8, 0, "active")),
    "content without validators": (FeedVisit(at(6), ok=True, digest="d2", items=8), (None, None, "d2", 8, 0, "active")),
    "304": (FeedVisit(at(6), ok=True, http_status=304), ("e", "m", "d", 9, 0, "active")),
    "304 with an ETag": (FeedVisit(at(6), ok=True, etag="e2"), ("e2", "m", "d", 9, 0, "active")),
    "failed": (FeedVisit(at(6), ok=False, status="failing"), ("e", "m", "d", 9, 1, "failing")),
}


@pytest.mark.parametrize(("visit", "expected"), VISITS.values(), ids=VISITS)
def test_visits_of_a_feed(
    archive: Archive, ledger: Ledger, source: int, visit: FeedVisit, expected: tuple[Any, ...]
) -> None:
    feed = one_feed(ledger, source)
    ledger.feed_visited(feed, FIRST, at(1))
    ledger.feed_visited(feed, replace(visit, polling={"every": 60}), at(2))
    (found,) = ledger.feeds(source)
    assert (found.etag, found.last_modified, found.digest, found.items, found.failures, found.status) == expected
    assert (found.next_check_at, found.last_checked_at, found.polling) == (stamp(6), stamp(2), {"every": 60})
    success, new = rows(archive, "SELECT last_success_at, last_new_at FROM feeds")[0]
    assert (success, new) == (stamp(2) if visit.ok else stamp(1), stamp(1))


def test_failures_in_a_row_are_counted_and_forgotten(ledger: Ledger, source: int) -> None:
    feed = one_feed(ledger, source)
    for hour in range(3):
        ledger.feed_visited(feed, FeedVisit(at(hour), ok=False, status="failing"), at(hour))
    assert ledger.feeds(source)[0].failures == 3
    ledger.feed_visited(feed, FeedVisit(at(9), ok=True), at(8))
    assert ledger.feeds(source)[0].failures == 0


def test_a_sitemap_of_an_index_is_not_asked_by_itself(ledger: Ledger, source: int) -> None:
    index = one_feed(ledger, source)
    child = ledger.child_feed(index, FEED + "/1.xml", at(1))
    assert (child.kind, child.parent_id, child.name) == ("sitemap", index.id, "World")
    assert ledger.child_feed(index, FEED + "/1.xml", at(2)) == child
    ledger.feed_visited(child, FeedVisit(at(5), ok=True, etag="e"), at(2))
    assert [feed.id for feed in ledger.feeds(source)] == [index.id]
    assert (ledger.child_feed(index, child.url, at(3)).etag, ledger.feeds(source, due=at(9))) == ("e", [index])


def test_a_sitemap_of_an_index_that_the_catalogue_names_is_asked(ledger: Ledger, source: int) -> None:
    index = one_feed(ledger, source)
    child = ledger.child_feed(index, FEED + "/1.xml", at(1))
    ledger.put_feeds(source, [(FEED, "feed", ""), (child.url, "sitemap", "")], at(2))
    assert [feed.id for feed in ledger.feeds(source, due=at(2))] == [index.id, child.id]
    ledger.put_feeds(source, [(FEED, "feed", "")], at(3))
    again = ledger.child_feed(index, child.url, at(3))
    assert (again.parent_id, again.status) == (index.id, "active")
    assert [feed.id for feed in ledger.feeds(source)] == [index.id]


# -- sources, runs, hosts --------------------------------------------------------------------------------------------


def test_sources_that_leave_the_catalogue_stay(archive: Archive, ledger: Ledger, source: int) -> None:
    other = add_source(archive, "harbour_news")
    ledger.leave_catalog(["harbour_news"])
    assert rows(archive, "SELECT id, in_catalog FROM sources ORDER BY id") == [(source, 0), (other, 1)]
    assert add_source(archive) == source
    assert rows(archive, "SELECT in_catalog FROM sources WHERE id = ?", [source]) == [(1,)]


def test_next_checks(archive: Archive, ledger: Ledger, source: int) -> None:
    add_source(archive, "empty")
    feed = one_feed(ledger, source)
    ledger.feed_visited(feed, FeedVisit(at(5), ok=True), NOW)
    offer(ledger, source, Offer(URL))
    ledger.settle(page_of(ledger), Settlement(None, next_attempt_at=at(3)), at(1))
    checks = ledger.next_checks()
    assert (checks["island_post"].feeds, checks["island_post"].feed, checks["island_post"].page) == (
        1,
        stamp(5),
        stamp(3),
    )
    assert (checks["empty"].feeds, checks["empty"].feed, checks["empty"].page) == (0, None, None)


def test_runs(archive: Archive, ledger: Ledger, source: int) -> None:
    run = ledger.start_run(source, NOW)
    ledger.save_run(run, {"feeds": 2, "stored": 3, "unknown": 9}, {"stored": 3})
    assert rows(archive, "SELECT finished_at, reason, feeds, stored FROM runs") == [(None, "", 2, 3)]
    ledger.finish_run(run, at(1), "finished")
    assert rows(archive, "SELECT finished_at, reason, outcomes FROM runs") == [(stamp(1), "finished", '{"stored": 3}')]


def test_hosts(archive: Archive) -> None:
    hosts = Hosts(archive.db)
    assert hosts.get("a.example") is None
    held = Standing("a.example", stamp(5), 20, 1, "2026-01-01", 9)
    hosts.put_standing(Standing("a.example", stamp(9), 4))
    hosts.put_standing(held)
    hosts.put_robots(HostRow("a.example", "User-agent: *\0\nDisallow: /\ud800", "rules", stamp(0), 600))
    row = hosts.get("a.example")
    assert row is not None
    assert (row.robots, row.robots_max_age) == ("User-agent: *\nDisallow: /\ufffd", 600)
    assert hosts.standings(at(4)) == hosts.standings(at(5)) == [held], "what it did counts when its rest has ended"
    hosts.put_standing(Standing("a.example", None, day="2026-01-01", requests=10))
    assert hosts.standings(at(4)) == []
    assert [found.requests for found in hosts.standings(datetime(2026, 1, 1, 12, tzinfo=UTC))] == [10]


# -- the promise -----------------------------------------------------------------------------------------------------


class LedgerMachine(RuleBasedStateMachine):
    """Any order of offers, claims and ends leaves every URL pending with a time or done with an outcome."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.archive = Archive(Path(self.folder.name), write=True)
        self.archive.db.execute("PRAGMA synchronous = OFF")
        self.sources = [add_source(self.archive, slug) for slug in ("one", "two")]
        self.now = NOW
        self.offered: set[str] = set()
        self.in_hand: dict[int, PageRow] = {}

    @rule(
        number=st.integers(0, 5),
        source=st.integers(0, 1),
        refused=st.sampled_from([None, None, Outcome.OFFSITE, Outcome.SKIPPED_OLD]),
        updated=st.sampled_from([None, -1, 0, 1]),
    )
    def offer(self, number: int, source: int, refused: Outcome | None, updated: int | None) -> None:
        url = f"https://example.org/{number}"
        hint = {} if updated is None else {"updated": (self.now + timedelta(hours=updated)).isoformat()}
        offered = self.archive.ledger.offer(self.sources[source], None, [Offer(url, hint, refused=refused)], self.now)
        assert offered.new == (url not in self.offered)
        assert offered.new + offered.known == 1
        self.offered.add(url)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(limit=st.integers(1, 4), source=st.integers(0, 1))
    def claim(self, limit: int, source: int) -> None:
        pages = self.archive.ledger.claim(self.sources[source], self.now, limit, self.in_hand)
        assert len(pages) <= limit
        for page in pages:
            assert page.id not in self.in_hand
            assert page.source_id == self.sources[source]
            self.in_hand[page.id] = page

    @rule(outcome=st.sampled_from([None, *Outcome]), wait=st.integers(0, 9), fetched=st.booleans(), data=st.data())
    def settle(self, outcome: Outcome | None, wait: int, fetched: bool, data: st.DataObject) -> None:
        if not self.in_hand:
            return
        page = self.in_hand.pop(data.draw(st.sampled_from(sorted(self.in_hand))))
        later = self.now + timedelta(hours=wait) if wait or outcome is None else None
        article = None
        if outcome == Outcome.STORED:
            one = filing(page.source_id, page.url, text=f"{page.url} {self.now}")
            article = self.archive.store.file(one).article_id
        end = Settlement(outcome, "", 200, later, article, fetched=fetched)
        self.archive.ledger.settle(page, end, self.now)
        if later is None or later > self.now:
            assert page.id not in {one.id for one in self.archive.ledger.claim(page.source_id, self.now, 99)}

    @invariant()
    def every_url_has_a_time_or_an_outcome(self) -> None:
        if not hasattr(self, "archive"):
            return
        found = self.archive.db.execute("SELECT * FROM pages").fetchall()
        assert {row["url"] for row in found} == self.offered
        for row in found:
            if row["state"] == "pending":
                assert row["outcome"] is None
                assert parse_utc(row["next_attempt_at"]) >= NOW
            else:
                assert Outcome(row["outcome"])

    def teardown(self) -> None:
        if hasattr(self, "archive"):
            self.archive.close()
            self.folder.cleanup()


LedgerMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestLedger: Callable[..., Any] = LedgerMachine.TestCase

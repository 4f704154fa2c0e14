"""The life of feeds in the ledger: moved, gone, taken off the list and put back; pages refused and put off by the many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive import Archive
from archive.rows import FeedRow, FeedVisit, Offer, Outcome
from tests.unit.archive.helpers import NOW, add_source, at, stamp

OLD, NEW, NEWER = (f"https://island-post.example/{name}" for name in ("old", "new", "newer"))


def listed(archive: Archive, *urls: str) -> int:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [(url, "feed", "News") for url in urls], NOW)
    return source


def visit(archive: Archive, feed: FeedRow, hours: float = 1, **more: object) -> None:
    ended = FeedVisit(next_check_at=at(hours + 1), **{"ok": True, "items": 3, **more})  # type: ignore[arg-type]
    archive.ledger.feed_visited(feed, ended, at(hours))


def feed(archive: Archive, url: str) -> FeedRow:
    source = archive.db.execute("SELECT source_id FROM feeds WHERE url = ?", [url]).fetchone()[0]
    return next(row for row in archive.ledger.feeds(source) if row.url == url)


def states(archive: Archive) -> dict[str, str]:
    return {row["url"]: row["status"] for row in archive.db.execute("SELECT url, status FROM feeds ORDER BY id")}


def test_a_moved_feed_goes_on_with_its_state(archive: Archive) -> None:
    source = listed(archive, OLD)
    visit(archive, feed(archive, OLD), etag='"1"', digest="sha1:X", body=True, polling={"interval": 60.0}, moved_to=NEW)
    assert states(archive) == {OLD: "moved", NEW: "active"}
    row = feed(archive, NEW)
    assert (row.etag, row.digest, row.polling, row.items, row.body_at) == ('"1"', "sha1:X", {"interval": 60.0}, 3, stamp(1))
    assert (row.name, row.next_check_at, row.parent_id) == ("News", stamp(2), None)
    assert [each.url for each in archive.ledger.feeds(source)] == [NEW]
    assert next(iter(archive.ledger.next_checks().values())).feed == stamp(2)


def test_a_moved_feed_is_in_use_while_its_first_address_is_listed(archive: Archive) -> None:
    source = listed(archive, OLD)
    visit(archive, feed(archive, OLD), moved_to=NEW)
    visit(archive, feed(archive, NEW), moved_to=NEWER)
    listed(archive, OLD)
    assert states(archive) == {OLD: "moved", NEW: "moved", NEWER: "active"}
    listed(archive, NEWER)
    assert states(archive) == {OLD: "removed", NEW: "removed", NEWER: "active"}
    listed(archive)
    assert set(states(archive).values()) == {"removed"}
    listed(archive, OLD)
    assert states(archive) == {OLD: "active", NEW: "removed", NEWER: "removed"}
    assert [each.url for each in archive.ledger.feeds(source)] == [OLD]


def test_a_feed_that_moves_back_is_where_it_was(archive: Archive) -> None:
    listed(archive, OLD)
    visit(archive, feed(archive, OLD), moved_to=NEW)
    visit(archive, feed(archive, NEW), moved_to=OLD)
    listed(archive, OLD)
    assert states(archive) == {OLD: "active", NEW: "removed"}


def test_two_feeds_that_moved_to_one_place_are_one(archive: Archive) -> None:
    source = listed(archive, OLD, NEW)
    visit(archive, feed(archive, OLD), moved_to=NEW)
    assert states(archive) == {OLD: "moved", NEW: "active"}
    assert [each.url for each in archive.ledger.feeds(source)] == [NEW]


@pytest.mark.parametrize("ways", [["gone"], ["failing"] * 3])
def test_where_a_feed_moved_to_is_left_when_it_gives_nothing(archive: Archive, ways: list[str]) -> None:
    listed(archive, OLD)
    visit(archive, feed(archive, OLD), moved_to=NEW)
    for status in ways:
        assert states(archive)[OLD] == "moved"
        visit(archive, feed(archive, NEW), ok=False, status=status, items=None)
    listed(archive, OLD)
    assert states(archive) == {OLD: "active", NEW: "removed"}


def test_a_feed_that_is_gone_stays_so_until_it_is_listed_anew(archive: Archive) -> None:
    source = listed(archive, OLD)
    visit(archive, feed(archive, OLD), ok=False, status="gone", items=None)
    listed(archive, OLD)
    assert states(archive) == {OLD: "gone"}
    assert archive.ledger.feeds(source) == []
    listed(archive)
    listed(archive, OLD)
    assert states(archive) == {OLD: "active"}


def test_a_feed_does_not_move_to_one_that_is_gone(archive: Archive) -> None:
    listed(archive, OLD, NEW)
    visit(archive, feed(archive, NEW), ok=False, status="gone", items=None)
    visit(archive, feed(archive, OLD), moved_to=NEW)
    assert states(archive) == {OLD: "active", NEW: "gone"}


def test_waiting_pages_are_refused_and_put_off(archive: Archive) -> None:
    source, ledger = add_source(archive), archive.ledger
    ledger.offer(source, None, [Offer(f"{OLD}/{n}") for n in range(4)], NOW)
    ids = [key for key, _ in ledger.waiting(source, NOW)]
    assert [url for _, url in ledger.waiting(source, NOW)] == [f"{OLD}/{n}" for n in range(4)]
    ledger.refuse(ids[:2], Outcome.TRAP, "why")
    ledger.put_off(ids[2:3], at(1), "later")
    assert [page.id for page in ledger.claim(source, NOW, 9)] == ids[3:]
    assert [page.id for page in ledger.claim(source, at(1), 9)] == ids[2:]
    rows = list(archive.db.execute("SELECT state, outcome, detail FROM pages ORDER BY id"))
    assert [tuple(row) for row in rows][:3] == [("done", "trap", "why")] * 2 + [("pending", None, "later")]


def test_a_refused_page_is_wanted_once_a_listing_gives_its_time(archive: Archive) -> None:
    source, ledger = add_source(archive), archive.ledger
    ledger.offer(source, None, [Offer(OLD)], NOW)
    ledger.refuse([key for key, _ in ledger.waiting(source, NOW)], Outcome.TRAP, "why")
    assert ledger.offer(source, None, [Offer(OLD)], at(1)).changed == 0
    assert ledger.offer(source, None, [Offer(OLD, newest=stamp(0))], at(1)).changed == 1
    assert [page.url for page in ledger.claim(source, at(1), 9)] == [OLD]


def test_what_has_no_time_waits_behind_what_is_of_today(archive: Archive) -> None:
    source, ledger = add_source(archive), archive.ledger
    newest = {"undated": "", "today": stamp(-1), "of last week": stamp(-170)}
    ledger.offer(source, None, [Offer(f"{OLD}/{name}", newest=moment) for name, moment in newest.items()], NOW)
    claimed = [page.url.rpartition("/")[2] for page in ledger.claim(source, NOW + timedelta(minutes=1), 9)]
    assert claimed == ["today", "undated", "of last week"]

"""The life of a feed: validators, moves and the sitemaps of an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.records import utc_text
from archive.rows import FeedRow
from crawler.discovery.entry import Entry
from crawler.feedlife import WHOLE_AGAIN, can_move, due_children, moved_to, validators

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FEED = FeedRow(
    id=1, source_id=1, url="http://a.example/feed", kind="feed", name="", parent_id=None, etag='"1"', last_modified="then",
    digest="sha1:X", next_check_at=None, last_checked_at=utc_text(NOW - timedelta(hours=1)), failures=0, status="active",
    polling={}, items=3, body_at=utc_text(NOW - timedelta(hours=2)),
)  # fmt: skip


def test_what_was_seen_lately_is_asked_for_if_it_changed() -> None:
    assert validators(FEED, NOW) == {"If-None-Match": '"1"', "If-Modified-Since": "then"}


@pytest.mark.parametrize("changed", [{"digest": None}, {"body_at": None}, {"body_at": utc_text(NOW - WHOLE_AGAIN)}])
def test_what_was_never_seen_or_long_ago_is_asked_for_whole(changed: dict[str, str | None]) -> None:
    assert validators(replace(FEED, **changed), NOW) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hops", "where"),
    [((), ""), ((301,), "b"), ((308,), "b"), ((302,), ""), ((303,), ""), ((307,), ""), ((301, 308), "c"),
     ((301, 302), "b"), ((302, 301), ""), ((301, 301, 307), "c")],
)  # fmt: skip
def test_only_permanent_redirects_from_the_start_move_a_feed(hops: tuple[int, ...], where: str) -> None:
    assert moved_to("abcd"[: len(hops) + 1], hops) == where


def test_sections_and_sitemaps_of_an_index_do_not_move() -> None:
    assert can_move(FEED) and can_move(replace(FEED, kind="sitemap"))
    assert not can_move(replace(FEED, kind="section"))
    assert not can_move(replace(FEED, kind="sitemap", parent_id=7))


def test_sitemaps_of_an_index() -> None:
    index = replace(FEED, kind="sitemap", url="http://a.example/map")
    old = NOW - timedelta(days=60)
    children = [Entry(url=f"http://a.example/{n}") for n in range(5)] + [
        Entry(url=index.url), Entry(url="http://a.example/0"), Entry(url="http://a.example/old", updated=old),
        Entry(url="http://a.example/read", updated=NOW - timedelta(hours=3)), Entry(url="http://a.example/dead"),
    ]  # fmt: skip
    known = {"http://a.example/read": FEED, "http://a.example/dead": replace(FEED, status="gone")}
    due, left = due_children(index, children, known, {"http://a.example/1"}, 3, NOW - timedelta(days=30))
    assert (due, left) == ([f"http://a.example/{n}" for n in (0, 2, 3)], 1)
    assert due_children(index, children, known, (), 0, None)[0] == []

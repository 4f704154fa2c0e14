"""The policy at work on a real archive: what is kept, what counts, what the source file decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.polls import Polls
from archive.records import parse_utc
from archive.rows import FeedRow, FeedVisit, Offer, Outcome
from crawler.lookout import Found, Lookout, adaptive_feeds, budget_of, expected_items, state_of
from crawler.polling import Asked, rate
from crawler.schedule import Schedule
from tests.unit.archive.helpers import NOW, add_source, stamp

ADAPTIVE = Schedule()
URL = "https://island-post.example/feed"
HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    with Archive(tmp_path, write=True) as archive:
        source = add_source(archive)
        archive.ledger.put_feeds(source, [(URL, "feed", "News")], NOW)
        yield archive  # type: ignore[misc]


def feed(archive: Archive) -> FeedRow:
    (row,) = archive.ledger.feeds(1)
    return row


def look(archive: Archive, lookout: Lookout, now: datetime, found: Found, schedule: Schedule = ADAPTIVE) -> datetime:
    """Look at the feed as the crawler does; gives the time of the next look."""
    row = feed(archive)
    later, state = lookout.look(row, schedule, now, found)
    archive.ledger.feed_visited(row, FeedVisit(later, ok=True, polling=state, items=found.window), now)
    return later


def news(count: int, now: datetime = NOW) -> Found:
    return Found(tuple(now - HOUR * n for n in range(count)), 30, overlap=False)


def test_price_and_states_outlive_a_restart(archive: Archive) -> None:
    before = Lookout(archive, 24, 1)
    look(archive, before, NOW, news(30))
    again = Lookout(archive, 24, 1)
    assert again.policy.kept() == before.policy.kept()
    states = [lookout.look(feed(archive), ADAPTIVE, NOW + HOUR, Found()) for lookout in (before, again)]
    assert states[0] == states[1]


def test_an_archive_of_an_earlier_release_keeps_its_rhythm(archive: Archive) -> None:
    archive.ledger.feed_visited(
        feed(archive), FeedVisit(NOW + HOUR, ok=True, polling={"interval": 3600.0}, items=20), NOW
    )
    lookout = Lookout(archive, 24, 1)
    assert lookout.policy.price > 0, "not everything is due at once"
    later, state = lookout.look(feed(archive), ADAPTIVE, NOW + HOUR, Found())
    assert HOUR / 3 < later - (NOW + HOUR) < 4 * HOUR
    assert state["window"] == 20


def test_every_and_cron_override_and_have_no_share_in_the_price(archive: Archive) -> None:
    lookout = Lookout(archive, 24, 1)
    price = lookout.policy.price
    later = look(archive, lookout, NOW, news(30), Schedule(every="7m"))
    assert later == NOW + timedelta(minutes=7)
    assert lookout.policy.price == price
    assert state_of(feed(archive).polling, None, 0) is not None, "what it learned is there when the line is taken out"


def test_what_the_publisher_asks_for_is_honoured_across_unchanged_answers(archive: Archive) -> None:
    lookout = Lookout(archive, 1e9, 1)
    found = Found((NOW,), 30, overlap=False, asked=Asked(ttl=2 * HOUR))
    assert look(archive, lookout, NOW, found) == NOW + 2 * HOUR
    assert look(archive, lookout, NOW + 2 * HOUR, Found()) == NOW + 4 * HOUR


def test_looks_that_fail_are_paid_for(archive: Archive) -> None:
    lookout = Lookout(archive, 24, 1)
    prices = []
    for number in range(4):
        lookout.failed(ADAPTIVE, NOW + timedelta(minutes=6 * number))
        prices.append(lookout.policy.price)
    assert prices == sorted(prices)
    assert prices[-1] > prices[0]
    lookout.failed(Schedule(every="1h"), NOW + HOUR)
    assert lookout.policy.price == prices[-1]


def test_news_are_what_nobody_offered_before(archive: Archive) -> None:
    lookout = Lookout(archive, 24, 1)
    old = Offer("https://island-post.example/1", {"published": stamp(-2)})
    archive.ledger.offer(1, None, [old], NOW)
    offers = [
        old,
        Offer("https://island-post.example/2", {"published": stamp(-1), "updated": stamp(0)}),
        Offer("https://island-post.example/3"),
        Offer("https://island-post.example/4", {"updated": stamp(-9)}, refused=Outcome.SKIPPED_OLD),
        Offer("https://elsewhere.example/5", refused=Outcome.OFFSITE),
    ]
    assert lookout.news(feed(archive), offers) == (parse_utc(stamp(-1)), None, parse_utc(stamp(-9)))
    look(archive, lookout, NOW, news(3))
    assert lookout.news(feed(archive), offers) == (parse_utc(stamp(-1)), None)


def test_an_index_is_credited_with_what_its_sitemaps_brought(archive: Archive) -> None:
    lookout = Lookout(archive, 24, 1)
    first = feed(archive)
    look(archive, lookout, NOW, Found(window=0))
    lookout.credit(first, ADAPTIVE, [NOW - HOUR] * 100, NOW)
    assert rate(feed(archive).polling) == pytest.approx(2), "what the first look brings is no news"
    index, now = feed(archive), NOW + 6 * HOUR
    due = look(archive, lookout, now, Found(window=0))
    lookout.credit(index, ADAPTIVE, [NOW + HOUR * n for n in range(1, 6)], now)
    assert rate(feed(archive).polling) > 10
    assert parse_utc(str(feed(archive).next_check_at)) < due


def test_the_plan_says_what_is_expected(archive: Archive) -> None:
    assert expected_items(archive, NOW) == {}
    look(archive, Lookout(archive, 24, 1), NOW, news(30))
    due = parse_utc(str(feed(archive).next_check_at))
    (expected,) = expected_items(archive, NOW).values()
    assert expected == pytest.approx((due - NOW) / HOUR, rel=0.6)
    (later,) = expected_items(archive, due + 9 * HOUR).values()
    assert later > expected


def test_the_price_is_kept_where_other_programs_find_it(archive: Archive) -> None:
    look(archive, Lookout(archive, 24, 1), NOW, news(3))
    assert Polls(archive.db).kept()["price"] > 0


def test_the_budget_follows_the_number_of_listings() -> None:
    assert (budget_of(0, 40), budget_of(500, 40), budget_of(0, 0)) == (960, 500, 24)
    assert adaptive_feeds([]) == 0

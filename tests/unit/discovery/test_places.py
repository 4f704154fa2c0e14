"""Places: which of the listings that were found a source file names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.discovery.places import FEED, MOST_FEEDS, SECTION, SITEMAP, Place, chosen

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def place(url: str, kind: str, keys: str, sort: str = "rss", days: float | None = 0.1, left_out: str = "") -> Place:
    newest = None if days is None else NOW - timedelta(days=days)
    return Place(url, kind, sort, "named", keys=frozenset(keys), newest=newest, left_out=left_out)


def used(*places: Place) -> list[str]:
    return [one.url for one in chosen(places, NOW) if not one.left_out]


def reason(url: str, *places: Place) -> str:
    return next(one.left_out for one in chosen(places, NOW) if one.url == url)


def test_a_feed_within_another_is_left_out() -> None:
    small, large = place("small", FEED, "ab"), place("large", FEED, "abcd")
    assert used(small, large, place("other", FEED, "xy")) == ["large", "other"]
    assert reason("small", small, large) == "all of it is in large"


def test_a_dead_feed_is_left_out_while_another_lives() -> None:
    dead, live, undated = (
        place("dead", FEED, "ab", days=400),
        place("live", FEED, "cd"),
        place("undated", FEED, "ef", days=None),
    )
    assert used(dead, live, undated) == ["live", "undated"]
    assert used(dead) == ["dead"]
    assert reason("dead", dead, live).startswith("nothing new since 2025-")


def test_a_news_sitemap_is_preferred() -> None:
    news, plain = place("news", SITEMAP, "ab", "newssitemap"), place("plain", SITEMAP, "abcdef", "sitemap")
    assert used(plain, news) == ["news"]
    assert used(plain) == ["plain"]


def test_feeds_and_sitemaps_are_both_named() -> None:
    assert used(place("feed", FEED, "ab"), place("news", SITEMAP, "ab", "newssitemap")) == ["feed", "news"]


def test_sections_have_to_add_something() -> None:
    feed = place("feed", FEED, "abcdef")
    same, other = place("same", SECTION, "abcx", "section", None), place("other", SECTION, "uvwx", "section", None)
    assert used(feed, same, other) == ["feed", "other"]
    assert used(same, other) == ["same", "other"]
    assert reason("same", feed, same) == "3 of its 4 articles are in the listings above"


def test_what_was_left_out_before_stays_so() -> None:
    assert reason("a", place("a", FEED, "ab", left_out="it lists comments")) == "it lists comments"


def test_what_is_left_out_hides_nothing() -> None:
    assert used(place("bad", FEED, "abcd", left_out="it lists comments"), place("good", FEED, "ab")) == ["good"]


def test_there_is_an_end() -> None:
    many = [place(f"feed{n}", FEED, f"{chr(200 + 2 * n)}{chr(201 + 2 * n)}") for n in range(MOST_FEEDS + 5)]
    assert len(used(*many)) == MOST_FEEDS

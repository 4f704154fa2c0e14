"""What a visit means: statuses, errors, Retry-After, and when to come back."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)

from archive.rows import Outcome
from crawler.durations import parse_durations
from crawler.errors import ForbiddenAddress
from crawler.fetch.politeness import HostOnHold
from crawler.fetch.robots import ForbiddenByRobots, RobotsUnreachable
from crawler.fetch.trouble import Trouble
from crawler.outcomes import (
    Retries,
    feed_backoff,
    leads_away,
    next_look,
    next_look_at_nothing,
    of_error,
    of_no_article,
    of_status,
    retry_after,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RETRIES = Retries((timedelta(minutes=1), timedelta(hours=1)))
DAY = 86_400.0


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, Outcome.NOT_FOUND), (410, Outcome.GONE), (400, Outcome.HTTP_ERROR), (401, Outcome.HTTP_ERROR),
     (403, Outcome.HTTP_ERROR), (451, Outcome.HTTP_ERROR), (206, Outcome.HTTP_ERROR)],
)  # fmt: skip
@pytest.mark.parametrize("attempts", [0, 1, 5])
def test_an_answer_is_final_at_once(status: int, outcome: Outcome, attempts: int) -> None:
    end = of_status(status, attempts, NOW, RETRIES)
    assert (end.outcome, end.http_status, end.next_attempt_at, end.fetched) == (outcome, status, None, True)


@pytest.mark.parametrize("status", [304, 408, 425, 429, 500, 502, 503, 504, 520, 599])
@pytest.mark.parametrize(
    ("attempts", "later"), [(0, timedelta(minutes=1)), (1, timedelta(hours=1)), (2, None), (9, None)]
)
def test_a_passing_trouble_is_tried_again_and_then_no_more(status: int, attempts: int, later: timedelta | None) -> None:
    end = of_status(status, attempts, NOW, RETRIES)
    assert end.outcome == (None if later else Outcome.HTTP_ERROR)
    assert end.next_attempt_at == (NOW + later if later else None)
    assert end.http_status == status


@pytest.mark.parametrize(("wait", "later"), [(None, 60), (5.0, 60), (600.0, 600), (0.0, 60)])
def test_retry_after_prolongs_a_wait_and_never_shortens_it(wait: float | None, later: int) -> None:
    end = of_status(503, 0, NOW, RETRIES, wait)
    assert end.outcome is None
    assert end.next_attempt_at == NOW + timedelta(seconds=later)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DownloadTimeoutError("60 s"), Outcome.TIMEOUT),
        (CannotResolveHostError("no.example"), Outcome.UNREACHABLE),
        (DownloadConnectionRefusedError("refused"), Outcome.UNREACHABLE),
        (RuntimeError("anything else"), Outcome.UNREACHABLE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_that_pass_are_tried_again(error: Exception, outcome: Outcome) -> None:
    assert of_error(error, 0, NOW, RETRIES).outcome is None
    assert of_error(error, 0, NOW, RETRIES).next_attempt_at == NOW + timedelta(minutes=1)
    assert of_error(error, 2, NOW, RETRIES).outcome == outcome


@pytest.mark.parametrize(
    ("error", "outcome", "fetched"),
    [
        (ForbiddenByRobots("no"), Outcome.BLOCKED_ROBOTS, False),
        (ForbiddenAddress("no"), Outcome.BLOCKED_NETWORK, False),
        (UnsupportedURLSchemeError("ftp"), Outcome.BLOCKED_NETWORK, False),
        (DownloadCancelledError("larger than ..."), Outcome.TOO_LARGE, True),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_errors_that_stay_are_final(error: Exception, outcome: Outcome, fetched: bool) -> None:
    end = of_error(error, 0, NOW, RETRIES)
    assert (end.outcome, end.fetched, end.next_attempt_at) == (outcome, fetched, None)


def test_a_host_on_hold_costs_no_attempt() -> None:
    until = NOW + timedelta(hours=3)
    end = of_error(HostOnHold("example.org", until), 7, NOW, RETRIES)
    assert (end.outcome, end.next_attempt_at, end.fetched) == (None, until, False)


def test_an_unreachable_robots_txt_is_waited_for() -> None:
    until = NOW + timedelta(minutes=30)
    assert of_error(RobotsUnreachable("HTTP 503", until), 0, NOW, RETRIES).next_attempt_at == until
    assert of_error(RobotsUnreachable("HTTP 503", until), 1, NOW, RETRIES).next_attempt_at == NOW + timedelta(hours=1)
    assert of_error(RobotsUnreachable("HTTP 503", until), 2, NOW, RETRIES).outcome == Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("9" * 400, DAY),
        ("9" * 5000, DAY),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300.0),
        ("Sun, 01 Mar 2026 12:05:00 -0000", 300.0),
        ("Sun, 01 Mar 2026 13:05:00 +0100", 300.0),
        ("Sunday, 01-Mar-26 12:05:00 GMT", 300.0),
        (format_datetime(NOW - timedelta(days=5), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=500), usegmt=True), DAY),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("1.5", 1.5),
        ("600.", 600.0),
        (".5", None),
        ("-5", None),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("nan", None),
        ("\u0661\u0662\u0660", None),
        ("²", None),
        ("Sun, 99 Mar 2026 12:05:00 GMT", None),
        ("Sun, 01 Mar 2026 12:05:00 +9999", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW, DAY) == seconds


@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"\A[A-Z][a-z]{2}, \d{1,9} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d [+-]?\w{0,6}\Z"),
    )
)
def test_retry_after_never_raises_and_is_bounded(value: str) -> None:
    seconds = retry_after(value, NOW, DAY)
    assert seconds is None or 0 <= seconds <= DAY


LOOKS = parse_durations("15m,1h,1d")


@pytest.mark.parametrize(
    ("visits", "age", "later"),
    [
        (1, timedelta(0), timedelta(minutes=15)),
        (2, timedelta(minutes=15), timedelta(hours=1)),
        (3, timedelta(hours=1), timedelta(days=1)),
        (4, timedelta(days=1), None),
        (0, timedelta(0), timedelta(minutes=15)),
        (1, timedelta(hours=5), timedelta(days=1)),
        (1, timedelta(days=9), None),
    ],
    ids=["first", "second", "third", "no more", "never fetched", "missed ones are skipped", "missed all"],
)
def test_next_look_counts_from_the_first_sight(visits: int, age: timedelta, later: timedelta | None) -> None:
    first_seen = NOW - age
    assert next_look(visits, first_seen, None, NOW, LOOKS) == (first_seen + later if later else None)


@pytest.mark.parametrize(("days", "looked"), [(0, True), (29, True), (31, False), (4000, False), (-1, True)])
def test_old_articles_are_not_looked_at_again(days: int, looked: bool) -> None:
    assert (next_look(1, NOW, NOW - timedelta(days=days), NOW, LOOKS) is not None) == looked


def test_no_looks_when_none_are_wanted() -> None:
    assert next_look(1, NOW, None, NOW, ()) is None


def test_feed_backoff_doubles_up_to_a_day() -> None:
    waits = [feed_backoff(failures) for failures in range(12)]
    assert waits[0] == timedelta(minutes=15)
    assert all(later == min(2 * earlier, timedelta(days=1)) for earlier, later in itertools.pairwise(waits))
    assert feed_backoff(10**6) == timedelta(days=1)
    assert feed_backoff(0, Trouble.TLS) > feed_backoff(0, Trouble.DNS) > feed_backoff(0, Trouble.SERVER)
    assert feed_backoff(1, Trouble.CLIENT) == 2 * feed_backoff(0, Trouble.CLIENT)
    assert all(feed_backoff(10**6, trouble) == timedelta(days=1) for trouble in Trouble)


@pytest.mark.parametrize(("text", "minutes"), [("", []), ("15m, 1h ,1d", [15, 60, 1440]), (",,", [])])
def test_durations(text: str, minutes: list[int]) -> None:
    assert parse_durations(text) == tuple(timedelta(minutes=n) for n in minutes)


@pytest.mark.parametrize("text", ["x", "15", "1h,,-5m", "1h;2h"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        parse_durations(text)


def test_what_was_not_there_is_looked_at_a_few_times_more() -> None:
    waits = [next_look_at_nothing(visits, NOW) for visits in range(1, 6)]
    assert waits == [NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=7), None, None]


@pytest.mark.parametrize(
    ("ago", "later"),
    [(timedelta(0), timedelta(hours=1)), (timedelta(hours=1), timedelta(days=1)), (timedelta(hours=30), timedelta(days=7)),
     (timedelta(days=7), None)],
)  # fmt: skip
@pytest.mark.parametrize("visits", [1, 4, 20])
def test_a_withdrawn_article_is_looked_for_again_however_often_it_was_seen(
    ago: timedelta, later: timedelta | None, visits: int
) -> None:
    withdrawn = NOW - ago
    assert next_look_at_nothing(visits, NOW, withdrawn) == (later and withdrawn + later)


SECTIONS = {"https://e.org/sea"}
AWAY = {
    "the front page": ("https://e.org/", "front page"),
    "the front page of a language": ("https://e.org/en/", "front page"),
    "the front page of a file": ("https://e.org/index.html", "front page"),
    "a section above": ("https://e.org/world/", "section"),
    "a section of the source": ("https://e.org/sea", "section"),
    "another slug": ("https://e.org/world/ferry-sinks", ""),
    "the same with a slash": ("https://e.org/world/ferry-sails/", ""),
    "a consent page": ("https://e.org/consent?to=world", ""),
}


@pytest.mark.parametrize(("target", "said"), AWAY.values(), ids=AWAY)
def test_redirects_that_say_that_an_article_is_gone(target: str, said: str) -> None:
    reason = leads_away(target, "https://e.org/world/ferry-sails", SECTIONS)
    assert said in reason if said else reason == ""


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("says that the page was not found", Outcome.NOT_FOUND),
        ("a list of articles", Outcome.GONE),
        ("a front page", Outcome.GONE),
        ("a wall: asks for a login", None),
        ("too little text", None),
    ],
)
def test_what_it_means_that_an_article_is_none_any_more(reason: str, outcome: Outcome | None) -> None:
    assert of_no_article(reason) is outcome

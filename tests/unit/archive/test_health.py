"""Health: what a source is expected to yield, how it stands, and what is told of an archive; decisions first, then rows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp
from pathlib import Path
from typing import Any, get_args

import pytest

from archive import Archive
from archive.condition import Crawling, Disk, Marks, Queue, outcomes, outcomes_of, queue
from archive.expectations import at_least, at_most, binomial_at_most, extraction, fetching, fields, volume
from archive.findings import Finding, Severity, of_all, of_crawling, of_disk, of_queue
from archive.health import health
from archive.portrait import portrait
from archive.records import utc_text
from archive.rows import SourceRow
from archive.sources import FIELDS, Account, Day, Listing, State, accounts, days_before, standing
from archive.troubles import Lately, of_source
from crawler.catalog import parse_source
from crawler.source import FilledField
from tests.unit.archive.helpers import NOW, ROOT, TEXT, add_source, file, filing, rows

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = NOW.date()
FULL = (1,) * len(FIELDS)
WEEKDAYS = [20, 22, 19, 21, 20, 8, 7]  # a week, weekend last


def before(moment: timedelta) -> str:
    """A stored time so long before NOW."""
    return utc_text(NOW - moment)


def listing(**more: Any) -> Listing:
    """A feed that is in order."""
    values: dict[str, Any] = {
        "id": 1, "url": "https://paper.example/feed", "kind": "feed", "name": "", "status": "active", "failures": 0,
        "http_status": 200, "detail": "", "last_checked_at": before(HOUR), "last_success_at": before(HOUR),
        "last_new_at": before(HOUR), "next_check_at": before(-HOUR), "items": 30,
    }  # fmt: skip
    return Listing(**(values | more))


def account(counts: list[int] | None = None, *, looks: int = 24, **more: Any) -> Account:
    """A source that publishes ten articles a day, or as many as given for the last days, today last."""
    numbers = counts if counts is not None else [10] * 40
    labels = days_before(TODAY + DAY, len(numbers))
    days = {
        label: Day(looks, count, count, tuple(count * one for one in FULL))
        for label, count in zip(labels, numbers, strict=True)
    }
    values: dict[str, Any] = {
        "id": 1, "slug": "paper", "name": "Paper", "home": "https://paper.example/", "country": "gb", "language": "en",
        "timezone": "UTC", "added_at": before(90 * DAY), "in_catalog": True, "verify_tls": True, "expect": {},
        "listings": (listing(),), "days": days,
    }  # fmt: skip
    return Account(**(values | more))


def found(one: Account, ended: Mapping[str, int] | None = None, now: datetime = NOW) -> list[Finding]:
    return list(of_source(one, standing(one, now), Lately(ended or {}), now))


def kinds(one: Account, ended: Mapping[str, int] | None = None, now: datetime = NOW) -> list[str]:
    return [finding.kind for finding in found(one, ended, now)]


# -- what a source is expected to yield ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "expect", "kind"),
    [
        (WEEKDAYS * 5, {}, ""),
        ([*WEEKDAYS * 5, 20, 22, 0], {}, "few"),
        ([*WEEKDAYS * 5, 20, 22, 19, 60], {}, "many"),
        ([*WEEKDAYS * 4, *WEEKDAYS[:5], 3, 2], {}, ""),  # a quiet weekend is no alarm
        ([*WEEKDAYS * 4, *WEEKDAYS[:5], 0, 0], {}, "few"),  # an empty one is, both days together
        ([*WEEKDAYS * 4, 20, 22, 19, 21, 20, 30, 30], {}, "many"),  # a busy weekday's worth on a weekend
        ([0, 1, 0, 0, 1, 0, 0] * 5, {}, ""),
        ([*[0, 1, 0, 0, 1, 0, 0] * 5, 0, 0, 0, 0, 0, 0, 0], {}, ""),  # so few that nothing can be said
        ([0] * 35 + [12], {}, "many"),
        ([20] * 9, {}, ""),  # not known for long enough
        ([20] * 10 + [0], {}, ""),
        ([20] * 10 + [3], {"articles_per_day": [5, 400]}, "few"),
        ([20] * 10 + [401], {"articles_per_day": [5, 400]}, "many"),
        ([*WEEKDAYS * 5, 20, 22, 5], {"articles_per_day": [5, 400]}, ""),  # the source file has the last word
        ([], {}, ""),
    ],
    ids=[
        "as ever", "nothing", "three times as much", "quiet weekend", "empty weekend", "busy weekend", "hardly anything",
        "hardly anything and nothing", "from nothing", "new", "new and empty", "below the bound", "above the bound",
        "within the bound", "no days",
    ],
)  # fmt: skip
def test_volume(counts: list[int | None], expect: dict[str, Any], kind: str) -> None:
    verdict = volume(counts, expect)
    assert (verdict.kind if verdict else "") == kind


def test_days_on_which_nobody_looked_say_nothing() -> None:
    assert volume([*WEEKDAYS * 5, 20, 22, None], {}) is None
    gaps: list[int | None] = [*WEEKDAYS * 5, 20, 22, 0]
    assert volume(gaps, {}) is not None
    for week in (1, 2):  # of the four days that it is compared with only two are known
        gaps[-1 - 7 * week] = None
    verdict = volume(gaps, {})
    assert verdict is None or verdict.days > 1


def test_a_verdict_tells_its_numbers() -> None:
    verdict = volume([*WEEKDAYS * 5, 20, 22, 0], {})
    assert verdict is not None
    assert verdict.reason == "no articles; on the same days of the four weeks before there were 19."
    expected = volume([3], {"articles_per_day": [5, 400]})
    assert expected is not None
    assert expected.reason == "3 articles; its source file expects 5 to 400 a day."


@pytest.mark.parametrize(
    ("factor", "days"),
    [(4.0, 3), (0.2, 3), (4.0, 7), (0.2, 7)],
    ids=["three days too many", "three days too few", "a week too many", "a week too few"],
)
def test_what_is_over_is_over_within_two_days(factor: float, days: int) -> None:
    chance = random.Random(3)
    usual: list[int | None] = [poisson(chance, 40) for _ in range(35)]
    odd: list[int | None] = [poisson(chance, 40 * factor) for _ in range(days)]
    normal: list[int | None] = [poisson(chance, 40) for _ in range(6)]
    for day in range(1, days + 1):
        assert volume([*usual, *odd[:day]], {}) is not None, f"day {day} of it"
    for day in range(2, 7):
        assert volume([*usual, *odd, *normal[:day]], {}) is None, f"day {day} after it"


def test_healthy_sources_raise_no_alarm_in_eight_weeks() -> None:
    chance = random.Random(11)
    alarms = 0
    for number in range(100):
        rate, weekend = 0.3 * 1.07**number, chance.uniform(0.2, 1.0)  # 0.3 to 240 articles a day
        counts: list[int | None] = [
            poisson(chance, rate * (weekend if day % 7 > 4 else 1) * chance.uniform(0.8, 1.2)) for day in range(35 + 56)
        ]
        alarms += sum(volume(counts[end - 35 : end], {}) is not None for end in range(36, len(counts) + 1))
    assert alarms == 0


@pytest.mark.parametrize(("factor", "kind"), [(0.0, "few"), (3.0, "many")])
def test_a_busy_source_that_freezes_or_triples_is_told_of_after_a_day(factor: float, kind: str) -> None:
    chance = random.Random(5)
    for start in range(7):
        counts: list[int | None] = [poisson(chance, 100 * (0.5 if (start + day) % 7 > 4 else 1)) for day in range(35)]
        counts.append(poisson(chance, factor * 100 * (0.5 if (start + 35) % 7 > 4 else 1)))
        verdict = volume(counts, {})
        assert verdict is not None and verdict.kind == kind, f"weekday {start}"


def poisson(chance: random.Random, mean: float) -> int:
    """A number drawn from a Poisson distribution, by the gaps between events."""
    count, passed = 0, chance.expovariate(1.0)
    while passed < mean:
        count, passed = count + 1, passed + chance.expovariate(1.0)
    return count


def day(stored: int, **has: int) -> tuple[int, tuple[int, ...]]:
    """The stored articles of a day; all have every field but those given."""
    return stored, tuple(has.get(name, stored) for name in FIELDS)


@pytest.mark.parametrize(
    ("days", "expect", "dropped"),
    [
        ([day(10)] * 35, {}, []),
        ([*[day(10)] * 34, day(10, title=0)], {}, ["title"]),
        ([*[day(10)] * 34, day(10, published=0, minute=0)], {}, ["published"]),  # and not its minute as well
        ([*[day(10)] * 34, day(10, minute=0)], {}, ["minute"]),
        ([*[day(10)] * 34, day(10, title=8)], {}, []),
        ([day(10, authors=3)] * 34 + [day(10, authors=0)], {}, []),  # a field that few had is not missed
        ([*[day(2)] * 34, day(2, title=0)], {}, []),  # two articles say nothing,
        ([*[day(2)] * 30, *[day(2, title=0)] * 5], {}, ["title"]),  # ten do
        ([day(10, title=0)] * 4, {}, []),  # nothing to compare with
        ([day(10, authors=6)] * 7, {"filled": {"authors": 0.7}}, ["authors"]),
        ([day(10, authors=8)] * 7, {"filled": {"authors": 0.7}}, []),
        ([*[day(10)] * 34, day(10, authors=0)], {"filled": {"authors": 0.7}}, []),  # its source file has the last word
        ([day(2, authors=0)] * 7, {"filled": {"authors": 0.7}}, []),
        ([*[day(20)] * 30, *[day(20, title=0)] * 4, day(20)], {}, []),  # mended
        ([*[day(20)] * 30, *[day(20, title=0)] * 4, day(20, title=2)], {}, ["title"]),
        ([*[day(20)] * 30, *[day(20, title=4)] * 4, day(20, title=9)], {}, ["title"]),  # a good day is no end
    ],
    ids=[
        "as ever", "no title", "no time", "no minute", "two without", "few had it", "too few articles", "few a day, for days",
        "new", "below what is expected", "above what is expected", "expected over a week", "too few to tell",
        "filled again", "hardly filled again", "not really filled again",
    ],
)  # fmt: skip
def test_fields(days: list[tuple[int, tuple[int, ...]]], expect: dict[str, Any], dropped: list[str]) -> None:
    assert [verdict.kind for verdict in fields(days, expect)] == dropped


def test_a_field_is_told_of_in_words() -> None:
    (verdict,) = fields([*[day(10)] * 34, day(10, minute=1)], {})
    assert verdict.reason == (
        "Hour and minute of publication: 10\u00a0% of the latest 10 articles have it; in the four weeks before it was "
        "100\u00a0%."
    )


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"stored": 20, "extraction_failed": 4}, False),
        ({"stored": 20, "extraction_failed": 5}, False),
        ({"stored": 5, "extraction_failed": 5}, True),
        ({}, False),
    ],
)
def test_extraction(ended: dict[str, int], told: bool) -> None:
    assert bool(extraction(ended)) is told


@pytest.mark.parametrize(
    ("ended", "again", "told"),
    [
        ({"stored": 20, "timeout": 10}, 0, False),
        ({"stored": 5, "timeout": 10}, 0, True),
        ({"stored": 5}, 10, True),
        ({}, 9, False),
    ],
)
def test_fetching(ended: dict[str, int], again: int, told: bool) -> None:
    assert bool(fetching(ended, again)) is told


def test_chances() -> None:
    assert at_most(0, 2.0) == pytest.approx(exp(-2))
    assert at_most(1, 2.0) == pytest.approx(3 * exp(-2))
    assert at_most(50, 2.0) == 1.0
    assert at_least(2, 2.0) == pytest.approx(1 - 3 * exp(-2))
    assert at_least(30, 10.0) == pytest.approx(1 - at_most(29, 10.0), rel=1e-6)
    assert binomial_at_most(0, 10, 0.5) == pytest.approx(0.5**10)
    assert binomial_at_most(10, 10, 0.5) == pytest.approx(1.0)


# -- how a source stands ---------------------------------------------------------------------------------------------

LOST = {"status": "failing", "failures": 5, "last_success_at": before(3 * DAY), "detail": "503 Service Unavailable"}


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (account(), State.OK),
        (account(in_catalog=False), State.RETIRED),
        (account(in_catalog=False, listings=()), State.RETIRED),
        (account(listings=()), State.UNLOOKED),
        (account(listings=(listing(last_checked_at=None, last_success_at=None),)), State.UNLOOKED),
        (account(listings=(listing(next_check_at=before(2 * DAY), last_checked_at=before(3 * DAY)),)), State.UNLOOKED),
        (account(listings=(listing(**LOST, next_check_at=before(2 * DAY)),)), State.UNLOOKED),  # the older trouble hides it
        (account(listings=(listing(**LOST),)), State.FAILING),
        (account(listings=(listing(status="gone", failures=1),)), State.FAILING),
        (account(listings=(listing(**LOST), listing(id=2))), State.OK),
        (account(listings=(listing(status="failing", failures=2),)), State.OK),  # a passing trouble
        (account([*[10] * 35, 0, 0, 0, 0, 0]), State.SILENT),
        (account([*[10] * 37, 0, 0, 0]), State.SILENT),
        (account([*[10] * 38, 0, 0]), State.OK),  # may be a holiday
        (account([*[1] * 35, 0, 0, 0, 0, 0]), State.OK),  # by its own rhythm no long time
        (account([*[1] * 28, *[0] * 12]), State.SILENT),
        (account([0] * 36), State.SILENT),
        (account([0] * 5, added_at=before(DAY)), State.OK),
        (account([0] * 5, added_at=before(4 * DAY)), State.SILENT),
    ],
    ids=[
        "ok", "retired", "imported", "no listings", "never looked at", "overdue", "overdue and failing", "failing", "gone",
        "one of two", "passing", "silent", "silent for three days", "quiet for two", "slow", "slow and silent",
        "never anything", "new", "new and empty",
    ],
)  # fmt: skip
def test_standing(one: Account, state: State) -> None:
    stands = standing(one, NOW)
    assert stands.state is state
    assert bool(stands.reason) is (state is not State.OK)


def test_a_gap_is_told_from_silence() -> None:
    silent, unseen = account([5, 0, 0]), account([5, 0, 0], looks=0)
    days = days_before(TODAY + DAY, 3)
    assert silent.counts(days) == [5, 0, 0]
    assert unseen.counts(days) == [5, None, None]


def test_a_schedule_of_weeks_is_not_late() -> None:
    """What counts is when it is due, not how long ago it was looked at."""
    weekly = account(listings=(listing(last_checked_at=before(5 * DAY), next_check_at=before(-2 * DAY)),))
    assert standing(weekly, NOW).state is State.OK


# -- findings --------------------------------------------------------------------------------------------------------


def test_a_healthy_source_has_no_findings() -> None:
    assert found(account(), {"stored": 10}) == []


@pytest.mark.parametrize(
    ("one", "ended", "expected"),
    [
        (account(listings=(listing(**LOST),)), {}, ["failing"]),
        (account(listings=(listing(**LOST), listing(id=2))), {}, ["listing"]),
        (account(listings=(listing(next_check_at=before(2 * DAY)),)), {}, ["unlooked"]),
        (account([*[30] * 38, 0, 0]), {}, ["few"]),
        (account([*[30] * 38, 200, 0]), {}, ["many"]),
        (account([*[10] * 34, 0, 0, 0, 0, 0, 0]), {}, ["few"]),  # and not silent as well
        (account([*[2] * 30, *[0] * 10], expect={"articles_per_day": [0, 9]}), {}, ["silent"]),
        (account(), {"extraction_failed": 9, "stored": 2}, ["extraction"]),
        (account(), {"": 20, "stored": 2}, ["fetching"]),
        (account(added_at=before(HOUR), listings=()), {}, []),  # it has not had its turn yet
    ],
    ids=["failing", "one of two fails", "overdue", "too few", "too many", "too few for long", "silent", "extraction",
         "fetching", "just added"],
)  # fmt: skip
def test_findings_of_a_source(one: Account, ended: dict[str, int], expected: list[str]) -> None:
    assert kinds(one, ended) == expected


HOURS = {utc_text(NOW - DAY * ago)[:10]: (1 << 24) - 1 for ago in range(30, 1, -1)}
LATELY = {utc_text(NOW - DAY * ago)[:10]: (1 << 24) - 1 for ago in range(2)}  # looked, and nothing new


def silenced(**more: Any) -> dict[str, Marks]:
    """Marks of a listing that brought something each hour until two days ago; `more`: of the days since."""
    then = {day: Marks(bits, bits, bits) for day, bits in HOURS.items()}
    return then | {day: Marks(looked=bits, **dict.fromkeys(more, bits)) for day, bits in LATELY.items()}


@pytest.mark.parametrize(
    ("listings", "marks", "expected"),
    [
        ((listing(items=0),), {1: silenced()}, {"silent": "lists nothing at all"}),
        ((listing(),), {1: silenced()}, {"silent": "offers nothing new"}),
        ((listing(items=0, kind="sitemap"),), {1: silenced()}, {"silent": "offers nothing new"}),
        (  # an empty list with a new time of its making at each look
            (listing(items=0), listing(id=2)),
            {1: silenced(changed=True), 2: silenced(changed=True, brought=True)},
            {"frozen": "lists nothing at all"},
        ),
        ((listing(), listing(id=2)), {1: silenced(changed=True), 2: silenced(changed=True, brought=True)}, {}),
    ],
    ids=[
        "an empty feed",
        "a frozen one",
        "an index of sitemaps",
        "one of two is empty",
        "one of two repeats the other",
    ],
)
def test_listings_that_answer_and_bring_nothing(
    listings: tuple[Listing, ...], marks: dict[int, dict[str, Marks]], expected: dict[str, str]
) -> None:
    one = account(listings=listings)
    findings = list(of_source(one, standing(one, NOW), Lately(marks=marks), NOW))
    assert [finding.kind for finding in findings] == list(expected)
    assert all(words in finding.reason for finding, words in zip(findings, expected.values(), strict=True))
    if listings[0].kind != "feed":
        assert "nothing at all" not in findings[0].reason


def test_findings_keep_their_keys_from_day_to_day() -> None:
    first, second = account([*[30] * 38, 0, 0]), account([*[30] * 37, 0, 0, 0])
    assert [one.key for one in found(first)] == [one.key for one in found(second)] == ["few:paper"]
    broken = account(listings=(listing(**LOST), listing(id=2)))
    assert [one.key for one in found(broken)] == ["listing:paper:1"]


def test_a_field_that_vanished_is_a_finding() -> None:
    one = account([20] * 40)
    today, yesterday = days_before(TODAY + DAY, 2)[::-1]
    bare = Day(5, 20, 20, tuple(0 if name == "title" else 20 for name in FIELDS))
    (finding,) = found(replace(one, days={**one.days, today: bare, yesterday: bare}))
    assert (finding.key, finding.severity) == ("field_title:paper", Severity.BAD)
    assert finding.since == today


@pytest.mark.parametrize(
    ("hour", "last_success", "counted"),
    [
        (12, before(HOUR), True),
        (1, "2026-03-05T00:30:00Z", False),  # the day is over, and what it brought may not be fetched yet
        (12, "2026-03-04T22:00:00Z", False),  # nobody looked since the day ended
    ],
    ids=["settled", "just over", "not looked since"],
)
def test_only_complete_days_are_judged(hour: int, last_success: str, counted: bool) -> None:
    now = NOW.replace(hour=hour)
    empty_yesterday = account([*[30] * 38, 0, 0], listings=(listing(last_success_at=last_success),))
    assert kinds(empty_yesterday, now=now) == (["few"] if counted else [])


def crawl(**more: Any) -> Crawling:
    values: dict[str, Any] = {
        "last_run_at": before(HOUR), "broken": 0, "broken_since": None, "endless": 0, "endless_since": None, "written": True,
    }  # fmt: skip
    return Crawling(**(values | more))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (crawl(), []),
        (crawl(last_run_at=None), []),  # an archive of imported files
        (crawl(last_run_at=before(25 * HOUR)), []),
        (crawl(last_run_at=before(27 * HOUR)), ["still"]),
        (crawl(broken=2, broken_since=before(HOUR)), ["broken_off"]),
        (crawl(endless=1, endless_since=before(9 * HOUR)), ["endless"]),
    ],
)
def test_findings_of_crawling(state: Crawling, expected: list[str]) -> None:
    assert [finding.kind for finding in of_crawling(state, NOW)] == expected


@pytest.mark.parametrize(("oldest", "expected"), [(None, []), (before(HOUR), []), (before(2 * DAY), ["queue"])])
def test_findings_of_the_queue(oldest: str | None, expected: list[str]) -> None:
    assert [finding.kind for finding in of_queue(Queue(5, 3, oldest, 1), NOW)] == expected


@pytest.mark.parametrize(
    ("free", "left", "log", "expected"),
    [
        (50 << 30, None, 0, []),
        (50 << 30, 400.0, 0, []),
        (50 << 30, 20.0, 0, [("disk", Severity.WARN)]),
        (50 << 30, 3.0, 0, [("disk", Severity.BAD)]),
        (1 << 20, None, 0, [("disk", Severity.BAD)]),
        (50 << 30, None, 3 << 30, [("log", Severity.WARN)]),
    ],
)
def test_findings_of_the_disk(free: int, left: float | None, log: int, expected: list[tuple[str, Severity]]) -> None:
    room = Disk(1 << 30, log, 1 << 30, free, 100 << 30, 1 << 20, left)
    assert [(finding.kind, finding.severity) for finding in of_disk(room)] == expected


def test_most_sources_failing_is_told_as_one_cause() -> None:
    failing = [replace(account(listings=(listing(**LOST),)), slug=f"paper-{number}") for number in range(6)]
    known = [*failing, account()]
    assert [one.kind for one in of_all(known, {one.slug: standing(one, NOW) for one in known})] == ["unreachable"]
    few = [*failing[:3], account()]
    assert list(of_all(few, {one.slug: standing(one, NOW) for one in few})) == []


def test_unverified_certificates_are_good_to_know_and_nothing_wrong() -> None:
    one = account(verify_tls=False)
    (finding,) = of_all([one], {one.slug: standing(one, NOW)})
    assert finding.severity is Severity.NOTE and "Paper" in finding.reason


# -- rows ------------------------------------------------------------------------------------------------------------


def test_what_a_source_expects_is_kept(archive: Archive) -> None:
    row = SourceRow(
        "paper", "Paper", "https://paper.example/", expect={"articles_per_day": [5, 400], "filled": {"title": 1.0}}
    )
    archive.ledger.put_source(row, NOW)
    (kept,) = accounts(archive.db.conn, NOW)
    assert kept.expect == {"articles_per_day": [5, 400], "filled": {"title": 1.0}}
    archive.ledger.put_source(replace(row, expect={}), NOW)
    assert accounts(archive.db.conn, NOW)[0].expect == {}


def numbers(archive: Archive) -> dict[str, tuple[int, ...]]:
    """day -> articles, stored, titles, minutes, authors."""
    return {
        row[0]: row[1:]
        for row in rows(archive, "SELECT day, articles, stored, title, minute, authors FROM source_days ORDER BY day")
        if any(row[1:])
    }


def test_days_follow_the_articles(archive: Archive) -> None:
    source = add_source(archive)
    one = file(archive, filing(source, "https://a.example/1", published_at="2026-03-04T10:00:00Z", authors=("A",)))
    file(
        archive,
        filing(source, "https://a.example/2", title="Bakers close", text=f"{TEXT} Bread.", published_at="2026-03-04"),
    )
    assert numbers(archive) == {"2026-03-04": (2, 0, 0, 0, 0), "2026-03-05": (0, 2, 2, 1, 1)}
    with archive.transaction():
        archive.db.execute(
            "UPDATE articles SET published_at = '2026-03-03', authors = '[]' WHERE id = ?", [one.article_id]
        )
    assert numbers(archive) == {
        "2026-03-03": (1, 0, 0, 0, 0),
        "2026-03-04": (1, 0, 0, 0, 0),
        "2026-03-05": (0, 2, 2, 0, 0),
    }
    with archive.transaction():
        other = add_source(archive, "other")
        archive.db.execute("UPDATE articles SET source_id = ?", [other])
    assert rows(archive, "SELECT source_id, sum(articles), sum(stored) FROM source_days GROUP BY 1 ORDER BY 1") == [
        (source, 0, 0),
        (other, 2, 2),
    ]
    for table in ("article_versions", "article_urls", "sketches", "story_members", "stories", "articles"):
        archive.db.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
    assert numbers(archive) == {}


def test_looks_are_counted_when_a_listing_answers(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [("https://a.example/feed", "feed", "")], NOW)
    for moment in ("2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z", "2026-03-05T01:00:00Z"):
        archive.db.execute("UPDATE feeds SET last_success_at = ?", [moment])
    archive.db.execute("UPDATE feeds SET last_checked_at = '2026-03-06T00:00:00Z', failures = 1")
    assert rows(archive, "SELECT day, looks FROM source_days") == [("2026-03-04", 2), ("2026-03-05", 1)]


def add_page(archive: Archive, source: int, url: str, outcome: str | None, fetched_at: str | None, **more: Any) -> None:
    values = {"url": url, "source_id": source, "discovered_at": before(9 * DAY), "state": "done" if outcome else "pending",
              "outcome": outcome, "fetched_at": fetched_at, "next_attempt_at": None if outcome else before(-HOUR), **more}  # fmt: skip
    archive.db["pages"].insert(values)  # type: ignore[union-attr]


def test_outcomes_and_queue(archive: Archive) -> None:
    source, other = add_source(archive), add_source(archive, "other")
    for number, (outcome, fetched, more) in enumerate(
        [
            ("stored", before(HOUR), {}),
            ("stored", before(3 * DAY), {}),
            ("timeout", before(2 * HOUR), {}),
            ("skipped_old", None, {}),
            (None, before(HOUR), {"attempts": 2}),
            (None, None, {"next_attempt_at": before(5 * HOUR)}),
        ]
    ):
        add_page(archive, source, f"https://a.example/{number}", outcome, fetched, **more)
    add_page(archive, other, "https://b.example/1", "gone", before(HOUR))
    conn = archive.db.conn
    assert outcomes(conn, before(DAY)) == {source: {"stored": 1, "timeout": 1, "": 1}, other: {"gone": 1}}
    assert outcomes(conn, before(DAY), other) == {other: {"gone": 1}}
    assert dict(outcomes_of(conn, source, "")) == {"stored": 2, "": 2, "timeout": 1, "skipped_old": 1}
    assert dict(outcomes_of(conn, source, before(DAY))) == {"": 1, "stored": 1, "timeout": 1}
    assert queue(conn, NOW) == Queue(2, 1, before(5 * HOUR), 1)


@pytest.mark.sqlite
def test_the_queue_and_the_outcomes_are_read_from_indexes(archive: Archive) -> None:
    statements: list[str] = []
    archive.db.conn.set_trace_callback(statements.append)
    health(archive.db.conn, NOW)
    portrait(archive.db.conn, "none", NOW)
    archive.db.conn.set_trace_callback(None)
    for sql in [one for one in statements if one.lstrip().upper().startswith("SELECT") and "pragma_" not in one]:
        for step in rows(archive, f"EXPLAIN QUERY PLAN {sql}"):
            whole = step[3] in (
                "SCAN pages",
                "SCAN p",
                "SCAN articles",
                "SCAN a",
                "SCAN captures",
                "SCAN source_days",
                "SCAN d",
            )
            assert not whole, f"{step[3]}: {sql}"


def test_an_empty_archive_is_well(archive: Archive) -> None:
    found = health(archive.db.conn, NOW)
    assert found.well and found.findings == () and found.sources == 0


def test_a_look_at_an_archive(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [("https://a.example/feed", "feed", "")], NOW)
    archive.db.execute(
        """UPDATE feeds SET status = 'failing', failures = 9, detail = 'no answer', last_checked_at = ?,
               last_success_at = ?, next_check_at = ?""",
        [before(HOUR), before(4 * DAY), before(-HOUR)],
    )
    archive.ledger.finish_run(archive.ledger.start_run(source, NOW - HOUR), NOW, "finished")
    found = health(archive.db.conn, NOW)
    assert [(one.key, one.since) for one in found.findings] == [("failing:island_post", before(4 * DAY))]
    assert not found.well
    assert (found.sources, found.looked) == (1, 0)


def test_when_nothing_is_crawled_sources_are_not_named_one_by_one(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [("https://a.example/feed", "feed", "")], NOW - 5 * DAY)
    archive.db.execute("UPDATE feeds SET last_checked_at = ?, last_success_at = ?", [before(5 * DAY), before(5 * DAY)])
    archive.ledger.finish_run(archive.ledger.start_run(source, NOW - 5 * DAY), NOW - 5 * DAY, "finished")
    assert [one.kind for one in health(archive.db.conn, NOW).findings] == ["still"]


def test_runs_without_an_end(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.start_run(source, NOW - 5 * HOUR)
    assert [one.kind for one in health(archive.db.conn, NOW).findings] == ["endless"]  # we hold the writer's lock
    archive.ledger.close_runs()
    assert [one.kind for one in health(archive.db.conn, NOW).findings] == ["broken_off"]


def test_a_portrait_tells_fields_that_dropped_and_lists_articles_without_a_time(archive: Archive) -> None:
    source = add_source(archive)
    for number in range(3):
        one = filing(source, f"https://a.example/{number}", title=f"Ferry {number}", text=f"{TEXT} {number}.",
                     published_at="2026-03-01T10:00:00Z", hours=number - 72, authors=("A",))  # fmt: skip
        file(archive, one)
    file(archive, filing(source, "https://a.example/new", title="Untimed", text=f"{TEXT} Other words here."))
    found = portrait(archive.db.conn, "island_post", NOW)
    assert found is not None
    assert found.articles[0].title == "Untimed"
    assert found.total == 4
    assert [(one.articles, one.found_later) for one in found.days[-5:]] == [
        (3, True),
        (None, False),
        (None, False),
        (None, False),
        (1, True),
    ]
    assert portrait(archive.db.conn, "other", NOW) is None


def run_health(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archive", "health", "--archive", str(folder), *options],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_says_what_is_wrong_with_its_exit_status(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Archive(tmp_path / "data", write=True) as archive, archive.transaction():
        source = add_source(archive)
        archive.ledger.put_feeds(source, [("https://a.example/feed", "feed", "")], now)
        archive.db.execute("UPDATE feeds SET last_checked_at = ?, last_success_at = ?", [utc_text(now)] * 2)
        archive.db.execute("UPDATE sources SET added_at = ?", [utc_text(now)])
        archive.ledger.finish_run(archive.ledger.start_run(source, now), now, "finished")
    well = run_health(tmp_path / "data")
    assert well.returncode == 0, well.stderr
    assert well.stdout.startswith("Nothing is wrong. 1 source of 1 answered in the last day")
    with Archive(tmp_path / "data", write=True) as archive:
        archive.db.execute("UPDATE feeds SET status = 'gone', detail = '410 Gone'")
    wrong = run_health(tmp_path / "data")
    assert wrong.returncode == 1
    assert "island_post: Does not answer" in wrong.stdout
    told = json.loads(run_health(tmp_path / "data", "--json").stdout)
    assert told["well"] is False
    assert [one["key"] for one in told["findings"]] == ["failing:island_post"]
    assert run_health(tmp_path / "none").returncode == 2


def test_a_source_file_tells_the_archive_what_it_expects() -> None:
    source = parse_source(
        """
        name = "Paper"
        home = "https://paper.example/"
        country = "gb"
        language = "en"
        timezone = "UTC"
        feeds = [{ url = "https://paper.example/feed" }]
        expect = { articles_per_day = [5, 400], filled = { title = 1.0, published = 0.95 } }
        """,
        "paper",
    )
    assert source.row.expect == {"articles_per_day": [5.0, 400.0], "filled": {"title": 1.0, "published": 0.95}}


def test_every_field_that_a_source_file_may_expect_is_counted() -> None:
    assert set(get_args(FilledField)) <= set(FIELDS)

"""Incidents: when they open, go on, end and come back, and who was told; decisions first, then rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from archive import Archive
from archive.findings import Finding, Severity
from archive.health import health
from archive.incidents import CALM, LONGEST_CALM, Incident, calm, ended, going_on, record, tell, untold, weigh
from archive.records import utc_text
from archive.rhythm import quiet
from tests.unit.archive.helpers import NOW, add_source, at, rows, stamp

SILENT = Finding("silent:paper", Severity.WARN, "Silent", "It answers.", stamp(-5), "paper", "Paper")
FEW = replace(SILENT, key="few:paper", what="Too few articles")
DISK = Finding("disk", Severity.BAD, "The disk is filling up", "1 GB of 9 GB.")
QUEUE = Finding("queue", Severity.WARN, "Pages wait", "3 pages.")
NOTE = Finding("unverified", Severity.NOTE, "Certificates", "Of Paper.")


def look(archive: Archive, hours: float, *found: Finding) -> list[str]:
    """One look, and what goes on after it."""
    with archive.transaction():
        record(archive.db, found, at(hours))
    return [one.key for one in going_on(archive.db.conn)]


def incidents(archive: Archive) -> list[tuple[object, ...]]:
    return rows(archive, "SELECT key, started_at, opened_at, ended_at, returns FROM incidents ORDER BY id")


def test_an_incident_lasts_from_its_first_finding_to_its_last(archive: Archive) -> None:
    assert look(archive, 0, SILENT) == ["silent:paper"]
    assert look(archive, 1, replace(SILENT, reason="It still answers.")) == ["silent:paper"]
    assert look(archive, 2) == ["silent:paper"], "it may come back"
    assert look(archive, 4.1) == []
    assert incidents(archive) == [("silent:paper", stamp(-5), stamp(0), stamp(2), 0)]
    assert rows(archive, "SELECT reason FROM incidents") == [("It still answers.",)]


def test_what_is_good_to_know_is_no_incident(archive: Archive) -> None:
    assert look(archive, 0, NOTE) == []


def test_what_comes_and_goes_is_one_incident(archive: Archive) -> None:
    for hour in range(24):
        look(archive, hour, *([DISK] if hour % 2 else []))
    assert len(incidents(archive)) == 1
    for hour in range(24, 48):  # slower, so that it ends once
        look(archive, hour, *([DISK] if hour % 6 == 0 else []))
    assert len(incidents(archive)) <= 2


def test_what_comes_back_after_its_end_needs_more_calm(archive: Archive) -> None:
    for hour in range(72):
        look(archive, hour, *([DISK] if hour % 4 == 0 else []))
    assert len(incidents(archive)) <= 3
    assert look(archive, 80) == ["disk"], "since hour 69"
    assert look(archive, 69 + LONGEST_CALM / timedelta(hours=1)) == []


def test_calm_is_bounded() -> None:
    one = Incident(1, "disk", "", "", "bad", "", "", stamp(0), stamp(0))
    assert calm(one) == CALM
    assert calm(replace(one, returns=1)) == 2 * CALM
    assert calm(replace(one, returns=50)) == LONGEST_CALM


def test_what_a_stop_of_the_service_causes_is_only_suspected_at_first(archive: Archive) -> None:
    assert look(archive, 0, QUEUE) == []
    assert look(archive, 1) == []
    assert incidents(archive) == [], "and forgotten"
    assert look(archive, 2, QUEUE) == []
    assert look(archive, 4, QUEUE) == ["queue"]


def test_a_look_after_a_stop_of_days_does_not_end_what_it_does_not_know(archive: Archive) -> None:
    look(archive, 0, SILENT)
    assert look(archive, 100) == ["silent:paper"]
    assert look(archive, 102.1) == []
    assert incidents(archive)[0][3] == stamp(100)


@pytest.mark.parametrize(("hours", "hidden"), [(3, True), (30, True), (24 * 3 + 3, False)])
def test_few_articles_on_the_day_of_a_silence_are_no_incident_of_their_own(
    archive: Archive, hours: float, hidden: bool
) -> None:
    look(archive, 0, SILENT)
    look(archive, 1)
    look(archive, 3.1)
    assert ("few:paper" not in look(archive, hours, FEW)) is hidden


def test_weighing_is_pure_and_gives_each_once() -> None:
    (one,) = weigh([], {}, [SILENT, NOTE], NOW)
    assert (one.id, one.started_at, one.opened_at) == (None, stamp(-5), stamp(0))
    (same,) = weigh([one], {}, [SILENT], at(1))
    assert same == one
    (gone,) = weigh([one], {}, [], at(2))
    assert (gone.absent_since, gone.ended_at) == (stamp(2), None)


def told(archive: Archive, hours: float) -> tuple[list[str], list[str]]:
    """Who is to be told of what began and ended, and that it was done."""
    with archive.transaction():
        starts, ends = untold(archive.db.conn, at(hours))
        tell(archive.db, [*starts, *ends], at(hours))
    return [one.key for one in starts], [one.key for one in ends]


def test_each_is_told_once_at_its_start_and_once_at_its_end(archive: Archive) -> None:
    look(archive, 0, SILENT, DISK)
    assert told(archive, 0) == (["silent:paper", "disk"], [])
    for hour in (1, 2, 3):
        look(archive, hour, SILENT)
        assert told(archive, hour) == ([], ["disk"] if hour == 3 else [])
    assert told(archive, 4) == ([], [])


def test_what_was_over_before_it_could_be_told_is_told_once(archive: Archive) -> None:
    look(archive, 0, DISK)
    look(archive, 1)
    look(archive, 4)
    assert told(archive, 5) == (["disk"], [])
    assert told(archive, 6) == ([], [])


def test_old_ends_are_told_nobody(archive: Archive) -> None:
    look(archive, 0, DISK)
    look(archive, 1)
    look(archive, 4)
    assert told(archive, 60) == ([], [])


def test_health_dates_what_has_no_date_of_its_own_by_its_incident(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [("https://island_post.example/feed", "feed", "")], NOW)
    archive.db.execute(
        "UPDATE feeds SET last_checked_at = :now, last_success_at = :now, next_check_at = :later",
        {"now": stamp(-1), "later": stamp(1)},
    )
    for number in range(9):
        archive.db.execute(
            """INSERT INTO pages (url, source_id, discovered_at, state, outcome, fetched_at)
               VALUES (?, ?, ?, 'done', 'extraction_failed', ?)""",
            [f"https://island_post.example/{number}", source, stamp(-2), stamp(-1)],
        )

    def since(moment: datetime) -> str | None:
        found = health(archive.db.conn, moment)
        with archive.transaction():
            record(archive.db, found.findings, moment)
        return next(one.since for one in found.findings if one.kind == "extraction")

    assert since(NOW) is None
    assert since(at(1)) == stamp(0)
    look(archive, 2)
    look(archive, 9)
    assert [one.key for one in health(archive.db.conn, at(9)).ended] == ["extraction:island_post"]
    assert [one.kind for one in ended(archive.db.conn, stamp(0))] == ["extraction"]


# -- the rhythm of listings --------------------------------------------------------------------------------------------


def bits(hours: Iterable[int]) -> int:
    return sum(1 << hour for hour in hours)


ALL_DAY = bits(range(24))


def weeks(hours: Iterable[int], days: int = 28) -> dict[str, int]:
    """Bits of the days before NOW's day."""
    return {utc_text(NOW - timedelta(days=ago))[:10]: bits(hours) for ago in range(days, 0, -1)}


@pytest.mark.parametrize(
    ("hours", "looked_until", "telling"),
    [
        (range(24), 11, True),  # something new each hour, and nothing for twelve
        (range(24), 3, False),
        (range(8, 20), 7, False),  # it is always quiet at night
        (range(8, 20), 20, True),
        ([6], 23, False),  # once a day, and a day without
    ],
    ids=["each hour", "not for long", "at night", "by day", "once a day"],
)
def test_a_listing_is_quiet_by_its_own_rhythm(hours: Iterable[int], looked_until: int, telling: bool) -> None:
    looked = weeks(range(24)) | {utc_text(NOW)[:10]: bits(range(looked_until + 1))}
    found = quiet(looked, weeks(hours))
    assert (found is not None and found.telling) is telling


def test_a_listing_that_often_pauses_must_pause_for_longer() -> None:
    days = weeks(range(24))
    paused = {day: mark if number % 6 else 0 for number, (day, mark) in enumerate(days.items(), 1)}
    looked = weeks(range(24)) | {utc_text(NOW)[:10]: ALL_DAY}
    steady, pausing = quiet(looked, days), quiet(looked, paused)
    assert steady is not None and steady.telling
    assert pausing is None or not pausing.telling


def test_days_on_which_nobody_looked_are_no_rhythm() -> None:
    today = {utc_text(NOW)[:10]: ALL_DAY}
    assert quiet(weeks(range(24), 10) | today, weeks(range(24), 10)) is None
    assert quiet({}, {}) is None


def test_looks_are_marked_by_the_hour(archive: Archive) -> None:
    source = add_source(archive)
    archive.ledger.put_feeds(source, [("https://a.example/feed", "feed", "")], NOW)
    visits = [(0, 30, 30, "a"), (1, 30, 0, "a"), (2, 30, 30, "b"), (30, 30, 30, "c"), (31, 30, 4, "d")]
    for hours, items, new, digest in visits:
        archive.db.execute(
            """UPDATE feeds SET last_success_at = :at, items = :items, new_items = :new, digest = :digest,
                   last_new_at = CASE WHEN :new THEN :at ELSE last_new_at END""",
            {"at": stamp(hours), "items": items, "new": new, "digest": digest},
        )
    first, second = rows(archive, "SELECT looked, changed, brought, lost FROM feed_days ORDER BY day")
    assert first == (bits([12, 13, 14]), bits([12, 14]), bits([12, 14]), bits([14]))
    assert second == (bits([18, 19]), bits([18, 19]), bits([18, 19]), 0), "after a day what was missed was our doing"

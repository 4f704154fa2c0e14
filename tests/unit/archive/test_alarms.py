"""Alarms over weeks of simulated time: what happens is named within a day, and what does not happen never is."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime

import pytest

from archive import Archive
from archive.health import health
from archive.incidents import going_on, record
from tests.unit.archive.press import HOUR, MONDAY, Paper, Press

# weeks of a hundred papers, in minutes; what health reads is tested on both in test_health and test_incidents
pytestmark = pytest.mark.sqlite

WEEK = 7 * 24
KINDS = {"freeze": ("silent",), "triple": ("many",), "title": ("field_title",), "time": ("field_published",)}
# the machine's own disk, and that no process of a crawl is at work, are not what is simulated
APART = ("disk", "log", "still", "broken_off")


def look(archive: Archive, now: datetime) -> list[str]:
    """Look once, as the service does; gives the keys of what goes on."""
    found = [one for one in health(archive.db.conn, now).findings if one.kind not in APART]
    with archive.transaction():
        record(archive.db, found, now)
    return [one.key for one in going_on(archive.db.conn)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("papers_of_hundred", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_healthy_papers_raise_no_alarm_in_eight_weeks(archive: Archive, papers_of_hundred: int) -> None:
    chance = random.Random(7)
    papers = [
        Paper(
            f"paper-{number}",
            0.5 * 1.043**number,
            chance.uniform(0.3, 1),
            chance.uniform(0, 24),
            chance.uniform(0.5, 2.5),
        )
        for number in range(0, 100, 100 // papers_of_hundred)  # 0.5 to 32 articles a day
    ]
    press = Press(archive, papers, chance)
    for _ in press.hours(0, 4 * WEEK):
        pass
    alarms: set[tuple[str, str]] = set()
    for hour, now in enumerate(press.hours(4 * WEEK, 12 * WEEK)):
        if hour % 7 == 0:  # at every hour of the day in its turn
            look(archive, now)
            alarms |= {(one.key, one.reason) for one in going_on(archive.db.conn)}
    assert alarms == set()


def delays(archive: Archive, rates: tuple[int, ...], troubles: tuple[str, ...]) -> dict[tuple[str, int], list[int]]:
    """Hours until each trouble was named, by trouble and rate; for each one begins on every day of a week."""
    chance = random.Random(11)
    papers = [
        Paper(f"{trouble}-{rate}-{day}", rate, chance.uniform(0.4, 1), chance.uniform(6, 18), chance.uniform(0.5, 2), trouble,
              4 * WEEK + day * 24 + chance.randrange(24))
        for trouble in troubles for rate in rates for day in range(7)
    ]  # fmt: skip
    press = Press(archive, papers, chance)
    for _ in press.hours(0, 4 * WEEK):
        pass
    named: dict[str, datetime] = {}
    for now in press.hours(4 * WEEK, 5 * WEEK + 4 * 24):
        for key in look(archive, now):
            named.setdefault(key, now)
    found = defaultdict(list)
    for one in papers:
        began = MONDAY + HOUR * one.begins
        moments = [named[key] for kind in KINDS[one.trouble] if (key := f"{kind}:{one.slug}") in named]
        assert all(moment > began for moment in moments), f"{one.slug} was named before it was in trouble"
        found[one.trouble, int(one.rate)].append(int((min(moments) - began) / HOUR) if moments else 999)
    others = {key for key in named if key.partition(":")[0] not in KINDS[key.partition(":")[2].partition("-")[0]]}
    assert others == set(), "and nothing else is named"
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("trouble", list(KINDS))
def test_a_trouble_is_named_within_a_day(archive: Archive, trouble: str) -> None:
    found = delays(archive, (10, 20, 40), (trouble,))
    told = {rate: sorted(found[trouble, rate]) for rate in (10, 20, 40)}
    print(trouble, told)  # the table in docs/operations.md
    assert told[40][-1] <= 24, "on whatever day of the week it begins"
    assert told[20][3] <= 24, "as a rule"
    assert told[10][3] <= 48 and told[10][-1] < 7 * 24

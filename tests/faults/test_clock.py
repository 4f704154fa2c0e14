"""A clock that jumps, by an hour in a night or by years: nothing waits for ever, nobody is asked too often."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import trustme

from archive import Archive
from archive.clock import mend_times
from archive.hosts import Hosts, Standing
from archive.records import utc_text
from archive.verify import verify
from crawler.schedule import Schedule
from tests.crawl.test_scheduler import STOP_WITHIN, log_of
from tests.faults.conftest import HEALTHY, Stage
from tests.faults.servers import Answer, FaultySite, article, rss
from tests.faults.test_network import server_context
from tests.faults.test_verify import LATER, PAGES, build

DAY = timedelta(days=1)
HOLD = timedelta(days=1)


@pytest.mark.parametrize("ahead", [DAY, 5 * 365 * DAY], ids=["a day", "five years"])
def test_what_was_written_under_a_clock_that_was_ahead(tmp_path: Path, ahead: timedelta) -> None:
    """The archive was written up to LATER; now it is `ahead` less."""
    build(tmp_path)
    now = LATER - ahead
    with Archive(tmp_path, write=True) as archive, archive.transaction():
        Hosts(archive.db).put_standing(Standing("example.org", utc_text(LATER + 300 * DAY)))
        if now.year >= 2026:
            assert "the clock was ahead" in mend_times(archive.db, now, HOLD)
        else:  # before there was any archive: it is this clock that is wrong
            assert mend_times(archive.db, now, HOLD) == ""
            now = LATER - DAY
            assert mend_times(archive.db, now, HOLD)
        assert mend_times(archive.db, now, HOLD) == "", "once is enough"
        (feed,) = archive.db.execute("SELECT * FROM feeds").fetchall()
        assert feed["last_checked_at"] == utc_text(now)
        assert feed["next_check_at"] == utc_text(now + timedelta(hours=1)), "as long after now as it was after the look"
        assert len(archive.ledger.claim(1, now, 99)) == 1, "what waits is not late, the rest is not due"
        assert archive.db.execute("SELECT max(fetched_at) FROM pages").fetchone()[0] == utc_text(now)
        assert archive.db.execute("SELECT max(last_seen_at) FROM articles").fetchone()[0] == utc_text(now)
        assert archive.db.execute("SELECT max(fetched_at) FROM captures").fetchone()[0] == utc_text(LATER), (
            "as in its record"
        )
        assert archive.db.execute("SELECT not_before FROM hosts").fetchone()[0] == utc_text(now + HOLD)
        assert archive.db.execute("SELECT count(*) FROM articles").fetchone()[0] == PAGES
    with Archive(tmp_path) as archive:
        assert verify(archive, now=now).ok


def test_a_clock_that_is_right_mends_nothing(tmp_path: Path) -> None:
    build(tmp_path)
    with Archive(tmp_path, write=True) as archive, archive.transaction():
        for now in (LATER, LATER - timedelta(minutes=1), LATER + 5 * 365 * DAY):
            assert mend_times(archive.db, now, HOLD) == ""


NIGHTS = {  # the zone of the machine, and the day before a night on which its clock is set
    "Berlin, forward": ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
    "Berlin, back": ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),
    "St John's, forward": ("America/St_Johns", datetime(2026, 3, 7, tzinfo=UTC)),
    "St John's, back": ("America/St_Johns", datetime(2026, 10, 31, tzinfo=UTC)),
}


@pytest.fixture(params=NIGHTS)
def night(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    zone, day = NIGHTS[request.param]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield day
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("cron", "due"),
    [("30 2 * * *", 3), ("30 0 * * *", 3), ("*/30 * * * *", 144), ("0 1 * * *", 3)],
)
def test_one_run_for_each_due_time_in_the_nights_of_summer_time(night: datetime, cron: str, due: int) -> None:
    schedule, moment, fired = Schedule(cron=cron), night - timedelta(seconds=1), []
    while (following := schedule.next_after(moment)) is not None and following < night + 3 * DAY:
        fired.append(following)
        moment = following
    assert len(fired) == len(set(fired)) == due
    assert {later - earlier for earlier, later in pairwise(fired)} == {3 * DAY / due}


def small(stage: Stage, more: str = "") -> FaultySite:
    site = stage.site({"/1": Answer(article(1))})
    site.routes["/feed.xml"] = rss(f"{site.url}/1")
    stage.write_source("faulty", site.source() + more)
    return site


def test_a_clock_that_is_ahead_for_one_run(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, clock = small(stage), tmp_path / "clock"
    monkeypatch.setenv("TZ", "America/St_Johns")  # for the commands
    under = ("-m", "tests.faults.under", f"clock={clock}", "--")
    stage.settings["MAX_AGE_DAYS"] = "0"  # what was published today is old for a clock that is a year ahead
    set_to(clock, "31536000")
    stage.check(stage.crawl("scheduler.py", "--once", command=under))
    assert site.paths().count("/feed.xml") == 1
    run = stage.crawl()
    stage.check(run)
    assert "the clock was ahead" in run.output
    assert site.paths().count("/feed.xml") == 1, "the look was just now"
    now = datetime.now(UTC)
    (feed,) = stage.rows(
        "SELECT next_check_at AS at FROM feeds WHERE url LIKE '%/feed.xml' AND url LIKE ?", f"{site.url}%"
    )
    assert utc_text(now) < str(feed["at"]) < utc_text(now + DAY)
    (late,) = stage.rows("SELECT count(*) AS n FROM pages WHERE next_attempt_at > ?", utc_text(now + 40 * DAY))
    assert late["n"] == 0
    set_to(clock, "7200")
    stage.check(stage.crawl("scheduler.py", "--once", command=under))
    assert site.paths().count("/feed.xml") == 2


def set_to(clock: Path, seconds: str) -> None:
    """Set the clock at once: whoever reads it meanwhile finds the old time or the new one."""
    fresh = clock.with_suffix(".new")
    fresh.write_text(seconds)
    fresh.replace(clock)


def test_a_clock_that_jumps_while_the_service_runs(stage: Stage, tmp_path: Path) -> None:
    site, clock = small(stage, '[schedule]\nevery = "1s"\n'), tmp_path / "clock"
    set_to(clock, "0")
    process = stage.start("-m", "tests.faults.under", f"clock={clock}", "tick=1", "--", "scheduler.py")
    for jump in (0, 86_400, -86_400, 0):
        set_to(clock, str(jump))
        asked = site.paths().count("/feed.xml")
        for _ in range(2):  # machines are slow
            for _ in range(2400):
                if site.paths().count("/feed.xml") > asked:
                    break
                time.sleep(0.05)
            else:
                raise AssertionError(f"nobody looked after {jump}:\n{log_of(stage)[-3000:]}")
            asked += 1
    process.terminate()
    assert process.wait(timeout=STOP_WITHIN) == 0, log_of(stage)
    assert log_of(stage).count("the clock was set by") == 3
    looks = [asked.at for asked in site.asked if asked.path == "/feed.xml"]
    assert min(later - earlier for earlier, later in pairwise(looks)) > 0.5, "nobody is hammered"
    (found,) = stage.rows("SELECT count(*) AS n, count(DISTINCT url) AS urls FROM articles")
    assert (found["n"], found["urls"]) == (HEALTHY + 1, HEALTHY + 1)
    with stage.archive() as archive:
        assert verify(archive, quick=True).ok


def test_a_robots_txt_behind_a_bad_certificate_does_not_keep_pages_for_ever(stage: Stage, tmp_path: Path) -> None:
    """Each try counts, though the host is left alone in between; in the end they are unreachable, and it says why."""
    nobody, clock = server_context(trustme.CA().issue_cert("127.0.0.1")), tmp_path / "clock"
    stage.settings |= {"RETRY_AFTER_FAILURE": "1h,1h", "MAX_AGE_DAYS": "0"}
    with FaultySite(tls=nobody) as secure:
        site = stage.site({}, slug="faulty")
        site.routes["/feed.xml"] = rss(*(f"{secure.url}/{n}" for n in range(3)))
        stage.write_source("faulty", f'domains = ["127.0.0.1:{secure.port}"]\n' + site.source())
        for hours, last in ((0, False), (3, False), (9, True)):
            set_to(clock, str(3600 * hours))
            under = ("-m", "tests.faults.under", f"clock={clock}", "--", "scheduler.py", "--once", "--source", "faulty")
            assert stage.crawl(command=under).status == 0
            found = stage.outcomes()
            assert len(found) == 3
            assert all(
                end == "unreachable" if last else end.startswith("pending: unreachable") for end in found.values()
            )
        details = stage.rows("SELECT detail FROM pages WHERE url LIKE ?", f"{secure.url}/%")
        assert all("robots.txt is unreachable" in str(row["detail"]) for row in details)
        assert all("certificate" in str(row["detail"]) for row in details)
        assert secure.asked == []

"""What workers share beside the work: a host that two of them come to, a rest that one of them was asked for, and reports."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg

from archive.postgres import place_of
from archive.postgres.lease import key_of
from tests.newsstand.demo import ROOT, crawl_environment
from tests.workers.desk import Desk, articles, check_pace, open_desk
from tests.workers.press import Press, write_sources

DELAY = 0.3
ASKED_FOR_S = 6  # by Retry-After


def test_a_folder_has_no_workers(tmp_path: Path) -> None:
    command = [sys.executable, "scheduler.py", "--worker"]
    with Press(1, 1) as press:
        write_sources(tmp_path / "sources", press.hosts, DELAY)
        done = subprocess.run(
            command, cwd=ROOT, env=crawl_environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert "ARCHIVE_URL=postgresql://" in done.stderr and "Traceback" not in done.stderr


def test_a_host_that_redirects_of_two_workers_lead_to_is_asked_by_one_at_a_time(url: str, tmp_path: Path) -> None:
    with Press(3, 8, delay=DELAY) as press:
        meeting = press.hosts[0]
        for server in press.servers[1:]:
            for story in server.stories:  # type: ignore[attr-defined]
                press.redirects[f"/world/{story.slug}"] = f"http://{meeting}/elsewhere/{story.slug}"
        write_sources(tmp_path / "sources", press.hosts, DELAY, f'domains = ["{meeting}"]')
        (tmp_path / "sources" / "paper00.toml").unlink()  # nobody crawls it for itself
        desk = Desk(url, tmp_path, {"DOWNLOAD_DELAY": str(DELAY), "CRAWLS_AT_ONCE": "1"})
        try:
            desk.start(), desk.start()
            desk.wait(lambda: desk.counts()["not_found"] == 16, "what becomes of redirects to nothing")
            assert _holders(url, "reports") == 1, "one worker has the reports"
            desk.stop()
        finally:
            desk.end()
        assert len([one for one in press.asked if one.path.startswith("/elsewhere/")]) == 16
        assert all(": finished:" in desk.log(number) for number in (0, 1)), desk.log()
        check_pace(press.asked, DELAY)


def test_a_rest_that_one_worker_was_asked_for_is_given_by_the_next(url: str, tmp_path: Path) -> None:
    with Press(1, 5, delay=DELAY) as press:
        (host,) = press.hosts
        press.retry_after[host] = ASKED_FOR_S
        desk = open_desk(url, tmp_path, press, RETRY_AFTER_FAILURE="1s,1s,1s,1s,1s")
        try:
            first = desk.start()
            desk.wait(lambda: not press.retry_after, "the answer that asks for a rest")
            asked = next(one.at for one in reversed(press.asked) if one.path.startswith("/world/"))
            desk.wait(lambda: _rests(url), "the rest in the archive")
            first.kill()
            first.wait(30)
            before = len(press.asked)
            desk.start()
            desk.wait(lambda: desk.counts()["stored"] == 5, "all articles")
            desk.stop()
        finally:
            desk.end()
        assert press.asked[before].at - asked >= ASKED_FOR_S * 0.9
        assert len(articles(press.asked)) <= 7
        check_pace(press.asked, DELAY)


def _rests(url: str) -> bool:
    with psycopg.connect(_conninfo(url)) as pg:
        return pg.execute("SELECT 1 FROM hosts WHERE not_before > ''").fetchone() is not None


def _holders(url: str, name: str) -> int:
    key = key_of(name)
    time.sleep(0.5)  # a turn of the second worker
    with psycopg.connect(_conninfo(url)) as pg:
        row = pg.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s",
            [key >> 32, key & 0xFFFFFFFF],
        ).fetchone()
    assert row is not None
    return int(row[0])


def _conninfo(url: str) -> str:
    place = place_of(url)
    assert place is not None
    return place.conninfo

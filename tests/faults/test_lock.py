"""The database locked by another program, a second crawl by mistake, a crawl that takes longer than its interval."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from archive import Archive
from archive.verify import verify
from tests import warm
from tests.crawl.test_scheduler import STOP_WITHIN, log_of, wait_for
from tests.faults.conftest import Stage, open_stage
from tests.faults.servers import Answer, Asked, FaultySite, article, rss
from tests.newsstand.demo import ROOT
from tests.unit.archive.helpers import exchange

PAGES = 6
# another program, such as a database browser, that began to write and thinks
HOLD = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
conn.execute("ROLLBACK")
"""


@contextmanager
def locked(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The database under the write lock of another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / "archive.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def slow_site(stage: Stage, seconds: float, slug: str = "faulty", more: str = "") -> FaultySite:
    """A site that takes its time for every page."""
    site = stage.site(slug=slug)

    def page(asked: Asked) -> Answer:
        time.sleep(seconds)
        return Answer(article(int(asked.path[1:])))

    site.routes |= {f"/{number}": page for number in range(PAGES)}
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{number}" for number in range(PAGES)))
    stage.write_source(slug, site.source() + more)
    return site


def sound(folder: Path) -> None:
    with Archive(folder) as archive:
        assert verify(archive, quick=True).ok


def test_a_lock_of_three_seconds_is_waited_for(stage: Stage) -> None:
    site = slow_site(stage, 0.3)
    process = stage.start("scheduler.py", "--once")
    wait_for(lambda: "/0" in site.paths() or "/1" in site.paths(), "the first page")
    with locked(stage.folder):
        time.sleep(3)
    assert process.wait(timeout=120) == 0, log_of(stage)
    stage.check_healthy()
    assert set(stage.outcomes().values()) == {"stored"}


def test_a_lock_that_lasts_is_an_error_and_a_rerun_completes(stage: Stage) -> None:
    site = slow_site(stage, 0.3)
    stage.settings["BUSY_TIMEOUT"] = "2"
    process = stage.start("scheduler.py", "--once")
    wait_for(lambda: "/0" in site.paths() or "/1" in site.paths(), "the first page")
    with locked(stage.folder):
        assert process.wait(timeout=90) == 2, log_of(stage)
        said = [line for line in log_of(stage).splitlines() if line.startswith("kiosque: ")]
        assert len(said) == 1
        assert "locked by another process" in said[0]
        assert "Traceback" not in log_of(stage)
        assert any(outcome.startswith("pending") for outcome in stage.outcomes().values())
        again = stage.crawl()  # nor does it begin now
        assert again.status == 2
        assert "locked by another process" in again.output.splitlines()[-1]
    stage.check(stage.crawl())
    assert set(stage.outcomes().values()) == {"stored"}


def test_a_second_crawl_and_a_job_longer_than_its_interval(stage: Stage, tmp_path: Path) -> None:
    """One run of the service: a source that is due every second and takes longer, one that shares its host, and what
    others start meanwhile."""
    site = slow_site(stage, 0.4, more='[schedule]\nevery = "1s"\n')
    stage.write_source(
        "other", site.source(name="Other").replace("/feed.xml", "/other.xml") + '[schedule]\nevery = "1s"\n'
    )
    site.routes["/other.xml"] = rss()
    stage.settings["LOCK_WAIT"] = "1"
    process = stage.start("-m", "tests.faults.under", "tick=1", "--", "scheduler.py")
    wait_for(lambda: "/0" in site.paths() or "/1" in site.paths(), "the first page")
    warc = tmp_path / "import.warc.gz"
    with Archive(tmp_path / "elsewhere", write=True) as elsewhere:
        placed = elsewhere.raw.append(exchange())
    (tmp_path / "elsewhere" / placed.warc_file).rename(warc)
    asked = len(stage.healthy.requests)
    for command in (
        ("scheduler.py", "--once", "--force"),
        ("-m", "scrapy", "crawl", "bulk"),
        ("-m", "archive", "import-warc", "--archive", str(stage.folder), str(warc)),
        ("-m", "archive", "reextract", "--archive", str(stage.folder)),
        ("-m", "archive", "verify", "--repair", "--archive", str(stage.folder)),
    ):
        done = stage.run(*command)
        assert done.returncode == 2, (command, done.stdout, done.stderr)
        assert f"process {process.pid}" in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
    looked = stage.run("-m", "archive", "verify", "--archive", str(stage.folder))
    assert looked.returncode == 0, looked.stdout
    wait_for(
        lambda: site.paths().count("/feed.xml") >= 3 and site.paths().count("/other.xml") >= 3, "three looks at both"
    )
    process.terminate()
    assert process.wait(timeout=STOP_WITHIN) == 0, log_of(stage)
    assert len(stage.healthy.requests) - asked < 30, "the second crawl asked nobody"
    runs = stage.rows(
        "SELECT s.slug, r.started_at, r.finished_at FROM runs r JOIN sources s ON s.id = r.source_id ORDER BY r.id"
    )
    assert Counter(str(run["slug"]) for run in runs).keys() == {"bulk", "faulty", "other"}
    on_one_host = [run for run in runs if run["slug"] != "bulk"]
    for earlier, later in pairwise(on_one_host):
        assert earlier["finished_at"] and str(earlier["finished_at"]) <= str(later["started_at"]), "never two at once"
    stage.check_healthy()
    sound(stage.folder)


# -- a database that is none ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage that was crawled once."""
    with open_stage(tmp_path_factory.mktemp("crawled")) as stage:
        stage.check(stage.crawl())
        yield stage


BROKEN = {
    "garbage": lambda data: b"no database " * 1000,
    "cut": lambda data: data[: len(data) // 2],
    "cut in its first page": lambda data: data[:1000],
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("name", [*BROKEN, "newer"])
def test_a_database_that_cannot_be_used_is_left_alone(crawled: Stage, name: str) -> None:
    path = crawled.folder / "archive.db"
    good = path.read_bytes()
    try:
        if name == "newer":
            with Archive(crawled.folder, write=True) as archive:
                archive.db.execute(
                    "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('archive', '9999_later', '')"
                )
        else:
            path.write_bytes(BROKEN[name](good))
        before = path.read_bytes()
        asked = len(crawled.healthy.requests)
        commands: list[tuple[str, ...]] = [
            ("scheduler.py", "--once", "--force"),
            ("-m", "archive", "verify", "--repair", "--archive", str(crawled.folder)),
        ]
        if name == "garbage":
            commands += [
                ("-m", "scrapy", "crawl", "bulk"),
                ("-m", "archive", "verify", "--archive", str(crawled.folder)),
            ]
        for command in commands:
            done = warm.run(
                [sys.executable, *command],
                cwd=ROOT,
                env=crawled.environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 2, (command, done.stdout, done.stderr)
            assert len(re.findall("^kiosque: ", done.stderr, re.M)) == 1, done.stderr
            assert "Traceback" not in done.stderr
        assert path.read_bytes() == before
        assert len(crawled.healthy.requests) == asked
    finally:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(good)
    sound(crawled.folder)

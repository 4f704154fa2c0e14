"""A disk that is full, a folder that may not be written to, no more open files: one message, exit status 2, nothing harmed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archive import Archive, ArchiveError
from archive.verify import verify
from tests.faults.conftest import HEALTHY, Run, Stage
from tests.faults.servers import Answer, FaultySite, article, rss

PAGES = 24
DISK = 4 << 20  # bytes of the small disk


def heavy(stage: Stage) -> FaultySite:
    """A site with pages that do not pack: 60 KB each go into the raw file."""
    site = stage.site()
    for number in range(PAGES):
        noise = random.Random(number).randbytes(30_000).hex()
        site.routes[f"/{number}"] = Answer(article(number, body=f"<!-- {noise} -->"))
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{number}" for number in range(PAGES)))
    return site


def under(stage: Stage, *limits: str) -> Run:
    stage.cold = True
    return stage.crawl("scheduler.py", "--once", command=("-m", "tests.faults.under", *limits, "--"))


def one_message(run: Run, *words: str) -> None:
    """Exit status 2 and one line that says why."""
    assert run.status == 2, run.output[-3000:]
    assert "Traceback" not in run.output, run.output[-3000:]
    said = [line for line in run.output.splitlines() if line.startswith("kiosque: ")]
    assert len(said) == 1, run.output[-3000:]
    assert all(word in said[0] for word in words), said


def complete(stage: Stage, run: Run) -> None:
    """The run after the trouble: all there, once, and sound."""
    stage.check(run)
    assert set(stage.outcomes().values()) == {"stored"}
    (found,) = stage.rows("SELECT count(*) AS n, count(DISTINCT url) AS urls FROM articles")
    assert (found["n"], found["urls"]) == (PAGES + HEALTHY, PAGES + HEALTHY)
    sound(stage.place)


def sound(folder: Path) -> None:
    with Archive(folder) as archive:
        report = verify(archive)
    assert report.ok, report
    assert not report.skipped


@pytest.mark.parametrize(
    "size", [pytest.param(900_000, id="the raw file"), pytest.param(330_000, id="the database", marks=pytest.mark.soak)]
)
def test_a_file_that_cannot_grow(stage: Stage, size: int) -> None:
    heavy(stage)
    run = under(stage, f"fsize={size}")
    one_message(run)
    sound(stage.place)
    complete(stage, stage.crawl("--force"))


@pytest.mark.soak
def test_no_room_for_what_workers_write(stage: Stage) -> None:
    heavy(stage)
    one_message(under(stage, "fsize=200000", "workers=too"))
    if (stage.place / "archive.db").exists():
        assert "extraction_failed" not in stage.outcomes().values(), "that would be no fault of the page"
        sound(stage.place)
    complete(stage, stage.crawl("--force"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(path)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("no disk may be mounted here")
    yield path
    subprocess.run(["mount", "-o", "remount,rw", str(path)], capture_output=True, check=False)
    subprocess.run(["umount", "-l", str(path)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Take all room on a disk but this much."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    with ballast.open("ab") as file, suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, max(free - leave, 1))
    return ballast


def test_a_disk_that_fills_up_and_is_made_room_on(stage: Stage, disk: Path) -> None:
    heavy(stage)
    stage.settings["ARCHIVE_DIR"] = str(disk)
    ballast = fill(disk, 1_000_000)
    one_message(stage.crawl(), "disk is full", "make room")
    sound(disk)
    with Archive(disk) as archive:
        states = {row[0] for row in archive.db.execute("SELECT state FROM pages")}
    assert "pending" in states
    fill(disk, 0)
    one_message(stage.crawl(), str(disk))  # nor does it start now
    ballast.unlink()
    complete(stage, stage.crawl())


def test_a_disk_without_any_room_for_a_new_archive(stage: Stage, disk: Path) -> None:
    stage.settings["ARCHIVE_DIR"] = str(disk)
    ballast = fill(disk, 0)
    one_message(stage.crawl(), str(disk))
    ballast.unlink()
    stage.check(stage.crawl())


def test_a_folder_that_may_only_be_read(stage: Stage, disk: Path) -> None:
    stage.settings["ARCHIVE_DIR"] = str(disk)
    stage.check(stage.crawl())
    before = (disk / "archive.db").read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    one_message(stage.crawl("--force"), str(disk), "Read-only")
    assert (disk / "archive.db").read_bytes() == before


def test_no_room_to_fold_in_the_write_ahead_log(disk: Path) -> None:
    archive = Archive(disk, write=True)
    for number in range(20):
        with archive.transaction():
            archive.db.execute(
                "INSERT INTO hosts (host, robots) VALUES (?, ?)",
                [str(number), random.Random(number).randbytes(25_000).hex()],
            )
    ballast = fill(disk, 0)
    with pytest.raises(ArchiveError, match="disk is full"):
        archive.close()
    ballast.unlink()
    with Archive(disk, write=True) as archive:
        assert archive.db.execute("SELECT count(*) FROM hosts").fetchone()[0] == 20
    sound(disk)


@pytest.mark.soak
def test_no_more_open_files(stage: Stage) -> None:
    heavy(stage)
    stage.settings["RETRY_AFTER_FAILURE"] = "1s,1s,1s,1s,1s"
    run = under(stage, "nofile=24")
    assert run.status == 2, run.output[-3000:]
    assert "Too many open files" in run.output.splitlines()[-1] or "no worker" in run.output.splitlines()[-1]
    if (stage.place / "archive.db").exists():
        assert "extraction_failed" not in stage.outcomes().values(), "that would be no fault of the page"
        sound(stage.place)
    complete(stage, stage.crawl("--force"))

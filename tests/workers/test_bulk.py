"""Bulk work by several workers: every page once whatever is killed, and the same rows as one process gives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.postgres.files import File, Files
from archive.postgres.place import Place, place_of
from archive.verify import verify
from tests import warm
from tests.postgresql import Server, server
from tests.unit.crawler.servers import ROOT
from tests.workers.files import make_files, rows_of

PATIENCE_S = 150  # less than the suite gives a test, so that the log is shown
Popen = type[subprocess.Popen[Any]]


@pytest.fixture
def url(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    name = postgresql.database()
    yield postgresql.url(name, tmp_path / "data")
    postgresql.drop(name)


def place(url: str) -> Place:
    found = place_of(url)
    assert found is not None
    return found


def command(url: str | Path, *argv: str | Path) -> list[str]:
    return [sys.executable, "-m", "archive", *map(str, argv), "--archive", str(url)]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "KIOSQUE_EXTRACT_WORKERS": "1",
        "KIOSQUE_CATALOG_ONLY": "1",
        "KIOSQUE_CATALOG_DIRS": os.devnull,
    }


def run(url: str | Path, *argv: str | Path, status: int = 0) -> str:
    done = warm.run(
        command(url, *argv),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return str(done.stdout)


@contextmanager
def workers(url: str, log: Path) -> Iterator[Callable[[Popen], subprocess.Popen[bytes]]]:
    """Start workers; what is left of them at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: Popen) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            process = kind(
                command(url, "jobs", "--work", "--once"), cwd=ROOT, env=environment(), stdout=file, stderr=file
            )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait(10)


def wait_for(files: Files, what: Callable[[list[File]], bool], log: Path) -> list[File]:
    deadline = time.monotonic() + PATIENCE_S
    while not what(found := files.all()):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return found


def is_at(process: subprocess.Popen[bytes]) -> Callable[[list[File]], bool]:
    """Is a worker in the middle of a file, some of whose pages are committed?"""
    return lambda found: any(
        file.state == "running" and f" {process.pid} " in file.worker and file.begun_pages < file.pages
        for file in found
    )


@pytest.mark.parametrize(
    ("count", "pages", "kills"),
    [(5, 24, 1), pytest.param(50, 30, 2, marks=pytest.mark.soak)],
    ids=["five files", "fifty"],
)
def test_two_workers_of_which_one_is_killed_import_every_page_once(
    url: str, tmp_path: Path, count: int, pages: int, kills: int
) -> None:
    made, log = make_files(tmp_path / "warc", count, pages), tmp_path / "log"
    assert f"{count} of {count} files" in run(url, "import-warc", "--jobs", made.folder)
    files = Files(place(url))
    with workers(url, log) as start:
        victim = start(subprocess.Popen)
        wait_for(files, is_at(victim), log)  # before the other one has done everything
        steady = start(warm.Popen)
        for left in reversed(range(kills)):
            wait_for(files, is_at(victim), log)
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
            victim = start(subprocess.Popen if left else warm.Popen)
        found = wait_for(files, lambda found: all(file.state == "done" for file in found), log)
        assert (steady.wait(30), victim.wait(30)) == (0, 0)
    assert sum(file.taken for file in found) >= count + kills
    assert [file.reason for file in found if file.reason] == []
    one = tmp_path / "one"
    run(one, "import-warc", made.folder)
    rows, wanted = rows_of(url), rows_of(one)
    assert [row[:2] for row in rows["captures"]] == sorted(made.records)
    for name, some in wanted.items():
        assert rows[name] == some, name
    with Archive(url) as archive:
        report = verify(archive)
    assert report.ok, report.findings
    shown = json.loads(run(url, "jobs", "--json"))
    assert shown["kinds"]["import"]["done"] == shown["kinds"]["import"]["files"] == count
    assert shown["kinds"]["import"]["pages"] == count * pages + 3 * (count - 1)
    assert "0 of" in run(url, "import-warc", "--jobs", made.folder)


def test_two_workers_that_read_the_same_records_store_each_once(url: str, tmp_path: Path) -> None:
    made, log = make_files(tmp_path / "warc", 1, 60), tmp_path / "log"
    (first,) = made.folder.iterdir()
    (made.folder / "copy.warc.gz").write_bytes(first.read_bytes())
    run(url, "import-warc", "--jobs", made.folder)
    with workers(url, log) as start:
        assert [process.wait(PATIENCE_S) for process in (start(warm.Popen), start(warm.Popen))] == [0, 0]
    found = Files(place(url)).all()
    assert [(file.state, file.pages) for file in found] == [("done", 60), ("done", 60)], log.read_text()
    assert sum((file.outcomes for file in found), Counter()) == Counter(stored=60, known=60)
    assert [row[:2] for row in rows_of(url)["captures"]] == sorted(made.records)


def test_a_restart_of_the_server_is_waited_for(tmp_path: Path) -> None:
    made, log = make_files(tmp_path / "warc", 2, 40), tmp_path / "log"
    with server() as own:  # the one that tests share is not to be restarted under others
        url = own.url(own.database(), tmp_path / "data")
        run(url, "import-warc", "--jobs", made.folder)
        files = Files(place(url))
        with workers(url, log) as start:
            worker = start(warm.Popen)
            wait_for(files, is_at(worker), log)
            own.restart()
            assert worker.wait(PATIENCE_S) == 0, log.read_text()
        assert [file.state for file in files.all()] == ["done", "done"]
        assert [row[:2] for row in rows_of(url)["captures"]] == sorted(made.records)

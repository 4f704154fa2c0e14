"""The real commands in processes of their own, against the newsroom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive import Archive
from archive.postgres import Where
from tests import warm
from tests.newsstand import Newsstand
from tests.newsstand.demo import ROOT, crawl_environment

COMMAND_TIMEOUT = 120  # seconds; a bound for a command that hangs, not a measure of speed


@dataclass
class Desk:
    """An archive folder with a catalogue of the newsroom, and the commands that work on it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    cold = False  # whether its commands are processes that load everything anew

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the commands; LOG_LEVEL INFO, so that a failure can be read from the output."""
        own = {f"KIOSQUE_{name}": value for name, value in self.settings.items()}
        return crawl_environment(self.folder) | {"KIOSQUE_LOG_LEVEL": "INFO"} | own

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python command of the project to its end."""
        return (subprocess if self.cold else warm).run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python command of the project; its output goes to a file in the archive folder."""
        log = (self.folder / f"log-{len(list(self.folder.glob('log-*')))}.txt").open("w")
        process = (subprocess if self.cold else warm).Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what was started and still runs."""
        for process in self.started:
            if process.poll() is None:
                kill(process)

    def once(self, *more: str) -> subprocess.CompletedProcess[str]:
        """`python scheduler.py --once`."""
        return self.run("scheduler.py", "--once", *more)

    @property
    def place(self) -> Where:
        """Where the archive is: in the folder, unless the settings say otherwise."""
        return self.settings.get("ARCHIVE_URL") or Path(self.environment["KIOSQUE_ARCHIVE_DIR"])

    def archive(self) -> Archive:
        """The archive, for reading."""
        return Archive(self.place)

    def rows(self, sql: str, *parameters: object) -> Sequence[dict[str, object]]:
        """Rows of a query over the archive."""
        with self.archive() as archive:
            return [dict(row) for row in archive.db.conn.execute(sql, parameters)]


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    """A newsroom of all its small sites."""
    with Newsstand() as stand:
        yield stand


@pytest.fixture
def desk(tmp_path: Path, stand: Newsstand) -> Iterator[Desk]:
    """A desk whose catalogue is the newsroom's."""
    stand.write_catalog(tmp_path / "sources")
    desk = Desk(tmp_path)
    yield desk
    desk.end()


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk without a catalogue yet, for tests that open a newsroom of their own."""
    desk = Desk(tmp_path)
    yield desk
    desk.end()


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL a process that a test started."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)

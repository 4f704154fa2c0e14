"""A stage: faulty sites and a healthy one, a catalogue of both, and the real command that crawls them."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import warm
from tests.crawl.conftest import COMMAND_TIMEOUT, Desk, kill
from tests.faults.servers import FaultySite, Route
from tests.newsstand import Newsstand
from tests.newsstand.demo import ROOT
from tests.soundness import check_database, check_raw_files

HEALTHY = 8  # articles of the healthy site
MOST_MEMORY = 1024**3  # bytes that a crawl may take, whatever it is fed


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ended: `memory` is the largest resident size of it or one of its children, in bytes."""

    status: int
    output: str
    memory: int


class Stage(Desk):
    """An archive folder, a healthy site and any number of faulty ones, each with its source file."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder)
        self._stack = stack
        self.sources = folder / "sources"
        self.healthy = stack.enter_context(Newsstand(bulk=HEALTHY, only=("bulk",)))
        self.healthy.write_catalog(self.sources)

    def site(
        self,
        routes: Mapping[str, Route] | None = None,
        otherwise: Route | None = None,
        *,
        slug: str = "faulty",
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        **source: object,
    ) -> FaultySite:
        """Open a faulty site and write its source file; `source` goes to `FaultySite.source`."""
        site = self._stack.enter_context(FaultySite(routes, otherwise, host=host, tls=tls))
        self.write_source(slug, site.source(**source))  # type: ignore[arg-type]
        return site

    def write_source(self, slug: str, toml: str) -> None:
        """Put a source file into the catalogue."""
        folder = self.sources / "gb"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{slug}.toml").write_text(toml, encoding="utf-8")

    def crawl(self, *more: str, command: tuple[str, ...] = ("scheduler.py", "--once")) -> Run:
        """Run the scheduler once, or another command of the project, to its end."""
        log = self.folder / f"run-{len(list(self.folder.glob('run-*')))}.txt"
        with log.open("w") as output:
            process = (subprocess if self.cold else warm).Popen(
                [sys.executable, *command, *more], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )
        for _ in range(COMMAND_TIMEOUT * 20):
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return Run(process.returncode, log.read_text(), usage.ru_maxrss * 1024)
            time.sleep(0.05)
        kill(process)  # type: ignore[arg-type]
        raise AssertionError(f"the command did not end:\n{log.read_text()[-3000:]}")

    def outcomes(self, slug: str = "faulty") -> dict[str, str]:
        """URL -> outcome, or "pending: why" with the time of the next try known, of every page of a source."""
        rows = self.rows(
            """SELECT p.url, p.state, p.outcome, p.detail, p.next_attempt_at FROM pages p
               JOIN sources s ON s.id = p.source_id WHERE s.slug = ?""",
            slug,
        )
        for row in rows:
            assert (row["state"] == "done") == (row["outcome"] is not None), row
            assert row["state"] == "done" or row["next_attempt_at"], row
        return {str(row["url"]): str(row["outcome"] or f"pending: {row['detail']}") for row in rows}

    def check_healthy(self) -> None:
        """The healthy site is archived completely and once, and the archive is sound."""
        wanted = {truth.url: truth.title for truth in self.healthy.expected().values()}
        found = self.rows(
            "SELECT a.url, a.title FROM articles a JOIN sources s ON s.id = a.source_id WHERE s.slug = 'bulk'"
        )
        assert {row["url"]: row["title"] for row in found} == wanted
        assert len(found) == len(wanted)
        assert set(self.outcomes("bulk").values()) == {"stored"}
        check_database(self.place)
        check_raw_files(self.place)

    def check(self, run: Run, status: int = 0) -> None:
        """A run ended as documented, within its memory, and the healthy site came out whole."""
        assert run.status == status, run.output[-3000:]
        assert run.memory < MOST_MEMORY, f"{run.memory / 2**20:.0f} MiB"
        assert "Traceback" not in run.output, run.output[-3000:]
        self.check_healthy()


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """A stage in a folder, for a fixture of a whole module; `stage` is one for a single test."""
    with ExitStack() as stack:
        stage = Stage(folder, stack)
        yield stage
        stage.end()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty archive folder with a healthy site on loopback."""
    with open_stage(tmp_path) as stage:
        yield stage

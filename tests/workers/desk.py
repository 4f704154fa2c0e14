"""Workers as real processes beside a press and a PostgreSQL server, and what must be true when they are done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive import Archive
from tests.newsstand.demo import ROOT, crawl_environment
from tests.workers.press import Asked, Press, gaps, write_sources

PATIENCE = 240  # seconds; a bound for what never comes
LEAST = 0.9  # of the delay that may lie between two requests to a host
GRACE = 10  # seconds that service managers give


@dataclass
class Desk:
    """Workers on one archive and one catalogue."""

    url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    url_of_workers: str = ""  # theirs, if it is another
    before: dict[int, Sequence[str]] = field(default_factory=dict)  # number of a worker: what its command begins with
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more worker; its output goes to a file of its own."""
        number = len(self.workers)
        environment = crawl_environment(self.folder) | {
            "KIOSQUE_ARCHIVE_URL": self.url_of_workers or self.url,
            "KIOSQUE_LOG_LEVEL": "INFO",
            "KIOSQUE_REVISIT_AFTER": "",
            "KIOSQUE_EXTRACT_WORKERS": "1",
            **{f"KIOSQUE_{name}": value for name, value in self.settings.items()},
        }
        with (self.folder / f"worker-{number}.txt").open("w") as log:
            command = [*self.before.get(number, ()), sys.executable, "scheduler.py", "--worker"]
            worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.workers.append(worker)
        return worker

    def log(self, number: int | None = None) -> str:
        """What one worker, or all, said so far."""
        pattern = "worker-*.txt" if number is None else f"worker-{number}.txt"
        return "\n".join(f"{path.name}\n{path.read_text()}" for path in sorted(self.folder.glob(pattern)))

    def end(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
                worker.wait(30)

    def stop(self) -> None:
        """Tell all workers to stop; they must do so in time and with status 0."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            if worker.returncode is None:
                assert worker.wait(GRACE) == 0, self.log()

    def done(self) -> set[str]:
        """Host and path of the pages that are settled, as the archive says now."""
        with Archive(self.url) as archive:
            rows = archive.db.conn.execute("SELECT url FROM pages WHERE state = 'done'")
            return {row[0].removeprefix("http://") for row in rows}

    def counts(self) -> Counter[str]:
        """Pages of the archive by outcome, with `pending`."""
        with Archive(self.url) as archive:
            rows = archive.db.conn.execute("SELECT coalesce(outcome, 'pending'), count(*) FROM pages GROUP BY 1")
            return Counter({row[0]: row[1] for row in rows})

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is true, while every worker that was not ended by the test runs."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            for number, worker in enumerate(self.workers):
                gone = worker.poll()
                assert gone is None or gone == -signal.SIGKILL, f"worker {number} ended\n{self.log()}"
            assert time.monotonic() < deadline, f"waited in vain for {what}\n{self.log()}"
            time.sleep(0.05)


def open_desk(url: str, folder: Path, press: Press, **settings: str) -> Desk:
    """A desk whose catalogue is that of a press."""
    write_sources(folder / "sources", press.hosts, press.delay)
    return Desk(url, folder, {"DOWNLOAD_DELAY": str(press.delay), **settings})


def articles(asked: Sequence[Asked]) -> list[str]:
    """Host and path of the articles that were asked for."""
    return [one.host + one.path for one in asked if one.path.startswith("/world/")]


def check_pace(asked: list[Asked], delay: float) -> None:
    """No host was asked again before its delay was over."""
    short = [gap for gap in gaps(asked) if gap[0] < LEAST * delay]
    assert not short, f"{len(short)} of {len(asked)} came too soon: {short[:3]}"


def check_kept(desk: Desk, number: int) -> None:
    """Every article is stored, once, in one version, and nothing else is."""
    with Archive(desk.url) as archive:
        ask = archive.db.conn.execute
        outcomes = {row[0]: row[1] for row in ask("SELECT outcome, count(*) FROM pages GROUP BY 1")}
        assert sum(outcomes.values()) == number, outcomes
        kept = ask("SELECT count(*), count(DISTINCT url), max(version) FROM articles").fetchone()
        assert tuple(kept) == (number, number, 1)
        assert ask("SELECT count(*) FROM article_versions").fetchone()[0] in (0, number)
        assert ask("SELECT count(*) FROM pages WHERE article_id IS NULL").fetchone()[0] == 0


def pause(process: subprocess.Popen[bytes], seconds: float) -> None:
    """SIGSTOP for a while; the processes that extract for it go on, as they would."""
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGCONT)

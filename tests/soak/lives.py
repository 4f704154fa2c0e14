"""The lives of the scheduler: started, stopped or killed, and watched meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.newsstand.demo import ROOT, crawl_environment
from tests.soak.clock import Clock

STOPS_WITHIN = 15.0  # seconds after SIGTERM: what the unit in docs/operations.md grants
ORPHANS_GONE_WITHIN = 20.0  # seconds after SIGKILL: workers notice that nobody reads their results


@dataclass
class Life:
    """One process of the scheduler. `memory`: (seconds since its start, resident bytes) of the process itself."""

    process: subprocess.Popen[bytes]
    log: Path
    began: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, int]] = field(default_factory=list)
    workers: int = 0  # the largest sum of resident bytes of its workers

    @classmethod
    def begin(cls, folder: Path, clock: Clock) -> Life:
        """Start the scheduler on a clock; its output goes to a file of its own."""
        log = folder / f"life-{len(list(folder.glob('life-*.log'))) + 1:03d}.log"
        environment = crawl_environment(folder) | {
            "KIOSQUE_LOG_LEVEL": "INFO",
            "KIOSQUE_DOWNLOAD_TIMEOUT": "6",  # real seconds, as the next: hangs must not hold up the hurried crawl
            "KIOSQUE_HEADERS_TIMEOUT": "4",
            "SOAK_CLOCK": str(clock),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.soak.hurried"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        return cls(process, log)

    @property
    def is_up(self) -> bool:
        """Has it said anything?"""
        return self.log.stat().st_size > 0

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.began

    def sample(self) -> None:
        """Note how much memory it takes."""
        with suppress(OSError, ValueError):  # it may end at any moment
            self.memory.append((self.age, resident(self.process.pid)))
            self.workers = max(self.workers, sum(resident(pid) for pid in children(self.process.pid)))

    def kill(self) -> list[int]:
        """SIGKILL, as the kernel does when memory is out; gives the workers that stayed behind for good."""
        orphans = children(self.process.pid)
        self.process.kill()
        self.process.wait(timeout=30)
        end = time.monotonic() + ORPHANS_GONE_WITHIN
        while (orphans := [pid for pid in orphans if is_alive(pid)]) and time.monotonic() < end:
            time.sleep(0.1)
        return orphans

    def stop(self) -> str:
        """SIGTERM; gives what was wrong with how it ended, or ""."""
        self.process.terminate()
        try:
            status = self.process.wait(timeout=STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"{self.log.name}: did not stop within {STOPS_WITHIN:.0f} s of SIGTERM"
        early = status == -signal.SIGTERM and not self.is_up  # before it could take the signal into its own hands
        return "" if status == 0 or early else f"{self.log.name}: exit status {status} after SIGTERM"


def resident(pid: int) -> int:
    """Resident bytes of a process. Raises OSError when it is gone."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """Processes that a process started and that are still there."""
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Is there such a process, other than a zombie?"""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def end(life: Life) -> None:
    """End a life that still runs, whatever happened to the soak."""
    if life.process.poll() is None:
        with suppress(OSError):
            os.kill(life.process.pid, signal.SIGKILL)
        life.process.wait(timeout=30)

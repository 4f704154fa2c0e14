"""One soak: trouble for a while, then calm until the archive agrees with the newsroom, or time is up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.newsstand.demo import ROOT, crawl_environment
from tests.soak.clock import Clock
from tests.soak.lives import Life, end
from tests.soak.newsroom import Newsroom
from tests.soak.verdict import differences
from tests.soak.weather import Weather
from tests.soundness import check_database, check_raw_files

SPEED = 500.0  # an hour is three weeks
CATCH_UP_SPEED = 20_000.0  # a day is four seconds: the last retries and looks are days away
BEGAN_AGO = timedelta(days=120)  # so that the clock is never ahead of the real one, for commands that run on that
STEP = 0.1  # seconds between two looks at what is to be done
KILLED = 0.6  # share of the lives that end by SIGKILL, the others by SIGTERM
UNTIMELY = 0.15  # share of the lives that are timed from their start and not from when they are at work
AT_WORK = 15  # requests after which one is
UNDISTURBED = 0.4  # the last part of the trouble, in which the scheduler is left alone and its memory watched
MEMORY_NEEDS = 240.0  # seconds of it below which nothing can be said of memory
GROWTH = 1.10  # the last quarter of it may take so much more than the second
EXAMPLES = 5


@dataclass
class Soak:
    """How long, in real seconds: of trouble, of one life of the scheduler, between two deeds of the newsroom."""

    seed: int
    folder: Path
    seconds: float
    life: tuple[float, float] = (20.0, 180.0)
    pace: tuple[float, float] = (0.5, 4.0)
    catch_up: float = 300.0
    speed: float = SPEED
    tell: Callable[[str], None] = print
    lives: list[Life] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> bool:
        """Run it; True when nothing was wrong. The table of what happened goes to `tell`."""
        clock = Clock.start(self.speed, datetime.now(UTC) - BEGAN_AGO)
        self.newsroom = Newsroom(self.seed, clock)
        self.weather = Weather(self.seed, self.newsroom)
        self.newsroom.stand.disturb = self.weather.disturb
        self.newsroom.open()
        try:
            self.newsroom.write_catalog(self.folder / "sources")
            self._trouble()
            self._settle()
            self._examine()
        finally:
            for life in self.lives:
                end(life)
            self.newsroom.close()
        self._report()
        return not any(self.wrong.values())

    def note(self, kind: str, line: str) -> None:
        """Write down something that is wrong."""
        self.wrong.setdefault(kind, []).append(line)

    # -- trouble -----------------------------------------------------------------------------------------------------

    def _trouble(self) -> None:
        chance = random.Random(f"{self.seed}/lives")
        began, over = time.monotonic(), time.monotonic() + self.seconds
        quiet = self.seconds * UNDISTURBED if self.seconds * UNDISTURBED >= MEMORY_NEEDS else 0.0
        deed = began
        while time.monotonic() < over:
            life = self._begin()
            left = over - quiet - time.monotonic()
            lasts = chance.uniform(*self.life)
            if quiet and left < self.life[0]:
                lasts = over - time.monotonic()  # the last life, undisturbed
            asked = self._asked() + (0 if chance.random() < UNTIMELY else AT_WORK)
            until = over
            while time.monotonic() < until and life.process.poll() is None:
                if until == over and self._asked() >= asked:
                    until = min(time.monotonic() + lasts, over)
                time.sleep(STEP)
                if time.monotonic() >= deed:
                    self.newsroom.act()
                    deed = time.monotonic() + chance.uniform(*self.pace)
                if not life.memory or life.age - life.memory[-1][0] >= 1.0:
                    life.sample()
            self._end(life, chance)

    def _asked(self) -> int:
        """How often the sites were asked so far."""
        return len(self.newsroom.stand.requests) + self.weather.done.total()

    def _begin(self) -> Life:
        life = Life.begin(self.folder, self.newsroom.clock)
        self.lives.append(life)
        return life

    def _end(self, life: Life, chance: random.Random | None = None) -> None:
        if (status := life.process.poll()) is not None:
            self.note("ended by itself", f"{life.log.name}: exit status {status}")
            time.sleep(1)  # not as fast as it can
        elif chance is not None and (chance.random() < KILLED or not self.ends["killed"]):
            if orphans := life.kill():
                self.note("workers left behind", f"{life.log.name}: {orphans}")
            self.ends["killed"] += 1
        else:
            if said := life.stop():
                self.note("stopped badly", said)
            self.ends["stopped"] += 1

    # -- calm --------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """No faults any more, and a faster clock: what is to be tried again in a day is due within seconds."""
        self.weather.calm = True
        self.newsroom.clock = self.newsroom.clock.faster(CATCH_UP_SPEED)
        life, over = self._begin(), time.monotonic() + self.catch_up
        left: dict[str, list[str]] = {"": ["not looked yet"]}
        while any(left.values()) and time.monotonic() < over and life.process.poll() is None:
            time.sleep(2)
            left = differences(self.newsroom, self.folder)
        self._end(life)
        for kind, lines in differences(self.newsroom, self.folder).items():
            for line in lines:
                self.note(kind, line)

    def _examine(self) -> None:
        check_database(self.folder)
        check_raw_files(self.folder)
        verify = subprocess.run(
            [sys.executable, "-m", "archive", "verify", "--archive", str(self.folder)],
            cwd=ROOT,
            env=crawl_environment(self.folder),
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        if verify.returncode:
            self.note("verify", f"exit status {verify.returncode}: {verify.stdout}{verify.stderr}")
        for life in self.lives:
            for line in life.log.read_text("utf-8", "replace").splitlines():
                if line.startswith("Traceback") or " ERROR " in line or " CRITICAL " in line:
                    self.note("errors in the log", f"{life.log.name}: {line}")
        early, late = self.memory()
        if late > early * GROWTH:
            self.note("memory grew", f"from {early / 2**20:.1f} to {late / 2**20:.1f} MiB")

    def memory(self) -> tuple[float, float]:
        """Mean resident bytes of the longest life, in its second and in its last quarter; (0, 0): it was too short."""
        life = max(self.lives, key=lambda life: life.memory[-1][0] if life.memory else 0.0)
        whole = life.memory[-1][0] if life.memory else 0.0
        if whole < MEMORY_NEEDS:
            return 0.0, 0.0
        second = [size for age, size in life.memory if 0.25 * whole < age < 0.5 * whole]
        last = [size for age, size in life.memory if age > 0.75 * whole]
        return sum(second) / len(second), sum(last) / len(last)

    # -- report ------------------------------------------------------------------------------------------------------

    def _report(self) -> None:
        clock, room = self.newsroom.clock, self.newsroom
        began = room.stand.now
        self.tell(f"seed {self.seed}: {(clock.now() - began).days} days of the newsroom, from {began:%Y-%m-%d}")
        self.tell(f"newsroom   {_counts(room.done)}; {len(room.articles())} articles in all")
        self.tell(f"faults     {_counts(self.weather.done)}; {len(room.stand.requests)} answers in good order")
        self.tell(f"scheduler  {len(self.lives)} lives: {_counts(self.ends)}")
        early, late = self.memory()
        most = max((size for life in self.lives for _, size in life.memory), default=0)
        told = f"{early / 2**20:.1f} -> {late / 2**20:.1f} MiB" if early else "too short to tell"
        workers = max(life.workers for life in self.lives)
        self.tell(f"memory     {told}; at most {most / 2**20:.0f} MiB, its workers {workers / 2**20:.0f} MiB")
        for kind, lines in self.wrong.items():
            self.tell(f"{len(lines):6}  {kind}")
            for line in lines[:EXAMPLES]:
                self.tell(f"        {line}")
        if not any(self.wrong.values()):
            self.tell("nothing missing, nothing twice, every text the current one, every URL with an outcome: all well")


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items())) or "none"

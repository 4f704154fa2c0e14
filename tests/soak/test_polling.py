"""The real scheduler looks at feeds when the policy says so."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.newsstand.demo import ROOT, crawl_environment
from tests.soak.clock import Clock
from tests.soak.rhythms import FEEDS, SITES, Newsagents, by_feed, planned, rhythms

SPEED = 200.0  # a day in seven minutes
DAYS, SETTLED = 1.5, 0.25  # of the clock; of them at the beginning, in which the price settles
BUDGET = 400.0  # looks a day
STARTED = 60.0  # seconds in which the scheduler has to have begun


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_the_request_log_of_the_scheduler_is_that_of_the_policy(tmp_path: Path) -> None:
    epoch = (datetime.now(UTC) - timedelta(days=120)).replace(hour=0, minute=0, second=0, microsecond=0)
    clock = Clock.start(SPEED, epoch)
    feeds = rhythms(3, epoch, DAYS + 1)
    with Newsagents(feeds, clock) as agents:
        agents.write_catalog(tmp_path / "sources")
        environment = crawl_environment(tmp_path) | {
            "KIOSQUE_POLLS_PER_DAY": str(BUDGET),
            "KIOSQUE_REVISIT_AFTER": "",
            "SOAK_CLOCK": str(clock),
        }
        log = tmp_path / "scheduler.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.soak.hurried"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        try:
            wait = time.monotonic() + STARTED
            while not agents.looks and time.monotonic() < wait:
                time.sleep(0.1)
            assert agents.looks, log.read_text()[-2000:]
            begin = agents.looks[0][0]
            end = begin + timedelta(days=DAYS)
            while clock.now() < end and process.poll() is None:
                time.sleep(0.2)
            assert process.poll() is None, log.read_text()[-2000:]
        finally:
            process.terminate()
            process.wait(timeout=30)
    settled = begin + timedelta(days=SETTLED)
    real = by_feed([look for look in agents.looks if look[0] < end], settled)
    simulated = by_feed(planned(feeds, BUDGET, begin, end), settled)
    assert not agents.strays
    assert len(real) == len(simulated) == SITES * FEEDS
    days = DAYS - SETTLED
    table = "\n".join(f"{path} {real[path]} {simulated[path]}" for path in sorted(simulated))
    # a crawl comes some minutes of this clock after its time, and the price makes up for it
    assert real.total() == pytest.approx(BUDGET * days, rel=0.1), table
    assert simulated.total() == pytest.approx(BUDGET * days, rel=0.1), table
    apart = sum(abs(real[path] - simulated[path]) for path in simulated)
    assert apart < 0.12 * simulated.total(), table
    print(f"looks {real.total()}, simulated {simulated.total()}, apart {apart}")


def test_the_feeds_differ_so_that_agreement_means_something() -> None:
    epoch = datetime(2026, 3, 2, tzinfo=UTC)
    feeds = rhythms(3, epoch, DAYS + 1)
    looks = by_feed(planned(feeds, BUDGET, epoch, epoch + timedelta(days=DAYS)), epoch)
    often, seldom = max(looks.values()), min(looks.values())
    assert often > 4 * seldom

"""`python -m tests.soak.hurried`: scheduler.py as it is, on the clock that SOAK_CLOCK describes.

Every waiting time of the product stays what it is in use, from quarters of an hour to days, and is over sooner: only
the clocks that the crawler reads are replaced. Deadlines of the network and of extraction stay in real seconds.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from types import SimpleNamespace

import scheduler
from crawler import service
from crawler.fetch import politeness
from crawler.runtime import Runtime
from tests.soak.clock import Clock

TICK = timedelta(seconds=0.5)  # real: how often due sources are looked for
HOUSEKEEPING = timedelta(seconds=20)  # real: between two reports, or two checkpoints


def hurry(clock: Clock) -> None:
    """Put the scheduler of this process on a clock."""

    class Hurried(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return clock.now()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / clock.speed)

    ticking = SimpleNamespace(monotonic=clock.elapsed)
    Runtime.now = staticmethod(clock.now)  # type: ignore[method-assign]
    for module, name, value in (
        (politeness, "datetime", Hurried),
        (politeness, "monotonic", clock.elapsed),
        (politeness, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep})),
        (service, "time", ticking),
        (scheduler, "time", ticking),
        (scheduler, "TICK", TICK),
        (scheduler, "REPORT", HOUSEKEEPING),
        (scheduler, "CHECKPOINT", HOUSEKEEPING),
    ):
        assert hasattr(module, name), f"{module.__name__} has no {name} any more: the soak would not hurry it"
        setattr(module, name, value)


if __name__ == "__main__":
    hurry(Clock.parse(os.environ["SOAK_CLOCK"]))
    scheduler.main()

"""Two workers, six hosts: a worker is killed, one stands still, PostgreSQL is restarted. Nothing is lost or stored twice, no
host is asked too soon, and what is settled is not fetched again.

Once each with a third of the articles; three times each with all of them in `make soak`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.postgresql import Server
from tests.workers.desk import Desk, articles, check_kept, check_pace, open_desk, pause
from tests.workers.press import Press

HOSTS, DELAY = 6, 0.3
STILL_S = 9
IN_HAND = 8  # crawler/settings.py: pages of a source that are claimed and not yet settled
Fault = Callable[[Desk, Server, int], None]


def killed(desk: Desk, server: Server, turn: int) -> None:
    """kill -9 of a worker, and another one comes."""
    del server
    worker = desk.workers[turn % 2 if turn < 2 else -1]
    worker.kill()
    worker.wait(30)
    desk.start()


def stopped(desk: Desk, server: Server, turn: int) -> None:
    """A worker stands still for longer than it may hold its hosts."""
    del server
    pause(desk.workers[turn % 2], STILL_S)


def restarted(desk: Desk, server: Server, turn: int) -> None:
    """PostgreSQL ends, in order or as in a crash, and is there again."""
    del desk
    server.restart((signal.SIGINT, signal.SIGQUIT, signal.SIGINT)[turn])


@pytest.mark.parametrize("fault", [killed, stopped, restarted])
@pytest.mark.parametrize(("each", "turns"), [(10, 1), pytest.param(30, 3, marks=pytest.mark.soak)])
def test_two_workers_under_a_fault(
    postgresql: Server, url: str, tmp_path: Path, fault: Fault, each: int, turns: int
) -> None:
    total = HOSTS * each
    with Press(HOSTS, each, delay=DELAY) as press:
        desk = open_desk(url, tmp_path, press, CRAWLS_AT_ONCE="3")
        try:
            desk.start(), desk.start()
            for turn in range(turns):
                due = total * (turn + 1) // (turns + 1)  # in the middle, or after a quarter, a half and three quarters
                desk.wait(lambda due=due: len(set(articles(press.asked))) >= due, f"{due} articles")  # type: ignore[misc]
                settled, moment = desk.done(), time.monotonic()
                fault(desk, postgresql, turn)
                again = settled & set(articles([one for one in press.asked if one.at > moment]))
                assert not again, f"fetched again although settled: {again}"
            desk.wait(lambda: _settled(desk) == total, f"{total} articles in the archive")
            desk.stop()
        finally:
            desk.end()
        check_pace(press.asked, DELAY)
        check_kept(desk, total)
        again = len(articles(press.asked)) - total
        assert again <= turns * HOSTS * IN_HAND, f"{again} pages were fetched again after {turns} faults"
        print(f"{fault.__name__}: {total} articles, {len(press.asked)} requests, {again} pages fetched again")


def _settled(desk: Desk) -> int:
    return desk.counts()["stored"]

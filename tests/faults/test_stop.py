"""A run that is told to stop: it ends in time, says what it left undone, and the next one does it."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from tests.faults.conftest import Stage
from tests.faults.servers import Answer, Asked, Wire, article, rss

BOUND = 60  # seconds; a bound for what hangs


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_stopped_names_what_it_left(stage: Stage, number: signal.Signals) -> None:
    asked = threading.Event()

    def hanging(one: Asked, wire: Wire) -> None:
        asked.set()
        while wire.wait(1):
            pass

    site = stage.site({f"/{n}": hanging for n in range(3)}, slug="a-slow-one")
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{n}" for n in range(3)))
    stage.settings["CRAWLS_AT_ONCE"] = "1"
    run = stage.start("scheduler.py", "--once")
    assert asked.wait(BOUND)
    run.send_signal(number)
    assert run.wait(BOUND) == 0
    (log,) = stage.folder.glob("log-*")
    output = log.read_text()
    stopped, waiting = output.rstrip().splitlines()[-2:]
    assert stopped.endswith(": a-slow-one")
    assert waiting.endswith(": bulk")
    assert "Traceback" not in output
    assert [said.partition(":")[0] for said in stage.outcomes("a-slow-one").values()] == ["pending"] * 3
    site.routes |= {f"/{n}": Answer(article(n)) for n in range(3)}
    time.sleep(1)  # pages that were in hand are due again at once
    stage.check(stage.crawl("--force"))
    assert list(stage.outcomes("a-slow-one").values()) == ["stored"] * 3

"""What a crawl takes of the machine's memory while several servers send what takes most of it, at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crawl.test_scheduler import log_of
from tests.faults.conftest import MOST_MEMORY, Stage
from tests.faults.servers import Answer, Asked, Wire, article, rss

SITES = 4
ENDLESS = 12
WORKERS = 4


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def taken(pid: int) -> int:
    """Bytes of a process, what it shares counted by shares (PSS): the sum over a family is what the machine gives them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@contextmanager
def watched(stage: Stage) -> Iterator[list[dict[int, int]]]:
    """Samples of what each process of the stage's command takes, as long as the block lasts."""
    samples: list[dict[int, int]] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.4):
            for process in stage.started:
                if sample := {pid: size for pid in family(process.pid) if (size := taken(pid))}:
                    samples.append(sample)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def hungry(number: int) -> dict[str, Answer]:
    """Pages that take much memory to read, in ways that differ."""
    bodies = {
        "cells": "<table>" + ("<tr>" + "<td>1</td>" * 300 + "</tr>") * 500 + "</table>",
        "attributes": "".join(f'<i class="c{n}" id="i{n}" title="{n}"></i>' for n in range(120_000)),
        "long": f"<p>{'word and more ' * 70_000}</p><!-- {'x' * 6_000_000} -->",
    }
    return {f"/{name}": Answer(article(number * 10 + at, body=body)) for at, (name, body) in enumerate(bodies.items())}


def endless(asked: Asked, wire: Wire) -> None:
    """A feed that offers one article, and then goes on for ever."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    link = f"http://{asked.headers['Host']}/1".encode()
    wire.send(b"<rss version='2.0'><channel><item><title>t</title><link>%s</link></item>" % link)
    while wire.send(b"<item><title>and so on</title></item>\n" * 2_000):
        pass


def test_what_takes_most_memory_from_several_at_once(stage: Stage) -> None:
    """Four workers, whatever the machine has, on the largest pages that are read, while endless feeds come in."""
    stage.cold = True  # a fork's memory is not its own
    stage.settings["EXTRACT_WORKERS"] = str(WORKERS)
    stage.settings["EXTRACT_TIMEOUT"] = "6"  # by then they have taken what they take
    for number in range(SITES):
        site = stage.site(hungry(number), slug=f"hungry-{number}")
        site.routes["/feed.xml"] = rss(*(f"{site.url}{path}" for path in site.routes))
    for number in range(ENDLESS):
        stage.site({"/feed.xml": endless, "/1": Answer(article(100 + number))}, slug=f"endless-{number}")
    with watched(stage) as samples:
        process = stage.start("scheduler.py", "--once")
        status = process.wait(timeout=240)
    said = log_of(stage)
    assert status in (0, 1), said  # on a slow machine the feeds, too, take longer than that
    assert "Traceback" not in said, said
    assert max(map(len, samples)) >= WORKERS + 2, "all workers were at it"
    peak = max(samples, key=lambda sample: sum(sample.values()))
    for slug in (*(f"hungry-{n}" for n in range(SITES)), *(f"endless-{n}" for n in range(ENDLESS))):
        stage.outcomes(slug)  # each URL has an outcome, or a time
    assert sum(peak.values()) < MOST_MEMORY, [size >> 20 for size in peak.values()]
    stage.check_healthy()

"""SIGKILL at any moment and power cuts: nothing lost, nothing twice, hardly anything fetched again."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive
from archive.verify import verify
from crawler.settings import IN_HAND
from crawler.writer import Writer
from tests.crawl.conftest import Desk, kill
from tests.crawl.test_kill import is_listing
from tests.newsstand import Newsstand
from tests.soundness import check_database, check_raw_files
from tests.unit.archive.helpers import NOW, exchange

PAGES = 160
LONGEST_START = 2.5  # seconds in which a kill may hit a run that has asked for nothing yet


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An archive folder without a catalogue yet."""
    desk = Desk(tmp_path)
    desk.cold = True
    yield desk
    desk.end()


def cut_power(folder: Path, synced: Path) -> None:
    """Take from the raw files what was not brought to the disk: what a power cut may take."""
    lengths = dict(reversed(line.split(" ", 1)) for line in synced.read_text().splitlines()) if synced.exists() else {}
    for path in (folder / "raw").rglob("*.warc.gz"):
        with path.open("rb+") as file:
            file.truncate(min(path.stat().st_size, int(lengths.get(str(path), 0))))


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])])
def test_kills_and_power_cuts_at_random_moments(tmp_path: Path, desk: Desk, kills: int) -> None:
    chance = random.Random(kills)
    synced = tmp_path / "synced.txt"
    with Newsstand(bulk=PAGES, only=("bulk",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        stand.latency = 0.05
        for number in range(kills):
            process = desk.start(
                "-m", "tests.faults.under", f"synced={synced}", "--", "scheduler.py", "--once", "--force"
            )
            if number % 4 != 1:
                ahead = len(stand.requests) + chance.randrange(1, PAGES // kills)
                for _ in range(1200):
                    if len(stand.requests) >= ahead or process.poll() is not None:
                        break
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.3))
            else:
                time.sleep(chance.uniform(0, LONGEST_START))
            kill(process)
            if number % 2:
                cut_power(tmp_path, synced)
            if (tmp_path / "archive.db").exists():
                with Archive(tmp_path) as archive:
                    report = verify(archive)
                assert report.ok, (number, report)
        done = desk.once("--force")
        assert done.returncode == 0, done.stdout + done.stderr
        (count,) = desk.rows("SELECT count(*) AS n, count(DISTINCT url) AS urls FROM articles")
        assert (count["n"], count["urls"]) == (PAGES, PAGES)
        assert desk.rows("SELECT url, outcome FROM pages WHERE state != 'done' OR outcome != 'stored'") == []
        asked = Counter(r.path for r in stand.requests if r.path != "/robots.txt" and not is_listing(r.path))
        assert len(asked) == PAGES
        assert sum(asked.values()) - PAGES <= kills * IN_HAND
    with Archive(tmp_path) as archive:
        assert verify(archive).ok
    check_database(tmp_path)
    check_raw_files(tmp_path)


def test_raw_records_are_on_the_disk_before_the_database_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[str, int]] = []
    sync = os.fsync

    def synced(handle: int) -> None:
        sync(handle)
        if os.readlink(f"/proc/self/fd/{handle}").endswith(".warc.gz"):
            events.append(("synced", os.fstat(handle).st_size))

    monkeypatch.setattr(os, "fsync", synced)
    with Archive(tmp_path, write=True) as archive:
        archive.db.conn.set_trace_callback(lambda sql: events.append(("commit", 0)) if sql == "COMMIT" else None)
        writer = Writer(archive, 0.01, 50)

        async def work() -> None:
            for number in range(3):
                one = exchange(f"https://example.org/{number}", b"x" * 100 * number, fetched_at=NOW)
                placed = archive.raw.append(one)
                await writer.write(lambda one=one, placed=placed: archive.captures.add(one, placed))  # type: ignore[misc]
                end = placed.offset + placed.length
                assert events[-1] == ("commit", 0)
                assert events[-2][0] == "synced" and events[-2][1] >= end, "committed before it was on the disk"

        asyncio.run(asyncio.wait_for(work(), 30))
        assert archive.db.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL: each commit reaches the disk"
        archive.db.conn.set_trace_callback(None)

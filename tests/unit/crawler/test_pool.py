"""Worker processes: what a job that hangs, dies or eats memory costs, and that none of them outlives the crawler."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction.errors import ExtractionError
from crawler.extraction.lanes import BATCH, BATCH_BYTES, PutOff, WorkerFailed
from crawler.extraction.pool import AT_REST, LEAST, MOST_WORKERS, WORKER, Pool, shares
from tests.unit.crawler import work
from tests.unit.crawler.servers import ROOT

HANG = 60  # seconds; a bound for what hangs, not a measure of speed
MEMORY = 96 << 20


def run(job: Callable[[Pool], Coroutine[Any, Any, Any]], timeout: float = 30.0, workers: int = 1) -> Any:
    """Run a coroutine with a pool that is closed afterwards."""

    async def main() -> Any:
        pool = Pool(workers, timeout, MEMORY, most_guilty=2)
        try:
            return await asyncio.wait_for(job(pool), HANG)
        finally:
            pool.close()

    return asyncio.run(main())


def test_results_and_errors_come_back() -> None:
    async def job(pool: Pool) -> None:
        assert await asyncio.gather(*(pool.run(work.add, n, 1) for n in range(20))) == list(range(1, 21))
        with pytest.raises(KeyError, match="not here"):
            await pool.run(work.fail, "not here")
        with pytest.raises(ExtractionError, match="Odd: 1 and 2"):
            await pool.run(work.odd)
        with pytest.raises(ExtractionError, match="SystemExit"):
            await pool.run(work.leave)
        with pytest.raises((AttributeError, TypeError, ExtractionError)):
            await pool.run(lambda: 1)  # nothing that can be sent to another process
        assert await pool.run(work.add, 1, 1) == 2

    run(job)


@pytest.mark.parametrize("hang", [(work.spin,), (work.sleep, HANG * 2)], ids=["in C", "asleep"])
def test_a_hang_costs_one_job(hang: tuple[Callable[..., Any], ...]) -> None:
    async def job(pool: Pool) -> None:
        await pool.run(work.add, 1, 1)
        with pytest.raises(WorkerFailed, match="took longer than"):
            await pool.run(*hang)
        assert await pool.run(work.add, 1, 1) == 2

    run(job, timeout=0.5)


def test_a_worker_that_dies_costs_one_job() -> None:
    async def job(pool: Pool) -> None:
        with pytest.raises(WorkerFailed, match="died"):
            await pool.run(work.die)
        assert await asyncio.gather(*(pool.run(work.add, n, n) for n in range(8))) == [2 * n for n in range(8)]

    run(job, workers=2)


@pytest.mark.parametrize("pause", [0.0, 0.5], ids=["work waits already", "nobody waits"])
def test_a_worker_killed_at_rest_costs_nothing(pause: float) -> None:
    async def job(pool: Pool) -> None:
        os.kill(await pool.run(work.worker), signal.SIGKILL)
        await asyncio.sleep(pause)
        assert await asyncio.gather(*(pool.run(work.add, n, n) for n in range(8))) == [2 * n for n in range(8)]

    run(job)


BAD: dict[str, tuple[Callable[..., Any], type[Exception], str]] = {
    "hangs": (work.spin, WorkerFailed, "took longer than"),
    "dies": (work.die, WorkerFailed, "died"),
    "eats memory": (work.hog, WorkerFailed, "memory"),
    "gives what cannot be read": (work.poison, WorkerFailed, "cannot be read"),
    "raises": (work.leave, ExtractionError, "SystemExit"),
}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("bad", BAD)
def test_in_a_batch_only_the_culprit_is_lost(bad: str, workers: int, caplog: pytest.LogCaptureFixture) -> None:
    function, error, said = BAD[bad]

    async def job(pool: Pool) -> list[Any]:
        await asyncio.gather(*(pool.run(work.add, n, 1) for n in range(workers)))
        calls = [pool.run(work.add, n, 1) for n in range(60)]
        calls[45:45] = [pool.run(function)]
        return await asyncio.gather(*calls, return_exceptions=True)

    results = run(job, timeout=1.5, workers=workers)
    lost = results.pop(45)
    assert isinstance(lost, error)
    assert said in str(lost)
    assert results == list(range(1, 61))
    if bad in ("hangs", "dies"):
        assert "are tried one by one" in caplog.text, "it was not in a batch"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_source_that_hangs_holds_nobody_up(workers: int) -> None:
    """It has one worker at a time until it is known, is tried again after all others, and is given up then."""
    done: list[str] = []

    async def job(pool: Pool) -> list[Any]:
        await pool.run(work.add, 1, 1)
        bad, good = pool.lanes.open("bad"), pool.lanes.open("good")

        async def one(name: str, call: Coroutine[Any, Any, Any]) -> Any:
            try:
                return await call
            finally:
                done.append(name)

        hanging = [asyncio.ensure_future(one("bad", pool.run(work.spin, lane=bad))) for _ in range(6)]
        await asyncio.sleep(0)
        calls = [one("good", pool.run(work.add, n, 1, lane=good)) for n in range(40)]
        assert await asyncio.gather(*calls) == list(range(1, 41))
        assert not bad.guilty or workers == 1, "both workers hung"
        results = await asyncio.gather(*hanging, return_exceptions=True)
        with pytest.raises(PutOff, match="2 pages of bad"):
            await pool.run(work.add, 1, 1, lane=bad)
        assert await pool.run(work.add, 1, 1, lane=good) == 2
        return results

    results = run(job, timeout=2.0, workers=workers)
    assert sorted(type(result).__name__ for result in results) == ["PutOff"] * 4 + ["WorkerFailed"] * 2
    assert done == ["good"] * 40 + ["bad"] * 6


def test_one_page_that_hangs_gives_no_source_up() -> None:
    async def job(pool: Pool) -> list[Any]:
        lane = pool.lanes.open("one")
        await pool.run(work.add, 1, 1, lane=lane)
        calls = [pool.run(work.add, n, 1, lane=lane) for n in range(30)]
        calls[20:20] = [pool.run(work.spin, lane=lane)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert not lane.given_up
        return results

    results = run(job, timeout=1.5)
    assert isinstance(results.pop(20), WorkerFailed)
    assert results == list(range(1, 31))


def test_no_source_has_all_workers_while_others_run() -> None:
    async def job(pool: Pool) -> None:
        lane, other = pool.lanes.open("one"), pool.lanes.open("other")
        await pool.run(work.add, 1, 1, lane=lane)
        calls = [asyncio.ensure_future(pool.run(work.sleep, 0.2, lane=lane)) for _ in range(3)]
        await asyncio.sleep(0)
        assert lane.under_way == 1
        pool.lanes.close(other)
        await asyncio.gather(*calls)
        calls = [asyncio.ensure_future(pool.run(work.sleep, 0.2, lane=lane)) for _ in range(3)]
        await asyncio.sleep(0)
        assert lane.under_way == 3
        await asyncio.gather(*calls)

    run(job, workers=2)


def test_waiting_calls_go_together_and_the_last_are_shared_out() -> None:
    async def job(pool: Pool) -> list[int]:
        sizes: list[int] = []
        scheduled = pool._scheduled

        def seen(batch: Any) -> Any:
            sizes.append(len(batch))
            return scheduled(batch)

        pool._scheduled = seen  # type: ignore[method-assign]
        assert await asyncio.gather(*(pool.run(work.add, n, 1) for n in range(100))) == list(range(1, 101))
        large = bytes(BATCH_BYTES)
        await asyncio.gather(*(pool.run(len, large) for _ in range(20)))
        return sizes

    sizes = run(job, workers=2)
    first = sizes[: next(at for at in range(len(sizes)) if sum(sizes[: at + 1]) == 100) + 1]
    assert max(first) == BATCH
    assert first[-1] == 1
    assert sizes[len(first) :] == [1] * 20, "large ones go alone"


def test_a_call_that_nobody_waits_for_any_more_is_not_made() -> None:
    async def job(pool: Pool) -> None:
        await pool.run(work.add, 1, 1)
        busy = [asyncio.ensure_future(pool.run(work.sleep, 0.3)) for _ in range(3)]
        gone = [asyncio.ensure_future(pool.run(work.die)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*busy)
        assert await pool.run(work.add, 1, 1) == 2

    run(job)


def test_a_result_that_cannot_be_read_costs_one_job() -> None:
    async def job(pool: Pool) -> None:
        with pytest.raises(WorkerFailed):
            await pool.run(work.poison)
        assert await pool.run(work.add, 1, 1) == 2

    run(job)


@pytest.mark.parametrize("cores", [1, 2, 4, 64])
@pytest.mark.parametrize("wanted", [0, 1, 2, 4, 8, 64])
@pytest.mark.parametrize("total", [400 << 20, 960 << 20, 8 << 30])
def test_workers_and_their_pages_stay_within_the_whole(
    total: int, wanted: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    workers, memory = shares(total, wanted, MEMORY)
    assert 1 <= workers <= (wanted or min(cores, MOST_WORKERS))
    assert LEAST <= memory <= MEMORY
    assert AT_REST + workers * (WORKER + memory) <= total


def test_memory_is_bounded() -> None:
    async def job(pool: Pool) -> None:
        with pytest.raises(WorkerFailed, match="memory"):
            await pool.run(work.hog)
        assert await pool.run(work.add, 1, 1) == 2

    run(job)


@pytest.mark.parametrize("busy", [work.spin, work.worker], ids=["in C", "idle"])
def test_close_gives_up_what_is_under_way(busy: Callable[[], Any]) -> None:
    async def main() -> int:
        pool = Pool(2, 600.0, MEMORY)
        process = await pool.run(work.worker)
        under_way = [asyncio.ensure_future(pool.run(busy)) for _ in range(2)]
        await asyncio.sleep(0.3)
        pool.close()
        pool.close()
        await asyncio.wait_for(asyncio.gather(*under_way, return_exceptions=True), HANG)
        assert busy is work.worker or all(task.cancelled() for task in under_way)
        return process

    process = asyncio.run(main())
    assert ends(process)


PARENT = """
import asyncio, sys
from crawler.extraction.pool import Pool
from tests.unit.crawler import work

async def main():
    pool = Pool(2, float(sys.argv[1]), 1 << 28)
    print(*{await pool.run(work.worker) for _ in range(4)}, flush=True)
    if sys.argv[2] == "busy":
        asyncio.ensure_future(pool.run(work.spin))
    await asyncio.sleep(0.2)
    print("ready", flush=True)
    await asyncio.sleep(600)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_no_worker_outlives_a_killed_crawler(tmp_path: Path, state: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), "1.5", state], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert parent.stdout is not None
    try:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert workers
        assert parent.stdout.readline() == "ready\n"
        family = session_of(parent.pid)
        assert set(workers) <= family
    finally:
        parent.kill()
        parent.wait(HANG)
        parent.stdout.close()
    assert all(ends(pid) for pid in family)


def session_of(leader: int) -> set[int]:
    """The processes of a session."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                found.add(int(entry.name))
    return found


def ends(pid: int) -> bool:
    """Tell whether a process is gone, or a zombie that nobody has waited for, within the bound."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False

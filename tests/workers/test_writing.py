"""The writer of a worker: its transactions wait for those of others without holding up the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psycopg
import pytest

from archive import Archive, ArchiveError
from archive.postgres import place_of
from archive.postgres.connection import WRITING
from archive.rows import SourceRow
from crawler.workers.writing import ThreadedWriter
from crawler.writer import Writer
from tests.unit.crawler.test_writer import NOW

HELD_S = 1.0


async def longest_lag(until: asyncio.Future[object]) -> float:
    """The longest time for which the event loop did nothing else, until something is done."""
    longest = 0.0
    while not until.done():
        began = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - began)
    return longest


def lag_beside_another_writer(url: str, make: Callable[[Archive], Writer]) -> float:
    """The lag while a batch waits for the transaction of another process."""
    place = place_of(url)
    assert place is not None

    async def body() -> float:
        with (
            Archive(url, write=True, shared=True) as archive,
            psycopg.connect(place.conninfo, autocommit=True) as other,
        ):
            writer = make(archive)
            put = SourceRow("a", "a", "http://a.example/")
            await writer.write(lambda: archive.ledger.put_source(put, NOW))
            other.execute("SELECT pg_advisory_lock(%s)", [WRITING])
            release = asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(HELD_S), other.close()))
            work = asyncio.ensure_future(writer.write(lambda: archive.ledger.put_source(put, NOW)))
            lag = await longest_lag(work)
            await release
            await asyncio.to_thread(writer.close)
            return lag

    return asyncio.run(asyncio.wait_for(body(), 30))


def test_a_batch_that_waits_for_others_does_not_hold_up_the_loop(url: str) -> None:
    alone = lag_beside_another_writer(url, lambda archive: Writer(archive, 0.01, 50))
    threaded = lag_beside_another_writer(url, lambda archive: ThreadedWriter(archive, 0.01, 50))
    assert alone > HELD_S / 2, "or the test shows nothing"
    assert threaded < alone / 4


def test_a_trouble_fails_what_waits_and_can_be_recovered_from(url: str) -> None:
    async def body() -> None:
        with Archive(url, write=True, shared=True) as archive:
            writer = ThreadedWriter(archive, 0.01, 50)
            told: list[ArchiveError] = []
            writer.on_trouble = told.append

            def lose() -> None:
                archive.db.native("SELECT pg_terminate_backend(pg_backend_pid())", [])  # type: ignore[attr-defined]

            first, second = (
                asyncio.ensure_future(writer.write(job))
                for job in (lose, lambda: archive.ledger.put_source(SourceRow("b", "b", "http://b.example/"), NOW))
            )
            for one in (first, second, asyncio.ensure_future(writer.write(lose))):
                with pytest.raises(ArchiveError):
                    await one
            assert len(told) == 1
            writer.recover()
            key = await writer.write(lambda: archive.ledger.put_source(SourceRow("c", "c", "http://c.example/"), NOW))
            known = await writer.read(lambda: archive.db.execute("SELECT id, slug FROM sources").fetchall())
            assert [tuple(row) for row in known] == [(key, "c")]
            writer.close()

    asyncio.run(asyncio.wait_for(body(), 30))

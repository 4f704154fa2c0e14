"""The one writer of a process: batches, their order on the disk, and who learns of which error."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, ArchiveError
from archive.rows import SourceRow
from crawler.writer import Writer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NEVER = 3600.0  # seconds; an interval that no test waits for


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path, write=True) as archive:
        yield archive


def traced(archive: Archive) -> list[str]:
    """The order of what matters: begin, flush of the raw store, commit, rollback."""
    events: list[str] = []
    flush = archive.raw.flush

    def flushed() -> None:
        events.append("FLUSH")
        flush()

    def statement(sql: str) -> None:
        if sql.split()[0] in ("BEGIN", "COMMIT", "ROLLBACK") and " TO " not in sql:
            events.append(sql.split()[0])

    archive.raw.flush = flushed  # type: ignore[method-assign]
    archive.db.conn.set_trace_callback(statement)
    return events


def put(archive: Archive, slug: str) -> Callable[[], int]:
    """A job that writes a row."""
    return lambda: archive.ledger.put_source(SourceRow(slug, slug, f"http://{slug}.example/"), NOW)


def slugs(folder: Path) -> set[str]:
    """What another connection sees, that is: what is committed."""
    with Archive(folder) as reader:
        return {row[0] for row in reader.db.execute("SELECT slug FROM sources")}


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine; one that hangs fails the test."""
    return asyncio.run(asyncio.wait_for(work, 20))


def test_many_jobs_in_one_transaction_after_the_raw_store(archive: Archive, tmp_path: Path) -> None:
    events = traced(archive)

    async def work() -> list[int]:
        writer = Writer(archive, 0.05, 1000)
        return await asyncio.gather(*(writer.write(put(archive, f"s{n}")) for n in range(40)))

    ids = run(work())
    assert events == ["FLUSH", "BEGIN", "COMMIT"]
    assert len(set(ids)) == 40
    assert len(slugs(tmp_path)) == 40


def test_a_full_batch_does_not_wait(archive: Archive, tmp_path: Path) -> None:
    events = traced(archive)

    async def work() -> None:
        writer = Writer(archive, NEVER, 5)
        await asyncio.gather(*(writer.write(put(archive, f"s{n}")) for n in range(10)))

    run(work())
    assert events == ["FLUSH", "BEGIN", "COMMIT"] * 2


def test_a_result_means_that_it_is_committed(archive: Archive, tmp_path: Path) -> None:
    async def work() -> None:
        await Writer(archive, 0.01, 50).write(put(archive, "a"))
        assert slugs(tmp_path) == {"a"}

    run(work())


@pytest.mark.parametrize(
    "error",
    [ValueError("broken"), sqlite3.IntegrityError("a constraint"), sqlite3.ProgrammingError("a binding"), UnicodeError("x")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_job_that_fails_harms_no_other(archive: Archive, tmp_path: Path, error: Exception) -> None:
    def broken() -> None:
        put(archive, "half")()
        raise error

    async def work() -> list[Any]:
        writer = Writer(archive, 0.02, 50)
        jobs = [put(archive, "a"), broken, put(archive, "b")]
        results = await asyncio.gather(*(writer.write(job) for job in jobs), return_exceptions=True)
        assert writer.trouble is None
        await writer.write(put(archive, "later"))
        return results

    results = run(work())
    assert results[1] is error
    assert slugs(tmp_path) == {"a", "b", "later"}, "what the failed job wrote is rolled back"


def test_a_constraint_of_the_database_is_the_jobs_own_fault(archive: Archive, tmp_path: Path) -> None:
    async def work() -> None:
        writer = Writer(archive, 0.02, 50)
        twice = lambda: archive.db.execute("INSERT INTO runs (source_id, started_at) VALUES (999, 'x')")  # noqa: E731
        results = await asyncio.gather(writer.write(twice), writer.write(put(archive, "a")), return_exceptions=True)
        assert isinstance(results[0], sqlite3.IntegrityError)
        assert writer.trouble is None

    run(work())
    assert slugs(tmp_path) == {"a"}


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("database or disk is full"), sqlite3.DatabaseError("database disk image is malformed"),
     OSError(28, "No space left on device"), ArchiveError("raw store")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_trouble_with_the_database_fails_all_and_every_later_job(
    archive: Archive, tmp_path: Path, error: Exception
) -> None:
    told: list[ArchiveError] = []

    def broken() -> None:
        raise error

    async def work() -> list[Any]:
        writer = Writer(archive, 0.02, 50)
        writer.on_trouble = told.append
        jobs = [put(archive, "a"), broken, put(archive, "b")]
        results = await asyncio.gather(*(writer.write(job) for job in jobs), return_exceptions=True)
        with pytest.raises(ArchiveError, match=r"archive\.db cannot be|raw store"):
            await writer.write(put(archive, "later"))
        return results

    results = run(work())
    assert all(isinstance(result, ArchiveError) for result in results)
    assert error in (results[0], results[0].__cause__)
    assert told == [results[0]]
    assert slugs(tmp_path) == set()


def test_a_raw_store_that_cannot_be_flushed_commits_nothing(archive: Archive, tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    archive.raw.flush, flush = full, archive.raw.flush  # type: ignore[method-assign]

    async def work() -> None:
        with pytest.raises(ArchiveError, match="No space left"):
            await Writer(archive, 0.01, 50).write(put(archive, "a"))

    run(work())
    archive.raw.flush = flush  # type: ignore[method-assign]
    assert slugs(tmp_path) == set()


def test_a_database_that_is_really_full(archive: Archive, tmp_path: Path) -> None:
    async def work() -> None:
        writer = Writer(archive, 0.01, 50)
        await writer.write(put(archive, "before"))
        pages = archive.db.execute("PRAGMA page_count").fetchone()[0]
        archive.db.execute(f"PRAGMA max_page_count = {pages + 1}")
        large = lambda: archive.ledger.put_source(SourceRow("large", "x" * 500_000, "http://e.org/"), NOW)  # noqa: E731
        with pytest.raises(ArchiveError, match="full"):
            await writer.write(large)
        archive.db.execute("PRAGMA max_page_count = 1073741823")

    run(work())
    assert slugs(tmp_path) == {"before"}
    assert archive.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_who_does_not_wait_any_more_disturbs_nobody(archive: Archive, tmp_path: Path) -> None:
    async def work() -> None:
        writer = Writer(archive, 0.1, 50)
        gone = asyncio.ensure_future(writer.write(put(archive, "gone")))
        stays = asyncio.ensure_future(writer.write(put(archive, "stays")))
        await asyncio.sleep(0.01)
        gone.cancel()
        await stays
        assert gone.cancelled()

    run(work())
    assert slugs(tmp_path) == {"gone", "stays"}, "what was handed over is written"


def test_flush_by_hand_writes_what_is_there(archive: Archive, tmp_path: Path) -> None:
    async def work() -> None:
        writer = Writer(archive, NEVER, 50)
        task = asyncio.ensure_future(writer.write(put(archive, "a")))
        await asyncio.sleep(0)
        writer.flush()
        writer.flush()
        await task

    run(work())
    assert slugs(tmp_path) == {"a"}

"""procrastinate's tables beside the archive's, and the jobs of workers that died."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import procrastinate
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from archive import Archive, ArchiveError
from archive.postgres import place_of
from archive.postgres.queue import make_queue, queue_conninfo
from crawler.workers import app as apps
from tests.postgresql import Server


@pytest.fixture
def url(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    name = postgresql.database()
    yield postgresql.url(name, tmp_path / "data")
    postgresql.drop(name)


def blueprint() -> procrastinate.Blueprint:
    made = procrastinate.Blueprint()

    @made.task(name="look")
    async def look(what: str) -> None:
        del what

    return made


def queue(url: str) -> str:
    place = place_of(url)
    assert place is not None
    return queue_conninfo(place)


def test_an_archive_in_a_folder_has_no_workers(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="set ARCHIVE_URL=postgresql://"):
        apps.make_app(tmp_path, {})


def test_tables_are_made_once_by_whoever_comes_first_and_the_archive_has_its_own(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: apps.make_app(url, {"crawl": blueprint()}), range(4)))
    with apps.make_app(url, {"crawl": blueprint()}).open() as app:
        assert app.check_connection()
        job = app.configure_task("crawl:look", queueing_lock="a").defer(what="it")
        with pytest.raises(procrastinate.exceptions.AlreadyEnqueued):
            app.configure_task("crawl:look", queueing_lock="a").defer(what="it")
        assert app.job_manager.get_job_status(job) == Status.TODO
    with Archive(url, write=True) as archive:
        archive.db.execute("SELECT count(*) FROM articles").fetchone()
    with psycopg.connect(queue(url)) as pg:
        (strangers,) = pg.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrast%'").fetchone()  # type: ignore[misc]  # fmt: skip
    assert strangers == 0


def test_a_later_version_brings_the_tables_up_to_date(url: str) -> None:
    place = place_of(url)
    assert place is not None
    known = {"01": "SELECT 1"}
    make_queue(place, SchemaManager.get_schema(), known)
    later = known | {"02": "CREATE TABLE of_02 ();", "03": "ALTER TABLE of_02 ADD COLUMN a int; CREATE TABLE of_03 ();"}
    for _ in range(2):
        make_queue(place, "not asked for", later)
    with psycopg.connect(queue(url)) as pg:
        assert pg.execute("SELECT a FROM of_02").fetchall() == []


def test_jobs_of_a_worker_that_is_not_heard_of_are_failed_and_others_are_not(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "STALLED_S", 0.3)

    async def body() -> tuple[int, list[Status]]:
        app = apps.make_app(url, {"crawl": blueprint()})
        async with app.open_async():
            dead, alive = [await app.job_manager.register_worker() for _ in range(2)]
            ids = [await app.configure_task("crawl:look", lock=what).defer_async(what=what) for what in "ab"]
            for worker in (dead, alive):
                await app.job_manager.fetch_job(queues=None, worker_id=worker)
            for _ in range(4):
                await asyncio.sleep(0.1)
                await app.job_manager.update_heartbeat(alive)
            failed = await apps.fail_stalled(app)
            return failed + await apps.fail_stalled(app), [await app.job_manager.get_job_status_async(i) for i in ids]

    assert asyncio.run(body()) == (1, [Status.FAILED, Status.DOING])


def test_a_server_that_is_away_is_not_told_by_libraries_too(tmp_path: Path) -> None:
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        apps.tell_trouble_once()
        with pytest.raises(psycopg.OperationalError) as away:
            psycopg.connect(f"postgresql://me@/news?host={tmp_path}")
        lost = ConnectorException()
        lost.__cause__ = away.value
        for name in ("procrastinate.utils", "asyncio", "worker"):
            for error in (lost, ValueError("a mistake")):
                logging.getLogger(name).error("%s: %r", name, error, exc_info=error)
        logging.getLogger("psycopg.pool").warning("error connecting")
    finally:
        logging.getLogger().removeHandler(handler)
    wanted = ["procrastinate.utils: ValueError", "asyncio: ValueError", "worker: Connector", "worker: ValueError"]
    assert [one.partition("(")[0].replace("Exception", "") for one in told] == wanted

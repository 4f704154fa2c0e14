"""procrastinate on the archive's database: the App whose jobs workers take, and who fails the jobs of the dead.

Jobs are disposable: the archive says what is to be done, and a job that is lost is deferred again by who looks. None is
ever retried by procrastinate itself.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from archive import ArchiveError
from archive.postgres import Where, place_of
from archive.postgres.errors import is_passing
from archive.postgres.queue import make_queue, queue_conninfo

HEARTBEAT_S = 2.0  # a worker says as often that it is there
STALLED_S = 8.0  # without a heartbeat for as long, its jobs are failed: a busy machine must not look dead
CONNECTIONS = 4  # of a worker to its jobs, at most; beside one that waits for news of them
CONNECT_S = 10.0  # to wait for one of them
log = logging.getLogger(__name__)


def tell_trouble_once() -> None:
    """Keep libraries from telling of a server that is away, with a traceback for each try: the worker says in one line that it is, and
    when it goes on. To be called when logging is set up."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    if record.name == "psycopg.pool":
        return False  # every connection that could not be made; who waited for it is told by an error
    error = record.exc_info[1] if record.exc_info else None
    return not (record.name.partition(".")[0] in ("procrastinate", "asyncio") and is_passing(error))


def make_app(where: Where, tasks: Mapping[str, procrastinate.Blueprint]) -> procrastinate.App:
    """The App on the database of an archive, with the tasks of some blueprints (by namespace: the task `f` of `crawl` is
    `crawl:f`); a blueprint can be part of one App only. Makes procrastinate's tables if they are not there.

    To be opened by `with app.open()` or `async with app.open_async()`. Raises ArchiveError for an archive that is not on
    PostgreSQL, and when the server cannot be reached.
    """
    place = place_of(where)
    if place is None:
        raise ArchiveError(
            f"{where}: workers share an archive on PostgreSQL only; set ARCHIVE_URL=postgresql://user@host/database"
        )
    make_queue(place, SchemaManager.get_schema(), _migrations())
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=queue_conninfo(place),
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECT_S,
            kwargs={"application_name": worker_name()},
        ),
        worker_defaults={
            "name": worker_name(),
            "install_signal_handlers": False,
            "update_heartbeat_interval": HEARTBEAT_S,
            "stalled_worker_timeout": STALLED_S,
            "delete_jobs": "successful",
        },
    )
    for namespace, blueprint in tasks.items():
        app.add_tasks_from(blueprint, namespace=namespace)
    return app


def worker_name() -> str:
    """What a worker is called in logs and in the list of the server's sessions."""
    return f"kiosque {os.getpid()} worker on {socket.gethostname()}"[:63]


async def fail_stalled(app: procrastinate.App, queue: str | None = None) -> int:
    """Fail the jobs of workers that have not been heard of for STALLED_S, and forget these workers; gives the number of
    jobs. Any worker may do so at any time."""
    failed = 0
    for job in await app.job_manager.get_stalled_jobs(queue=queue, seconds_since_heartbeat=STALLED_S):
        if job.id is None:
            continue
        try:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        except ConnectorException as error:
            log.debug("job %d is ended by another: %s", job.id, error)
            continue
        log.warning("%s: its worker is not heard of any more", job.call_string)
        failed += 1
    await app.job_manager.prune_stalled_workers(STALLED_S)
    return failed


def _migrations() -> dict[str, str]:
    folder = Path(SchemaManager.get_migrations_path())
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}

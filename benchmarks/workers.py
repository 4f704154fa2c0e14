"""How much faster several crawl workers are than one, when what limits a crawl is the rest between requests to a host.

`python -m benchmarks.workers`: papers on loopback ports, a PostgreSQL server of its own, real workers. Counted is from the first
request to the last, once all workers are up.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

import click
import psycopg

from archive.postgres.lease import key_of
from tests.postgresql import Server, server
from tests.workers.desk import check_kept, check_pace, open_desk
from tests.workers.press import Press


def seconds(postgresql: Server, workers: int, hosts: int, articles: int, delay: float, at_once: int) -> float:
    """How long so many workers take; fails when the archive or the pace is not right."""
    with tempfile.TemporaryDirectory() as folder, Press(hosts, articles, delay=delay) as press:
        name = postgresql.database()
        desk = open_desk(postgresql.url(name, Path(folder) / "data"), Path(folder), press, CRAWLS_AT_ONCE=str(at_once))
        try:
            with closing(psycopg.connect(postgresql.url(name), autocommit=True)) as held:
                for number in range(hosts):
                    held.execute("SELECT pg_advisory_lock(%s)", [key_of(f"source paper{number:02d}")])
                for number in range(workers):
                    desk.start()
                    desk.wait(lambda n=number: "groups on disjoint hosts" in desk.log(n), "a worker")  # type: ignore[misc]
                time.sleep(3)  # jobs that were taken meanwhile are given back
                assert not press.asked
            desk.wait(lambda: desk.counts()["stored"] == hosts * articles, "all articles")
            desk.stop()
        finally:
            desk.end()
        check_kept(desk, hosts * articles)
        check_pace(press.asked, delay)
        moments = [one.at for one in press.asked]
        postgresql.drop(name)
        return max(moments) - min(moments)


@click.command(help=__doc__)
@click.option("--hosts", default=40, show_default=True)
@click.option("--articles", default=6, show_default=True, help="Of each host.")
@click.option("--delay", default=0.5, show_default=True, help="Seconds between two requests to a host.")
@click.option("--at-once", default=2, show_default=True, help="Crawls of one worker at a time (CRAWLS_AT_ONCE).")
@click.option("--workers", default=4, show_default=True, help="That are compared with one.")
def main(hosts: int, articles: int, delay: float, at_once: int, workers: int) -> None:
    """Measure and print."""
    with server() as postgresql:
        took = {number: seconds(postgresql, number, hosts, articles, delay, at_once) for number in (1, workers)}
    click.echo(f"{hosts} hosts, {articles} articles each, delay {delay:g} s, {at_once} crawls at once")
    for number, time_taken in took.items():
        click.echo(f"{number} workers: {time_taken:6.1f} s, {took[1] / time_taken:.2f} times as fast as one")


if __name__ == "__main__":
    main()

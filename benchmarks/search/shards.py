"""What a search page costs over the shards of a year, beside the same articles in one file and beside one month alone, in
milliseconds of the processor.

    python -m benchmarks.search.shards --archive DIR [--size 24000]

DIR is filled first when it is empty: an archive of a year, and its months, thirteen with the last hours of the year.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from archive.transfer.shard import make_shard
from archive.web.serve import datasette
from benchmarks.search import corpus
from benchmarks.search.__main__ import Reader, kinds, timed

DAYS = 363


@click.command(help=__doc__)
@click.option("--archive", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--size", default=24_000, show_default=True, help="Articles of a new archive.")
@click.option("--seed", default=1, show_default=True)
@click.option("--only-fill", is_flag=True, help="Measure nothing.")
def main(folder: Path, size: int, seed: int, only_fill: bool) -> None:
    months = folder / "months"
    if not (folder / "archive.db").exists():
        click.echo(f"filling {folder} with {size:,} articles", err=True)
        corpus.SPAN = timedelta(days=DAYS)
        corpus.build(folder, size, seed)
    if not months.exists():
        months.mkdir()
        with closing(sqlite3.connect(folder / "archive.db")) as conn:
            found = conn.execute("SELECT substr(published_day, 1, 7), count(*) FROM articles GROUP BY 1").fetchall()
        for month, _ in found:
            make_shard(folder, month, months / f"{month}.db", now=datetime.now(UTC))
    if only_fill:
        return
    paths = sorted(months.glob("*.db"))
    apps = {
        "one file": datasette(folder / "archive.db"),
        f"{len(paths)} shards": datasette(*paths, shards=True),
        "one month": datasette(paths[len(paths) // 2], shards=True),
    }
    readers = {name: Reader(app) for name, app in apps.items()}
    for reader in readers.values():
        reader.get("/")
    click.echo(
        f"| query | found | {', ms | '.join(readers)}, ms | shards / one file | shards / one month | again, ms |"
    )
    click.echo("|---|---|---|---|---|---|---|---|")
    for name, queries in kinds(random.Random(seed)).items():
        click.echo(_line(name, queries, readers))


def _line(name: str, queries: list[str], readers: dict[str, Reader]) -> str:
    """Medians over the queries of a kind, each asked for the first time, and over the shards once more."""
    spent: dict[str, list[float]] = {server: [] for server in readers}
    again, numbers = [], []
    shards = list(readers)[1]
    for query in queries:
        for server, reader in readers.items():
            spent[server].append(timed(lambda reader=reader, query=query: reader.get("/", params={"q": query})))
        again.append(timed(lambda query=query: readers[shards].get("/", params={"q": query})))
        numbers.append(readers[shards].get("/search.json", params={"q": query, "limit": 1}).json()["total"])
    whole, many, month = (1000 * statistics.median(times) for times in spent.values())
    return (
        f"| {name} | {statistics.median(numbers):,.0f} | {whole:.1f} | {many:.1f} | {month:.1f} | {many / whole:.2f} |"
        f" {many / month:.2f} | {1000 * statistics.median(again):.1f} |"
    )


if __name__ == "__main__":
    main()

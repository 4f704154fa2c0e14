"""Makes the shards of the last months, once or again and again, from the archive that the environment names.

\b
    python deploy/make_shards.py FOLDER                     this month's and the last one's
    python deploy/make_shards.py FOLDER --every 86400       and the same each day
    python deploy/make_shards.py FOLDER --check             exit status 1 while there is no shard

Older months stay as they are. An article whose month turns out to be another one may stand in two shards for a day; `serve` says
which is to be made again.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

NO_ARTICLE = 1  # the exit status of `archive shard` for a month without one


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--months", default=2, show_default=True, type=click.IntRange(min=1), help="How many, with this one.")
@click.option("--every", metavar="SECONDS", type=click.IntRange(min=1), help="Go on, at this interval.")
@click.option("--check", is_flag=True, help="Only look whether there is a shard.")
def main(folder: Path, months: int, every: int | None, check: bool) -> None:
    """Make shards."""
    if check:
        sys.exit(not any(folder.glob("*.db")))
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        status = max(make(folder, month) for month in last_months(datetime.now(UTC).date(), months))
        if every is None:
            sys.exit(status)
        time.sleep(every)


def make(folder: Path, month: str) -> int:
    """Make one shard, in a process of its own; gives 0, or the exit status of what failed."""
    command = [sys.executable, "-m", "archive", "shard", "--month", month, "--output", str(folder / f"{month}.db")]
    status = subprocess.run(command, check=False).returncode
    return 0 if status == NO_ARTICLE else status


def last_months(today: date, count: int) -> Iterator[str]:
    """The month of a day and those before it, as YYYY-MM."""
    day = today
    for _ in range(count):
        yield f"{day:%Y-%m}"
        day = day.replace(day=1) - timedelta(days=1)


if __name__ == "__main__":
    main()

"""Commands that take rows elsewhere: move, shard."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from archive.commands.common import WHERE, archive_option, reports_trouble
from archive.postgres import Where, folder_at, shown


@click.command()
@click.argument("source", metavar="FROM", type=WHERE)
@click.argument("target", metavar="TO", type=WHERE)
@reports_trouble
def move(source: Where, target: Where) -> None:
    """Copy an archive from a folder to PostgreSQL or back, or to another place of the same kind, and compare every row.

    All or nothing: TO must have no archive, and shows none until every table is the same. FROM stays. Raw files are copied
    when TO has another folder for them. Tells rows and SHA-256 of each table.
    """
    from archive.transfer.move import move as run

    moved = run(source, target, _progress)
    for name, tally in sorted(moved.tables.items()):
        click.echo(f"{name:<20} {tally.rows:>12} {tally.digest}")
    raw = "raw files stay" if moved.raw is None else f"{moved.raw.files} raw files copied, {moved.raw.kept} kept"
    rows = sum(tally.rows for tally in moved.tables.values())
    click.echo(f"{shown(source)} to {shown(target)}: {rows} rows in {len(moved.tables)} tables are the same; {raw}")


@click.command()
@click.option(
    "--month", metavar="YYYY-MM", help="Whose articles: published then, or first seen when that is not known."
)
@click.option("--output", "target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The shard.")
@click.option("--verify", "given", metavar="FILE", multiple=True, type=click.Path(path_type=Path), help="Compare a shard with what it says of itself.")  # fmt: skip
@archive_option
@reports_trouble
def shard(month: str | None, target: Path | None, given: tuple[Path, ...], folder: Where) -> None:
    """Write the articles of a month with all that belongs to them to one SQLite file, to be served as immutable.

    A file that has the same rows already stays as it is. Exit status 1 when the month has no article.
    """
    from archive.transfer.shard import make_shard, verify_shard

    if given:
        for path in given:
            found = verify_shard(path)
            click.echo(f"{path}: {found.month}, {found.articles} articles: as it was made at {found.made_at}")
        return
    if month is None or target is None:
        raise click.UsageError("a shard needs --month and --output")
    target = folder_at(target, "a shard is a file")
    made = make_shard(folder, month, target, now=datetime.now(UTC), progress=_progress)
    if made is None:
        click.echo(f"{month} has no article; nothing was written", err=True)
        sys.exit(1)
    found, new = made
    size = target.stat().st_size / 1e6
    click.echo(f"{target}: {found.articles} articles of {month}, {size:.1f} MB{'' if new else ', as it was'}")


def _progress(table: str, rows: int) -> None:
    if rows and sys.stderr.isatty():
        click.echo(f"{table}: {rows}", err=True)

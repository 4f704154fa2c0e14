"""The command `watch`: saved searches that tell of new matches."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from archive.commands.common import archive_option, reports_trouble
from archive.errors import ArchiveMissing
from archive.postgres import Where, place_of
from archive.records import utc_text
from archive.saved import Searches
from archive.search import ORDERS


@click.group()
def watch() -> None:
    """Saved searches that tell of new matches, by NOTIFY."""


def _searches(folder: Where) -> Searches:
    place = place_of(folder)
    where = Path(folder) if place is None else place.needed_folder()
    if not where.is_dir():
        raise ArchiveMissing(f"there is no archive in {where}")
    return Searches(where)


@watch.command("list")
@archive_option
@reports_trouble
def list_watches(folder: Where) -> None:
    """Name them, with what they look for. Exit status 1 when there is none."""
    watches = [one for one in _searches(folder).all() if one.watch]
    for one in watches:
        click.echo(f"{one.name}\t{one.query}")
    sys.exit(0 if watches else 1)


@watch.command()
@click.argument("name")
@click.argument("query", nargs=-1, required=True)
@archive_option
@reports_trouble
def add(name: str, query: tuple[str, ...], folder: Where) -> None:
    """Keep a search under a name, and tell of what matches from now on."""
    searches = _searches(folder)
    before = {one.name: one.query for one in searches.all()}
    saved = searches.keep(name, " ".join(query), ORDERS[0], utc_text(datetime.now(UTC)), watch=True)
    old = before.get(saved.name, saved.query)
    instead = f", and no longer what matches {old}" if old != saved.query else ""
    click.echo(f"{saved.name}: what matches {saved.query} is told from now on{instead}")


@watch.command()
@click.argument("name")
@archive_option
@reports_trouble
def remove(name: str, folder: Where) -> None:
    """Tell no more; the search stays saved. Exit status 1 when there is no such watch."""
    searches = _searches(folder)
    one = searches.get(name)
    if one is None or not one.watch:
        click.echo(f"there is no watch {name}", err=True)
        sys.exit(1)
    searches.set_watch(name, False)

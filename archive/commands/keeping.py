"""Commands that keep an archive sound: migrate, backup, verify."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backup import back_up
from archive.commands.common import archive_option, reports_trouble
from archive.store import Archive


@click.command()
@archive_option
@reports_trouble
def migrate(folder: Path) -> None:
    """Bring an archive of an older version up to date."""
    with Archive(folder, write=True, tell=lambda line: click.echo(line, err=True)):
        click.echo(f"{folder} is up to date")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@archive_option
@reports_trouble
def backup(target: Path, folder: Path) -> None:
    """Copy the archive to a new folder while it may be in use; raw files that are there already are not copied again."""
    copied = back_up(folder, target)
    click.echo(f"{target}: database, {copied.files} raw files copied, {copied.kept} kept")

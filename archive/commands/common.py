"""What the commands share: the archive option, the console, and how trouble is told."""

from __future__ import annotations

import functools
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from rich.console import Console

from archive.errors import ArchiveError, QueryError
from archive.postgres import Where, place_of
from crawler.errors import CrawlerError

P = ParamSpec("P")
T = TypeVar("T")


def reports_trouble(command: Callable[P, T]) -> Callable[P, T]:
    """Turn errors of the archive into one line and exit status 2, and a query, a setting or a source file that
    cannot be used into a usage error."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (QueryError, CrawlerError) as error:
            raise click.UsageError(str(error)) from error
        except (ArchiveError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            click.echo(f"kiosque: {error}", err=True)
            sys.exit(2)

    return run


class _Where(click.ParamType[Where]):
    """The folder of an archive, or the URL of one on PostgreSQL."""

    name = "archive"

    def convert(self, value: Where, param: click.Parameter | None, ctx: click.Context | None) -> Where:
        try:
            return value if place_of(value) is not None else Path(value)
        except ArchiveError as error:
            self.fail(str(error), param, ctx)


WHERE = _Where()

archive_option = click.option(
    "--archive",
    "folder",
    metavar="DIR|URL",
    type=WHERE,
    envvar=["KIOSQUE_ARCHIVE_URL", "KIOSQUE_ARCHIVE_DIR"],
    default="data",
    show_default=True,
    help="The archive folder, or postgresql://user@host/database.",
)


def console_of(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr) if stream.isatty() else Console(stderr=stderr, width=120)

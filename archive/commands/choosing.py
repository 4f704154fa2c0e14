"""Which articles a command is about: a query and filters, the same for every command that gives articles out."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from archive.export import Choice
from archive.store import Archive

_OPTIONS = (
    click.argument("query", nargs=-1),
    click.option("--language", metavar="CODE", help="Only articles in this language, such as fr."),
    click.option("--source", metavar="SLUG", help="Only articles of this source."),
    click.option("--since", metavar="DATE", help="Published on or after, YYYY-MM-DD."),
    click.option("--until", metavar="DATE", help="Published on or before, YYYY-MM-DD."),
)


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command a query and the filters."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def choice_of(
    archive: Archive,
    query: tuple[str, ...],
    language: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
) -> Choice:
    """The choice that these options make. Raises a usage error for a source that the archive does not have."""
    if source and not archive.knows_source(source):
        raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
    if language:
        language = language.replace("_", "-").partition("-")[0].lower()
    return Choice(" ".join(query) if query else None, source, language, since, until)

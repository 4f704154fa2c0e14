"""Commands that give out what an archive holds: export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.commands.choosing import choice_of, choice_options
from archive.commands.common import archive_option, reports_trouble
from archive.export import FORMATS, replaced, write_articles
from archive.partitions import new_folder, write_partitions
from archive.postgres import Where
from archive.store import Archive


@click.command()
@choice_options
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="A file; without it, standard output.")
@click.option(
    "--partitioned", is_flag=True, help="Parquet in folders by month and language; --output names the folder."
)
@archive_option
@reports_trouble
def export(
    query: tuple[str, ...],
    language: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    form: str,
    output: Path | None,
    partitioned: bool,
    folder: Where,
) -> None:
    """Write articles, all or those that a query finds, as JSON Lines, CSV or Parquet. Exit status 1 when there is none.

    JSON Lines loses nothing. In CSV a text that a spreadsheet would take for a formula has an apostrophe before it.
    Parquet has typed columns, for pandas, DuckDB and the like, in one file or in folders by month and language. See
    docs/export.md.
    """
    if output is None and form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is nothing for a terminal: name a file with --output, or pipe it on")
    if partitioned and (output is None or form != "parquet"):
        raise click.UsageError("--partitioned wants --format parquet, and the name of a folder with --output")
    if output is not None and output.is_dir() and not partitioned:
        raise click.UsageError(f"{output} is a folder: name a file with --output, or give --partitioned")
    with Archive(folder) as archive:
        articles = choice_of(archive, query, language, source, since, until).articles(archive)
        if output is not None and partitioned:
            with new_folder(output) as beside:
                number = write_partitions(articles, beside)
        elif output is not None:
            with replaced(output) as stream:
                number = write_articles(articles, stream, form)
        else:
            # the bytes below: what is piped is UTF-8 whatever the terminal's encoding, and no line end is changed
            number = write_articles(articles, sys.stdout.buffer, form)
            sys.stdout.buffer.flush()
    click.echo(f"{number} articles", err=True)
    sys.exit(0 if number else 1)

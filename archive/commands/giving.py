"""Commands that give out what an archive holds: export."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from archive.commands.common import archive_option, reports_trouble
from archive.export import FORMATS, replaced, write_articles
from archive.store import Archive


@click.command()
@click.argument("query", nargs=-1)
@click.option("--language", metavar="CODE", help="Only articles in this language, such as fr.")
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--since", metavar="DATE", help="Published on or after, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="Published on or before, YYYY-MM-DD.")
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, standard output.")
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
    folder: Path,
) -> None:
    """Write articles, all or those that a query finds, as JSON Lines or CSV. Exit status 1 when there is none.

    JSON Lines loses nothing. In CSV a text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    with Archive(folder) as archive:
        if source and not archive.knows_source(source):
            raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
        if language:
            language = language.replace("_", "-").partition("-")[0].lower()
        articles = archive.articles(
            source=source, language=language, since=since, until=until, query=" ".join(query) if query else None
        )
        if output is not None:
            with replaced(output) as stream:
                number = write_articles(articles, stream, form)
        else:
            # whatever the terminal's encoding: what is piped is UTF-8, and no line end is changed
            stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False)
            try:
                number = write_articles(articles, stream, form)
                stream.flush()
            finally:
                stream.detach()
    click.echo(f"{number} articles", err=True)
    sys.exit(0 if number else 1)

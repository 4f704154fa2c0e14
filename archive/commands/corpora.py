"""Commands about frozen corpora: make, verify, open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from archive.commands.choosing import choice_of, choice_options
from archive.commands.common import archive_option, reports_trouble
from archive.postgres import Where, folder_at
from archive.store import Archive

EVERY = 5_000  # articles, captures or lines between two words about how far it is
NAMED = 10  # captures without a record that are named; the manifest has more


@click.group()
def corpus() -> None:
    """A frozen corpus: what a query finds, in a folder that another person can verify and open again."""


@corpus.command()
@choice_options
@click.option("--output", "target", required=True, metavar="DIR", type=click.Path(path_type=Path), help="A new folder.")
@archive_option
@reports_trouble
def make(
    query: tuple[str, ...],
    language: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    target: Path,
    folder: Where,
) -> None:
    """Write the articles that a query finds, or all, with versions, raw records and a manifest to a new folder.

    Exit status 1 when there is no article, or when raw records are missing: these are listed in the manifest.
    """
    from archive.corpus.make import make_corpus

    with Archive(folder) as archive:
        choice = choice_of(archive, query, language, source, since, until)
        made = make_corpus(archive, choice, target, now=datetime.now(UTC), progress=_progress())
    if made is None:
        click.echo("0 articles; nothing was written", err=True)
        sys.exit(1)
    for capture in made.missing[:NAMED]:
        click.echo(f"no record: {capture['url']} of {capture['fetched_at']}: {capture['missing']}", err=True)
    counts = made.counts
    lacking = f", {counts['missing']} of them without their record" if counts["missing"] else ""
    click.echo(
        f"{target}: {counts['articles']} articles, {counts['versions']} versions, {counts['captures']} captures"
        f"{lacking}, {made.bytes / 1e6:.1f} MB, {made.digest}"
    )
    sys.exit(1 if counts["missing"] else 0)


@corpus.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@reports_trouble
def verify(folder: Path) -> None:
    """Check that a corpus is whole and unchanged: every file, text, record and reference. Exit status 1 when it is not."""
    from archive.corpus.check import verify_corpus

    verdict = verify_corpus(folder, _progress())
    for trouble in verdict.troubles:
        click.echo(f"trouble: {trouble}")
    if verdict.count > len(verdict.troubles):
        click.echo(f"and {verdict.count - len(verdict.troubles)} more")
    counts = verdict.counts
    said = ", ".join(f"{counts[name]} {name}" for name in ("articles", "versions", "captures"))
    lacking = f", {counts['missing']} captures without their record" if counts["missing"] else ""
    digest = f", {verdict.manifest.digest}" if verdict.manifest and verdict.ok else ""
    click.echo(f"{said}{lacking}: {'all well' if verdict.ok else 'not as it was made'}{digest}")
    sys.exit(0 if verdict.ok else 1)


@corpus.command("open")
@click.argument("corpus_folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@archive_option
@reports_trouble
def open_(corpus_folder: Path, folder: Where) -> None:
    """Make a new archive of a corpus, to search and serve it; it is verified first."""
    from archive.corpus.reopen import open_corpus

    folder = folder_at(folder, "a corpus is opened in a folder, not on PostgreSQL")
    opened = open_corpus(corpus_folder, folder, _progress())
    if opened.missing:
        click.echo(f"{opened.missing} captures without a record were left out", err=True)
    if opened.lone:
        click.echo(f"{opened.lone} articles whose copies are not in the corpus stand alone", err=True)
    click.echo(
        f"{folder}: {opened.articles} articles, {opened.captures} captures; "
        f"`python -m archive serve --archive {folder}` shows them"
    )


def _progress() -> Callable[[str, int], None]:
    """A word now and then on a terminal."""
    shown = sys.stderr.isatty()

    def progress(what: str, number: int) -> None:
        if shown and number % EVERY == 0:
            click.echo(f"{what}: {number}", err=True)

    return progress

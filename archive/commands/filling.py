"""Commands that fill an archive or its catalogue: import-warc, reextract, import-opml, export-opml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from archive.commands.common import archive_option, console_of, reports_trouble
from archive.postgres import Where

jobs_option = click.option(
    "--jobs",
    is_flag=True,
    help="Leave it to workers (`jobs --work`), a job for each file; the archive is on PostgreSQL.",
)
again_option = click.option("--again", is_flag=True, help="With --jobs: also the files that are done.")


@click.command("import-warc")
@click.argument("files", metavar="[FILE|FOLDER]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--paths", "lists", metavar="FILE", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A list of paths or URLs, one a line, such as warc.paths.gz of Common Crawl's CC-NEWS.")  # fmt: skip
@click.option("--root", metavar="DIR|URL", help="What paths in lists are below (setting COMMONCRAWL_DATA).")
@jobs_option
@again_option
@archive_option
@reports_trouble
def import_warc(
    files: tuple[Path, ...], lists: tuple[Path, ...], root: str | None, jobs: bool, again: bool, folder: Where
) -> None:
    """Import the HTML responses of WARC files; what is in the archive already is passed over."""
    from crawler.filelists import names_of
    from crawler.runtime import settings_of_project

    if again and not jobs:
        raise click.UsageError("--again goes with --jobs")
    if not files and not lists:
        raise click.UsageError("name files, folders, or a list of them with --paths")
    if root and not lists:
        raise click.UsageError("--root goes with --paths")
    names = names_of(files, lists, root or str(settings_of_project()["COMMONCRAWL_DATA"]))
    if jobs:
        from archive.commands.jobs import ask_import

        ask_import(folder, names, again)
        return
    from crawler.extraction.pool import prepare  # the one place where the archive calls the crawler: to extract

    prepare()  # before the rest is imported, which takes a second
    from crawler.imports import import_files

    counts = import_files(folder, names, console_of(stderr=True))
    said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "no HTML responses"
    click.echo(f"imported: {said}")
    sys.exit(1 if not counts or counts["damaged_file"] or counts["missing_file"] else 0)


@click.command()
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--since", metavar="DATE", help="Only articles first seen on or after, YYYY-MM-DD.")
@click.option("--dry-run", is_flag=True, help="Show what would change, field by field, and write nothing.")
@jobs_option
@again_option
@archive_option
@reports_trouble
def reextract(source: str | None, since: str | None, dry_run: bool, jobs: bool, again: bool, folder: Where) -> None:
    """Extract stored articles again from their raw pages, with today's rules and what was learned of each source."""
    if again and not jobs:
        raise click.UsageError("--again goes with --jobs")
    if jobs:
        from archive.commands.jobs import ask_reextract

        if dry_run:
            raise click.UsageError("--dry-run goes without --jobs")
        ask_reextract(folder, source, since, again)
        return
    from crawler.extraction.pool import prepare

    prepare()
    from crawler.reextracting import reextract_articles

    report = reextract_articles(folder, source, since, dry_run=dry_run, console=console_of(stderr=True))
    console = console_of()
    verb = "would change" if dry_run else "changed"
    console.print(f"{report.articles} articles extracted again, {report.changed} {verb}", highlight=False)
    for name, count in report.fields.most_common():
        article_id, before, after = report.examples[name]
        console.print(f"[bold]{name}[/] in {count}, such as article {article_id}:", highlight=False)
        console.print(
            f"  - {escape(_shortened(before, after))}\n  + {escape(_shortened(after, before))}", highlight=False
        )
    for reason, count in report.failures.most_common():
        console.print(f"left as they are, {count}: {escape(reason)}", highlight=False)


def _shortened(text: str, other: str, width: int = 200) -> str:
    """The part of a text where it differs from the other, on one line."""
    start = next((at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    begin = max(0, start - 40)
    cut = " ".join(text[begin : begin + width].split())
    return f"{'…' if begin else ''}{cut}{'…' if begin + width < len(text) else ''}" or "(empty)"


@click.command("import-opml")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--into",
    "target",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default="sources",
    show_default=True,
    help="Where source files are written; name it in CATALOG_DIRS.",
)
@click.option("--country", default="zz", show_default=True, help="ISO 3166 code for feeds that name none.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone for dates without one.")
@reports_trouble
def import_opml(file: Any, target: Path, country: str, timezone: str) -> None:
    """Write source files for the feeds of an OPML file, and say what had to be dropped."""
    from crawler.exchange import write_sources

    written, dropped, mended = write_sources(file.read(), target, country=country, timezone=timezone)
    for line in mended:
        click.echo(f"mended: {line}", err=True)
    for reason in dropped:
        click.echo(f"dropped: {reason}", err=True)
    click.echo(f"{len(written)} sources written to {target}; crawl them with KIOSQUE_CATALOG_DIRS={target}")
    sys.exit(0 if written else 1)


@click.command("export-opml")
@click.option(
    "--source", "what", default="", metavar="WHAT", help="Slugs, globs, country:fr, language:ar, with commas."
)
@reports_trouble
def export_opml(what: str) -> None:
    """Print the catalogue's feeds as OPML 2.0, for a feed reader."""
    from crawler.exchange import opml_of_catalog

    sys.stdout.buffer.write(opml_of_catalog(what))

"""Commands that keep an archive sound: migrate, backup, verify."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from archive.backup import back_up
from archive.commands.common import WHERE, archive_option, console_of, reports_trouble
from archive.postgres import Where, folder_at, shown
from archive.rows import SourceRow
from archive.store import Archive
from archive.verify.report import Report


@click.command()
@archive_option
@reports_trouble
def migrate(folder: Where) -> None:
    """Bring an archive of an older version up to date."""
    with Archive(folder, write=True, tell=lambda line: click.echo(line, err=True)):
        click.echo(f"{shown(folder)} is up to date")


@click.command()
@click.argument("target", type=WHERE)
@archive_option
@reports_trouble
def backup(target: Where, folder: Where) -> None:
    """Copy the archive to a new folder while it may be in use; raw files that are there already are not copied again."""
    folder = folder_at(
        folder, "a database of PostgreSQL is copied with pg_dump, its raw pages with any copy of the folder"
    )
    target = folder_at(target, "a backup is a folder; `python -m archive move` copies an archive to PostgreSQL")
    copied = back_up(folder, target)
    click.echo(f"{target}: database, {copied.files} raw files copied, {copied.kept} kept")


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended; no crawl may write meanwhile.")
@click.option("--quick", is_flag=True, help="Leave out what reads every raw file and every text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@archive_option
@reports_trouble
def verify(repair: bool, quick: bool, as_json: bool, folder: Where) -> None:
    """Check that the archive is sound; without --repair it only reads, also while a crawl writes.

    Exit status 0 when all is well (or was mended), 2 when not.
    """
    from archive.verify import verify as check
    from crawler.importer import source_row
    from crawler.runtime import load_catalog, settings_of_project
    from crawler.urls import canonical

    catalog = load_catalog(settings_of_project())

    def owner(url: str) -> SourceRow | None:
        source = catalog.owner(url) if url else None
        return source_row(url, source) if source else None

    def tell(line: str) -> None:
        click.echo(line, err=True)

    console = console_of(stderr=True)
    with (
        Archive(folder, write=repair, create=False, tell=tell) as archive,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as bars,
    ):
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.update(tasks[what], completed=done, total=total or None)

        report = check(archive, repair=repair, quick=quick, progress=progress, canonical=canonical, owner=owner)
    if as_json:
        click.echo(json.dumps({"ok": report.ok, **asdict(report)}, ensure_ascii=False, indent=2))
    else:
        _print_report(report, repair)
    sys.exit(0 if report.ok else 2)


def _print_report(report: Report, repair: bool) -> None:
    for finding in report.findings:
        word = "mended" if finding.mended else "trouble" if finding.trouble else "note"
        click.echo(f"{word}: {finding.count} × {finding.what}{': ' + finding.mended if finding.mended else ''}")
        for example in finding.examples:
            click.echo(f"    {example}")
    for line in report.skipped:
        click.echo(f"not checked: {line}")
    counts = ", ".join(f"{number} {what}" for what, number in report.checked.items())
    left = sum(finding.left for finding in report.findings)
    end = (
        "all well"
        if report.ok
        else f"{left} kinds of damage{' are left' if repair else '; --repair mends what it can'}"
    )
    click.echo(f"{counts}: {end}")

"""The command `health`: what is wrong with an archive now, and what was."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.markup import escape

from archive import incidents
from archive.commands.common import archive_option, console_of, reports_trouble
from archive.findings import Finding, Severity, bytes_words
from archive.health import Health
from archive.health import health as look
from archive.incidents import Incident
from archive.postgres import Where
from archive.records import utc_text
from archive.sources import moment_words
from archive.store import Archive

COLOURS = {Severity.BAD: "red", Severity.WARN: "yellow", Severity.NOTE: "dim"}
HISTORY = timedelta(days=90)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--history", is_flag=True, help="Also what went on and what ended in the last ninety days.")
@archive_option
@reports_trouble
def health(as_json: bool, history: bool, folder: Where) -> None:
    """Say what is wrong: sources that fail, froze or fell silent, fields no longer filled, crawls, queue, disk.

    Exit status 0 when nothing is wrong, 1 when something is.
    """
    now = datetime.now(UTC)
    with Archive(folder) as archive:
        found = look(archive.db.conn, now)
        going = incidents.going_on(archive.db.conn)
        past = incidents.ended(archive.db.conn, utc_text(now - HISTORY)) if history else ()
    if as_json:
        told = {"well": found.well, **asdict(found), "incidents": [asdict(one) for one in going]}
        told |= {"history": [asdict(one) for one in past]} if history else {}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(found, console_of())
        if history:
            _print_history(going, past, console_of())
    sys.exit(0 if found.well else 1)


def _print(found: Health, console: Console) -> None:
    console.print(escape(summary(found)), highlight=False, soft_wrap=True)
    for finding in found.findings:
        _print_finding(finding, console)
    room = found.disk
    left = f", enough for {int(room.days_left):,} days" if room.days_left is not None else ""
    console.print(
        f"\n{found.queue.pending:,} pages pending, {found.queue.due:,} of them due; database {bytes_words(room.database)}, "
        f"raw pages {bytes_words(room.raw)}; {bytes_words(room.free)} free{left}",
        highlight=False,
        soft_wrap=True,
    )


def _print_finding(finding: Finding, console: Console) -> None:
    about = f"{finding.source}: " if finding.source else ""
    since = f" (since {moment_words(finding.since)})" if finding.since else ""
    line = f"{finding.severity:>5}  {about}{finding.what}{since}"
    console.print(f"[{COLOURS[finding.severity]}]{escape(line)}[/]", highlight=False, soft_wrap=True)
    console.print(f"       {escape(finding.reason)}", highlight=False, soft_wrap=True)


def _print_history(going: Sequence[Incident], past: Sequence[Incident], console: Console) -> None:
    console.print("\nIncidents of the last ninety days" if going or past else "\nNo incident in the last ninety days.")
    for one in (*going, *past):
        until = f"to {moment_words(one.ended_at)}" if one.ended_at else "and going on"
        about = f"{one.source}: " if one.source else ""
        line = f"{one.severity:>5}  {moment_words(one.started_at)} {until}  {about}{one.what}. {one.reason}"
        console.print(escape(line), highlight=False, soft_wrap=True)


def summary(found: Health) -> str:
    """The look in a sentence."""
    wrong = sum(finding.severity is not Severity.NOTE for finding in found.findings)
    say = "Nothing is wrong." if not wrong else "1 thing is wrong." if wrong == 1 else f"{wrong} things are wrong."
    sources = "1 source" if found.looked == 1 else f"{found.looked} sources"
    return f"{say} {sources} of {found.sources} answered in the last day; {found.stored_today} articles stored today."

"""The command `notify`: do messages arrive, and what became of the latest."""

from __future__ import annotations

import sys

import click

from archive.commands.common import archive_option, console_of, reports_trouble
from archive.outbox import Outbox
from archive.postgres import Where
from archive.sources import moment_words
from archive.store import Archive
from crawler.errors import SettingError

SHOWN = 20
SUBJECT, BODY = "Kiosque: a test", "This message was asked for. Incidents, watches and the digest will come this way."


@click.command()
@click.option("--test", is_flag=True, help="Send a test message to every channel of NOTIFY.")
@archive_option
@reports_trouble
def notify(test: bool, folder: Where) -> None:
    """Tell what became of the latest messages; with --test, send one to every channel.

    Exit status 1 when a channel did not take the test, or there is no channel.
    """
    from crawler.notifying import channels_of, send  # late: they bring the whole crawler
    from crawler.runtime import settings_of_project

    try:
        channels = channels_of(settings_of_project().get("NOTIFY", ""))
    except SettingError as error:
        raise click.UsageError(str(error)) from error
    if test:
        failed = 0
        for channel in channels:
            said = send(channel, SUBJECT, BODY)
            failed += bool(said)
            click.echo(f"{channel.label}: {said or 'sent'}")
        if not channels:
            click.echo("there is no channel: set NOTIFY, or KIOSQUE_NOTIFY", err=True)
        sys.exit(int(bool(failed) or not channels))
    labels = {channel.key: channel.label for channel in channels}
    click.echo(f"channels: {', '.join(labels.values()) or 'none'}")
    console = console_of()
    with Archive(folder) as archive:
        for one in Outbox(archive.db).states(SHOWN):
            if one.sent_at is not None:
                state = f"sent {moment_words(one.sent_at)}"
            elif one.next_try_at is not None:
                state = f"waits for {moment_words(one.next_try_at)}"
            else:
                state = "not sent"
            line = f"{moment_words(one.written_at)}  {labels.get(one.channel, one.channel[:4])}  {state}  {one.subject}"
            console.print(line, one.error, highlight=False, soft_wrap=True, markup=False)

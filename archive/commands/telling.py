"""Commands about stories: story, stories, copies."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from itertools import islice

import click
from rich.markup import escape
from rich.table import Table

from archive.commands.common import archive_option, console_of, reports_trouble
from archive.copies import Copy, Story
from archive.postgres import Where
from archive.store import Archive


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@archive_option
@reports_trouble
def story(number: int, as_json: bool, folder: Where) -> None:
    """Show a story: who had it first, who wrote it as far as can be told, and every copy in the order of appearance.

    Exit status 1 when there is no such story.
    """
    with Archive(folder) as archive:
        found = archive.story(number)
        if found is None:
            click.echo(f"there is no story {number}", err=True)
            sys.exit(1)
        members = archive.story_members(found.id)
    if as_json:
        click.echo(
            json.dumps({**asdict(found), "members": [asdict(one) for one in members]}, ensure_ascii=False, indent=2)
        )
        return
    console = console_of()
    console.print(f"[bold]{escape(found.title)}[/]", highlight=False, soft_wrap=True)
    for line in _facts(found):
        console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(_table(members))


@click.command()
@click.option("--source", metavar="SLUG", help="Only stories that this source has.")
@click.option("--since", metavar="DATE", help="First published on or after, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="First published on or before, YYYY-MM-DD.")
@click.option("--outlets", type=click.IntRange(1), default=2, show_default=True, help="That at least so many have.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
@reports_trouble
def stories(
    source: str | None, since: str | None, until: str | None, outlets: int, limit: int, as_json: bool, folder: Where
) -> None:
    """List stories by the time of their first publication. Exit status 1 when there is none."""
    none = True
    with Archive(folder) as archive:
        _known(archive, source)
        for found in islice(archive.stories(source=source, since=since, until=until, outlets=outlets), limit):
            none = False
            if as_json:
                click.echo(json.dumps(asdict(found), ensure_ascii=False))
                continue
            click.echo(f"{found.id}  {found.first_published_at}  {found.first_source}  {found.sources} outlets")
            click.echo(f"  {found.title}")
    if none:
        click.echo("no stories", err=True)
    sys.exit(1 if none else 0)


@click.command()
@click.option("--source", required=True, metavar="SLUG", help="The source whose articles are asked for.")
@click.option("--first/--later", "first", default=None, help="Only those that it had first, or that others had before.")
@click.option("--since", metavar="DATE", help="Published on or after, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="Published on or before, YYYY-MM-DD.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
@reports_trouble
def copies(
    source: str, first: bool | None, since: str | None, until: str | None, limit: int, as_json: bool, folder: Where
) -> None:
    """List the articles of a source that other outlets have too, the latest first. Exit status 1 when there is none."""
    none = True
    with Archive(folder) as archive:
        _known(archive, source)
        for one in islice(archive.copies(source, since=since, until=until, first=first), limit):
            none = False
            if as_json:
                click.echo(json.dumps(asdict(one), ensure_ascii=False))
                continue
            said = "first" if one.first else f"after {one.first_source}"
            click.echo(f"{one.published_at}  story {one.story_id}  {said}  {one.sources} outlets")
            click.echo(f"  {one.article_id}  {one.title}")
            click.echo(f"  {one.shared:.0%} of it is shared, {one.added} words are its own  {one.url}")
    if none:
        click.echo("no copies", err=True)
    sys.exit(1 if none else 0)


def _known(archive: Archive, source: str | None) -> None:
    if source and not archive.knows_source(source):
        raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")


def _facts(found: Story) -> list[str]:
    lines = [
        f"story {found.id}: {len(found.articles)} articles of {found.sources} outlets, "
        f"{found.first_published_at} to {found.last_published_at}",
        f"first: {found.first_source}",
    ]
    if found.origin:
        why = {"source": "its own site has it", "agency": "credited", "first": "nobody had it before"}
        lines.append(f"origin: {found.origin} ({why[found.origin_from]}; confidence {found.confidence:.2f})")
    return lines


def _table(members: list[Copy]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name, justify in (("published", "left"), ("source", "left"), ("shared", "right"), ("added", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("article", overflow="fold")
    for one in members:
        table.add_row(
            one.published_at,
            escape(one.source),
            f"{one.shared:.0%}",
            str(one.added),
            escape(f"{one.article_id} {one.title}"),
        )
    return table

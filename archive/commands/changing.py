"""Commands about what changed in an archive: diff, changes."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice

import click

from archive.changes import Kind
from archive.commands.common import archive_option, reports_trouble
from archive.commands.reading import by_url
from archive.difference import Piece
from archive.holdings import LARGEST
from archive.postgres import Where
from archive.revisions import Change, Difference
from archive.store import Archive

COLOURS = {"-": ("\x1b[31;9m", "\x1b[0m"), "+": ("\x1b[32;1m", "\x1b[0m"), "=": ("", "")}
SIGNS = {"-": ("[-", "-]"), "+": ("{+", "+}"), "=": ("", "")}
AROUND = 1  # unchanged paragraphs shown before and after those that changed
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
STRONG = re.compile(r"[^\W\d_]")
ISOLATE, END, RIGHT_MARK = "\u2068", "\u2069", "\u200f"
CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
DIRECTIONS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


@click.command()
@click.argument("article")
@click.option(
    "--from",
    "before",
    type=click.IntRange(1, LARGEST),
    metavar="N",
    help="The earlier version; by default the one before --to.",
)
@click.option(
    "--to", "after", type=click.IntRange(1, LARGEST), metavar="N", help="The later version; by default the last one."
)
@click.option("--all", "whole", is_flag=True, help="Also the paragraphs that did not change.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the pieces.")
@archive_option
@reports_trouble
def diff(article: str, before: int | None, after: int | None, whole: bool, as_json: bool, folder: Where) -> None:
    """Show what changed between two versions of an article (its id or any of its URLs), word by word.

    Removed words stand in [-brackets-], added ones in {+braces+}; on a terminal they are red and green. Exit status 1
    when there are no two versions.
    """
    with Archive(folder) as archive:
        found = archive.article(int(article)) if article.isdecimal() else by_url(archive, article)
        if found is None:
            click.echo(f"there is no article {article}", err=True)
            sys.exit(1)
        difference = archive.diff(found.id, before, after)
    if difference is None:
        click.echo(f"article {found.id} has one version only", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(_record(difference), ensure_ascii=False, indent=2))
        return
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in written(difference, COLOURS if coloured else SIGNS, whole=whole):
        click.echo(line, color=coloured)


@click.command()
@click.option("--since", metavar="DATE", help="Changed on or after, YYYY-MM-DD or a UTC time.")
@click.option("--until", metavar="DATE", help="Changed on or before.")
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only changes of this kind.")
@click.option("--silent", is_flag=True, help="Only those that neither a notice nor a new time of modification told of.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
@reports_trouble
def changes(
    since: str | None,
    until: str | None,
    source: str | None,
    kind: str | None,
    silent: bool,
    limit: int,
    as_json: bool,
    folder: Where,
) -> None:
    """List what changed in articles after they were published, the latest first. Exit status 1 when there is nothing."""
    with Archive(folder) as archive:
        if source and not archive.knows_source(source):
            raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
        found = archive.changes(since=since, until=until, source=source, kind=kind, silent=silent or None)
        none = True
        for change in islice(found, limit):
            none = False
            if as_json:
                click.echo(json.dumps(asdict(change), ensure_ascii=False))
            else:
                click.echo("\n".join(_told(change)) + "\n")
    if none:
        click.echo("nothing changed", err=True)
    sys.exit(1 if none else 0)


def written(difference: Difference, marks: dict[str, tuple[str, str]], *, whole: bool = False) -> Iterator[str]:
    """The lines of a difference, for a terminal or a file."""
    one, other = difference.before, difference.after
    quiet = ", silent" if difference.silent else ""
    yield (
        f"article {difference.article_id}: version {one.version} of {one.captured_at} -> "
        f"version {other.version} of {other.captured_at} ({difference.kind}{quiet})"
    )
    yield ""
    yield from _lines(difference.title, marks)
    if any(piece.op != "=" for piece in difference.summary):
        yield ""
        yield from _lines(difference.summary, marks)
    yield ""
    shown = list(_paragraphs(difference.text))
    changed = [at for at, paragraph in enumerate(shown) if any(piece.op != "=" for piece in paragraph)]
    near = {at + step for at in changed for step in range(-AROUND, AROUND + 1)}
    if not changed:
        yield "(the text is the same)"
    last = -1
    for at, paragraph in enumerate(shown):
        if not whole and at not in near:
            continue
        if at > last + 1:
            yield "  ..."
        last = at
        yield from _lines(paragraph, marks)
    if changed and last < len(shown) - 1:
        yield "  ..."


def _paragraphs(parts: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces by paragraph, each cut at its line ends."""
    paragraph: list[Piece] = []
    for piece in parts:
        head, *rest = piece.text.split("\n")
        for number, text in enumerate([head, *rest]):
            if number:
                yield paragraph
                paragraph = []
            if text:
                paragraph.append(Piece(piece.op, text))
    if paragraph:
        yield paragraph


def _lines(parts: Sequence[Piece], marks: dict[str, tuple[str, str]]) -> Iterator[str]:
    """A paragraph as one line. Where a script runs from right to left, each piece is isolated, so that marks and words
    stay in their order whatever the terminal makes of directions; the text's own marks of direction are dropped."""
    text = "".join(piece.text for piece in parts)
    isolated = RIGHT_TO_LEFT.search(text) is not None
    first = STRONG.search(text)
    line = RIGHT_MARK if isolated and first and RIGHT_TO_LEFT.match(first[0]) else ""
    for piece in parts:
        shown = piece.text.translate(DIRECTIONS).translate(CONTROLS)
        start, end = marks[piece.op]
        line += f"{start}{ISOLATE}{shown}{END}{end}" if isolated and piece.op != "=" else f"{start}{shown}{end}"
    yield line


def _record(difference: Difference) -> dict[str, object]:
    parts = {name: [asdict(piece) for piece in getattr(difference, name)] for name in ("title", "summary", "text")}
    return {
        "article_id": difference.article_id,
        "kind": difference.kind.value,
        "silent": difference.silent,
        "before": asdict(difference.before),
        "after": asdict(difference.after),
        **parts,
    }


def _told(change: Change) -> Iterator[str]:
    facts = [f"words +{change.words_added} -{change.words_removed}"]
    if change.paragraphs_added or change.paragraphs_removed:
        facts.append(f"paragraphs +{change.paragraphs_added} -{change.paragraphs_removed}")
    facts += [word for word, told in (("headline", change.title_changed), ("lead", change.lead_changed)) if told]
    facts += ["silent"] if change.silent else []
    title, before, notice, url = (
        text.translate(DIRECTIONS).translate(CONTROLS)
        for text in (change.title, change.title_before, change.notice, change.url)
    )
    yield f"{change.changed_at}  {change.kind.value:<10}  {change.source}  {', '.join(facts)}"
    yield f"  {change.article_id}  versions {change.from_version} -> {change.to_version}  {title}"
    if change.title_changed:
        yield f"  before: {before}"
    if notice:
        yield f"  notice: {notice}"
    yield f"  {url}"

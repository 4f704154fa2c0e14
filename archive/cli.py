"""`python -m archive`: search, show, count, import, serve. A thin layer over `archive.Archive`.

Exit status: 0 well, 1 nothing found or something left undone, 2 the archive is missing, in use or in trouble.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from archive.backup import back_up
from archive.errors import ArchiveError, QueryError
from archive.statistics import Statistics, statistics
from archive.store import Archive, Article
from crawler.errors import CatalogError

P = ParamSpec("P")
T = TypeVar("T")
MARKS = ("\x02", "\x03")  # around a match; turned into bold once everything else is escaped


def reports_trouble(command: Callable[P, T]) -> Callable[P, T]:
    """Turn errors of the archive into one line and exit status 2, a query that cannot be read into a usage error."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except QueryError as error:
            raise click.UsageError(str(error)) from error
        except CatalogError as error:
            raise click.UsageError(str(error)) from error
        except (ArchiveError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            click.echo(f"kiosque: {error}", err=True)
            sys.exit(2)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The news archive: search it, look at it, import into it, open it in a browser."""


archive_option = click.option(
    "--archive",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    envvar="KIOSQUE_ARCHIVE_DIR",
    default="data",
    show_default=True,
    help="The archive folder.",
)


@cli.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--language", metavar="CODE", help="Only articles in this language, such as fr.")
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--since", metavar="DATE", help="Published on or after, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="Published on or before, YYYY-MM-DD.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@archive_option
@reports_trouble
def search(
    query: tuple[str, ...],
    language: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    as_json: bool,
    folder: Path,
) -> None:
    """Find articles: words, "phrases", -not, OR, prefix*, in any script. Exit status 1 when there is none."""
    with Archive(folder) as archive:
        if source and not archive.knows_source(source):
            raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
        if language:
            language = language.replace("_", "-").partition("-")[0].lower()
        marks = ("", "") if as_json else MARKS
        hits = list(
            archive.search(
                " ".join(query), language=language, source=source, since=since, until=until, limit=limit, marks=marks
            )
        )
    if as_json:
        for hit in hits:
            click.echo(json.dumps(asdict(hit), ensure_ascii=False))
    else:
        console = _console()
        for hit in hits:
            snippet = escape(" ".join(hit.snippet.split())).replace(MARKS[0], "[bold yellow]").replace(MARKS[1], "[/]")
            console.print(f"[bold]{escape(hit.title)}[/]", highlight=False)
            console.print(
                f"  [dim]{hit.id} · {escape(hit.source)} · {hit.language} · {hit.published_at or 'no date'}[/]",
                highlight=False,
            )
            console.print(f"  {snippet}", highlight=False)
            console.print(f"  [dim]{escape(hit.url)}[/]\n", highlight=False, soft_wrap=True)
        if not hits:
            click.echo("nothing found", err=True)
    sys.exit(0 if hits else 1)


@cli.command()
@click.argument("article")
@click.option("--json", "as_json", is_flag=True, help="All fields as JSON.")
@click.option("--versions", is_flag=True, help="The text of every version.")
@archive_option
@reports_trouble
def show(article: str, as_json: bool, versions: bool, folder: Path) -> None:
    """Show one article by its id or by any of its URLs."""
    with Archive(folder) as archive:
        found = archive.article(int(article)) if article.isdecimal() else _by_url(archive, article)
        if found is None:
            click.echo(f"there is no article {article}", err=True)
            sys.exit(1)
        if as_json:
            record = asdict(found) | {
                "urls": dict(archive.addresses(found.id)),
                "versions": [asdict(v) for v in archive.versions(found.id)],
            }
            click.echo(json.dumps(record, ensure_ascii=False, indent=2))
            return
        console = _console()
        _print_article(console, found)
        for url, kind in archive.addresses(found.id):
            console.print(f"[dim]{kind:>10}  {escape(url)}[/]", soft_wrap=True, highlight=False)
        for version in archive.versions(found.id):
            console.print(
                f"\n[bold]version {version.version}[/] of {version.captured_at}: {escape(version.title)}",
                highlight=False,
            )
            if versions:
                console.print(escape(version.text), soft_wrap=True, highlight=False)


def _by_url(archive: Archive, url: str) -> Article | None:
    """The article of a URL as it is, or as the crawler writes it: without tracking parameters and fragment."""
    from crawler.urls import canonical

    return archive.article(url) or archive.article(canonical(url))


def _print_article(console: Console, article: Article) -> None:
    console.print(f"[bold]{escape(article.title)}[/]\n", highlight=False)
    facts = {
        "source": article.source,
        "published": article.published_at,
        "as written": article.published_raw,
        "modified": article.modified_at,
        "authors": ", ".join(article.authors),
        "editors": ", ".join(article.editors),
        "agency": article.agency,
        "dateline": article.dateline,
        "section": article.section,
        "language": article.language,
        "tags": ", ".join(article.tags),
        "withdrawn": article.withdrawn_at,
        "words": str(article.word_count),
    }
    for name, value in facts.items():
        if value:
            origin = article.provenance.get("published_at" if name == "published" else name, "")
            console.print(
                f"[dim]{name:>10}[/]  {escape(value)}[dim]{'  by ' + origin if origin else ''}[/]", highlight=False
            )
    console.print(f"\n{escape(article.text)}\n", soft_wrap=True, highlight=False)


@cli.command()
@click.option("--json", "as_json", is_flag=True)
@archive_option
@reports_trouble
def stats(as_json: bool, folder: Path) -> None:
    """Count what the archive holds: articles by source and language, pages by outcome, sizes."""
    with Archive(folder) as archive:
        found = statistics(archive)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        _print_statistics(found, _console())


def _print_statistics(found: Statistics, console: Console) -> None:
    span = f", published {found.first_published} to {found.last_published}" if found.first_published else ""
    console.print(
        f"{found.articles} articles in {found.versions} versions of {found.sources} sources{span}", highlight=False
    )
    size = f"database {found.database_bytes / 1e6:.1f} MB, raw pages {found.raw_bytes / 1e6:.1f} MB in {found.captures} captures"
    console.print(size + f"; {found.pending} pages pending", highlight=False)
    for title, counts in (
        ("by language", found.languages),
        ("by outcome", found.outcomes),
        ("by source", found.by_source),
    ):
        if not counts:
            continue
        console.print(f"\n[bold]{title}[/]")
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column()
        table.add_column(justify="right")
        for name, count in counts.items():
            table.add_row(escape(name) or "unknown", str(count))
        console.print(table)


@cli.command("import-warc")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@archive_option
@reports_trouble
def import_warc(files: tuple[Path, ...], folder: Path) -> None:
    """Import the HTML responses of WARC files; what is in the archive already is passed over."""
    from crawler.extraction.pool import prepare  # the one place where the archive calls the crawler: to extract

    prepare()  # before the rest is imported, which takes a second
    from crawler.imports import import_files

    counts = import_files(folder, files, _console(stderr=True))
    said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "no HTML responses"
    click.echo(f"imported: {said}")
    sys.exit(1 if not counts or counts["damaged_file"] else 0)


@cli.command()
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--since", metavar="DATE", help="Only articles first seen on or after, YYYY-MM-DD.")
@click.option("--dry-run", is_flag=True, help="Show what would change, field by field, and write nothing.")
@archive_option
@reports_trouble
def reextract(source: str | None, since: str | None, dry_run: bool, folder: Path) -> None:
    """Extract stored articles again from their raw pages, with today's rules and what was learned of each source."""
    from crawler.extraction.pool import prepare

    prepare()
    from crawler.reextracting import reextract_articles

    report = reextract_articles(folder, source, since, dry_run=dry_run, console=_console(stderr=True))
    console = _console()
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


@cli.command()
@archive_option
@reports_trouble
def migrate(folder: Path) -> None:
    """Bring an archive of an older version up to date."""
    with Archive(folder, write=True, tell=lambda line: click.echo(line, err=True)):
        click.echo(f"{folder} is up to date")


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@archive_option
@reports_trouble
def backup(target: Path, folder: Path) -> None:
    """Copy the archive to a new folder while it may be in use; raw files that are there already are not copied again."""
    copied = back_up(folder, target)
    click.echo(f"{target}: database, {copied.files} raw files copied, {copied.kept} kept")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@archive_option
@reports_trouble
def serve(host: str, port: int, folder: Path) -> None:
    """Open the archive in a browser, with Datasette."""
    from archive.web.serve import serve as run

    run(folder, host=host, port=port)


@cli.command("import-opml")
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


@cli.command("export-opml")
@click.option(
    "--source", "what", default="", metavar="WHAT", help="Slugs, globs, country:fr, language:ar, with commas."
)
@reports_trouble
def export_opml(what: str) -> None:
    """Print the catalogue's feeds as OPML 2.0, for a feed reader."""
    from crawler.exchange import opml_of_catalog

    sys.stdout.buffer.write(opml_of_catalog(what))


def _console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr) if stream.isatty() else Console(stderr=stderr, width=120)

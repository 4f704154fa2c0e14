"""Commands that look into an archive: search, show, stats, serve."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from archive.commands.common import archive_option, console_of, reports_trouble
from archive.holdings import Article
from archive.postgres import Where, folder_at
from archive.search import ORDERS
from archive.statistics import Statistics, statistics
from archive.store import Archive

MARKS = ("\x02", "\x03")  # around a match; turned into bold once everything else is escaped


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--language", metavar="CODE", help="Only articles in this language, such as fr.")
@click.option("--source", metavar="SLUG", help="Only articles of this source.")
@click.option("--since", metavar="DATE", help="Published on or after, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="Published on or before, YYYY-MM-DD.")
@click.option("--order", type=click.Choice(ORDERS), default=ORDERS[0], show_default=True)
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
    order: str,
    limit: int,
    as_json: bool,
    folder: Where,
) -> None:
    """Find articles: words, "phrases", -not, OR, prefix*, in any script. Exit status 1 when there is none.

    Fields narrow down: title:, source:, lang:, country:, section:, author:, agency:, after:2024-05, before:2024-05-31,
    with -field:value for what is not wanted. A query that begins with a minus goes after --.
    """
    with Archive(folder) as archive:
        if source and not archive.knows_source(source):
            raise click.UsageError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
        if language:
            language = language.replace("_", "-").partition("-")[0].lower()
        marks = ("", "") if as_json else MARKS
        hits = list(
            archive.search(
                " ".join(query),
                language=language,
                source=source,
                since=since,
                until=until,
                order=order,
                limit=limit,
                marks=marks,
            )
        )
    if as_json:
        for hit in hits:
            click.echo(json.dumps(asdict(hit), ensure_ascii=False))
    else:
        console = console_of()
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


@click.command()
@click.argument("article")
@click.option("--json", "as_json", is_flag=True, help="All fields as JSON.")
@click.option("--versions", is_flag=True, help="The text of every version.")
@archive_option
@reports_trouble
def show(article: str, as_json: bool, versions: bool, folder: Where) -> None:
    """Show one article by its id or by any of its URLs."""
    with Archive(folder) as archive:
        found = archive.article(int(article)) if article.isdecimal() else by_url(archive, article)
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
        console = console_of()
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


def by_url(archive: Archive, url: str) -> Article | None:
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


@click.command()
@click.option("--json", "as_json", is_flag=True)
@archive_option
@reports_trouble
def stats(as_json: bool, folder: Where) -> None:
    """Count what the archive holds: articles by source and language, pages by outcome, sizes."""
    with Archive(folder) as archive:
        found = statistics(archive)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        _print_statistics(found, console_of())


def _print_statistics(found: Statistics, console: Console) -> None:
    span = f", published {found.first_published} to {found.last_published}" if found.first_published else ""
    console.print(
        f"{found.articles} articles in {found.versions} versions of {found.sources} sources{span}", highlight=False
    )
    size = f"database {found.database_bytes / 1e6:.1f} MB, raw pages {found.raw_bytes / 1e6:.1f} MB in {found.captures} captures"
    console.print(size + f"; {found.pending} pages pending", highlight=False)
    if found.unverified:
        console.print(f"certificates not verified (verify_tls = false): {', '.join(found.unverified)}", highlight=False)
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


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its first line is the password that readers need; also KIOSQUE_WEB_PASSWORD.",
)
@click.option(
    "--allow-host", "names", multiple=True, metavar="NAME", help="A host name to answer to, as behind a proxy."
)
@click.option("--sql/--no-sql", default=None, help="SQL of the reader's own; by default here and with a password.")
@click.option("--saving/--no-saving", default=None, help="Searches kept under a name; by default the same.")
@click.argument("shards", metavar="[SHARD]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@archive_option
@reports_trouble
def serve(
    shards: tuple[Path, ...],
    host: str,
    port: int,
    password_file: Path | None,
    names: tuple[str, ...],
    sql: bool | None,
    saving: bool | None,
    folder: Where,
) -> None:
    """Open the archive in a browser, with Datasette; or shards of it (files, or folders of them), searched as one."""
    from archive.web.serve import serve as run

    if not shards:
        folder = folder_at(
            folder,
            "Datasette reads SQLite files; search an archive on PostgreSQL with `python -m archive search`, or make shards of"
            " it with `python -m archive shard` and serve these",
        )
    password = os.environ.get("KIOSQUE_WEB_PASSWORD")
    if password_file is not None:
        password = password_file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    run(Path(folder), shards, host=host, port=port, password=password, names=names, sql=sql, saving=saving)

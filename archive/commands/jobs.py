"""The command for bulk work that workers share: `jobs`; and how `import-warc --jobs` and `reextract --jobs` leave it to them."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from archive.commands.common import archive_option, console_of, reports_trouble
from archive.errors import ArchiveError
from archive.jobs import Jobs
from archive.postgres import Place, Where, place_of
from archive.records import utc_text
from archive.store import Archive

if TYPE_CHECKING:
    from archive.postgres.files import File, Files

SHOWN = 20  # files that failed, or that ended with something to tell


@click.command()
@click.option("--work", is_flag=True, help="Be a worker: take files until told to stop.")
@click.option("--once", is_flag=True, help="With --work: until no file is left.")
@click.option("--retry", is_flag=True, help="Let files that failed be taken again, from where they were.")
@click.option(
    "--forget", is_flag=True, help="Take what is done, or failed, off the list; nothing in the archive changes."
)
@click.option("--all", "everything", is_flag=True, help="Each file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@archive_option
@reports_trouble
def jobs(work: bool, once: bool, retry: bool, forget: bool, everything: bool, as_json: bool, folder: Where) -> None:
    """Bulk work: what is done, under way, waiting and failed, at what rate, and who is at what.

    Exit status 1 when a file failed. Of an archive in a folder: the jobs that were interrupted and go on when they are begun again.
    """
    if once and not work:
        raise click.UsageError("--once goes with --work")
    if work and (retry or forget or everything or as_json):
        raise click.UsageError("--work goes with --once only")
    place = place_of(folder)
    if place is None:
        if work or retry or forget:
            raise ArchiveError(
                f"{folder}: only an archive on PostgreSQL has workers; without --jobs, one process does it all"
            )
        _interrupted(folder, as_json)
        return
    if work:
        _work(folder, place, once)
        return
    with Archive(folder):
        pass  # there is one: nothing is made in a database that was meant for something else
    files = _files(folder, place)
    if retry:
        click.echo(f"{files.retry()} files wait to be taken again")
    if forget:
        click.echo(f"{files.forget()} files forgotten")
    if not retry and not forget:
        _show(files.all(), everything, as_json)


def ask_import(where: Where, names: Sequence[str], again: bool) -> None:
    """Have files imported by workers. Raises ArchiveError."""
    from crawler.filelists import size_of
    from crawler.workers.onefile import IMPORT

    place = _on_postgresql(where)
    with Archive(where, write=True, shared=True):
        pass  # the tables are there, and up to date
    # an import takes what is not there: a better extractor is `reextract`'s
    count = _files(where, place).add(IMPORT, [(name, size_of(name)) for name in names], {}, "", again=again)
    click.echo(f"{count} of {len(names)} files are left to workers; the others are done or under way")


def ask_reextract(where: Where, source: str | None, since: str | None, again: bool) -> None:
    """Have the pages of articles extracted again by workers, a raw file each. Raises ArchiveError."""
    from crawler.extraction.version import version
    from crawler.reextract import checked, raw_files
    from crawler.workers.onefile import REEXTRACT

    place = _on_postgresql(where)
    with Archive(where) as archive:
        since = checked(archive, source, since)
        named = raw_files(archive, source, since)
    choice = {"source": source, "since": since}
    count = _files(where, place).add(REEXTRACT, named, choice, version(), again=again)
    click.echo(f"{count} of {len(named)} raw files are left to workers; the others are done or under way")


def _on_postgresql(where: Where) -> Place:
    place = place_of(where)
    if place is None:
        raise ArchiveError(
            f"{where}: only an archive on PostgreSQL has workers; without --jobs, this process does it all"
        )
    return place


def _files(where: Where, place: Place) -> Files:
    from archive.postgres.files import Files
    from crawler.workers.app import make_app

    make_app(where, {})  # its tables
    return Files(place)


def _work(where: Where, place: Place, once: bool) -> None:
    from crawler.extraction.pool import prepare

    prepare()
    from crawler.workers.bulk import work_in

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")  # fmt: skip
    for noisy in ("procrastinate", "trafilatura", "htmldate", "asyncio", "filelock"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def stopping(stop: asyncio.Event) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)

    work_in(where, place, console_of(stderr=True), once=once, stopping=stopping)


# -- showing ---------------------------------------------------------------------------------------------------------


def _show(files: Sequence[File], everything: bool, as_json: bool) -> None:
    kinds = {
        kind: _sums([file for file in files if file.kind == kind]) for kind in sorted({file.kind for file in files})
    }
    running = [file for file in files if file.state == "running"]
    failed = [file for file in files if file.state == "failed"]
    told = [file for file in files if file.state == "done" and file.reason]
    if as_json:
        shown = files if everything else [*running, *failed]
        click.echo(json.dumps({"kinds": kinds, "files": [_record(file) for file in shown]}, ensure_ascii=False))
    else:
        _print(kinds, list(files) if everything else [*running, *failed[:SHOWN], *told[:SHOWN]])
        if len(failed) > SHOWN and not everything:
            click.echo(f"... and {len(failed) - SHOWN} more that failed; --all shows each")
    sys.exit(1 if failed else 0)


def _sums(files: Sequence[File]) -> dict[str, object]:
    states = Counter(file.state for file in files)
    outcomes: Counter[str] = sum((file.outcomes for file in files), Counter())
    running = [file for file in files if file.state == "running"]
    return {
        "files": len(files),
        **{state: states[state] for state in ("done", "running", "waiting", "failed")},
        "pages": sum(file.pages for file in files),
        "outcomes": dict(sorted(outcomes.items())),
        "pages_per_second": round(sum(file.rate for file in running), 1),
        "gone": sum(file.gone for file in files),
        "size": sum(file.size for file in files),
    }


def _record(file: File) -> dict[str, object]:
    moments = {name: moment and utc_text(moment) for name, moment in asdict(file).items() if name.endswith("_at")}
    return {
        **asdict(file),
        **moments,
        "outcomes": dict(sorted(file.outcomes.items())),
        "pages_per_second": round(file.rate, 1),
    }


def _print(kinds: dict[str, dict[str, object]], files: Sequence[File]) -> None:
    console = console_of()
    if not kinds:
        console.print("no bulk work was asked for: import-warc --jobs, reextract --jobs", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    columns = ("files", "done", "running", "waiting", "failed", "pages", "pages_per_second")
    for name in ("", *columns, "of it"):
        table.add_column(name.replace("pages_per_second", "pages/s"), justify="left" if not name else "right")
    for kind, sums in kinds.items():
        gone, size = int(str(sums["gone"])), int(str(sums["size"]))
        share = f"{100 * gone / size:.0f} %" if size else ""
        table.add_row(kind, *(str(sums[name]) for name in columns), share)
    console.print(table)
    for kind, sums in kinds.items():
        said = ", ".join(f"{name} {count}" for name, count in dict(sums["outcomes"]).items())  # type: ignore[call-overload]
        console.print(f"{kind}: {said or 'no page yet'}", highlight=False, soft_wrap=True)
    now = datetime.now(UTC)
    for file in files:
        console.print(escape(_line(file, now)), highlight=False, soft_wrap=True)


def _line(file: File, now: datetime) -> str:
    share = f", {100 * file.gone / file.size:.0f} %" if file.size and file.state != "done" else ""
    line = f"{file.state} {file.name}: {file.pages} pages{share}"
    if file.state == "running" and file.begun_at and file.moved_at:
        since, silent = utc_text(file.begun_at), (now - file.moved_at).total_seconds()
        line += f", {file.rate:.1f}/s, by {file.worker} since {since}, last commit {silent:.0f} s ago"
    if file.taken > 1:
        line += f", taken {file.taken} times"
    return f"{line}: {file.reason}" if file.reason else line


def _interrupted(where: Where, as_json: bool) -> None:
    with Archive(where) as archive:
        begun = Jobs(archive.db).begun()
    if as_json:
        click.echo(json.dumps({"jobs": [asdict(job) for job in begun]}))
        return
    for job in begun:
        click.echo(f"{job.name}: begun {job.started_at}, done up to article {job.position}")
    if not begun:
        click.echo("no job is under way, and none was interrupted")

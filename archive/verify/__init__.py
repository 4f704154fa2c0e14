"""Whether an archive is sound: the database, the ledger, captures against raw files, articles against their versions,
addresses and search index. And what is not, mended where it can be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from archive.database import is_being_written
from archive.rows import SourceRow
from archive.store import Archive
from archive.verify.articles import check_articles
from archive.verify.bench import Bench
from archive.verify.changes import check_changes
from archive.verify.lost import check_lost
from archive.verify.raw import check_raw
from archive.verify.report import Finding, Report
from archive.verify.rules import ARTICLES, CAPTURED, DOCUMENTS, OPEN_RUNS, PAGES, REFERENCES, RUNS
from archive.verify.search import check_search
from archive.verify.stories import check_stories

MOST_COMPLAINTS = 20  # of SQLite that are told


def verify(
    archive: Archive,
    *,
    repair: bool = False,
    quick: bool = False,
    now: datetime | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    canonical: Callable[[str], str] = lambda url: url,
    owner: Callable[[str], SourceRow | None] = lambda url: None,
) -> Report:
    """Check an archive; with `repair`, for which it must be open for writing, mend what can be mended.

    `quick` leaves out what reads every raw file and every text. `canonical` and `owner` are what the crawler knows of
    URLs: how the ledger writes them, and whose they are.
    """
    bench = Bench(archive, repair, quick, now or datetime.now(UTC), progress, canonical, owner)
    for step in (_database, _rows, check_raw, _ends):
        try:
            step(bench)
        except sqlite3.DatabaseError as error:
            what = f"the database cannot be read to its end: {error}; restore archive.db from a backup"
            bench.report.add(Finding("database", what, 1))
            break
    return bench.report


def _database(bench: Bench) -> None:
    """SQLite's own checks; indexes can be made anew from their tables."""
    bench.progress("database", 0, 0)
    if bench.repair:
        check_search(bench)  # first: its triggers take part in everything that is mended
    complaints = _complaints(bench)
    if complaints and bench.repair:
        with bench.archive.transaction():
            bench.db.execute("REINDEX")
        left = _complaints(bench)
        if not left:
            what = "indexes of the database that are not those of their tables"
            bench.report.add(Finding("database", what, len(complaints), tuple(complaints[:3]), mended="made anew"))
        complaints = left
    # the rules below find and mend these one by one
    complaints = [said for said in complaints if not said.startswith(("CHECK constraint", "NULL value in"))]
    if complaints:
        what = "the database file is damaged; restore archive.db from a backup"
        bench.report.add(Finding("database", what, len(complaints), tuple(complaints[:5])))


def _complaints(bench: Bench) -> list[str]:
    if bench.archive.on_postgresql:
        return []  # what it writes has checksums, and its own tools (pg_amcheck) read all of it
    pragma = "quick_check" if bench.quick else "integrity_check"
    said = [str(row[0]) for row in bench.db.execute(f"PRAGMA {pragma}({MOST_COMPLAINTS})")]
    return [] if said == ["ok"] else said


def _rows(bench: Bench) -> None:
    bench.progress("ledger", 0, 0)
    for table in ("sources", "feeds", "pages", "runs"):
        bench.count(table, table)
    check_lost(bench)
    for rules in (REFERENCES, DOCUMENTS, ARTICLES):
        bench.apply(rules)
    check_articles(bench)
    check_changes(bench)
    check_stories(bench)
    bench.apply(PAGES)
    bench.apply(RUNS)
    if bench.repair or not is_being_written(bench.db, bench.archive.folder):
        bench.apply((OPEN_RUNS,))


def _ends(bench: Bench) -> None:
    """What follows from the rest."""
    bench.apply(CAPTURED)
    if not bench.repair or any(finding.mended for finding in bench.report.findings):
        check_search(bench)
    if bench.archive.on_postgresql:
        return  # such rows cannot be written there
    left = bench.db.execute("PRAGMA foreign_key_check").fetchmany(1000)
    told = {finding.check.partition(".")[0] for finding in bench.report.findings if not finding.mended}
    if rest := [row for row in left if row["table"] not in told and "sources" not in told]:
        examples = tuple(f"{row['table']} {row['rowid']}: no such row in {row['parent']}" for row in rest[:3])
        bench.report.add(Finding("references", "rows that refer to others that are not there", len(rest), examples))


__all__ = ["Finding", "Report", "verify"]

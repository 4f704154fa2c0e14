"""The raw store against the captures: every record that the index names, and every one that it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from sqlite3 import Row

from archive.database import is_being_written
from archive.exchanges import Wishes
from archive.raw import Placed, open_files
from archive.records import utc_text
from archive.verify.bench import Bench
from archive.verify.report import Finding, Tally
from archive.verify.walk import Found, put_aside, walk
from archive.warc import target_of

BATCH = 500  # rows read or written at a time
WITHHELD = ("x-crawl-content-length", "x-crawl-content-encoding")  # what stays of a body that was not to be kept


@dataclass
class _Tallies:
    gone: Tally  # captures whose record is not where they say, or not whole
    differing: Tally  # captures that say something else than their record
    orphans: Tally  # records that no capture names
    damaged: Tally  # parts of files
    unfinished: Tally  # the end of a file at which a process was killed


def check_raw(bench: Bench) -> None:
    """Compare files and index; `quick`: the lengths of the files only."""
    folder = bench.archive.folder
    named = {row[0] for row in bench.db.execute("SELECT DISTINCT warc_file FROM captures")}
    bench.count("captures", "captures")
    there = {path.relative_to(folder).as_posix(): path for path in sorted((folder / "raw").rglob("*.warc.gz"))}
    bench.report.checked["raw files"] = len(there)
    if named and not there:
        what = f"{folder / 'raw'} holds no raw files at all; is its disk there? Nothing is mended before it is"
        bench.report.add(Finding("raw", what, len(named), tuple(sorted(named)[:3])))
        return
    tallies = _Tallies(Tally(), Tally(), Tally(), Tally(), Tally())
    for name in sorted(named - set(there)):
        for rows in _captures(bench, name):
            _drop(bench, rows, tallies, "there is no such file")
    total, done = sum(path.stat().st_size for path in there.values()), 0
    for name, path in there.items():
        size = path.stat().st_size
        try:
            if bench.quick and not bench.repair:
                _lengths(bench, name, size, tallies)
            else:
                _File(bench, name, path, tallies).check(partial(_read_on, bench, done, total))
        except OSError as error:
            bench.report.add(Finding("raw", f"{name} cannot be read: {error}", 1))
        done += size
        bench.progress("raw files", done, total)
    _tell(bench, tallies)


def _read_on(bench: Bench, done: int, total: int, at: int) -> None:
    bench.progress("raw files", done + at, total)


def _tell(bench: Bench, tallies: _Tallies) -> None:
    def done(text: str) -> str:
        return text if bench.repair else ""

    add = bench.report.add
    add(
        tallies.damaged.finding(
            "raw_damaged",
            "parts of raw files that are damaged",
            mended=done("put aside into files of their own, with a record in their place that says so"),
        )
    )
    add(
        tallies.gone.finding(
            "capture_record",
            "captures whose record is missing, cut off, damaged or another's",
            mended=done("led to their record where there is one, else taken out of the index"),
        )
    )
    add(
        tallies.differing.finding(
            "capture_digest",
            "captures that say something else than their record",
            mended=done("brought in line with it"),
        )
    )
    add(
        tallies.orphans.finding(
            "raw_orphan",
            "records that no capture names: fetched just before a crash, or lost by the database",
            trouble=False,
            mended=done("indexed"),
        )
    )
    add(tallies.unfinished.finding(
        "raw_unfinished", "files that end in an unfinished record; the next start cuts it off", trouble=False))  # fmt: skip


def _captures(bench: Bench, name: str) -> Iterator[list[Row]]:
    """Captures of a file in the order of their offsets, in batches."""
    last = (-1, -1)
    while rows := bench.db.execute(
        """SELECT * FROM captures WHERE warc_file = ? AND (warc_offset, id) > (?, ?)
           ORDER BY warc_offset, id LIMIT ?""",
        [name, *last, BATCH],
    ).fetchall():
        yield rows
        last = (rows[-1]["warc_offset"], rows[-1]["id"])


def _lengths(bench: Bench, name: str, size: int, tallies: _Tallies) -> None:
    for row in bench.db.execute(
        "SELECT * FROM captures WHERE warc_file = ? AND warc_offset + warc_length > ?", [name, size]
    ):
        tallies.gone.add(f"{name} at {row['warc_offset']}: {row['url']}: the file ends before it")


def _drop(bench: Bench, rows: list[Row], tallies: _Tallies, why: str) -> None:
    for row in rows:
        tallies.gone.add(f"{row['warc_file']} at {row['warc_offset']}: {row['url']}: {why}")
    if bench.repair:
        with bench.archive.transaction():
            for row in rows:
                bench.db.execute("UPDATE article_versions SET capture_id = NULL WHERE capture_id = ?", [row["id"]])
                bench.db.execute("DELETE FROM captures WHERE id = ?", [row["id"]])


class _File:
    """One file beside its captures."""

    def __init__(self, bench: Bench, name: str, path: Path, tallies: _Tallies) -> None:
        self._bench, self._name, self._path, self._tallies = bench, name, path, tallies
        self._lost: list[tuple[Row, str]] = []  # captures whose record is not where they say, and why
        self._orphans: list[Found] = []
        self._size = path.stat().st_size
        # a crawl may append meanwhile: the file may end in half a record, and hold some that are not committed yet
        self._growing = (
            not bench.repair
            and name in open_files(bench.archive.folder)
            and is_being_written(bench.db, bench.archive.folder)
        )

    def check(self, progress: Callable[[int], None]) -> None:
        """Go through the file once. Raises OSError."""
        captures = (row for rows in _captures(self._bench, self._name) for row in rows)
        row = next(captures, None)
        damaged: list[Found] = []
        for found in walk(self._path):
            while row is not None and row["warc_offset"] < found.offset:
                self._lost.append((row, "no record begins there"))
                row = next(captures, None)
            named = False
            while row is not None and row["warc_offset"] == found.offset:
                named = self._compare(row, found) or named
                row = next(captures, None)
            if found.trouble:
                damaged.append(found)
            elif not named and found.exchange is not None:
                self._orphans.append(found)
            progress(found.end)
        while row is not None:
            if row["warc_offset"] + row["warc_length"] > self._path.stat().st_size:  # else it was appended meanwhile
                self._lost.append((row, "the file ends before it"))
            row = next(captures, None)
        self._damaged(damaged)
        self._settle()

    def _compare(self, row: Row, found: Found) -> bool:
        """Does the record at the place of a capture belong to it?"""
        if found.trouble or found.exchange is None:
            self._lost.append((row, found.trouble or f"a {found.kind} record"))
            return False
        exchange = found.exchange
        if (
            exchange.url not in (row["url"], target_of(row["url"]))
            or utc_text(exchange.fetched_at) != row["fetched_at"]
        ):
            self._lost.append((row, f"the record of {exchange.url} stands there"))
            return False
        said = (row["digest"], row["warc_length"], row["http_status"], row["record"])
        if said != (found.digest, found.end - found.offset, exchange.status, found.kind):
            self._tallies.differing.add(f"{self._name} at {found.offset}: {row['url']}")
            if self._bench.repair:
                self._lead(row, found)
        return True

    def _lead(self, row: Row, found: Found) -> None:
        """Have a capture say what its record says."""
        assert found.exchange is not None
        with self._bench.archive.transaction():
            self._bench.db.execute(
                """UPDATE captures SET warc_offset = ?, warc_length = ?, digest = ?, http_status = ?, record = ?
                   WHERE id = ?""",
                [
                    found.offset,
                    found.end - found.offset,
                    found.digest,
                    found.exchange.status,
                    found.kind,
                    row["id"],
                ],
            )

    def _damaged(self, damaged: list[Found]) -> None:
        folder = self._bench.archive.folder
        for found in damaged:
            if found.end >= self._size and (self._growing or self._name in open_files(folder)):
                if not self._growing:
                    self._tallies.unfinished.add(self._name)
                continue
            self._tallies.damaged.add(
                f"{self._name}: {found.end - found.offset} bytes at {found.offset}: {found.trouble}"
            )
            if not self._bench.repair:
                continue
            put_aside(self._path, found)

    def _settle(self) -> None:
        """Bring captures that lost their record and records without a capture together; drop and index the rest."""
        bench, tallies = self._bench, self._tallies
        of_record = {
            (found.exchange.url, utc_text(found.exchange.fetched_at), found.digest): found
            for found in self._orphans
            if found.exchange is not None
        }
        for row, why in self._lost:
            keys = [(url, row["fetched_at"], row["digest"]) for url in (row["url"], target_of(row["url"]))]
            found = next((of_record.pop(key) for key in keys if key in of_record), None)
            if found is None or not bench.repair:
                _drop(bench, [row], tallies, why)
                continue
            tallies.gone.add(f"{self._name} at {row['warc_offset']}: {row['url']}: {why}")
            self._lead(row, found)
        if self._growing:
            return  # fetched, and not committed yet
        left = list(of_record.values())
        for at in range(0, len(left), BATCH):
            self._index(left[at : at + BATCH])

    def _index(self, records: list[Found]) -> None:
        bench = self._bench
        for found in records:
            assert found.exchange is not None
            self._tallies.orphans.add(f"{self._name} at {found.offset}: {found.exchange.url}")
        if not bench.repair:
            return
        with bench.archive.transaction():
            for found in records:
                _add(bench, self._name, found)


def _add(bench: Bench, name: str, found: Found) -> None:
    """Index a record under the page or the feed of its URL."""
    exchange = found.exchange
    assert exchange is not None
    if (
        found.kind == "revisit"
        and not bench.db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND digest = ? AND record = 'response'", [exchange.url, found.digest]
        ).fetchone()
    ):
        return  # nothing is left of what it refers to
    withheld = found.empty and any(key.lower() in WITHHELD for key, _ in exchange.headers)
    page = bench.db.execute(
        "SELECT id FROM pages WHERE url IN (?, ?)", [exchange.url, bench.canonical(exchange.url)]
    ).fetchone()
    feed = None if page else bench.db.execute("SELECT id FROM feeds WHERE url = ?", [exchange.url]).fetchone()
    bench.archive.captures.add(
        replace(exchange, wishes=Wishes(withheld=withheld)),
        Placed(name, found.offset, found.end - found.offset, found.digest, found.kind),
        page_id=page and page["id"],
        feed_id=feed and feed["id"],
    )

"""A frozen corpus: the articles that a query finds, with their versions, raw records and a manifest, in a folder of its own
that another person can verify and open again.

The rows are of one moment; the raw records, which never change, are copied after it, so that a crawl can go on meanwhile.
What is too much to be held stands in a database on the disk until the folder is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.corpus import layout, rows
from archive.corpus.layout import ARTICLES, CAPTURES, INDEX, MANIFEST, NESTED, RAW, README, SOURCES, STORIES, SUMS, Row
from archive.corpus.manifest import Span, manifest_of, readme_of
from archive.corpus.records import LARGEST_FILE, Originals, index_line
from archive.corpus.writing import Folder, Output, RawFiles, digest_of, sealed, sums_of, sync_folder
from archive.errors import ArchiveError, RecordDamaged
from archive.export import Choice
from archive.records import utc_text
from archive.store import Archive

LOST = "the response that it refers to is not in the archive"
LISTED = 1_000  # captures without a record that the manifest lists; captures.jsonl has all
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What became of it."""

    counts: Counter[str]
    bytes: int
    digest: str
    missing: list[Row]  # the first captures without a record, with why


def make_corpus(
    archive: Archive,
    choice: Choice,
    target: Path,
    *,
    now: datetime,
    largest: int = LARGEST_FILE,
    progress: Progress = lambda what, number: None,
) -> Made | None:
    """Make a corpus; None, and no folder, when the choice finds nothing.

    The folder appears under its name when it is whole. Raises ArchiveError when it is there already or cannot be written,
    QueryError for a query that cannot be read.
    """
    if os.path.lexists(target):
        raise ArchiveError(f"{target} is there already; a corpus is not added to")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        (part / RAW).mkdir(parents=True)
        try:
            making = _Making(archive, choice, Folder(part), now, largest, progress)
            made = making.make()
            if made is not None:
                sync_folder(part / RAW)
                sync_folder(part)
                part.rename(target)
                sync_folder(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot write {target}: {error}") from error
    return made


class _Making:
    """One corpus in the making."""

    def __init__(
        self, archive: Archive, choice: Choice, folder: Folder, now: datetime, largest: int, progress: Progress
    ) -> None:
        self._archive, self._choice, self._folder, self._now = archive, choice, folder, now
        self._largest, self._progress = largest, progress
        self._conn = archive.db.conn
        self.counts: Counter[str] = Counter(dict.fromkeys(layout.COUNTED, 0))
        self._sources: Counter[str] = Counter()  # of the articles
        self._tallies: dict[str, Counter[str]] = {"languages": Counter(), "extractors": Counter()}
        self._span = Span()
        self._missing: list[Row] = []

    def make(self) -> Made | None:
        """Write every file."""
        notes = self._folder.path / "notes.db"
        with closing(sqlite3.connect(notes, isolation_level=None)) as self._notes:
            self._notes.executescript(_NOTES)
            with rows.snapshot(self._conn):
                self._write_articles()
                if not self.counts["articles"]:
                    return None
                sources = self._write_sources()
                self._write_stories()
            self._write_captures()
            self._write_index()
        notes.unlink()
        return self._seal(sources)

    # -- rows --------------------------------------------------------------------------------------------------------

    def _write_articles(self) -> None:
        with self._folder.writing(ARTICLES) as output:
            for found in self._choice.articles(self._archive):
                row = rows.article(self._conn, found.id)
                self._write_line(output, row, f"article {found.id}")
                self._count(row)
                for capture in rows.captures(self._conn, found.id):
                    self._note(capture, found.id, own={page["id"] for page in row["pages"]})

    def _count(self, row: Row) -> None:
        counts = self.counts
        counts["articles"] += 1
        for name in NESTED:
            counts[name] += len(row[name])
        self._sources[row["source"]] += 1
        for page in row["pages"]:
            self._sources[page["source"]] += 0  # named, though it may have no article of its own here
        self._tallies["languages"][row["language"]] += 1
        self._tallies["extractors"][row["extractor"]] += 1
        self._span.add(row)
        self._notes.execute("INSERT INTO articles (id, story_id) VALUES (?, ?)", [row["id"], row["story_id"]])
        self._progress("articles", counts["articles"])

    def _note(self, capture: Row, article_id: int | None, own: set[int]) -> None:
        """Write down that a capture is to be taken, and with a revisit the one that it refers to."""
        page_id = capture["page_id"] if capture["page_id"] in own else None
        self._notes.execute(
            """INSERT INTO captures (id, article_id, page_id, row) VALUES (?, ?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET article_id = coalesce(article_id, excluded.article_id),
                   page_id = coalesce(page_id, excluded.page_id)""",
            [capture["id"], article_id, page_id, json.dumps(capture)],
        )
        if capture["record"] == "revisit":
            found = list(rows.payloads(self._conn, capture))
            for payload in found:
                self._note(payload, None, own=set())
            if not found:
                self._notes.execute("UPDATE captures SET lost = 1 WHERE id = ?", [capture["id"]])

    def _write_sources(self) -> list[Row]:
        found = []
        with self._folder.writing(SOURCES) as output:
            for row in rows.sources(self._conn, list(self._sources)):
                self._write_line(output, row, f"source {row['slug']}")
                found.append(row)
        self.counts["sources"] = len(found)
        return found

    def _write_stories(self) -> None:
        with self._folder.writing(STORIES) as output:
            for (story_id,) in self._notes.execute(
                "SELECT DISTINCT story_id FROM articles WHERE story_id IS NOT NULL ORDER BY 1"
            ):
                self._write_line(output, rows.story(self._conn, story_id, self._has), f"story {story_id}")
                self.counts["stories"] += 1

    def _has(self, article_id: int) -> bool:
        return self._notes.execute("SELECT 1 FROM articles WHERE id = ?", [article_id]).fetchone() is not None

    def _write_line(self, output: Output, row: Row, what: str) -> None:
        try:
            output.write(layout.line_of(row))
        except layout.CorpusDamaged as error:
            raise ArchiveError(f"{what} is too long for a corpus: {error}") from error

    # -- records -----------------------------------------------------------------------------------------------------

    def _write_captures(self) -> None:
        files = RawFiles(self._folder, self._largest)
        originals = Originals(self._archive.folder)
        try:
            with self._folder.writing(CAPTURES) as output:
                for number, noted in enumerate(self._notes.execute("SELECT * FROM captures ORDER BY id"), 1):
                    row = self._take(noted, originals, files)
                    self._write_line(output, row, f"capture {row['id']}")
                    self.counts["captures"] += 1
                    self._progress("captures", number)
                files.close()
        finally:
            files.drop()
            originals.close()

    def _take(self, noted: Any, originals: Originals, files: RawFiles) -> Row:
        """Copy the record of a capture; gives its line, which says where the record is now, or why there is none."""
        _, article_id, page_id, lost, text = noted
        capture = json.loads(text)
        named = {"article_id": article_id, "page_id": page_id, "missing": LOST if lost else ""}
        try:
            record, request = originals.take(capture)
        except (RecordDamaged, OSError) as error:
            why = error.strerror or "" if isinstance(error, OSError) else str(error)
            named |= {"warc_file": None, "warc_offset": None, "warc_length": None}
            named["missing"] = f"{capture['warc_file']} at {capture['warc_offset']}: {why}"
        else:
            name, offset = files.add(record + request, capture["fetched_at"])
            named |= {"warc_file": name, "warc_offset": offset}
            self.counts["revisits" if capture["record"] == "revisit" else "responses"] += 1
            self.counts["requests"] += bool(request)
        row = {name: named.get(name, capture.get(name)) for name in layout.CAPTURE}
        if row["warc_file"]:
            self._notes.execute("INSERT INTO lines (line) VALUES (?)", [index_line(row)])
        if row["missing"]:
            self.counts["missing"] += 1
            if len(self._missing) < LISTED:
                self._missing.append({name: row[name] for name in ("id", "url", "fetched_at", "missing")})
        return row

    def _write_index(self) -> None:
        with self._folder.writing(INDEX) as output:
            for (line,) in self._notes.execute("SELECT line FROM lines ORDER BY line"):
                output.write(line)

    # -- the end -----------------------------------------------------------------------------------------------------

    def _seal(self, sources: list[Row]) -> Made:
        folder = self._folder
        found = [(row, self._sources[row["slug"]]) for row in sources]
        about = manifest_of(self._choice, self.counts, self._span, found, self._tallies, self._missing)
        folder.write(README, readme_of(about))
        digest = digest_of(folder.seals)
        head = {"format": layout.FORMAT, "format_version": layout.FORMAT_VERSION, "made_at": utc_text(self._now),
                "digest": f"sha256:{digest}"}  # fmt: skip
        text = json.dumps({**head, **about, "files": sealed(folder.seals)}, ensure_ascii=False, indent=2) + "\n"
        folder.write(MANIFEST, text.encode())
        folder.write(SUMS, sums_of(folder.seals))
        size = sum(seal.bytes for seal in folder.seals.values())
        return Made(self.counts, size, f"sha256:{digest}", self._missing)


_NOTES = """
    PRAGMA journal_mode = OFF; -- nobody needs it after a crash
    PRAGMA synchronous = OFF;
    CREATE TABLE articles (id INTEGER PRIMARY KEY, story_id INTEGER);
    CREATE INDEX articles_story ON articles (story_id) WHERE story_id IS NOT NULL;
    CREATE TABLE captures (id INTEGER PRIMARY KEY, article_id INTEGER, page_id INTEGER,
                           lost INTEGER NOT NULL DEFAULT 0, row TEXT NOT NULL);
    CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID;
    BEGIN;
"""

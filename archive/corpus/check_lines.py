"""The lines of a corpus against each other, against the texts that they hold, and against the raw records.

References are compared in a database on the disk that is gone afterwards.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.corpus.layout import (
    ARTICLE,
    ARTICLES,
    CAPTURE,
    CAPTURES,
    INDEX,
    MEMBER,
    NESTED,
    RAW_NAME,
    SOURCE,
    SOURCES,
    STORIES,
    STORY,
    CorpusDamaged,
    Row,
    check,
    open_plain,
    read_lines,
)  # fmt: skip
from archive.corpus.manifest import Manifest
from archive.corpus.records import Record, index_line, walk
from archive.corpus.verdict import Verdict
from archive.likeness import hashes

Progress = Callable[[str, int], None]


def check_lines(
    folder: Path, manifest: Manifest, readable: Collection[str], verdict: Verdict, progress: Progress
) -> None:
    """Look through the files that can be read."""
    with closing(sqlite3.connect("", isolation_level=None)) as notes:  # on the disk, once it is large
        notes.row_factory = sqlite3.Row
        notes.executescript(_NOTES)
        _Lines(folder, manifest, readable, verdict, notes, progress).check()


class _Lines:
    """The lines of a corpus against each other and against the records."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        readable: Collection[str],
        verdict: Verdict,
        notes: sqlite3.Connection,
        progress: Progress,
    ) -> None:
        self._folder, self._manifest, self._readable = folder, manifest, readable
        self._verdict, self._notes, self._progress = verdict, notes, progress
        self._sources: set[str] = set()

    def check(self) -> None:
        """Look through all files."""
        self._each(SOURCES, self._source)
        self._each(ARTICLES, self._article)
        self._each(CAPTURES, self._capture)
        self._each(STORIES, self._story)
        for what, sql in _REFERENCES.items():
            for row in self._notes.execute(sql):
                self._verdict.add(f"{what}: {', '.join(map(str, tuple(row)))}")
        self._check_raw()
        self._check_index()
        said = self._manifest.counts
        for name, number in self._verdict.counts.items():
            if said.get(name) != number:
                self._verdict.add(f"{name}: {number} are there, and the manifest says {said.get(name)}")

    def _each(self, name: str, look: Callable[[Row], None]) -> None:
        """Look at each line; what is wrong with one is no reason not to look at the next, unless no line can be told."""
        if name not in self._readable:
            return
        last = 0
        try:
            with open_plain(self._folder, name) as stream:
                for number, row in enumerate(read_lines(stream), 1):
                    try:
                        look(row)
                        if row["id"] <= last:
                            raise CorpusDamaged("not in the order of the ids")
                        last = row["id"]
                    except (CorpusDamaged, sqlite3.IntegrityError) as error:
                        self._verdict.add(f"{name}, line {number}: {error}")
                    self._progress(name, number)
        except CorpusDamaged as error:
            self._verdict.add(f"{name}, {error}; what follows was not looked at")

    def _source(self, row: Row) -> None:
        check(row, SOURCE)
        self._sources.add(row["slug"])
        self._verdict.counts["sources"] += 1

    def _article(self, row: Row) -> None:
        check(row, ARTICLE, *NESTED)
        counts = self._verdict.counts
        counts["articles"] += 1
        for name, (_, _, spec) in NESTED.items():
            if not isinstance(row[name], list):
                raise CorpusDamaged(f"{name} is no list")
            counts[name] += len(row[name])
            for one in row[name]:
                check(one, spec)
        for one in (row, *row["pages"]):
            if one["source"] not in self._sources:
                raise CorpusDamaged(f"its source {one['source']!r} is not in {SOURCES}")
        self._check_texts(row)
        self._notes.execute("INSERT INTO articles VALUES (?, ?)", [row["id"], row["story_id"]])
        for sql, values in (
            ("INSERT INTO pages VALUES (?, ?)", [(page["id"], page["url"]) for page in row["pages"]]),
            ("INSERT INTO addresses VALUES (?)", [(address["url"],) for address in row["addresses"]]),
            (
                "INSERT INTO versions VALUES (?, ?, ?)",
                [(row["id"], one["version"], one["capture_id"]) for one in row["versions"]],
            ),
        ):
            self._notes.executemany(sql, values)

    def _check_texts(self, row: Row) -> None:
        made, ours = self._manifest.unicode, unicodedata.unidata_version
        hint = "" if made == ours else f" (they were made with Unicode {made}, and are compared with {ours})"
        if hashes(row["title"], row["text"]) != (row["content_hash"], row["text_hash"]):
            raise CorpusDamaged(f"article {row['id']}: its text is not that of its hash{hint}")
        for one in row["versions"]:
            if hashes(one["title"], one["text"])[0] != one["content_hash"]:
                raise CorpusDamaged(
                    f"article {row['id']}, version {one['version']}: its text is not that of its hash{hint}"
                )
        shown = [one["content_hash"] for one in row["versions"] if one["version"] == row["version"]]
        if shown != [row["content_hash"]]:
            raise CorpusDamaged(f"article {row['id']}: the version that it shows is not among its versions")
        if row["url"] not in {address["url"] for address in row["addresses"]}:
            raise CorpusDamaged(f"article {row['id']}: its URL is not among its addresses")

    def _capture(self, row: Row) -> None:
        check(row, CAPTURE)
        self._verdict.counts["captures"] += 1
        self._verdict.counts["missing"] += bool(row["missing"])
        placed = [row[name] is not None for name in ("warc_file", "warc_offset", "warc_length")]
        if row["record"] not in ("response", "revisit") or len(set(placed)) > 1 or not (placed[0] or row["missing"]):
            raise CorpusDamaged(f"capture {row['id']} names neither a record nor why there is none")
        if placed[0] and not RAW_NAME.fullmatch(row["warc_file"]):
            raise CorpusDamaged(f"capture {row['id']} names a file that no corpus has")
        self._notes.execute(
            """INSERT INTO captures VALUES (:id, :article_id, :page_id, :url, :digest, :record, :missing, :warc_file,
                                            :warc_offset, :warc_length, :fetched_at, :http_status, 0)""",
            {name: value for name, value in row.items() if name != "reserved"},
        )
        if placed[0]:
            self._notes.execute("INSERT INTO lines VALUES (?)", [index_line(row)])

    def _story(self, row: Row) -> None:
        check(row, STORY, "aliases", "articles")
        if not isinstance(row["articles"], list) or not isinstance(row["aliases"], list):
            raise CorpusDamaged("articles or aliases is no list")
        self._verdict.counts["stories"] += 1
        for alias in row["aliases"]:
            check({"id": alias}, {"id": "id"})
        self._notes.execute("INSERT INTO stories VALUES (?)", [row["id"]])
        for member in row["articles"]:
            check(member, MEMBER)
            self._notes.execute("INSERT INTO members VALUES (?, ?)", [member["article_id"], row["id"]])

    def _check_raw(self) -> None:
        for number, name in enumerate(sorted(filter(RAW_NAME.fullmatch, self._readable)), 1):
            last: Record | None = None
            try:
                for record in walk(self._folder, name):
                    self._record(name, record, last)
                    last = record
            except CorpusDamaged as error:
                self._verdict.add(str(error))
            self._progress("raw files", number)
        for row in self._notes.execute("SELECT id, url FROM captures WHERE warc_file IS NOT NULL AND NOT seen"):
            self._verdict.add(f"capture {row['id']} of {row['url']}: there is no record where it says")

    def _record(self, name: str, record: Record, last: Record | None) -> None:
        kind = record.head.kind
        if kind == "warcinfo" and record.offset == 0:
            return
        if kind == "request" and last is not None and last.asked_by(record):
            self._verdict.counts["requests"] += 1
            return
        row: Any = self._notes.execute(
            "SELECT * FROM captures WHERE warc_file = ? AND warc_offset = ?", [name, record.offset]
        ).fetchone()
        if row is None:
            self._verdict.add(f"{name} at {record.offset}: a {kind} record that no capture names")
            return
        self._notes.execute("UPDATE captures SET seen = 1 WHERE id = ?", [row["id"]])
        self._verdict.counts["revisits" if kind == "revisit" else "responses"] += 1
        if trouble := record.trouble(row):
            self._verdict.add(f"capture {row['id']} of {row['url']}: {trouble}")

    def _check_index(self) -> None:
        if INDEX not in self._readable:
            return
        expected = self._notes.execute("SELECT line FROM lines ORDER BY line")
        longest = self._notes.execute("SELECT coalesce(max(length(line)), 0) FROM lines").fetchone()[0]
        try:
            with open_plain(self._folder, INDEX) as stream:
                for row in expected:
                    if stream.readline(longest + 1) != row[0]:
                        raise CorpusDamaged(f"{INDEX} is not that of the captures")
                if stream.read(1):
                    raise CorpusDamaged(f"{INDEX} has more lines than there are captures")
        except CorpusDamaged as error:
            self._verdict.add(str(error))


_NOTES = """
    PRAGMA cache_size = -16384; -- KiB
    CREATE TABLE articles (id INTEGER PRIMARY KEY, story_id INTEGER);
    CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
    CREATE TABLE addresses (url TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE versions (article_id INTEGER, version INTEGER, capture_id INTEGER,
                           PRIMARY KEY (article_id, version)) WITHOUT ROWID;
    CREATE TABLE captures (id INTEGER PRIMARY KEY, article_id INTEGER, page_id INTEGER, url TEXT, digest TEXT, record TEXT,
                           missing TEXT, warc_file TEXT, warc_offset INTEGER, warc_length INTEGER, fetched_at TEXT,
                           http_status INTEGER, seen INTEGER, UNIQUE (warc_file, warc_offset));
    CREATE INDEX captures_payload ON captures (url, digest);
    CREATE TABLE stories (id INTEGER PRIMARY KEY);
    CREATE TABLE members (article_id INTEGER PRIMARY KEY, story_id INTEGER);
    CREATE TABLE lines (line BLOB PRIMARY KEY) WITHOUT ROWID;
    BEGIN;
"""
_REFERENCES = {
    "versions whose capture is not there": """SELECT article_id, version FROM versions
        WHERE capture_id IS NOT NULL AND capture_id NOT IN (SELECT id FROM captures)""",
    "captures of a page that is not there": """SELECT id, url FROM captures
        WHERE page_id IS NOT NULL AND page_id NOT IN (SELECT id FROM pages)""",
    "captures of an article that is not there": """SELECT id, url FROM captures
        WHERE article_id IS NOT NULL AND article_id NOT IN (SELECT id FROM articles)""",
    "revisits without the response that they refer to": """SELECT id, url FROM captures r
        WHERE record = 'revisit' AND missing = '' AND NOT EXISTS
            (SELECT 1 FROM captures f WHERE f.url = r.url AND f.digest = r.digest AND f.record = 'response')""",
    "articles of a story that does not name them": """SELECT id, story_id FROM articles a WHERE story_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.article_id = a.id AND m.story_id = a.story_id)""",
    "members of a story that are not its articles": """SELECT article_id, story_id FROM members m
        WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = m.article_id AND a.story_id = m.story_id)""",
}

"""Extract again from the raw pages: what a better extractor or a longer memory makes of stored articles."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from archive import Archive, ArchiveError
from archive.errors import QueryError
from archive.filing import Filing, Sheet
from archive.filters import moment_text
from archive.jobs import Jobs
from crawler.catalog import Catalog
from crawler.encodings import TooLarge
from crawler.extraction.article import NotAnArticle
from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import pages_of
from crawler.extraction.pool import Pool
from crawler.handover import Fetched, page_of
from crawler.memories import Memories
from crawler.offers import entry_of_hint
from crawler.workshop import work_again
from crawler.writer import Writer

log = logging.getLogger(__name__)
AHEAD = 32  # articles in work for each worker: those that wait for the next commit must not keep it idle
TOGETHER = 16  # articles for each worker that are written and noted as done in one job
HASHES = frozenset({"content_hash", "text_hash", "word_count", "provenance"})  # follow from the other fields


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored article with the newest capture of its (first) page."""

    row: dict[str, Any]
    slug: str
    url: str
    hint: dict[str, Any]
    warc_file: str
    warc_offset: int


@dataclass
class Report:
    """What extracting again changed, or would change."""

    articles: int = 0
    changed: int = 0
    left: int = 0  # as they were, see `failures`
    fields: Counter[str] = field(default_factory=Counter)  # field -> articles in which it changed
    failures: Counter[str] = field(default_factory=Counter)  # why an article was left as it is -> number
    examples: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # field -> (article, before, after)


class Bookmark(Protocol):
    """Where a job goes on that was interrupted. `advance` and `finish` are called inside a transaction."""

    def position(self) -> int:
        """The last article that is done; 0 when there is none."""

    def advance(self, position: int) -> None:
        """Everything up to this article is done."""

    def finish(self) -> None:
        """All of it is done."""


class NamedJob:
    """A bookmark in the table `jobs` of the archive."""

    def __init__(self, archive: Archive, source: str | None, since: str | None) -> None:
        self._jobs = Jobs(archive.db)
        self._name = f"reextract source={source or '*'} since={since or '*'}"

    def position(self) -> int:
        """See Bookmark, as the others."""
        if after := self._jobs.position(self._name):
            log.info("going on after article %d", after)
        return after

    def advance(self, position: int) -> None:
        """See Bookmark."""
        self._jobs.advance(self._name, position, datetime.now(UTC))

    def finish(self) -> None:
        """See Bookmark."""
        self._jobs.finish(self._name)


class Reextractor:
    """Goes over stored articles in the order of their ids. `dry_run` writes nothing."""

    def __init__(self, archive: Archive, catalog: Catalog, pool: Pool, writer: Writer, *, dry_run: bool) -> None:
        self._archive = archive
        self._catalog = catalog
        self._pool = pool
        self._writer = writer
        self._memories = Memories(archive)
        self._dry_run = dry_run
        self.report = Report()
        self.stopping = False  # let what is in work end, and begin nothing new

    async def run(
        self,
        source: str | None,
        since: str | None,
        progress: Callable[[int], None],
        file: str | None = None,
        bookmark: Bookmark | None = None,
    ) -> Report:
        """Do all articles of a source (None: of all) first seen since a day, whose page stands in a raw file (None: in any).
        An interrupted run goes on where it was."""
        mark = bookmark or NamedJob(self._archive, source, since)
        after = 0 if self._dry_run else mark.position()
        work: deque[tuple[Stored, asyncio.Task[Sheet | None]]] = deque()
        together = TOGETHER * self._pool.workers
        try:
            for stored in self._stored(source, since, after, file):
                if self.stopping:
                    break
                work.append((stored, asyncio.ensure_future(self._extracted(stored))))
                if len(work) >= AHEAD * self._pool.workers:
                    await self._batch([work.popleft() for _ in range(together)], mark, progress)
            while work:
                await self._batch([work.popleft() for _ in range(min(together, len(work)))], mark, progress)
        finally:
            for _, task in work:
                task.cancel()
            await asyncio.gather(*(task for _, task in work), return_exceptions=True)
        if not self._dry_run and not self.stopping:
            await self._writer.write(mark.finish)
        return self.report

    def count(self, source: str | None, since: str | None) -> int:
        """Number of articles that `run` would go over from the start."""
        row = self._archive.db.execute(
            f"SELECT count(*) FROM ({_SELECT})",  # noqa: S608
            {"source": source, "since": since, "after": 0, "limit": -1, "file": None},
        ).fetchone()
        return int(row[0])

    def _stored(self, source: str | None, since: str | None, after: int, file: str | None) -> Iterator[Stored]:
        while True:
            rows = self._archive.db.execute(
                _SELECT, {"source": source, "since": since, "after": after, "limit": 200, "file": file}
            ).fetchall()
            if not rows:
                return
            for row in rows:
                fields = dict(row)
                yield Stored(
                    fields,
                    fields.pop("slug"),
                    fields.pop("page_url"),
                    json.loads(fields.pop("hint")),
                    fields.pop("warc_file"),
                    fields.pop("warc_offset"),
                )
            after = rows[-1]["id"]

    async def _batch(
        self,
        batch: Sequence[tuple[Stored, asyncio.Task[Sheet | None]]],
        mark: Bookmark,
        progress: Callable[[int], None],
    ) -> None:
        sheets = await asyncio.gather(*(task for _, task in batch))

        def job() -> None:
            self.report.articles += len(batch)
            self.report.left += sheets.count(None)
            for (stored, _), sheet in zip(batch, sheets, strict=True):
                if sheet is not None:
                    self._compare(stored, sheet)
            if not self._dry_run:
                mark.advance(batch[-1][0].row["id"])

        if self._dry_run:
            job()
        else:
            await self._writer.write(job)
        progress(len(batch))

    async def _extracted(self, stored: Stored) -> Sheet | None:
        """What today's extractor makes of the page, or None with the reason counted."""
        source = self._catalog.sources.get(stored.slug)
        known = self._memories.known(stored.row["source_id"])
        hint = entry_of_hint(stored.url, stored.hint) if stored.hint else None
        page = page_of(source, Fetched(stored.url, b"", "", datetime.now(UTC)), hint, known)
        try:
            result = await self._pool.run(work_again, page, self._places(stored))
        except (ArchiveError, ExtractionError, TooLarge) as error:
            log.warning("article %d: %s", stored.row["id"], error)
            self.report.failures["raw page unreadable" if isinstance(error, ArchiveError) else "extraction failed"] += 1
            return None
        if isinstance(result, NotAnArticle):
            self.report.failures[f"no article any more: {result.reason}"] += 1
            return None
        return result

    def _places(self, stored: Stored) -> list[tuple[Path, int]]:
        """Where the pages of an article stand in the raw store. Raises ArchiveError when one is missing."""
        places = [(self._archive.folder / stored.warc_file, stored.warc_offset)]
        for part in range(2, pages_of(json.loads(stored.row["provenance"])) + 1):
            if (place := self._archive.captures.full(stored.row["id"], part)) is None:
                raise ArchiveError(f"there is no capture of its page {part}")
            places.append((self._archive.folder / place[0], place[1]))
        return places

    def _compare(self, stored: Stored, sheet: Sheet) -> None:
        row = stored.row
        filing = Filing(row["source_id"], sheet.draft, (), row["url"], row["last_seen_at"], sheet=sheet)
        fresh = sheet.columns
        changed = [name for name in fresh if name not in HASHES and (fresh[name] or "") != (row[name] or "")]
        if not changed:
            return
        self.report.changed += 1
        for name in changed:
            self.report.fields[name] += 1
            self.report.examples.setdefault(name, (row["id"], str(row[name] or ""), str(fresh[name] or "")))
        if not self._dry_run:
            self._archive.store.correct(row["id"], filing)


def checked(archive: Archive, source: str | None, since: str | None) -> str | None:
    """What articles are chosen by, as `raw_files` and `Reextractor.run` take it; gives `since`. Raises QueryError for a source that
    the archive does not have and for what is no day or time."""
    if source is not None and not archive.knows_source(source):
        raise QueryError(f"there is no source {source!r} in this archive; `stats` lists those with articles")
    return None if since is None else moment_text(since, "since")


def raw_files(archive: Archive, source: str | None, since: str | None) -> list[tuple[str, int]]:
    """The raw files in which the pages of articles stand (see `Reextractor.run`), with the number of articles of each."""
    rows = archive.db.execute(
        f"SELECT warc_file, count(*) AS articles FROM ({_SELECT}) GROUP BY warc_file ORDER BY warc_file",  # noqa: S608
        {"source": source, "since": since, "after": 0, "limit": -1, "file": None},
    ).fetchall()
    return [(row["warc_file"], row["articles"]) for row in rows]


_SELECT = """
    SELECT a.*, s.slug, p.url AS page_url, p.hint, c.warc_file, c.warc_offset
    FROM articles a JOIN sources s ON s.id = a.source_id
    JOIN captures c ON c.id = (
        SELECT c.id FROM captures c JOIN pages p ON p.id = c.page_id
        WHERE p.article_id = a.id AND c.http_status = 200 AND c.record = 'response' AND c.part = 1 AND c.kept
        ORDER BY p.outcome = 'duplicate', c.fetched_at DESC, c.id DESC LIMIT 1)
    JOIN pages p ON p.id = c.page_id
    WHERE a.id > :after AND (:source IS NULL OR s.slug = :source) AND (:since IS NULL OR a.first_seen_at >= :since)
        AND (:file IS NULL OR c.warc_file = :file)
    ORDER BY a.id LIMIT :limit
"""

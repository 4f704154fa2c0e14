"""Extract again from the raw pages: what a better extractor or a longer memory makes of stored articles."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from archive import Archive, ArchiveError
from archive.filing import Filing, columns
from archive.jobs import Jobs
from archive.records import Draft
from crawler.catalog import Catalog
from crawler.encodings import TooLarge
from crawler.extraction.article import NotAnArticle, examine
from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import joined, pages_of
from crawler.extraction.pool import Pool
from crawler.handover import Fetched, page_of, with_canonical_urls
from crawler.listings import entry_of_hint
from crawler.memories import Memories
from crawler.warcfiles import decoded
from crawler.writer import Writer

log = logging.getLogger(__name__)
AHEAD = 4  # articles in work for each worker
HASHES = frozenset(
    {"content_hash", "text_hash", "word_count", "provenance", "extractor"}
)  # follow from the other fields


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
    fields: Counter[str] = field(default_factory=Counter)  # field -> articles in which it changed
    failures: Counter[str] = field(default_factory=Counter)  # why an article was left as it is -> number
    examples: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # field -> (article, before, after)


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

    async def run(self, source: str | None, since: str | None, progress: Callable[[int], None]) -> Report:
        """Do all articles of a source (None: of all) first seen since a day. An interrupted run goes on where it was."""
        name, jobs = f"reextract source={source or '*'} since={since or '*'}", Jobs(self._archive.db)
        after = 0 if self._dry_run else jobs.position(name)
        if after:
            log.info("going on after article %d", after)
        batch: list[Stored] = []
        for stored in self._stored(source, since, after):
            batch.append(stored)
            if len(batch) >= AHEAD * self._pool.workers:
                await self._batch(batch, name, jobs, progress)
                batch = []
        await self._batch(batch, name, jobs, progress)
        if not self._dry_run:
            await self._writer.write(lambda: jobs.finish(name))
        return self.report

    def count(self, source: str | None, since: str | None) -> int:
        """Number of articles that `run` would go over from the start."""
        row = self._archive.db.execute(
            f"SELECT count(*) FROM ({_SELECT})",  # noqa: S608
            {"source": source, "since": since, "after": 0, "limit": -1},
        ).fetchone()
        return int(row[0])

    def _stored(self, source: str | None, since: str | None, after: int) -> Iterator[Stored]:
        while True:
            rows = self._archive.db.execute(
                _SELECT, {"source": source, "since": since, "after": after, "limit": 200}
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

    async def _batch(self, batch: list[Stored], name: str, jobs: Jobs, progress: Callable[[int], None]) -> None:
        if not batch:
            return
        drafts = await asyncio.gather(*(self._extracted(stored) for stored in batch))

        def job() -> None:
            for stored, draft in zip(batch, drafts, strict=True):
                if draft is not None:
                    self._compare(stored, draft)
            if not self._dry_run:
                jobs.advance(name, batch[-1].row["id"], datetime.now(UTC))

        if self._dry_run:
            job()
        else:
            await self._writer.write(job)
        self.report.articles += len(batch)
        progress(len(batch))

    async def _extracted(self, stored: Stored) -> Draft | None:
        """The draft of today's extractor, or None with the reason counted."""
        source = self._catalog.sources.get(stored.slug)
        known = self._memories.known(stored.row["source_id"])
        hint = entry_of_hint(stored.url, stored.hint) if stored.hint else None
        pages: list[Draft] = []
        try:
            for place in self._places(stored):
                exchange = self._archive.raw.read(*place)
                content_type = next((v for k, v in exchange.headers if k.lower() == "content-type"), "")
                fetched = Fetched(exchange.url, decoded(exchange), content_type, exchange.fetched_at)
                result = (await self._pool.run(examine, page_of(source, fetched, hint, known))).result
                if isinstance(result, NotAnArticle):
                    self.report.failures[f"no article any more: {result.reason}"] += 1
                    return None
                pages.append(result)
        except (ArchiveError, ExtractionError, TooLarge) as error:
            log.warning("article %d: %s", stored.row["id"], error)
            self.report.failures["raw page unreadable" if isinstance(error, ArchiveError) else "extraction failed"] += 1
            return None
        return with_canonical_urls(joined(pages))

    def _places(self, stored: Stored) -> list[tuple[str, int]]:
        """Where the raw pages of an article stand, in their order. Raises ArchiveError when one is not there."""
        places = [(stored.warc_file, stored.warc_offset)]
        for part in range(2, pages_of(json.loads(stored.row["provenance"])) + 1):
            place = self._archive.captures.full(stored.row["id"], part)
            if place is None:
                raise ArchiveError(f"no capture of page {part}")
            places.append(place)
        return places

    def _compare(self, stored: Stored, draft: Draft) -> None:
        row = stored.row
        filing = Filing(row["source_id"], draft, (), row["url"], row["last_seen_at"])
        fresh = columns(filing)
        changed = [name for name in fresh if name not in HASHES and (fresh[name] or "") != (row[name] or "")]
        if not changed:
            return
        self.report.changed += 1
        for name in changed:
            self.report.fields[name] += 1
            self.report.examples.setdefault(name, (row["id"], str(row[name] or ""), str(fresh[name] or "")))
        if not self._dry_run:
            self._archive.store.correct(row["id"], filing)


_SELECT = """
    SELECT a.*, s.slug, p.url AS page_url, p.hint, c.warc_file, c.warc_offset
    FROM articles a JOIN sources s ON s.id = a.source_id
    JOIN captures c ON c.id = (
        SELECT c.id FROM captures c JOIN pages p ON p.id = c.page_id
        WHERE p.article_id = a.id AND c.http_status = 200 AND c.record = 'response' AND c.part = 1
        ORDER BY p.outcome = 'duplicate', c.fetched_at DESC, c.id DESC LIMIT 1)
    JOIN pages p ON p.id = c.page_id
    WHERE a.id > :after AND (:source IS NULL OR s.slug = :source) AND (:since IS NULL OR a.first_seen_at >= :since)
    ORDER BY a.id LIMIT :limit
"""

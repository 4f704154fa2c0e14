"""Response records of WARC files into the archive: the same extraction and filing as for a crawl."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive import Archive
from archive.filing import Filing
from archive.raw import Exchange, Placed
from archive.records import utc_text
from archive.rows import Outcome, PageRow, Settlement, SourceRow
from crawler.catalog import Catalog
from crawler.extraction.article import Examined, NotAnArticle, examine
from crawler.extraction.errors import ExtractionError
from crawler.extraction.pool import Pool
from crawler.handover import Fetched, page_of, with_canonical_urls
from crawler.memories import Memories
from crawler.source import Source
from crawler.urls import canonical, host_key, registered_domain
from crawler.warcfiles import Record, TooLarge, WarcFile, decoded
from crawler.writer import Writer

log = logging.getLogger(__name__)
AHEAD = 32  # records in work for each worker: those that wait for the next commit must not keep it idle


class Importer:
    """Imports records into an archive that is open for writing. A record that is there already is passed over, so an
    import that was interrupted goes on where it was."""

    def __init__(self, archive: Archive, catalog: Catalog, pool: Pool, writer: Writer) -> None:
        self._archive = archive
        self._catalog = catalog
        self._pool = pool
        self._writer = writer
        self._memories = Memories(archive)
        self._sources: dict[str, int] = {}  # slug -> id, of those that are committed
        self._in_work: set[tuple[str, str]] = set()
        self._places = asyncio.Semaphore(AHEAD * pool.workers)
        self.outcomes: Counter[str] = Counter()
        self.passed_over: Counter[str] = Counter()
        self.troubles: list[str] = []

    async def run(self, files: Sequence[Path], progress: Callable[[Path, int], None]) -> None:
        """Import files one after another; `progress(file, bytes read)` is called after each record.

        A damaged file is read as far as it goes, and goes into `troubles`. Raises ArchiveError when the archive is.
        """
        for path in files:
            file = WarcFile(path)
            tasks: set[asyncio.Task[None]] = set()
            try:
                for record in file:
                    await self._places.acquire()
                    task = asyncio.ensure_future(self._one(record))
                    tasks.add(task)
                    task.add_done_callback(lambda done: self._places.release())
                    progress(path, record.position)
                    for done in [task for task in tasks if task.done()]:
                        tasks.discard(done)
                        done.result()
                for task in tasks:
                    await task
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            self.passed_over.update(file.passed_over)
            if file.trouble:
                self.troubles.append(file.trouble)
        await self._writer.write(lambda: self._memories.save_all(datetime.now(UTC)))

    async def _one(self, record: Record) -> None:
        exchange = record.exchange
        key = (exchange.url, utc_text(exchange.fetched_at))
        if key in self._in_work or self._known(*key):
            self.outcomes["known"] += 1
            return
        self._in_work.add(key)
        try:
            await self._import(exchange, record.content_type)
        finally:
            self._in_work.discard(key)

    async def _import(self, exchange: Exchange, content_type: str) -> None:
        source = self._catalog.owner(exchange.url)
        result = await self._extracted(exchange, content_type, source)
        # before the job, so that one flush serves a whole batch of them
        placed = self._archive.raw.append(exchange, self._archive.captures.earlier(exchange.url, exchange.digest))
        row = source_row(exchange.url, source)
        outcome, source_id = await self._writer.write(
            lambda: self._file(exchange, placed, row, source is not None, result)
        )
        self._sources[row.slug] = source_id
        self.outcomes[outcome.value] += 1

    async def _extracted(
        self, exchange: Exchange, content_type: str, source: Source | None
    ) -> Examined | Exception:
        row = source_row(exchange.url, source)
        known = self._memories.known(self._sources[row.slug]) if row.slug in self._sources else None
        try:
            fetched = Fetched(exchange.url, decoded(exchange), content_type, exchange.fetched_at)
            return await self._pool.run(examine, page_of(source, fetched, known=known))
        except (ExtractionError, TooLarge) as error:
            return error
        except Exception as error:
            log.exception("%s", exchange.url)
            return error

    def _known(self, url: str, moment: str) -> bool:
        row = self._archive.db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ?", [url, moment]
        ).fetchone()
        return row is not None

    def _file(
        self,
        exchange: Exchange,
        placed: Placed,
        row: SourceRow,
        in_catalog: bool,
        result: Examined | Exception,
    ) -> tuple[Outcome, int]:
        """Inside a write job: everything about one record; gives its outcome and the id of its source."""
        archive, moment = self._archive, exchange.fetched_at
        source_id = self._sources.get(row.slug)
        if source_id is None:
            source_id = archive.ledger.put_source(row, datetime.now(UTC), in_catalog=in_catalog)
        page = archive.ledger.ensure_page(canonical(exchange.url), source_id, moment)
        capture_id = archive.captures.add(exchange, placed, page_id=page.id)
        end = self._end(exchange, page, source_id, result, capture_id)
        archive.ledger.settle(page, end, moment)
        return end.outcome or Outcome.EXTRACTION_FAILED, source_id

    def _end(
        self,
        exchange: Exchange,
        page: PageRow,
        source_id: int,
        result: Examined | Exception,
        capture_id: int,
    ) -> Settlement:
        if isinstance(result, TooLarge):
            return Settlement(Outcome.TOO_LARGE, str(result), 200)
        if isinstance(result, Exception):
            return Settlement(Outcome.EXTRACTION_FAILED, f"{type(result).__name__}: {result}", 200)
        draft = result.result
        if isinstance(draft, NotAnArticle):
            return Settlement(Outcome.NOT_ARTICLE, draft.reason, 200)
        stamp, url = utc_text(exchange.fetched_at), canonical(exchange.url)
        filed = self._archive.store.file(
            Filing(
                source_id=source_id,
                draft=with_canonical_urls(draft),
                requested=tuple(dict.fromkeys((exchange.url, url))),
                final=url,
                captured_at=stamp,
                article_id=page.article_id,
            )
        )
        self._archive.store.set_capture(filed.article_id, filed.version, stamp, capture_id)
        if filed.outcome == Outcome.STORED:
            self._memories.learn(source_id, result.observed, exchange.fetched_at)
        return Settlement(filed.outcome, filed.detail, 200, article_id=filed.article_id)


def source_row(url: str, source: Source | None) -> SourceRow:
    """The row of a source of the catalogue, or, for a host that none of them owns, one named by its registered domain."""
    if source is not None:
        return SourceRow(source.slug, source.name, source.home, source.country, source.language, source.timezone)
    domain = registered_domain(host_key(url))
    return SourceRow(domain, domain, f"{urlsplit(url).scheme}://{domain}/")

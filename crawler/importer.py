"""Response records of WARC files into the archive: the same extraction and filing as for a crawl."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive import Archive, ArchiveError
from archive.errors import RecordDamaged
from archive.filing import Filing
from archive.raw import Exchange, Placed
from archive.records import utc_text
from archive.rows import Outcome, PageRow, Settlement, SourceRow
from crawler.catalog import Catalog
from crawler.extraction.article import NotAnArticle
from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import begins, pages_of
from crawler.extraction.pool import Pool
from crawler.handover import Fetched, page_of
from crawler.memories import Memories
from crawler.source import Source
from crawler.urls import canonical, host_key, registered_domain
from crawler.warcfiles import Record, TooLarge, WarcFile
from crawler.workshop import Worked, unworked, work
from crawler.writer import Writer

log = logging.getLogger(__name__)
AHEAD = 32  # records in work for each worker: those that wait for the next commit must not keep it idle
KNOWN = "known"  # a record that the archive has already
MOST_HELD = 64 << 20  # bytes of records in work; one may have 16 MB, most have 70 KB


class Importer:
    """Imports records into an archive that is open for writing. A record that is there already is passed over, so an
    import that was interrupted goes on where it was."""

    def __init__(self, archive: Archive, catalog: Catalog, pool: Pool, writer: Writer, via: str = "") -> None:
        """`via`: where the records come from, when they are found by going back in time; see archive/backfill.py."""
        self._via = via
        self._archive = archive
        self._catalog = catalog
        self._pool = pool
        self._writer = writer
        self._memories = Memories(archive)
        self._sources: dict[str, int] = {}  # slug -> id, of those that are committed
        self._in_work: set[tuple[str, str]] = set()
        self._places: dict[asyncio.Task[list[str]], int] = {}  # of the records in work, where they stand in the file
        self._ahead: list[tuple[int, list[str]]] = []  # places and outcomes of those that are done
        self._behind: Counter[str] = Counter()  # outcomes of those before the place that was reached
        self._next = 0  # the place of the record that was read last
        self.gone = 0  # bytes of the file that were read
        self.stopping = False  # let what is in work end, and begin nothing new
        self._held = 0  # bytes of the records in work
        self.outcomes: Counter[str] = Counter()
        self.passed_over: Counter[str] = Counter()
        self.troubles: list[str] = []
        self.damaged = 0  # files

    @property
    def reached(self) -> int:
        """The place in the file before which every record is committed."""
        return min(self._places.values(), default=self._next)

    def settled(self) -> tuple[int, Counter[str]]:
        """`reached`, and what became of the records of the file before that place."""
        reached, ahead = self.reached, []
        for place, outcomes in self._ahead:
            if place < reached:
                self._behind.update(outcomes)
            else:
                ahead.append((place, outcomes))
        self._ahead = ahead
        return reached, self._behind.copy()

    async def run(self, files: Sequence[Path], progress: Callable[[Path, int], None], start: int = 0) -> None:
        """Import files one after another, the first from the place `start` on; `progress(file, bytes read)` is called after
        each record.

        What is damaged in a file is left out, and goes into `troubles`. Raises ArchiveError when the archive is.
        """
        for path in files:
            file, start = WarcFile(path, start), 0
            self._ahead.clear()
            self._behind.clear()
            tasks: set[asyncio.Task[list[str]]] = set()
            try:
                for record in file:
                    self._next = record.place
                    if self.stopping:
                        break
                    self.gone = record.position
                    task = asyncio.ensure_future(self._one(record, file))
                    self._places[task] = record.place
                    task.add_done_callback(self._ended)
                    tasks.add(task)
                    self._held += len(record.data)
                    progress(path, record.position)
                    while len(tasks) >= AHEAD * self._pool.workers or (self._held > MOST_HELD and tasks):
                        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                        for task in done:
                            task.result()
                for task in tasks:
                    await task
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            self.passed_over.update(file.passed_over)
            self.troubles.extend(file.troubles)
            self.damaged += bool(file.troubles)
        await self.finish()

    def _ended(self, task: asyncio.Task[list[str]]) -> None:
        if not task.cancelled() and task.exception() is None:  # one that failed is not behind us
            self._ahead.append((self._places.pop(task), task.result()))

    async def _one(self, record: Record, file: WarcFile) -> list[str]:
        """Import a record, or what can be read where it is damaged; gives the outcomes."""
        key = (record.url, utc_text(record.fetched_at))
        try:
            if key in self._in_work or self._known(*key):
                self.outcomes[KNOWN] += 1
                return [KNOWN]
            self._in_work.add(key)
            try:
                return [_named(await self._import(record))]
            except RecordDamaged as error:
                saved = file.salvaged(record, str(error))
            finally:
                self._in_work.discard(key)
            found: list[str] = []
            for one in saved:
                self._held += len(one.data)
                found += await self._one(one, file)
            return found
        finally:
            self._held -= len(record.data)

    async def finish(self) -> None:
        """Keep what was learned of the pages that were taken one by one."""
        await self._writer.write(lambda: self._memories.save_all(datetime.now(UTC)))

    async def take(self, record: Record) -> Outcome | None:
        """Import one record that came by itself; None when the archive has it already. Raises RecordDamaged and
        ArchiveError."""
        if self._known(record.url, utc_text(record.fetched_at)):
            return None
        return await self._import(record)

    async def _import(self, record: Record) -> Outcome | None:
        source = self._catalog.owner(record.url)
        row = source_row(record.url, source)
        worked = await self._worked(record, source, row)
        # before the job, so that one flush serves a whole batch of them
        placed = self._placed(record, worked)
        outcome, source_id = await self._writer.write(
            lambda: self._file(record, placed, row, source is not None, worked)
        )
        self._sources[row.slug] = source_id
        self.outcomes[_named(outcome)] += 1
        return outcome

    async def _worked(self, record: Record, source: Source | None, row: SourceRow) -> Worked:
        known = self._memories.known(self._sources[row.slug]) if row.slug in self._sources else None
        fetched = Fetched(record.url, b"", record.content_type, record.fetched_at)
        try:
            return await self._pool.run(work, page_of(source, fetched, known=known), record.data, record.packed)
        except ArchiveError:  # also a record that is damaged
            raise
        except ExtractionError as error:
            return unworked(error, record.data, record.packed)
        except Exception as error:
            log.exception("%s", record.url)
            return unworked(error, record.data, record.packed)

    def _placed(self, record: Record, worked: Worked) -> Placed:
        """Write the record as it came, or where the archive has its payload already, a record that says so."""
        earlier = self._archive.captures.earlier(record.url, worked.digest)
        if earlier is not None:
            return self._archive.raw.append(record.exchange, earlier)
        return self._archive.raw.keep(record.url, record.fetched_at, worked.digest, worked.member or record.data)

    def _known(self, url: str, moment: str) -> bool:
        row = self._archive.db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ?", [url, moment]
        ).fetchone()
        return row is not None

    def _file(
        self, record: Record, placed: Placed, row: SourceRow, in_catalog: bool, worked: Worked
    ) -> tuple[Outcome | None, int]:
        """Inside a write job: everything about one record; gives its outcome, None when another process was faster, and the
        id of its source."""
        archive, moment = self._archive, record.fetched_at
        source_id = self._sources.get(row.slug)
        if source_id is None:
            source_id = archive.ledger.put_source(row, datetime.now(UTC), in_catalog=in_catalog)
        if archive.shared and self._known(record.url, utc_text(moment)):
            return None, source_id
        page = archive.ledger.ensure_page(canonical(record.url), source_id, moment, self._via)
        capture_id = archive.captures.add(
            Exchange(record.url, moment, 200, "OK", (("Content-Type", record.content_type),), b""),
            placed,
            page_id=page.id,
            via=self._via,
        )
        end = self._end(record, page, source_id, worked, capture_id)
        archive.ledger.settle(page, end, moment)
        return end.outcome or Outcome.EXTRACTION_FAILED, source_id

    def _end(self, record: Record, page: PageRow, source_id: int, worked: Worked, capture_id: int) -> Settlement:
        sheet = worked.result
        if isinstance(sheet, TooLarge):
            return Settlement(Outcome.TOO_LARGE, str(sheet), 200)
        if isinstance(sheet, Exception):
            return Settlement(Outcome.EXTRACTION_FAILED, f"{type(sheet).__name__}: {sheet}", 200)
        if isinstance(sheet, NotAnArticle):
            return Settlement(Outcome.NOT_ARTICLE, sheet.reason, 200)
        stamp, url = utc_text(record.fetched_at), canonical(record.url)
        stored = self._archive.article(page.article_id) if page.article_id else None
        if stored and pages_of(stored.provenance) > 1 and stored.url == url and begins(stored.text, sheet.draft):
            # a record has one page only, which is no new version of the whole
            self._archive.store.seen(stored.id, stamp)
            return Settlement(Outcome.UNCHANGED, "the first page of a longer article", 200, article_id=stored.id)
        filed = self._archive.store.file(
            Filing(
                source_id=source_id,
                draft=sheet.draft,
                sheet=sheet,
                requested=tuple(dict.fromkeys((record.url, url))),
                final=url,
                captured_at=stamp,
                article_id=page.article_id,
                via=self._via,
                recurs=self._memories.known(source_id).recurs,
            )
        )
        self._archive.store.set_capture(filed.article_id, filed.version, stamp, capture_id)
        if filed.outcome == Outcome.STORED:
            self._memories.learn(source_id, worked.observed, record.fetched_at)
        return Settlement(filed.outcome, filed.detail, 200, article_id=filed.article_id)


def _named(outcome: Outcome | None) -> str:
    return outcome.value if outcome else KNOWN


def source_row(url: str, source: Source | None) -> SourceRow:
    """The row of a source of the catalogue, or, for a host that none of them owns, one named by its registered domain."""
    if source is not None:
        return source.row
    domain = registered_domain(host_key(url))
    return SourceRow(domain, domain, f"{urlsplit(url).scheme}://{domain}/")

"""Response records of WARC files into the archive: the same extraction and filing as for a crawl."""

from __future__ import annotations

import asyncio
import gzip
import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archive import Archive, ArchiveError
from archive.articles import Filing
from archive.ledger import Outcome, PageRow, Settlement, SourceRow
from archive.raw import Exchange
from archive.records import Draft, utc_text
from crawler.catalog import Catalog
from crawler.extraction.article import NotAnArticle, extract
from crawler.extraction.errors import ExtractionError
from crawler.extraction.pool import Pool
from crawler.handover import Fetched, page_of, with_canonical_urls
from crawler.source import Source
from crawler.urls import canonical, host_key, registered_domain
from crawler.writer import Writer

log = logging.getLogger(__name__)
LARGEST = 16 * 1024 * 1024  # bytes of a record, as for a crawl; larger ones are not articles
AHEAD = 4  # records in work for each worker: enough to keep it busy, little enough to hold in memory
HTML = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class Record:
    """One response record, with the place in its file for progress (bytes)."""

    exchange: Exchange
    content_type: str
    position: int


def read_records(path: Path) -> Iterator[Record]:
    """The HTML responses of a WARC file with status 200. Raises ArchiveError for a file that cannot be read."""
    try:
        with path.open("rb") as stream:
            found = ArchiveIterator(
                stream, record_types=WarcRecordType.response, parse_http=True, max_content_length=LARGEST
            )
            for record in found:
                http = record.http_headers
                if http is None or http.status_code != 200:
                    continue
                headers = tuple((name, value) for name, value in http)
                content_type = next((v for k, v in headers if k.lower() == "content-type"), "")
                if content_type.partition(";")[0].strip().lower() not in HTML:
                    continue
                exchange = Exchange(
                    url=record.headers["WARC-Target-URI"].strip("<>"),
                    fetched_at=_moment(record.headers["WARC-Date"]),
                    status=200,
                    reason=http.reason_phrase or "OK",
                    headers=headers,
                    body=record.reader.read(),
                    ip=record.headers.get("WARC-IP-Address") or "",
                )
                yield Record(exchange, content_type, stream.tell())
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def decoded(exchange: Exchange) -> bytes:
    """The body without its content encoding; as it is where the record was stored decoded under the old header."""
    encoding = next((v for k, v in exchange.headers if k.lower() == "content-encoding"), "").strip().lower()
    body = exchange.body
    try:
        if encoding in ("gzip", "x-gzip"):
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
        if encoding == "br":
            return bytes(brotli.decompress(body))
        if encoding == "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    except (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError):
        log.debug("%s: says %s and is not", exchange.url, encoding)
    return body


class Importer:
    """Imports records into an archive that is open for writing. A record that is there already is passed over, so an
    import that was interrupted goes on where it was."""

    def __init__(self, archive: Archive, catalog: Catalog, pool: Pool, writer: Writer) -> None:
        self._archive = archive
        self._catalog = catalog
        self._pool = pool
        self._writer = writer
        self._sources: dict[str, int] = {}
        self._places = asyncio.Semaphore(AHEAD * pool.workers)
        self.outcomes: Counter[str] = Counter()

    async def run(self, files: Sequence[Path], progress: Callable[[Path, int], None]) -> None:
        """Import files one after another; `progress(file, bytes read)` is called after each record."""
        for path in files:
            tasks: set[asyncio.Task[None]] = set()
            for record in read_records(path):
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

    async def _one(self, record: Record) -> None:
        exchange = record.exchange
        if self._known(exchange):
            self.outcomes["known"] += 1
            return
        source = self._catalog.owner(exchange.url)
        fetched = Fetched(exchange.url, decoded(exchange), record.content_type, exchange.fetched_at)
        result: Draft | NotAnArticle | Exception
        try:
            result = await self._pool.run(extract, page_of(source, fetched))
        except ExtractionError as error:
            result = error
        except Exception as error:
            log.exception("%s", exchange.url)
            result = error
        outcome = await self._writer.write(lambda: self._file(exchange, source, result))
        self.outcomes[outcome.value] += 1

    def _known(self, exchange: Exchange) -> bool:
        row = self._archive.db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ?", [exchange.url, utc_text(exchange.fetched_at)]
        ).fetchone()
        return row is not None

    def _file(self, exchange: Exchange, source: Source | None, result: Draft | NotAnArticle | Exception) -> Outcome:
        """Inside a write job: everything about one record."""
        if self._known(exchange):
            return Outcome.DUPLICATE
        archive, now = self._archive, exchange.fetched_at
        source_id = self._source_id(exchange.url, source)
        page = archive.ledger.ensure_page(canonical(exchange.url), source_id, now)
        placed = archive.raw.append(exchange, archive.captures.earlier(exchange.url, exchange.digest))
        archive.raw.flush()
        capture_id = archive.captures.add(exchange, placed, page_id=page.id)
        end = self._end(exchange, page, source_id, result, capture_id)
        archive.ledger.settle(page, end, now)
        return end.outcome or Outcome.EXTRACTION_FAILED

    def _end(
        self,
        exchange: Exchange,
        page: PageRow,
        source_id: int,
        result: Draft | NotAnArticle | Exception,
        capture_id: int,
    ) -> Settlement:
        if isinstance(result, NotAnArticle):
            return Settlement(Outcome.NOT_ARTICLE, result.reason, 200)
        if isinstance(result, Exception):
            return Settlement(Outcome.EXTRACTION_FAILED, f"{type(result).__name__}: {result}", 200)
        stamp, url = utc_text(exchange.fetched_at), canonical(exchange.url)
        filed = self._archive.store.file(
            Filing(
                source_id=source_id,
                draft=with_canonical_urls(result),
                requested=tuple(dict.fromkeys((exchange.url, url))),
                final=url,
                captured_at=stamp,
                article_id=page.article_id,
            )
        )
        self._archive.store.set_capture(filed.article_id, filed.version, stamp, capture_id)
        return Settlement(filed.outcome, filed.detail, 200, article_id=filed.article_id)

    def _source_id(self, url: str, source: Source | None) -> int:
        if source is not None:
            row = SourceRow(source.slug, source.name, source.home, source.country, source.language, source.timezone)
        else:
            # nobody knows this host: a source named by its registered domain
            domain = registered_domain(host_key(url))
            row = SourceRow(domain, domain, f"{urlsplit(url).scheme}://{domain}/")
        if row.slug not in self._sources:
            now = datetime.now(UTC)
            self._sources[row.slug] = self._archive.ledger.put_source(row, now, in_catalog=source is not None)
        return self._sources[row.slug]

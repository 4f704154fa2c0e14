"""From a fetched page to rows in the archive: extraction in a worker, then one transaction for everything about it."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy.crawler import Crawler

from archive import ArchiveError
from archive.filing import Filed, Filing
from archive.records import Draft, utc_text
from archive.rows import Outcome, Settlement
from crawler.extraction.article import NotAnArticle, examine
from crawler.extraction.errors import ExtractionError
from crawler.extraction.memory import Observed
from crawler.handover import Fetched, page_of, with_canonical_urls
from crawler.listings import entry_of_hint
from crawler.spiders.news import FetchedPage, NewsSpider
from crawler.urls import canonical

log = logging.getLogger(__name__)


class ArchivePipeline:
    """Extracts and stores what the spider fetched. Every item ends in a settled page, whatever happens to it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a pipeline."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Extract, store and settle one page; items of other kinds pass through."""
        if not isinstance(item, FetchedPage):
            return item
        spider: NewsSpider = self._crawler.spider  # type: ignore[assignment]
        fetched = Fetched(item.url, item.body, item.content_type, item.visit.captures[-1][0].fetched_at)
        hint = entry_of_hint(item.visit.page.url, dict(item.visit.page.hint))
        try:
            known = spider.runtime.memories.known(spider.source_id)
            examined = await spider.runtime.pool.run(examine, page_of(spider.source, fetched, hint, known))
        except ExtractionError as error:
            await spider.settle(item.visit, Settlement(Outcome.EXTRACTION_FAILED, str(error), 200))
            return item
        except Exception as error:
            log.exception("%s: %s", spider.name, item.url)
            await spider.settle(
                item.visit, Settlement(Outcome.EXTRACTION_FAILED, f"{type(error).__name__}: {error}", 200)
            )
            return item
        if isinstance(examined.result, NotAnArticle):
            await spider.settle(item.visit, Settlement(Outcome.NOT_ARTICLE, examined.result.reason, 200))
        else:
            await self._store(spider, item, examined.result, examined.observed)
        return item

    async def _store(self, spider: NewsSpider, item: FetchedPage, draft: Draft, observed: Observed) -> None:
        visit = item.visit
        page, store = visit.page, spider.runtime.archive.store
        urls = [page.hint.get("offered", ""), *visit.chain, *(canonical(url) for url in visit.chain)]
        filing = Filing(
            source_id=spider.source_id,
            draft=with_canonical_urls(draft),
            final=canonical(item.url),
            requested=tuple(dict.fromkeys(url for url in urls if url)),
            captured_at=utc_text(visit.captures[-1][0].fetched_at),
            guid=page.hint.get("guid", ""),
            article_id=page.article_id,
        )

        def job() -> Settlement:
            filed: Filed = store.file(filing)
            if filed.outcome == Outcome.STORED:
                spider.runtime.memories.learn(spider.source_id, observed, visit.captures[-1][0].fetched_at)
            end = Settlement(
                filed.outcome,
                filed.detail,
                200,
                article_id=filed.article_id,
                etag=item.etag,
                last_modified=item.last_modified,
            )
            capture_id = spider.write_end(visit, end)
            store.set_capture(filed.article_id, filed.version, filing.captured_at, capture_id)
            return end

        try:
            spider.tally(await spider.runtime.writer.write(job))
        except ArchiveError:
            log.debug("%s stays pending", page.url)
        except Exception as error:
            log.exception("%s: %s", spider.name, page.url)
            await spider.settle(visit, Settlement(Outcome.EXTRACTION_FAILED, f"not stored: {error}", 200))
        finally:
            spider.let_go(page)

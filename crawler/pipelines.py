"""From a fetched page to rows in the archive: extraction in a worker, then one transaction for everything about it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler

from archive import ArchiveError
from archive.articles import Filed, Filing
from archive.ledger import Outcome, Settlement
from archive.records import Draft, utc_text
from crawler.extraction.article import NotAnArticle, Page, extract
from crawler.extraction.errors import ExtractionError
from crawler.extraction.rules import Rules
from crawler.listings import entry_of_hint
from crawler.source import Source
from crawler.spiders.news import FetchedPage, NewsSpider
from crawler.urls import canonical

log = logging.getLogger(__name__)


def rules_of(source: Source) -> Rules | None:
    """The source file's own extraction rules in the form that the extractor takes; None when there are none."""
    own = source.extract
    if not any((own.title, own.body, own.published, own.authors, own.remove)):
        return None
    return Rules(title=own.title, body=own.body, published=own.published, authors=own.authors, remove=own.remove)


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
        try:
            draft = await spider.runtime.pool.run(extract, self._page(spider, item))
        except ExtractionError as error:
            await spider.settle(item.visit, Settlement(Outcome.EXTRACTION_FAILED, str(error), 200))
            return item
        except Exception as error:
            log.exception("%s: %s", spider.name, item.url)
            await spider.settle(item.visit, Settlement(Outcome.EXTRACTION_FAILED, f"{type(error).__name__}: {error}", 200))
            return item
        if isinstance(draft, NotAnArticle):
            await spider.settle(item.visit, Settlement(Outcome.NOT_ARTICLE, draft.reason, 200))
        else:
            await self._store(spider, item, draft)
        return item

    def _page(self, spider: NewsSpider, item: FetchedPage) -> Page:
        source, page = spider.source, item.visit.page
        return Page(
            url=item.url, body=item.body, captured_at=item.visit.captures[-1][0].fetched_at,
            content_type=item.content_type, language=source.language, timezone=source.timezone, site_name=source.name,
            hint=entry_of_hint(page.url, dict(page.hint)), rules=rules_of(source),
        )

    async def _store(self, spider: NewsSpider, item: FetchedPage, draft: Draft) -> None:
        visit = item.visit
        page, store = visit.page, spider.runtime.archive.store
        urls = [page.hint.get("offered", ""), *visit.chain, *(canonical(url) for url in visit.chain)]
        filing = Filing(
            source_id=spider.source_id, draft=with_canonical_urls(draft), final=canonical(item.url),
            requested=tuple(dict.fromkeys(url for url in urls if url)),
            captured_at=utc_text(visit.captures[-1][0].fetched_at), guid=page.hint.get("guid", ""),
            article_id=page.article_id,
        )

        def job() -> Settlement:
            filed: Filed = store.file(filing)
            end = Settlement(
                filed.outcome, filed.detail, 200, article_id=filed.article_id, etag=item.etag,
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


def with_canonical_urls(draft: Draft) -> Draft:
    """The draft with the URLs that it names in the form under which the archive knows URLs."""
    return replace(
        draft,
        canonical_url=canonical(draft.canonical_url) if draft.canonical_url else "",
        amp_url=canonical(draft.amp_url) if draft.amp_url else "",
    )

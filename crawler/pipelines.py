"""From a fetched page to rows in the archive: extraction in a worker, then one transaction for everything about it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler

from archive import ArchiveError
from archive.filing import Filed, Filing
from archive.records import utc_text
from archive.rows import Outcome, Settlement
from crawler import parts, secondlook
from crawler.backfill.dates import origin
from crawler.extraction.article import NotAnArticle
from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import pages_of
from crawler.extraction.lanes import PutOff
from crawler.extraction.memory import Observed
from crawler.extraction.parts import Pager
from crawler.handover import with_canonical_urls
from crawler.outcomes import of_no_article
from crawler.spiders.news import NewsSpider
from crawler.urls import canonical
from crawler.visit import FetchedPage
from crawler.writer import is_trouble

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
        """Extract, store and settle one page, with the further pages of its article; items of other kinds pass."""
        if not isinstance(item, FetchedPage):
            return item
        spider: NewsSpider = self._crawler.spider  # type: ignore[assignment]
        visit = item.visit
        try:
            page = await parts.examined(spider, item)
            if page.pager.first and await self._as_part(spider, item, page.pager):
                return item
            if isinstance(page.result, NotAnArticle):
                gone = of_no_article(page.result.reason) if visit.page.article_id else None
                await spider.settle(visit, Settlement(gone or Outcome.NOT_ARTICLE, page.result.reason, 200))
            elif retold := spider.intake.retold(visit.page, page.result):
                await spider.settle(visit, Settlement(Outcome.TRAP, retold, 200))
            else:
                await self._store(spider, item, await parts.whole(spider, item, page, page.result), page.observed)
        except (ArchiveError, parts.Stopping) as error:
            log.debug("%s stays as it was: %s", visit.page.url, error)
            spider.let_go(visit.page)
        except PutOff as error:
            later = spider.intake.later()
            await spider.settle(visit, Settlement(None, str(error), 200, next_attempt_at=later, fetched=False))
        except ExtractionError as error:
            await spider.settle(visit, Settlement(Outcome.EXTRACTION_FAILED, str(error), 200))
        except Exception as error:
            if is_trouble(error):
                spider.runtime.writer.fail(error)
                spider.let_go(visit.page)
                return item
            log.exception("%s: %s", spider.name, item.url)
            reason = f"{type(error).__name__}: {error}"
            await spider.settle(visit, Settlement(Outcome.EXTRACTION_FAILED, reason, 200))
        return item

    async def _as_part(self, spider: NewsSpider, item: FetchedPage, pager: Pager) -> bool:
        """Settle a page that is a further page of an article; tells whether it is.

        It belongs to that article if the article has it; until the first page was looked at, it waits. If there is no
        article at the first page, or that does not lead here, it is an article of its own.
        """
        archive, page, now = spider.runtime.archive, item.visit.page, spider.runtime.now()
        url, first = canonical(item.url), canonical(pager.first)

        def job() -> tuple[Settlement, bool] | None:
            article, head = archive.article(url), archive.ledger.page(first)
            if article is not None and article.url != url and article == archive.article(first):
                detail = f"page {pager.number} of {article.url}"
                return Settlement(Outcome.DUPLICATE, detail, 200, article_id=article.id), False
            later = spider.runtime.retries.later(page.attempts, now)
            if page.article_id or later is None or (head and head.outcome and not head.article_id):
                return None
            new = not page.attempts and archive.ledger.ask_whole(first, spider.source_id, now)
            detail = f"page {pager.number} of {first}, which comes first"
            return Settlement(None, detail, 200, next_attempt_at=later), new

        def settled() -> tuple[Settlement, bool, bool] | None:
            if spider.overtaken(item.visit):
                return Settlement(None, ""), False, False
            if (found := job()) is None:
                return None
            fresh = archive.ledger.page(page.url)
            spider.write_end(item.visit, found[0])
            # else it was settled, and counted, with its article
            return *found, fresh is None or fresh.outcome == page.outcome

        if not spider.source.owns(first) or (ended := await spider.runtime.writer.write(settled)) is None:
            return False
        end, new, counts = ended
        spider.counts["discovered"] += new
        if counts:
            spider.tally(page, end)
        spider.let_go(page)
        return True

    async def _store(self, spider: NewsSpider, item: FetchedPage, whole: parts.Whole, observed: Observed) -> None:
        visit, runtime = whole.visit, spider.runtime
        page, store, fetched_at = visit.page, runtime.archive.store, item.visit.captures[-1].exchange.fetched_at
        urls = [page.hint.get("offered", ""), *item.visit.chain, *(canonical(url) for url in item.visit.chain)]
        filing = Filing(
            source_id=spider.source_id,
            draft=with_canonical_urls(whole.draft),
            final=canonical(item.url),
            requested=tuple(dict.fromkeys(url for url in urls if url)),
            captured_at=utc_text(fetched_at),
            guid=page.hint.get("guid", ""),
            article_id=page.article_id,
            parts=whole.parts,
            via=origin(page.via, whole.draft.published_at, fetched_at),
            recurs=runtime.memories.known(spider.source_id).recurs,
        )
        if page.article_id and not whole.parts and store.is_news(page.article_id, filing):
            filing = replace(filing, as_before=await secondlook.says_the_same(spider, item))

        def job() -> tuple[Settlement, int] | None:
            if spider.overtaken(visit):
                return None
            if (end := self._unfinished(spider, whole)) is not None:
                spider.write_end(visit, end)
                return end, 0
            filed: Filed = store.file(filing)
            if filed.outcome == Outcome.STORED:
                runtime.memories.learn(spider.source_id, observed, fetched_at)
            end = Settlement(
                filed.outcome,
                "; ".join(filter(None, (filed.detail, whole.missing, whole.note))),
                200,
                next_attempt_at=runtime.retries.later(page.visits, runtime.now()) if whole.missing else None,
                article_id=filed.article_id,
                # what is not whole is asked for unconditionally: its first page will be the same
                etag=None if whole.missing else item.etag,
                last_modified=None if whole.missing else item.last_modified,
            )
            capture_id = spider.write_end(visit, end)
            store.set_capture(filed.article_id, filed.version, filing.captured_at, capture_id)
            detail = f"a further page of {filing.final}"
            return end, runtime.archive.ledger.settle_parts(whole.parts, filed.article_id, detail)

        try:
            if ended := await runtime.writer.write(job):
                end, settled = ended
                spider.counts["duplicate"] += settled
                spider.outcomes[Outcome.DUPLICATE.value] += settled
                spider.tally(page, end)
        except ArchiveError:
            log.debug("%s stays pending", page.url)
        except Exception as error:
            log.exception("%s: %s", spider.name, page.url)
            await spider.settle(visit, Settlement(Outcome.EXTRACTION_FAILED, f"not stored: {error}", 200))
        finally:
            spider.let_go(page)

    def _unfinished(self, spider: NewsSpider, whole: parts.Whole) -> Settlement | None:
        """The end of a visit that found less of an article than is stored, while there is another try: a page that
        cannot be had for the moment does not shorten the text."""
        page, runtime = whole.visit.page, spider.runtime
        if not whole.missing or page.article_id is None:
            return None
        stored, later = runtime.archive.article(page.article_id), runtime.retries.later(page.attempts, runtime.now())
        if stored is None or later is None or pages_of(stored.provenance) <= pages_of(whole.draft.provenance):
            return None
        return Settlement(None, whole.missing, 200, next_attempt_at=later)

"""The further pages of an article: fetched one after another, and made one text with the first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.records import Draft
from archive.rows import Settlement
from crawler.errors import CrawlerError, HostsLost
from crawler.extraction.article import MAX_TEXT, Examined, NotAnArticle, examine
from crawler.extraction.errors import ExtractionError
from crawler.extraction.joining import joined
from crawler.extraction.parts import ALONE, Pager
from crawler.handover import Fetched, page_of
from crawler.offers import entry_of_hint
from crawler.spiders.news import NewsSpider
from crawler.urls import canonical
from crawler.visit import FetchedPage, Visit


class Stopping(CrawlerError):
    """The crawl is told to stop in the middle of an article: its page stays as it was."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An article with its further pages, as far as they could be had."""

    draft: Draft
    visit: Visit  # with the captures of all pages
    parts: tuple[str, ...] = ()  # the addresses of the further pages
    missing: str = ""  # which page could not be had, and why
    note: str = ""  # what else is to be said


async def examined(spider: NewsSpider, item: FetchedPage) -> Examined:
    """Extract one page in a worker. Raises ExtractionError."""
    fetched = Fetched(item.url, item.body, item.content_type, item.visit.captures[-1].exchange.fetched_at)
    hint = entry_of_hint(item.visit.page.url, dict(item.visit.page.hint))
    known = spider.runtime.memories.known(spider.source_id)
    return await spider.runtime.pool.run(examine, page_of(spider.source, fetched, hint, known), lane=spider.lane)


async def whole(spider: NewsSpider, item: FetchedPage, first: Examined, draft: Draft) -> Whole:
    """Follow the pager of an article from its first page, and join what it leads to.

    It ends at a page that names no next one, leads back, or says nothing new (as pagers of comments do), at the first
    page that cannot be had, and after PARTS_MAX. Raises Stopping and ArchiveError.
    """
    most = spider.runtime.settings.getint("PARTS_MAX")
    article = Whole(draft, item.visit)
    drafts, pager = [draft], first.pager
    seen = {canonical(url) for url in (*item.visit.chain, item.url)}
    # a first page that calls itself another number has an id in its address, and so has the one that it names
    while pager.number == len(drafts) and pager.next and canonical(pager.next) not in seen:
        number, url = len(drafts) + 1, pager.next
        if number > most:
            return replace(article, note=f"more than {most} pages: the rest is left out")
        if len(article.draft.text) > MAX_TEXT:
            return replace(article, note=f"more than {MAX_TEXT} characters: the rest is left out")
        if not spider.source.owns(url):
            break
        part = await _part(spider, replace(article.visit, chain=(url,), part=number))
        article = replace(article, visit=part.visit)
        if part.draft is None:
            return replace(article, missing=f"page {number} is missing: {part.reason} ({url})")
        addresses = {url, canonical(url), canonical(part.url)}
        text = joined([*drafts, part.draft])
        if canonical(part.url) in seen or text.text == article.draft.text:
            break
        seen |= addresses
        drafts.append(part.draft)
        pager = part.pager
        article = replace(article, draft=text, parts=(*article.parts, *sorted(addresses)))
    return article


@dataclass(frozen=True, slots=True)
class _Part:
    """What came of one further page: an article's page, or the reason why there is none."""

    visit: Visit
    url: str = ""
    draft: Draft | None = None
    pager: Pager = ALONE
    reason: str = ""


async def _part(spider: NewsSpider, visit: Visit) -> _Part:
    visit, answer = await _fetched(spider, visit)
    if isinstance(answer, Settlement):
        return _Part(visit, reason=answer.detail or str(answer.outcome))
    try:
        page = await examined(spider, answer)
    except ExtractionError as error:
        return _Part(visit, reason=str(error))
    if isinstance(page.result, NotAnArticle):
        return _Part(visit, reason=f"not an article: {page.result.reason}")
    return _Part(visit, answer.url, page.result, page.pager)


async def _fetched(spider: NewsSpider, visit: Visit) -> tuple[Visit, FetchedPage | Settlement]:
    """Ask for a page, hop by hop; with all that holds for the pages of the ledger, but at once."""
    while True:
        if not spider.crawler.crawling:
            raise Stopping(f"{visit.page.url}: stopped before page {visit.part}")
        try:
            response = await spider.crawler.engine.download_async(spider.page_request(visit))
        except Exception as error:  # the spider knows them all
            if not spider.crawler.crawling or isinstance(error, HostsLost):
                raise Stopping(f"{visit.page.url}: stopped at page {visit.part}") from error
            return visit, spider.steps.after_error(error, visit)
        spider.wake()  # a long article is no crawl that stands still
        visit = spider.keep(response, visit)
        step = spider.steps.after(response, visit)
        if not isinstance(step, Visit):
            return visit, step
        visit = step

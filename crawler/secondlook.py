"""A second look at a page that seems to have changed: at what it was before and at what it is now, with the same eyes.

Between two visits an extractor learns: what recurs over the site, or how to read another layout. What it leaves out or
finds by that is no change of the article. So both bodies are extracted by what the worker knows today, without the memory
of the site, which may know one half of a box that rotates and not yet the other.
"""

from __future__ import annotations

import logging

from archive import ArchiveError
from archive.changes import Telling, is_new
from archive.records import Draft
from archive.titles import titled_of
from crawler.encodings import TooLarge
from crawler.extraction.article import NotAnArticle, examine
from crawler.extraction.errors import ExtractionError
from crawler.handover import Fetched, page_of
from crawler.offers import entry_of_hint
from crawler.spiders.news import NewsSpider
from crawler.visit import FetchedPage
from crawler.workshop import work_again

log = logging.getLogger(__name__)


async def says_the_same(spider: NewsSpider, item: FetchedPage) -> bool:
    """Does a page say what it said when it was last looked at? False when that cannot be told any more."""
    archive, page = spider.runtime.archive, item.visit.page
    place = archive.captures.newest(page.id)
    if place is None:
        return False
    fetched = Fetched(item.url, item.body, item.content_type, item.visit.captures[-1].exchange.fetched_at)
    now = page_of(spider.source, fetched, entry_of_hint(page.url, dict(page.hint)))
    try:
        pool, raw = spider.runtime.pool, archive.folder / place[0]
        before = await pool.run(work_again, now, [(raw, place[1])], lane=spider.lane)
        after = (await pool.run(examine, now, lane=spider.lane)).result
    except (ArchiveError, ExtractionError, TooLarge) as error:
        log.debug("%s: no second look: %s", page.url, error)
        return False
    if isinstance(before, NotAnArticle) or isinstance(after, NotAnArticle):
        return False
    recurs, titled = spider.runtime.memories.known(spider.source_id).recurs, titled_of(archive.db, spider.source_id)
    return not is_new(_telling(before.draft), _telling(after), recurs, titled)


def _telling(draft: Draft) -> Telling:
    return Telling(draft.title, draft.text, draft.summary, draft.provenance.get("summary", ""))

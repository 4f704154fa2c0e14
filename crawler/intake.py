"""The intake of a crawl: pages from the ledger, newest first, with an eye on forms of address that bear nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from archive.records import Draft
from archive.rows import Outcome, PageRow, Settlement
from crawler.extraction.lanes import Lane
from crawler.runtime import Runtime
from crawler.traps import Harvest, form_of

log = logging.getLogger(__name__)
BORE = frozenset({Outcome.STORED, Outcome.UPDATED})
BORE_NOTHING = frozenset({Outcome.NOT_ARTICLE, Outcome.DUPLICATE, Outcome.TRAP})

ELSEWHERE = frozenset({"feed", "url"})  # where a date comes from that the page itself does not give


class Intake:
    """Claims the pages of one source in one run, and has those make room whose form of address is a trap."""

    def __init__(self, runtime: Runtime, source_id: int, started: datetime, lane: Lane) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._source_id = source_id
        self._started = started
        self._lane = lane
        self._put_off = timedelta(seconds=settings.getfloat("PUT_OFF"))
        self._same_body = settings.getint("SAME_BODY")
        self._harvest = Harvest(settings.getint("FORM_TRIAL"), settings.getint("PAGES_PER_FORM"))
        self.refused = 0  # pages that got the outcome `trap` without a look

    async def claim(self, limit: int, in_hand: Collection[int]) -> list[PageRow]:
        """At most `limit` pages whose time has come, except those in hand."""
        harvest = self._harvest
        while limit > 0:
            now = self._runtime.now()
            if self._lane.given_up:
                await self._put_off_all(in_hand, now)
                return []
            pages = self._runtime.archive.ledger.claim(self._source_id, now, limit, in_hand, self._started)
            forms = [form_of(page.url) for page in pages if _is_new(page)]
            full = next((form for form in forms if harvest.barren(form) or harvest.took_its_share(form)), None)
            if full is None:
                for form in forms:
                    harvest.ask(form)
                return pages
            await self._make_room(full, in_hand, now)
        return []

    def later(self) -> datetime:
        """When something is tried again that is put off now."""
        return self._runtime.now() + self._put_off

    async def _put_off_all(self, in_hand: Collection[int], now: datetime) -> None:
        """Let what waits wait for a later run, since too many pages hung or killed a worker in this one."""
        ledger, until = self._runtime.archive.ledger, self.later()
        keys = [key for key, _ in ledger.waiting(self._source_id, now) if key not in in_hand]
        if keys:
            why = str(self._runtime.pool.lanes.put_off(self._lane))
            log.info("%s: %d more are put off until %s", why, len(keys), until.strftime("%Y-%m-%d %H:%M UTC"))
            await self._runtime.writer.write(lambda: ledger.put_off(keys, until, why))

    async def _make_room(self, form: str, in_hand: Collection[int], now: datetime) -> None:
        """Refuse the waiting pages of a form that bears nothing; put them off when it had its share and others wait."""
        ledger = self._runtime.archive.ledger
        waiting = [(key, url) for key, url in ledger.waiting(self._source_id, now) if key not in in_hand]
        alike = [key for key, url in waiting if form_of(url) == form]
        if reason := self._harvest.barren(form):
            log.info("%s: %d more are refused", reason, len(alike))
            await self._runtime.writer.write(lambda: ledger.refuse(alike, Outcome.TRAP, reason))
            self.refused += len(alike)
        elif len(alike) < len(waiting):
            until, why = now + self._put_off, f"addresses like {form} had their share of the run"
            await self._runtime.writer.write(lambda: ledger.put_off(alike, until, why))
        else:
            self._harvest.another_share(form)

    def note(self, page: PageRow, end: Settlement) -> None:
        """Learn from how a visit ended."""
        if _is_new(page) and end.outcome in BORE | BORE_NOTHING:
            self._harvest.note(form_of(page.url), article=end.outcome in BORE)

    def repeated(self, page: PageRow, digest: str) -> str:
        """Why a body is no article of its own, by what it answered before; empty when it may be one."""
        others = self._harvest.same_body(digest, page.id) if page.article_id is None else 0
        return f"the same body as {others} other addresses in this run" if others >= self._same_body else ""

    def retold(self, page: PageRow, draft: Draft) -> str:
        """Why an article is none, by others with its title and text; empty when it may be one, as what has a date of its
        own."""
        dated = draft.published_at and draft.provenance.get("published_at", "") not in ELSEWHERE
        others = self._harvest.retold(draft.title, draft.text) if page.article_id is None and not dated else 0
        if others < self._same_body:
            return ""
        return f"the same title and, but for a few words, text as {others} other addresses in this run"


def _is_new(page: PageRow) -> bool:
    """Tell whether nothing came of a page yet; what was an article once is looked at whatever its address."""
    return page.article_id is None and page.outcome is None

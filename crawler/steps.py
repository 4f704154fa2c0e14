"""What an answer to the request for a page leads to, or that there was none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from archive.records import parse_utc
from archive.rows import Outcome, PageRow, Settlement
from crawler import traps
from crawler.fetch.robots import RobotsUnreachable
from crawler.http import header, is_conditional, is_never_fetched, location, refresh, refused_type
from crawler.intake import Intake
from crawler.outcomes import leads_away, next_look, next_look_at_nothing, of_error, of_status
from crawler.source import Source
from crawler.urls import canonical, join
from crawler.visit import FetchedPage, Visit

if TYPE_CHECKING:
    from crawler.runtime import Runtime

TRAP_AGAIN = timedelta(days=1)


class Steps:
    """Decides for the visits of one run of a source how each goes on or ends."""

    def __init__(self, source: Source, runtime: Runtime, intake: Intake) -> None:
        self._source, self._runtime, self._intake = source, runtime, intake

    def after(self, response: Response, visit: Visit) -> Visit | Settlement | FetchedPage:
        """What an answer leads to: the next hop of the visit, its end, or content."""
        page, status = visit.page, response.status
        if (raw := location(response)) is not None:
            return self._hop(response, visit, raw)
        if status == 304 and page.article_id and visit.part == 1 and is_conditional(response.request):
            return Settlement(Outcome.UNCHANGED, "", 304, article_id=page.article_id)
        if status != 200:
            wait = response.meta.get("retry_after")
            return of_status(status, page.attempts, self._runtime.now(), self._runtime.retries, wait)
        if (wishes := visit.captures[-1].exchange.wishes).withheld:
            return Settlement(Outcome.BLOCKED_NOARCHIVE, f"the page says {wishes.robots}", status)
        if refusal := refused_type(response):
            return Settlement(Outcome.REFUSED_TYPE, refusal, status)
        if (raw := refresh(response.body)) is not None:
            target = join(response.url, raw)
            if target is not None and canonical(target) != canonical(response.url):
                return self._hop(response, visit, raw)
        if visit.part == 1 and (repeated := self._intake.repeated(page, visit.captures[-1].exchange.digest)):
            return Settlement(Outcome.TRAP, repeated, status)
        content_type = header(response, "Content-Type") or ""
        etag, last_modified = header(response, "ETag"), header(response, "Last-Modified")
        return FetchedPage(visit, response.url, response.body, content_type, etag, last_modified)

    def _hop(self, response: Response, visit: Visit, raw: str) -> Visit | Settlement:
        """The visit one redirect further, or its end. `raw`: where the redirect leads, as it was written."""
        target = join(response.url, raw)
        end = self.redirect_end(visit, target, raw)
        if end is None and target is not None:
            return replace(visit, chain=(*visit.chain, target))
        return end or Settlement(Outcome.HTTP_ERROR, "redirect to no usable URL", response.status)

    def redirect_end(self, visit: Visit, target: str | None, raw: str) -> Settlement | None:
        """The end of a visit at a redirect, or None when it is to be followed."""
        status = visit.captures[-1].exchange.status
        if target is None:
            if is_never_fetched(raw):
                reason = f"redirects to {raw}, and only http and https without a user name are fetched"
                return Settlement(Outcome.BLOCKED_NETWORK, reason, status)
            return Settlement(Outcome.HTTP_ERROR, f"redirect to no usable URL: {raw}", status)
        if trap := traps.refusal(target):
            return Settlement(Outcome.TRAP, f"redirects to {target}: {trap}", status)
        refusal = self._runtime.guard.refusal(target, self._source.owns(target))
        if refusal is not None and refusal[0] != Outcome.OFFSITE:
            return Settlement(*refusal, status)
        if visit.page.article_id and (away := self._leads_away(visit, target)):
            return Settlement(Outcome.GONE, away, status)
        if urldefrag(target).url in {urldefrag(url).url for url in visit.chain}:
            return Settlement(Outcome.REDIRECT_LOOP, f"back to {target}", status)
        if len(visit.chain) > self._runtime.settings.getint("REDIRECTS_MAX"):
            return Settlement(Outcome.REDIRECT_LOOP, f"more than {len(visit.chain) - 1} redirects", status)
        return Settlement(refusal[0], f"redirects to {target}", status) if refusal else None

    def _leads_away(self, visit: Visit, target: str) -> str:
        sections = {canonical(section.url) for section in self._source.sections}
        return leads_away(canonical(target), visit.page.url, sections)

    def after_error(self, error: BaseException, visit: Visit) -> Settlement:
        """The end of a visit that brought no response."""
        name = urlsplit(visit.chain[-1]).hostname or ""
        end = of_error(error, visit.page.attempts, self._runtime.now(), self._runtime.retries)
        unresolved = isinstance(error, (CannotResolveHostError, RobotsUnreachable))
        if unresolved and (address := self._runtime.guard.refused.get(name)):
            return Settlement(Outcome.BLOCKED_NETWORK, f"{name} resolves to {address}", fetched=False)
        return end

    def with_next_look(self, page: PageRow, end: Settlement, article_id: int | None) -> Settlement:
        """The end of a visit with the time at which the page is looked at again, if it is. Reads the archive."""
        if end.outcome in (Outcome.NOT_FOUND, Outcome.GONE):
            gone = self._runtime.archive.article(article_id) if article_id else None
            withdrawn = parse_utc(gone.withdrawn_at) if gone and gone.withdrawn_at else None
            later = next_look_at_nothing(page.visits + 1, self._runtime.now(), withdrawn)
            return replace(end, next_attempt_at=later)
        if end.outcome == Outcome.TRAP and not page.visits:
            # one body for everything may be a wall of a day
            return replace(end, next_attempt_at=self._runtime.now() + TRAP_AGAIN)
        lasting = (Outcome.STORED, Outcome.UPDATED, Outcome.UNCHANGED)
        if end.outcome not in lasting or article_id is None or not self._runtime.revisit_after:
            return end
        row = self._runtime.archive.article(article_id)
        if row is None:
            return end
        first, published = parse_utc(row.first_seen_at), row.published_at and parse_utc(row.published_at)
        later = next_look(page.visits + 1, first, published or None, self._runtime.now(), self._runtime.revisit_after)
        # an article with a part missing is looked at sooner
        return replace(end, next_attempt_at=min(filter(None, (later, end.next_attempt_at)), default=None))

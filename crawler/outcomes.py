"""What a visit means: pure decisions from a status or an error to an outcome and a time to come back."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)

from archive.addresses import is_above, is_front_page
from archive.rows import Outcome, Settlement
from crawler.errors import BadAnswer, BadCertificate, ForbiddenAddress
from crawler.fetch.politeness import HostOnHold
from crawler.fetch.robots import ForbiddenByRobots, RobotsUnreachable
from crawler.fetch.room import NoRoom
from crawler.fetch.trouble import WEIGHTS, Trouble, doubled

YOUNG = timedelta(days=30)  # an article that was older than this when it was found is not looked at again
AGAIN_AFTER_NOTHING = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
AFTER_NO_ROOM = timedelta(minutes=10)
SOFT_404 = "says that the page was not found"  # reasons of crawler.extraction.verdict
LISTS = frozenset({"a front page", "a list of articles", "a list of links"})
FEED_BACKOFF = timedelta(minutes=15)  # of a feed that came and cannot be read; doubled with each failure in a row
SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Retries:
    """When something is tried again: `after[n]` after the n-th failure, then no more."""

    after: tuple[timedelta, ...]

    def later(self, attempts: int, now: datetime) -> datetime | None:
        """When there is another try after `attempts` earlier ones; None when none is left."""
        return now + self.after[attempts] if attempts < len(self.after) else None

    def rarely(self) -> Retries:
        """The last two tries alone: for what does not mend within minutes."""
        return Retries(self.after[-2:])

    def settle(
        self, outcome: Outcome, attempts: int, now: datetime, detail: str, status: int | None = None
    ) -> Settlement:
        """Another try if there is one left after `attempts` earlier ones, else `outcome`."""
        if later := self.later(attempts, now):
            return Settlement(None, f"{outcome.value}: {detail}", status, next_attempt_at=later)
        return Settlement(outcome, detail, status)


def of_status(status: int, attempts: int, now: datetime, retries: Retries, wait: float | None = None) -> Settlement:
    """The end of a visit that was answered with something else than a page, a redirect or 304.

    `wait`: seconds that Retry-After asked for (RFC 9110, section 10.2.3).
    """
    detail = f"HTTP {status}"
    if status == 404:
        return Settlement(Outcome.NOT_FOUND, detail, status)
    if status == 410:
        return Settlement(Outcome.GONE, detail, status)
    if status in (304, 408, 425, 429) or status >= 500:  # 304 to a request for the whole is a cache gone wrong
        settled = retries.settle(Outcome.HTTP_ERROR, attempts, now, detail, status)
        if settled.outcome is None and settled.next_attempt_at and wait:
            return replace(settled, next_attempt_at=max(settled.next_attempt_at, now + timedelta(seconds=wait)))
        return settled
    return Settlement(Outcome.HTTP_ERROR, detail, status)


def of_error(error: BaseException, attempts: int, now: datetime, retries: Retries) -> Settlement:
    """The end of a visit that brought no response."""
    detail = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, ForbiddenByRobots):
        return Settlement(Outcome.BLOCKED_ROBOTS, str(error), fetched=False)
    if isinstance(error, (ForbiddenAddress, UnsupportedURLSchemeError)):
        return Settlement(Outcome.BLOCKED_NETWORK, str(error), fetched=False)
    if isinstance(error, RobotsUnreachable):
        settled = retries.settle(Outcome.UNREACHABLE, attempts, now, str(error))
        if settled.next_attempt_at is None:
            return settled
        # before that it would be refused without being asked for
        return replace(settled, next_attempt_at=max(settled.next_attempt_at, error.until))
    if isinstance(error, HostOnHold):
        return Settlement(None, str(error), next_attempt_at=error.until, fetched=False)
    if isinstance(error, NoRoom):
        return Settlement(None, str(error), next_attempt_at=now + AFTER_NO_ROOM, fetched=False)
    if isinstance(error, DownloadCancelledError):
        # the only thing that cancels a download of ours is the size of its head or body
        return Settlement(Outcome.TOO_LARGE, str(error) or "larger than DOWNLOAD_MAXSIZE")
    if isinstance(error, BadCertificate):
        return retries.rarely().settle(Outcome.UNREACHABLE, attempts, now, str(error))
    if isinstance(error, BadAnswer):
        return retries.settle(Outcome.UNREACHABLE, attempts, now, str(error))
    if isinstance(error, DownloadTimeoutError):
        return retries.settle(Outcome.TIMEOUT, attempts, now, detail)
    if isinstance(error, CannotResolveHostError):
        return retries.settle(Outcome.UNREACHABLE, attempts, now, f"no address: {error}")
    return retries.settle(Outcome.UNREACHABLE, attempts, now, detail)


def retry_after(value: str, now: datetime, longest: float) -> float | None:
    """Seconds that a Retry-After header asks for, in seconds or as a date; None when it says nothing usable."""
    value = value.strip()
    if SECONDS.fullmatch(value):  # whole ones, by the RFC; some servers give more
        return min(float(value), longest)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), longest)


def next_look(
    visits: int, first_seen: datetime, published: datetime | None, now: datetime, after: tuple[timedelta, ...]
) -> datetime | None:
    """When a stored article is looked at again: `after` its first sight, often while it is young, then no more."""
    if published is not None and first_seen - published > YOUNG:
        return None
    # visits counts the first fetch; looks that were missed while nothing ran are not made up for
    return next((first_seen + wait for wait in after[max(visits - 1, 0) :] if first_seen + wait > now), None)


def next_look_at_nothing(visits: int, now: datetime, withdrawn: datetime | None = None) -> datetime | None:
    """When a URL that answered 404 or 410 is looked at again: feeds offer articles before they are published, and
    servers lose them for an hour. `visits` counts the fetches, this one included; of an article that was there before,
    `withdrawn` is when it was first missed, however often it had been looked at."""
    if withdrawn is not None:
        return next((withdrawn + wait for wait in AGAIN_AFTER_NOTHING if withdrawn + wait > now), None)
    return now + AGAIN_AFTER_NOTHING[visits - 1] if visits <= len(AGAIN_AFTER_NOTHING) else None


def leads_away(target: str, page: str, sections: Collection[str]) -> str:
    """Why a redirect says that the article behind a page is gone; "" when it may lead to the article. URLs in canonical
    form, `sections` those that the source has: instead of a 404 many sites send readers to the front or the section."""
    if is_front_page(target) and not is_front_page(page):
        return f"redirects to the front page {target}"
    if target != page and (target in sections or is_above(target, page)):
        return f"redirects to the section {target}"
    return ""


def of_no_article(reason: str) -> Outcome | None:
    """What it means that a page which was an article is none any more; None when it may well be one still, behind a wall
    or for a time."""
    if reason == SOFT_404:
        return Outcome.NOT_FOUND
    return Outcome.GONE if reason in LISTS else None


def feed_backoff(failures: int, trouble: Trouble | None = None) -> timedelta:
    """How long a feed that failed after `failures` failures in a row is left alone; None: it answered, with no feed."""
    return doubled(WEIGHTS[trouble].feed if trouble else FEED_BACKOFF, failures)

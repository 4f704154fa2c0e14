"""What went wrong at a host, how heavily it weighs, and how long the host is then left alone: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from crawler import errors

LONGEST_WAIT = timedelta(days=1)  # no host and no feed is left alone for longer
LIMIT = 20  # strikes in a row after which a host is left alone
MOST_DOUBLINGS = 20


class Trouble(StrEnum):
    """A way in which a request can fail."""

    BUSY = "busy"  # 429, 503: the host asks to be left alone
    TLS = "tls"  # a certificate does not become valid by asking again
    DNS = "dns"
    TIMEOUT = "timeout"  # each costs a minute of waiting
    REFUSED = "refused"  # nothing listens
    BROKEN = "broken"  # a connection that ends too early, an answer that is none
    SERVER = "server"  # any other 5xx: one page can be broken on a site that is well
    CLIENT = "client"  # 4xx other than 404 and 410, which are answers: perhaps we are not welcome any more


@dataclass(frozen=True, slots=True)
class Weight:
    """How many strikes a failure is, and the first wait when they reach the limit; for a feed, after one failure."""

    strikes: int
    wait: timedelta
    feed: timedelta


WEIGHTS = {
    Trouble.BUSY: Weight(LIMIT, timedelta(minutes=1), timedelta(minutes=15)),
    Trouble.TLS: Weight(10, timedelta(hours=1), timedelta(hours=2)),
    Trouble.DNS: Weight(7, timedelta(minutes=30), timedelta(hours=1)),
    Trouble.TIMEOUT: Weight(7, timedelta(minutes=15), timedelta(minutes=30)),
    Trouble.REFUSED: Weight(7, timedelta(minutes=10), timedelta(minutes=30)),
    Trouble.BROKEN: Weight(4, timedelta(minutes=10), timedelta(minutes=15)),
    Trouble.SERVER: Weight(4, timedelta(minutes=5), timedelta(minutes=15)),
    Trouble.CLIENT: Weight(1, timedelta(minutes=30), timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class Record:
    """The failures of a host in a row: their weight, and how often it was left alone for them."""

    strikes: int = 0
    holds: int = 0

    def after(self, trouble: Trouble | None, asked: float | None = None) -> tuple[Record, timedelta | None]:
        """The record after one more request (None: it went well) and how long the host is now to be left alone.

        `asked`: seconds that Retry-After named; they count the first time as they are, and later as the least.
        """
        if trouble is None:
            return Record(), None
        weight = WEIGHTS[trouble]
        struck = replace(self, strikes=min(self.strikes + weight.strikes, 10 * LIMIT))
        if struck.strikes < LIMIT:
            return struck, None
        if asked:
            own = doubled(weight.wait, self.holds - 1) if self.holds else timedelta(0)
            wait = max(own, min(timedelta(seconds=asked), LONGEST_WAIT))
        else:
            wait = doubled(weight.wait, self.holds)
        return replace(struck, holds=self.holds + 1), wait


def doubled(wait: timedelta, times: int) -> timedelta:
    """A wait that doubles with each repetition, up to a day."""
    return min(wait * int(2 ** min(times, MOST_DOUBLINGS)), LONGEST_WAIT)


def of_status(status: int) -> Trouble | None:
    """What a status says of its host; None when the host is well, though the page may not be."""
    if status in (429, 503):
        return Trouble.BUSY
    if status >= 500:
        return Trouble.SERVER
    return Trouble.CLIENT if status >= 400 and status not in (404, 410) else None


def of_error(error: BaseException) -> Trouble | None:
    """What an error says of its host; None for one that is not the host's."""
    if isinstance(error, (DownloadCancelledError, IgnoreRequest, errors.ForbiddenAddress)):
        return None  # too large, or forbidden
    if isinstance(error, CannotResolveHostError):
        return Trouble.DNS
    if isinstance(error, DownloadTimeoutError):
        return Trouble.TIMEOUT
    if isinstance(error, DownloadConnectionRefusedError):
        return Trouble.REFUSED
    return Trouble.TLS if isinstance(error, errors.BadCertificate) else Trouble.BROKEN

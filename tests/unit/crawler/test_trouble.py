"""How failures of a host are weighed, and how long it is then left alone."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from crawler.errors import BadCertificate, ForbiddenAddress
from crawler.fetch.trouble import LIMIT, LONGEST_WAIT, WEIGHTS, Record, Trouble, doubled, of_error, of_status

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(200, None), (304, None), (301, None), (404, None), (410, None), (429, Trouble.BUSY), (503, Trouble.BUSY),
     (500, Trouble.SERVER), (502, Trouble.SERVER), (599, Trouble.SERVER), (403, Trouble.CLIENT), (401, Trouble.CLIENT),
     (418, Trouble.CLIENT), (451, Trouble.CLIENT)],
)  # fmt: skip
def test_what_a_status_says_of_its_host(status: int, trouble: Trouble | None) -> None:
    assert of_status(status) is trouble


@pytest.mark.parametrize(
    ("error", "trouble"),
    [(CannotResolveHostError("x"), Trouble.DNS), (DownloadTimeoutError("x"), Trouble.TIMEOUT),
     (DownloadConnectionRefusedError("x"), Trouble.REFUSED), (BadCertificate("x"), Trouble.TLS),
     (DownloadFailedError("x"), Trouble.BROKEN), (RuntimeError("x"), Trouble.BROKEN),
     (DownloadCancelledError("too large"), None), (IgnoreRequest("x"), None), (ForbiddenAddress("x"), None)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_an_error_says_of_its_host(error: Exception, trouble: Trouble | None) -> None:
    assert of_error(error) is trouble


def waits(trouble: Trouble, times: int, record: Record = Record(), asked: float | None = None) -> list[timedelta | None]:  # noqa: B008  frozen
    """How long the host is left alone after each of so many failures in a row."""
    found = []
    for _ in range(times):
        record, wait = record.after(trouble, asked)
        found.append(wait)
    return found


@pytest.mark.parametrize(
    ("trouble", "patience"),
    [(Trouble.BUSY, 0), (Trouble.TLS, 1), (Trouble.DNS, 2), (Trouble.TIMEOUT, 2), (Trouble.REFUSED, 2),
     (Trouble.BROKEN, 4), (Trouble.SERVER, 4), (Trouble.CLIENT, 19)],
)  # fmt: skip
def test_a_host_is_left_alone_after_some_failures_and_then_after_each_twice_as_long(trouble: Trouble, patience: int) -> None:
    found = waits(trouble, patience + 30)
    assert found[:patience] == [None] * patience
    held = [wait for wait in found[patience:] if wait is not None]
    assert len(held) == 30, "after the first hold, one failure is enough"
    assert held[0] == WEIGHTS[trouble].wait
    assert all(later == min(2 * earlier, LONGEST_WAIT) for earlier, later in itertools.pairwise(held))
    assert held[-1] == LONGEST_WAIT


def test_failures_of_several_kinds_add_up_and_an_answer_makes_them_good() -> None:
    record = Record()
    for trouble in (Trouble.TIMEOUT, Trouble.SERVER, Trouble.TIMEOUT, Trouble.CLIENT):
        record, wait = record.after(trouble)
        assert wait is None
    assert record.strikes == LIMIT - 1
    assert record.after(Trouble.CLIENT)[1] == WEIGHTS[Trouble.CLIENT].wait
    assert record.after(None) == (Record(), None)


def test_what_retry_after_asks_is_granted_and_grows_when_it_does_not_help() -> None:
    assert waits(Trouble.BUSY, 5, asked=5.0) == [timedelta(seconds=5), MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert waits(Trouble.BUSY, 2, asked=3600.0) == [60 * MINUTE] * 2
    assert waits(Trouble.BUSY, 1, asked=1e12) == [LONGEST_WAIT]
    assert waits(Trouble.BUSY, 3) == waits(Trouble.BUSY, 3, asked=0.0) == [MINUTE, 2 * MINUTE, 4 * MINUTE]


def test_nothing_overflows() -> None:
    assert doubled(LONGEST_WAIT, 10**9) == LONGEST_WAIT
    record = Record(10**6, 10**6)
    for _ in range(1000):
        record, wait = record.after(Trouble.TLS)
    assert wait == LONGEST_WAIT and record.strikes <= 10 * LIMIT

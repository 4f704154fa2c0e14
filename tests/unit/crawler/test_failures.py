"""Errors of Twisted and OpenSSL as they are told: what happened, in words, and which of ours it is."""

from __future__ import annotations

import pytest
from OpenSSL.SSL import Error as TLSError
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from crawler.errors import BadAnswer, BadCertificate
from crawler.fetch.failures import MOST_CAUSES, causes_of, in_words

URL = "https://news.example:8443/a"


def failed(*causes: BaseException, kind: type[ResponseFailed] = ResponseFailed) -> DownloadFailedError:
    """The error that Scrapy makes of what Twisted collected."""
    error = DownloadFailedError("[<twisted.python.failure.Failure>]")
    error.__cause__ = kind([Failure(cause) for cause in causes])
    return error


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (failed(TLSError([("SSL routines", "", "certificate verify failed")])), BadCertificate, "cannot be trusted"),
        (failed(TLSError([("SSL routines", "", "certificate has expired")])), BadCertificate, "has expired"),
        (failed(VerificationError([])), BadCertificate, "that of another host"),
        (failed(TLSError([("SSL routines", "", "wrong version number")])), BadAnswer, "no TLS with news.example: wrong"),
        (failed(TLSError()), BadAnswer, "the handshake failed"),
        (failed(ConnectionDone(), kind=ResponseNeverReceived), BadAnswer, "without an answer"),
        (failed(ConnectionLost()), BadAnswer, "before the headers"),
        (failed(KeyError(b"rot13")), BadAnswer, "not HTTP: KeyError b'rot13'"),
        (failed(ValueError("x" * 5000)), BadAnswer, "not HTTP: ValueError"),
        (ResponseDataLossError(), BadAnswer, "before the body"),
        (failed(DownloadCancelledError("too much")), DownloadCancelledError, "too much"),
        (failed(DownloadTimeoutError("too late")), DownloadTimeoutError, "too late"),
        (DownloadConnectionRefusedError("refused"), DownloadConnectionRefusedError, "refused"),
        (RuntimeError("ours"), RuntimeError, "ours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_in_words(error: BaseException, kind: type[BaseException], says: str) -> None:
    told = in_words(error, URL)
    assert isinstance(told, kind)
    assert says in str(told)
    assert len(str(told)) < 300


def test_causes_that_lead_back_are_told_once() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert list(causes_of(first)) == [first, second]
    many = failed(*(ValueError(str(number)) for number in range(100)))
    assert len(list(causes_of(many))) == MOST_CAUSES

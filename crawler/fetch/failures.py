"""Why a download failed, in words: from the errors of Twisted and OpenSSL to ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from OpenSSL.SSL import Error as TLSError
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError
from service_identity import CertificateError, VerificationError
from twisted.internet.error import ConnectionClosed
from twisted.web.client import ResponseNeverReceived

from crawler.errors import BadAnswer, BadCertificate, HostsLost, NoAnswer

MOST_CAUSES = 20  # of one error that are looked at


def in_words(error: BaseException, url: str) -> BaseException:
    """The error as it is to be told and recorded: one of ours, or one of Scrapy's that says all there is to say."""
    if not isinstance(error, (DownloadFailedError, ResponseDataLossError)):
        return error
    host = urlsplit(url).hostname
    causes = list(causes_of(error))
    for cause in causes:
        if isinstance(cause, (DownloadCancelledError, DownloadTimeoutError, HostsLost)):
            return cause
        if isinstance(cause, (VerificationError, CertificateError)):
            return BadCertificate(f"the certificate of {host} is that of another host")
        if isinstance(cause, TLSError):
            said = _said(cause)
            if "certificate" in said:
                return BadCertificate(
                    f"the certificate of {host} cannot be trusted: {said} (expired, or not of an authority)"
                )
            return BadAnswer(f"no TLS with {host}: {said}")
    if isinstance(error, ResponseDataLossError):
        return BadAnswer("the connection ended before the body did")
    last = causes[-1]
    if isinstance(last, ConnectionClosed):
        silent = any(isinstance(cause, ResponseNeverReceived) for cause in causes)
        if silent:
            return NoAnswer("the connection ended without an answer")
        return BadAnswer("the connection ended before the headers did")
    return BadAnswer(f"not HTTP: {type(last).__name__} {_shown(last)}".rstrip())


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, as Twisted and Python say, nearest first."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(seen) < MOST_CAUSES:
        cause = waiting.pop(0)
        cause = getattr(cause, "value", cause)  # Twisted wraps causes in failures
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            waiting += [*getattr(cause, "reasons", ()), cause.__cause__]
            yield cause


def _said(error: TLSError) -> str:
    """The words of OpenSSL, without its libraries and functions."""
    parts = error.args[0] if error.args and isinstance(error.args[0], (list, tuple)) else ()
    return "; ".join(str(part[-1]) for part in parts if part) or "the handshake failed"


def _shown(error: BaseException) -> str:
    return " ".join(repr(part)[:100] for part in error.args)

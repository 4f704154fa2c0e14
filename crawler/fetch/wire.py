"""What one answer may cost on the wire: the size of its head, the time until that is there, and bytes and time in all.

Twisted bounds only the length of a header line, so that a server could send headers, or interim answers, without end.
The classes of Scrapy that are extended here are private; the tests in tests/faults say when they change.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self
from weakref import WeakSet

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.settings import BaseSettings
from twisted.internet.interfaces import IAddress, IHandshakeListener, ISSLTransport
from twisted.python.failure import Failure
from twisted.web.http import _MalformedChunkedDataError
from zope.interface import implementer

from crawler.errors import HostsLost

GRACE = 5.0  # seconds that a connection lives longer than the download that it serves, which has its own clock
EXTENDED = re.compile(rb"[0-9a-fA-F]+[ \t]*;")  # how the line before a chunk begins that has extensions
CHUNK_OVERHEAD = 4  # bytes on the wire for each byte of a body: what small chunks may cost


@dataclass(frozen=True, slots=True)
class WireBounds:
    """Bytes and lines of the heads of an answer, interim ones included; bytes and seconds of the whole."""

    head_bytes: int
    head_lines: int
    head_seconds: float
    bytes: int
    seconds: float
    unacked: float = 0.0  # seconds that what was sent may be under way without a sign; 0: as long as the system says

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """The bounds that the settings name."""
        return cls(
            head_bytes=settings.getint("HEADERS_MAXSIZE"),
            head_lines=settings.getint("HEADERS_MAX"),
            head_seconds=settings.getfloat("HEADERS_TIMEOUT"),
            bytes=CHUNK_OVERHEAD * max(settings.getint("DOWNLOAD_MAXSIZE"), settings.getint("LISTING_MAXSIZE")),
            seconds=settings.getfloat("DOWNLOAD_TIMEOUT") + GRACE,
            unacked=settings.getfloat("UNACKED_TIMEOUT"),
        )


class _Parser(_LenientHTTPClientParser):
    """Reads an answer whose head is bounded. An error that it raises ends the connection."""

    bounds: WireBounds
    MAX_LENGTH = 2**31  # of a line: it is part of the head
    _head = 0
    _lines = 0

    def dataReceived(self, data: bytes) -> None:
        """Count what comes before a line is whole, too."""
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self.line_mode and self._head + len(self._buffer) > self.bounds.head_bytes:
            self._too_large()

    def lineReceived(self, line: bytes) -> None:
        """Count a line of the head."""
        self._head += len(line) + 1
        self._lines += 1
        if self._head > self.bounds.head_bytes or self._lines > self.bounds.head_lines:
            self._too_large()
        super().lineReceived(line)

    def _too_large(self) -> None:
        raise DownloadCancelledError(
            f"the head of the answer has more than {self.bounds.head_bytes} bytes or {self.bounds.head_lines} lines "
            "(HEADERS_MAXSIZE, HEADERS_MAX)"
        )


@implementer(IHandshakeListener)
class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection that is cut when an answer exceeds its bounds.

    Cut, not closed in order: over TLS a server that goes on sending would never agree to the end.
    """

    bounds: WireBounds
    sent: Callable[[str], None]  # told the URL of each request before it is written; may raise HostsLost
    _greeted = False
    _unsent = ""
    _received = 0
    _clock: Any = None

    def connectionMade(self) -> None:
        """Have the kernel give up what it cannot bring to the host (RFC 5482), whatever this process does meanwhile."""
        super().connectionMade()
        if self.bounds.unacked and hasattr(socket, "TCP_USER_TIMEOUT"):
            below: Any = self.transport
            while hasattr(below, "transport"):  # TLS
                below = below.transport
            milliseconds = int(self.bounds.unacked * 1000)
            below.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def request(self, request: Any) -> Any:
        """Send a request; its answer has to have begun, and to end, in time."""
        reactor: Any
        from twisted.internet import reactor

        url = request.absoluteURI.decode("ascii", "replace")
        if self._greeted or not ISSLTransport.providedBy(self.transport):
            try:
                self.sent(url)
            except HostsLost:
                self.transport.abortConnection()  # type: ignore[union-attr]
                raise
        else:
            self._unsent = url  # it is kept back until the handshake is over
        answer = super().request(request)
        if self._parser is None:
            return answer
        self._parser.__class__ = _Parser
        self._parser.bounds = self.bounds  # type: ignore[attr-defined]
        self._received = 0
        self._clock = reactor.callLater(self.bounds.head_seconds, self._out_of_time)
        return answer.addCallback(self._begun)

    def handshakeCompleted(self) -> None:
        """Note that what was kept back is on the wire now."""
        self._greeted = True
        url, self._unsent = self._unsent, ""
        if url:
            try:
                self.sent(url)
            except HostsLost:
                self.cut(Failure())  # type: ignore[no-untyped-call]

    def _begun(self, response: Any) -> Any:
        if self._clock is not None:
            self._clock.reset(self.bounds.seconds)
        return response

    def _out_of_time(self) -> None:
        self._clock = None
        error = DownloadTimeoutError(f"no answer within {self.bounds.head_seconds:g} s (HEADERS_TIMEOUT)")
        self.cut(Failure(error))  # type: ignore[no-untyped-call]

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def cut(self, reason: Failure) -> None:
        """Cut the connection; what it was asked for fails with `reason`."""
        self.transport.abortConnection()  # type: ignore[union-attr]
        self._disconnectParser(reason)  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:
        """Pass on what came, as long as it is within the bounds."""
        self._received += len(data)
        try:
            if self._received > self.bounds.bytes:
                raise DownloadCancelledError(f"the answer has more than {self.bounds.bytes} bytes on the wire")
            self._parser.dataReceived(data)  # type: ignore[union-attr]
        except _MalformedChunkedDataError as error:
            # of the extensions of a chunk Twisted takes 1 KiB, of trailers 64 KiB
            extended = EXTENDED.match(self._parser.bodyDecoder._buffer)  # type: ignore[union-attr]
            endless = "too long" in str(error) or ("maximum" in str(error) and extended)
            self.cut(Failure(DownloadCancelledError(str(error)) if endless else error))  # type: ignore[no-untyped-call]
        except BaseException:  # noqa: BLE001  as in Twisted: whatever it is, it is the end of this answer
            self.cut(Failure())  # type: ignore[no-untyped-call]

    def _finishResponse(self, rest: bytes) -> None:
        self._stop_clock()
        super()._finishResponse(rest)

    def connectionLost(self, reason: Any = None) -> None:
        """Stop the clock with the connection."""
        self._stop_clock()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


def bounded_factory(
    bounds: WireBounds, sent: Callable[[str], None], made: WeakSet[_Protocol]
) -> type[_LenientHTTP11ClientFactory]:
    """What Twisted's connection pool makes connections with, for its `_factory`. They are put into `made`."""

    class Factory(_LenientHTTP11ClientFactory):
        def buildProtocol(self, addr: IAddress | None) -> _Protocol:
            protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
            protocol.bounds = bounds
            protocol.sent = sent
            made.add(protocol)
            return protocol

    return Factory


def cut_all(made: Iterable[_Protocol], reason: Exception) -> None:
    """Cut connections, those that are open."""
    for protocol in list(made):
        if protocol.transport is not None:
            protocol.cut(Failure(reason))  # type: ignore[no-untyped-call]

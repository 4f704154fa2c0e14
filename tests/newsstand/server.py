"""The HTTP side of a site: HTTP/1.1 with keep-alive, conditional requests, HEAD and gzip on one loopback port."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.newsstand.model import Request, Resource
from tests.newsstand.pages import http_date

if TYPE_CHECKING:
    from tests.newsstand.site import Site

IDLE_SECONDS = 30  # a client that sends or reads nothing for so long is let go


class SiteServer(ThreadingHTTPServer):
    """Serves one site; closing it closes the connections too, so that no slow reader holds up the exit."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        record: Callable[[Request], None],
        latency: Callable[[], float],
        disturb: Callable[[Handler, Resource], bool],
    ) -> None:
        """`disturb` is asked before each answer; True: it has dealt with the request in its own way."""
        self.site: Site  # set before the first request: the site needs the port, which only the server knows
        self.record = record
        self.latency = latency
        self.disturb = disturb
        self.open_sockets: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """Stop accepting, then cut what is still open."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self.lock:
            for connection in self.open_sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of the newsroom; anything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    protocol_version = "HTTP/1.1"
    server: SiteServer
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body leave in one piece

    def setup(self) -> None:
        """Remember the connection while it is open."""
        super().setup()
        with self.server.lock:
            self.server.open_sockets.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        with self.server.lock:
            self.server.open_sockets.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer as GET would, without the body."""
        self._answer(body=False)

    def version_string(self) -> str:
        """What the sites say they run."""
        return "newsstand"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr: `Newsstand.requests` has it all."""

    def _answer(self, *, body: bool) -> None:
        if delay := self.server.latency():
            self.server.closing.wait(delay)
        # a fragment never reaches a server, and an absolute request URI is what a proxy would get
        resource = self.server.site.answer(self.path)
        if self.server.disturb(self, resource):
            return
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        status = 304 if resource.status == 200 and self._is_fresh(resource) else resource.status
        self._record(status, conditional)
        content = resource.body
        zipped = self.server.site.spec.gzip and "gzip" in self.headers.get("Accept-Encoding", "")
        zipped = zipped and resource.content_type.startswith(("text/", "application/xml", "application/rss"))
        if zipped and status == 200:
            content = gzip.compress(content, 6, mtime=0)
        self.send_response(status)
        if resource.etag:
            self.send_header("ETag", resource.etag)
        if resource.modified:
            self.send_header("Last-Modified", http_date(resource.modified))
        if resource.location:
            self.send_header("Location", resource.location)
        if status != 304:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(content)))
            if zipped and status == 200:
                self.send_header("Content-Encoding", "gzip")
        if self.server.site.spec.gzip:
            self.send_header("Vary", "Accept-Encoding")
        self.send_header("Cache-Control", "max-age=60")
        self.end_headers()
        if body and status != 304:
            self.wfile.write(content)

    def _is_fresh(self, resource: Resource) -> bool:
        """RFC 9110, 13.2.2: If-None-Match decides; If-Modified-Since counts only without it."""
        asked = self.headers.get("If-None-Match")
        if asked is not None:
            tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
            return bool(resource.etag) and (resource.etag.removeprefix("W/") in tags or "*" in tags)
        since = self.headers.get("If-Modified-Since")
        if since is None or resource.modified is None:
            return False
        try:
            return resource.modified <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    def _record(self, status: int, conditional: bool) -> None:
        site = self.server.site
        self.server.record(
            Request(
                at=time.monotonic(),
                wall=datetime.now(UTC),
                site=site.slug,
                host=site.base_url.removeprefix("http://"),
                method=self.command,
                path=self.path,
                status=status,
                conditional=conditional,
                user_agent=self.headers.get("User-Agent", ""),
                headers={name.lower(): value for name, value in self.headers.items()},
            )
        )

"""Sites on loopback that answer as no site should, byte for byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from xml.sax.saxutils import escape

WORDS = "harbour bridge council market river station school bakery tower garden museum ferry".split()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it; `at` is monotonic seconds."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `raw` is sent as it is, status line and all, and the connection closed."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Wire:
    """What a route that answers by itself writes to: gone when the client hangs up or the site is closed."""

    def __init__(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        self._handler = handler
        self._closing = closing

    def send(self, data: bytes) -> bool:
        """Send bytes at once; False when nobody reads them any more."""
        if self._closing.is_set():
            return False
        try:
            self._handler.wfile.write(data)
            self._handler.wfile.flush()
        except OSError:
            return False
        return True

    def reset(self) -> None:
        """Break the connection off, so that the client sees an error and no end."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def wait(self, seconds: float) -> bool:
        """Wait; False when the site is closed meanwhile."""
        return not self._closing.wait(seconds)


# what a path answers: the same each time, another thing for each request, or by itself byte for byte
Route = Answer | Callable[[Asked], Answer] | Callable[[Asked, Wire], None]


class FaultySite:
    """Answers GET on a port of a loopback address while it is open, over TLS when it is given a context for it.

    `routes` maps paths (with their query) to what they answer; what is not in it is asked of `otherwise`.
    `asked` has every request in order.
    """

    def __init__(
        self,
        routes: Mapping[str, Route] | None = None,
        otherwise: Route | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.otherwise: Route = otherwise or Answer(b"not here", 404)
        self.asked: list[Asked] = []
        closing = self._closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = Asked(self.path, dict(self.headers.items()), time.monotonic())
                site.asked.append(asked)
                route = site.routes.get(self.path, site.otherwise)
                with suppress(OSError):
                    self._answer(route, asked)

            def _answer(self, route: Route, asked: Asked) -> None:
                answer = route
                if callable(answer):
                    if answer.__code__.co_argcount - hasattr(answer, "__self__") == 2:
                        self.close_connection = True
                        answer(asked, Wire(self, closing))  # type: ignore[call-arg]
                        return
                    answer = answer(asked)  # type: ignore[call-arg, assignment]
                assert isinstance(answer, Answer)
                if answer.raw is not None:
                    self.close_connection = True
                    self.wfile.write(answer.raw)
                    return
                self.send_response(answer.status)
                headers = {"Content-Type": "text/html; charset=utf-8"} | dict(answer.headers)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is what these sites provoke."""

        self._http = Quiet((host, port), Handler)
        if tls is not None:
            # the handshake belongs in the thread of its connection: one that fails must not hold up the others
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self._http.server_address[1])
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    def __enter__(self) -> FaultySite:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    def source(
        self,
        *,
        feeds: Sequence[str] = ("/feed.xml",),
        name: str = "Faulty",
        more: str = "",
        delay: float = 0,
        limits: str = "",
    ) -> str:
        """A source file for this site; `more` is TOML that goes below the feeds, `limits` goes below the delay."""
        listed = "".join(f'[[feeds]]\nurl = "{self.url}{path}"\n' for path in feeds)
        return (
            f'name = "{name}"\nhome = "{self.url}/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n'
            f"{listed}{more}\n[limits]\ndelay = {delay}\n{limits}\n"
        )


def article(number: int = 1, *, head: str = "", body: str = "") -> bytes:
    """A page with an article of its own, in a few words that differ from number to number."""
    town, thing = WORDS[number % 12], WORDS[(number // 12 + 5) % 12]
    lines = [
        f"The {thing} of the {town} was opened again on Friday, said the town clerk in report {number} of the year.",
        f"Work on the {thing} had taken {number + 2} months, and cost the {town} more than its council had planned for.",
        f"A second part, which the {town} needs before winter, begins when offer number {number} has been read and signed.",
    ]
    title = title_of(number)
    text = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article">{head}</head>'
        f"<body><article><h1>{title}</h1>{text}{body}</article></body></html>"
    ).encode()


def title_of(number: int) -> str:
    """The headline of `article(number)`."""
    return f"The {WORDS[number % 12]} opens its {WORDS[(number // 12 + 5) % 12]} again, report {number} says"


def rss(*links: str, more: str = "") -> Answer:
    """A feed that offers these URLs; `more` is XML that goes into the channel."""
    items = "".join(f"<item><title>{escape(link)}</title><link>{escape(link)}</link></item>" for link in links)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{more}{items}</channel></rss>'
    return Answer(body.encode(), headers={"Content-Type": "application/rss+xml"})

"""A loopback server with a few fixed answers, and the environment of commands that are to meet it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from tests.newsstand.demo import ROOT, crawl_environment

__all__ = ["ROOT", "Answer", "Server", "crawl_environment", "source_file"]


@dataclass(frozen=True)
class Answer:
    """What is answered at a path; `hang` answers nothing at all until the server is closed."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


class Server:
    """Answers GET on a port of 127.0.0.1 while it is open; `asked` has the paths in order."""

    def __init__(self, answers: Mapping[str, Answer], otherwise: Answer | None = None) -> None:
        self.answers = dict(answers)
        self.otherwise = otherwise or Answer(404)
        self.asked: list[str] = []
        closing = self._closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                answer = server.answers.get(self.path, server.otherwise)
                if answer.hang:
                    closing.wait(30)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()


def source_file(feed: str, name: str = "Probe", zone: str = "UTC") -> str:
    """A source file with one feed."""
    home = "/".join(feed.split("/")[:3]) + "/"
    return (
        f'name = "{name}"\nhome = "{home}"\ncountry = "fr"\nlanguage = "fr"\ntimezone = "{zone}"\n'
        f'[[feeds]]\nurl = "{feed}"\n[limits]\ndelay = 0\n'
    )

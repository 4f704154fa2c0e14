"""Newspapers of one feed and some articles each, every one on a port of its own; each request is written down when it comes.

`python -m tests.workers.press ADDRESS PAPERS ARTICLES LOG` serves until it is ended; the first line on stdout has the ports.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from tests.newsstand import bulk
from tests.newsstand.model import Story


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: monotonic seconds, host with port, path."""

    at: float
    host: str
    path: str


@dataclass
class Press:
    """The papers, which are open in the block of a `with`."""

    papers: int
    articles: int
    address: str = "127.0.0.1"
    delay: float = 0.3  # that their source files ask for
    latency: float = 0.0  # seconds before an answer
    log: TextIO | None = None
    asked: list[Asked] = field(default_factory=list)
    retry_after: dict[str, int] = field(default_factory=dict)  # host: seconds that its next article answers 429 with
    redirects: dict[str, str] = field(default_factory=dict)  # path: where it leads, of every paper
    servers: list[ThreadingHTTPServer] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in range(self.papers):
            server = _Server((self.address, 0), _Handler)
            server.press, server.stories = self, stories(number, self.articles)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            self.servers.append(server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()

    @property
    def hosts(self) -> list[str]:
        """Host and port of each paper."""
        return [f"{self.address}:{server.server_address[1]}" for server in self.servers]

    def note(self, asked: Asked) -> None:
        """Write a request down."""
        self.asked.append(asked)
        if self.log is not None:
            print(json.dumps([asked.at, asked.host, asked.path]), file=self.log, flush=True)


def write_sources(folder: Path, hosts: list[str], delay: float, more: str = "") -> None:
    """Source files of papers: paper00, paper01 and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, host in enumerate(hosts):
        (folder / f"paper{number:02d}.toml").write_text(
            f'name = "Paper {number}"\nhome = "http://{host}/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n{more}\n'
            f'[[feeds]]\nurl = "http://{host}/feed.xml"\n[limits]\ndelay = {delay}\n[schedule]\nevery = "1h"\n'
        )


def stories(paper: int, count: int) -> list[Story]:
    """The articles of a paper, no two alike."""
    chance = random.Random(f"paper {paper}")
    return [bulk.story(paper * 1000 + number, chance) for number in range(count)]


def gaps(asked: list[Asked]) -> list[tuple[float, Asked, Asked]]:
    """(seconds, request, next request) of each host."""
    by_host: dict[str, list[Asked]] = {}
    for one in sorted(asked, key=lambda one: one.at):
        by_host.setdefault(one.host, []).append(one)
    return [(after.at - before.at, before, after) for some in by_host.values() for before, after in pairwise(some)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    press: Press
    stories: list[Story]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        """Answer, and write down when it was asked."""
        press, host = self.server.press, self.headers["Host"]
        press.note(Asked(time.monotonic(), host, self.path))
        if press.latency:
            time.sleep(press.latency)
        if self.path == "/feed.xml":
            self._give(200, "application/rss+xml", _feed(f"http://{host}", self.server.stories))
        elif self.path in press.redirects:
            self._give(302, "text/plain", "", Location=press.redirects[self.path])
        elif (story := next((one for one in self.server.stories if self.path == f"/world/{one.slug}"), None)) is None:
            self._give(404, "text/plain", "nothing here")
        elif (seconds := press.retry_after.pop(host, None)) is not None:
            self._give(429, "text/plain", "later", **{"Retry-After": str(seconds)})
        else:
            self._give(200, "text/html; charset=utf-8", _page(story))

    def _give(self, status: int, kind: str, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """A client that was killed hangs up."""
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


def _published(story: Story) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1 + int(story.id) % 1000 * 0.05)


def _feed(base: str, some: list[Story]) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{base}/world/{one.slug}</link>"
        f"<pubDate>{format_datetime(_published(one))}</pubDate></item>"
        for one in some
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'


def _page(story: Story) -> str:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(story.title)}</title></head><body><main><article>"
        f"<h1>{escape(story.title)}</h1>{text}</article></main></body></html>"
    )


def _main(address: str, papers: str, articles: str, log: str) -> None:
    with open(log, "a", encoding="utf-8") as file, Press(int(papers), int(articles), address, log=file) as press:
        print(json.dumps(press.hosts), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _main(*sys.argv[1:])

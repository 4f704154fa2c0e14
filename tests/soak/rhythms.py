"""Forty feeds with rhythms of their own, served under a sped-up clock, and the looks that the policy would take at them."""

from __future__ import annotations

import heapq
import random
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, exp, pi
from pathlib import Path

from crawler.lookout import TICK
from crawler.polling import PollPolicy
from tests.soak.clock import Clock

SITES, FEEDS = 8, 5  # sites, feeds of each
RATES = (2.0, 120.0)  # items a day
BEFORE = timedelta(days=25)  # of news before the crawl begins
WINDOW = 30
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One feed: when it publishes what, sorted."""

    site: int
    path: str
    items: tuple[datetime, ...]

    def shown(self, now: datetime) -> Sequence[datetime]:
        """The items in the feed at a time."""
        out = bisect_right(self.items, now)
        return self.items[max(out - WINDOW, 0) : out]


def rhythms(seed: int, epoch: datetime, days: float) -> list[Rhythm]:
    """The feeds, with items from some time before `epoch` to so many days after it."""
    chance = random.Random(seed)
    made = []
    for number in range(SITES * FEEDS):
        rate = RATES[0] * (RATES[1] / RATES[0]) ** (number / (SITES * FEEDS - 1))
        phase, peak = chance.uniform(0, 24), chance.uniform(0.5, 2.5)
        moment, items = epoch - BEFORE, []
        while moment < epoch + timedelta(days=days):
            moment += timedelta(days=chance.expovariate(rate * 2.5))
            level = (0.15 + exp(peak * cos(2 * pi * (moment.hour - phase) / 24))) / (0.15 + exp(peak))
            if chance.random() < level:
                items.append(moment.replace(microsecond=0))
        made.append(Rhythm(number % SITES, f"/feed-{number}.xml", tuple(items)))
    return made


class Newsagents:
    """Serves the feeds, a port for each site; what they link to must not be asked for, by robots.txt."""

    def __init__(self, feeds: Sequence[Rhythm], clock: Clock) -> None:
        self.looks: list[tuple[datetime, str]] = []  # the request log: (time of the clock, path) of each look at a feed
        self.strays: list[str] = []  # whatever else was asked for
        self.clock = clock
        self._feeds = {feed.path: feed for feed in feeds}
        self._lock = threading.Lock()
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler()) for _ in range(SITES)]

    def __enter__(self) -> Newsagents:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def write_catalog(self, folder: Path) -> None:
        """A source file for each site."""
        for number, server in enumerate(self._servers):
            base = f"http://127.0.0.1:{server.server_address[1]}"
            lines = [f'name = "Agent {number}"', f'home = "{base}/"', 'country = "gb"', 'language = "en"']
            lines += ['timezone = "UTC"', "[limits]", "delay = 0"]
            for feed in self._feeds.values():
                if feed.site == number:
                    lines += ["[[feeds]]", f'url = "{base}{feed.path}"']
            path = folder / "gb" / f"agent-{number}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", "utf-8")

    def _answer(self, path: str) -> bytes:
        now = self.clock.now()
        if path == "/robots.txt":
            return b"User-agent: *\nDisallow: /news/\n"
        with self._lock:
            if path not in self._feeds:
                self.strays.append(path)
                return b""
            self.looks.append((now, path))
        feed = self._feeds[path]
        items = "".join(
            f"<item><title>News of {item}</title><link>/news{path}/{item.timestamp():.0f}</link>"
            f"<pubDate>{format_datetime(item)}</pubDate></item>"
            for item in reversed(feed.shown(now))
        )
        return f'<rss version="2.0"><channel><title>{path}</title>{items}</channel></rss>'.encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        agents = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = agents._answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain" if self.path.endswith(".txt") else "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """The looks are the log."""

        return Handler


def planned(feeds: Sequence[Rhythm], budget: float, begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """The looks that the policy takes by itself, without a network and at once."""
    policy = PollPolicy(budget, len(feeds))
    states = [policy.new_state() for _ in feeds]
    known: list[set[datetime]] = [set() for _ in feeds]
    heap = [(begin, number) for number in range(len(feeds))]
    looks: list[tuple[datetime, str]] = []
    ticked, since = begin, 0
    while heap[0][0] < end:
        now, number = heap[0]
        shown = feeds[number].shown(now)
        news = [item for item in shown if item not in known[number]]
        states[number] = policy.observe(
            states[number], now=now, published=news, window=len(shown), overlap=len(news) < len(shown)
        )
        known[number].update(news)
        looks.append((now, feeds[number].path))
        since += 1
        if now - ticked >= TICK:
            policy.tick(now, since)
            ticked, since = now, 0
        heapq.heapreplace(heap, (policy.next_check(states[number], now), number))
    return looks


def by_feed(looks: Sequence[tuple[datetime, str]], begin: datetime) -> Counter[str]:
    """How often each feed was looked at from a time on."""
    return Counter(path for moment, path in looks if moment.astimezone(UTC) >= begin)

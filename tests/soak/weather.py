"""Faults of sites: single requests that go wrong, and spells in which a whole site, its feed or its robots.txt does.

What happens to a request depends on the seed, its URL and how often that was asked for; a spell on the seed and the time.
"""

from __future__ import annotations

import random
import socket
import struct
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.newsstand.model import Resource
from tests.newsstand.server import Handler
from tests.soak.newsroom import Newsroom

BAD = 0.15  # share of the requests that go wrong in fair weather
SINGLE = {  # what goes wrong with them, with its weight
    "503": 4,
    "503 for a while": 2,
    "503 until a date": 2,
    "429": 1,
    "429 for a while": 1,
    "500": 2,
    "hang": 1,
    "slow": 6,
    "short body": 4,
    "reset": 4,
    "no HTTP": 1,
    "edited while fetched": 6,
}
SPELLS = {  # what goes wrong for a while, with the longest while in minutes
    "site down": 50,
    "site busy": 50,
    "site slow": 120,
    "feed is a page": 180,
    "feed fails": 180,
    "feed cut short": 180,
    "robots.txt fails": 120,
    "robots.txt hangs": 60,
    "robots.txt slow": 120,
}
EVERY = timedelta(hours=8)  # a site has a spell of something this often
HANG = 30.0  # real seconds; the crawler gives up long before
SLOW = 0.7  # real seconds


@dataclass
class Weather:
    """Asked by the newsroom's servers before each answer. `calm`: nothing goes wrong any more."""

    seed: int
    newsroom: Newsroom
    calm: bool = False

    def __post_init__(self) -> None:
        self.done: Counter[str] = Counter()
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._epoch = self.newsroom.clock.now()

    def disturb(self, handler: Handler, resource: Resource) -> bool:
        """Let something go wrong with a request, or nothing; True when that was all of its answer."""
        if self.calm:
            return False
        site, path = handler.server.site.slug, handler.path
        self._asked[site + path] += 1
        chance = random.Random(f"{self.seed}/{site}/{path}/{self._asked[site + path]}")
        kind = self._of_spell(self.spell(site, self.newsroom.clock.now()), path)
        if not kind and chance.random() < BAD:
            kind = chance.choices(list(SINGLE), list(SINGLE.values()))[0]
        if not kind:
            return False
        self.done[kind] += 1
        return self._do(kind, handler, resource, chance)

    def spell(self, site: str, now: datetime) -> str:
        """What is wrong with a site at a time, or ""."""
        number, since = divmod(now - self._epoch, EVERY)
        chance = random.Random(f"{self.seed}/{site}/{number}")
        kind = chance.choice(list(SPELLS))
        length = timedelta(minutes=chance.uniform(10, SPELLS[kind]))
        begin = chance.uniform(0, 1) * (EVERY - length)
        return kind if begin <= since < begin + length else ""

    def _of_spell(self, spell: str, path: str) -> str:
        what, _, how = spell.partition(" ")
        is_feed, is_robots = path.endswith((".xml", ".json")), path == "/robots.txt"
        if what == "site":
            return {"down": "reset", "busy": "503 for a while", "slow": "slow"}[how]
        if what == "feed" and is_feed:
            return {"is a page": "page", "fails": "500", "cut short": "cut"}[how]
        if what == "robots.txt" and is_robots:
            return {"fails": "503", "hangs": "hang", "slow": "slow"}[how]
        return ""

    def _do(self, kind: str, handler: Handler, resource: Resource, chance: random.Random) -> bool:
        if kind == "slow":
            handler.server.closing.wait(chance.uniform(0.1, 1) * SLOW)
            return False
        if kind == "edited while fetched":
            self._edit(handler)
            return False  # with the old text
        if kind == "hang":
            handler.server.closing.wait(HANG)
            handler.close_connection = True
            return True
        if kind == "reset":
            # closed with a linger of 0 seconds: RST instead of FIN
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            with suppress(OSError):
                handler.connection.shutdown(socket.SHUT_RD)
            return True
        if kind == "no HTTP":
            self._send(handler, b"220 this is another protocol\r\n")
            return True
        if kind == "short body":
            cut = resource.body[: len(resource.body) * 2 // 3]
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: {resource.content_type}\r\nContent-Length: {len(cut) + 999}\r\n\r\n"
            )
            self._send(handler, head.encode() + cut)
            return True
        if kind == "page":
            self._answer(handler, 200, "text/html", b"<!doctype html><html><body><p>Back soon.</p></body></html>")
        elif kind == "cut":
            self._answer(handler, 200, resource.content_type, resource.body[: len(resource.body) // 3])
        else:
            self._refuse(kind, handler, chance)
        return True

    def _refuse(self, kind: str, handler: Handler, chance: random.Random) -> None:
        status, _, how = kind.partition(" ")
        later = {}
        if how == "for a while":
            later = {"Retry-After": str(chance.choice((1, 60, 600, 1800)))}
        elif how == "until a date":
            moment = self.newsroom.clock.now() + timedelta(minutes=chance.uniform(1, 40))
            later = {"Retry-After": format_datetime(moment, usegmt=True)}
        self._answer(handler, int(status), "text/html", b"<html><body>not now</body></html>", later)

    def _edit(self, handler: Handler) -> None:
        site = handler.server.site
        article = next((a for a in list(site.all_articles.values()) if a.path == handler.path), None)
        if article is not None:
            self.newsroom.edit(site, article)

    def _send(self, handler: Handler, data: bytes) -> None:
        handler.close_connection = True
        handler.wfile.write(data)

    def _answer(
        self, handler: Handler, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

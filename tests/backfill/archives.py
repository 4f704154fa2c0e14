"""Servers that speak the protocols of two archives: CDX with resume keys and replay with `id_`, and collinfo.json, an index
in pages and WARC files by range. Both hold the copies that a test gives them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from archive.exchanges import Exchange
from archive.warc import exchange_records
from tests.backfill.serving import Answer, Asked, Server

STAMP = "%Y%m%d%H%M%S"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Copy:
    """What an archive captured."""

    url: str
    at: datetime
    body: bytes
    status: int = 200
    mime: str = "text/html"

    @property
    def stamp(self) -> str:
        """Its time, as CDX has it."""
        return self.at.strftime(STAMP)

    @property
    def digest(self) -> str:
        """Its payload digest, without the name of the algorithm."""
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()

    @property
    def key(self) -> str:
        """Its address in SURT form."""
        parts = urlsplit(self.url)
        return ",".join(reversed((parts.hostname or "").removeprefix("www.").split("."))) + ")" + (parts.path or "/")


def matching(copies: list[Copy], asked: Asked) -> list[Copy]:
    """The copies that a CDX query is about, by address and then by time."""
    url, match = asked.one("url"), asked.one("matchType")
    host, _, path = url.partition("/")
    host = host.removeprefix("www.")
    found = []
    for one in sorted(copies, key=lambda one: (one.key, one.stamp)):
        parts = urlsplit(one.url)
        name = (parts.hostname or "").removeprefix("www.")
        if name != host and not (match == "domain" and name.endswith("." + host)):
            continue
        if match == "prefix" and not parts.path.startswith("/" + path):
            continue
        since, until = asked.one("from"), asked.one("to")
        if (since and one.stamp < since) or (until and one.stamp > until):
            continue
        found.append(one)
    return found


@dataclass
class WaybackServer:
    """The Wayback Machine. `page`: lines in one answer of the index, whatever limit is asked for. `trouble`: an answer
    instead of what is right, once for each time that it gives one."""

    copies: list[Copy]
    page: int = 1000
    trouble: Callable[[Asked], Answer | None] = lambda asked: None
    moved: dict[str, datetime] = field(default_factory=dict)  # stamp -> what Memento-Datetime says instead
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server(self.answer)

    def answer(self, asked: Asked) -> Answer:
        """What it says."""
        if (instead := self.trouble(asked)) is not None:
            return instead
        if asked.path == "/cdx/search/cdx":
            return self.index(asked)
        if found := re.fullmatch(r"/web/(\d{14})id_/(.+)", asked.path):
            return self.replay(*found.groups())
        return Answer(b"?", 404)

    def index(self, asked: Asked) -> Answer:
        """The CDX server: filters, collapsing of neighbours, and a resume key behind an empty line."""
        rows, last = [], None
        wanted = dict(one.split(":") for one in asked.query.get("filter", []))
        for one in matching(self.copies, asked):
            if (
                wanted.get("statuscode", str(one.status)) != str(one.status)
                or wanted.get("mimetype", one.mime) != one.mime
            ):
                continue
            now = (one.key, one.digest)
            if asked.one("collapse") == "digest" and now == last:
                continue
            last = now
            rows.append(f"{one.key} {one.stamp} {one.url} {one.mime} {one.status} {one.digest} {len(one.body)}")
        start = int(asked.one("resumeKey") or 0)
        size = min(self.page, int(asked.one("limit") or self.page))
        lines = rows[start : start + size]
        if start + size < len(rows) and asked.one("showResumeKey") == "true":
            lines += ["", str(start + size)]
        return Answer("".join(f"{line}\n" for line in lines).encode(), headers={"Content-Type": "text/plain"})

    def replay(self, stamp: str, url: str) -> Answer:
        """The bytes of a capture, with its headers (Memento, RFC 7089); a redirect to the nearest one where none is."""
        of_url = [one for one in self.copies if one.url == url]
        exact = [one for one in of_url if one.stamp == stamp]
        if not of_url:
            return Answer(b"The Wayback Machine has not archived that URL.", 404)
        if not exact:
            return Answer(b"", 302, {"Location": f"{self.server.url}/web/{of_url[0].stamp}id_/{url}"})
        one = exact[0]
        said = self.moved.get(stamp, one.at)
        headers = {
            "Memento-Datetime": format_datetime(said, usegmt=True),
            "Link": f'<{url}>; rel="original", <{self.server.url}/web/timemap/link/{url}>; rel="timemap"',
            "Content-Type": HTML,
            "X-Archive-Orig-content-type": HTML,
            "X-Archive-Orig-content-encoding": "gzip",
            "X-Archive-Orig-server": "old-server",
            "X-Archive-Src": "CRAWL-2019.warc.gz",
        }
        return Answer(one.body, one.status, headers)


@dataclass
class CommonCrawlServer:
    """Common Crawl: a crawl for each year of the copies. `dated`: collinfo.json says from when to when each was."""

    copies: list[Copy]
    page: int = 1000
    dated: bool = True
    ranges: bool = True
    trouble: Callable[[Asked], Answer | None] = lambda asked: None
    server: Server = field(init=False)
    files: dict[str, bytes] = field(default_factory=dict)
    places: dict[Copy, tuple[str, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.copies:
            name = f"crawl-data/CC-MAIN-{one.at:%Y}-10/segments/1/warc/one.warc.gz"
            data = self.files.setdefault(name, b"")
            head = (("Content-Type", HTML), ("X-Crawl-Content-Encoding", "gzip"))
            record, _ = exchange_records(Exchange(one.url, one.at, one.status, "OK", head, one.body), None)
            self.places[one] = (name, len(data), len(record))
            self.files[name] = data + record
        self.server = Server(self.answer)

    def answer(self, asked: Asked) -> Answer:
        """What it says."""
        if (instead := self.trouble(asked)) is not None:
            return instead
        if asked.path == "/collinfo.json":
            return Answer(json.dumps(self.collections()).encode(), headers={"Content-Type": "application/json"})
        if found := re.fullmatch(r"/CC-MAIN-(\d{4})-10-index", asked.path):
            return self.index(asked, found[1])
        if (data := self.files.get(asked.path.lstrip("/"))) is not None:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
            if found is None or not self.ranges:
                return Answer(data)
            start, end = int(found[1]), int(found[2]) + 1
            return Answer(data[start:end], 206, {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"})
        return Answer(b"", 404)

    def collections(self) -> list[dict[str, str]]:
        """The indexes, the newest first; they name another host, as those of a mirror do."""
        found = []
        for year in sorted({one.at.year for one in self.copies}, reverse=True):
            one = {"id": f"CC-MAIN-{year}-10", "cdx-api": f"https://index.example/CC-MAIN-{year}-10-index"}
            found.append(
                one | ({"from": f"{year}-01-01T00:00:00", "to": f"{year}-12-31T00:00:00"} if self.dated else {})
            )
        return found

    def index(self, asked: Asked, year: str) -> Answer:
        """A pywb CDX server: JSON lines, 404 when there is nothing, 400 behind the last page."""
        rows = [one for one in matching(self.copies, asked) if f"{one.at:%Y}" == year and one.status == 200]
        if not rows:
            return Answer(b'{"message": "No Captures found for: x"}', 404)
        page = int(asked.one("page"))
        lines = rows[page * self.page : (page + 1) * self.page]
        if not lines:
            return Answer(b"Page out of range", 400)
        said = [
            json.dumps(
                {"urlkey": one.key, "timestamp": one.stamp, "url": one.url, "mime": one.mime, "status": str(one.status),
                 "digest": one.digest, "filename": self.places[one][0], "offset": str(self.places[one][1]),
                 "length": str(self.places[one][2])}
            )
            for one in lines
        ]  # fmt: skip
        return Answer("\n".join(said).encode(), headers={"Content-Type": "text/x-ndjson"})


def at(text: str) -> datetime:
    """A time, such as 2019-03-04T10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

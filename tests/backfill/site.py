"""A newsroom that has been there for years: articles of many months, dated sitemaps, paged and archived feeds."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from archive.records import utc_text
from tests.backfill.serving import Answer, Asked, Server

WORDS = """harbour council bridge minister river report market strike school weather doctor farmer island railway budget
election village hospital factory museum engineer festival garden protest pilot captain winter summer border treaty""".split()


@dataclass(frozen=True)
class Story:
    """An article of the newsroom."""

    path: str
    published: datetime
    title: str
    text: tuple[str, ...]

    def html(self, base: str = "", more: str = "") -> bytes:
        """Its page."""
        data = {"@type": "NewsArticle", "headline": self.title, "datePublished": utc_text(self.published)}
        paragraphs = "".join(f"<p>{one}</p>" for one in (*self.text, *([more] if more else [])))
        return (
            f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{self.title}</title>"
            f"<link rel='canonical' href='{base}{self.path}'>"
            f"<script type='application/ld+json'>{json.dumps(data)}</script></head>"
            f"<body><article><h1>{self.title}</h1>{paragraphs}</article></body></html>"
        ).encode()


def story(number: int, published: datetime, path: str = "") -> Story:
    """An article whose words no other one has in that order."""
    draw = random.Random(number)
    text = tuple(" ".join(draw.choices(WORDS, k=40)).capitalize() + "." for _ in range(4))
    title = f"The {draw.choice(WORDS)} and the {draw.choice(WORDS)} of case {number}"
    return Story(path or f"/news/{number}-{'-'.join(draw.choices(WORDS, k=3))}", published, title, text)


def stories(months: int, each: int, last: datetime) -> list[Story]:
    """`each` articles in each of some months, spread over them, the newest first; the newest is from `last`."""
    found = []
    for month in range(months):
        for number in range(each):
            found.append(story(month * 1000 + number, last - timedelta(days=30 * month + number * 20 // each)))
    return sorted(found, key=lambda one: one.published, reverse=True)


@dataclass
class OldSite:
    """Serves the stories; `page_size` entries on a page of a feed. `gone`, `broken`: paths that answer 404, 500."""

    stories: list[Story]
    page_size: int = 4
    wordpress: bool = False  # its feed says so, and knows ?paged=N
    endless: bool = False  # behind the last page of the feed the first one is given again
    archived: bool = False  # the feed has archive documents (RFC 5005, section 4)
    robots: str = ""
    gone: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server(self.answer)

    def months(self) -> list[str]:
        """Its months, such as 2024-05, the newest first."""
        return list(dict.fromkeys(f"{one.published:%Y-%m}" for one in self.stories))

    def answer(self, asked: Asked) -> Answer:
        """What it says."""
        path = asked.path
        if path in self.gone:
            return Answer(b"not here", 404)
        if path in self.broken:
            return Answer(b"broken", 500)
        if path == "/robots.txt":
            return Answer(self.robots.encode(), 200 if self.robots else 404, {"Content-Type": "text/plain"})
        if path == "/sitemap.xml":
            maps = "".join(
                f"<sitemap><loc>{self.server.url}/sitemap-{one}.xml</loc></sitemap>" for one in self.months()
            )
            return xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>')
        if path.startswith("/sitemap-"):
            month = path[len("/sitemap-") : -len(".xml")]
            urls = "".join(
                f"<url><loc>{self.server.url}{one.path}</loc><lastmod>{utc_text(one.published)}</lastmod></url>"
                for one in self.stories
                if f"{one.published:%Y-%m}" == month
            )
            return xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')
        if path == "/feed":
            return self.feed(int(asked.one("paged") or 1))
        if path.startswith("/archive/"):
            return self.feed(int(path.rpartition("/")[2]))
        found = next((one for one in self.stories if one.path == path), None)
        if found is None:
            return Answer(b"nothing", 404)
        return Answer(found.html(self.server.url), headers={"Content-Type": "text/html; charset=utf-8"})

    def feed(self, page: int) -> Answer:
        """A page of the feed: with links when it is archived or paged, with a generator when WordPress made it."""
        pages = -(-len(self.stories) // self.page_size)
        if page > pages and not self.endless:
            return Answer(b"no such page", 404)
        page = page if page <= pages else 1
        items = "".join(
            f"<item><title>{one.title}</title><link>{self.server.url}{one.path}</link>"
            f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
            for one in self.stories[(page - 1) * self.page_size : page * self.page_size]
        )
        head = "<generator>https://wordpress.org/?v=6.4</generator>" if self.wordpress else ""
        if self.archived and page < pages:
            head = f'<atom:link rel="prev-archive" href="{self.server.url}/archive/{page + 1}"/>'
        return xml(
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Old</title>'
            f"<link>{self.server.url}/</link>{head}{items}</channel></rss>"
        )


def xml(text: str) -> Answer:
    """An answer of XML."""
    return Answer(f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), headers={"Content-Type": "application/xml"})

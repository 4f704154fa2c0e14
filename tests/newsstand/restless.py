"""Sites whose articles never change and whose pages do, at each request: counters, stamps and boxes that rotate.

Each layout puts them elsewhere and calls them something else, or nothing at all.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.newsstand import bulk
from tests.newsstand.model import Story

SHOWN = 5  # headlines in a box


@dataclass(frozen=True, slots=True)
class Moving:
    """What is new on a page at each request."""

    reads: int
    comments: int
    stamp: str
    box: tuple[tuple[str, str, str], ...]  # URL, headline, first sentence


def named(story: Story, moving: Moving) -> str:
    """Everything is called what it is."""
    box = "".join(f'<li><a href="{url}">{title}</a></li>' for url, title, _ in moving.box)
    return (
        f'<article><h1>{story.title}</h1><div class="meta"><span class="views">{moving.reads:,} views</span></div>'
        f'<div class="article-body">{_paragraphs(story)}</div></article>'
        f'<aside class="most-read"><h3>Most read</h3><ol>{box}</ol></aside>'
    )


def unnamed(story: Story, moving: Moving) -> str:
    """Counter and box stand in the article's own element, under names that say nothing."""
    box = "".join(f'<li><a href="{url}">{title}</a></li>' for url, title, _ in moving.box)
    return (
        f'<div class="c1"><h1>{story.title}</h1><div class="x7"><p>Read {moving.reads:,} times</p></div>'
        f'{_paragraphs(story)}<div class="k2"><h4>What others read</h4><ul>{box}</ul></div></div>'
    )


def plain(story: Story, moving: Moving) -> str:
    """A layout of tables: the box is made of paragraphs like the article's."""
    box = "".join(f'<p><a href="{url}">{title}</a></p>' for url, title, _ in moving.box)
    return (
        f"<table><tr><td><h1>{story.title}</h1><p>Updated {moving.stamp}</p>{_paragraphs(story)}"
        f"<p>{moving.comments} comments</p>{box}</td><td>Visitors: {moving.reads}</td></tr></table>"
    )


def between(story: Story, moving: Moving) -> str:
    """The box stands among the paragraphs, its headlines parted by line breaks; the counter ends the last paragraph."""
    box = "<br>".join(f'<a href="{url}">{title}</a>' for url, title, _ in moving.box[:3])
    first, rest = story.paragraphs[:3], story.paragraphs[3:]
    return (
        f"<main><h1>{story.title}</h1>{''.join(f'<p>{p}</p>' for p in first)}<div><b>See too</b><br>{box}</div>"
        f"{''.join(f'<p>{p}</p>' for p in rest[:-1])}<p>{rest[-1]} <span>{moving.reads} reads</span></p></main>"
    )


def cards(story: Story, moving: Moving) -> str:
    """Cards with headline and first sentence below the text, which read like articles; the counter is a sentence."""
    box = "".join(
        f'<div class="q1"><h4><a href="{url}">{title}</a></h4><p>{lead}</p></div>' for url, title, lead in moving.box
    )
    return (
        f'<div class="z"><h1>{story.title}</h1>{_paragraphs(story)}'
        f"<p>This page was read {moving.reads:,} times.</p></div><div class='w'>{box}</div>"
    )


def unlinked(story: Story, moving: Moving) -> str:
    """The box has no links, which a script adds: nothing but a list of lines after the text."""
    box = "".join(f"<p>{title}</p>" for _, title, _ in moving.box)
    return (
        f'<div id="m"><h1>{story.title}</h1><p>{moving.stamp} | {moving.comments} replies | {moving.reads} hits</p>'
        f"{_paragraphs(story)}{box}</div>"
    )


LAYOUTS: dict[str, Callable[[Story, Moving], str]] = {
    layout.__name__: layout for layout in (named, unnamed, plain, between, cards, unlinked)
}


class RestlessSite:
    """A context manager: a site of `count` articles in one layout on a port of 127.0.0.1."""

    def __init__(self, layout: str, count: int, seed: int = 1) -> None:
        self.slug = f"restless-{layout}"
        self._layout = LAYOUTS[layout]
        self._chance = random.Random(f"{layout} {seed}")
        self.stories = {
            f"/world/{story.slug}": story for story in (bulk.story(n, self._chance) for n in range(1, count + 1))
        }
        self.edited: dict[str, Story] = {}  # path -> the story as it is now
        self.served = 0
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body, kind = site.answer(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RestlessSite:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def write_catalog(self, folder: Path) -> None:
        """Write its source file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.slug}.toml").write_text(
            f'name = "{self.slug}"\nhome = "{self.base_url}/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n'
            f'[[feeds]]\nurl = "{self.base_url}/feed.xml"\n[limits]\ndelay = 0\n',
            "utf-8",
        )

    def answer(self, path: str) -> tuple[bytes, str]:
        """Body and type of a page; nothing for one that there is not."""
        with self._lock:
            self.served += 1
            if path == "/feed.xml":
                return self._feed().encode(), "application/rss+xml"
            story = self.edited.get(path) or self.stories.get(path)
            if story is None:
                return b"", "text/html"
            return self._page(story).encode(), "text/html"

    def _feed(self) -> str:
        now = datetime.now(UTC)
        items = "".join(
            f"<item><title>{escape(story.title)}</title><link>{self.base_url}{path}</link>"
            f"<pubDate>{now - timedelta(hours=story.age_hours):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for path, story in self.stories.items()
        )
        return f'<rss version="2.0"><channel><title>{self.slug}</title>{items}</channel></rss>'

    def _page(self, story: Story) -> str:
        picks = self._chance.sample(list(self.stories.items()), SHOWN)
        moving = Moving(
            reads=1000 + 7 * self.served,
            comments=1 + self.served // 3,
            stamp=f"{datetime.now(UTC) - timedelta(days=self.served % 3, minutes=self.served):%d %B %Y, %H:%M}",
            box=tuple((path, other.title, other.summary) for path, other in picks),
        )
        return (
            f"<!doctype html><html lang=en><head><title>{story.title}</title></head><body>"
            '<div class="n"><a href="/">Home</a> <a href="/world">World</a></div>'
            f"{self._layout(story, moving)}<div>About us | Contact</div></body></html>"
        )


def _paragraphs(story: Story) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs)

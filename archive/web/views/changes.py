"""Changes: headlines that were changed, text that was taken out, articles that were withdrawn."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from datasette import Response

from archive import events, reading
from archive.difference import pieces
from archive.events import Event, Place
from archive.web.comparison import Paragraph, paragraphs
from archive.web.site import Route, Site, view
from archive.web.views.diff import LONGEST_LINE
from archive.web.words import WORDS

PAGE_SIZE = 50  # events on one page
KINDS = {
    "": "Everything", "titles": "Headlines", "deletion": "Text removed", "addition": "Text added", "rewrite": "Rewritten",
    "correction": "Corrections", "withdrawn": "Withdrawn", "trivial": "Spelling",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What the stream is narrowed by."""

    kind: str
    source: str
    silent: bool

    def address(self, **more: str) -> str:
        """The query of an address with them, or with some replaced."""
        values = {"kind": self.kind, "source": self.source, "silent": "1" if self.silent else "", **more}
        return urlencode({name: value for name, value in values.items() if value})


async def page(site: Site) -> Response:
    """What happened to articles after they were published, newest first."""
    filters = Filters(site.argument("kind"), site.argument("source"), site.argument("silent") == "1")
    before = _place(site.argument("before"))

    def gather(conn: sqlite3.Connection) -> tuple[list[tuple[Event, list[Paragraph]]], list[tuple[str, str]]]:
        found = events.events(
            conn, kind=filters.kind, source=filters.source, silent=filters.silent, before=before, most=PAGE_SIZE + 1
        )
        return [(event, _headline(event)) for event in found], reading.outlets(conn)

    found, sources = await site.read(gather)
    listed = found[:PAGE_SIZE]
    following = ""
    if len(found) > PAGE_SIZE:
        at, article, version = listed[-1][0].place
        following = filters.address(before=f"{at}~{article}~{version}")
    return site.page(
        "changes.html",
        {**WORDS, "here": "changes", "events": listed, "sources": sources, "filters": filters, "following": following,
         "kinds": KINDS, "paged": before != events.NEWEST},
    )  # fmt: skip


def _headline(event: Event) -> list[Paragraph]:
    before = event.title_before if event.version else event.title
    return _compared(before[:LONGEST_LINE], event.title[:LONGEST_LINE], event.language)


@lru_cache(maxsize=1000)  # of pages that many look at
def _compared(before: str, after: str, language: str) -> list[Paragraph]:
    return paragraphs(pieces(before, after), language)


def _place(text: str) -> Place:
    """The place in the stream that an address names; the newest for one that makes no sense."""
    moment, *numbers = text.split("~")
    if (
        not moment
        or len(numbers) != 2
        or not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in numbers)
    ):
        return events.NEWEST
    return moment, int(numbers[0]), int(numbers[1])


ROUTES: list[Route] = [(r"/changes$", view(page, "changes", "article_versions"))]

"""Pages for the tests of extraction, put together from parts; all text is ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archive.records import Draft
from crawler.extraction.article import NotAnArticle, Page, extract

CAPTURED = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
URL = "https://news.example.org/world/harbour-bridge-reopens"
TITLE = "Harbour bridge reopens after two years of repairs"
PARAGRAPHS = (
    "The bridge across the old harbour opened to traffic again on Friday, two years after a barge struck one of its piers.",
    "Engineers replaced four of the nine piers and strengthened the rest, the port authority said in a statement.",
    "Ferries that had carried commuters in the meantime will run until the end of the month, and then on Sundays only.",
    "The repairs cost about a third more than planned, mostly because divers found a wreck below the second pier.",
)


def html(
    body: str = "", head: str = "", title: str = TITLE, paragraphs: tuple[str, ...] = PARAGRAPHS, lang: str = "en"
) -> str:
    """A page with a headline, what `body` holds, and some paragraphs."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1>{body}{text}</article></body></html>"
    )


def run(markup: str | bytes, **known: Any) -> Draft | NotAnArticle:
    """Extract a page; `known` are fields of `Page`."""
    raw = markup.encode() if isinstance(markup, str) else markup
    return extract(Page(**{"url": URL, "body": raw, "captured_at": CAPTURED, **known}))


def article(markup: str | bytes, **known: Any) -> Draft:
    """Extract a page that must be an article."""
    found = run(markup, **known)
    assert isinstance(found, Draft), found
    return found

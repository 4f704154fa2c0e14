"""Whether a page is an article at all. Conservative: a lost article is worse than a front page that is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from . import teasers, walls
from .document import Document
from .lines import Line
from .structured import ARTICLE_TYPES, LISTING_TYPES, Facts

CLIP = 400  # characters that a page around a video says about it
BARE = 60  # characters that even a news flash has
THIN = 250  # characters below which something else must say that this is an article
LINK_LINES = 60  # lines that are links, on a page with hardly any prose
TOGETHER = 0.5  # of the text stands in one block of an article
LISTED = 6  # times as much linked text as prose
SAMPLE = 4000  # characters that show whether bytes were text
ENDLESS = 30  # characters of the words of noise
DAMAGED = 0.25  # of its words hold marks that stand in no word, or letters of two scripts
WIDE = re.compile("[\u2e81-\U0010ffff]")  # characters that say three times as much as a letter
SPACELESS = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7a3]")
MARK_INSIDE = re.compile(
    r"[^\W\d_][!#$%*+;<=>?\[\\\]^`{|}~\x80-\x9f\u00a1-\u00a9\u00ac-\u00b4\u00b6\u00b8\u00b9\u00bb-\u00bf\u2020-\u2022\u2030\u2039\u203a"
    r"\u20ac\u2116\u2122\ufffd][^\W_]|[a-zA-Z][а-яА-Я]|[а-яА-Я][a-zA-Z]"
)


def reject(document: Document, facts: Facts, lines: Sequence[Line], text: str, title: str, source: bytes) -> str:
    """Return why the page is not an article; "" if it may be one. `source` is its mark-up as it came, in UTF-8.

    What the page says for machines counts in three degrees: data of an article of its own are believed, unless its text
    is that of a wall; "article" as its kind or a date alone, as templates write them into any page, until its make shows a list.
    """
    size = len(text) + (0 if text.isascii() else 2 * len(WIDE.findall(text)))
    if not title:
        return "no headline"
    if size < BARE:
        return "too little text"
    if size < walls.SHELL and walls.says_gone(title) and not facts.types & ARTICLE_TYPES:
        return "says that the page was not found"
    if size < CLIP and _is_video(document, facts):
        return "a video without an article"
    if wall := walls.alone(title, text, size, source):
        return wall
    if facts.types & ARTICLE_TYPES or any(said.method == "opengraph" for said in facts.published):
        return ""
    if _is_noise(text):
        return "no text: noise"
    if teasers.is_list(document, facts, lines, text, title):
        return "a list of articles"
    if facts.published:
        return ""
    linked = sum(line.linked for line in lines)
    links = sum(1 for line in lines if line.link_share > 0.8)
    if wall := walls.before_article(title, text, size, source, links, document.url):
        return wall
    if "article" in document.meta("og:type").lower():
        return ""
    path = urlsplit(document.url).path.rstrip("/")
    if path in ("", "/index.html", "/index.htm", "/index.php"):
        return "a front page"
    if links > LINK_LINES and linked > LISTED * size and not _stands_together(lines, text):
        return "a list of links"
    if facts.types & LISTING_TYPES and links > 15 and linked > size:
        return "a list of links"
    return "too little text" if size < THIN and links > 20 and linked > 3 * size else ""


def _is_noise(text: str) -> bool:
    """Tell bytes that were no text: words without an end, or with marks in the middle."""
    sample = text[:SAMPLE]
    words = sample.split()
    if len(sample) > ENDLESS * len(words):
        return 2 * len(SPACELESS.findall(sample)) < len(sample)
    return len(MARK_INSIDE.findall(sample)) >= DAMAGED * len(words)


def _is_video(document: Document, facts: Facts) -> bool:
    """Tell a page around a player: it calls itself a video, and nothing on it an article."""
    if facts.types & ARTICLE_TYPES:
        return False
    return "videoobject" in facts.types or document.meta("og:type").lower().startswith("video")


def _stands_together(lines: Sequence[Line], text: str) -> bool:
    """Tell the paragraphs of an article, which stand in one block, from the teasers of a front, each in its own."""
    kept = set(text.split("\n"))
    blocks: Counter[HtmlElement | None] = Counter()
    for line in lines:
        if line.text in kept:
            blocks[line.node if line.tag in ("div", "td") else line.node.getparent()] += len(line.text)
    return bool(blocks) and max(blocks.values()) >= TOGETHER * sum(blocks.values())

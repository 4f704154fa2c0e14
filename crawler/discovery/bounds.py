"""Bounds: what feedparser takes quadratic time over, cut out of a feed's text beforehand."""

from __future__ import annotations

import re

MAX_AUTHOR = 500  # characters; feedparser searches authors for addresses in quadratic time: 40 KB take 6.5 s
MAX_TAG = 4_000  # characters of one start tag; feedparser takes 10 s for 30,000 attributes
MAX_TAGS = 30  # tags of one entry: more is a keyword dump, and feedparser compares each with each

_LONG_TAG = re.compile(rf"<[A-Za-z][^<>]{{{MAX_TAG},}}>")
_AUTHOR_TAG = re.compile(
    r"<(/?)((?:[\w.\-]{1,40}:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|owner))\b[^<>]*>",
    re.IGNORECASE,
)
_CATEGORY = re.compile(r"<(/?)(?:[\w.\-]{1,40}:)?(item|entry|category|keywords|subject)\b[^<>]*>", re.IGNORECASE)
_MARKED = re.compile(r"<!\[CDATA\[|\]\]>")


def bounded(text: str) -> tuple[str, list[str]]:
    """Cut what feedparser takes quadratic time over: attributes, authors, categories. Linear, one pass each."""
    text, long = _LONG_TAG.subn("", text)
    text, authors = _without_long_authors(text)
    text, tags = _without_many_tags(text)
    problems = [
        (long, "start tags were dropped as too long"),
        (authors, "over-long author fields were cut"),
        (tags, f"categories beyond {MAX_TAGS} an entry were dropped"),
    ]
    return text, [f"{count} {what}" for count, what in problems if count]


def _without_long_authors(text: str) -> tuple[str, int]:
    pieces: list[str] = []
    position = cuts = 0
    start = -1
    name = ""
    for match in _AUTHOR_TAG.finditer(text):
        if not match[1] and start < 0 and not match[0].endswith("/>"):
            start, name = match.end(), match[2]
        elif match[1] and start >= 0 and match[2] == name:
            if match.start() - start > MAX_AUTHOR:
                inner = _MARKED.sub("", text[start : start + MAX_AUTHOR])
                # what has markup of its own cannot be cut in the middle, and no byline is that long
                short = "" if "<" in inner else f"<![CDATA[{inner}]]>"
                pieces += [text[position:start], short]
                position = match.start()
                cuts += 1
            start = -1
    return "".join([*pieces, text[position:]]), cuts


def _without_many_tags(text: str) -> tuple[str, int]:
    pieces: list[str] = []
    position = cuts = seen = 0
    start = -1
    for match in _CATEGORY.finditer(text):
        if match[2].lower() in {"item", "entry"}:
            seen, start = 0, -1
        elif match[1] and start >= 0:
            pieces.append(text[position:start])
            position, start = match.end(), -1
            cuts += 1
        elif not match[1]:
            seen += 1
            if seen > MAX_TAGS and match[0].endswith("/>"):
                pieces.append(text[position : match.start()])
                position = match.end()
                cuts += 1
            elif seen > MAX_TAGS:
                start = match.start()
    return "".join([*pieces, text[position:]]), cuts

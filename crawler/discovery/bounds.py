"""Bounds: what feedparser takes quadratic time over, or too long, cut out of a feed's text beforehand."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from crawler.discovery.plain import plausible, w3c_time

MAX_AUTHOR = 500  # characters; feedparser searches authors for addresses in quadratic time: 40 KB take 6.5 s
MAX_TAG = 4_000  # characters of one start tag; feedparser takes 10 s for 30,000 attributes
MAX_TAGS = 30  # tags of one entry: more is a keyword dump, and feedparser compares each with each

_LONG_TAG = re.compile(rf"<[A-Za-z][^<>]{{{MAX_TAG},}}>")
_AUTHOR_TAG = re.compile(
    r"<(/?)((?:[\w.\-]{1,40}:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|owner))\b[^<>]*>",
    re.IGNORECASE,
)
_CATEGORY = re.compile(r"<(/?)(?:[\w.\-]{1,40}:)?(item|entry|category|keywords|subject)\b[^<>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<(/?)((?:[\w.\-]{1,40}:)?(?:item|entry))\b[^<>]*>")
_DATE = re.compile(
    r"<(?:[\w.\-]{1,40}:)?(?:pubDate|published|updated|modified|issued|date)\b[^<>]*>(?:<!\[CDATA\[)?([^<>\]]{4,60})",
    re.I,
)
_CONTENTS = re.compile(r"<rdf:Seq>.*?</rdf:Seq>", re.IGNORECASE | re.DOTALL)  # RDF lists its items once more
MAX_DEPTH = 100  # levels below an entry; feedparser takes quadratic time over them: 100,000 take 11 s
_LEVEL = re.compile(r"<!\[CDATA\[.*?\]\]>|<(/?)(?:[\w.\-]{1,40}:)?([A-Za-z_][\w.\-]*)[^<>]*?(/?)>", re.DOTALL)
MAX_REST = 100_000  # characters before the first item and after the last one
# feedparser loses a link that Python's urlsplit does not take, such as http://[x/
_BRACKETS = re.compile(
    r"(<(?:link|guid|id)\b[^<>]{0,500}>\s*(?:<!\[CDATA\[)?\s*|<link\b[^<>]{0,500}?\bhref\s*=\s*[\"'])(https?://[^<>\s\"']{0,2000})"
)
_MARKED = re.compile(r"<!\[CDATA\[|\]\]>")


def newest_items(text: str, entries: int, characters: int, now: datetime | None = None) -> tuple[str, int, int]:
    """Keep only the newest items of a feed, as many as allowed, in the feed's order; gives the text, and how many were
    kept of how many.

    Those without a time, or with one to come, rank last, among each other in the feed's order. Linear, and with no parser: what makes a feed
    too large must not be parsed to find out. The text of a feed within its bounds comes back as it is.
    """
    spans: list[tuple[int, int]] = []
    start, name = -1, ""
    for match in _ITEM.finditer(text):
        if not match[1] and start < 0:
            start, name = match.start(), match[2]
        elif match[1] and start >= 0 and match[2] == name:
            spans.append((start, match.end()))
            start = -1
    if not spans or (len(spans) <= entries and len(text) <= characters):
        return text[:characters], len(spans), len(spans)
    ages = []
    for index, (begin, end) in enumerate(spans):
        found = _DATE.search(text, begin, end)
        moment = w3c_time(found[1]) if found else None
        ages.append((-moment.timestamp() if moment and plausible(moment, now) else float("inf"), index))
    kept: list[int] = []
    size = 0
    for _, index in sorted(ages):
        size += spans[index][1] - spans[index][0]
        if len(kept) == entries or size > characters:
            break
        kept.append(index)
    head = _CONTENTS.sub("", text[: spans[0][0]])
    tail = text[spans[-1][1] :]
    items = (text[slice(*spans[index])] for index in sorted(kept))
    return "".join([head[:MAX_REST], *items, tail[:MAX_REST]]), len(kept), len(spans)


def bounded(text: str) -> tuple[str, list[str]]:
    """Cut what feedparser takes quadratic time over: attributes, authors, categories. Linear, one pass each."""
    text, long = _LONG_TAG.subn("", text)
    text = _BRACKETS.sub(_splittable, text)
    text, authors = _without_long_authors(text)
    text, tags = _without_many_tags(text)
    text, levels = _without_depth(text)
    problems = [
        (levels, f"tags beyond {MAX_DEPTH} levels were dropped"),
        (long, "start tags were dropped as too long"),
        (authors, "over-long author fields were cut"),
        (tags, f"categories beyond {MAX_TAGS} an entry were dropped"),
    ]
    return text, [f"{count} {what}" for count, what in problems if count]


def _splittable(match: re.Match[str]) -> str:
    link, closing, rest = match[2].partition("]]>")
    try:
        urlsplit(link)
    except ValueError:
        link = link.replace("[", "%5B").replace("]", "%5D")
    return match[1] + link + closing + rest


def _without_depth(text: str) -> tuple[str, int]:
    """Drop the tags, not the text, of what is nested too deeply; each entry begins anew, whatever was left open."""
    pieces: list[str] = []
    position = cuts = depth = 0
    for match in _LEVEL.finditer(text):
        if match[2] is None or match[3]:
            continue
        if match[2].lower() in {"item", "entry"}:
            depth = 0
            continue
        depth = max(depth - 1, -1) if match[1] else depth + 1
        if depth + bool(match[1]) > MAX_DEPTH:
            pieces.append(text[position : match.start()])
            position = match.end()
            cuts += 1
    return "".join([*pieces, text[position:]]), cuts


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

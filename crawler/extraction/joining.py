"""One text out of the pages of an article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from archive.records import Draft

from .reading import escaped

EDGE = 3  # lines at the beginning and the end of a page among which its pager stands
LABEL = 60  # characters of a pager's label
PROSE = 60  # characters; a line so long stands on two pages by no coincidence, as the "Yes." of an interview may
DIGITS = re.compile(r"\d+")
PAGE = (
    r"page|pages|seite|página|pagina|pág|pag|strona|strana|stránka|oldal|sida|side|sivu|sayfa|halaman|trang|"
    r"страница|стр|сторінка|σελίδα|صفحة|الصفحة|صفحه|पृष्ठ|หน้า|페이지|ページ|页|頁"
)
NUMBERED = re.compile(
    rf"(?:^|[^\w])(?:{PAGE})\.?\s*#?\d{{1,2}}(?:\s*(?:/|-|of|von|de|sur|di|av|van|z|из)\s*\d{{1,2}})?\W*$"
    r"|第\s*\d{1,2}\s*[页頁]|^\W*\d{1,2}\s*(?:/|of|von|sur)\s*\d{1,2}\W*$",
    re.IGNORECASE,
)
CREDITS = ("authors", "editors", "agency")  # may stand at the end of the text only


def joined(pages: Sequence[Draft]) -> Draft:
    """Return the article whose pages are given in order; its metadata are those of the first page.

    What a page repeats of the earlier ones (headline, lead, house lines) stands once; labels of pagers are left out.
    `modified_at` is the newest, and credits that the first page lacks come from a later one. Provenance says how many
    pages there were.
    """
    first = pages[0]
    if len(pages) == 1:
        return first
    labels = _labels(pages)
    seen = {_key(first.title), _key(first.summary)}
    texts: list[str] = []
    readings: list[str] = []
    for number, page in enumerate(pages):
        lines = page.text.split("\n")
        again = _repeated(lines, seen) if number else set()
        kept = [at for at, line in enumerate(lines) if at not in again and _edge(lines, at, line) not in labels]
        seen.update(map(_key, lines))
        texts += [lines[at] for at in kept]
        readings.append(_reading(page, lines, kept))
    whole = replace(
        first,
        text="\n".join(texts),
        reading="\n\n".join(filter(None, readings)),
        modified_at=max(page.modified_at for page in pages),
        paywalled=any(page.paywalled for page in pages),
        provenance={**first.provenance, "parts": str(len(pages))},
    )
    for name in CREDITS:
        source = next((page for page in pages if getattr(page, name)), first)
        if source is not first:
            provenance = {**whole.provenance, name: source.provenance.get(name, "rule")}
            whole = replace(whole, provenance=provenance, **{name: getattr(source, name)})
    return whole


def pages_of(provenance: Mapping[str, str]) -> int:
    """Return how many pages an article was joined from."""
    return int(provenance.get("parts", "1"))


def begins(whole: str, page: Draft) -> bool:
    """Tell whether a text that was joined from several pages begins with this page."""
    labels = _labels([page])
    lines = page.text.split("\n")
    own = [line for at, line in enumerate(lines) if _edge(lines, at, line) not in labels]
    return whole.split("\n")[: len(own)] == own


def _key(line: str) -> str:
    return " ".join(line.casefold().split())


def _repeated(lines: Sequence[str], seen: set[str]) -> set[int]:
    """Return which lines stood on an earlier page: prose anywhere, short ones at the beginning and the end only."""
    places = range(len(lines))
    again = {at for at in places if len(lines[at]) >= PROSE and _key(lines[at]) in seen}
    again.update(takewhile(lambda at: _key(lines[at]) in seen, places))
    again.update(takewhile(lambda at: _key(lines[at]) in seen, reversed(places)))
    return again


def _labels(pages: Sequence[Draft]) -> set[str]:
    """Return the lines of pagers ("Continued on page 2", "2/3"): short ones at the edge of a page that name a page, or
    that several pages have with another number."""
    found: dict[str, str] = {}
    for page in pages:
        lines = page.text.split("\n")
        found |= {edge: DIGITS.sub("0", edge) for at, line in enumerate(lines) if (edge := _edge(lines, at, line))}
    alike = Counter(found.values())
    return {edge for edge, pattern in found.items() if alike[pattern] > 1 or NUMBERED.search(edge)}


def _edge(lines: Sequence[str], at: int, line: str) -> str:
    """Return the key of a line that may be the label of a pager, else ""."""
    inside = EDGE <= at < len(lines) - EDGE
    return "" if inside or len(line) > LABEL or not DIGITS.search(line) else _key(line)


def _reading(page: Draft, lines: Sequence[str], kept: Sequence[int]) -> str:
    """Return the Markdown of the lines that are kept: a block each, or a line each within a list."""
    if len(kept) == len(lines):
        return page.reading
    pieces = re.split(r"(\n+(?:(?:\| --- )+\|\n)?)", page.reading)  # blocks, with what stands between them
    blocks, breaks = pieces[::2], ["", *pieces[1::2]]
    if len(blocks) != len(lines):
        return "\n\n".join(escaped(lines[at]) for at in kept)
    return "".join(breaks[at] + blocks[at] for at in kept).lstrip("\n")

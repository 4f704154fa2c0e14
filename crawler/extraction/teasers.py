"""Pages that list articles: section fronts, topic and tag pages, authors' pages, results of a search.

What tells them is their make: headlines that each lead to another page of the site, with a few lines of text behind each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from .document import Document, absolute, text_of
from .furniture import HEADLINES
from .lines import DENSE, Line
from .structured import Facts

TEASERS = 4  # that make a list
LINKED = 0.8  # of a headline that is a link
HEADLINE = 15  # characters that a headline has, twice as many as in scripts without spaces
BEHIND = 5  # lines of a teaser behind its headline
SAID = 700  # characters that a teaser says
IN_TEASERS = 0.6  # of the text of a list stands in teasers
A_LINE_EACH = 0.4  # headlines for each line of the text
PROSE = 300  # characters in front of and between teasers that may be an article
PROFILE = 3000  # characters that a page says about an author or a topic
LABEL = 3  # words of what a topic is called
THIN = 250  # characters that introduce a topic
DATED = re.compile(r"(?<!\d)(?:19|20|25|14)\d\d(?!\d)|\d{1,2}[:.]\d{2}")
ENTRIES = frozenset(["li", "td", "row", "dd", "div"])  # that may hold headline and text in one line
LISTING_TYPES = frozenset(["collectionpage", "searchresultspage", "profilepage"])
ARCHIVE = re.compile(
    r"(?:^|\s)(?:archive|category|author|tag|search|search-results|(?:page|path|type)-(?:author|tag|taxonomy|category|topic|search)|"
    r"taxonomy)(?:\s|$)"
)
SINGLE = re.compile(r"(?:^|[\s-])(?:single|article|post-template|postid|node-type-article|story)(?:$|[\s-])")
AUTHOR_OR_TAG = re.compile(
    r"/(?:authors?|autor(?:en|es|i|zy|ka)?|auteurs?|autore|avtor|yazar|yazarlar|penulis|tac-gia|writers?|contributors?|columnists?|"
    r"tags?|etiquetas?|etiket|schlagwort|stichwort|mots?-cles?|search|suche|recherche|buscar|ricerca)/[^/]+/?(?:page/\d+/?)?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Teasers:
    """The teasers of a page: the headlines that look alike, and which lines stand behind one."""

    headlines: int  # different pages that they lead to
    lines: frozenset[int]
    start: int  # index of the first line of the first
    end: int  # index of the last line of the last


def is_list(document: Document, facts: Facts, lines: Sequence[Line], text: str, title: str) -> bool:
    """Tell a page of teasers by its text, or by what it calls itself if there are teasers on it."""
    found = teasers_of(document, lines)
    if found.headlines < TEASERS:
        return False
    kept = set(text.split("\n"))
    shown = [at for at, line in enumerate(lines) if line.text in kept]
    size = sum(len(lines[at].text) for at in shown)
    teased = [at for at in shown if at in found.lines]
    share = sum(len(lines[at].text) for at in teased) / max(1, size)
    prose = sum(line.weight for at, line in enumerate(lines[: found.end]) if at not in found.lines)
    dense = found.headlines >= A_LINE_EACH * len(teased) and prose < PROSE
    if share >= IN_TEASERS and dense and not _reads_on(lines[found.start]):
        return True
    if len(text) < PROFILE and _calls_itself_list(document, facts):
        return True
    words = len(title) / 2 if DENSE.search(title) else len(title.split())
    label = size < THIN and words <= LABEL and share == 0 and found.headlines >= 2 * TEASERS
    return label and not any(
        line.node.find(".//time") is not None or DATED.search(line.text) for line in lines[: found.start]
    )


def teasers_of(document: Document, lines: Sequence[Line]) -> Teasers:
    """Find the headlines with links that occur most often in one form, and the lines that belong to them."""
    host = _site(document.url)
    here = document.url.split("#")[0].rstrip("/")
    forms: dict[tuple[str, str | None, str], list[int]] = {}
    targets: dict[int, str] = {}
    for at, line in enumerate(lines):
        if line.linked < HEADLINE // 2:
            continue
        link = _link(line.node)
        if link is None or not _is_headline(line.text if line.link_share >= LINKED else _opening(line, link)):
            continue
        target = absolute(document.url, link.get("href") or "").split("#")[0].rstrip("/")
        if not target or target == here or _site(target) != host:
            continue
        targets[at] = target
        forms.setdefault(_form(line.node), []).append(at)
    if not forms:
        return Teasers(0, frozenset(), 0, 0)
    best = max(forms.values(), key=lambda ats: len({targets[at] for at in ats}))
    inside: set[int] = set()
    for place, at in enumerate(best):
        following = best[place + 1] if place + 1 < len(best) else len(lines)
        said = 0
        for next_at in range(at, min(at + BEHIND + 1, following)):
            said += len(lines[next_at].text)
            if said > SAID:
                break
            inside.add(next_at)
    return Teasers(len({targets[at] for at in best}), frozenset(inside), best[0], best[-1] + 1)


def _reads_on(line: Line) -> bool:
    """Tell a link between the paragraphs of an article from the headline of a teaser."""
    story = next(line.node.iterancestors("article"), None)
    return story is not None and line.tag not in HEADLINES and next(story.iter("h1"), None) is not None


def _calls_itself_list(document: Document, facts: Facts) -> bool:
    if facts.types & LISTING_TYPES or document.meta("og:type").lower() == "profile":
        return True
    if facts.published or "article" in document.meta("og:type").lower():
        return False
    body = next(document.tree.iter("body"), None)
    named = ((body.get("class") or "") if body is not None else "").lower()
    if ARCHIVE.search(named) and not SINGLE.search(named):
        return True
    return AUTHOR_OR_TAG.search(urlsplit(document.url).path) is not None


def _is_headline(text: str) -> bool:
    return len(text) >= HEADLINE or (2 * len(text) >= HEADLINE and DENSE.search(text) is not None)


def _link(node: HtmlElement) -> HtmlElement | None:
    """Return the link in or around a line's block."""
    return next(chain(node.iter("a"), node.iterancestors("a")), None)


def _opening(line: Line, link: HtmlElement) -> str:
    """Return the link that a line of a list or a table begins with."""
    text = text_of(link) if line.tag in ENTRIES else ""
    return text if line.text.startswith(text) else ""


def _form(node: HtmlElement) -> tuple[str, str | None, str]:
    above = node.getparent()
    return node.tag, node.get("class"), above.tag if above is not None else ""


def _site(url: str) -> str:
    """Return the last two labels of a host, which sections of one site share."""
    try:
        return ".".join((urlsplit(url).hostname or "").split(".")[-2:])
    except ValueError:
        return ""

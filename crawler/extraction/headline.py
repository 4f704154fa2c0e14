"""The headline that a reader sees: without the site's name, without the section in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from .document import Document, text_of
from .structured import Facts, Said

SEPARATORS = re.compile(r"\s+[|\-–—·•:»«>/~_]+\s+|\s*[|｜_»]+\s*|\s*[-—–]{2,}\s*|(?<=\S)\s+::\s+")
MAX_TITLE = 400
WORD = re.compile(r"\w+")


def choose(document: Document, facts: Facts, site_names: Iterable[str], feed_title: str = "") -> Said:
    """Pick the headline from the witnesses: an <h1> that another witness confirms, else the best of the others."""
    names = [fold(name) for name in site_names if name]
    headings = _headings(document.tree)
    others = [*facts.headlines]
    if feed_title:
        others.append(Said(feed_title, "feed"))
    if document.head_title:
        others.append(Said(document.head_title, "meta"))
    for heading in headings:
        for said in others:
            if _same(heading, said.value):
                return Said(heading, "rule")
    for said in others:
        if title := without_site(said.value, names):
            return Said(title, said.method)
    return Said(headings[0], "rule") if headings else Said("", "")


def without_site(title: str, names: list[str]) -> str:
    """Cut a site's name off either end of a title, when it stands behind a separator."""
    for _ in range(3):
        cuts = list(SEPARATORS.finditer(title))
        if not cuts:
            break
        first, last = cuts[0], cuts[-1]
        if _is_site(title[last.end() :], names):
            title = title[: last.start()]
        elif _is_site(title[: first.start()], names):
            title = title[first.end() :]
        else:
            break
    return title.strip()


def fold(text: str) -> str:
    """Return a text's words in lower case, for comparison."""
    return " ".join(WORD.findall(text.casefold()))


def _is_site(part: str, names: list[str]) -> bool:
    folded = fold(part)
    squeezed = folded.replace(" ", "")
    return bool(folded) and any(
        folded == name or squeezed == name.replace(" ", "") or (len(name) > 4 and squeezed.startswith(name.replace(" ", "")))
        for name in names
    )


def _headings(tree: HtmlElement) -> list[str]:
    found = []
    for node in tree.iter("h1"):
        text = text_of(node)
        if 3 <= len(text) <= MAX_TITLE:
            found.append(text)
        if len(found) >= 8:
            break
    return found


def _same(heading: str, other: str) -> bool:
    one, two = fold(heading), fold(other)
    return bool(one) and (one == two or (len(one) > 15 and one in two) or (len(two) > 15 and len(two) > 0.6 * len(one) and two in one))

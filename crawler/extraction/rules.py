"""A source's own extraction rules: the `[extract]` table of its file, for what the generic extractor gets wrong."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from .errors import ExtractionError


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a field stands on this source's pages: a CSS selector, or XPath when it begins with "/". "" is no rule."""

    title: str = ""
    body: str = ""
    published: str = ""
    authors: str = ""
    remove: tuple[str, ...] = ()


def select(tree: HtmlElement, selector: str) -> list[HtmlElement]:
    """Return the elements that `selector` names, in page order. Raises ExtractionError for a selector that is none."""
    try:
        find = etree.XPath(selector) if selector.startswith("/") else CSSSelector(selector, translator="html")
        found = find(tree)
    except (etree.XPathError, SyntaxError, ValueError) as error:
        raise ExtractionError(f"not a selector: {selector!r}: {error}") from error
    return [node for node in found if isinstance(node, HtmlElement)] if isinstance(found, list) else []


def check(rules: Rules) -> None:
    """Raise ExtractionError if a rule cannot be compiled, so that a source file is refused when it is loaded."""
    probe = HtmlElement()
    for selector in (rules.title, rules.body, rules.published, rules.authors, *rules.remove):
        if selector:
            select(probe, selector)

"""Extraction rules of a source file: CSS selectors, or XPath when they begin with "/"; both name elements."""

from __future__ import annotations

import re
from functools import lru_cache

# XPath 1.0, section 4, and what looks like a call and is none. lxml finds unknown names only where a page leads it.
FUNCTIONS = frozenset({
    "last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with",
    "contains", "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate",
    "boolean", "not", "true", "false", "lang", "number", "sum", "floor", "ceiling", "round",
    "node", "text", "comment", "processing-instruction", "and", "or", "div", "mod",
})  # fmt: skip
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
CALL = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
NO_ELEMENT = re.compile(r"(/@[\w:*-]+|/(text|comment)\(\s*\))\s*$")


@lru_cache(maxsize=1024)
def check_selector(rule: str) -> str:
    """Give a rule back when it compiles and names elements. Raises ValueError with the reason."""
    if not rule.strip():
        raise ValueError("an empty selector: leave the key out")
    if rule.startswith("/"):
        _check_xpath(rule)
    else:
        _check_css(rule)
    return rule


def _check_xpath(rule: str) -> None:
    from lxml.etree import Element, XPath, XPathError  # late: only sources with rules of their own need lxml

    try:
        found = XPath(rule)(Element("html"))  # undefined prefixes come out only when it runs
    except (XPathError, ValueError) as error:  # ValueError: a character that XML does not know
        raise ValueError(f"{rule!r} is not a valid XPath expression: {error}") from error
    bare = STRING.sub("''", rule)
    unknown = set(CALL.findall(bare)) - FUNCTIONS
    if unknown:
        raise ValueError(f"{rule!r} is not a valid XPath expression: no function {', '.join(sorted(unknown))}()")
    if not isinstance(found, list) or NO_ELEMENT.search(bare):
        raise ValueError(f"{rule!r} does not name elements: attributes and text are read from the element itself")


def _check_css(rule: str) -> None:
    from lxml.cssselect import CSSSelector, SelectorError

    try:
        CSSSelector(rule, translator="html")
    except (SelectorError, ValueError) as error:
        raise ValueError(f"{rule!r} is not a valid CSS selector: {error}") from error

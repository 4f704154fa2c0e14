"""Extraction rules of a source file: CSS selectors, or XPath when they begin with "/" or "("."""

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


@lru_cache(maxsize=1024)
def xpath_of(rule: str) -> str:
    """Give the XPath expression that a rule stands for. Raises ValueError, with the reason, when it does not compile.

    CSS rules may end in `::attr(name)` or `::text`, as in Scrapy.
    """
    from lxml.etree import Element, XPath, XPathError  # late: only sources with rules of their own need lxml

    if not rule.strip():
        raise ValueError("an empty selector")
    xpath = rule.strip() if rule.lstrip().startswith(("/", "(")) else _from_css(rule)
    try:
        XPath(xpath)(Element("html"))  # undefined prefixes come out only when it runs
    except (XPathError, ValueError) as error:  # ValueError: a character that XML does not know
        raise ValueError(f"{rule!r} is not a valid XPath expression: {error}") from error
    unknown = set(CALL.findall(STRING.sub("''", xpath))) - FUNCTIONS
    if unknown:
        raise ValueError(f"{rule!r} is not a valid XPath expression: no function {', '.join(sorted(unknown))}()")
    return xpath


def _from_css(rule: str) -> str:
    from cssselect import SelectorError
    from parsel.csstranslator import css2xpath

    try:
        return css2xpath(rule)
    except SelectorError as error:
        raise ValueError(f"{rule!r} is not a valid CSS selector: {error}") from error

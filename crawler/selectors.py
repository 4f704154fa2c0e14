"""Extraction rules of a source file: CSS selectors, or XPath when they begin with "/" or "("."""

from __future__ import annotations

from functools import lru_cache


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
        XPath(xpath)(Element("html"))  # unknown functions and prefixes come out only when it runs
    except XPathError as error:
        raise ValueError(f"{rule!r} is not a valid XPath expression: {error}") from error
    return xpath


def _from_css(rule: str) -> str:
    from cssselect import SelectorError
    from parsel.csstranslator import css2xpath

    try:
        return css2xpath(rule)
    except SelectorError as error:
        raise ValueError(f"{rule!r} is not a valid CSS selector: {error}") from error

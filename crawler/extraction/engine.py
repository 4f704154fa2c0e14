"""What trafilatura takes for the text of a page, as places among the page's lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from functools import cache

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction, xpaths
from trafilatura.settings import Extractor

from .document import one_line
from .lines import Line
from .tables import ROW

PICTURES = ("img", "picture", "source", "figure")
# What is written inside a line, links apart: their share tells text from lists of links.
INLINE = ("span", "em", "strong", "b", "i", "u", "font", "mark", "small", "big", "sub", "sup", "time", "abbr", "cite",
          "q", "wbr", "ins", "del", "label")  # fmt: skip
BREAKING = frozenset([
    "p", "head", "quote", "list", "item", "table", "row", "lb", "code", "div", "li", "h1", "h2", "h3", "h4", "h5",
    "h6", "blockquote", "tr", "br", "ul", "ol", "pre",
])  # fmt: skip
TEST = re.compile(r"re:test\((@[^,()]+), ('[^']*'(?:, '\w+')?)\)")
MATCH = 30  # characters, without spaces, that make a match inside a longer line no accident


def blocks_of(tree: HtmlElement, area: HtmlElement, lines: Sequence[Line], marked: Collection[int]) -> list[str]:
    """Return the blocks of what trafilatura finds in a page whose text is likely to stand in `area`."""
    found = bare_extraction(_condensed(tree, area, lines, marked), options=_options())
    return list(_lines_of(found.body)) if found is not None and not isinstance(found, dict) else []


def matched(lines: Sequence[Line], found: Sequence[str]) -> list[int]:
    """Return the indices of the page's lines that stand in trafilatura's text."""
    keys = [_squeezed(text) for text in found]
    whole = set(keys)
    joined = "".join(keys)
    places = []
    for at, line in enumerate(lines):
        key = _squeezed(line.text)
        if key in whole or (len(key) >= MATCH and (key in joined or key[:MATCH] in joined or key[-MATCH:] in joined)):
            places.append(at)
    return places


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _condensed(tree: HtmlElement, area: HtmlElement, lines: Sequence[Line], marked: Collection[int]) -> HtmlElement:
    """Return a copy of the page with the area whole and of the rest only what holds prose, without pictures,
    tables of data (it takes quadratic time for long ones) and the elements inside lines: a third of the work."""
    whole = {area}
    for at, line in enumerate(lines):
        if line.weight and at not in marked:
            parent = line.node.getparent()
            whole.add(line.node if parent is None or parent.tag in ("body", "html") else parent)
    path = {above for node in whole for above in node.iterancestors()}
    tables = {next(line.node.iterancestors("table")) for line in lines if line.tag == ROW}
    copied = _copied(tree, whole, path, tables)
    etree.strip_elements(copied, *PICTURES, with_tail=False)
    etree.strip_tags(copied, *INLINE)
    return copied


def _copied(
    node: HtmlElement, whole: Collection[HtmlElement], path: Collection[HtmlElement], tables: Collection[HtmlElement]
) -> HtmlElement:
    if node in whole:
        copied = deepcopy(node)
        if tables:
            for table, twin in zip(node.iter("table"), list(copied.iter("table")), strict=True):
                if table in tables and table is not node:
                    twin.drop_tree()
        copied.tail = None
        return copied
    copied = node.makeelement(node.tag, dict(node.attrib))
    copied.text = node.text
    for child in node:
        if child in whole or child in path:
            copied.append(_copied(child, whole, path, tables))
    return copied


def _guard(expressions: list[etree.XPath]) -> None:
    """Let trafilatura's expressions look whether an element has an attribute before they test it.

    A test is a call from libxml2 to Python, and most elements have no id: an eighth of its time goes there.
    What is selected is the same, as long as no test is passed by an attribute that is not there.
    """
    for at, expression in enumerate(expressions):
        guarded = TEST.sub(r"(\1 and re:test(\1, \2))", expression.path)
        if guarded != expression.path:
            expressions[at] = etree.XPath(guarded, namespaces={"re": xpaths.REGEXP_NS})


for one in (
    xpaths.BODY_XPATH,
    xpaths.OVERALL_DISCARD_XPATH,
    xpaths.RAW_TREE_PRUNE_XPATH,
    xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
):
    _guard(one)


@cache
def _options() -> Extractor:
    return Extractor(comments=False, fast=True)


def _lines_of(body: etree._Element) -> Iterator[str]:
    """Yield the blocks of trafilatura's result, one line each."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(body, events=("start", "end")):
        if node.tag in BREAKING and pieces:
            if line := one_line("".join(pieces)):
                yield line
            pieces.clear()
        if node.tag == "cell":
            pieces.append(" ")
        if text := node.text if event == "start" else node.tail:
            pieces.append(text)
    if line := one_line("".join(pieces)):
        yield line

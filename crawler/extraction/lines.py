"""A page as a reader sees it: its lines of text in order, each with what it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from . import tables
from .document import one_line

BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "html", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table",
    "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul", "br", "button",
])  # fmt: skip
HIDDEN = frozenset([
    "script", "style", "noscript", "template", "svg", "iframe", "object", "head", "math", "video", "audio", "canvas",
])  # fmt: skip
PROSE = 60  # characters that make a line prose; lines in scripts without spaces need a third
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")
MAX_LINKED = 0.4
NO_PROSE = frozenset(["figcaption", "button", "option", "label", "footer"])
MAX_LINES = 4000  # a page with more is a listing; what matters stands in the first


@dataclass(frozen=True, slots=True)
class Line:
    """One line of visible text."""

    text: str
    linked: int  # how many of its characters stand in links
    tag: str  # of the block that it begins in
    node: HtmlElement  # that block
    weight: int = 0  # how much of it is prose: its length, or 0 for what is short or linked

    @property
    def link_share(self) -> float:
        """Share of the line that is link text, 0.0 to 1.0."""
        return self.linked / len(self.text) if self.text else 0.0


def lines_of(tree: HtmlElement) -> list[Line]:
    """Return the visible lines of a tree, broken where a browser breaks them."""
    lines: list[Line] = []
    pieces: list[str] = []
    linked = links = 0
    blocks = [tree]
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        if event == "start":
            if tag in BLOCKS:
                if pieces:
                    _flush(lines, pieces, linked, blocks[-1])
                    linked = 0
                    if len(lines) >= MAX_LINES:
                        break
                if tag == "table" and (rows := tables.rows_of(node)):
                    lines.extend(islice(_rows(node, rows), MAX_LINES))
                    blocks.append(node)
                    walk.skip_subtree()
                    if len(lines) >= MAX_LINES:
                        break
                    continue
                if tag != "br":
                    blocks.append(node)
            elif tag in HIDDEN:
                walk.skip_subtree()
                continue
            elif tag == "a":
                links += 1
            text = node.text
        else:
            if tag in BLOCKS:
                if tag != "br":
                    if pieces:
                        _flush(lines, pieces, linked, blocks[-1])
                        linked = 0
                        if len(lines) >= MAX_LINES:
                            break
                    if len(blocks) > 1:
                        blocks.pop()
            elif tag == "a" and links:
                links -= 1
            text = node.tail if node is not tree else None
        # the white space that a line begins with is none of it, and most of a page's texts are that
        if text and (pieces or not text.isspace()):
            pieces.append(text)
            if links:
                linked += len(text.strip())
    if pieces:
        _flush(lines, pieces, linked, blocks[-1])
    return lines


def _rows(table: HtmlElement, rows: Sequence[tuple[HtmlElement, list[str]]]) -> Iterator[Line]:
    """Yield the title of a table of data, and a line for each of its rows."""
    title = table.find("caption")
    if title is not None and (text := one_line(title.text_content())):
        yield Line(text, 0, tables.ROW, title)
    for row, cells in rows:
        linked = sum(len(one_line(link.text_content())) for link in row.iter("a"))
        text = tables.BETWEEN.join(filter(None, cells))
        yield Line(text, min(linked, len(text)), tables.ROW, row)


def size_of(text: str) -> int:
    """Return how long a text is in letters of an alphabet; one of a script without spaces says as much as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(DENSE.findall(text))


def _weight(text: str, linked: int, tag: str) -> int:
    if 3 * len(text) < PROSE:
        return 0
    size = size_of(text)
    return 0 if size < PROSE or linked > MAX_LINKED * len(text) or tag in NO_PROSE else size


def _flush(lines: list[Line], pieces: list[str], linked: int, block: HtmlElement) -> None:
    if text := one_line("".join(pieces)):
        tag = str(block.tag)
        lines.append(Line(text, min(linked, len(text)), tag, block, _weight(text, linked, tag)))
    pieces.clear()

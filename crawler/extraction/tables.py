"""Tables of data: which tables hold figures and not layout, and what their rows say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lxml.html import HtmlElement

from .document import one_line

ROW = "row"  # the tag of a line that is a row of such a table
BETWEEN = " | "  # two cells of a row in the plain text
LONGEST_CELL = 200  # characters; a cell with more holds paragraphs
USUAL_CELL = 60  # characters of a cell on average
MOST_COLUMNS = 30
EVEN = 0.6  # of the rows that must have one number of cells
MOST_LINKED = 0.5  # of a cell, that may be link text, and of the cells, that may hold so much of it
FEWEST_DAYS = 20  # of a calendar's cells
WEEK = 7
# In a cell they make the table layout, or a form.
NO_DATA = ("table", "form", "select", "input", "textarea", "h1", "h2", "h3", "iframe", "blockquote", "article")
BREAKS = frozenset(["br", "p", "div", "li", "ul", "ol"])


def rows_of(table: HtmlElement) -> list[tuple[HtmlElement, list[str]]]:
    """Return the rows of a table of data, each with its cells, of which merged ones leave empty places; else nothing."""
    if table.get("role") in ("presentation", "none") or next(table.iterdescendants(*NO_DATA), None) is not None:
        return []
    rows, spans = [], Counter[int]()
    cells = linked = size = 0
    for row in table.iter("tr"):
        texts: list[str] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            _skip(texts, spans)
            text = _text(cell)
            if len(text) > LONGEST_CELL:
                return []
            cells += bool(text)
            size += len(text)
            linked += bool(text) and sum(len(_text(link)) for link in cell.iter("a")) > MOST_LINKED * len(text)
            width = min(_span(cell, "colspan"), MOST_COLUMNS)
            for column in range(len(texts), len(texts) + width):
                spans[column] = _span(cell, "rowspan") - 1
            texts += [text, *[""] * (width - 1)]
        _skip(texts, spans)
        rows.append((row, texts))
    filled = [(row, texts) for row, texts in rows if any(texts)]
    usual, count = Counter(len(texts) for _, texts in filled).most_common(1)[0] if filled else (0, 0)
    several = sum(sum(map(bool, texts)) > 1 for _, texts in filled)
    if several < 2 or not 1 < usual <= MOST_COLUMNS or count < EVEN * len(filled) or several < EVEN * len(filled):
        return []
    if linked > MOST_LINKED * cells or size > USUAL_CELL * cells or _is_calendar(filled):
        return []
    return filled


def _skip(texts: list[str], spans: Counter[int]) -> None:
    """Leave places empty that a cell of a row above covers."""
    while spans[len(texts)] > 0 and len(texts) < MOST_COLUMNS:
        spans[len(texts)] -= 1
        texts.append("")


def _span(cell: HtmlElement, name: str) -> int:
    said = cell.get(name) or ""
    return max(1, min(int(said), 1000)) if said.isascii() and said.isdigit() and len(said) < 5 else 1


def _text(cell: HtmlElement) -> str:
    return one_line("".join(_pieces(cell)))


def _pieces(node: HtmlElement) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if isinstance(child.tag, str):
            apart = " " if child.tag in BREAKS else ""
            yield apart
            yield from _pieces(child)
            yield apart
        yield child.tail or ""


def _is_calendar(rows: Sequence[tuple[HtmlElement, list[str]]]) -> bool:
    """Tell the days of a month, in rows of a week."""
    days = [
        int(text) for _, texts in rows if len(texts) == WEEK for text in texts if text.isdecimal() and len(text) < 3
    ]
    following = sum(later - day == 1 for day, later in pairwise(days))
    return len(days) >= FEWEST_DAYS and following >= len(days) - 3

"""Tables of data: which tables hold figures and not layout, what their rows say, and which belong to the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from .document import one_line
from .noise import Kind, kind_of

if TYPE_CHECKING:
    from .lines import Line

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
HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
LEVELS = 5  # above a table among which the block of the text is looked for
BELOW = 3  # lines between the last one of the text and a table that still belongs to it
LABEL = 100  # characters of such a line


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


def belonging(
    lines: Sequence[Line], kept: Collection[int], homes: Collection[HtmlElement], marked: Collection[int]
) -> list[int]:
    """Return the rows of tables that stand among the lines of the text at `kept`, or straight below the last one, in the
    block of the text; `homes` are what its paragraphs stand in."""
    rows = [at for at, line in enumerate(lines) if line.tag == ROW and at not in marked] if kept else []
    if not rows:
        return []
    around = Counter(above for home in homes for above in islice(home.iterancestors(), 2))
    blocks = {*homes, *(node for node, count in around.items() if count > 1 and node.tag not in ("body", "html"))}
    first, last = min(kept), max(kept)
    found: list[int] = []
    for at in rows:
        table = next(lines[at].node.iterancestors("table"))
        if at < first or blocks.isdisjoint(islice(table.iterancestors(), LEVELS)):
            continue
        if any(True for _ in islice(table.iterancestors("aside", "nav", "header", "footer"), 1)):
            continue
        between = range(last + 1, at)
        if at < last or at - 1 in found:
            found.append(at)
        elif len(between) <= BELOW and all(_may_lead(lines[one]) for one in between):
            found += [*(one for one in between if lines[one].tag in HEADINGS or lines[one].text[-1] in ":："), at]
        last = max(last, *found[-1:], 0)
    return found


def _may_lead(line: Line) -> bool:
    """Tell a line that may stand between the text and a table: the table's own title."""
    return len(line.text) <= LABEL and not line.linked and kind_of(line.text) is Kind.TEXT

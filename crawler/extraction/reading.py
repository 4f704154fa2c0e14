"""The text of an article as a page to read: Markdown (CommonMark 0.31, and the tables of GFM 0.29) with sub-headings,
quotations, lists, tables and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from .document import absolute, one_line
from .lines import HIDDEN, Line
from .tables import ROW, rows_of

HEADINGS = {"h1": "## ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "#### ", "h6": "#### "}
STRONG = frozenset({"b", "strong"})
EMPHASIS = frozenset({"i", "em", "cite"})
SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]")  # what Markdown would read as mark-up
OPENING = re.compile(r"^(\d{1,9})([.)])|^([-+=])")  # what it would, at the beginning of a line
DEEP = 6  # levels above a line at which a quotation or a list is looked for
LONGEST_LINK = 2000


def reading(lines: Sequence[Line], places: Sequence[int], texts: Sequence[str], url: str) -> str:
    """Markdown of the lines at `places`, a block each, as `texts` has them after trimming.

    Links are absolute http and https ones. A line that is only part of its element, or that was cut, is plain text.
    """
    wanted = list(texts)
    blocks: list[str] = []
    before = ""
    rows: dict[HtmlElement, list[str]] = {}  # of the table that the line before was in, with their cells
    for at in places:
        line = lines[at]
        if not wanted or not wanted[0] or not line.text.startswith(wanted[0]):
            continue
        text = wanted.pop(0)
        if line.tag == ROW and line.node.tag == "tr":
            if line.node in rows:
                blocks[-1] += f"\n{_row(rows[line.node])}"
            else:
                rows = dict(rows_of(next(line.node.iterancestors("table"))))
                width = max(map(len, rows.values()))
                head = [*rows[line.node], *[""] * width][:width]  # cells beyond those of the head are not shown
                blocks.append(f"{_row(head)}\n{'| --- ' * width}|")
            before = ""
            continue
        rows = {}
        kind = _kind(line)
        content = _inline(line, text, url)
        if kind == before == "- ":
            blocks[-1] += f"\n{kind}{content}"
        else:
            blocks.append(f"{kind}{content}")
        before = kind
    blocks.extend(escaped(text) for text in wanted if text)
    return "\n\n".join(blocks)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(SPECIAL.sub(_escaped, cell) for cell in cells)} |"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return OPENING.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", SPECIAL.sub(_escaped, text)
    )


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _kind(line: Line) -> str:
    """The mark that begins the block of a line."""
    node: HtmlElement | None = line.node
    for _ in range(DEEP):
        if node is None:
            break
        if node.tag in HEADINGS:
            return HEADINGS[node.tag]
        if node.tag == "blockquote":
            return "> "
        if node.tag == "li":
            return "- "
        node = node.getparent()
    return ""


def _inline(line: Line, text: str, url: str) -> str:
    """The line with its links and emphases when it is the whole of its element, else plain."""
    if text != line.text or len(line.node) == 0 or one_line("".join(line.node.itertext())) != line.text:
        return escaped(text)
    heading = line.node.tag in HEADINGS
    return one_line("".join(_marked(line.node, url, heading, 0)))


def _marked(node: HtmlElement, url: str, heading: bool, depth: int) -> Iterator[str]:
    yield SPECIAL.sub(_escaped, node.text or "") if depth else escaped((node.text or "").lstrip())
    for child in node:
        if isinstance(child.tag, str) and child.tag not in HIDDEN and depth < DEEP:
            inner = "".join(_marked(child, url, heading, depth + 1))
            yield _wrapped(child, inner, url, heading)
        elif isinstance(child.tag, str) and child.tag not in HIDDEN:
            yield SPECIAL.sub(_escaped, "".join(child.itertext()))
        yield SPECIAL.sub(_escaped, child.tail or "")


def _wrapped(node: HtmlElement, inner: str, url: str, heading: bool) -> str:
    content = inner.strip()
    if not content:
        return inner
    if node.tag == "a":
        target = absolute(url, node.get("href") or "")
        if not target.startswith(("http://", "https://")) or len(target) > LONGEST_LINK:
            return inner
        mark = f"[{content}](<{target.replace('<', '%3C').replace('>', '%3E')}>)"
    elif node.tag in STRONG and not heading:
        mark = f"**{content}**"
    elif node.tag in EMPHASIS:
        mark = f"*{content}*"
    else:
        return inner
    start, end = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{start}{mark}{end}"

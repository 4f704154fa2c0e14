"""Tables of data and lists that stand among the paragraphs of a text and belong to it, each as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice

from lxml.html import HtmlElement

from .lines import Line
from .noise import Kind, kind_of
from .tables import ROW

LISTS = frozenset(["ul", "ol", "dl"])
ITEMS = frozenset(["li", "dt", "dd"])
NEVER = frozenset(["aside", "nav", "header", "footer", "figure"])
HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
IN_LIST = 6  # levels above a line at which its list is looked for
LEVELS = 5  # above a table or list among which the block of the text is looked for
LINKED, LINKED_BELOW = 0.5, 0.3  # of the text of a list that may be links: between the paragraphs, and below them
LINKED_ITEM = 0.8  # of an item that says something itself
CORE = 0.5  # of the text, that its block holds at least
MOST_ITEMS = 300  # of such a list: each of its items asks for the whole
HEADLINE = 40  # characters of a link that is the headline of another page
ABOVE = 3  # a paragraph's element, up to which that block is looked for
BELOW = 3  # lines between the last one of the text and what still belongs to it
LABEL = 100  # characters of such a line


def belonging(
    lines: Sequence[Line], kept: Collection[int], homes: Counter[HtmlElement], marked: Collection[int]
) -> list[int]:
    """Return the lines of tables and lists that stand among the lines of the text at `kept`, or straight below the last
    one, in the block of most of the text; `homes` are what its paragraphs stand in, with how much of them."""
    if not kept or not homes:
        return []
    first, last = min(kept), max(kept)
    groups: dict[HtmlElement, list[int]] = {}
    for at in range(first, len(lines)):
        if at not in marked and (whole := _whole(lines[at])) is not None:
            groups.setdefault(whole, []).append(at)
    core = _core(homes) if groups else None
    if core is None:
        return []
    found: list[int] = []
    for whole, places in groups.items():
        if core not in islice(whole.iterancestors(), LEVELS) or any(
            above.tag in NEVER for above in whole.iterancestors() if whole.tag != "table" or above.tag != "figure"
        ):
            continue
        inside = places[0] < last
        if whole.tag != "table" and not _is_prose(lines, places, LINKED if inside else LINKED_BELOW):
            continue
        if whole.tag != "table" and not inside and whole.getparent() is not core:
            continue  # elsewhere it may be the house's
        between = range(last + 1, places[0])
        if not inside and (len(between) > BELOW or not all(_may_lead(lines[one]) for one in between)):
            continue
        found += [one for one in between if lines[one].tag in HEADINGS or lines[one].text[-1] in ":："]
        found += [at for at in places if lines[at].link_share <= LINKED_ITEM]
        last = max(last, places[-1])
    return found


def _core(homes: Counter[HtmlElement]) -> HtmlElement | None:
    """Return the innermost block that holds most of the text; None where it is scattered."""
    mass: Counter[HtmlElement] = Counter()
    for home, size in homes.items():
        for node in (home, *islice(home.iterancestors(), ABOVE)):
            mass[node] += size
    return min((node for node in mass if mass[node] >= CORE * homes.total()), key=lambda node: mass[node], default=None)


def stands_in_prose(line: Line) -> bool:
    """Tell an item of a list that is not one of links, whatever the item itself is."""
    parent = line.node.getparent()
    if line.tag not in ITEMS or line.link_share > LINKED_ITEM or parent is None or len(parent) > MOST_ITEMS:
        return False
    links = [len(link.text_content()) for link in parent.iter("a")]
    return max(links, default=0) < HEADLINE and sum(links) <= LINKED * len(parent.text_content())


def _whole(line: Line) -> HtmlElement | None:
    """Return the table of data, or the outermost list, that a line stands in."""
    if line.tag == ROW:
        return next(line.node.iterancestors("table"))
    found = None
    for node in (line.node, *islice(line.node.iterancestors(), IN_LIST)):
        if node.tag in LISTS:
            found = node
    return found


def _is_prose(lines: Sequence[Line], places: Sequence[int], most: float) -> bool:
    """Tell a list whose items say something from one of links."""
    linked, size = sum(lines[at].linked for at in places), sum(len(lines[at].text) for at in places)
    return (
        len(places) > 1
        and linked <= most * size
        and all(lines[at].linked < HEADLINE and kind_of(lines[at].text) is Kind.TEXT for at in places)
    )


def _may_lead(line: Line) -> bool:
    """Tell a line that may stand between the text and a table or list: its title."""
    return len(line.text) <= LABEL and not line.linked and kind_of(line.text) is Kind.TEXT

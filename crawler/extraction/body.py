"""The text of the article: what trafilatura takes for it, laid over the page's own lines.

Trafilatura says which text is the article's; the page's lines say how it is broken, in what order, and what stands
between what it took. Where the two disagree about the whole, the block with most of the prose wins (see `region.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from lxml.html import HtmlElement

from . import engine, furniture, inlays, region, tables, threads
from .lines import MAX_LINKED, PROSE, Line
from .noise import SENTENCE_END, Kind, kind_of
from .pruning import NEVER_BOXES
from .witness import Witness

MOST_LINKS = 5000  # of a page that trafilatura is asked about: it took 14 s for 200,000
LEAST = 0.5  # of the region's prose; when trafilatura took less, one of the two is wrong about the whole
ALIKE = 2  # paragraphs of one element and class that make it the class of the article's paragraphs
NEAR = 8  # ancestors within which such a paragraph belongs to the same text
DEEP = 3  # ancestors that make the shape of a paragraph
ROW_OF = 3  # paragraphs of prose that make a row
AROUND = 20  # lines below it
RICHEST = 0.7  # of the prose of the richest block that trafilatura must have taken to be believed then
HEADINGS = frozenset(["h2", "h3", "h4", "h5"])
APART = frozenset(["aside", "figure", "figcaption"])


@dataclass(frozen=True, slots=True)
class Body:
    """The article's lines as indices of the page's lines, and which method chose them."""

    places: tuple[int, ...]
    method: str  # trafilatura, or rule when the region decided
    marked: frozenset[int] = frozenset()  # lines in furniture


def choose(tree: HtmlElement, lines: Sequence[Line], witness: Witness) -> Body:
    """Pick the lines of the article in a pruned tree.

    Where trafilatura and the page's richest block disagree about the whole, the one wins that holds more of what the
    witness says; where that says nothing, the block. Short sentences, lists and tables of data that stand among its
    lines come with them.
    """
    found = _prose_of(tree, lines, witness)
    if not found.places:
        return found
    homes: Counter[HtmlElement] = Counter()
    for at in found.places:
        if lines[at].weight:
            homes[_home(lines[at])] += lines[at].weight
    places = {*found.places, *_short_sentences(lines, found.places, found.marked)}
    places.update(at for at in _headings(lines, homes, min(places), max(places)) if at not in found.marked)
    return replace(found, places=tuple(sorted(places.union(inlays.belonging(lines, places, homes, found.marked)))))


def _prose_of(tree: HtmlElement, lines: Sequence[Line], witness: Witness) -> Body:
    area = region.find(lines)
    if area is None:
        return Body((), "")
    inside = set(area.node.iter())
    marked = frozenset(furniture.marks_of(lines) | threads.marks_of(lines))
    own = [
        at
        for at in range(area.first, area.last + 1)
        if at not in marked and lines[at].node in inside and _may_be_text(lines[at])
    ]
    free = [at for at, line in enumerate(lines) if at not in marked and line.weight and _may_be_text(line)]
    if sum(1 for _ in islice(tree.iter("a"), MOST_LINKS)) == MOST_LINKS:
        return Body(tuple(own), "rule", marked)
    if witness.confirms(lines, own):
        return Body(tuple(_merged(lines, own, own, free, marked)), "rule", marked)
    if plain := _plain(lines, own, free):
        return Body(tuple(_merged(lines, plain, own, free, marked)), "rule", marked)
    found = engine.blocks_of(tree, area.node, lines, marked)
    taken = [at for at in _without_strays(lines, engine.matched(lines, found)) if at not in marked]
    if len(found) <= 1 or not _prose(lines, taken):
        return Body(tuple(own), "rule", marked)
    if _prose(lines, taken) < LEAST * _prose(lines, own):
        believed = witness.prefers(lines, taken, own)
        if not (_holds_richest(lines, taken, own) if believed is None else believed):
            return Body(tuple(own), "rule", marked)
    return Body(tuple(_merged(lines, taken, own, free, marked)), "trafilatura", marked)


def _plain(lines: Sequence[Line], own: Sequence[int], free: Sequence[int]) -> list[int]:
    """Return the text of a region whose prose is one row of paragraphs, with none of another block near: trafilatura has
    nothing to add to it, and need not be asked. Of what stands between, lines made as the paragraphs are belong to it."""
    prose = [at for at in own if lines[at].weight]
    homes = {_home(lines[at]) for at in prose}
    if len(prose) < ROW_OF or len(homes) > 1:
        return []
    first, last = prose[0], prose[-1]
    headline = max((at for at in range(first) if lines[at].tag == "h1"), default=0)
    if any(headline < at < first or last < at < last + AROUND for at in free):
        return []
    between = [at for at in own if first <= at <= last]
    links = (
        line
        for line in lines[first : last + AROUND]
        if line.link_share > MAX_LINKED and line.tag not in HEADINGS and kind_of(line.text) is Kind.TEXT
    )
    if any(_home(lines[at]) not in homes for at in between) or any(_home(line) in homes for line in links):
        return []  # whether a paragraph of links belongs to the text, trafilatura tells
    signs = {_sign(lines[at]) for at in prose}
    return [at for at in between if lines[at].weight or _sign(lines[at]) in signs]


def _holds_richest(lines: Sequence[Line], taken: Sequence[int], own: Sequence[int]) -> bool:
    """Tell whether trafilatura took most of the block that holds more prose directly in it than any other."""
    homes: dict[HtmlElement, list[int]] = {}
    for at in own:
        homes.setdefault(_home(lines[at]), []).append(at)
    richest = max(homes.values(), key=lambda places: _prose(lines, places), default=[])
    return _prose(lines, set(richest) & set(taken)) >= RICHEST * (_prose(lines, richest) or 1)


def _merged(
    lines: Sequence[Line], taken: Sequence[int], own: Sequence[int], free: Sequence[int], marked: Collection[int]
) -> list[int]:
    """Join what trafilatura took with the prose of the region and the linked sentences that stand between it."""
    kept = [at for at in taken if kind_of(lines[at].text) is Kind.TEXT]
    if not kept:
        return []
    homes = {_home(lines[at]) for at in kept if lines[at].weight}
    between = {at for at in own if kept[0] <= at <= kept[-1] and lines[at].weight and _home(lines[at]) in homes}
    places = {*kept, *between, *_alike(lines, kept, free), *_straight_above(lines, kept, free)}
    homes = {_home(lines[at]) for at in places if lines[at].weight}
    signs = {_sign(lines[at]) for at in places if lines[at].weight}
    inside = (at for at in range(kept[0], max(places)) if at not in marked and _home(lines[at]) in homes)
    # a sentence that is a link from end to end is still a sentence, where it stands among paragraphs like it
    return sorted(places.union(at for at in inside if _is_linked_sentence(lines[at], signs)))


def _straight_above(lines: Sequence[Line], kept: Sequence[int], free: Sequence[int]) -> set[int]:
    """Return paragraphs that run into one that was taken and have its shape: the first of a text are short and get lost."""
    above: set[int] = set()
    able = set(free).difference(kept)
    for start in kept:
        at = start - 1
        while at in able and lines[at].tag == "p" and _shape(lines[at]) == _shape(lines[start]):
            able.discard(at)
            above.add(at)
            at -= 1
    return above


def _short_sentences(lines: Sequence[Line], places: Collection[int], marked: Collection[int]) -> set[int]:
    """Return sentences too short to be prose that stand as the paragraphs at `places` do: between them, or next to them."""
    flows = {flow for at in places if lines[at].weight for flow in _flows(lines[at])}

    def runs_on(at: int) -> bool:
        line = lines[at]
        return (
            not line.linked
            and at not in marked
            and SENTENCE_END.search(line.text) is not None
            and not flows.isdisjoint(_flows(line))
            and _may_be_text(line)
        )

    def beside(where: Iterable[int]) -> Iterator[int]:
        return takewhile(runs_on, (at for at in where if not _is_apart(lines[at])))

    first, last = min(places), max(places)
    found = {at for at in range(first, last) if at not in places and not lines[at].weight and runs_on(at)}
    found.update(beside(range(first - 1, -1, -1)), beside(range(last + 1, len(lines))))
    return found


def _flows(line: Line) -> Iterator[tuple[object, ...]]:
    """Yield what the paragraphs of one text have in common: their element, or its parent with tag and class of what they
    stand in below that."""
    yield (line.node,)
    if (parent := line.node.getparent()) is not None and line.tag not in NEVER_BOXES:
        yield parent, *_sign(line)
        if (above := parent.getparent()) is not None and parent.tag not in NEVER_BOXES:
            yield above, parent.tag, parent.get("class"), *_sign(line)


def _shape(line: Line) -> list[tuple[str, str | None]]:
    return [(str(node.tag), node.get("class")) for node in (line.node, *islice(line.node.iterancestors(), DEEP))]


def _sign(line: Line) -> tuple[str, str | None]:
    return line.tag, line.node.get("class")


def _headings(lines: Sequence[Line], homes: Collection[HtmlElement], first: int, last: int) -> Iterator[int]:
    """Yield the sub-headings between two lines that stand where the paragraphs do, or in a box of the make of theirs."""
    beds = {(home.getparent(), home.tag, home.get("class")) for home in homes}
    for at in range(first, last):
        if _is_heading(lines[at]):
            home = _home(lines[at])
            if home in homes or (home.getparent(), home.tag, home.get("class")) in beds:
                yield at


def _is_heading(line: Line) -> bool:
    if line.tag not in HEADINGS or kind_of(line.text) is not Kind.TEXT:
        return False
    return _may_be_text(line) or (line.link_share > furniture.LINKED and not furniture.leads_elsewhere(line.node))


def _is_linked_sentence(line: Line, signs: Collection[tuple[str, str | None]]) -> bool:
    return (
        line.tag == "p"
        and line.link_share > MAX_LINKED
        and len(line.text) >= PROSE
        and SENTENCE_END.search(line.text) is not None
        and _sign(line) in signs
    )


def _alike(lines: Sequence[Line], kept: Sequence[int], free: Sequence[int]) -> list[int]:
    """Return further prose of the same element and class as the prose that was taken: one text in several blocks."""
    signs = Counter(_sign(lines[at]) for at in kept if lines[at].weight)
    usual = {sign for sign, count in signs.items() if sign[1] and count >= ALIKE}
    near = {node for at in kept if lines[at].weight for node in _above(lines[at])}
    # an appended article has a headline of its own
    end = next((at for at in range(kept[0] + 1, len(lines)) if lines[at].tag == "h1"), len(lines))
    return [
        at for at in free if kept[0] < at < end and _sign(lines[at]) in usual and not near.isdisjoint(_above(lines[at]))
    ]


def _above(line: Line) -> list[HtmlElement]:
    return [node for node in islice(line.node.iterancestors(), NEAR) if node.tag not in ("body", "html", "main")]


def _home(line: Line) -> HtmlElement:
    """Return what a line's paragraph stands in; text without a paragraph of its own stands in its block."""
    parent = line.node.getparent()
    return line.node if line.tag in ("div", "td", "section", "article") or parent is None else parent


def _may_be_text(line: Line) -> bool:
    if line.tag == tables.ROW or line.link_share > 0.6 or kind_of(line.text) is not Kind.TEXT:
        return False
    return not _is_apart(line)


def _is_apart(line: Line) -> bool:
    return line.tag in APART or next(line.node.iterancestors(*APART), None) is not None


def _prose(lines: Sequence[Line], places: Sequence[int] | set[int]) -> int:
    return sum(lines[at].weight for at in places)


def _without_strays(lines: Sequence[Line], places: list[int]) -> list[int]:
    """Drop short lines before the first and after the last line of prose: they matched by chance, or are no text."""
    long = [at for at in places if lines[at].weight or len(lines[at].text) >= PROSE]
    if not long:
        return places
    end = long[-1]
    for at in places:
        # a short last sentence, which nothing but sentences separates from the text
        if at == end + 1 and SENTENCE_END.search(lines[at].text) and _home(lines[at]) is _home(lines[end]):
            end = at
    return [at for at in places if long[0] <= at <= end]

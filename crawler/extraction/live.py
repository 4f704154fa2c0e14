"""Live blogs: the times and the headings of their entries belong to the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from . import furniture
from .lines import Line
from .noise import Kind, kind_of

STAMP = 40  # characters of a line that dates an entry
NEXT = 4  # lines below it within which its entry begins
ABOVE = 4  # lines above the text that may date and head its first entry
ENTRIES = 3  # of one make, that make a live blog of a page that does not call itself one
SHARE = 0.6  # of the text, that they hold then
USUAL = 0.5  # of the entries that have a heading, where it belongs to them
HEADINGS = frozenset(["h2", "h3", "h4", "h5"])
YEAR = re.compile(r"\d{4}")
CLOCK = re.compile(r"(?<![\d:.])\d{1,2}\s?(?:[:.h]|点|點|時|时|시)\s?\d{2}(?!\d)|\d{1,2}\s?[ap]\.?m\b", re.I)


def with_times(lines: Sequence[Line], kept: Sequence[int], *, declared: bool) -> list[int]:
    """Return the lines of a live blog with those that say when an entry was written and what heads it, in page order.

    A page that is not `declared` to be one is one when a line with a time of day stands above most of its text, again and
    again in elements of one make. What is none comes back as it is.
    """
    if not kept:
        return []
    inside = set(kept)
    stamps = [
        at
        for at in range(max(0, kept[0] - ABOVE), kept[-1])
        if _is_stamp(lines[at], first=at < kept[0]) and not inside.isdisjoint(range(at + 1, at + 1 + NEXT))
    ]
    if not declared:
        makes = Counter(_make(lines[at]) for at in stamps)
        # the times of teasers have a date
        stamps = [at for at in stamps if makes[_make(lines[at])] >= ENTRIES and not YEAR.search(lines[at].text)]
        if not stamps or _weight(lines, kept, stamps[0]) < SHARE * _weight(lines, kept, 0):
            return list(kept)
    return sorted(inside.union(stamps, _headings(lines, inside, stamps)))


def _headings(lines: Sequence[Line], inside: set[int], stamps: Sequence[int]) -> list[int]:
    """Return the headings straight above the times, or between them and the text, of whichever make most entries have."""
    found: dict[tuple[object, ...], list[int]] = {}
    for stamp in stamps:
        below = takewhile(lambda at: at not in inside or lines[at].tag in HEADINGS, range(stamp + 1, stamp + 1 + NEXT))
        for at in (stamp - 1, *below):
            if 0 <= at < len(lines) and _may_head(lines[at]):
                found.setdefault((at < stamp, *_make(lines[at])), []).append(at)
    return [at for places in found.values() if len(places) >= USUAL * len(stamps) for at in places]


def _may_head(line: Line) -> bool:
    linked = line.link_share > furniture.LINKED
    return (
        line.tag in HEADINGS
        and kind_of(line.text) is Kind.TEXT
        and not (linked and furniture.leads_elsewhere(line.node))
    )


def _make(line: Line) -> tuple[object, ...]:
    """Return as what an element stands in what."""
    above = line.node.getparent()
    return line.tag, line.node.get("class"), above is not None and (above.tag, above.get("class"))


def _weight(lines: Sequence[Line], kept: Sequence[int], first: int) -> int:
    return sum(lines[at].weight for at in kept if at >= first)


def _is_stamp(line: Line, *, first: bool) -> bool:
    if first and YEAR.search(line.text):
        return False  # the date of the whole stands above the first entry
    if len(line.text) > STAMP or not CLOCK.search(line.text) or kind_of(line.text) is Kind.UPDATED:
        return False
    if line.tag in HEADINGS:
        return False
    letters = len(re.findall(r"[^\W\d_]", CLOCK.sub("", line.text)))
    timed = line.node.tag == "time" or line.node.find(".//time") is not None
    return timed or letters <= STAMP // 2

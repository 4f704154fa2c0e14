"""Live blogs: the times of their entries belong to the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lines import Line
from .noise import Kind, kind_of

STAMP = 40  # characters of a line that dates an entry
NEXT = 4  # lines below it within which its entry begins
ABOVE = 3  # lines above the first entry that may date it
YEAR = re.compile(r"\d{4}")
CLOCK = re.compile(r"(?<![\d:.])\d{1,2}\s?(?:[:.h]|点|點|時|时|시)\s?\d{2}(?!\d)|\d{1,2}\s?[ap]\.?m\b", re.I)


def with_times(lines: Sequence[Line], kept: Sequence[int]) -> list[int]:
    """Return the lines of a live blog with those that say when an entry was written, in page order."""
    if not kept:
        return []
    inside = set(kept)
    stamps = (
        at
        for at in range(max(0, kept[0] - ABOVE), kept[-1])
        if at not in inside
        and _is_stamp(lines[at], first=at < kept[0])
        and not inside.isdisjoint(range(at + 1, at + 1 + NEXT))
    )
    return sorted(inside.union(stamps))


def _is_stamp(line: Line, *, first: bool) -> bool:
    if first and YEAR.search(line.text):
        return False  # the date of the whole stands above the first entry
    if len(line.text) > STAMP or not CLOCK.search(line.text) or kind_of(line.text) is Kind.UPDATED:
        return False
    letters = len(re.findall(r"[^\W\d_]", CLOCK.sub("", line.text)))
    timed = line.node.tag == "time" or line.node.find(".//time") is not None
    return timed or letters <= STAMP // 2

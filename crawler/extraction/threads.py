"""Threads of readers' comments: boxes of one make below the text, each with who wrote it, when, and what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from .anycase import AnyCase
from .furniture import HEADLINES, LINKED, NEVER_FURNITURE
from .lines import Line
from .noise import DIGIT, SENTENCE_END

STAMP_LINE = 70  # characters of a line that says who wrote and when
NAME = 40  # characters of the name before that
TEASER = 40  # characters of a linked line that is a headline
LEVELS = 4  # from the line with the time up to the box of a comment
MOST_LINES = 40  # of one comment
MOST_STAMPS = 1000  # of a page
ABOVE = 200  # characters of prose above a thread: the text
SHARE, MARKED_SHARE = 1.0, 3.0  # of that prose: a thread may hold so much, and one with faces or links to answer
MOSTLY = 0.8  # of the boxes of that make that are comments
ANSWER = re.compile(r"^(?:#|javascript:|$)")
# A time of day, a whole date, or how long ago.
STAMP = AnyCase(
    r"(?<!\d)\d{1,2}\s?[:.h点點時时시]\s?\d{2}(?!\d)|(?<!\d)\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}(?!\d)|\d{4}\s?[年년]\s?\d|"
    r"(?<!\d)\d{1,2}\b\D{1,20}(?:19|20)\d\d(?!\d)|\b\d{1,3}\s?(?:min|[smhdw])\b|"
    r"\d+[^\d.,;]{0,14}(?:\bago\b|geleden|siden|sedan|sitten|temu|назад|тому|پیش|पहले|আগে|önce|\blalu\b|trước|前|전|ที่|\bfa\b|atrás|ezelőtt)|"
    r"(?:\bvor|il y a|hace|\bhá|před|منذ|قبل|לפני|πριν|acum)\b[^\d.,;]{0,6}\d",
)


@dataclass(frozen=True, slots=True)
class _Entry:
    places: range
    name: str
    marked: bool  # by a face, or by a link to answer


def marks_of(lines: Sequence[Line]) -> set[int]:
    """Return the indices of the lines of threads.

    In a live blog or a list of dates the time comes first; below a comment or above it stands a name, and the names differ.
    """
    groups: dict[tuple[object, ...], dict[HtmlElement, int]] = {}
    for at in islice(_stamps(lines), MOST_STAMPS):
        for box in (lines[at].node, *islice(lines[at].node.iterancestors(), LEVELS)):
            parent = box.getparent()
            if parent is None or box.tag in NEVER_FURNITURE or box.tag == "blockquote":
                break
            group = groups.setdefault((box.tag, box.get("class"), parent.tag, parent.get("class")), {})
            group.setdefault(box, at)
    marks: set[int] = set()
    for group in groups.values():
        if len(group) > 1 and _alike(group) * MOSTLY <= len(group):
            entries = [entry for box, at in group.items() if (entry := _entry(lines, at, box)) is not None]
            if len(entries) >= MOSTLY * len(group) and _is_thread(lines, entries):
                marks.update(at for entry in entries for at in entry.places)
    return marks


def _stamps(lines: Sequence[Line]) -> Iterator[int]:
    """Yield the lines below the beginning of the text that say when something was written, and hardly more."""
    above = 0
    for at, line in enumerate(lines):
        if line.weight:
            above += line.weight
        elif (
            above >= ABOVE
            and len(line.text) <= STAMP_LINE
            and line.tag not in HEADLINES
            and DIGIT.search(line.text)
            and STAMP.search(line.text)
        ):
            yield at


def _alike(group: Collection[HtmlElement]) -> int:
    """Return how many boxes of the make of these stand beside them, themselves included."""
    tag, name = next((box.tag, box.get("class")) for box in group)
    parents = {parent for box in group if (parent := box.getparent()) is not None}
    return sum(child.get("class") == name for parent in parents for child in parent.iterchildren(tag))


def _entry(lines: Sequence[Line], stamp: int, box: HtmlElement) -> _Entry | None:
    """Return the comment that a box holds whose first time stands in the line at `stamp`."""
    inside = set(box.iter())
    if box.tag == "dt":
        for below in box.itersiblings():
            if below.tag == "dt":
                break
            inside.update(below.iter())
    first, end = stamp, stamp + 1
    while first > 0 and lines[first - 1].node in inside and stamp - first < MOST_LINES:
        first -= 1
    while end < len(lines) and lines[end].node in inside and end - stamp < MOST_LINES:
        end += 1
    places = range(first, end)
    if len(places) > MOST_LINES or any(_is_headline(lines[at]) for at in places):
        return None
    found = STAMP.search(lines[stamp].text)
    before = lines[stamp].text[: found.start()].strip(" ,;:·•|-–—(") if found else ""
    names = [before] if before else [lines[at].text for at in range(first, stamp) if _may_be_name(lines[at])][-1:]
    said = [at for at in places if at != stamp and SENTENCE_END.search(lines[at].text)]
    if not names or not said or not 0 < len(names[0]) <= NAME:
        return None
    faces = next(box.iter("img"), None) is not None
    answers = any(ANSWER.match(link.get("href") or "") for link in box.iter("a"))
    return _Entry(places, names[0], faces or answers)


def _may_be_name(line: Line) -> bool:
    return len(line.text) <= NAME and not SENTENCE_END.search(line.text) and not STAMP.search(line.text)


def _is_headline(line: Line) -> bool:
    return line.tag in HEADLINES or (line.link_share > LINKED and len(line.text) >= TEASER)


def _is_thread(lines: Sequence[Line], entries: Sequence[_Entry]) -> bool:
    if len(entries) < 2 or len({entry.name for entry in entries}) < max(2, len(entries) / 2):
        return False
    first, last = min(entry.places[0] for entry in entries), max(entry.places[-1] for entry in entries)
    text = {_stand(line) for line in lines[:first] if line.weight}
    if any(line.weight and _stand(line) in text for line in islice(lines, last + 1, None)):
        return False  # the text goes on below
    above = sum(line.weight for line in lines[:first])
    held = sum(lines[at].weight for at in {at for entry in entries for at in entry.places})
    marked = 2 * sum(entry.marked for entry in entries) >= len(entries)
    return above >= ABOVE and held <= (MARKED_SHARE if marked else SHARE) * above


def _stand(line: Line) -> tuple[object, ...]:
    return line.node.getparent(), line.tag, line.node.get("class")

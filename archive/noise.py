"""Whether two texts of an article say the same once what changes by itself on any page is left out.

Counters ("Read 1,234 times"), stamps ("Updated 14:05"), boxes of headlines that rotate, and lines that recur over the
articles of the site are no part of an article; some of them get past every extractor. They are told by what changed and
how: only the figures of a short line that is no sentence; some of a list of headlines, for others that have nothing in
common with them. A figure in a sentence, a paragraph, a sub-heading, an entry added to a list are the article's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from archive.difference import gaps, words_of
from archive.likeness import normalise

Recurs = Callable[[str], bool]

HEADLINE = 140  # characters of the longest headline; what is longer is prose whatever it ends with
QUESTION = 110  # the same of one that ends as a question or a cry
COUNTER = 80  # characters of a counter or stamp
COUNTER_WORDS = 10
MOST = 500  # lines that changed in one place; more of them are no counters
LONE_WORDS = 5  # of a counter that was not there before: it stands above or below the article
LIST = 3  # lines without a sentence in a row that make a list
ALIKE = 0.5  # of the words of two headlines: an edit and not another headline
SAME_FORM = 0.55  # of the characters of two counters, figures aside
DIGITS = re.compile(r"\d+(?:[.,:'’\s]\d+)*")
_STAMP = re.compile(r"\d{1,2}\s?[:h]\s?\d{2}|(?<!\d)(?:19|20|25|13|14)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]")
_PARTS = re.compile(r"(?<=[.!?؟।…။។።։])(?<!\d\.)['\"”’»)\]]*\s+|(?<=[。！？])(?![」』”’）)])")
_STOP = re.compile(r"[.。।…။។።։]['\"”’»)\]」』]*$")
_CRY = re.compile(r"[!?！？؟]['\"”’»)\]」』]*$")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


def nothing_recurs(line: str) -> bool:
    """What is known of a site of which nothing is known."""
    return False


def says_the_same(before: str, after: str, recurs: Recurs = nothing_recurs) -> bool:
    """Do two texts differ in nothing but what changes by itself? `recurs` tells of a line whether it stands in many
    articles of the site."""
    old, new = _units(before, after, recurs), _units(after, before, recurs)
    gone: list[str] = []
    come: list[str] = []
    for agree, a, b in gaps([unit.text for unit in old], [unit.text for unit in new]):
        if agree:
            continue
        if max(a[1] - a[0], b[1] - b[0]) > MOST:
            return False
        left, right = _without_counters(old[slice(*a)], new[slice(*b)])
        if any(not unit.listed for unit in (*left, *right)):
            return False
        gone += [unit.text for unit in left]
        come += [unit.text for unit in right]
    return _rotated(gone, come)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a line or rest of a line that is none."""

    text: str  # normalised
    prose: bool
    listed: bool = False  # among lines that are no sentences
    edge: bool = False  # no sentence comes before it, or none after it


def _units(text: str, other: str, recurs: Recurs) -> list[_Unit]:
    """The units of a text, without lines that it alone has and that recur over the site."""
    common = {normalise(line) for line in other.split("\n")}
    units: list[_Unit] = []
    for line in text.split("\n"):
        folded = normalise(line)
        if not folded or (folded not in common and recurs(line)):
            continue
        units += [_Unit(part, _is_prose(part)) for part in _PARTS.split(folded) if part]
    prose = [at for at, unit in enumerate(units) if unit.prose]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    placed: list[_Unit] = []
    for at, end in _runs(units):
        listed = not units[at].prose and end - at >= LIST
        placed += [
            _Unit(unit.text, unit.prose, listed, not first < at + number < last)
            for number, unit in enumerate(units[at:end])
        ]
    return placed


def _runs(units: Sequence[_Unit]) -> list[tuple[int, int]]:
    starts = [at for at, unit in enumerate(units) if not at or unit.prose != units[at - 1].prose]
    return list(zip(starts, [*starts[1:], len(units)], strict=True))


def _width(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _is_prose(unit: str) -> bool:
    width = _width(unit)
    return width > HEADLINE or _STOP.search(unit) is not None or (width > QUESTION and _CRY.search(unit) is not None)


def _is_counter(unit: _Unit) -> bool:
    short = not unit.prose and _width(unit.text) <= COUNTER and DIGITS.search(unit.text) is not None
    return short and len(words_of(unit.text)) <= COUNTER_WORDS


def _without_counters(old: Sequence[_Unit], new: Sequence[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """What is left of two stretches when counters that only went on, or came or went around the article, are taken out."""
    left, right = list(old), list(new)
    for unit in [unit for unit in left if _is_counter(unit)]:
        other = next((one for one in right if _is_counter(one) and _same_form(unit.text, one.text)), None)
        if other is not None:
            left.remove(unit)
            right.remove(other)
    if len(left) == len(right) == 1 and _is_moment(left[0], right[0]):
        return [], []
    return [unit for unit in left if not _is_lone(unit)], [unit for unit in right if not _is_lone(unit)]


def _same_form(one: str, other: str) -> bool:
    a, b = DIGITS.sub("0", one), DIGITS.sub("0", other)
    if a == b or (_STAMP.search(one) and _STAMP.search(other)):
        return True
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= SAME_FORM


def _is_moment(one: _Unit, other: _Unit) -> bool:
    """ "Just now" and "5 minutes ago": a counter in the place of a few words, or the other way round."""
    counters = [_is_counter(unit) and len(words_of(unit.text)) <= LONE_WORDS for unit in (one, other)]
    short = all(not unit.prose and unit.edge and len(words_of(unit.text)) <= LONE_WORDS for unit in (one, other))
    return short and counters[0] != counters[1]


def _is_lone(unit: _Unit) -> bool:
    return unit.edge and _is_counter(unit) and len(words_of(unit.text)) <= LONE_WORDS


def _rotated(gone: Sequence[str], come: Sequence[str]) -> bool:
    """Did entries of lists only change places, or make room for others that have nothing in common with them?"""
    old, new = Counter(gone) - Counter(come), Counter(come) - Counter(gone)
    if not old and not new:
        return True
    if not old or not new:
        return False
    words = [set(words_of(line)) for line in new]
    for line in old:
        mine = set(words_of(line))
        if any(len(mine & theirs) >= ALIKE * min(len(mine), len(theirs)) for theirs in words):
            return False
    return True

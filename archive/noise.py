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
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

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
KNOWN = 2  # entries of a list that recur over the site, or a third of a short one: the list is the site's
ALIKE = 0.5  # of the words of two headlines: an edit and not another headline
FORM = 0.4  # of the entries of lists have a word that is one of their form
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
    one, other = without_noise(before, after, recurs)
    return one.split() == other.split()


def without_noise(before: str, after: str, recurs: Recurs = nothing_recurs) -> tuple[str, str]:
    """Two texts, normalised, without what changed by itself between them."""
    one, other = _units(before, recurs), _units(after, recurs)
    old, new = _with_boxes_of(one, other), _with_boxes_of(other, one)
    kept: tuple[list[_Unit], list[_Unit]] = ([], [])
    gone: list[_Unit] = []
    come: list[_Unit] = []
    for agree, a, b in gaps([unit.text for unit in old], [unit.text for unit in new]):
        left, right = old[slice(*a)], new[slice(*b)]
        if not agree and max(len(left), len(right)) <= MOST:
            left, right = _without_furniture(*_without_counters(left, right))
            # the extractor may know some of the headlines by now, so that few are left of a list on one side
            listed = all(unit.listed for unit in left) or all(unit.listed for unit in right)
            if listed and not any(unit.prose for unit in (*left, *right)):
                gone += left
                come += right
        kept[0].extend(left)
        kept[1].extend(right)
    if _rotated(gone, come, [unit.text for unit in (*old, *new) if unit.listed]):
        moved = {unit.at for unit in gone}, {unit.at for unit in come}
        kept = ([u for u in kept[0] if u.at not in moved[0]], [u for u in kept[1] if u.at not in moved[1]])
    return _text(kept[0]), _text(kept[1])


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a line or rest of a line that is none."""

    at: int  # its place in the text
    line: int
    text: str  # normalised
    prose: bool
    known: bool  # its line stands in many articles of the site, or in a list of such lines
    listed: bool = False  # among lines that are no sentences
    edge: bool = False  # no sentence comes before it, or none after it
    place: tuple[int, int] = (0, 0)  # which line it is of how many in a row


def _units(text: str, recurs: Recurs) -> list[_Unit]:
    units: list[_Unit] = []
    for number, line in enumerate(text.split("\n")):
        if folded := normalise(line):
            known = recurs(line)
            for part in filter(None, _PARTS.split(folded)):
                units.append(_Unit(len(units), number, part, _is_prose(part), known))
    prose = [at for at, unit in enumerate(units) if unit.prose]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    placed: list[_Unit] = []
    for at, end in _runs(units):
        run = units[at:end]
        listed = not run[0].prose and len(run) >= LIST
        known = listed and sum(unit.known for unit in run) >= min(KNOWN, len(run) / LIST)
        placed += [
            replace(
                unit,
                known=known if listed else unit.known,
                listed=listed,
                edge=not first < at + number < last,
                place=(number, len(run)),
            )
            for number, unit in enumerate(run)
        ]
    return placed


def _text(units: Sequence[_Unit]) -> str:
    return "\n".join(" ".join(unit.text for unit in line) for _, line in groupby(units, lambda unit: unit.line))


def _with_boxes_of(units: list[_Unit], other: Sequence[_Unit]) -> list[_Unit]:
    """The units of a text, with lists taken for the site's that have an entry in common with such a list of the other."""
    boxed = {unit.text for unit in other if unit.known and unit.listed}
    placed: list[_Unit] = []
    for at, end in _runs(units) if boxed else []:
        run = units[at:end]
        known = run[0].listed and any(unit.text in boxed for unit in run)
        placed += [replace(unit, known=True) for unit in run] if known else run
    return placed or units


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


def _without_furniture(old: list[_Unit], new: list[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """What is left when lines of the site are taken out, and with a list of such lines what stands in its place."""
    box = any(unit.known and unit.listed for unit in (*old, *new))
    left, right = ([unit for unit in units if not unit.known and not (box and not unit.prose)] for units in (old, new))
    return left, right


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


def _rotated(gone: Sequence[_Unit], come: Sequence[_Unit], lists: Sequence[str]) -> bool:
    """Did entries of lists only change places, or make room for others that have nothing in common with them? Words that
    most entries have (`lists`: all of them) are a form, and nothing in common."""
    moved = {unit.text for unit in gone} & {unit.text for unit in come}
    old, new = ([unit for unit in units if unit.text not in moved] for units in (gone, come))
    if not old and not new:
        return True
    if not old or not new:
        return False
    often = Counter(word for line in lists for word in set(words_of(line)))
    form = {word for word, count in often.items() if count > max(FORM * len(lists), 2)}
    words = [(unit.place, set(words_of(unit.text)) - form) for unit in new]
    alike = 0
    for unit in old:
        mine = set(words_of(unit.text)) - form
        alike += any(
            len(mine & theirs) >= max(ALIKE * min(len(mine), len(theirs)), 1)
            # an entry that was edited stays in its place
            and (place[1] != unit.place[1] or place == unit.place)
            for place, theirs in words
        )
    return 2 * alike < len(old)  # of many headlines, two may be about the same by chance

"""Whether two texts of an article say the same once what changes by itself on any page is left out.

Counters ("Read 1,234 times"), stamps ("Updated 14:05"), boxes of headlines that rotate, and lines that recur over the
articles of the site are no part of an article; some of them get past every extractor. An edit that is lost is worse than
a version too many, so each is left out on evidence only: a counter for its words (see `tallies`); a line because it recurs
over the site; a list because the entries that changed recur or are headlines of the site, or because entries went to other
places in it while others, that have nothing in common with those before, came. All else is the article's, however short.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archive.difference import gaps, words_of
from archive.likeness import normalise
from archive.tallies import counts_the_page, is_bare, is_date, is_worded

Recurs = Callable[[str], bool]

HEADLINE = 140  # characters of the longest headline; what is longer is prose whatever it ends with
QUESTION = 110  # the same of one that ends as a question or a cry
MOST = 500  # lines that changed in one place; more of them are no counters
LIST = 3  # lines without a sentence in a row that make a list
KNOWN = 0.5  # of the entries that changed recur over the site or are its headlines: the list is the site's
ALIKE = 0.5  # of the words of two headlines: an edit and not another headline
FORM = 0.4  # of the entries of lists have a word that is one of their form
_PARTS = re.compile(r"(?<=[.!?؟।…။។።։])(?<!\d\.)['\"”’»)\]]*\s+|(?<=[。！？])(?![」』”’）)])")
_STOP = re.compile(r"[.。।…။។።։]['\"”’»)\]」』]*$")
_CRY = re.compile(r"[!?！？؟]['\"”’»)\]」』]*$")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


def nothing_recurs(line: str) -> bool:
    """What is known of a site of which nothing is known."""
    return False


def says_the_same(before: str, after: str, recurs: Recurs = nothing_recurs, titled: Recurs = nothing_recurs) -> bool:
    """Do two texts differ in nothing but what changes by itself? `recurs` tells of a line whether it stands in many
    articles of the site, `titled` of one after normalisation whether it is the headline of an article there."""
    one, other = without_noise(before, after, recurs, titled)
    return one.split() == other.split()


def without_noise(
    before: str, after: str, recurs: Recurs = nothing_recurs, titled: Recurs = nothing_recurs
) -> tuple[str, str]:
    """Two texts, normalised, without what changed by itself between them."""
    one, other = _units(before, recurs), _units(after, recurs)
    old, new = (
        _with_boxes(mine, theirs, lambda unit: unit.known or titled(unit.text), KNOWN)
        for mine, theirs in ((one, other), (other, one))
    )
    boxes = {unit.text for unit in (*old, *new) if unit.boxed and not unit.counter}
    if boxes:  # what is a box in one text is one in the other
        old, new = (
            _with_boxes(mine, theirs, lambda unit: unit.text in boxes, 0) for mine, theirs in ((old, new), (new, old))
        )
    turned = _turned(old, new)
    kept: tuple[list[_Unit], list[_Unit]] = ([], [])
    gone: list[_Unit] = []
    come: list[_Unit] = []
    for agree, a, b in gaps([unit.text for unit in old], [unit.text for unit in new]):
        left, right = old[slice(*a)], new[slice(*b)]
        if not agree and max(len(left), len(right)) <= MOST:
            left, right = _without_furniture(*_without_counters(left, right))
            if all(unit.at in turned[0] for unit in left) and all(unit.at in turned[1] for unit in right):
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
    known: bool  # its line stands in many articles of the site
    counter: bool = False  # by its words
    listed: bool = False  # among lines that are no sentences
    boxed: bool = False  # in a list of the site
    edge: bool = False  # no sentence comes before it, or none after it
    run: int = 0  # where the lines in a row begin that it is one of
    place: tuple[int, int] = (0, 0)  # which of how many it is there, counters aside


def _units(text: str, recurs: Recurs) -> list[_Unit]:
    units: list[_Unit] = []
    for number, line in enumerate(text.split("\n")):
        if folded := normalise(line):
            known = recurs(line)
            parts = [folded] if counts_the_page(folded) else list(filter(None, _PARTS.split(folded)))
            for part in parts:
                counter = counts_the_page(part)
                units.append(_Unit(len(units), number, part, not counter and _is_prose(part), known, counter))
    prose = [at for at, unit in enumerate(units) if unit.prose]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    placed: list[_Unit] = []
    for at, end in _runs(units):
        run = units[at:end]
        size = sum(not unit.counter for unit in run)
        number = 0
        for step, unit in enumerate(run):
            edge = not first < at + step < last
            listed = not unit.prose and len(run) >= LIST
            placed.append(replace(unit, listed=listed, edge=edge, run=at, place=(number, size)))
            number += not unit.counter
    return placed


def _text(units: Sequence[_Unit]) -> str:
    return "\n".join(" ".join(unit.text for unit in line) for _, line in groupby(units, lambda unit: unit.line))


def _with_boxes(
    units: Sequence[_Unit], other: Sequence[_Unit], sure: Callable[[_Unit], bool], share: float
) -> list[_Unit]:
    """The units of a text, with boxes of the site told: entries of a list in a row that changed or are surely of the site,
    when at least a `share` of them, and one, surely are. What stands above or below a box in the same list is another list
    when an entry that did not change parts them: its heading, mostly."""
    there = {unit.text for unit in other}
    placed: list[_Unit] = []
    for at, end in _runs(units):
        run = units[at:end]
        if not run[0].listed or all(unit.text in there for unit in run):
            placed += run
            continue
        for movable, group in groupby(run, lambda unit: unit.counter or unit.text not in there or sure(unit)):
            stretch = list(group)
            entries = [unit for unit in stretch if not unit.counter]
            box = movable and any(unit.text not in there for unit in entries)
            box = box and sum(map(sure, entries)) >= max(1, share * len(entries))
            placed += [replace(unit, boxed=True) for unit in stretch] if box else stretch
    return placed


def _runs(units: Sequence[_Unit]) -> list[tuple[int, int]]:
    starts = [at for at, unit in enumerate(units) if not at or unit.prose != units[at - 1].prose]
    return list(zip(starts, [*starts[1:], len(units)], strict=True))


def _width(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _is_prose(unit: str) -> bool:
    width = _width(unit)
    return width > HEADLINE or _STOP.search(unit) is not None or (width > QUESTION and _CRY.search(unit) is not None)


def _without_counters(old: Sequence[_Unit], new: Sequence[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """What is left of two stretches when what counts or dates the page is taken out."""
    if len(old) == len(new) == 1 and _is_moment(old[0], new[0]):
        return [], []
    left, right = ([unit for unit in units if not unit.counter and not _is_stray(unit)] for units in (old, new))
    return left, right


def _without_furniture(old: list[_Unit], new: list[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """What is left when lines of the site are taken out, and with a list of such lines what stands in its place."""
    box = any(unit.boxed for unit in (*old, *new))
    alone = box and not any(unit.prose for unit in (*old, *new))
    left, right = (
        [unit for unit in units if not unit.known and not unit.boxed and not (alone and not unit.prose)]
        for units in (old, new)
    )
    return left, right


def _is_moment(one: _Unit, other: _Unit) -> bool:
    """ "Just now" and "5 minutes ago": a counter in the place of words that counters have, or the other way round."""
    return one.counter != other.counter and is_worded(one.text) and is_worded(other.text)


def _is_stray(unit: _Unit) -> bool:
    """A bare figure, time or date above or below the article; among other lines a figure may be of a table."""
    return unit.edge and is_bare(unit.text) and (not unit.listed or is_date(unit.text))


def _turned(old: Sequence[_Unit], new: Sequence[_Unit]) -> tuple[set[int], set[int]]:
    """Where the entries stand, in either text, of lists in which some went to other places: in another order, or a few when
    most were replaced. A list that only grew or shrank, or was edited in its place, is the article's as far as that tells,
    and so is what stands in one above or below an entry that stayed when nothing moved there."""
    there = {unit.text: unit for unit in new if _is_entry(unit)}
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}  # of runs of one size: the places of what both have
    for unit in filter(_is_entry, old):
        other = there.get(unit.text)
        if other is not None and other.place[1] == unit.place[1]:
            pairs.setdefault((unit.run, other.run), []).append((unit.place[0], other.place[0]))
    turned: tuple[dict[int, set[int]], dict[int, set[int]]] = ({}, {})  # run -> places
    sizes = {unit.run: unit.place[1] for unit in old}
    for (run, other_run), shared in pairs.items():
        moved = {place for pair in shared if pair[0] != pair[1] for place in pair}
        order = [place for _, place in shared]
        if order != sorted(order) or 2 * sum(a != b for a, b in shared) < sizes[run]:
            fixed = {a for a, b in shared if a == b}
            places: set[int] = set()
            for stays, group in groupby(range(sizes[run]), fixed.__contains__):
                stretch = set(group)
                if not stays and stretch & moved:
                    places |= stretch
            turned[0][run] = turned[1][other_run] = set(range(min(places), max(places) + 1)) if places else places
    found, found_other = (
        {unit.at for unit in units if _is_entry(unit) and unit.place[0] in runs.get(unit.run, ())}
        for units, runs in zip((old, new), turned, strict=True)
    )
    return found, found_other


def _is_entry(unit: _Unit) -> bool:
    return unit.listed and not unit.counter and not unit.boxed


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

"""How much of one text stands in another, word for word or nearly so, and what was put in the place of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.sketch import NAME, NUMBER, SHINGLE_CHARACTERS, Words, shingle_length

SEED_WORDS, SEED_CHARACTERS = 3, 4  # units in a row that have to agree before a place counts as found
CHAIN_WORDS, CHAIN_CHARACTERS = 8, 14  # units in line that have to agree: any two texts share a phrase
BRIDGED = 4  # units: a gap no longer than this between places in line is a word or two that were changed
SLOT = 12  # units: of a gap no longer than this the words are compared
PARTS = 8  # of a text, by which it is told how far over it something is spread
DRIFT = 4  # units by which both sides of a gap may differ in length
OFTEN = 8  # places of one seed in the other text that are looked at
COMMON_NAMES = 2  # that make two passages parts of one report
CONTENT = 5  # letters: shorter words say little about what a text is about
OPENING = 50  # units: what a report begins with


@dataclass(frozen=True, slots=True)
class Slots:
    """Units of one kind in what agrees, and in short gaps between: a form that was filled in anew keeps few of its facts,
    and they differ all over the text."""

    kept: int = 0
    changed: int = 0  # in a gap where the other text has others
    spread: int = 0  # of PARTS equal parts of the text, those in which one changed


@dataclass(frozen=True, slots=True)
class Alignment:
    """What a text has in common with another."""

    units: int  # of the text
    found: int  # of these, units that stand in the other text too, or in a changed word or two between such
    other_units: int
    other_found: int  # the same the other way round
    opening: float  # share of the beginning of the text that was found in the other, 0 to 1
    other_opening: float
    numbers: Slots  # what became of numbers
    names: Slots  # and of names
    words: Slots  # words that stand where the other text has others, names and numbers included
    marks: bytes = b""  # a byte for each unit of the text: was it found
    other_marks: bytes = b""

    @property
    def share(self) -> float:
        """Share of the text that was found in the other, 0 to 1."""
        return self.found / self.units if self.units else 0.0

    @property
    def other_share(self) -> float:
        """Share of the other text that was found in this one, 0 to 1."""
        return self.other_found / self.other_units if self.other_units else 0.0


Run = tuple[int, int, int]  # place in the one text, place in the other, units that agree


def align(one: Words, other: Words) -> Alignment:
    """Compare two texts. Linear in their length but for seeds that recur."""
    letters = shingle_length(one.units) == SHINGLE_CHARACTERS
    seed, least = (SEED_CHARACTERS, CHAIN_CHARACTERS) if letters else (SEED_WORDS, CHAIN_WORDS)
    found, other_found = bytearray(len(one)), bytearray(len(other))
    kept = bytearray()
    gaps: list[tuple[range, range]] = []
    for chain in _chains(_runs(one.units, other.units, seed)):
        if sum(length for _, _, length in chain) < least:
            continue
        for (i, j, length), following in zip(chain, [*chain[1:], None], strict=True):
            found[i : i + length] = b"\1" * length
            other_found[j : j + length] = b"\1" * length
            kept += one.facts[i : i + length]
            if following is None:
                continue
            gap, other_gap = range(i + length, following[0]), range(j + length, following[1])
            gaps.append((gap, other_gap))
            if max(len(gap), len(other_gap)) <= BRIDGED:
                found[gap.start : gap.stop] = b"\1" * len(gap)
                other_found[other_gap.start : other_gap.stop] = b"\1" * len(other_gap)
    return Alignment(
        units=len(one),
        found=sum(found),
        other_units=len(other),
        other_found=sum(other_found),
        opening=_opening(found),
        other_opening=_opening(other_found),
        numbers=_slots(NUMBER, kept, gaps, one, other),
        names=_slots(NAME, kept, gaps, one, other),
        words=_slots(None, kept, gaps, one, other),
        marks=bytes(found),
        other_marks=bytes(other_found),
    )


def _slots(kind: int | None, kept: bytearray, gaps: Sequence[tuple[range, range]], one: Words, other: Words) -> Slots:
    """What became of the facts of a kind (None: of all words) between the places that agree."""
    agreed = len(kept) if kind is None else kept.count(kind)
    changed = 0
    parts: set[int] = set()
    for gap, other_gap in gaps:
        here = {one.units[place] for place in gap if kind is None or one.facts[place] == kind}
        there = {other.units[place] for place in other_gap if kind is None or other.facts[place] == kind}
        agreed += len(here & there)
        if differ := min(len(here - there), len(there - here)):
            changed += differ
            parts.add(gap.start * PARTS // len(one))
    return Slots(agreed, changed, len(parts))


def coherence(some: Words, others: Words, among: Sequence[int] | None = None) -> float:
    """How much two passages speak of the same, 0 to 1: the share of their vocabulary that they have in common, without
    the short words that every text has; 1 when they have names in common. `among`: places of the others that count."""
    places = range(len(others)) if among is None else among
    names = {others.units[place] for place in places if others.facts[place] == NAME}
    if len(names & {unit for unit, fact in zip(some.units, some.facts, strict=True) if fact == NAME}) >= COMMON_NAMES:
        return 1.0
    a, b = _vocabulary(some.units), _vocabulary([others.units[place] for place in places])
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _vocabulary(parts: Sequence[str]) -> set[str]:
    if shingle_length(parts) == SHINGLE_CHARACTERS:
        return set(map("".join, pairwise(parts)))
    return {part for part in parts if len(part) >= CONTENT}


def _opening(found: bytearray) -> float:
    start = found[:OPENING]
    return sum(start) / len(start) if start else 0.0


def _runs(one: Sequence[str], other: Sequence[str], seed: int) -> list[Run]:
    """Where the texts agree in at least `seed` units, each as long as it goes, in the order of the one."""
    places: dict[tuple[str, ...], list[int]] = {}
    for j, key in enumerate(zip(*(other[shift:] for shift in range(seed)), strict=False)):
        known = places.setdefault(key, [])
        if len(known) < OFTEN:
            known.append(j)
    seeds = list(zip(*(one[shift:] for shift in range(seed)), strict=False))
    runs: list[Run] = []
    i = line = 0  # line: where the last run lies, other minus one
    while i < len(seeds):
        at = places.get(seeds[i])
        if at is None:
            i += 1
            continue
        j = min(at, key=lambda place: abs(place - i - line))
        length = seed
        while i + length < len(one) and j + length < len(other) and one[i + length] == other[j + length]:
            length += 1
        runs.append((i, j, length))
        line = j - i
        i += length
    return runs


def _chains(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs that follow one another in both texts with but a little between them."""
    chains: list[list[Run]] = []
    for run in runs:
        if chains:
            i, j, length = chains[-1][-1]
            gap, other_gap = run[0] - i - length, run[1] - j - length
            if 0 <= other_gap <= SLOT and gap <= SLOT and abs(gap - other_gap) <= DRIFT:
                chains[-1].append(run)
                continue
        chains.append([run])
    return chains

"""When one text is a copy of another: the decision, given how far the two agree."""

from __future__ import annotations

from dataclasses import dataclass

from archive.alignment import Alignment, Slots

COPY = 0.8  # share of the shorter text that makes it a copy whatever else there is
KIN = 0.7  # the same with nothing else for or against it; what a firm says of itself is most of a short notice
AKIN = 0.4  # the same where the beginning is shared too, or the title
HOUSE = 0.7  # the same within one outlet, whose series and forms begin alike
OF_LONGER = 0.2  # least share of the longer text: a live blog holds its topics and is no copy of them
BRIEF = 30  # units: texts with less in common agree by chance or by formula, unless they agree in nearly all
BRIEF_COPY = 0.9
OPENING = 0.5  # share of the beginning that has to be found for it to count as shared
SLOTS_SHARE = 0.5  # of the facts differ where all else is alike, more than that, and
SLOTS, SPREAD = 3, 3  # so many, in so many eighths of the text: a form that was filled in anew
NONE_KEPT = ((2, 2), (5, 1))  # the same where no fact is left as it was
HOUSE_WORDS = 4  # words that an outlet changed in so many places, in a text of its own: a form of the house
FULLER = 0.2  # of the other text's length that a text has beyond it, and
FULLER_HAS = 0.8  # of the other text itself
COHERENT = 0.15  # of the vocabulary; unrelated reports of one language have 0.08 in common, halves of one report 0.22
OVERLAP = 0.15  # share of the shorter text
COMMON_SHARE = 0.5  # of what two samples share may be common to many articles


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of two articles beside the agreement of their texts."""

    same_source: bool
    same_title: bool
    common: float = 0.0  # share of the common sample that many other articles have as well


def is_copy(found: Alignment, around: Circumstances) -> bool:
    """Is the one text a copy of the other, or both of a third, cut and added to?"""
    share, of_longer = max(found.share, found.other_share), min(found.share, found.other_share)
    if filled_in_anew(found) or of_longer < OF_LONGER:
        return False
    if min(found.found, found.other_found) < BRIEF and share < BRIEF_COPY:
        return False
    if around.common > COMMON_SHARE and share < COPY:
        return False
    akin = max(found.opening, found.other_opening) >= OPENING or around.same_title
    if around.same_source:
        form = found.words.changed >= HOUSE_WORDS and found.words.spread >= SPREAD
        return share >= (HOUSE if akin else COPY) and not form
    return share >= (AKIN if akin else KIN)


def filled_in_anew(found: Alignment) -> bool:
    """Do two texts have their form in common and not their facts: weather, markets, draws, results, obituaries?

    A toll that has risen since is some numbers in one place, among names that stay.
    """
    return _differ(found.numbers) or _differ(found.names)


def _differ(facts: Slots) -> bool:
    most = facts.changed > SLOTS_SHARE * (facts.kept + facts.changed)
    least = ((SLOTS, SPREAD),) if facts.kept else NONE_KEPT
    return most and any(facts.changed >= changed and facts.spread >= spread for changed, spread in least)


def is_fuller(found: Alignment) -> bool:
    """Does a text hold the other, and more?"""
    return found.units - found.found >= FULLER * found.other_units and found.other_share >= FULLER_HAS


def is_one_report(overlap: Alignment, coherence: float, around: Circumstances) -> bool:
    """Are two texts parts of one report, of which a third text has both, or two reports that it brings together?"""
    return around.same_title or max(overlap.share, overlap.other_share) >= OVERLAP or coherence >= COHERENT

"""What changed between two versions of an article: which kind of change it is, how large, and whether anything said so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from archive.difference import Sizes, pieces, sizes, words_of
from archive.likeness import normalise
from archive.noise import Recurs, nothing_recurs, says_the_same, without_noise
from archive.notices import notice_in

ONE_SIDED = 4  # times as many words came as went: an addition; the other way round: a deletion
TYPOS = 3  # words that were spelled in another way; more of them are a rewrite
SPELLED = 0.7  # of the letters of two spellings of a word
TEASER = 1 / 3  # of a text: a beginning that ends with an ellipsis
WALLED = 1 / 2  # of a text: a beginning on a page that calls itself paywalled
CUT = "…. "  # what a summary that was cut short may end with
LONGEST_NOTICE = 500  # characters that are kept


class Kind(StrEnum):
    """What a change is."""

    HEADLINE = "headline"  # the headline alone, or with it what is trivial
    CORRECTION = "correction"  # a notice says so that was not there before
    ADDITION = "addition"  # hardly a word went
    DELETION = "deletion"  # hardly a word came
    REWRITE = "rewrite"
    TRIVIAL = "trivial"  # signs and spelling


@dataclass(frozen=True, slots=True)
class Telling:
    """What one version says."""

    title: str
    text: str
    summary: str = ""
    summary_by: str = ""  # where the summary comes from; "" when it is not known
    modified_at: str = ""  # as the page said


@dataclass(frozen=True, slots=True)
class Classed:
    """A change between two versions. `lead` is the summary of page or feed."""

    kind: Kind
    sizes: Sizes
    title: bool  # the headline changed
    lead: bool
    silent: bool  # neither a notice nor a new time of modification
    notice: str = ""  # the new notice


def is_new(before: Telling, after: Telling, recurs: Recurs = nothing_recurs, titled: Recurs = nothing_recurs) -> bool:
    """Is `after` another version than `before`? Headline, lead or text say something else."""
    if normalise(before.title) != normalise(after.title) or lead_changed(before, after):
        return True
    return not says_the_same(before.text, after.text, recurs, titled)


def lead_changed(before: Telling, after: Telling) -> bool:
    """Did the summary change? Only one from the same place tells: feed and page have each their own, and cut it at will."""
    if not before.summary or not after.summary or not before.summary_by or before.summary_by != after.summary_by:
        return False
    one, other = (normalise(telling.summary).rstrip(CUT) for telling in (before, after))
    return not one.startswith(other) and not other.startswith(one) and not says_the_same(one, other)


def is_teaser(before: Telling, after: Telling, walled: bool) -> bool:
    """Does a page give no more than the beginning of what it gave, and then a paywall? `walled`: it says so itself."""
    if normalise(before.title) != normalise(after.title):
        return False
    one, lines = normalise(before.text), [line for line in map(normalise, after.text.split("\n")) if line]
    whole = " ".join(lines)
    start = whole.removesuffix("[…]").removesuffix("[...]").rstrip(CUT)
    if start and len(whole) < TEASER * len(one) and whole.rstrip("] ").endswith(("…", "...")) and one.startswith(start):
        return True
    # the last line may ask for a subscription
    starts = (" ".join(shown).rstrip(CUT) for shown in (lines, lines[:-1]))
    return walled and len(whole) < WALLED * len(one) and any(text and one.startswith(text) for text in starts)


def classed(before: Telling, after: Telling, titled: Recurs = nothing_recurs) -> Classed:
    """Class a change between two versions."""
    title = normalise(before.title) != normalise(after.title)
    lead = lead_changed(before, after)
    one, other = without_noise(before.text, after.text, titled=titled)
    measured = sizes(one, other)
    notice = _new_notice(before.text, after.text)
    modified = bool(after.modified_at) and after.modified_at > before.modified_at
    headline = title and words_of(normalise(before.title)) != words_of(normalise(after.title))
    kind = _kind(before, after, measured, headline, lead, _is_trivial(one, other, measured))
    kind = Kind.CORRECTION if notice else kind
    return Classed(kind, measured, title, lead, not notice and not modified, notice[:LONGEST_NOTICE])


def _kind(before: Telling, after: Telling, measured: Sizes, title: bool, lead: bool, trivial: bool) -> Kind:
    came, went = measured.words_added, measured.words_removed
    if trivial:
        if title:
            return Kind.HEADLINE
        if not lead:
            return Kind.TRIVIAL
        in_lead = sizes(before.summary, after.summary)
        came, went = in_lead.words_added, in_lead.words_removed
    if came >= ONE_SIDED * went:
        return Kind.ADDITION
    return Kind.DELETION if went >= ONE_SIDED * came else Kind.REWRITE


def _is_trivial(before: str, after: str, measured: Sizes) -> bool:
    """Do two normalised texts differ in signs and spelling only? Figures are no matter of spelling."""
    if measured.words_added != measured.words_removed or measured.words_added > TYPOS:
        return False
    if not measured.words_added:
        return True
    went, came = (words_of(" ".join(piece.text for piece in pieces(before, after) if piece.op == op)) for op in "-+")
    return len(went) == len(came) and all(map(_same_word, went, came))


def _same_word(one: str, other: str) -> bool:
    if any(char.isdigit() for char in one + other):
        return one == other
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= SPELLED


def _new_notice(before: str, after: str) -> str:
    known = {normalise(line) for line in before.split("\n")}
    return notice_in("\n".join(line for line in after.split("\n") if normalise(line) not in known))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A version that was seen at a time."""

    seen_at: str
    version: int


@dataclass(frozen=True, slots=True)
class Return:
    """A version that was shown again after another."""

    version: int
    returned_at: str
    instead_of: int


def returns(sightings: Sequence[Sighting]) -> list[Return]:
    """When an article went back to a version that it had shown before; `sightings` in the order of time."""
    known: set[int] = set()
    found = []
    last: int | None = None
    for sighting in sightings:
        if last is not None and sighting.version != last and sighting.version in known:
            found.append(Return(sighting.version, sighting.seen_at, last))
        known.add(sighting.version)
        last = sighting.version
    return found


def same_version(
    tellings: Sequence[tuple[int, Telling]],
    fresh: Telling,
    recurs: Recurs,
    titled: Recurs,
    same_hash: Callable[[int], bool],
) -> int | None:
    """The number of the version that a page shows, of those that are known; None when it is a new one. What agrees to the
    letter (`same_hash`) comes before what differs in counters only."""
    exact = [(number, telling) for number, telling in tellings if same_hash(number)]
    for number, telling in exact:
        if not lead_changed(telling, fresh):
            return number
    return next((number for number, telling in tellings if not is_new(telling, fresh, recurs, titled)), None)

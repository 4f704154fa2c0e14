"""What others say that the text is: JSON-LD's articleBody and the feed's summary, as witnesses for lines of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .headline import fold, squeezed
from .lines import Line
from .structured import Facts, body_lines
from .tables import ROW

LEAST = 300  # letters of an articleBody that is the text and not a teaser
AGREES = 0.85  # of the lines of the text that articleBody must hold ...
COVERED = 0.9  # ... and of articleBody that they must hold, before it is believed about the rest
CONFIRMED = 0.98  # both, before no other extractor is asked
PART = 30  # letters at an end of a line that make it known where the rest differs
SHINGLE = 3  # words; a summary is short, and its words are often in another order
CLEARER = 0.25  # by which the support of one candidate must be higher than that of the other
HEADINGS = frozenset(["h2", "h3", "h4", "h5"])


@dataclass(frozen=True, slots=True)
class Witness:
    """The articleBody without spaces and punctuation, "" when it is none; the shingles of what stands in the text."""

    body: str
    shingles: frozenset[tuple[str, ...]]

    def prefers(self, lines: Sequence[Line], one: Sequence[int], other: Sequence[int]) -> bool | None:
        """Tell whether the lines at `one` hold clearly more of what the witness says than those at `other`; None when
        it has nothing to say or sees no difference."""
        if not self.shingles:
            return None
        gain = self._support(lines, one) - self._support(lines, other)
        return gain > 0 if abs(gain) >= CLEARER else None

    def _support(self, lines: Sequence[Line], places: Sequence[int]) -> float:
        held = set(_shingles("\n".join(lines[at].text for at in places)))
        return len(self.shingles & held) / len(self.shingles)

    def without_unclaimed(self, lines: Sequence[Line], places: Sequence[int]) -> list[int]:
        """Drop the lines that articleBody leaves out, where it is the text otherwise: captions, notes, boxes.

        It leaves out standfirsts, sub-headings, quotations and tables as well: these and what stands above its first line stay,
        except for lists of what follows.
        """
        claimed = self._claimed(lines, places, AGREES, COVERED)
        if not claimed:
            return list(places)
        held, first = set(claimed), claimed[0]
        return [at for at in places if at in held or _is_set_apart(lines[at]) or (at < first and lines[at].tag != "li")]

    def confirms(self, lines: Sequence[Line], places: Sequence[int]) -> bool:
        """Tell whether articleBody is the text of these lines: nobody else needs to be asked then."""
        return bool(self._claimed(lines, places, CONFIRMED, CONFIRMED))

    def _claimed(self, lines: Sequence[Line], places: Sequence[int], agrees: float, covered: float) -> list[int]:
        """The places of lines that articleBody holds; none where it is not the text of all these lines."""
        if not self.body:
            return []
        keys = {at: squeezed(lines[at].text) for at in places if lines[at].tag != ROW}
        claimed = [at for at, key in keys.items() if self._says(key)]
        size = sum(len(keys[at]) for at in claimed)
        whole = size >= agrees * sum(map(len, keys.values())) and size >= covered * len(self.body)
        return claimed if whole else []

    def _says(self, key: str) -> bool:
        return key in self.body or (len(key) > 2 * PART and (key[:PART] in self.body or key[-PART:] in self.body))


def _is_set_apart(line: Line) -> bool:
    return line.tag in (*HEADINGS, "blockquote", ROW) or next(line.node.iterancestors("blockquote"), None) is not None


def of(facts: Facts, summary: str) -> Witness:
    """The witness of a page; `summary` is the feed's, which counts where the page has no articleBody."""
    text = "\n".join(body_lines(facts))
    body = squeezed(text)
    if len(body) < LEAST:
        body, text = "", summary
    return Witness(body, frozenset(_shingles(text)))


def _shingles(text: str) -> list[tuple[str, ...]]:
    words = fold(text).split()
    return [tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)]

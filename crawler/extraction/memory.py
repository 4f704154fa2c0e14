"""Site memory: what recurs over the pages of one source is boilerplate, whatever it says.

A single page does not tell a house paragraph from the story's. Ten pages do: a paragraph that stands word for word in
several articles belongs to none of them, and a place in the page that mostly holds such paragraphs is furniture even
when it says something new. The memory of a source is bounded, forgets, and is JSON-able; it is learned from articles
that are stored for the first time, so that a page that is fetched again does not make its own text recur.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from .headline import fold
from .lines import Line
from .remembered import LONGEST

DIGITS = re.compile(r"\d+")
LONG = 60  # characters; a shorter line can be a sub-heading that recurs by right
RECURS = 3  # pages in which a long line stands before it is boilerplate
SHARE = 0.1  # of all pages: agencies repeat a background paragraph word for word in the reports of one affair
RECURS_SHORT = 5  # the same for a short line
SHARE_SHORT = 0.3
PLACE_LINES = 4  # recurring lines that a place held before it is boilerplate itself
PLACE_SHARE = 0.5  # of all lines that stood there: paragraphs of the story share their place with house paragraphs
WINDOW = 200  # pages; counts are halved when so many were learned: a new layout is known within days
MOST_LINES = 4000  # lines remembered for a source, about 150 KB
MOST_PLACES = 500
DEEP = 4  # elements that make up a place
Observed = tuple[tuple[str, str], ...]  # (key of the line, key of its place) for the lines of one article's text


@dataclass(frozen=True, slots=True)
class Known:
    """What a worker is told of a source: keys of boilerplate, by what lines say and by where they stand."""

    long: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()

    def holds(self, line: str, place: str, *, is_long: bool) -> bool:
        """Tell whether a line of a new page is boilerplate."""
        return line in (self.long if is_long else self.short) or place in self.places

    def recurs(self, text: str) -> bool:
        """Tell whether a line is boilerplate by what it says, wherever it stands."""
        return _key_of_text(text) in (self.long if len(text) >= LONG else self.short)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a source's pages. `lines`, `places` and `recurring` map keys to counts of pages."""

    pages: float = 0.0
    lines: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)  # lines that stood there
    recurring: Mapping[str, float] = field(default_factory=dict)  # of these, lines that recur

    def known(self) -> Known:
        """What is boilerplate by now."""
        often = max(RECURS_SHORT, SHARE_SHORT * self.pages)
        return Known(
            frozenset(key for key, count in self.lines.items() if count >= max(RECURS, SHARE * self.pages)),
            frozenset(key for key, count in self.lines.items() if count >= often),
            frozenset(
                key
                for key, held in self.recurring.items()
                if held >= PLACE_LINES and held >= PLACE_SHARE * self.places.get(key, 0.0)
            ),
        )

    def learned(self, page: Observed) -> Memory:
        """The memory after one more article; `page` are the keys of its lines and of their places."""
        pages, lines, places, recurring = self.pages, dict(self.lines), dict(self.places), dict(self.recurring)
        if pages >= WINDOW:
            pages, lines, places, recurring = pages / 2, _halved(lines), _halved(places), _halved(recurring)
        again = Counter(place for line, place in dict.fromkeys(page) if lines.get(line, 0.0) >= RECURS - 1)
        for line in dict.fromkeys(line for line, _ in page):
            lines[line] = lines.pop(line, 0.0) + 1  # moved to the end: the order is that of the last sight
        for place, count in Counter(place for _, place in dict.fromkeys(page)).items():
            places[place] = places.pop(place, 0.0) + count
        for place, count in again.items():
            recurring[place] = recurring.get(place, 0.0) + count
        places = _bounded(places, MOST_PLACES)
        return Memory(
            pages + 1, _bounded(lines, MOST_LINES), places, {k: v for k, v in recurring.items() if k in places}
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON-able form; `Memory.of_json` reads it back."""
        return {
            "pages": self.pages,
            "lines": dict(self.lines),
            "places": dict(self.places),
            "recurring": dict(self.recurring),
        }

    @classmethod
    def of_json(cls, state: Mapping[str, Any]) -> Memory:
        """The memory that `to_json` wrote; an empty mapping is an empty memory."""
        return cls(
            float(state.get("pages", 0.0)), state.get("lines", {}), state.get("places", {}), state.get("recurring", {})
        )


def observe(lines: Sequence[Line], places: Iterable[int]) -> Observed:
    """What the memory learns from the lines at `places`: those that would be the article's text without it."""
    return tuple(keys_of(lines[at]) for at in places)


def without_boilerplate(known: Known, lines: Sequence[Line], places: Sequence[int]) -> list[int]:
    """The places that are left when what is known as boilerplate is taken out; all when nothing would be left."""
    kept = [at for at in places if not known.holds(*keys_of(lines[at]), is_long=len(lines[at].text) >= LONG)]
    return kept or list(places)


def keys_of(line: Line) -> tuple[str, str]:
    """Keys of a line and of its place. Digits do not count: a line with today's date recurs every day."""
    return _key_of_text(line.text), _key(_place(line.node))


def _key_of_text(text: str) -> str:
    return _key(DIGITS.sub("0", fold(text)))


def _place(node: HtmlElement) -> str:
    """Where an element stands, by tag and class of it and what it stands in; ids and numbers in them do not count."""
    chain = [node, *islice(node.iterancestors(), DEEP - 1)]
    return "/".join(f"{one.tag}.{_unnumbered(one.get('class'))}" for one in chain)


def _unnumbered(name: str | None) -> str:
    if not name:
        return ""
    return _without_digits(name) if len(name) <= LONGEST else DIGITS.sub("", " ".join(name.split()))


@lru_cache(maxsize=4096)
def _without_digits(name: str) -> str:
    return DIGITS.sub("", " ".join(name.split()))


def _key(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _halved(counts: Mapping[str, float]) -> dict[str, float]:
    return {key: count / 2 for key, count in counts.items() if count > 1}


def _bounded(counts: dict[str, float], most: int) -> dict[str, float]:
    """The counts without those seen least, of these the longest ago, when there are too many."""
    if len(counts) <= most:
        return counts
    surplus = len(counts) - most
    order = {key: at for at, key in enumerate(counts)}
    dropped = set(sorted(counts, key=lambda key: (counts[key], order[key]))[:surplus])
    return {key: count for key, count in counts.items() if key not in dropped}

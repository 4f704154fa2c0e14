"""What was found, in order and over time: the arithmetic on arrays that a page of results is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from archive.columns import DAY, Numbers
from archive.histogram import Span, counted, spans
from archive.search import RANKED, lifted

MOST_LISTED = 10_000  # results that can be paged to; an export gives them all


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles have a value; `value` is what a filter takes."""

    value: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the results: an article, and those of its story that it stands for."""

    id: int
    score: float
    others: tuple[int, ...] = ()  # in order of publication


class Listing(ABC):
    """Articles that were found. The arrays `ids` (ascending), `scores`, `moments` and `stories` have a place for each."""

    def __init__(self) -> None:
        self._orders: dict[int, list[tuple[int, float]]] = {}

    @property
    @abstractmethod
    def ids(self) -> Numbers:
        """Ids of all articles found, ascending."""

    @property
    @abstractmethod
    def moments(self) -> Numbers:
        """Times of the articles found, seconds since 1970."""

    @property
    @abstractmethod
    def stories(self) -> Numbers:
        """The story of each; 0: none."""

    @property
    @abstractmethod
    def scores(self) -> Numbers | None:
        """By words alone, of each; None: the newest come first."""

    @abstractmethod
    def counts(self, name: str) -> list[Count]:
        """How many articles have each value of a field, most first."""

    @property
    def total(self) -> int:
        """Number of articles found."""
        return len(self.ids)

    @cached_property
    def lines(self) -> int:
        """Number of lines when copies of one story are one line."""
        told = self.stories[self.stories > 0]
        return self.total - len(told) + int(np.count_nonzero(np.bincount(told))) if len(told) else self.total

    @cached_property
    def over_time(self) -> tuple[list[Span], list[int]]:
        """Bars over the time of the articles found, and how many fall into each."""
        bars = spans(self.moments)
        return bars, counted(self.moments, bars)

    def page(self, first: int, count: int, *, collapsed: bool) -> list[Place]:
        """Some lines of the results, best or newest first; `collapsed`: copies of one story once, by the one of them that
        was published first."""
        last = min(first + count, MOST_LISTED)
        order = self._order(RANKED if last < RANKED // 2 else MOST_LISTED * 2)
        if not collapsed:
            return [Place(number, score) for number, score in order[first:last]]
        seen: set[int] = set()
        lines: list[tuple[int, float, int]] = []
        for number, score in order:
            story = int(self.stories[np.searchsorted(self.ids, number)])
            if story and story in seen:
                continue
            seen.add(story)
            lines.append((number, score, story))
            if len(lines) == last:
                break
        return [self._line(*line) for line in lines[first:last]]

    def _line(self, number: int, score: float, story: int) -> Place:
        if not story:
            return Place(number, score)
        among = self.stories == story
        members, moments = self.ids[among], self.moments[among]
        members = members[np.lexsort((members, moments))]
        return Place(int(members[0]), score, tuple(int(one) for one in members[1:]))

    def _order(self, most: int) -> list[tuple[int, float]]:
        """(id, score) of the first ones in order."""
        if most not in self._orders:
            self._orders[most] = self._ordered(most)
        return self._orders[most]

    def _ordered(self, most: int) -> list[tuple[int, float]]:
        scores = self.scores
        if scores is None:
            first = _highest(self.moments, self.ids, most)
            return [(int(number), 0.0) for number in self.ids[first]]
        first = _highest(scores, self.ids, most)
        numbers, values = self.ids[first].tolist(), scores[first].tolist()
        days = (self.moments[first[:RANKED]] // DAY).tolist()
        ranked = lifted(list(zip(numbers[:RANKED], values[:RANKED], days, strict=True)))
        return ranked + list(zip(numbers[RANKED:], values[RANKED:], strict=True))


def _highest(values: Numbers, ids: Numbers, most: int) -> Numbers:
    """Places of the highest values, highest first; of equal ones the higher id first."""
    places = np.arange(len(values))
    if len(values) > most:
        least = np.partition(values, len(values) - most)[len(values) - most]
        places = places[values >= least]
    ordered: Numbers = places[np.lexsort((-ids[places], -values[places]))][:most]
    return ordered

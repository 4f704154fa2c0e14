"""One search as the pages, the feed and the interface for programs answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote_plus

import numpy as np

from archive.cards import Card
from archive.errors import QueryError
from archive.fields import TIMES, Filter, named
from archive.filters import bounds, instant
from archive.finding import COUNTED
from archive.histogram import Span, counted, spans
from archive.library import Library
from archive.listing import MOST_LISTED, Count, Listing
from archive.query import Query, misread, parse_query, written
from archive.search import ORDERS

PAGE = 20  # results on a page
MOST_AT_ONCE = 100  # results that a program may ask for at a time
MARKS = ("⟦", "⟧")  # around what matched; the pages show them as <mark>
FACET = 10  # values of a field that are shown


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a search says."""

    q: str = ""
    order: str = ORDERS[0]
    page: int = 1
    copies: bool = False  # each copy of a story on a line of its own
    beside: str = ""  # a second query to compare with

    def address(
        self, *, q: str | None = None, order: str | None = None, page: int | None = None, copies: bool | None = None,
        beside: str | None = None,
    ) -> str:  # fmt: skip
        """The address of this search, changed; relative to the first page."""
        shown = self.page if page is None else page
        given = (
            ("q", self.q if q is None else q),
            ("order", "" if (sort := self.order if order is None else order) == ORDERS[0] else sort),
            ("copies", "1" if (self.copies if copies is None else copies) else ""),
            ("with", self.beside if beside is None else beside),
            ("page", str(shown) if shown > 1 else ""),
        )
        return "?" + "&".join(f"{name}={'+'.join(map(_quoted, value.split(' ')))}" for name, value in given if value)


@lru_cache(maxsize=4096)  # a page has a hundred addresses of much the same words
def _quoted(word: str) -> str:
    return quote_plus(word, errors="replace")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that can be taken away: what it says, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: how many there are, and the query that narrows by it or, when it is chosen, no longer does."""

    count: Count
    chosen: bool
    q: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram, and the query that is narrowed to its time."""

    span: Span
    number: int
    q: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is found. `error`: why nothing is, in words for the reader; `hints`: what would find something."""

    asked: Asked
    understood: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()
    total: int = 0
    lines: int = 0
    cards: tuple[Card, ...] = ()
    facets: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    bars: tuple[Bar, ...] = ()
    chips: tuple[Chip, ...] = ()
    hints: tuple[tuple[str, str, int], ...] = ()  # words, query, number
    beside: tuple[int, ...] = ()  # of the second query, for each bar
    beside_total: int = 0
    more: bool = False

    @property
    def last(self) -> int:
        """Number of the last page that can be asked for."""
        reachable = min(self.total if self.asked.copies else self.lines, MOST_LISTED)
        return max(1, -(-reachable // PAGE))


def answer(
    library: Library,
    asked: Asked,
    *,
    first: int | None = None,
    count: int = PAGE,
    counts: bool = True,
) -> Answer:
    """Answer a search, with or without the facets and the histogram. What cannot be read is said in the answer. Raises
    sqlite3.Error."""
    try:
        query = parse_query(asked.q)
        other = parse_query(asked.beside) if asked.beside.strip() else None
    except QueryError as error:
        return Answer(asked, error=str(error))
    if asked.q.strip() and not (query.wanted or query.filters or query.unwanted):
        return Answer(asked, error="There is no letter or digit in this to look for.")
    found = library.find(query, asked.order)
    beside = library.find(other, "newest") if other else None
    start = (asked.page - 1) * PAGE if first is None else first
    places = found.page(start, count, collapsed=not asked.copies)
    reach = found.total if asked.copies else found.lines
    found_here = Answer(
        asked,
        understood=written(query),
        notes=(*misread(asked.q), *library.unknown(query)),
        total=found.total,
        lines=found.lines,
        cards=tuple(library.cards(places, query, MARKS)),
        chips=_chips(query),
        more=start + count < min(reach, MOST_LISTED),
    )
    return _with_counts(found_here, query, found, beside, library) if counts else found_here


def _with_counts(one: Answer, query: Query, found: Listing, beside: Listing | None, library: Library) -> Answer:
    bars, numbers = found.over_time
    if beside:
        bars = spans(np.concatenate([found.moments, beside.moments]))
        numbers = counted(found.moments, bars)
    return replace(
        one,
        facets=tuple((name, _choices(query, name, found.counts(name))) for name in COUNTED),
        bars=tuple(Bar(bar, number, written(narrowed(query, bar))) for bar, number in zip(bars, numbers, strict=True)),
        hints=() if found.total else tuple(_hints(library, query)),
        beside=tuple(counted(beside.moments, bars)) if beside else (),
        beside_total=beside.total if beside else 0,
    )


def with_filter(query: Query, one: Filter) -> Query:
    """A query that is narrowed by one more filter, or no longer when it was by that very one."""
    kept = tuple(other for other in query.filters if not _same(one, other))
    return replace(query, filters=kept if one in query.filters else (*kept, one))


def _same(one: Filter, other: Filter) -> bool:
    """Whether two filters speak of one value, be it wanted or not."""
    return (one.field, one.value.casefold()) == (other.field, other.value.casefold())


def narrowed(query: Query, span: Span) -> Query:
    """A query that is narrowed to the time of a bar, in place of the times that it had."""
    kept = tuple(one for one in query.filters if one.field not in TIMES)
    after, before = bounds(query)
    start = "" if span.open else instant(span.start.isoformat())
    end = "" if span.endless else instant(span.end.isoformat())
    return replace(query, filters=(*kept, *_times(max(after, start), min(before or end, end or before))))


def _times(after: str, before: str) -> Iterator[Filter]:
    """Filters for the times between two, as short as they can be typed."""
    for field, moment in (("after", after), ("before", before)):
        if moment:
            yield Filter(field, moment.removesuffix("T00:00:00Z"))


def _choices(query: Query, name: str, counts: Sequence[Count]) -> tuple[Choice, ...]:
    chosen = [one for one in query.filters if one.field == name and not one.exclude]
    found = []
    for at, one in enumerate(counts):
        value = named(name, one.value)
        same = next((other for other in chosen if _same(value, other)), None)
        if at < FACET or same:
            found.append(Choice(one, same is not None, written(with_filter(query, same or value))))
    return tuple(found)


def _chips(query: Query) -> tuple[Chip, ...]:
    return tuple(
        Chip(str(one), written(replace(query, filters=tuple(other for other in query.filters if other != one))))
        for one in query.filters
    )


def _hints(library: Library, query: Query) -> list[tuple[str, str, int]]:
    """Queries like one that found nothing, each with less, that do find something."""
    tried: list[tuple[str, Query]] = []
    if query.filters and (query.wanted or query.unwanted):
        tried += [
            (f"without {one}", replace(query, filters=tuple(other for other in query.filters if other != one)))
            for one in query.filters
        ]
        if len(query.filters) > 1:
            tried.append(("without what narrows it down", replace(query, filters=())))
    if len(query.wanted) > 1:
        tried += [
            (f"only “{terms[0].typed}”", Query((terms,), query.unwanted, query.filters)) for terms in query.wanted[:6]
        ]
        tried.append(
            ("any of the words", replace(query, wanted=(tuple(term for terms in query.wanted for term in terms),)))
        )
    found = []
    for words, other in tried[:10]:
        if not (other.wanted or other.filters):
            continue
        number = library.find(other, "newest").total
        if number:
            found.append((words, written(other), number))
    return found

"""Articles as a list of results shows them: what is needed to decide whether to read one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from archive.excerpts import excerpt
from archive.listing import Place
from archive.query import Query

WIDTH = 220  # columns of an excerpt, three lines on a page; a Chinese letter takes two
FIRST_WIDE = "\u1100"  # the first letter that takes two columns
LONGEST_SEARCHED = 200_000  # characters of a text in which a place for the excerpt is looked for


@dataclass(frozen=True, slots=True)
class Card:
    """One result. `excerpt` has the marks that were asked for around what matched; `outlets`: other sources of copies."""

    id: int
    url: str
    title: str
    source: str
    source_name: str
    country: str
    language: str
    section: str
    agency: str
    published_at: str | None
    first_seen_at: str
    version: int
    withdrawn_at: str | None
    story_id: int | None
    excerpt: str
    score: float
    copies: tuple[int, ...] = ()
    outlets: int = 0


_SELECT = """SELECT a.id, a.url, a.title, s.slug, s.name, s.country, a.language, a.section, a.agency, a.published_at,
    a.first_seen_at, a.version, a.withdrawn_at, a.story_id, a.text, a.summary
    FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.id = ?"""


def cards(conn: sqlite3.Connection, places: Sequence[Place], query: Query, marks: tuple[str, str]) -> list[Card]:
    """The articles of some results, in their order; those that were deleted meanwhile are left out."""
    found = []
    for place in places:
        row = conn.execute(_SELECT, [place.id]).fetchone()
        if row is None:
            continue
        text = row[15] if row[15] and not query.wanted else row[14]
        shown = excerpt(text[:LONGEST_SEARCHED], query, marks=marks, width=_letters(text))
        values: list[Any] = [*row[:14], shown, place.score, place.others, _outlets(conn, place)]
        found.append(Card(*values))
    return found


def _letters(text: str) -> int:
    """How many letters of a text fill an excerpt (UAX 11)."""
    sample = text[:WIDTH]
    wide = sum(east_asian_width(letter) in "WF" for letter in sample) if max(sample, default="") >= FIRST_WIDE else 0
    return WIDTH * 2 // 3 if 2 * wide > len(sample) else WIDTH


def _outlets(conn: sqlite3.Connection, place: Place) -> int:
    """Sources of the other articles that a line stands for, apart from its own."""
    if not place.others:
        return 0
    numbers = ",".join(map(str, (place.id, *place.others[:500])))
    row = conn.execute(f"SELECT count(DISTINCT source_id) FROM articles WHERE id IN ({numbers})").fetchone()  # noqa: S608 (numbers)
    return int(row[0]) - 1

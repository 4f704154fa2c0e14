"""Filters of a query against an archive: which names they mean, and the conditions that SQL narrows by."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.errors import QueryError
from archive.fields import NONE, TIMES, Filter
from archive.folding import fold
from archive.query import Query, make_term, unwanted_expression
from archive.records import parse_utc, utc_text

MOMENT = "coalesce(a.published_at, a.first_seen_at)"
_INSTANT = f"substr({MOMENT} || 'T00:00:00Z', 1, 20)"  # a bare day is its beginning
Value = int | str

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# Every value once, from one end of an index to the other: as many steps as there are values.
_DISTINCT = """WITH RECURSIVE v (x) AS (
    SELECT min({column}) FROM {table} UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE {column} > x) FROM v WHERE x IS NOT NULL
) SELECT x FROM v WHERE x IS NOT NULL"""
_NAMES = {
    "section": _DISTINCT.format(column="section", table="articles"),
    "agency": _DISTINCT.format(column="agency", table="articles"),
    "author": _DISTINCT.format(column="name", table="article_authors"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL on a row `a` of articles, and its parameters."""

    sql: str
    values: tuple[Value, ...] = ()


def meant(conn: sqlite3.Connection, one: Filter) -> list[Value]:
    """What the value of a filter means in this archive: ids of sources, or the very texts of sections, agencies, authors
    and languages. Empty when there is nothing of that name.

    A value that is a whole name means that name, in any spelling that folds the same; another one means every name in
    which its words stand side by side.
    """
    if one.field == "lang":
        return ["" if _lacks(one) else one.value]
    if one.field == "country":
        country = "" if _lacks(one) else one.value
        return [row[0] for row in conn.execute("SELECT id FROM sources WHERE country = ?", [country])]
    if one.field == "source":
        rows = conn.execute("SELECT id, slug, name FROM sources").fetchall()
        slugs: list[Value] = [row[0] for row in rows if row[1] == one.value.lower()]
        return slugs or list(_named(one, [(row[0], row[2]) for row in rows]))
    if _lacks(one):
        return [""]
    return list(_named(one, [(row[0], row[0]) for row in conn.execute(_NAMES[one.field])]))


def _lacks(one: Filter) -> bool:
    """Whether a filter is for what has no value."""
    return one.value.lower() == NONE and not one.quoted


def _named(one: Filter, names: Sequence[tuple[Value, str]]) -> Iterable[Value]:
    value, beginning = one.value, one.value.endswith("*") and not one.quoted
    term = make_term(value, prefix=beginning)
    if term is None:
        return [key for key, name in names if name.strip() == value.strip()]
    whole = _folded(value.rstrip("*"))
    found = [] if beginning else [key for key, name in names if name and _folded(name) == whole]
    needle = f" {' '.join(term.tokens)}{'' if term.prefix else ' '}"
    return found or [key for key, name in names if needle in f" {_folded(name)} "]


@lru_cache(maxsize=20_000)
def _folded(name: str) -> str:
    return fold(name)


def conditions(conn: sqlite3.Connection, query: Query) -> list[Condition]:
    """What the filters of a query let through, and what its words take away when none is wanted."""
    found: list[Condition] = []
    for field in dict.fromkeys(one.field for one in query.filters if one.field not in TIMES):
        for exclude in (False, True):
            filters = [one for one in query.filters if one.field == field and one.exclude == exclude]
            if filters:
                found.append(_among(field, [value for one in filters for value in meant(conn, one)], exclude))
    after, before = bounds(query)
    if after:
        found.append(Condition(f"{_INSTANT} >= ?", (after,)))
    if before:
        found.append(Condition(f"{_INSTANT} < ?", (before,)))
    if unwanted := unwanted_expression(query):
        found.append(Condition("a.id NOT IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)", (unwanted,)))
    return found


def instant(moment: str) -> str:
    """A day or a time as a time: a day is its beginning."""
    return f"{moment}T00:00:00Z" if len(moment) == len("2024-05-31") else moment


def given(language: str | None, source: str | None, since: str | None, until: str | None) -> list[Condition]:
    """Conditions apart from a query: a language, the slug of a source, and days or times, both of them included.

    They are compared with the time of publication or, where it is not known, of the first sight. Raises QueryError for a
    time that cannot be read.
    """
    found: list[Condition] = []
    if language is not None:
        found.append(Condition("a.language = ?", (language,)))
    if source is not None:
        found.append(Condition("a.source_id = (SELECT id FROM sources WHERE slug = ?)", (source,)))
    if since is not None:
        found.append(Condition(f"{MOMENT} >= substr(?, 1, length({MOMENT}))", (moment_text(since, "since"),)))
    if until is not None:
        text = moment_text(until, "until")
        found.append(Condition(f"substr({MOMENT}, 1, {len(text)}) <= ?", (text,)))
    return found


def moment_text(text: str, name: str) -> str:
    """A day as it is, a time as `utc_text` writes it; `name` is for the message. Raises QueryError."""
    try:
        moment = parse_utc(text)
    except ValueError as error:
        message = f"“{text}” is not a date for “{name}”: write it as 2024-05-31 or 2024-05-31T14:00:00Z."
        raise QueryError(message) from error
    return text if _DAY.fullmatch(text) else utc_text(moment)


def bounds(query: Query) -> tuple[str, str]:
    """The strictest times of a query: from the first on, and before the second; "" for none."""
    after = max((instant(one.value) for one in query.filters if one.field == "after"), default="")
    before = min((instant(one.value) for one in query.filters if one.field == "before"), default="")
    return after, before


def _among(field: str, values: Sequence[Value], exclude: bool) -> Condition:
    listed = (json.dumps(values),)
    among = "(SELECT value FROM json_each(?))"
    negated = "NOT " if exclude else ""
    if field == "author":
        by_name = f"a.id IN (SELECT article_id FROM article_authors WHERE name IN {among})"  # noqa: S608
        nobody = " OR a.id NOT IN (SELECT article_id FROM article_authors)" if "" in values else ""
        return Condition(f"{negated}({by_name}{nobody})", listed)
    column = {"source": "source_id", "country": "source_id", "lang": "language"}.get(field, field)
    return Condition(f"a.{column} {negated}IN {among}", listed)


def unknown(conn: sqlite3.Connection, query: Query) -> list[str]:
    """What a reader should be told of filters that name nothing in this archive."""
    what = {
        "source": "source",
        "country": "source of the country",
        "section": "section",
        "author": "author",
        "agency": "agency",
    }
    said = [
        f"There is no {what[one.field]} “{one.value}” in this archive."
        for one in query.filters
        if one.field in what and not meant(conn, one)
    ]
    for one in query.filters:
        if (
            one.field == "lang"
            and not _lacks(one)
            and not conn.execute("SELECT 1 FROM articles WHERE language = ? LIMIT 1", meant(conn, one)).fetchone()
        ):
            said.append(
                f"There is no article in the language “{one.value}” in this archive; use its code, such as lang:fr."
            )
    after, before = bounds(query)
    if after and before and after >= before:
        said.append(f"Nothing is from {after} on and before {before}.")
    return said

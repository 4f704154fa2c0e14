"""The search box of Datasette's table of articles, in our own query language.

Datasette hands the box's text to FTS5, which knows words only, and reads every row that matches, which takes seconds for
a common word. So the box goes by another parameter, from which we make conditions; it, its JSON and its CSV answer the
same language as our own page.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode

from datasette.filters import FilterArguments

from archive.errors import QueryError
from archive.filters import conditions
from archive.query import match_expression, parse_query
from archive.web.gate import Scope

PARAMETER = "_kiosque"
MANY = 3_000  # matches from which on it is cheaper to go through all articles by an index
_TABLE = re.compile(r"/[^/]+/articles(?:\.[a-z]+)?")


def taken_over(scope: Scope) -> Scope:
    """The request with the text of the box under our parameter."""
    text = scope.get("query_string", b"").decode("latin-1")
    if "_search=" not in text or not _TABLE.fullmatch(scope.get("path", "")):
        return scope
    pairs = parse_qsl(text, keep_blank_values=True)
    pairs = [(PARAMETER if name == "_search" else name, value) for name, value in pairs]
    return {**scope, "query_string": urlencode(pairs, errors="replace").encode("latin-1")}


def filters(text: str, execute: Callable[..., Awaitable[FilterArguments]]) -> Callable[[], Awaitable[FilterArguments]]:
    """What narrows the table down to what a query finds; a query that cannot be read finds nothing and says why."""

    def made(conn: sqlite3.Connection) -> FilterArguments:
        more = {"search": text, "supports_search": True}
        place = "id"
        try:
            query = parse_query(text)
            found = conditions(conn, query)
        except QueryError as error:
            return FilterArguments(["0"], {}, [str(error)], more)
        if not (query.wanted or query.filters):  # without letters or digits
            return FilterArguments(["0"], {}, ["there is nothing to look for"], more)
        clauses, values = [one.sql for one in found], [value for one in found for value in one.values]
        if match := match_expression(query):
            clauses.append("a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)")
            values.append(match)
            many = f"SELECT count(*) FROM (SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT {MANY})"  # noqa: S608
            if conn.execute(many, [match]).fetchone()[0] == MANY:
                # the plus keeps SQLite from reading each of them: it goes through an index in order instead
                place = "+id"
        names = iter(range(len(values)))
        sql = re.sub(r"\?", lambda _: f":kiosque_{next(names)}", " AND ".join(clauses) or "1")
        return FilterArguments(
            [f"{place} IN (SELECT a.id FROM articles a WHERE {sql})"],  # noqa: S608 (conditions of ours)
            {f"kiosque_{at}": value for at, value in enumerate(values)},
            [f'search matches "{text}"'],
            more,
        )

    return lambda: execute(made)

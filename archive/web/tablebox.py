"""The search box of Datasette's table of articles, for queries that are more than words.

Datasette hands the box's text to FTS5, which knows words only. A query with fields goes by another parameter, from which
we make conditions; so the box, its JSON and its CSV answer the same language as our own page.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode

from datasette.filters import FilterArguments

from archive.errors import QueryError
from archive.filters import conditions
from archive.query import match_expression, parse_query
from archive.web.gate import Scope

PARAMETER = "_kiosque"
_TABLE = re.compile(r"/[^/]+/articles(?:\.[a-z]+)?")


def taken_over(scope: Scope) -> Scope:
    """The request with the text of the box under our parameter, where it has fields or cannot be read."""
    text = scope.get("query_string", b"").decode("latin-1")
    if "_search=" not in text or not _TABLE.fullmatch(scope.get("path", "")):
        return scope
    pairs = parse_qsl(text, keep_blank_values=True)
    searched = next((value for name, value in pairs if name == "_search"), "")
    if not _is_ours(searched):
        return scope
    pairs = [(PARAMETER if name == "_search" else name, value) for name, value in pairs]
    return {**scope, "query_string": urlencode(pairs, errors="replace").encode("latin-1")}


def _is_ours(text: str) -> bool:
    try:
        return bool(parse_query(text).filters)
    except QueryError:
        return True


def filters(text: str, execute: Callable[..., Awaitable[FilterArguments]]) -> Callable[[], Awaitable[FilterArguments]]:
    """What narrows the table down to what a query finds; a query that cannot be read finds nothing and says why."""

    def made(conn: object) -> FilterArguments:
        more = {"search": text, "supports_search": True}
        try:
            query = parse_query(text)
            found = conditions(conn, query)  # type: ignore[arg-type]
        except QueryError as error:
            return FilterArguments(["0"], {}, [str(error)], more)
        clauses, values = [one.sql for one in found], [value for one in found for value in one.values]
        if match := match_expression(query):
            clauses.append("a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)")
            values.append(match)
        names = iter(range(len(values)))
        sql = re.sub(r"\?", lambda _: f":kiosque_{next(names)}", " AND ".join(clauses) or "1")
        return FilterArguments(
            [f"id IN (SELECT a.id FROM articles a WHERE {sql})"],  # noqa: S608 (conditions of ours)
            {f"kiosque_{at}": value for at, value in enumerate(values)},
            [f'search matches "{text}"'],
            more,
        )

    return lambda: execute(made)

"""What we add to Datasette: pages, search in every script, safe links, readable cells, response headers.

Loaded from the folder of plugins, by `archive.web.serve` or by Datasette's own command; works with an unmodified
Datasette 0.65, which without it shows the same tables plainly.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import yaml
from datasette import Response, hookimpl
from datasette.database import QueryInterrupted
from datasette.views.base import DatasetteError
from jinja2.ext import Extension
from markupsafe import Markup, escape

from archive.errors import QueryError
from archive.excerpts import excerpt
from archive.query import compile_query, parse_query
from archive.scripts import direction, tag
from archive.web.gate import NONCE, Asgi, Receive, Scope, Send, with_headers
from archive.web.limits import bound
from archive.web.site import Route, Site
from archive.web.tablebox import PARAMETER, filters, taken_over
from archive.web.views import ROUTES

Function = TypeVar("Function", bound=Callable[..., Any])

NAME = "archive"  # of the database, which Datasette takes from that of the file
NOTHING = '""'  # an FTS5 expression that matches no row: FTS5 takes an empty one for an error
LONGEST_QUERY = 2_000  # characters
LONGEST_SEARCHED = (
    500_000  # characters of a text in which a place for an excerpt is looked for; the longest reports have half
)
MARKS = ("⟦", "⟧")  # around what matched, in JSON and CSV; the page shows them as <mark>

# Scripts and styles that stand in a template, and styles of single elements, which ours replace.
_INLINE = re.compile(r"<(script|style)\b")
_STYLED = re.compile(r'\sstyle="(?:[^"{]|\{\{.*?\}\})*"', re.DOTALL)

# What Datasette lets out of itself when it is asked for something odd: a sort by nothing, a number that is none.
_OF_REQUEST = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, AssertionError, sqlite3.Error, sqlite3.Warning,
               QueryInterrupted)  # fmt: skip
_OF_STATEMENT = (
    "SQLITE_ERROR", "SQLITE_INTERRUPT", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_AUTH", "SQLITE_READONLY"
)  # fmt: skip

_URL_COLUMNS = frozenset({"url", "canonical_url", "image_url", "home"})
_TEXT_COLUMNS = frozenset({"title", "summary", "name", "section", "excerpt", "source", "dateline", "before", "notice"})


def hook(**options: bool) -> Callable[[Function], Function]:
    """Datasette's `hookimpl`, which has no annotations."""

    def mark(function: Function) -> Function:
        hookimpl(**options)(function)
        return function

    return mark


def match(query: object) -> str:
    """FTS5 expression for any text whatever; one that matches nothing when the query cannot be read."""
    text = "" if query is None else str(query)
    try:
        return (compile_query(text) if len(text) <= LONGEST_QUERY else "") or NOTHING
    except QueryError:
        return NOTHING


def marked_excerpt(text: object, query: object) -> str:
    """Excerpt of a text around what a query finds in it."""
    try:
        parsed = parse_query(str(query or "")[:LONGEST_QUERY])
        return excerpt(str(text or "")[:LONGEST_SEARCHED], parsed, marks=MARKS)
    except QueryError:
        return ""


@hook(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Add our functions; last, so that `escape_fts` takes the place of Datasette's and its search box folds too."""
    conn.create_function("escape_fts", 1, match, deterministic=True)
    conn.create_function("kiosque_match", 1, match, deterministic=True)
    conn.create_function("kiosque_excerpt", 2, marked_excerpt, deterministic=True)
    if database != "_internal":  # Datasette's own notes, in memory
        bound(conn)


@hook()
def get_metadata(key: str | None) -> dict[str, Any]:
    """How tables are shown. To who asks for `tables`, only what facets need of it: for each permission that it looks at,
    several a page, Datasette copies all that stands there, element by element."""
    tables = _tables()
    if key == "tables":
        tables = {name: {"facets": table["facets"]} for name, table in tables.items() if "facets" in table}
    elif key not in (None, "databases"):
        return {}
    return {"databases": {NAME: {"tables": {name: dict(table) for name, table in tables.items()}}}}


@cache
def _tables() -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "tables.yaml").read_text("utf-8"))
    return tables


@hook()
def render_cell(
    row: sqlite3.Row, value: object, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """Show addresses as short links (http and https only), text in its own direction, a found title as a link to it."""
    if not isinstance(value, str) or not value:
        return None
    if column in _URL_COLUMNS:
        return link(value)
    if column in _TEXT_COLUMNS and len(value) < 1000:
        shown = escape(value)
        if column == "excerpt":
            shown = shown.replace(MARKS[0], Markup("<mark>")).replace(MARKS[1], Markup("</mark>"))
        shown = Markup('<bdi dir="auto">{}</bdi>').format(shown)
        if column == "title" and table is None and {"id", "url"} <= set(row.keys()):
            address = f"{datasette.urls.table(database, 'articles')}/{quote(str(row['id']), safe='')}"
            shown = Markup('<a href="{}">{}</a>').format(address, shown)
        return shown
    return None


def link(address: str) -> Markup:
    """A link to the address without its scheme, or the bare text when it is not an address of the web."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return escape(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return escape(address)
    shown = parts.netloc.removeprefix("www.") + parts.path.rstrip("/")
    if len(shown) > 60:
        shown = shown[:40] + "…" + shown[-19:]
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(address, shown)


def host(address: str) -> str:
    """Host of an address, "" when it is not one of the web."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https") else ""


def moment(text: str | None) -> str:
    """A stored time as a reader's eye takes it in: `2020-07-23 01:21`."""
    return (text or "")[:16].replace("T", " ")


def lead(text: str, width: int = 220) -> str:
    """The beginning of a text, cut at a word where there are words."""
    line = " ".join(text[: width * 2].split())
    if len(line) <= width:
        return line
    cut = line.rfind(" ", width - 40, width)
    return line[: cut if cut > 0 else width] + "…"


@hook()
def prepare_jinja2_environment(env: Any) -> None:
    """Filters that our templates use, and nonces for what stands in Datasette's."""
    env.filters.update(kiosque_link=link, kiosque_host=host, kiosque_moment=moment, kiosque_lead=lead)
    env.globals.update(csp_nonce=NONCE.get, direction=direction, tag=tag)
    env.add_extension(Nonces)


@hook()
def register_routes() -> list[Route]:
    """Our pages; Datasette's own stay where they are."""
    return ROUTES


@hook()
def filters_from_request(request: Any, database: str, table: str, datasette: Any) -> Any:
    """Narrow the table of articles down by a query with fields."""
    text = request.args.get(PARAMETER)
    return None if text is None or table != "articles" else filters(text, datasette.get_database(database).execute_fn)


@hook()
def startup(datasette: Any) -> Callable[[], Any]:
    """Read the columns before the first reader comes."""

    async def load() -> None:
        await Site(datasette, None).loaded()

    return load


@hook(tryfirst=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Response | None:
    """Answer 400, where Datasette answers 500, to what an odd address or parameter set off in it.

    Datasette prints the traceback all the same. What is no fault of the request, such as a disk that fails, stays 500.
    """
    status = getattr(exception, "status", None)  # Datasette's own errors; "cannot sort by that" has 500
    if (status is not None and status != 500) or not isinstance(exception, (*_OF_REQUEST, DatasetteError)):
        return None
    if getattr(exception, "sqlite_errorname", _OF_STATEMENT[0]) not in _OF_STATEMENT:
        return None
    return Response.text(f"This cannot be answered: {type(exception).__name__}: {exception}"[:500], status=400)


_LABELLED = {  # Datasette's box for SQL, the one that its script puts in its place, and what a table is filtered and sorted by
    '<textarea id="sql-editor"': '<textarea aria-label="SQL" id="sql-editor"',
    "cmResize(editor,": 'editor.getInputField().setAttribute("aria-label", "SQL"); cmResize(editor,',
    '<select name="_filter_column': '<select aria-label="Column" name="_filter_column',
    '<select name="_filter_op': '<select aria-label="Comparison" name="_filter_op',
    '<input type="text" name="_filter_value': '<input aria-label="Value" type="text" name="_filter_value',
    '<select name="_sort"': '<select aria-label="Sort by" name="_sort"',
}


class Nonces(Extension):
    """Gives the scripts and styles that stand in a template this response's nonce; what stands in data gets none. Says to
    those who listen to Datasette's pages what they are written in and what their box is for."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Change the text of a template, before anything is put into it."""
        source = source.replace("<html>", '<html lang="en">')
        for plain, labelled in _LABELLED.items():
            source = source.replace(plain, labelled)
        return _INLINE.sub(r'<\1 nonce="{{ csp_nonce() }}"', _STYLED.sub("", source))


@hook()
def asgi_wrapper() -> Callable[[Asgi], Asgi]:
    """Add the headers that Datasette does not send, refuse what is not reading, and read the box of the table."""

    def wrapped(app: Asgi) -> Asgi:
        async def boxed(scope: Scope, receive: Receive, send: Send) -> None:
            await app(taken_over(scope) if scope["type"] == "http" else scope, receive, send)

        return with_headers(boxed)

    return wrapped

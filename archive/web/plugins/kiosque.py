"""Datasette plugin: search in every script, safe links, readable cells, response headers.

Loaded by `archive.web.serve`; works with an unmodified Datasette 0.65, which without it shows the same tables plainly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from datasette import hookimpl
from markupsafe import Markup, escape

from archive.errors import QueryError
from archive.excerpts import excerpt
from archive.query import compile_query, parse_query

Function = TypeVar("Function", bound=Callable[..., Any])
Asgi = Callable[[MutableMapping[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]

NOTHING = '""'  # an FTS5 expression that matches no row: FTS5 takes an empty one for an error
MARKS = ("⟦", "⟧")  # around what matched, in JSON and CSV; the page shows them as <mark>

# Datasette's own pages have inline scripts and styles; nothing is ever loaded from elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # a newsroom need not learn what is read in an archive
    (b"cross-origin-opener-policy", b"same-origin"),
)

READING = ("GET", "HEAD", "OPTIONS")

_URL_COLUMNS = frozenset({"url", "canonical_url", "image_url", "home"})
_TEXT_COLUMNS = frozenset({"title", "summary", "name", "section", "excerpt", "source", "dateline"})


def hook(**options: bool) -> Callable[[Function], Function]:
    """Datasette's `hookimpl`, which has no annotations."""

    def mark(function: Function) -> Function:
        hookimpl(**options)(function)
        return function

    return mark


def match(query: object) -> str:
    """FTS5 expression for any text whatever; one that matches nothing when the query cannot be read."""
    try:
        return compile_query("" if query is None else str(query)) or NOTHING
    except QueryError:
        return NOTHING


def marked_excerpt(text: object, query: object) -> str:
    """Excerpt of a text around what a query finds in it."""
    try:
        return excerpt(str(text or ""), parse_query(str(query or "")), marks=MARKS)
    except QueryError:
        return ""


@hook(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Add our functions; last, so that `escape_fts` takes the place of Datasette's and its search box folds too."""
    conn.create_function("escape_fts", 1, match, deterministic=True)
    conn.create_function("kiosque_match", 1, match, deterministic=True)
    conn.create_function("kiosque_excerpt", 2, marked_excerpt, deterministic=True)
    if database != "_internal":  # Datasette's own notes, in memory
        conn.execute("PRAGMA query_only = 1")


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
    """Filters that our templates use."""
    env.filters.update(kiosque_link=link, kiosque_host=host, kiosque_moment=moment, kiosque_lead=lead)


@hook()
def asgi_wrapper() -> Callable[[Asgi], Asgi]:
    """Add the headers that Datasette does not send, and refuse what is not reading."""

    def wrap(app: Asgi) -> Asgi:
        async def with_headers(
            scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
        ) -> None:
            async def send_with_headers(event: MutableMapping[str, Any]) -> None:
                if event["type"] == "http.response.start":
                    present = {name.lower() for name, _ in event.get("headers") or []}
                    event["headers"] = [
                        *(event.get("headers") or []),
                        *(header for header in HEADERS if header[0] not in present),
                    ]
                await send(event)

            if scope["type"] == "http" and scope["method"] not in READING:
                await send_with_headers(
                    {"type": "http.response.start", "status": 405, "headers": [(b"allow", ", ".join(READING).encode())]}
                )
                await send_with_headers({"type": "http.response.body"})
                return
            await app(scope, receive, send_with_headers)

        return with_headers

    return wrap

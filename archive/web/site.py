"""What all our pages have in common: who may see them, how they read the archive, how they are written."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette import Forbidden, Response
from datasette.database import QueryInterrupted, connections
from jinja2 import Environment

from archive.errors import QueryError
from archive.library import Library, Many, One, Shelf
from archive.web.limits import time_limit

Found = TypeVar("Found")


class Shelves:
    """What is held in memory of the archives of each Datasette, for all requests."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Any, Shelf] = WeakKeyDictionary()

    def of(self, datasette: Any) -> Shelf:
        """Of an archive, or of its shards."""
        if datasette not in self._made:
            self._made[datasette] = Shelf(len(databases_of(datasette)))
        return self._made[datasette]


SHELVES = Shelves()
_TEMPLATES: WeakKeyDictionary[Any, Environment] = WeakKeyDictionary()  # of each Datasette
View = Callable[..., Any]
Route = tuple[str, View]

# A page is not a public work: what it shows belongs to those who wrote it, and no search engine is to copy it.
NO_INDEX = {"x-robots-tag": "noindex, noarchive"}


class Missing(Exception):
    """There is no such thing in the archive; the message says what."""


class Site:
    """One of the archive's pages being made: the request, and the archive behind it."""

    def __init__(self, datasette: Any, request: Any) -> None:
        self.datasette, self.request = datasette, request
        self.names = databases_of(datasette)
        self.name = self.names[-1]  # of several shards the latest, unless the page is about something in another

    @property
    def saving(self) -> bool:
        """Whether readers may keep searches under a name."""
        return bool((self.datasette.plugin_config("kiosque") or {}).get("saving"))

    async def check(self, *tables: str) -> None:
        """Raise Forbidden unless the reader may see this archive's articles, and what else a page shows, by Datasette's
        own permissions of tables."""
        for name in self.names:
            for table in ("articles", *tables):
                await self.datasette.ensure_permissions(
                    self.request.actor, [("view-table", (name, table)), ("view-database", name), "view-instance"]
                )

    async def read(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """Run `work` on a reading connection in one of Datasette's threads, within its time limit for a query (all
        statements together). Raises QueryInterrupted."""
        return await self._run(self.name, lambda conn: self._limited([conn], lambda: work(conn)))

    async def search(self, work: Callable[[Library], Found]) -> Found:
        """The same over the whole archive, in however many shards it is."""
        shelf = await self.loaded()

        def whole(conn: sqlite3.Connection) -> Found:
            conns = connections_of(self.datasette, self.names)
            library = Many(conns, shelf) if len(conns) > 1 else One(conn, shelf.finders[0])
            return self._limited(conns, lambda: work(library))

        return await self._run(self.names[0], whole)

    async def loaded(self) -> Shelf:
        """What is held in memory of the archive; read without a time limit, once."""
        shelf = SHELVES.of(self.datasette)
        if not shelf.loaded:
            await self._run(self.names[0], lambda _: shelf.load(connections_of(self.datasette, self.names)))
        return shelf

    async def _run(self, name: str, work: Callable[[sqlite3.Connection], Found]) -> Found:
        found: Found = await self.datasette.get_database(name).execute_fn(work)
        return found

    def _limited(self, conns: Sequence[sqlite3.Connection], work: Callable[[], Found]) -> Found:
        seconds = self.datasette.setting("sql_time_limit_ms") / 1000
        try:
            with ExitStack() as stack:
                for conn in conns:
                    stack.enter_context(time_limit(conn, seconds))
                return work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise QueryInterrupted(error, "", {}) from error
            raise

    async def choose(self) -> None:
        """Turn to the shard that holds the article, capture or story which the page is about, or that the address names."""
        if len(self.names) == 1:
            return
        if (named := self.argument("shard")) in self.names:
            self.name = named
        if about := _ABOUT.search(self.request.path):
            kind, number = about[1], int(about[2])
            held = [(await self._run(name, lambda conn: _held(conn, kind, number)), name) for name in self.names]
            most, name = max(held)
            self.name = name if most else self.name

    async def each(self, work: Callable[[sqlite3.Connection], Found]) -> list[Found]:
        """What each of the shards gives."""
        return [await self._run(name, lambda conn: self._limited([conn], lambda: work(conn))) for name in self.names]

    def page(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page of ours from a template in `kiosque/`."""
        return Response.html(self.written(template, context), status=status, headers=dict(NO_INDEX))

    def written(self, template: str, context: Mapping[str, Any]) -> str:
        """A template of ours, filled.

        At once: Datasette has every expression of a template awaited, and ours await nothing.
        """
        if self.datasette not in _TEMPLATES:
            _TEMPLATES[self.datasette] = self.datasette.jinja_env.overlay(enable_async=False)
        about = {
            "database": self.name,
            "urls": self.datasette.urls,
            "base_url": self.datasette.setting("base_url"),
            "csrftoken": self.request.scope["csrftoken"],
        }
        return str(_TEMPLATES[self.datasette].get_template(f"kiosque/{template}").render({**context, **about}))

    def absolute(self, path: str) -> str:
        """The whole address of one of our pages, given as it follows the first page's."""
        return str(self.datasette.absolute_url(self.request, self.datasette.urls.path("/" + path)))

    def table(self, name: str) -> str:
        """The address of one of Datasette's tables of this archive."""
        return str(self.datasette.urls.table(self.name, name))

    def argument(self, name: str, default: str = "") -> str:
        """The first value of a parameter of the address."""
        return str(self.request.args.get(name) or default)

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """A number from the address, held within bounds; the default for what is none."""
        text = self.argument(name)
        return min(max(int(text), least), most) if text.isascii() and text.isdecimal() and len(text) < 12 else default


_ABOUT = re.compile(r"/(article|capture|story)/([0-9]{1,18})\b")
_HELD = {
    "article": "SELECT count(*) FROM articles WHERE id = ?",
    "capture": "SELECT count(*) FROM captures WHERE id = ?",
    # a story of several months is looked at where most of it is
    "story": """SELECT count(*) FROM story_members
                WHERE story_id = coalesce((SELECT story_id FROM story_aliases WHERE id = ?1), ?1)""",
}


def _held(conn: sqlite3.Connection, kind: str, number: int) -> int:
    return int(conn.execute(_HELD[kind], [number]).fetchone()[0])


def databases_of(datasette: Any) -> list[str]:
    """The names of the archive's databases: of the first one that this Datasette has, or of the shards that `serve` told the
    plugin of, in the order of their names."""
    if shards := (datasette.plugin_config("kiosque") or {}).get("shards"):
        return sorted(map(str, shards))
    for name in datasette.databases:
        if name not in ("_internal", "_memory"):
            return [str(name)]
    raise Missing("There is no archive here.")


def connections_of(datasette: Any, names: Sequence[str]) -> list[sqlite3.Connection]:
    """This thread's reading connections, for use in one of Datasette's threads: the very ones that it gives to
    `execute_fn`, which takes one at a time."""
    found = []
    for name in names:
        conn = getattr(connections, name, None)
        if conn is None:
            conn = datasette.get_database(name).connect()
            datasette._prepare_connection(conn, name)
            setattr(connections, name, conn)
        found.append(conn)
    return found


def view(work: Callable[[Site], Any], *tables: str) -> View:
    """A Datasette view of a function that makes a page of articles and of other `tables`: checked for permission, with a
    plain page for what cannot be."""

    async def checked(datasette: Any, request: Any) -> Response:
        site = Site(datasette, request)
        try:
            await site.check(*tables)
            await site.choose()
            return await work(site)
        except Forbidden:
            raise
        except Missing as error:
            return site.page("notice.html", {"heading": "Not here", "notice": str(error)}, status=404)
        except QueryError as error:
            return site.page("notice.html", {"heading": "This was not understood", "notice": str(error)}, status=400)
        except QueryInterrupted:
            notice = "Looking for it took too long. Narrow it down: more words, one language, a shorter time."
            return site.page("notice.html", {"heading": "Too much to look through", "notice": notice}, status=503)

    checked.__name__, checked.__doc__ = work.__name__, work.__doc__
    return checked

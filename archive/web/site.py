"""What all our pages have in common: who may see them, how they read the archive, how they are written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette import Forbidden, Response
from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit

from archive.errors import QueryError
from archive.finding import Finder

Found = TypeVar("Found")


class Finders:
    """One finder for each archive of each Datasette, for all requests."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Any, dict[str, Finder]] = WeakKeyDictionary()

    def of(self, datasette: Any, name: str) -> Finder:
        """The finder of an archive."""
        return self._made.setdefault(datasette, {}).setdefault(name, Finder())


FINDERS = Finders()
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
        self.name = database_of(datasette)

    @property
    def finder(self) -> Finder:
        """What finds in this archive; one for all requests."""
        return FINDERS.of(self.datasette, self.name)

    @property
    def saving(self) -> bool:
        """Whether readers may keep searches under a name."""
        return bool((self.datasette.plugin_config("kiosque") or {}).get("saving"))

    async def check(self, *tables: str) -> None:
        """Raise Forbidden unless the reader may see this archive's articles, and what else a page shows, by Datasette's
        own permissions of tables."""
        for table in ("articles", *tables):
            await self.datasette.ensure_permissions(
                self.request.actor, [("view-table", (self.name, table)), ("view-database", self.name), "view-instance"]
            )

    async def read(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """Run `work` on a reading connection in one of Datasette's threads, within its time limit for a query (all
        statements together). Raises QueryInterrupted."""
        limit = self.datasette.setting("sql_time_limit_ms")

        def limited(conn: sqlite3.Connection) -> Found:
            try:
                with sqlite_timelimit(conn, limit):
                    return work(conn)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname == "SQLITE_INTERRUPT":
                    raise QueryInterrupted(error, "", {}) from error
                raise

        found: Found = await self.datasette.get_database(self.name).execute_fn(limited)
        return found

    async def page(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page of ours from a template in `kiosque/`."""
        body = await self.datasette.render_template(
            f"kiosque/{template}", {"database": self.name, **context}, request=self.request
        )
        return Response.html(body, status=status, headers=dict(NO_INDEX))

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


def database_of(datasette: Any) -> str:
    """The name of the archive among the databases of this Datasette."""
    for name in datasette.databases:
        if name not in ("_internal", "_memory"):
            return str(name)
    raise Missing("There is no archive here.")


def view(work: Callable[[Site], Any], *tables: str) -> View:
    """A Datasette view of a function that makes a page of articles and of other `tables`: checked for permission, with a
    plain page for what cannot be."""

    async def checked(datasette: Any, request: Any) -> Response:
        site = Site(datasette, request)
        try:
            await site.check(*tables)
            return await work(site)
        except Forbidden:
            raise
        except Missing as error:
            return await site.page("notice.html", {"heading": "Not here", "notice": str(error)}, status=404)
        except QueryError as error:
            return await site.page(
                "notice.html", {"heading": "This was not understood", "notice": str(error)}, status=400
            )
        except QueryInterrupted:
            notice = "Looking for it took too long. Narrow it down: more words, one language, a shorter time."
            return await site.page("notice.html", {"heading": "Too much to look through", "notice": notice}, status=503)

    checked.__name__, checked.__doc__ = work.__name__, work.__doc__
    return checked

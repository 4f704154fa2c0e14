"""Whole searches as files: CSV, JSON Lines and Parquet, in pieces as they are read."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from shlex import quote
from tempfile import TemporaryFile
from typing import IO, Any

from archive import holdings
from archive.errors import QueryError
from archive.export import lines, write_articles
from archive.holdings import Article
from archive.query import parse_query
from archive.web.limits import bound
from archive.web.site import NO_INDEX, Route, Site, view
from archive.web.views.search import NEWEST, answered, asked

MOST_EXPORTED = 100_000  # articles over the network; the command line gives any number
AT_ONCE = 2  # exports under way; who comes third is told to wait
CHUNK = 256 * 1024  # bytes

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_under_way: set[object] = set()


@view
async def export(site: Site) -> Any:
    """All articles of a search, in the order in which they were stored."""
    form = site.request.url_vars["form"]
    what = asked(site)
    found = await answered(site, what, count=1, counts=False)
    if found.error:
        raise QueryError(found.error)
    if found.total > MOST_EXPORTED:
        command = f"python -m archive export --format {form} --output found.{form} -- {quote(what.q)}"
        notice = (
            f"This search finds {found.total:,} articles; at most {MOST_EXPORTED:,} are given over the network. Narrow it down, "
            f"or run this where the archive is: {command}"
        )
        return site.page("notice.html", {"heading": "Too many for a download", "notice": notice}, status=413)
    if len(_under_way) >= AT_ONCE:
        notice = "Other exports are under way. Try again when they are done."
        return site.page("notice.html", {"heading": "One moment", "notice": notice}, status=503)
    query = parse_query(what.q)
    # what filters mean is to be asked of all shards, so that each gives those of its articles that were found
    ids = (await site.search(lambda library: library.find(query, NEWEST).ids)).tolist() if len(site.names) > 1 else None
    return Streamed([Path(site.datasette.get_database(name).path) for name in site.names], what.q, ids, form)


class Streamed:
    """A response whose body is made while it is sent, by a connection of its own."""

    status = 200

    def __init__(self, databases: Sequence[Path], query: str, ids: Sequence[int] | None, form: str) -> None:
        self._databases, self._query, self._ids, self._form = databases, query, ids, form

    async def asgi_send(self, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]) -> None:
        """Send it, as Datasette asks a response to."""
        _under_way.add(self)
        chunks = self._chunks()
        try:
            headers = {
                "content-type": TYPES[self._form],
                "content-disposition": f'attachment; filename="kiosque.{self._form}"',
                **NO_INDEX,
            }
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
            while (chunk := await asyncio.to_thread(next, chunks, b"")) != b"":
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            _under_way.discard(self)
            await asyncio.to_thread(chunks.close)

    def _chunks(self) -> Generator[bytes]:
        with ExitStack() as stack:
            conns = [stack.enter_context(closing(_opened(path))) for path in self._databases]
            articles = islice(self._articles(conns), MOST_EXPORTED)
            if self._form == "parquet":
                with TemporaryFile() as file:
                    yield from _parquet(articles, file)
            else:
                yield from lines(articles, self._form)

    def _articles(self, conns: Sequence[sqlite3.Connection]) -> Iterator[Article]:
        if self._ids is None:
            query = self._query.strip() or None
            return holdings.articles(conns[0], source=None, language=None, since=None, until=None, query=query)
        found = (holdings.article(conn, number) for number in self._ids for conn in conns)
        return (one for one in found if one is not None)


def _opened(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    bound(conn)
    return conn


def _parquet(articles: Iterator[Article], file: IO[bytes]) -> Iterator[bytes]:
    """By way of a file: the index of a Parquet file stands at its end, and libraries want to seek in what they write."""
    write_articles(articles, file, "parquet")
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


ROUTES: list[Route] = [(r"^/search\.(?P<form>csv|jsonl|parquet)$", export)]

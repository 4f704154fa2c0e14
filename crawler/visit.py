"""A page on its way through a crawl: what was asked for, what was kept of the answers, and the content at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.raw import Exchange, Placed
from archive.rows import PageRow


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is in the raw store, and is to be indexed with its page."""

    exchange: Exchange
    placed: Placed
    part: int  # of an article over several pages


@dataclass(frozen=True, slots=True)
class Visit:
    """A page on its way: the URLs it was asked under so far, and the captures that are to be indexed with it."""

    page: PageRow
    chain: tuple[str, ...]
    captures: tuple[Kept, ...] = ()
    part: int = 1  # 2 and more: the chain leads to a further page of its article


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What a page answered with; the item that the spider yields."""

    visit: Visit
    url: str  # the one that answered
    body: bytes = field(repr=False)
    content_type: str
    etag: str | None
    last_modified: str | None

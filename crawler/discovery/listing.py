"""One way to read a listing of any kind; what runs in a worker process, and so imports no more than it needs."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from crawler.discovery.entry import Listing
from crawler.discovery.feeds import parse_feed
from crawler.discovery.sections import parse_section
from crawler.discovery.sitemaps import parse_sitemap
from crawler.sites import belongs


def read_listing(
    kind: str,
    body: bytes,
    url: str,
    content_type: str,
    now: datetime,
    pattern: str | None = None,
    sites: frozenset[str] = frozenset(),
) -> Listing:
    """Parse a listing of one of the three kinds. Raises FeedError.

    Of a section page, only links to one of `sites` count, those that `pattern` finds if there is one.
    """
    if kind == "sitemap":
        return parse_sitemap(body, url, now)
    if kind == "section":
        return parse_section(body, url, content_type, pattern, partial(belongs, sites=sites))
    return parse_feed(body, url, content_type, now)

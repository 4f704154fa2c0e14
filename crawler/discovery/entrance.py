"""The entrance of a survey: the home page of the address that was given, which may be that of a feed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.discovery.asking import Answer, Asker, Scout
from crawler.discovery.entry import Listing
from crawler.discovery.feeds import parse_feed
from crawler.discovery.findings import NothingThere
from crawler.discovery.homepage import SitePage, read_site_page
from crawler.discovery.impostor import is_html
from crawler.discovery.links import LinkPage
from crawler.discovery.payload import looks_like
from crawler.discovery.sections import parse_section
from crawler.errors import FeedError
from crawler.extraction.errors import ExtractionError
from crawler.urls import join


@dataclass(frozen=True, slots=True)
class Entrance:
    """A home page, the links to articles on it, and the feed that was given instead of it, if it was."""

    page: SitePage
    listing: Listing
    feed: Answer | None = None


async def enter(scout: Scout, asker: Asker, url: str) -> Entrance:
    """Ask for the home page. Of a feed's address it is that of the site to which its entries lead, or nothing is known of
    the site but its feed. Raises NothingThere."""
    answer = await asker.ask(url)
    assert answer is not None
    if answer.status == 200 and not answer.problem and not answer.body.strip():
        raise NothingThere(f"{url}: the answer is empty")
    if not answer.ok:
        raise NothingThere(f"{url}: {answer.problem or f'HTTP {answer.status}'}")
    if is_html(answer.body):
        return await _read(scout, answer)
    try:
        feed = await scout.read(parse_feed, answer.body, answer.url, answer.content_type, scout.now())
    except (FeedError, ExtractionError):
        return await _read(scout, answer)
    home = _home_of(feed, answer.url)
    front = await asker.ask(home)
    if front is not None and front.ok and is_html(front.body):
        try:
            found = await _read(scout, front)
            return Entrance(found.page, found.listing, answer)
        except NothingThere:
            pass  # the feed is there all the same
    return Entrance(SitePage(home, LinkPage({}, "", "", "", False)), Listing(), answer)


async def _read(scout: Scout, answer: Answer) -> Entrance:
    try:
        page = await scout.read(read_site_page, answer.body, answer.url, answer.content_type)
        return Entrance(page, await scout.read(parse_section, answer.body, answer.url, answer.content_type))
    except (FeedError, ExtractionError) as error:
        what = "" if is_html(answer.body) else f", but {looks_like(answer.body, answer.content_type)}"
        raise NothingThere(f"{error}{what}") from error


def _home_of(feed: Listing, url: str) -> str:
    """The first page of the host to which most entries of a feed lead."""
    hosts = Counter(join(entry.url, "/") for entry in feed.entries if urlsplit(entry.url).hostname)
    return next((home for home, _ in hosts.most_common(1) if home), None) or join(url, "/") or url

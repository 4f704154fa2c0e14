"""Sitemaps: urlset, news sitemaps, sitemap indexes and plain-text lists, from bytes to a `Listing`.

Formats as of sitemaps.org 0.9 and Google's news schema 0.9. Prefixes and namespaces are not relied on.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

from crawler.discovery.entry import Entry, Listing
from crawler.discovery.feeds import parse_feed
from crawler.discovery.impostor import described
from crawler.discovery.payload import decode, unpack, xml_text
from crawler.discovery.plain import MAX_LANGUAGE, MAX_NAME, MAX_TITLE, few, plain, plausible, w3c_time
from crawler.errors import FeedError
from crawler.urls import canonical, join, offer_key, offered

MAX_BYTES = 50 * 1024 * 1024  # unpacked; the limit of sitemaps.org, and what stops a gzip bomb
MAX_ENTRIES = 50_000  # the limit of sitemaps.org
MAX_TAGS = 30  # news:keywords are at most a dozen

_ROOT = re.compile(r"<(?:[\w.\-]+:)?(urlset|sitemapindex|rss|feed|RDF)\b")
_URL_LINE = re.compile(r"\s*https?://\S+\s*")
_DAY_IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[/_.\-]?(0[1-9]|1[0-2])(?:[/_.\-]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_NUMBER = re.compile(r"\d+")


def parse_sitemap(data: bytes, url: str, now: datetime | None = None) -> Listing:
    """Read a sitemap of any kind, packed or not; entries and children newest first, each link once.

    RSS and Atom given as a sitemap are read as feeds. Raises FeedError, saying what the bytes look like, for anything
    else. A damaged sitemap gives what could be read, with a problem.
    """
    body, cut = unpack(data, MAX_BYTES)
    problems = [f"only the first {MAX_BYTES} bytes were read"] if cut else []
    text = decode(body)
    if _URL_LINE.match(text.lstrip("\ufeff")):
        return _plain_list(text, url, problems)
    root = _ROOT.search(text[:20_000])
    if root is None:
        raise FeedError(f"{url} is not a sitemap but {described(body, url)}")
    if root[1] in {"rss", "feed", "RDF"}:
        return parse_feed(data, url, now=now)
    found = _Found(url, now, problems)
    for count, element in enumerate(_records(xml_text(text).encode(), problems)):
        if count == MAX_ENTRIES:
            problems.append(f"only the first {MAX_ENTRIES} entries were taken")
            break
        found.take(element)
    return found.listing(root[1])


class _Found:
    """What one sitemap has yielded so far."""

    def __init__(self, url: str, now: datetime | None, problems: list[str]) -> None:
        self.url = url
        self.now = now
        self.problems = problems
        self.entries: dict[str, Entry] = {}
        self.children: dict[str, Entry] = {}
        self.news = False
        self.dropped = 0

    def take(self, element: Any) -> None:
        fields = {_name(child): child for child in element if isinstance(child.tag, str) and not _of_media(child)}
        is_map = _name(element) == "sitemap"
        link = (join if is_map else offered)(self.url, _content(fields.get("loc")))
        if link is None:
            self.dropped += 1
            return
        updated = self._time(_content(fields.get("lastmod")))
        if is_map:
            self.children.setdefault(canonical(link), Entry(url=link, updated=updated))
            return
        news = {_name(child): _content(child) for child in fields["news"].iter("*")} if "news" in fields else {}
        self.news = self.news or bool(news)
        keywords = (plain(word, MAX_NAME) for word in news.get("keywords", "").split(","))
        entry = Entry(
            url=link,
            title=plain(news.get("title", ""), MAX_TITLE),
            published=self._time(news.get("publication_date", "")),
            updated=updated,
            language=plain(news.get("language", ""), MAX_LANGUAGE),
            tags=tuple(dict.fromkeys(word for word in keywords if word))[:MAX_TAGS],
        )
        self.entries.setdefault(offer_key(link), entry)

    def listing(self, root: str) -> Listing:
        if self.dropped:
            self.problems.append(f"{self.dropped} entries without a usable link were dropped")
        return Listing(
            entries=tuple(sorted(self.entries.values(), key=_newest_first)),
            children=tuple(sorted(self.children.values(), key=_newest_child_first)),
            kind="sitemapindex" if root == "sitemapindex" else "newssitemap" if self.news else "sitemap",
            problems=few(self.problems),
        )

    def _time(self, raw: str) -> datetime | None:
        if not raw.strip():
            return None
        moment = w3c_time(raw)
        if plausible(moment, self.now):
            return moment
        self.problems.append(f"a date was not used: {plain(raw, 60)!r}")
        return None


def _records(data: bytes, problems: list[str]) -> Iterator[Any]:
    """Yield each `url` and `sitemap` element as soon as it is read, and free it afterwards."""
    parser = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        for _, element in parser:
            if _name(element) in {"url", "sitemap"}:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        problems.append(f"not well-formed: {plain(str(error), 200)}")
        return
    if len(parser.error_log):
        problems.append(f"not well-formed: {plain(parser.error_log[0].message, 200)}")


def _plain_list(text: str, url: str, problems: list[str]) -> Listing:
    """Read a sitemap that is a list of addresses, one a line."""
    lines = text.lstrip("\ufeff").split()
    links = {canonical(link): link for line in lines[:MAX_ENTRIES] if (link := join(url, line))}
    if len(lines) > MAX_ENTRIES:
        problems.append(f"only the first {MAX_ENTRIES} entries were taken")
    return Listing(entries=tuple(Entry(url=link) for link in links.values()), kind="sitemap", problems=tuple(problems))


def _name(element: Any) -> str:
    """Give the local name; a prefix that was never declared stays in the tag and is cut as well."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _of_media(element: Any) -> bool:
    """Say whether this is image:loc, video:title and the like, which are not about the page."""
    tag = element.tag
    return tag.startswith(("image:", "video:")) or "sitemap-image" in tag or "sitemap-video" in tag


def _content(element: Any) -> str:
    return "" if element is None else "".join(element.itertext())


def _newest_first(entry: Entry) -> float:
    moment = entry.published or entry.updated
    return -moment.timestamp() if moment else float("inf")


def _newest_child_first(entry: Entry) -> tuple[int, float, int]:
    """Order children by lastmod; those without by the date, and then the number, in their address, after the others."""
    if entry.updated:
        return (0, -entry.updated.timestamp(), 0)
    path = entry.url.partition("://")[2].partition("/")[2]
    days = [match.groups("01") for match in _DAY_IN_URL.finditer(path)]
    if not days:
        return (2, 0.0, 0)
    year, month, day = max((int(year), int(month), int(day)) for year, month, day in days)
    numbers = _NUMBER.findall(_DAY_IN_URL.sub("", path))
    return (1, -float(year * 10_000 + month * 100 + day), -int(numbers[-1][:9]) if numbers else 0)

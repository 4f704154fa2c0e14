"""Probing: where feeds and sitemaps may be, in the order in which they are worth a request, and what an answer is worth."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from crawler.discovery.entry import Entry, Listing
from crawler.discovery.homepage import SitePage
from crawler.discovery.links import LinkPage, shape_of
from crawler.discovery.sections import form_score
from crawler.sites import is_shared, site_of
from crawler.urls import canonical, join

# Where publishers put them, most frequent first, as counted over public lists of feeds
FEED_PLACES = (
    "/feed/", "/rss", "/rss.xml", "/rss/feed.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/index.xml",
    "/feed/rss", "/index.rdf", "/feed.json", "/rss/all.xml", "/rss/news.xml", "/feeds/latest.rss", "/feeds/posts/default",
)  # fmt: skip
SITEMAP_PLACES = (
    "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemaps/news.xml", "/googlenews.xml",
    "/sitemap-google-news.xml", "/sitemaps/sitemap_news.xml", "/sitemaps/news-sitemap.xml", "/news.xml",
    "/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/sitemapindex.xml", "/sitemap", "/wp-sitemap.xml",
    "/sitemaps/sitemap.xml", "/sitemaps/sitemap_index.xml",
)  # fmt: skip
# Of a section under /world/: {path} is /world, {slug} is world
SECTION_FEED_PLACES = (
    "/rss/{slug}.xml", "{path}/feed/", "{path}/rss", "{path}/rss.xml", "/feeds/{slug}.rss", "/feeds/{slug}.xml",
    "/feeds/{slug}.atom", "/rss/{slug}",
)  # fmt: skip
FEED_KINDS = frozenset({"rss", "rdf", "atom", "jsonfeed"})
OWN = 0.5  # of the entries of a feed must lie on the source's sites
ALIKE = 0.95  # of the entries of a listing that another one has too, from which it adds nothing
STALE_DAYS = 45  # after which a listing is no longer fed

_FEED_WORDS = re.compile(r"(?:^|[/._?=&-])(?:rss\d*|feeds?|atom|rdf|xml)(?:$|[/._?=&-])", re.IGNORECASE)
_FEED_TEXT = re.compile(r"\b(?:rss|atom|xml|feeds?|flux|канал|фид)\b|订阅|訂閱|フィード", re.IGNORECASE)
_OF_COMMENTS = re.compile(r"comment|kommentar|reply|replies", re.IGNORECASE)
_NO_ARTICLES = re.compile(
    r"image|video|podcast|audio|author|autor|tag|topic|categor|section|page(?!s?-?news)|recipe|weather|stock|author|gallery",
    re.IGNORECASE,
)
_NEWS = re.compile(r"news|actu|latest|aktuell|noticias|nachrichten|48h", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t\ufeff]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that is worth a look, and why."""

    url: str
    why: str
    name: str = ""


def named_feeds(page: SitePage) -> list[Candidate]:
    """Feeds that a page names for machines, without those of comments."""
    return [
        Candidate(said.value, f"named by {page.url}", said.where)
        for said in page.feeds
        if not _OF_COMMENTS.search(f"{urlsplit(said.value).path} {said.where}")
    ]


def linked_feeds(page: LinkPage, owns: Callable[[str], bool], url: str) -> list[Candidate]:
    """Links of a page that look like feeds, or like a list of them."""
    found = []
    for key, link in page.links.items():
        parts = urlsplit(key)
        looks = _FEED_WORDS.search(f"{parts.path}?{parts.query}") or (
            _FEED_TEXT.search(link.title) and len(link.title) < 40
        )
        if looks and (owns(key) or is_shared(key)) and not _OF_COMMENTS.search(key) and "sitemap" not in key:
            found.append(Candidate(link.url, f"linked by {url}", link.title if link.title.lower() != "rss" else ""))
    return found


def feed_places(home: str) -> list[Candidate]:
    """Common addresses of feeds: below the home page's folder, if it has one, then on its host."""
    folder = urlsplit(home).path.rstrip("/")
    below = [
        Candidate(made, "a common place")
        for place in FEED_PLACES[:4]
        if folder and (made := join(home, folder + place))
    ]
    return below + [Candidate(made, "a common place") for place in FEED_PLACES if (made := join(home, place))]


def section_feed_places(sections: Iterable[str]) -> Iterator[list[Candidate]]:
    """Common addresses of the feeds of sections: one form at a time, for each section."""
    urls = list(sections)
    for place in SECTION_FEED_PLACES:
        made = []
        for url in urls:
            path = urlsplit(url).path.rstrip("/")
            target = join(url, place.format(path=path, slug=path.rpartition("/")[2]))
            made += [Candidate(target, "a common place of a section's feed")] if target else []
        yield made


def sitemaps_named(robots: str, home: str) -> list[Candidate]:
    """Sitemaps that robots.txt names, those for news first, those of pictures, authors and the like last."""
    urls = dict.fromkeys(made for found in _SITEMAP_LINE.findall(robots) if (made := join(home, found)))
    return [Candidate(url, "named by robots.txt") for url in sorted(urls, key=sitemap_rank)]


def sitemap_places(home: str) -> list[Candidate]:
    """Common addresses of sitemaps."""
    return [Candidate(made, "a common place") for place in SITEMAP_PLACES if (made := join(home, place))]


def sitemap_rank(url: str) -> int:
    """0 for what is called news, 1 for what may hold articles, 2 for what is called something else."""
    path = urlsplit(url).path
    return 2 if _NO_ARTICLES.search(path) else 0 if _NEWS.search(path) else 1


def lasting(url: str) -> bool:
    """Tell whether the address of a part of a sitemap index will be the same next month: it has no number in it."""
    return not re.search(r"\d", urlsplit(url).path.rpartition("/")[2] + urlsplit(url).query)


def keys_of(entries: Iterable[Entry]) -> frozenset[str]:
    """The canonical addresses of entries."""
    return frozenset(canonical(entry.url) for entry in entries)


def newest_of(entries: Iterable[Entry]) -> datetime | None:
    """The newest time among entries."""
    return max((moment for entry in entries if (moment := entry.published or entry.updated)), default=None)


def fault_of_feed(listing: Listing, owns: Callable[[str], bool]) -> str:
    """Why a feed is none of the site's articles, in words; empty when it is."""
    keys = keys_of(listing.entries)
    if not keys:
        return "it is empty"
    if listing.kind in ("sitemap", "sitemapindex", "newssitemap"):
        return "it is a sitemap"
    if _OF_COMMENTS.search(listing.title):
        return "it lists comments"
    own = [key for key in keys if owns(key) or is_shared(key)]
    if len(own) < OWN * len(keys):
        return f"only {len(own)} of its {len(keys)} links lead to this site, or this edition of it"
    return ""


def fault_of_sitemap(listing: Listing, owns: Callable[[str], bool], articles: Collection[str]) -> str:
    """Why a sitemap (not an index) lists no articles of the site, in words; empty when it does.

    `articles`: canonical addresses that are known to be articles.
    """
    if listing.kind not in ("sitemap", "newssitemap"):
        return f"it is {'an index' if listing.children else 'no sitemap'}"
    keys = [key for key in keys_of(listing.entries) if owns(key)]
    if not keys:
        return "none of its links leads to this site, or this edition of it" if listing.entries else "it is empty"
    if listing.kind == "newssitemap" or len(set(articles).intersection(keys)) >= 3:
        return ""
    alike = sum(form_score(shape_of(key)) >= 1.5 for key in keys)
    return "" if alike >= 0.3 * len(keys) else f"{alike} of its {len(keys)} links look like articles"


def twin(keys: frozenset[str], others: Iterable[tuple[str, frozenset[str]]]) -> str:
    """The address of a listing that has (nearly) all of these entries as well; empty when there is none."""
    return next((url for url, known in others if len(keys & known) >= ALIKE * len(keys)), "")


def main_site(entries: Iterable[Entry]) -> str:
    """The site that most entries lead to, if it is four of five; else ""."""
    sites = [site_of(entry.url) for entry in entries]
    top = max(set(sites), key=sites.count, default="")
    return top if top and sites.count(top) >= 0.8 * len(sites) else ""

"""What the listings of a site offer, and their bytes."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from tests.newsstand import feeds, pages
from tests.newsstand.model import Article, Listing, Offer, Resource, Special

if TYPE_CHECKING:
    from tests.newsstand.site import Site

TYPES = {
    "rss2": "application/rss+xml; charset=utf-8",
    "rss091": "text/xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml; charset=utf-8",
    "jsonfeed": "application/feed+json",
    "newssitemap": "application/xml",
    "sitemap": "application/xml",
    "sitemapindex": "application/xml",
}


def find(site: Site, path: str) -> Listing | None:
    """The listing that answers at a path: itself, a further page of it, or a child of a sitemap index."""
    for listing in site.spec.listings:
        if path == listing.path or (listing.per_page and _page_number(listing, path) > 1):
            return listing
        if listing.kind == "sitemapindex" and any(path == child for child, _ in _children(site, listing)):
            return listing
    return None


def render(site: Site, listing: Listing, path: str) -> Resource:
    """The bytes of a listing, without validators."""
    spec, base, rows = site.spec, site.base_url, offers(site, listing)
    if listing.kind == "section":
        return _section(site, listing, path, rows)
    if listing.kind == "sitemapindex":
        children = _children(site, listing)
        for child, members in children:
            if path == child:
                # the file itself is gzipped, as *.xml.gz is; this is no Content-Encoding
                return Resource(gzip.compress(feeds.sitemap(spec, members), mtime=0), "application/x-gzip")
        body = feeds.sitemapindex(
            spec, [(site.url(child), max(row.updated for row in members)) for child, members in children]
        )
    elif listing.kind == "rss2":
        body = feeds.rss2(spec, base, listing.name, rows, broken=listing.broken)
    elif listing.kind == "rss091":
        body = feeds.rss091(spec, base, listing.name, rows)
    elif listing.kind == "rdf":
        body = feeds.rdf(spec, base, listing.name, rows)
    elif listing.kind == "atom":
        body = feeds.atom(spec, base, listing.path, listing.name, rows)
    elif listing.kind == "jsonfeed":
        body = feeds.jsonfeed(spec, base, listing.path, listing.name, rows)
    else:
        body = feeds.sitemap(spec, rows, news=listing.kind == "newssitemap")
    return Resource(body, TYPES[listing.kind])


def offers(site: Site, listing: Listing, *, specials: bool = True) -> list[Offer]:
    """Everything that a listing offers, newest first."""
    rows = [
        _offer(site, listing, article)
        for article in site.articles
        if not article.story.unlisted and listing.section in ("", article.section)
        # a page for readers shows what is new; old articles stay in the feeds
        if listing.kind != "section" or article.expected == "stored"
    ]
    if specials:
        rows += [_special(site, special) for special in site.spec.specials if listing.path in special.offered_in]
    return sorted(rows, key=lambda row: row.published, reverse=True)


def _offer(site: Site, listing: Listing, article: Article) -> Offer:
    content = ""
    if listing.kind == "rss2" and site.spec.amp_suffix:  # the WordPress-like site gives the whole text
        content = "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs)
    return Offer(
        url=article.url + listing.suffix,
        title=article.title,
        published=article.published,
        updated=article.modified or article.published,
        summary=article.summary,
        guid=article.guid,
        authors=article.authors,
        tags=article.tags,
        content=content,
        article=article,
    )


def _special(site: Site, special: Special) -> Offer:
    moment = (site.start - timedelta(hours=special.age_hours)).replace(microsecond=0)
    url = special_url(site, special)
    return Offer(url, special.title, moment, moment, summary=special.title, guid=url)


def special_url(site: Site, special: Special) -> str:
    """The absolute URL of a special; that of kind `article` is a format string over the path of its target."""
    if special.kind != "article":
        return site.url(special.path)
    target = site.resolve(special.target)
    return site.url(special.path.format(path=target.removeprefix(site.base_url)))


def _section(site: Site, listing: Listing, path: str, rows: list[Offer]) -> Resource:
    if not listing.per_page:
        return pages.section(site, listing.name, rows, path)
    number = _page_number(listing, path)
    shown = rows[(number - 1) * listing.per_page : number * listing.per_page]
    if not shown and number > 1:
        return pages.error(site, path, 404)
    following = f"{listing.path}{number + 1}/" if number * listing.per_page < len(rows) else ""
    previous = f"{listing.path}{number - 1}/" if number > 2 else listing.path if number == 2 else ""
    return pages.section(site, listing.name, shown, path, following, previous)


def _page_number(listing: Listing, path: str) -> int:
    if path == listing.path:
        return 1
    match = re.fullmatch(re.escape(listing.path) + r"(\d{1,3})/", path)
    return int(match[1]) if match else 0


def _children(site: Site, listing: Listing) -> list[tuple[str, list[Offer]]]:
    months: dict[str, list[Offer]] = {}
    for row in offers(site, listing):
        months.setdefault(_month(row.published), []).append(row)
    return [(f"/sitemaps/artikel-{month}.xml.gz", months[month]) for month in sorted(months, reverse=True)]


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"

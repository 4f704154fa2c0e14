"""Listings for machines: RSS 0.91 and 2.0, RSS 1.0 (RDF), Atom, JSON Feed, sitemaps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from tests.newsstand.model import Offer, SiteSpec


def rss2(spec: SiteSpec, base: str, title: str, offers: Sequence[Offer], *, broken: bool = False) -> bytes:
    """RSS 2.0 with content:encoded; `broken` leaves an & bare and declares an encoding that is not the one used."""
    items = []
    for offer in offers:
        link = offer.url if broken else escape(offer.url)
        name = offer.title if broken else escape(offer.title)
        permalink = "true" if offer.guid == offer.url else "false"
        items.append(
            f"<item><title>{name}</title><link>{link}</link>"
            + "".join(f"<dc:creator><![CDATA[{author}]]></dc:creator>" for author in offer.authors)
            + f"<pubDate>{format_datetime(offer.published.astimezone(ZoneInfo(spec.timezone)))}</pubDate>"
            + "".join(f"<category><![CDATA[{tag}]]></category>" for tag in offer.tags)
            + f'<guid isPermaLink="{permalink}">{escape(offer.guid)}</guid>'
            + f"<description><![CDATA[{offer.summary}]]></description>"
            + (f"<content:encoded><![CDATA[{offer.content}]]></content:encoded>" if offer.content else "")
            + _atom_updated(offer)
            + "</item>\n"
        )
    declared = "ISO-8859-1" if broken else "UTF-8"
    return (
        f'<?xml version="1.0" encoding="{declared}"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f"<channel><title>{title if broken else escape(title)}</title><link>{base}/</link>"
        f"<description>{escape(spec.name)}</description><language>{spec.language}</language><ttl>10</ttl>\n"
        + "".join(items)
        + "</channel></rss>\n"
    ).encode()


def rss091(spec: SiteSpec, base: str, title: str, offers: Sequence[Offer]) -> bytes:
    """RSS 0.91, which knows neither dates nor guids of items."""
    items = "".join(
        f"<item><title>{escape(offer.title)}</title><link>{escape(offer.url)}</link>"
        f"<description>{escape(offer.summary)}</description></item>\n"
        for offer in offers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="0.91">\n'
        f"<channel><title>{escape(title)}</title><link>{base}/</link><description>{escape(spec.name)}</description>"
        f"<language>{spec.language}</language>\n{items}</channel></rss>\n"
    ).encode()


def rdf(spec: SiteSpec, base: str, title: str, offers: Sequence[Offer]) -> bytes:
    """RSS 1.0 with dc:date."""
    order = "".join(f'<rdf:li rdf:resource="{escape(offer.url)}"/>' for offer in offers)
    items = "".join(
        f'<item rdf:about="{escape(offer.url)}"><title>{escape(offer.title)}</title><link>{escape(offer.url)}</link>'
        f"<description>{escape(offer.summary)}</description><dc:date>{_iso(offer.published, spec.timezone)}</dc:date>"
        + "".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in offer.authors)
        + "".join(f"<dc:subject>{escape(tag)}</dc:subject>" for tag in offer.tags)
        + "</item>\n"
        for offer in offers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xml:lang="{spec.language}">\n<channel rdf:about="{base}/"><title>{escape(title)}</title><link>{base}/</link>'
        f"<description>{escape(spec.name)}</description><dc:language>{spec.language}</dc:language>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    ).encode()


def atom(spec: SiteSpec, base: str, path: str, title: str, offers: Sequence[Offer]) -> bytes:
    """Atom (RFC 4287)."""
    newest = max((offer.updated for offer in offers), default=datetime(2000, 1, 1, tzinfo=UTC))
    entries = "".join(
        f'<entry><title type="text">{escape(offer.title)}</title>'
        f'<link rel="alternate" type="text/html" href="{escape(offer.url)}"/><id>{escape(offer.guid)}</id>'
        f"<published>{_iso(offer.published, spec.timezone)}</published>"
        f"<updated>{_iso(offer.updated, spec.timezone)}</updated>"
        + "".join(f"<author><name>{escape(author)}</name></author>" for author in offer.authors)
        + "".join(f'<category term="{escape(tag)}"/>' for tag in offer.tags)
        + f'<summary type="html">{escape(f"<p>{offer.summary}</p>")}</summary></entry>\n'
        for offer in offers
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{spec.language}">'
        f'<title>{escape(title)}</title><id>{base}/</id><link href="{base}/"/><link rel="self" href="{base}{path}"/>'
        f"<updated>{_iso(newest, spec.timezone)}</updated><author><name>{escape(spec.name)}</name></author>\n"
        f"{entries}</feed>\n"
    ).encode()


def jsonfeed(spec: SiteSpec, base: str, path: str, title: str, offers: Sequence[Offer]) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": offer.guid,
            "url": offer.url,
            "title": offer.title,
            "summary": offer.summary,
            "content_text": offer.summary,
            "date_published": _iso(offer.published, spec.timezone),
            "date_modified": _iso(offer.updated, spec.timezone),
            "authors": [{"name": author} for author in offer.authors],
            "tags": list(offer.tags),
        }
        for offer in offers
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}{path}",
        "language": spec.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def sitemap(spec: SiteSpec, offers: Iterable[Offer], *, news: bool = False) -> bytes:
    """A sitemap, with the news extension or without."""
    rows = []
    for offer in offers:
        extension = (
            f"<news:news><news:publication><news:name>{escape(spec.name)}</news:name>"
            f"<news:language>{spec.language}</news:language></news:publication>"
            f"<news:publication_date>{_iso(offer.published, spec.timezone)}</news:publication_date>"
            f"<news:title>{escape(offer.title)}</news:title></news:news>"
            if news
            else ""
        )
        updated = _iso(offer.updated, spec.timezone)
        rows.append(f"<url><loc>{escape(offer.url)}</loc><lastmod>{updated}</lastmod>{extension}</url>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n' + "".join(rows) + "</urlset>\n"
    ).encode()


def sitemapindex(spec: SiteSpec, children: Iterable[tuple[str, datetime]]) -> bytes:
    """A sitemap index; each child is its URL and when it last changed."""
    rows = "".join(
        f"<sitemap><loc>{escape(url)}</loc><lastmod>{_iso(changed, spec.timezone)}</lastmod></sitemap>\n"
        for url, changed in children
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</sitemapindex>\n'
    ).encode()


def _iso(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def _atom_updated(offer: Offer) -> str:
    if offer.updated == offer.published:
        return ""
    return f"<atom:updated>{_iso(offer.updated, 'UTC')}</atom:updated>"

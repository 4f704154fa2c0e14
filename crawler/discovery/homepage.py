"""A page of a site as discovery reads it: its links, the feeds that it names, and what it says of its publisher."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from crawler.discovery.impostor import FEED_TYPES
from crawler.discovery.links import LinkPage, base_of, read_links
from crawler.discovery.payload import decode, unpack
from crawler.discovery.plain import MAX_NAME, MAX_TITLE, plain
from crawler.errors import FeedError
from crawler.extraction import jsonld
from crawler.urls import join

MAX_BYTES = 8 * 1024 * 1024  # unpacked; home pages have up to three MB
MAX_FEEDS = 100  # that one page names; the largest overviews name as many
_NAME_METAS = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_PUBLISHERS = frozenset({"newsmediaorganization", "organization", "website", "newspaper"})

# what sites call feeds beside the registered types; whether it is one shows when it is read
_OTHER_FEED_TYPES = re.compile(r"(?:text|application)/(?:xml|(?:x-)?(?:rss|atom|rdf)(?:\+xml)?)")
# feed://host/path and feed:https://host/path, as readers once registered them
_FEED_SCHEME = re.compile(r"^feed:(?:(?://)?(?=(https?:))|//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a page says, and where: a name, a language, a country."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class SitePage:
    """What a page of a site says of the site, and where it leads."""

    url: str
    page: LinkPage
    feeds: tuple[Said, ...] = ()  # value: address; where: its title, or ""
    names: tuple[Said, ...] = ()  # best first
    locales: tuple[Said, ...] = ()  # language tags, perhaps with a region, as written
    countries: tuple[Said, ...] = ()  # as written
    sitemaps: tuple[str, ...] = ()  # <link rel=sitemap>
    words: str = field(default="", repr=False)  # text of its links, to tell the language by


def read_site_page(data: bytes, url: str, content_type: str = "") -> SitePage:
    """Read a page of a site. Raises FeedError for bytes that are no HTML page."""
    body, _ = unpack(data, MAX_BYTES)
    page = read_links(body, url, content_type)
    tree = _tree(decode(body, content_type).replace("\0", ""))
    if page is None or tree is None:
        raise FeedError(f"{url} is no HTML page")
    metas = dict(_metas(tree))
    nodes = list(_nodes(tree))
    html = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    locales = [Said(html, "<html lang>"), Said(metas.get("og:locale", ""), "og:locale")]
    locales.append(Said(metas.get("content-language", ""), "content-language"))
    return SitePage(
        url=url,
        page=page,
        feeds=tuple(_feeds(tree, base_of(tree, url)))[:MAX_FEEDS],
        names=tuple(said for said in _names(metas, nodes, page.title) if said.value),
        locales=tuple(said for said in locales if said.value),
        countries=tuple(said for said in _countries(metas, nodes) if said.value),
        sitemaps=tuple(_linked(tree, base_of(tree, url), "sitemap")),
        words=" ".join(link.title for link in page.links.values() if len(link.title) > 20)[:5_000],
    )


def _tree(text: str) -> Any:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, huge_tree=True)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _metas(tree: Any) -> Iterator[tuple[str, str]]:
    for node in tree.iter("meta"):
        key = (node.get("property") or node.get("name") or node.get("http-equiv") or "").strip().lower()
        value = plain(node.get("content") or "", MAX_TITLE)
        if key and value:
            yield key, value


def _feeds(tree: Any, url: str) -> Iterator[Said]:
    seen = set()
    for node in tree.iter("link", "a"):
        rels = (node.get("rel") or "").lower().split()
        kind = (node.get("type") or "").partition(";")[0].strip().lower()
        href, by_scheme = _FEED_SCHEME.subn(lambda match: "" if match[1] else "//", (node.get("href") or "").strip())
        typed = kind in FEED_TYPES or ("alternate" in rels and _OTHER_FEED_TYPES.fullmatch(kind))
        named = "feed" in rels or by_scheme or (typed and ("alternate" in rels or node.tag == "a"))
        target = join(url, href) if named else None
        if target and target not in seen:
            seen.add(target)
            yield Said(target, plain(node.get("title") or "", MAX_NAME))


def _linked(tree: Any, url: str, rel: str) -> Iterator[str]:
    for node in tree.iter("link"):
        target = join(url, node.get("href") or "")
        if target and rel in (node.get("rel") or "").lower().split():
            yield target


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    for node in tree.iter("script"):
        if "ld+json" in (node.get("type") or "").lower() and node.text:
            for item in jsonld.nodes_of(jsonld.loads(node.text)):
                yield item
                publisher = item.get("publisher")
                if isinstance(publisher, dict):
                    yield publisher


def _names(metas: dict[str, str], nodes: list[dict[str, Any]], title: str) -> Iterator[Said]:
    for key in _NAME_METAS:
        yield Said(plain(metas.get(key, ""), MAX_NAME), key)
    for node in nodes:
        if jsonld.types_of(node) & _PUBLISHERS and isinstance(node.get("name"), str):
            yield Said(plain(node["name"], MAX_NAME), "JSON-LD")
    yield Said(plain(title, MAX_NAME), "<title>")


def _countries(metas: dict[str, str], nodes: list[dict[str, Any]]) -> Iterator[Said]:
    for key in ("geo.country", "geo.region", "country"):
        yield Said(metas.get(key, "").partition("-")[0], key)
    for node in nodes:
        addresses = node.get("address")
        for address in addresses if isinstance(addresses, list) else [addresses]:
            country = address.get("addressCountry") if isinstance(address, dict) else None
            if isinstance(country, dict):
                country = country.get("name")
            if isinstance(country, str):
                yield Said(plain(country, MAX_NAME), "the address in its JSON-LD")

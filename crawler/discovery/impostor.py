"""Impostors: what stands in a feed's place when it is an HTML page, in words for the person who has to mend it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from crawler.discovery.links import base_of
from crawler.discovery.payload import decode, looks_like
from crawler.discovery.plain import plain
from crawler.urls import join

LOOKED_AT = 200_000  # bytes: what a page is stands in its head and its first screen
SHOWN_TITLE = 80  # characters
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
# By what such pages say of themselves, in the order in which it is looked for.
_KINDS = (
    ("a page of a bot filter", r"just a moment\.\.\.|attention required|verify (?:that )?you are (?:a )?human|captcha"
     r"|are you a robot|enable javascript and cookies|access denied|request unsuccessful"),
    ("the page of a parked domain", r"domain(?: name)? (?:\S+ )?(?:is|may be) (?:for sale|parked)|buy this domain"
     r"|parked (?:free|domain)|sedoparking|parkingcrew|hugedomains|afternic|this domain has expired|domain (?:has )?expired"
     r"|domaine est à vendre|domain (?:steht )?zum verkauf|dominio (?:está )?en venta"),
    ("a consent page", r"before you continue|cookie[- ]?(?:consent|wall|zustimmung)|privacy settings|datenschutzeinstellung"
     r"|consent\.|we value your privacy|accept (?:all )?cookies|paramètres de confidentialité"),
    ("a page of maintenance", r"(?:under|scheduled|site) maintenance|wartungsarbeiten|en mantenimiento|en maintenance"),
    ("the page of a missing page", r"page (?:was )?not found|\b404\b|seite (?:wurde )?nicht gefunden"
     r"|page (?:introuvable|non trouvée)|página no encontrada|pagina non trovata"),
    ("a page to log in at", r"<input[^>]+type\s*=\s*[\"']?password"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def is_html(data: bytes) -> bool:
    """Tell whether these bytes are an HTML page."""
    return looks_like(data) == "an HTML page"


def described(data: bytes, url: str, content_type: str = "") -> str:
    """Say of an HTML page what it is, its title, and the feed that it names; of anything else what it looks like."""
    if not is_html(data):
        return looks_like(data, content_type)
    text = decode(data[:LOOKED_AT], content_type).replace("\0", "")
    tree = _tree(text)
    title, feeds = "", []
    if tree is not None:
        found = tree.find(".//title")
        title = plain(found.text or "", SHOWN_TITLE) if found is not None else ""
        feeds = list(_feeds(tree, base_of(tree, url)))
    kind = next((kind for kind, pattern in _COMPILED if pattern.search(text)), "")
    said = f"an HTML page, {kind}" if kind else "an HTML page"
    said += f', called "{title}"' if title else ""
    return said + (f"; it names a feed: {feeds[0]}" if feeds else "")


def _feeds(tree: lxml_html.HtmlElement, url: str) -> list[str]:
    found = []
    for link in tree.iter("link"):
        rels = (link.get("rel") or "").lower().split()
        if "alternate" in rels and (link.get("type") or "").strip().lower() in FEED_TYPES:
            target = join(url, link.get("href") or "")
            if target and urlsplit(target)._replace(fragment="") != urlsplit(url)._replace(fragment=""):
                found.append(target)
    return found


def _tree(text: str) -> lxml_html.HtmlElement | None:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None

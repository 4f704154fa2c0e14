"""Links of an HTML page: each with its text, its place in the page and the shape of its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

from crawler.discovery.payload import decode
from crawler.discovery.plain import MAX_LANGUAGE, MAX_TITLE, plain
from crawler.urls import canonical, join

MAX_BYTES = 8 * 1024 * 1024  # section pages are under 2 MB; what comes after is not looked at
MAX_LINKS = 5_000  # anchors of one page: busy front pages have 600; 200,000 links are an attack
_MAX_DEPTH = 40  # ancestors looked at for the place of a link
_MAX_INSIDE = 200  # elements inside an anchor that are looked at: a card has ten, unclosed anchors hold each other
_CHAIN = 4  # ancestors that make the signature of a place: enough to tell lists apart, few enough to group cards

_ZONE_TAGS = {"nav": "nav", "footer": "footer", "aside": "aside", "header": "header"}
_ZONE_ROLES = {
    "navigation": "nav",
    "contentinfo": "footer",
    "complementary": "aside",
    "banner": "header",
    "menu": "nav",
}
_ZONE_NAMES = re.compile(
    r"(?:^|[\s_\-])(?:(?P<nav>nav|navbar|navigation|menu|submenu|breadcrumbs?|pagination|pager|pages|paging|tabs)"
    r"|(?P<footer>footer|foot|copyright|legal|impressum)|(?P<aside>sidebar|aside|related|widget|promo|social|share|tags?)"
    r"|(?P<header>masthead|topbar|toolbar|langs?|languages?))(?=$|[\s_\-])",
    re.IGNORECASE,
)
_CARD = re.compile(r"article|card|story|teaser|entry|post|item", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NUMBERED = re.compile(r"\d+")


@dataclass(slots=True)
class Link:
    """All anchors of a page that lead to one address, put together."""

    url: str  # absolute, as offered
    headlines: list[str] = field(default_factory=list)  # texts of anchors in a heading, or of headings in an anchor
    texts: list[str] = field(default_factory=list)  # other visible texts
    hints: list[str] = field(default_factory=list)  # title, aria-label and alt texts of anchors without text
    places: list[str] = field(default_factory=list)  # signatures of the places in the tree
    zones: list[str] = field(default_factory=list)  # "", nav, footer, aside, header: one an anchor
    rels: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Give the longest text of the best kind: the headline where there are also "read more" and a picture."""
        return max(self.headlines or self.texts or self.hints, key=len, default="")

    @property
    def zone(self) -> str:
        """Give the best place that it has: one anchor in the content counts more than one in the menu."""
        return min(self.zones, key=("", "aside", "header", "footer", "nav").index, default="")


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A page's links by canonical address, in page order, and what the page says of itself."""

    links: dict[str, Link]
    title: str
    language: str
    next_page: str
    truncated: bool


def base_of(tree: Any, url: str) -> str:
    """The address to which those of a page are relative: its own, or that of its `<base>`."""
    return next((made for node in tree.iter("base") if (made := join(url, node.get("href", "")))), url)


def read_links(data: bytes, url: str, content_type: str = "") -> LinkPage | None:
    """Read the links of a page; None if it holds no element at all."""
    text = decode(data[:MAX_BYTES], content_type).replace("\0", "")
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if tree is None or (not text.lstrip().startswith("<") and tree.find(".//a") is None):
        return None
    base = base_of(tree, url)
    links: dict[str, Link] = {}
    count = 0
    next_page = ""
    for anchor in tree.iter("a", "link", "area"):
        target = join(base, anchor.get("href") or "")
        rels = frozenset((anchor.get("rel") or "").lower().split())
        if target and "next" in rels and not next_page:
            next_page = target
        if target is None or anchor.tag == "link":
            continue
        count += 1
        if count > MAX_LINKS:
            break
        link = links.setdefault(canonical(target), Link(target))
        link.rels |= rels
        _observe(link, anchor)
    head = tree.find(".//title")
    return LinkPage(
        links=links,
        title=plain(head.text or "", MAX_TITLE) if head is not None else "",
        language=plain(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "", MAX_LANGUAGE),
        next_page=next_page,
        truncated=count > MAX_LINKS or len(data) > MAX_BYTES,
    )


def _observe(link: Link, anchor: Any) -> None:
    place, zone, heading = _place(anchor)
    link.places.append(place)
    link.zones.append(zone)
    inner = list(islice(anchor.iter(), _MAX_INSIDE))
    headline = next((plain(_visible(node), MAX_TITLE) for node in inner if node.tag in _HEADINGS), "")
    text = headline or plain(_visible(anchor), MAX_TITLE)
    if text:
        (link.headlines if heading or headline else link.texts).append(text)
    else:
        hints = [
            anchor.get("title"),
            anchor.get("aria-label"),
            *(node.get("alt") for node in inner if node.tag == "img"),
        ]
        link.hints += [plain(hint, MAX_TITLE) for hint in hints if hint]


def _visible(node: Any) -> str:
    """Give the text of a node without scripts; of its first elements only, as an anchor may wrap a whole page."""
    return "".join(_pieces(node)).replace("<", "‹").replace("&", "&amp;")


def _pieces(node: Any) -> Iterator[str]:
    for event, element in islice(etree.iterwalk(node, events=("start", "end")), 2 * _MAX_INSIDE):
        if event == "start":
            silent = element.tag in {"script", "style", "noscript", "svg", "template"}
            if element.text and not silent:
                yield element.text
        elif element is not node:
            yield (" " if element.tag not in {"span", "b", "i", "em", "strong", "font"} else "") + (element.tail or "")


def _place(anchor: Any) -> tuple[str, str, bool]:
    """Say where an anchor is: its signature, its zone, whether a heading is around it."""
    chain: list[str] = []
    zone = ""
    heading = False
    for depth, node in enumerate(anchor.iterancestors()):
        tag = node.tag
        if depth >= _MAX_DEPTH or tag in {"body", "html"}:
            break
        names = f"{node.get('class') or ''} {node.get('id') or ''}"[:200]
        if depth < _CHAIN:
            chain.append(f"{tag}.{_NUMBERED.sub('#', (node.get('class') or '')[:60])}")
        heading = heading or tag in _HEADINGS
        if zone == "header" and (tag in {"article", "li", "td"} or _CARD.search(names)):
            zone = ""  # the header of a card, not of the page
        zone = zone or _zone(tag, node.get("role") or "", names)
    return " < ".join(chain), zone, heading


def _zone(tag: str, role: str, names: str) -> str:
    zone = _ZONE_TAGS.get(tag) or _ZONE_ROLES.get(role.lower(), "")
    if not zone and (match := _ZONE_NAMES.search(names)):
        zone = match.lastgroup or ""
    return zone


SUFFIX = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|do|cfm|dhtml|cms|ece|story)$", re.IGNORECASE)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[/_.\-]?(?:0[1-9]|1[0-2])|[/_.\-][1-9])(?:[/_.\-]?(?:0[1-9]|[12]\d|3[01])|[/_.\-][1-9])?(?!\d)"
)
_PREFIXED = re.compile(r"([A-Za-z]{1,3})[-_]?\d")
_WORD_BREAKS = re.compile(r"[-_+.,~ ]+")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")


_CODE_LENGTH = 8  # characters from which letters mixed with digits are an identifier and not a name


@dataclass(frozen=True, slots=True)
class Shape:
    """What an address looks like: `pattern` groups addresses that were made by the same template."""

    pattern: str
    dated: bool
    number: int  # digits of the longest number that is no date; an identifier of letters and digits counts as one
    words: int  # words of the longest slug
    suffix: bool
    depth: int


def shape_of(url: str) -> Shape:
    """Describe the form of an address: the kind of each segment, and the names of its parameters."""
    path, _, query = canonical(url).partition("://")[2].partition("/")[2].partition("?")
    path = unquote(path)
    dated = _DATE.search(path) is not None
    segments = [segment for segment in _DATE.sub("", path).split("/") if segment]
    kinds: list[str] = ["D"] if dated else []
    number = words = 0
    for index, segment in enumerate(segments):
        stem = SUFFIX.sub("", segment)
        longest = max((len(run) for run in _NUMBERED.findall(stem)), default=0)
        slug = len([word for word in _WORD_BREAKS.split(stem) if re.search(r"[^\W\d]", word)])
        if len(_HAN.findall(stem)) >= 6:
            slug = max(slug, 4)  # scripts without spaces have slugs of one long word
        coded = slug < 3 and _is_code(stem)
        number, words = max(number, _CODE_LENGTH if coded else longest), max(words, slug)
        last = index == len(segments) - 1
        if slug >= 3:
            kinds.append("S#" if longest >= 4 else "S")
        elif coded:
            kinds.append("X")
        elif longest >= 4:
            prefix = _PREFIXED.match(stem)  # a-65464327 is an article where s-10259 is a section
            kinds.append((prefix[1].lower() if prefix else "") + "#")
        else:
            kinds.append("w" if last else "f")
    values = [part.partition("=") for part in query.split("&") if part]
    for name, _, value in values:
        kinds.append(f"?{name.lower()}={'#' if value.isdigit() else 'w'}")
        if value.isdigit() and re.search(r"id$|^(?:no|num|p|n|seq|art|article|news|nid|aid)$", name.lower()):
            number = max(number, len(value) + 2)
    suffix = SUFFIX.search(segments[-1]) is not None if segments else False
    return Shape("/".join(kinds) + ("." if suffix else ""), dated, number, words, suffix, len(segments))


def _is_code(stem: str) -> bool:
    """Say whether a segment is an identifier such as `cy8103xklreo`: one run in which letters and digits alternate."""
    if len(stem) < _CODE_LENGTH or not (stem.isascii() and stem.isalnum()):
        return False
    return len(_NUMBERED.findall(stem)) >= 2 and any(char.isalpha() for char in stem)

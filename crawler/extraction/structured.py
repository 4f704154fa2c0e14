"""What a page says about itself for machines: JSON-LD, OpenGraph, meta, microdata and <time>."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from .document import Document, one_line, text_of
from .jsonld import loads

ARTICLE_TYPES = frozenset((
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "reviewnewsarticle", "asknewsarticle", "liveblogposting", "blogposting", "techarticle",
    "report", "scholarlyarticle", "advertisercontentarticle", "satiricalarticle", "socialmediaposting",
    "discussionforumposting",
))  # fmt: skip
PAGE_TYPES = frozenset(["webpage", "itempage", "videoobject", "medicalwebpage", "aboutpage"])
LISTING_TYPES = frozenset(["collectionpage", "searchresultspage", "profilepage", "itemlist"])
MAX_NODES = 5000  # of one page's JSON-LD; generated breadcrumbs and product lists can be endless
MAX_DEPTH = 40

BREAK = re.compile(r"\n+|</p>|<br\s*/?>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{1,2000}>")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the page said, and how: the method is what provenance will show."""

    value: str
    method: str


@dataclass(slots=True)
class Facts:
    """Everything structured that a page holds, in order of trust within each field."""

    types: set[str] = field(default_factory=set)
    headlines: list[Said] = field(default_factory=list)
    summaries: list[Said] = field(default_factory=list)
    published: list[Said] = field(default_factory=list)
    modified: list[Said] = field(default_factory=list)
    people: list[Said] = field(default_factory=list)  # authors that are persons or of no stated type
    organisations: list[Said] = field(default_factory=list)  # authors that the page says are organisations
    editors: list[Said] = field(default_factory=list)
    sections: list[Said] = field(default_factory=list)
    tags: list[Said] = field(default_factory=list)
    images: list[Said] = field(default_factory=list)
    languages: list[Said] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)
    datelines: list[Said] = field(default_factory=list)
    body: str = ""  # articleBody
    free: bool | None = None  # isAccessibleForFree


def read(document: Document) -> Facts:
    """Collect the structured data of a page."""
    facts = Facts()
    for script in document.scripts:
        nodes = list(_nodes(loads(script)))
        articles = [node for node in nodes if _types(node) & ARTICLE_TYPES]
        facts.types.update(*(_types(node) for node in nodes)) if nodes else None
        for node in articles or [node for node in nodes if _types(node) & PAGE_TYPES and "headline" in node]:
            _read_article(facts, node, {str(n["@id"]): n for n in nodes if isinstance(n.get("@id"), str)})
        for node in nodes:
            if "breadcrumblist" in _types(node):
                _read_breadcrumb(facts, node)
    _read_metas(facts, document)
    _read_microdata(facts, document.tree)
    return facts


def body_lines(facts: Facts) -> list[str]:
    """Return JSON-LD's articleBody as lines, without tags."""
    parts = BREAK.split(facts.body)
    return [line for part in parts if (line := one_line(TAG.sub(" ", part)))]


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    stack, seen = [(data, 0)], 0
    while stack and seen < MAX_NODES:
        item, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(item, list):
            stack.extend((child, depth + 1) for child in reversed(item))
        elif isinstance(item, dict):
            if "@type" in item or "headline" in item:
                yield item
            for key in ("hasPart", "mainEntity", "mainEntityOfPage", "@graph", "breadcrumb", "itemListElement"):
                if isinstance(item.get(key), (dict, list)) and not (key == "itemListElement" and "@type" in item):
                    stack.append((item[key], depth + 1))


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for kind in kinds if isinstance(kind, str)}


def plain(value: Any) -> str:
    """Return a JSON string as one clean line: entities resolved, tags dropped."""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, (str, dict))), "")
        return plain(value) if value else ""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return one_line(TAG.sub(" ", value) if "<" in value else value)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _say(target: list[Said], value: Any, method: str) -> None:
    if text := plain(value):
        target.append(Said(text, method))


def _read_article(facts: Facts, node: dict[str, Any], known: dict[str, dict[str, Any]]) -> None:
    for target, keys in (
        (facts.headlines, ("headline", "name")),
        (facts.summaries, ("description", "abstract")),
        (facts.published, ("datePublished", "dateCreated", "uploadDate")),
        (facts.modified, ("dateModified",)),
        (facts.languages, ("inLanguage",)),
        (facts.datelines, ("dateline",)),
    ):
        for key in keys:
            _say(target, node.get(key), "jsonld")
    for person in _all(node.get("author")) or _all(node.get("creator")):
        _read_author(facts, person, known, 0)
    for person in _all(node.get("editor")):
        _say(facts.editors, _resolved(person, known), "jsonld")
    for section in _all(node.get("articleSection")):
        _say(facts.sections, section, "jsonld")
    for keyword in _all(node.get("keywords")):
        _say(facts.tags, keyword, "jsonld")
    for image in [*_all(node.get("image")), *_all(node.get("thumbnailUrl"))]:
        url = image.get("url") or image.get("contentUrl") or image.get("@id") if isinstance(image, dict) else image
        _say(facts.images, url, "jsonld")
    for publisher in _all(node.get("publisher")):
        if name := plain(_resolved(publisher, known)):
            facts.publishers.append(name)
    body = node.get("articleBody")
    if isinstance(body, str) and len(body) > len(facts.body):
        facts.body = html.unescape(body)
    if "isAccessibleForFree" in node and facts.free is None:
        facts.free = str(node["isAccessibleForFree"]).strip().lower() not in ("false", "0", "no")


def _resolved(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return known.get(value["@id"], value)
    return value


def _read_author(facts: Facts, value: Any, known: dict[str, dict[str, Any]], depth: int) -> None:
    value = _resolved(value, known)
    if isinstance(value, dict):
        names = value.get("name")
        if isinstance(names, (list, dict)) and depth < 3:
            for name in _all(names):
                _read_author(facts, name if isinstance(name, (dict, str)) else "", known, depth + 1)
            return
        name = plain(names) or " ".join(filter(None, (plain(value.get("givenName")), plain(value.get("familyName")))))
        organised = _types(value) & {"organization", "newsmediaorganization", "corporation"}
        _say(facts.organisations if organised else facts.people, name, "jsonld")
    else:
        _say(facts.people, value, "jsonld")


def _read_breadcrumb(facts: Facts, node: dict[str, Any]) -> None:
    names = []
    for item in _all(node.get("itemListElement")):
        if isinstance(item, dict):
            inner = item.get("item")
            names.append(plain(item.get("name")) or (plain(inner.get("name")) if isinstance(inner, dict) else ""))
    for name in names[1:3]:
        _say(facts.sections, name, "jsonld-breadcrumb")


META_FIELDS = (
    ("headlines", ("og:title",), "opengraph"),
    (
        "headlines", ("twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline"),
        "meta",
    ),
    ("summaries", ("og:description",), "opengraph"),
    ("summaries", ("description", "twitter:description", "dc.description", "sailthru.description"), "meta"),
    ("published", ("article:published_time", "og:article:published_time"), "opengraph"),
    ("published", (
        "parsely-pub-date", "sailthru.date", "datepublished", "dcterms.created", "dc.date.issued", "dcterms.issued",
        "dc.date.created", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "published_at",
        "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article:published",
        "date.release",
        "iso-8601-publish-date", "original-publish-date", "created", "dc.date", "dcterms.date", "date", "release_date",
        "last-published", "og:pubdate", "og:published_time", "analyticsattributes.articledate", "article_date_original",
    ), "meta"),
    ("modified", ("article:modified_time", "og:updated_time", "og:article:modified_time"), "opengraph"),
    (
        "modified",
        ("dcterms.modified", "dc.date.modified", "lastmod", "last-modified", "datemodified", "article:modified"),
        "meta",
    ),
    ("people", ("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
                "dcterms.creator", "byl", "authors", "article.author", "cxenseparse:author"), "meta"),
    ("sections", ("article:section", "og:article:section", "og:section"), "opengraph"),
    (
        "sections",
        ("parsely-section", "section", "article.section", "cxenseparse:category", "category", "dc.subject.category"),
        "meta",
    ),
    ("tags", ("article:tag", "og:article:tag"), "opengraph"),
    ("tags", ("news_keywords", "keywords", "parsely-tags", "sailthru.tags", "dc.subject"), "meta"),
    ("images", ("og:image", "og:image:url", "og:image:secure_url"), "opengraph"),
    ("images", ("twitter:image", "twitter:image:src", "thumbnail"), "meta"),
    ("languages", ("og:locale",), "opengraph"),
    ("languages", ("content-language", "language", "dc.language", "dcterms.language", "inlanguage"), "meta"),
)  # fmt: skip


def _read_metas(facts: Facts, document: Document) -> None:
    for name, keys, method in META_FIELDS:
        target: list[Said] = getattr(facts, name)
        for key in keys:
            for content in document.metas.get(key, ()):
                _say(target, content, method)


WITH_ITEMPROP = etree.XPath("//*[@itemprop]")
ITEMPROPS = {
    "datepublished": "published", "datecreated": "published", "datemodified": "modified", "headline": "headlines",
    "articlesection": "sections", "inlanguage": "languages", "editor": "editors",
}  # fmt: skip


def _read_microdata(facts: Facts, tree: HtmlElement) -> None:
    for node in WITH_ITEMPROP(tree):
        for prop in (node.get("itemprop") or "").lower().split():
            if prop == "author" and node.tag != "meta":
                inner = next(
                    (n for n in node.iterfind(".//*[@itemprop]") if "name" in (n.get("itemprop") or "").split()), None
                )
                kind = (node.get("itemtype") or "").lower()
                name = (inner.get("content") or text_of(inner)) if inner is not None else text_of(node)
                if name and len(name) < 100:
                    _say(facts.organisations if kind.endswith("organization") else facts.people, name, "microdata")
            elif field_name := ITEMPROPS.get(prop):
                if field_name == "headlines" and node.tag != "meta":
                    continue  # the heading itself, which is read as such
                value = node.get("content") or node.get("datetime") or node.get("title") or ""
                value = value if node.tag in ("meta", "time") and value else value or text_of(node)
                if len(value) < 400:
                    _say(getattr(facts, field_name), value, "microdata")

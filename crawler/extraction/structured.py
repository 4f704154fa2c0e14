"""What a page says about itself for machines: JSON-LD, OpenGraph, meta, microdata and <time>."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from .document import Document, one_line, text_of
from .jsonld import all_elsewhere, loads, nodes_of, of_this_page, types_of
from .names import BY

ARTICLE_TYPES = frozenset((
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "reviewnewsarticle", "asknewsarticle", "liveblogposting", "blogposting", "techarticle",
    "report", "scholarlyarticle", "advertisercontentarticle", "satiricalarticle", "socialmediaposting",
    "discussionforumposting",
))  # fmt: skip
PAGE_TYPES = frozenset(["webpage", "itempage", "videoobject", "medicalwebpage", "aboutpage"])
HOLDERS = frozenset(["blog", "website", "creativework", "thing"])  # scopes of microdata that an article may be written in
LISTING_TYPES = frozenset(["collectionpage", "searchresultspage", "profilepage", "itemlist"])
LIST = 4  # articles that the data of a list describe
STORY = frozenset(["headline", "datePublished"])  # what a page's own node says when it stands for an article

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
    nodes = [node for script in document.scripts for node in nodes_of(loads(script))]
    known = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str)}
    facts.types.update(*map(types_of, nodes))
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    if len(articles) >= LIST and _are_others(articles, document):
        facts.types -= ARTICLE_TYPES
        articles = []
    elif len(articles) > 1:
        articles = of_this_page(articles, (document.url, document.link("canonical"), document.meta("og:url")))
    for node in articles or [node for node in nodes if types_of(node) & PAGE_TYPES and STORY & node.keys()]:
        _read_article(facts, node, known)
    for node in nodes:
        if "breadcrumblist" in types_of(node):
            _read_breadcrumb(facts, node)
    _read_metas(facts, document)
    _read_microdata(facts, document.tree)
    return facts


def _are_others(articles: list[dict[str, Any]], document: Document) -> bool:
    """Whether data describe but the articles that a page leads to: each gives another address and another headline."""
    urls = (document.url, document.link("canonical"), document.meta("og:url"))
    shown = f"{document.head_title} {document.meta('og:title')}".casefold()
    return all_elsewhere(articles, urls) and not any(
        (name := plain(node.get("headline") or node.get("name")).casefold()) and name in shown for node in articles
    )


def body_lines(facts: Facts) -> list[str]:
    """Return JSON-LD's articleBody as lines, without tags."""
    parts = BREAK.split(facts.body)
    return [line for part in parts if (line := one_line(TAG.sub(" ", part)))]


def plain(value: Any) -> str:
    """Return a JSON string as one clean line: entities resolved, tags dropped."""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, (str, dict))), "")
        return plain(value) if value else ""
    if not isinstance(value, str):
        return str(int(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return one_line(TAG.sub(" ", value) if "<" in value else value)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _say(target: list[Said], value: Any, method: str) -> None:
    if text := plain(value):
        target.append(Said(text, method))


def _read_article(facts: Facts, node: dict[str, Any], known: dict[str, dict[str, Any]]) -> None:
    named = types_of(node) & ARTICLE_TYPES  # the name of a page is its <title>
    for target, keys in (
        (facts.headlines, ("headline", "name") if named else ("headline",)),
        (facts.summaries, ("description", "abstract")),
        (facts.published, ("datePublished", "dateCreated", "uploadDate")),
        (facts.modified, ("dateModified",)),
        (facts.languages, ("inLanguage",)),
        (facts.datelines, ("dateline",)),
    ):
        for key in keys:
            _say(target, node.get(key), "jsonld")
    before = len(facts.people) + len(facts.organisations)
    for key in ("author", "creator"):
        for person in _all(node.get(key)):
            _read_author(facts, person, known, 0)
        if len(facts.people) + len(facts.organisations) > before:
            break
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
        names = value.get("name") or value.get("mainEntity")  # a ProfilePage is about its person
        if isinstance(names, (list, dict)) and depth < 3:
            for name in _all(names):
                _read_author(facts, name if isinstance(name, (dict, str)) else "", known, depth + 1)
            return
        name = plain(names) or " ".join(filter(None, (plain(value.get("givenName")), plain(value.get("familyName")))))
        organised = types_of(value) & {"organization", "newsmediaorganization", "corporation"}
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
        "last-published", "bt:pubdate", "og:pubdate", "og:published_time", "analyticsattributes.articledate", "article_date_original",
    ), "meta"),
    ("modified", ("article:modified_time", "og:updated_time", "og:article:modified_time"), "opengraph"),
    (
        "modified",
        ("dcterms.modified", "dc.date.modified", "lastmod", "last-modified", "datemodified", "article:modified"),
        "meta",
    ),
    ("people", ("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
                "dcterms.creator", "byl", "authors", "article.author", "og:author", "bt:author", "mrf:authors",
                "cxenseparse:author"), "meta"),
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
    for label, content in zip(document.metas.get("twitter:label1", ()), document.metas.get("twitter:data1", ()), strict=False):
        if BY.match(f"{label} {content}"):  # "Written by" | "Anna Muster"
            _say(facts.people, content, "meta")


ITEMPROP = etree.XPath("//*/@itemprop")
ITEMPROPS = {
    "datepublished": "published", "datecreated": "published", "datemodified": "modified", "headline": "headlines",
    "articlesection": "sections", "inlanguage": "languages", "editor": "editors", "author": "people",
}  # fmt: skip
MAX_AUTHOR, MAX_VALUE = 100, 400  # characters; more is a box or a paragraph


def _read_microdata(facts: Facts, tree: HtmlElement) -> None:
    """Read the properties of the article: of each the first scope's, and none of comments, pictures and the like."""
    scopes: dict[str, HtmlElement | None] = {}
    for said in ITEMPROP(tree):
        for prop in said.lower().split():
            if prop not in ITEMPROPS:
                continue
            node: HtmlElement = said.getparent()
            if node.tag != "meta" and prop == "headline":
                continue  # the heading itself is read as such
            scope = next((one for one in node.iterancestors() if one.get("itemscope") is not None), None)
            kind = (scope.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1].lower() if scope is not None else ""
            if kind and kind not in ARTICLE_TYPES and kind not in PAGE_TYPES | HOLDERS:
                continue
            if scopes.setdefault(prop, scope) is not scope:
                continue
            if prop == "author" and node.tag != "meta":
                _read_author_element(facts, node)
                continue
            value = node.get("content") or node.get("datetime") or node.get("title") or ""
            value = value if node.tag in ("meta", "time") and value else value or text_of(node)
            if len(value) < MAX_VALUE:
                _say(getattr(facts, ITEMPROPS[prop]), value, "microdata")


def _read_author_element(facts: Facts, node: HtmlElement) -> None:
    inner = next((one for one in node.iterfind(".//*[@itemprop]") if "name" in (one.get("itemprop") or "").split()), None)
    name = (inner.get("content") or text_of(inner)) if inner is not None else text_of(node)
    if name and len(name) < MAX_AUTHOR:
        organised = (node.get("itemtype") or "").lower().endswith("organization")
        _say(facts.organisations if organised else facts.people, name, "microdata")

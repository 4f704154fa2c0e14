"""One parse of a page, shared by everything that reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from .charset import clean
from .errors import ExtractionError
from .source import MAX_ATTRIBUTES, is_crowded, without_code

MAX_DEPTH = 200  # trafilatura gives up at 255 levels, and recursion over the tree must end somewhere
TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * MAX_DEPTH) + ")")  # one step a level: linear, and in C
FEW_NODES = 20
# Elements of a page that are held in Python as long as the page is: lxml makes an element anew each time that it is come
# by and nobody has it, which is the same ones again and again
MOST_HELD = 20_000
MAX_TAGS = 500_000  # of a page: the largest real ones have 20,000, and a tree takes 200 bytes for each
# One class for every element, chosen in C; lxml.html asks a Python function for each of them.
LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)
LEVELS = re.compile(
    rb"</?(?!(?:html|head|body|title|meta|link|base|script|style|h[1-6]|br|img|time)\b)[a-z][^>]{0,500}>", re.IGNORECASE
)
LAYOUT_END = re.compile(rb"<(?:/p|/div|/li|/td|br|p|div|li|td)\b[^>]{0,500}>", re.I)
BREAKS = re.compile(rb"<br>(?:\s*<br>)+")  # what many empty levels leave behind: trafilatura takes quadratic time for it
# A processing instruction or declaration before the root makes libxml2 take the page for something else.
PREAMBLE = re.compile(rb"^\s*(?:<\?xml[^>]{0,200}\?>|<!doctype[^>]{0,300}>|\s)*", re.I)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: the tree (which body extraction may prune), and what was read from its head before that."""

    url: str
    tree: HtmlElement
    metas: dict[str, list[str]]  # name, property or itemprop in lower case -> contents in page order
    links: dict[str, str]  # rel in lower case -> the first target that is named, as written
    scripts: tuple[str, ...]  # the texts of application/ld+json
    head_title: str
    language: str  # html lang, as written
    nodes: Sequence[HtmlElement] = ()  # of the tree as it was parsed: see MOST_HELD

    def meta(self, *names: str) -> str:
        """Return the first non-empty content among the metas of these names, in the order of the names."""
        for name in names:
            for content in self.metas.get(name, ()):
                if content:
                    return content
        return ""

    def link(self, rel: str) -> str:
        """Return the absolute target of the first `<link rel=...>`; "" when there is none."""
        return absolute(self.url, self.links.get(rel, ""))


def parse(page: bytes, url: str) -> Document:
    """Parse a page in UTF-8. Raises ExtractionError if there is no element in it, or far too many."""
    page = PREAMBLE.sub(b"", without_code(page), count=1)
    if page.count(b"<") > MAX_TAGS:
        raise ExtractionError(f"{url}: more than {MAX_TAGS} tags")
    if is_crowded(page):
        raise ExtractionError(f"{url}: a tag with more than {MAX_ATTRIBUTES} attributes")
    tree = _tree(page, url)
    if _too_deep(tree) or _was_cut(tree, page):
        tree = _tree(_flattened(page), url)
    nodes = list(islice(tree.iter(), MOST_HELD))
    metas: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    scripts: list[str] = []
    head: HtmlElement | None = None
    for node in tree.iter("meta", "link", "script", "title"):
        tag = node.tag
        if tag == "meta":
            _read_meta(metas, node)
        elif tag == "link":
            if href := (node.get("href") or "").strip():
                for rel in (node.get("rel") or "").lower().split():
                    links.setdefault(rel, href)
        elif tag == "title":
            head = node if head is None else head
        elif node.text and "ld+json" in (node.get("type") or "").lower():
            scripts.append(node.text)
    title = one_line(head.text_content()) if head is not None and _outside_svg(head) else ""
    language = (tree.get("lang") or tree.get("xml:lang") or "").strip()
    return Document(url, tree, metas, links, tuple(scripts), title, language, nodes)


def _read_meta(metas: dict[str, list[str]], node: HtmlElement) -> None:
    content = node.get("content")
    if not content:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        if key := node.get(attribute):
            metas.setdefault(key.strip().lower(), []).append(one_line(content))


def one_line(text: str) -> str:
    """Return `text` clean, with every run of white space as one space."""
    plain = " ".join(text.split())
    if plain.isprintable():  # no controls, no surrogates, no marks without width: only the form is left to see to
        return plain if plain.isascii() else unicodedata.normalize("NFC", plain)
    return " ".join(clean(text).replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "").split())


def absolute(base: str, href: str) -> str:
    """Return `href` against `base` if that is an http(s) URL, otherwise ""."""
    if not href.strip():
        return ""
    try:
        url = urljoin(base, href.strip())
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def text_of(node: HtmlElement) -> str:
    """Return all text below `node` on one line."""
    return one_line("".join(_strings(node)))


def _strings(node: HtmlElement) -> Iterator[str]:
    for text in node.itertext():
        yield str(text)


def _tree(page: bytes, url: str) -> HtmlElement:
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(LOOKUP)
    try:
        tree = etree.fromstring(page, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(f"{url}: not HTML: {error}") from error
    if not isinstance(tree, HtmlElement):
        raise ExtractionError(f"{url}: not HTML: there is no element in it")
    return tree


def _too_deep(tree: HtmlElement) -> bool:
    return bool(TOO_DEEP(tree))


def _was_cut(tree: HtmlElement, page: bytes) -> bool:
    """Tell whether libxml2 stopped in the middle, which it does without an error at 2,048 levels."""
    if next(islice(tree.iter(), FEW_NODES, None), None) is not None:
        return False
    return page.count(b"<") > 2000 and page.count(b"<div") + page.count(b"<p") > 500


def _flattened(page: bytes) -> bytes:
    """Return the page without containers: each block boundary becomes a line break."""
    return BREAKS.sub(b"<br>", LEVELS.sub(b"", LAYOUT_END.sub(b"<br>", page)))


def _outside_svg(node: HtmlElement) -> bool:
    return all(ancestor.tag != "svg" for ancestor in node.iterancestors())

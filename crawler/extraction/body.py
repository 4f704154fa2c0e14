"""The text of the article: trafilatura on a tree that was pruned of what cannot be text."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from .document import one_line

NEVER_TEXT = ("script", "style", "svg", "noscript", "template", "iframe", "object", "nav", "footer", "button", "select",
              "textarea", "input", "video", "audio", "canvas", "dialog", "figcaption", "map")  # fmt: skip
NEVER_ROLES = frozenset("navigation complementary banner contentinfo dialog alertdialog search menu menubar toolbar".split())
BREAKING = frozenset("p head quote list item table row lb code div li h1 h2 h3 h4 h5 h6 blockquote tr br ul ol pre".split())
SHORT = 400  # characters; below it the slower modes are asked too


def prune(tree: HtmlElement) -> None:
    """Drop what is no text by its element or role. Forms stay: some sites wrap the whole page in one."""
    for node in [*tree.iter(*NEVER_TEXT), *(n for n in tree.iterfind(".//*[@role]") if n.get("role") in NEVER_ROLES)]:
        if node.getparent() is not None and node.tag not in ("body", "html", "article", "main"):
            node.drop_tree()


def extract_body(tree: HtmlElement, url: str) -> tuple[list[str], str]:
    """Return the lines of the article in a pruned tree, and which mode found them."""
    lines = _trafilatura(tree, url, fast=True)
    if sum(map(len, lines)) < SHORT:
        slower = _trafilatura(tree, url, fast=False)
        if sum(map(len, slower)) > sum(map(len, lines)):
            return slower, "trafilatura"
    return lines, "trafilatura"


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool) -> list[str]:
    found = bare_extraction(tree, options=Extractor(url=url, comments=False, fast=fast))
    return list(lines_of_body(found.body)) if found is not None and not isinstance(found, dict) else []


def lines_of_body(body: etree._Element) -> Iterator[str]:
    """Yield the blocks of trafilatura's result, one line each."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(body, events=("start", "end")):
        breaking = node.tag in BREAKING
        if breaking and pieces:
            if line := one_line("".join(pieces)):
                yield line
            pieces.clear()
        if node.tag == "cell":
            pieces.append(" ")
        if text := node.text if event == "start" else node.tail:
            pieces.append(text)
    if line := one_line("".join(pieces)):
        yield line


def copy_of(tree: HtmlElement) -> HtmlElement:
    """Return a copy of a tree that may be changed."""
    return deepcopy(tree)

"""The headline that a reader sees: without the site's name, without the section in front of it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from .document import Document, one_line, text_of
from .structured import Facts, Said

SEPARATORS = re.compile(r"\s+[|\-–—·•:»«<>/~_]+\s+|\s*[|｜_»]+\s*|\s*[-—–]{2,}\s*|(?<=\S)\s+::\s+")
SEPARATOR = re.compile(r"[|\-–—·•:»«<>/~_｜]")  # a part of each of these
DOMAIN = re.compile(r"^(?:[\w-]+\.)+[a-z]{2,6}$", re.I)
DATED = re.compile(r"\s[|–—·-]\s\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$")
CUT = re.compile(r"\s?(?:\.{3}|…)$")
LONGER = 12  # letters that a site's name may have behind what the page calls it: "Online", "Digital"
PRONE = frozenset(["the", "der", "die", "das", "les", "los", "las"])  # too little of a site's name
MAX_TITLE = 400
SHORTEST = 12  # folded characters that make a headline; less could be a section
KICKED = 0.5  # share of a heading that the headline in it has at least
EDGE = re.compile(r"^\s*[|｜_»«<>~·•–—\-]")
MAX_TOPIC = 40
TOPIC = re.compile(r"\W{0,3}?\s*[:–—|/·-]\s*\S")  # what stands between a topic and the headline
KICKER = re.compile(
    r"kicker|overline|topline|roofline|dachzeile|spitzmarke|pretitle|eyebrow|antetitulo|antetítulo|surtitre|occhiello|flytitle"
)
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as the page has it, and as it may be meant."""

    tag: str
    whole: str
    bare: str  # without what is marked as its kicker or as not shown
    apart: str  # with a space between its elements, which the page may set apart by style alone
    last: str  # the text of its last element: the badge behind it, perhaps


def choose(document: Document, facts: Facts, site_names: Iterable[str], feed_title: str = "") -> Said:
    """Pick the headline from the witnesses: a heading that another witness confirms, else the best of the others."""
    names = [fold(name) for name in site_names if name]
    path = urlsplit(document.url).path.split("/")[:-1]
    sections = {fold(name) for name in (*(said.value for said in facts.sections), *path)}
    others = _witnesses(document, facts, names, feed_title)
    cut = {said.value: without_site(said.value[:MAX_TITLE], names, sections) for said in others}
    exact = {fold(title) for both in cut.items() for title in both}
    headings = [*_headings(document.tree, "h1"), *_headings(document.tree, "h2")]
    for heading in headings:
        proper = without_kicker(heading, others)
        if fold(heading.whole) in exact:
            shown = proper or Said(heading.whole, "rule")
            short = without_site(shown.value, names)
            return Said(short, shown.method) if fold(short) in exact else shown
        for said in others:
            if squeezed(said.value) == squeezed(heading.whole) and len(fold(said.value)) > len(fold(heading.whole)):
                return Said(without_site(said.value, names), "rule")  # elements that the page sets apart by style alone
        if proper or (heading.tag == "h1" and any(_same(heading.bare, said.value) for said in others)):
            return proper or Said(heading.bare, "rule")
        if not facts.headlines and fold(heading.whole) not in names and fold(heading.whole) == _first_part(document.head_title):
            return Said(heading.whole, "rule")  # however short: the page says it twice, and the feed says something else
    for said in others:
        if title := cut[said.value]:
            return Said(title, said.method)
    for heading in headings:
        if fold(heading.whole) not in names:
            return Said(heading.bare, "rule")
    return Said(document.head_title, "meta") if document.head_title else Said("", "")


def _witnesses(document: Document, facts: Facts, names: Sequence[str], feed_title: str) -> list[Said]:
    """Return what gives the headline besides headings, without sites' names alone and what another gives in full."""
    others = [*facts.headlines]
    if feed_title:
        others.append(Said(feed_title, "feed"))
    if document.head_title:
        others.append(Said(document.head_title, "meta"))
    others = [said for said in others if fold(said.value) not in names]
    full = []
    for said in others:
        begun = CUT.sub("", said.value)
        if begun == said.value or not any(other.value.startswith(begun) and not CUT.search(other.value) for other in others):
            full.append(said)
    return full


def as_seen(title: Said, lines: Sequence[str]) -> Said:
    """Cut a title that no heading confirmed to the line of the page that shows it."""
    if title.method == "rule":
        return title
    for line in lines:
        if len(line) < max(SHORTEST, 0.4 * len(title.value)) or len(line) >= len(title.value):
            continue
        if title.value.startswith(line) and EDGE.match(title.value[len(line) :]):
            return Said(line, "rule")
        if title.value.endswith(line) and EDGE.match(title.value[: -len(line)][::-1]):
            return Said(line, "rule")
    return title


def with_topic(title: Said, facts: Facts, names: Iterable[str], lines: Sequence[str]) -> Said:
    """Put the topic in front of a heading ("Kenya: Nairobi from below"), where the page's own data count it in.

    Two kinds of structured data must agree on it, none may leave it out, and a line of the page must show it; the name of the site or of a
    section is no topic.
    """
    said = [Said(without_site(one.value, [fold(name) for name in names]), one.method) for one in facts.headlines]
    folded = fold(title.value)
    if any(fold(one.value) == folded for one in said):
        return title
    for one in said:
        whole = fold(one.value)
        topic = whole.removesuffix(" " + folded)
        if topic == whole or not folded or len(topic) > MAX_TOPIC or not TOPIC.match(one.value, len(topic)):
            continue
        agreed = len({other.method for other in said if fold(other.value) == whole}) > 1
        kinds = {fold(name) for name in (*names, *(section.value for section in facts.sections))}
        if agreed and topic not in kinds and any(fold(line) in (topic, whole) for line in lines):
            return Said(one.value, "rule")
    return title


def without_kicker(heading: Heading, others: Iterable[Said]) -> Said | None:
    """Return the witness that gives a heading without what stands before it, or in an element of its own behind it."""
    meant, last = {fold(heading.bare), fold(heading.apart)}, fold(heading.last)
    for said in others:
        bare = fold(said.value)
        for folded in meant:
            if len(bare) > SHORTEST and len(bare) >= KICKED * len(folded) and (
                folded.endswith(" " + bare) or (last and folded == f"{bare} {last}")
            ):
                return said
    return None


def without_site(title: str, names: Sequence[str], sections: Container[str] = ()) -> str:
    """Cut a site's name off either end of a title, when it stands behind a separator, and the section before it."""
    dated = DATED.search(title)
    if dated and (short := without_site(title[: dated.start()], names, sections)) != title[: dated.start()]:
        return short
    cut = False
    for _ in range(4):
        colon = title.rfind("：") if "：" in title else title.rfind(": ")  # or the mark before half a headline
        if colon > 0 and fold(title[colon:]) in names and title[colon - 1] not in " :":
            title, cut = title[:colon].strip(), True
        cuts = list(SEPARATORS.finditer(title)) if SEPARATOR.search(title) else []
        if not cuts:
            break
        first, last = cuts[0], cuts[-1]
        tail = title[last.end() :].strip()
        if _is_site(tail, names) or DOMAIN.match(tail) or (cut and fold(tail) in sections):
            title, cut = title[: last.start()], True
        elif _is_site(title[: first.start()], names):
            title = title[first.end() :]
        else:
            break
    return title.strip()


@lru_cache(maxsize=1024)  # a page's few titles and names are compared with one another again and again
def fold(text: str) -> str:
    """Return a text's words in lower case, for comparison."""
    return " ".join(WORD.findall(text.casefold()))


def squeezed(text: str) -> str:
    """Return a text's letters and digits in lower case, for comparison where spaces were lost."""
    return fold(text).replace(" ", "")


def _is_site(part: str, names: Iterable[str]) -> bool:
    """Tell a site's name, with a word more ("Online") or less than the page calls itself."""
    folded = fold(part)
    bare = folded.replace(" ", "")
    if not bare:
        return False
    for name in names:
        known = name.replace(" ", "")
        least = 4 if name.isascii() else 2
        if bare == known or (len(known) > least and bare.startswith(known) and len(bare) <= len(known) + LONGER):
            return True
        if len(bare) > 2 and folded not in PRONE and name.startswith(folded + " "):
            return True
    return False


def _headings(tree: HtmlElement, tag: str) -> list[Heading]:
    found = []
    for node in tree.iter(tag):
        whole = text_of(node)
        if 3 <= len(whole) <= MAX_TITLE and not _is_breadcrumb(node):
            apart = one_line(" ".join(str(text) for text in node.itertext()))
            last = text_of(node[-1]) if len(node) and not (node[-1].tail or "").strip() else ""
            found.append(Heading(tag, whole, _bare(node) or whole, apart, last))
        if len(found) >= 8:
            break
    return found


def _is_breadcrumb(node: HtmlElement) -> bool:
    """Tell a heading that only repeats the headline in the breadcrumb or the bar on top."""
    for one in (node, *node.iterancestors("ol", "ul", "nav", "li", "div")):
        if any("breadcrumb" in f"{name} {value}".lower() for name, value in one.attrib.items() if name != "style"):
            return True
    return False


def _bare(node: HtmlElement) -> str:
    if not any(
        KICKER.search((child.get("class") or "").lower()) or child.get("aria-hidden") == "true" for child in node
    ):
        return ""
    pieces = [node.text or ""]
    for child in node:
        if not KICKER.search((child.get("class") or "").lower()) and child.get("aria-hidden") != "true":
            pieces.append(text_of(child))
        pieces.append(child.tail or "")
    return one_line(" ".join(pieces)).strip(" :|–—-")


def _first_part(head_title: str) -> str:
    """What stands before the first separator of a <title>, folded."""
    return fold(SEPARATORS.split(head_title.strip(), maxsplit=1)[0]) if head_title else ""


def _same(heading: str, other: str) -> bool:
    one, two = fold(heading), fold(other)
    return bool(one) and (
        one == two
        or (len(one) > 15 and len(one) > 0.5 * len(two) and one in two)
        or (len(two) > 15 and len(two) > 0.6 * len(one) and two in one)
        or (len(two) > 15 and one.startswith(two) and CUT.search(other) is not None)
    )

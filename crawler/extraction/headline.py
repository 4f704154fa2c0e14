"""The headline that a reader sees: without the site's name, without the section in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from .document import Document, one_line, text_of
from .structured import Facts, Said

SEPARATORS = re.compile(r"\s+[|\-–—·•:»«>/~_]+\s+|\s*[|｜_»]+\s*|\s*[-—–]{2,}\s*|(?<=\S)\s+::\s+")
MAX_TITLE = 400
SHORTEST = 12  # folded characters that make a headline; less could be a section
KICKED = 0.5  # share of a heading that the headline in it has at least
SITE_EDGE = re.compile(r"^\s*[|｜_»«<>~·•–—\-]")
EDGE = re.compile(r"^\s*[|｜_»«<>~/·•:–—\-]")
MAX_TOPIC = 40
TOPIC = re.compile(r"\W{0,3}?\s*[:–—|/·-]\s*\S")  # what stands between a topic and the headline
KICKER = re.compile(
    r"kicker|overline|topline|roofline|dachzeile|spitzmarke|pretitle|eyebrow|antetitulo|antetítulo|surtitre|occhiello|flytitle"
)
WORD = re.compile(r"\w+")


def choose(document: Document, facts: Facts, site_names: Iterable[str], feed_title: str = "") -> Said:
    """Pick the headline from the witnesses: an <h1> that another witness confirms, else the best of the others."""
    names = [fold(name) for name in site_names if name]
    others = [*facts.headlines]
    if feed_title:
        others.append(Said(feed_title, "feed"))
    if document.head_title:
        others.append(Said(document.head_title, "meta"))
    exact = {fold(said.value) for said in others}
    headings = [*_headings(document.tree, ("h1",)), *_headings(document.tree, ("h2",))]
    for whole, bare in headings:
        if fold(whole) in exact:
            return without_kicker(whole, others)
        for said in others:
            if squeezed(said.value) == squeezed(whole) and len(fold(said.value)) > len(fold(whole)):
                return Said(without_site(said.value, names), "rule")  # elements that the page sets apart by style alone
        if any(_same(bare, said.value) for said in others):
            return without_kicker(bare, others)
        if not facts.headlines and fold(whole) not in names and fold(whole) == _first_part(document.head_title):
            return Said(whole, "rule")  # however short: the page says it twice, and the feed says something else
    for said in others:
        if title := without_site(said.value[:MAX_TITLE], names):
            return Said(title, said.method)
    return Said(headings[0][1], "rule") if headings else Said("", "")


def as_seen(title: Said, lines: Sequence[str]) -> Said:
    """Cut a title that no heading confirmed to the line of the page that shows it."""
    if title.method == "rule":
        return title
    for line in lines:
        if len(line) < max(SHORTEST, 0.4 * len(title.value)) or len(line) >= len(title.value):
            continue
        if title.value.startswith(line) and SITE_EDGE.match(title.value[len(line) :]):
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


def without_kicker(heading: str, others: Iterable[Said]) -> Said:
    """Drop what stands before the headline proper, when another witness gives the headline without it."""
    folded = fold(heading)
    for said in others:
        bare = fold(said.value)
        if len(bare) > SHORTEST and len(bare) >= KICKED * len(folded) and folded.endswith(" " + bare):
            return said
    return Said(heading, "rule")


def without_site(title: str, names: list[str]) -> str:
    """Cut a site's name off either end of a title, when it stands behind a separator."""
    for _ in range(3):
        cuts = list(SEPARATORS.finditer(title))
        if not cuts:
            break
        first, last = cuts[0], cuts[-1]
        if _is_site(title[last.end() :], names):
            title = title[: last.start()]
        elif _is_site(title[: first.start()], names):
            title = title[first.end() :]
        else:
            break
    return title.strip()


def fold(text: str) -> str:
    """Return a text's words in lower case, for comparison."""
    return " ".join(WORD.findall(text.casefold()))


def squeezed(text: str) -> str:
    """Return a text's letters and digits in lower case, for comparison where spaces were lost."""
    return fold(text).replace(" ", "")


def _is_site(part: str, names: list[str]) -> bool:
    folded = fold(part)
    squeezed = folded.replace(" ", "")
    return bool(folded) and any(
        folded == name
        or squeezed == name.replace(" ", "")
        or (len(name) > 4 and squeezed.startswith(name.replace(" ", "")))
        for name in names
    )


def _headings(tree: HtmlElement, tags: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the headings of a page, each whole and without what is marked as its kicker or as not shown."""
    found = []
    for node in tree.iter(*tags):
        whole = text_of(node)
        if 3 <= len(whole) <= MAX_TITLE and not _is_breadcrumb(node):
            found.append((whole, _bare(node) or whole))
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
    )

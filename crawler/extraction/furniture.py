"""Blocks that the page's own markup calls furniture: share bars, comment threads, newsletter boxes, embedded posts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from .anycase import AnyCase
from .lines import Line

# Words in class, id or a data attribute; as whole words of it, so that "shared-layout" and "uncommented" stay.
WORDS = AnyCase(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ation|ations)?|newsletters?|teasers?|promos?|promotion|infobox|factbox|"
    r"faktabox|faktaboks|author-?(?:bio|box|info|card|description)|bio|"
    r"subscri(?:be|ption)|social(?:-?(?:share|bar|media|login))?|share(?:-?(?:bar|buttons?|tools?))?|sharing|"
    r"comments?(?:-?(?:list|section|form|area))?|disqus|tags?(?:-?list)?|"
    r"breadcrumbs?|adverts?|advertisement|sponsored|cookie|consent|registration|login|signup|sign-up|most-?(?:read|"
    r"popular|viewed)|popular|trending|twitter-tweet|instagram-media|fb-post|"
    r"tiktok-embed|bluesky-embed|caption|credits?|copyright|disclaimer|feedback|poll|quiz|donat(?:e|ion)|"
    r"read-?(?:more|also|next)|see-?also|more-?(?:news|stories|articles|on)|audio-?player|"
    r"visually-hidden|visuallyhidden|sr-only|screen-reader(?:-text)?|print-only|not-prose|toolbar|tooltip|modal|popup|pop-up|overlay|sidebar|"
    r"widget)(?=$|[\s_-])",
)
UNSEEN = re.compile(r"(?:^|[\s_-])(?:visually-?hidden|sr-only|screen-reader(?:-text)?)(?=$|[\s_-])", re.IGNORECASE)
HEADLINES = frozenset(["h2", "h3", "h4"])
LINKED = 0.8  # of a heading that is a link
CARD_DEPTH = 4  # levels from a line of a teaser up to the box that holds its headline too
TEXT_TAGS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6"])
GUARD = 0.3  # of the page's prose: a block that holds more is the article, whatever it is called
MAX_NAMES = 300  # characters of a class or id that are looked at, and remembered
LEVELS = 7  # ancestors to look at above a line
NEVER_FURNITURE = frozenset(["body", "html", "article", "main"])


def marks_of(lines: Sequence[Line]) -> set[int]:
    """Return the indices of lines that stand in furniture."""
    mass: Counter[str | HtmlElement] = Counter()
    words: dict[HtmlElement, str] = {}
    holders: list[tuple[int, HtmlElement]] = []
    total = 0
    around: dict[HtmlElement, list[tuple[int, HtmlElement]]] = {}
    for at, line in enumerate(lines):
        size = line.weight
        total += size
        named = [node for _, node in _named_around(line.node, words, around)]
        for node in named:
            holders.append((at, node))
            mass[node] += size
        for word in {words[node] for node in named}:
            mass[word] += size
    limit = GUARD * total
    return {at for at, node in holders if mass[node] <= limit and mass[words[node]] <= limit}


def _named_around(
    node: HtmlElement, words: dict[HtmlElement, str], around: dict[HtmlElement, list[tuple[int, HtmlElement]]]
) -> list[tuple[int, HtmlElement]]:
    """Return what an element stands in, itself included, that is called furniture, and how many levels above it that is;
    `words` takes what it is called, `around` what was found for each element."""
    chain: list[HtmlElement] = []
    above: HtmlElement | None = node
    while above is not None and above not in around:
        chain.append(above)
        above = above.getparent()
    found = around[above] if above is not None else []
    for one in reversed(chain):
        found = [(level + 1, named) for level, named in found if level + 1 < LEVELS]
        if one.tag in NEVER_FURNITURE:
            found = []
        elif word := _word_of(one):
            words[one] = word
            found.append((0, one))
        around[one] = found
    return found


def cards_of(lines: Sequence[Line]) -> dict[int, HtmlElement]:
    """Return the lines that stand in teasers, each with its box: the smallest that holds a headline with a link."""
    headlines: Counter[HtmlElement] = Counter()
    for line in lines:
        if line.tag in HEADLINES and line.link_share > LINKED and leads_elsewhere(line.node):
            headlines.update(islice(line.node.iterancestors(), CARD_DEPTH))
    cards: dict[int, HtmlElement] = {}
    if not headlines:
        return cards
    smallest: dict[HtmlElement, HtmlElement | None] = {}
    for at, line in enumerate(lines):
        if line.node not in smallest:
            above = islice(line.node.iterancestors(), CARD_DEPTH)
            smallest[line.node] = next((one for one in above if one in headlines), None)
        box = smallest[line.node]
        if box is not None and headlines[box] == 1 and box.tag not in ("body", "html", "main"):
            cards[at] = box
    return cards


def leads_elsewhere(heading: HtmlElement) -> bool:
    """Tell a headline of another page from a sub-heading that links to itself."""
    links = [*heading.iter("a"), *islice(heading.iterancestors("a"), 1)]
    return any((href := link.get("href")) and not href.startswith("#") for link in links)


def _word_of(node: HtmlElement) -> str:
    if node.tag in TEXT_TAGS:
        # the class of a paragraph says how it looks, or who may read it
        return "unseen" if UNSEEN.search(node.get("class") or "") else ""
    return _word_in((node.get("class") or "")[:MAX_NAMES]) or _word_in((node.get("id") or "")[:MAX_NAMES])


@lru_cache(maxsize=20_000)
def _word_in(name: str) -> str:
    match = WORDS.search(name) if name else None
    return match[0].strip(" _-\n\t") if match else ""

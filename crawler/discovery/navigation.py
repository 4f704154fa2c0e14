"""Navigation: which links of a page lead to its sections, such as world, politics and culture.

A section is linked from a menu, with a short text, under an address without dates and numbers. What is linked so may
still be a shop: whether a page lists articles shows only when it is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.discovery.links import SUFFIX, Link, LinkPage, shape_of
from crawler.discovery.sections import FILES, LIST_FOLDERS, SITE_PAGES, headline_score
from crawler.urls import canonical, host_key

MENU = 3  # links in one kind of place, all with short texts, that make a menu where no mark-up says so
DEEPEST = 3  # segments of the address of a section
LONGEST_NAME = 40  # characters of its text

# Kiosque is made for international news: these sections are looked at first. Nothing else depends on the list.
_WORLD = re.compile(
    r"\b(?:world|international|internationa(?:l|les|l-news)|monde|mundo|mundial|internacional|welt|ausland|politik-ausland"
    r"|mondo|esteri|wereld|buitenland|världen|utrikes|udland|verden|utenriks|ulkomaat|maailma|świat|svět|zahraničí|svet"
    r"|külföld|lume|externe|dünya|dunia|internasional|thế giới|mir|v-mire)\b|guoji|kokusai|gukje"
    r"|国际|國際|国際|世界|국제|세계|в мире|мир|за рубежом|світ|свят|свет|العالم|دولي|خارجي|جهان|عالم|دنیا|विश्व|दुनिया|বিশ্ব|உலகம்"
    r"|ప్రపంచం|ลกรอบ|ต่างประเทศ|κόσμος|διεθνή|עולם|მსოფლიო|աշխարհ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Lead:
    """A link that may lead to a section."""

    url: str
    name: str
    world: bool  # it is called world, international or so


def section_leads(
    page: LinkPage, url: str, owns: Callable[[str], bool], articles: Collection[str] = ()
) -> tuple[Lead, ...]:
    """Links of a page that may lead to sections: world news first, then in page order.

    `articles`: canonical addresses that are known to be articles.
    """
    own, known = canonical(url), set(articles)
    short = {
        key: link
        for key, link in page.links.items()
        if key not in known and key != own and owns(key) and _may_be_section(key, link, own)
    }
    crowd = Counter(place for link in short.values() for place in set(link.places))
    leads = [
        Lead(link.url, link.title, bool(_WORLD.search(f"{link.title} {unquote(urlsplit(key).path)}")))
        for key, link in short.items()
        if set(link.zones) & {"nav", "header"} or any(crowd[place] >= MENU for place in link.places)
    ]
    return tuple(sorted(leads, key=lambda lead: not lead.world))


def _may_be_section(key: str, link: Link, own: str) -> bool:
    parts = urlsplit(key)
    segments = [unquote(segment).lower() for segment in parts.path.split("/") if segment]
    if not segments or len(segments) > DEEPEST or parts.query or FILES.search(parts.path):
        return False
    if host_key(key) == host_key(own) and urlsplit(own).path.startswith(parts.path.rstrip("/") + "/"):
        return False  # a folder above
    if (
        set(segments) & LIST_FOLDERS
        or SUFFIX.sub("", segments[-1]) in SITE_PAGES
        or link.rels & {"tag", "author", "nofollow"}
    ):
        return False
    if re.search(r"\d$", SUFFIX.sub("", segments[-1])):
        return False  # a further page of a list
    shape = shape_of(key)
    if shape.dated or shape.number >= 5 or shape.words >= 4:
        return False
    return 0 < len(link.title) <= LONGEST_NAME and headline_score(link.title) < 1.5

"""Who made the article: authors, editors and agencies, from structured data, the page's lines and the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.discovery.entry import Entry

from .anycase import AnyCase
from .creditlines import MAX_LINE, Credit, byline_of, closing_of, dateline_of, editors_of, helpers_of
from .dates import Place
from .document import one_line, text_of
from .lines import Line
from .names import agency_of, agency_parts, is_by, is_house, split, squeezed, unique
from .noise import SENTENCE_END
from .remembered import Remembered
from .roles import MENTIONED, parted
from .structured import Facts, Said
from .trim import in_figure

BEFORE_TITLE, AFTER_BODY = 4, 8  # lines around title and body that may hold a credit
BEFORE_TEXT = 12  # lines above the text, when the headline is not among them
BELOW_FIRST = 8  # lines below the first of the text
MOST_LINES = 60  # between headline and text; with more, the headline was found in the wrong place
PICTURE = AnyCase(r"photo|picture|bild|foto|imago|getty|image|illustration|صورة|фото|图片|写真|사진")
OF_PICTURE = re.compile(
    r"(?:^|[\s_-])(?:photos?|images?|imgs?|pictures?|captions?|figures?|bild(?:er)?|fotos?|legend|gallery|carousel|thumb(?:nail)?)(?=$|[\s_-])", re.I
)
LOGO = re.compile(r"logo|symbol|icon|avatar|agenc|author|byline|rounded-full|source|\.svg", re.I)
CAPTION = 300  # characters of a picture's box
PICTURE_LEVELS = 3  # elements around a credit that may be such a box
MAX_PEOPLE = 30
MAX_BYLINE = 120  # characters of a line of links to authors' pages ...
MOSTLY = 0.5  # ... which are so much of it
PARTS = (
    r"(?:[\s_-]{0,2}(?:[nN]ames?|[lL]inks?|[lL]ist|[iI]tem|[iI]nfo|[iI]nformation|[dD]etails?|[tT]ext|[mM]eta|[cC]ontainer|"
    r"[wW]rapper|[bB]lock|[bB]ox))*(?:__\w+|--[\w-]+)?(?:$|\s)"
)
MARKED = Remembered(re.compile(
    r"(?:^|[\s_-])(?:[aA]uthors?|[aA]utor(?:en|es|i)?|[aA]uteurs?|[bB]yline|[wW]riter|[aA]ttribution|zuozhe)"
    rf"{PARTS}|[a-z](?:Authors?|Byline){PARTS}"
))  # fmt: skip
AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|i)?|auteurs?|people|person(?:en)?|profiles?|journalists?|reporters?|by)/", re.I
)
INLINE = frozenset(["span", "em", "strong", "b", "i", "small", "cite", "a"])
LABEL = re.compile(r"\s+(?=[^\W\d]{1,12}[:：]\s?\S)")


@dataclass(frozen=True, slots=True)
class Credits:
    """The people and agencies behind an article, and the method that found each field."""

    authors: tuple[str, ...] = ()
    authors_by: str = ""
    editors: tuple[str, ...] = ()
    editors_by: str = ""
    agency: str = ""
    agency_by: str = ""
    dateline: str = ""
    dateline_by: str = ""


def choose(
    facts: Facts,
    lines: Sequence[Line],
    place: Place,
    text: Sequence[str],
    *,
    organisations: Iterable[str] = (),
    hint: Entry | None = None,
    rule: str = "",
) -> Credits:
    """Collect the credits. Structured data comes first; lines of the page fill what it leaves out."""
    organisations = tuple(organisations)
    authors, authors_by, agencies = _structured(facts, organisations, rule)
    agency_by = "jsonld" if agencies else ""
    editors = _names(facts.editors, organisations)
    editors_by = "jsonld" if editors else ""
    if not editors and (given := [(name, said.method) for said in facts.people for name in editors_of(said.value)]):
        editors, editors_by = unique(name for name, _ in given), given[0][1]
    head, tail = _head(lines, place), lines[place.last : place.last + AFTER_BODY]
    opening = next((credit for line in text[:2] if (credit := dateline_of(line)) is not None), None)
    seen = [_bylines(head), [opening] if opening else [], _bylines(tail)]
    known = {squeezed(name) for name in organisations if name}
    for credits in seen:
        if not authors:
            named = ([name for name in credit.people if squeezed(name) not in known] for credit in credits)
            authors = unique(next((names for names in named if names), []))
            authors_by = "rule" if authors else ""
    marked = _marked(head, organisations)
    if marked and (not authors or (authors_by == "rule" and set(authors) < set(marked))):
        authors, authors_by = marked, "rule"
    elif len(beside := _beside(head, authors, organisations)) > len(authors):
        authors, authors_by = beside, "rule"
    if authors_by == "rule" and seen[0]:
        authors = unique((*authors, *(name for line in (*tail, *head) for name in helpers_of(line.text))))
    if not authors and hint is not None:
        authors = unique(
            name for given in hint.authors for kind, name in split(given, organisations) if kind == "person"
        )
        authors_by = "feed" if authors else ""
    if not authors and (people := _confirmed(head, organisations)):
        authors, authors_by = people, "rule"
    if not agencies:
        by_line = [[name for credit in credits for name in credit.agencies] for credits in (seen[1], seen[0], seen[2])]
        by_line.append([*closing_of(text[-1])] if text else [])
        found = next((names for names in by_line if names), [])
        agencies, agency_by = unique(found), "rule" if found else ""
    if not authors:
        authors, authors_by = _house(facts, organisations)
        if agency_by == "rule" and authors_by == "meta":
            authors, authors_by = (), ""  # a template that names the site on every page
    if not editors:
        shown = [_apart(line) if MENTIONED.search(line.text) else line.text for line in (*head, *tail)]
        editors = unique(name for line in (*shown, *text[-2:]) for name in editors_of(line))
        editors_by = "rule" if editors else ""
    authors = tuple(name for name in authors if name not in editors) if authors_by == "rule" else authors
    dateline = facts.datelines[0].value if facts.datelines else opening.dateline if opening else ""
    return Credits(
        authors[:MAX_PEOPLE], authors_by if authors else "", editors[:MAX_PEOPLE], editors_by,
        ", ".join(agencies), agency_by, dateline, ("jsonld" if facts.datelines else "rule") if dateline else "",
    )  # fmt: skip


def _structured(
    facts: Facts, organisations: tuple[str, ...], rule: str
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    agencies: list[str] = []
    given = [Said(rule, "rule")] if rule else [*facts.people]
    methods = list(dict.fromkeys(said.method for said in given))
    authors: tuple[str, ...] = ()
    authors_by = ""
    for method in methods:
        parts = [part for said in given if said.method == method for part in split(parted(said.value)[0], organisations)]
        agencies += [name for kind, name in parts if kind == "agency"]
        people = unique(name for kind, name in parts if kind == "person")
        if people and not authors:
            authors, authors_by = people, method
    for said in facts.organisations:
        agencies += [name for kind, name in split(said.value) if kind == "agency"]
    return authors, authors_by, unique(agencies)


def _house(facts: Facts, organisations: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return who signs when no person does: the house or agency that structured data name as author, in their spelling.

    What meta elements name must be known as a house or an agency; templates put all kinds of things there.
    """
    known = {squeezed(name) for name in organisations if name}
    given = [*facts.organisations, *facts.people]
    for method in dict.fromkeys(said.method for said in given):
        signed = [
            name
            for said in given
            if said.method == method and is_house(said.value)
            for name in agency_parts(said.value)
            if method == "jsonld" or said in facts.organisations or squeezed(name) in known or agency_of(name)
        ]
        if signed:
            return unique(signed), method
    return (), ""


def _confirmed(lines: Sequence[Line], organisations: tuple[str, ...]) -> tuple[str, ...]:
    """Read a bare name that a second witness confirms: a link to an author's page."""
    names: list[str] = []
    for line in lines:
        if len(line.text) > MAX_BYLINE or SENTENCE_END.search(line.text) or in_figure(line.node):
            continue
        linked = [text_of(link) for link in line.node.iter("a") if AUTHOR_PAGE.search(link.get("href") or "")]
        if sum(map(len, linked)) < MOSTLY * len(line.text):
            continue
        for kind, name in (part for text in linked for part in split(text, organisations)):
            words = name.split()
            if kind == "person" and 2 <= len(words) <= 4 and not any(word[0].islower() for word in (words[0], words[-1])):
                names.append(name)
    return unique(names)


def _names(said: Iterable[Said], organisations: tuple[str, ...]) -> tuple[str, ...]:
    return unique(name for one in said for kind, name in split(one.value, organisations) if kind == "person")


def _head(lines: Sequence[Line], place: Place) -> list[Line]:
    start = place.title - BEFORE_TITLE if 0 <= place.title <= place.first else place.first - BEFORE_TEXT
    head = [*lines[max(0, start) : place.first + 1]]
    # a lead or a picture may stand between headline and byline
    head += [line for line in lines[place.first + 1 : place.first + BELOW_FIRST] if not line.weight]
    return head[-MOST_LINES:]


def _bylines(lines: Iterable[Line]) -> list[Credit]:
    """Read the bylines, but not those of pictures. The parts of a line are read for themselves if they say something."""
    found: list[Credit] = []
    label, sign = "", None
    for line in lines:
        if (len(line.text) > MAX_LINE and not label) or PICTURE.search(line.text) or in_figure(line.node):
            continue
        parts = [credit for part in _parts(line) if (credit := byline_of(part)) is not None]
        whole = None if parts else byline_of(f"{label} {_apart(line)}".strip())
        credits = parts or ([whole] if whole is not None else [])
        if credits and not any(credit.people for credit in credits) and _is_of_picture(line.node):
            continue
        if found and sign == _sign(line) and found[-1].people and len(credits) == 1 and credits[0].people:
            found[-1] = Credit((*found[-1].people, *credits[0].people), agencies=found[-1].agencies)  # one of a list
        else:
            found += credits
        sign = _sign(line) if credits else sign
        label = line.text if is_by(line.text) else ""  # "By" in one line, and who in the next
    return found


def _is_of_picture(node: HtmlElement) -> bool:
    """Tell the credit of a picture: its box is called one, or is small and holds one; a logo beside a byline is none."""
    if _is_marked(node):
        return False
    for box in (node, *islice(node.iterancestors(), PICTURE_LEVELS)):
        if box.tag in ("body", "article", "main", "header") or len(text_of(box)) > CAPTION:
            return False
        shown = any(not LOGO.search(" ".join(map(str, image.attrib.values()))) for image in box.iter("img", "amp-img"))
        if shown or OF_PICTURE.search(f"{box.get('class') or ''} {box.get('id') or ''}"):
            return True
    return False


def _apart(line: Line) -> str:
    """Return the text of a short line with spaces between its elements, which pages often set apart by style alone."""
    return one_line(" ".join(_pieces(line))) if len(line.node) and len(line.text) <= MAX_LINE else line.text


def _pieces(line: Line) -> list[str]:
    """Return the texts of a line's elements; the whole line, where it is only a part of what its node holds."""
    pieces: list[str] = []
    left = len(line.text)
    for text in line.node.itertext():
        if piece := str(text).strip():
            left -= len(piece)
            if left < 0:
                return [line.text]
            pieces.append(piece)
    return pieces


def _parts(line: Line) -> list[str]:
    """Return the inline elements of a line and its labelled parts ("2024-04-24 来源：新华社 作者：张三")."""
    if len(line.text) > MAX_LINE or (len(line.node) < 2 and ":" not in line.text and "：" not in line.text):
        return []  # one element is the line
    children = [text_of(child) for child in line.node if child.tag in INLINE]
    labelled = LABEL.split(parted(line.text)[0])
    cut = [re.split(r"(?<=[\u3040-\u9fff])\s", part.strip())[0] for part in labelled] if len(labelled) > 1 else []
    return [part for part in (*children, *cut) if part and part != line.text]


def _marked(lines: Sequence[Line], organisations: tuple[str, ...]) -> tuple[str, ...]:
    """Read lines whose block or link says by its class, rel or itemprop that an author stands there."""
    names: list[str] = []
    for line in lines:
        if len(line.text) > 100 or not _is_marked(line.node):
            continue
        pieces = [named for text in _pieces(line) for named in split(text, organisations)]
        whole = list(split(_apart(line), organisations))
        if not all(kind == "person" and " " in name for kind, name in pieces) and [kind for kind, _ in whole] == ["person"]:
            pieces = whole  # one name in several elements; else names and roles, each in an element of its own
        names += [name for kind, name in pieces if kind == "person" and 1 < len(name.split()) <= 4 and not name[0].islower()]
    return unique(names)


def _beside(lines: Sequence[Line], authors: tuple[str, ...], organisations: tuple[str, ...]) -> tuple[str, ...]:
    """Return the authors with those whom the page names in further lines like theirs; () if it shows not all of them."""
    lone = {line.text.casefold(): _sign(line) for line in lines if line.text in authors and _is_marked(line.node)}
    if len(lone) != len(authors) or len(set(lone.values())) != 1:
        return ()
    like = [line.text for line in lines if _sign(line) in lone.values() and not in_figure(line.node)]
    parts = [part for text in like for part in split(text, organisations)]
    return unique(name for _, name in parts) if all(kind == "person" for kind, _ in parts) else ()


def _sign(line: Line) -> tuple[str, str | None]:
    return line.tag, line.node.get("class")


def _is_marked(node: HtmlElement) -> bool:
    if node.tag == "address":
        return True  # HTML's element for who wrote the article that it stands in
    nodes = [node, *(child for child in node if isinstance(child.tag, str))]
    if (parent := node.getparent()) is not None:
        nodes.append(parent)
    return any(MARKED.is_in(one.get(name)) for one in nodes for name in ("class", "id", "rel", "itemprop"))

"""Reads the outlines of an OPML file, well-formed or not.

About half of the OPML files that people pass round are not well-formed XML, so there is no XML parser here: one pass
over the text finds the outline tags and their attributes. Nothing is declared, expanded or fetched, so that entity
bombs and external entities have nothing to work with, and the time taken grows with the size of the file alone.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5

LONGEST_VALUE = 8192  # characters; bounds the search for a closing quote that is missing

TAG = re.compile(r"<(/?)(outline|opml|body|head|rss|feed|title)(?=[\s/>])", re.IGNORECASE)
ATTRIBUTE = re.compile(
    rf"""[\s/]*+([^\s=<>/"']++)\s*+=\s*+(?:"([^"]{{0,{LONGEST_VALUE}}})"|'([^']{{0,{LONGEST_VALUE}}})'"""
    rf"""|([^\s"'<>]{{1,{LONGEST_VALUE}}}))"""
)
# The value before an attribute whose own opening quote ended it: text="A xmlUrl="http...
SWALLOWED = re.compile(r"(?is)(.*?)\s(?:text|title|type|version|xmlUrl|htmlUrl|url|description|language)\s*=\s*")
NEXT_ATTRIBUTE = re.compile(r"[^<>]{0,2000}?(?=\s[A-Za-z:]{2,20}\s?=\s?[\"'])")
TAG_END = re.compile(r"\s*+(/?)>")
REFERENCE = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,2000}", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class Outline:
    """One outline element: its attributes by lower-case name, and the outlines within it."""

    attributes: Mapping[str, str]
    children: list[Outline] = field(default_factory=list)


@dataclass(slots=True)
class Markup:
    """What the text of an OPML file holds, and what had to be mended to read it."""

    outlines: list[Outline] = field(default_factory=list)
    title: str = ""
    roots: set[str] = field(default_factory=set)  # which of opml, rss, feed ... are there at all
    repaired: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closing: bool
    empty: bool
    attributes: Mapping[str, str]
    start: int
    end: int


def decode(data: bytes) -> tuple[str, list[str]]:
    """Decode a file whose declared encoding may be wrong; also gives what was wrong, in words."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), []
    if data[:2] in (b"<\0", b"\0<"):
        return data.decode("utf-16-le" if data[0] else "utf-16-be", "replace"), []
    match = DECLARED.search(data[:400])
    declared = match[1].decode("ascii").lower() if match else "utf-8"
    try:
        codec = codecs.lookup(declared).name
    except LookupError:
        codec = ""
    stateful = codec.startswith("iso2022") or codec == "hz"  # these are ASCII in bytes, and so look like UTF-8
    if not stateful:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            wrong = codec not in ("utf-8", "ascii") and not data.isascii()
            return text, [f"the encoding is declared as {declared} and is UTF-8"] if wrong else []
    if codec and codec not in ("utf-8", "ascii", "iso8859-1"):
        try:
            return data.decode(codec), []
        except (UnicodeDecodeError, LookupError):
            pass
    # What calls itself Latin-1 is Windows-1252 (WHATWG Encoding Standard)
    notes = [] if codec == "iso8859-1" else [f"the text is not {declared}: read as Windows-1252"]
    return data.decode("cp1252", "replace"), notes


def read_markup(data: bytes) -> Markup:
    """Find the outlines in the bytes of an OPML file."""
    text, notes = decode(data)
    markup = Markup(repaired=notes)
    clean = CONTROL.sub("", text)
    if clean != text:
        markup.repaired.append("control characters taken out")
    counts: dict[str, int] = {}
    text = _without_doctype(COMMENT.sub("", clean))
    tags = list(_tags(text, counts))
    markup.roots = {tag.name for tag in tags}
    markup.title = _title(text, tags)
    _nest(_paired([tag for tag in tags if tag.name == "outline"]), markup, counts)
    markup.repaired += [f"{what} ({number})" for what, number in counts.items()]
    return markup


def _without_doctype(text: str) -> str:
    match = DOCTYPE.search(text)
    if match is None:
        return text
    inside = text[match.end() : match.end() + 1] == "["
    end = text.find(">", max(text.find("]", match.end()), match.end()) if inside else match.end())
    return text[: match.start()] + (text[end + 1 :] if end >= 0 else "")


def _tags(text: str, counts: dict[str, int]) -> Iterator[_Tag]:
    position = 0
    while match := TAG.search(text, position):
        attributes: dict[str, str] = {}
        position = _attributes(text, match.end(), attributes, counts)
        end = TAG_END.match(text, position)
        if end is None:
            _count(counts, "tags that do not end")
        else:
            position = end.end()
        yield _Tag(match[2].lower(), bool(match[1]), bool(end and end[1]), attributes, match.start(), position)


def _attributes(text: str, position: int, attributes: dict[str, str], counts: dict[str, int]) -> int:
    """Read the attributes of one tag into `attributes`; gives the position behind the last one."""
    while True:
        found = ATTRIBUTE.match(text, position)
        if found is None:
            further = None if TAG_END.match(text, position) else NEXT_ATTRIBUTE.match(text, position)
            if further is None or further.end() == position:
                return position
            _count(counts, "quotes that were not escaped")
            position = further.end()
            continue
        name, group, position = found[1].lower(), found.lastindex or 0, found.end()
        value = found[group]
        if swallowed := SWALLOWED.fullmatch(value):
            _count(counts, "quotes that were not closed")
            value, position = swallowed[1], found.start(group) + swallowed.end(1)
        if group == 4:
            _count(counts, "attributes without quotes")
        if name in attributes:
            _count(counts, "attributes given twice: the first one taken")
        else:
            attributes[name] = _unescape(value, counts)


def _unescape(value: str, counts: dict[str, int]) -> str:
    def reference(match: re.Match[str]) -> str:
        body = match[1]
        if body and (body[0] == "#" or body in html5):
            if body[0] != "#" and body not in ("amp;", "lt;", "gt;", "quot;", "apos;"):
                _count(counts, "entities of HTML")
            return html.unescape(match[0])
        _count(counts, "entities that nothing declares, kept as text" if body else "& that was not escaped")
        return match[0]

    if "<" in value:
        _count(counts, "< that was not escaped")
    return " ".join(CONTROL.sub("", REFERENCE.sub(reference, value)).split())


def _title(text: str, tags: list[_Tag]) -> str:
    start = next((tag.end for tag in tags if tag.name == "title" and not tag.closing), None)
    return "" if start is None else _unescape(text[start : text.find("<", start)][:500], {})


def _paired(tags: list[_Tag]) -> list[_Tag]:
    """Make one empty tag of each start tag that its closing tag follows without anything between."""
    paired: list[_Tag] = []
    for tag in tags:
        last = paired[-1] if paired else None
        if last and tag.closing and not last.closing and not last.empty and last.end == tag.start:
            paired[-1] = _Tag(last.name, False, True, last.attributes, last.start, tag.end)
        else:
            paired.append(tag)
    return paired


def _nest(tags: list[_Tag], markup: Markup, counts: dict[str, int]) -> None:
    opened = [tag for tag in tags if not tag.closing and not tag.empty]
    folders = sum("xmlurl" not in tag.attributes for tag in opened)
    closings = sum(tag.closing for tag in tags)
    # With as many closing tags as folders, it is the feeds whose closing tags are missing
    feeds_stay_open = closings <= folders < len(opened)
    stack: list[Outline] = []
    for tag in tags:
        if tag.closing:
            if stack:
                stack.pop()
            else:
                _count(counts, "closing tags that close nothing")
            continue
        outline = Outline(tag.attributes)
        (stack[-1].children if stack else markup.outlines).append(outline)
        if not tag.empty and not (feeds_stay_open and "xmlurl" in tag.attributes):
            stack.append(outline)
    missing = len(opened) - closings
    if missing > 0:
        counts["outlines that are not closed"] = missing


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1

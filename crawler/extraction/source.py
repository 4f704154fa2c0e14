"""The source of a page, in UTF-8, before it is parsed: what nobody reads is cut out, as whole elements."""

from __future__ import annotations

import re

# How an element begins that is cut, and how it ends. In lower case only, as nearly all pages write it: what is missed
# is parsed. Elements come before comments when both begin at one place.
OPENING = re.compile(rb"<(?:!--|script|style|svg)(?=[\s>/]|(?<=--))")
MAX_ATTRIBUTES = 2000  # of a tag: real ones have some dozens, and libxml2 takes quadratic time, 4 s for 50,000
_ATTRIBUTE = rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
# A tag as far as its attributes are counted, and one more if there is one. Each stretch is read once.
TAG = re.compile(rb"<[A-Za-z][^\s/>]*+(?:%b){0,%d}+(%b)?+" % (_ATTRIBUTE, MAX_ATTRIBUTES, _ATTRIBUTE))
LONG_TAG = 2 * MAX_ATTRIBUTES  # bytes that so many attributes take at least
MANY_VALUES = 20_000  # of a page; among so many a tag may be hidden that seems to end before it does: `a=">" b=">"`
STRUCTURED = re.compile(rb"<script[^>]{0,500}ld\+json", re.IGNORECASE)


def is_crowded(page: bytes) -> bool:
    """Tell whether a tag has so many attributes that it would take seconds to parse. A long value is no matter."""
    if page.count(b"=") > MANY_VALUES:
        return any(tag[1] for tag in TAG.finditer(page))
    at = 0
    for piece in page.split(b"<"):
        if len(piece) > LONG_TAG and b">" not in piece[: LONG_TAG + 1] and (tag := TAG.match(page, at - 1)) and tag[1]:
            return True
        at += len(piece) + 1
    return False


def without_code(page: bytes) -> bytes:
    """Return a page without comments, styles, drawings and scripts, except scripts that hold structured data.

    They are more than half of what a page weighs, and take as much time to parse. HTML (section 13.2.5) ends a script
    and a style at the first end tag of their name, whatever stands before it, and a comment at the first `-->`. An
    element without an end stays with all that follows.
    """
    pieces: list[bytes] = []
    at = copied = 0
    while found := OPENING.search(page, at):
        start, name = found.start(), found[0][1:]
        if name == b"!--":
            # `<!-->` is a whole comment
            end = page.find(b"-->", start + 2)
            after = end + 3
        else:
            end = page.find(b"</" + name, start)
            after = page.find(b">", end) + 1 if end >= 0 else 0
        if end < 0 or after <= 0:
            break
        if name == b"script" and STRUCTURED.match(page, start):
            at = after
            continue
        if name == b"svg" and page.find(b"<svg", start + 4, end) >= 0:
            at = start + 4
            continue
        pieces.append(page[copied:start])
        at = copied = after
    return b"".join([*pieces, page[copied:]]) if pieces else page

"""The source text of a page before it is parsed: what nobody reads is cut out, as whole elements."""

from __future__ import annotations

import re

# How an element begins that is cut, and how it ends. In lower case only, as nearly all pages write it: what is missed
# is parsed. Elements come before comments when both begin at one place.
OPENING = re.compile(r"<(?:!--|script|style|svg)(?=[\s>/]|(?<=--))")
MAX_ATTRIBUTES = 2000  # of a tag: real ones have some dozens, and libxml2 takes quadratic time, 4 s for 50,000
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
# A tag as far as its attributes are counted, and one more if there is one. Each stretch is read once.
TAG = re.compile(rf"<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+({_ATTRIBUTE})?+")
LONG_TAG = re.compile(rf"<[A-Za-z][^<>]{{{2 * MAX_ATTRIBUTES}}}")
MANY_VALUES = 20_000  # of a page; among so many a tag may be hidden that seems to end before it does: `a=">" b=">"`
STRUCTURED = re.compile(r"<script[^>]{0,500}ld\+json", re.IGNORECASE)


def is_crowded(text: str) -> bool:
    """Tell whether a tag has so many attributes that it would take seconds to parse. A long value is no matter."""
    if text.count("=") > MANY_VALUES:
        return any(tag[1] for tag in TAG.finditer(text))
    found = (TAG.match(text, long.start()) for long in LONG_TAG.finditer(text))
    return any(tag and tag[1] for tag in found)


def without_code(text: str) -> str:
    """Return a page without comments, styles, drawings and scripts, except scripts that hold structured data.

    They are more than half of what a page weighs, and take as much time to parse. HTML (section 13.2.5) ends a script
    and a style at the first end tag of their name, whatever stands before it, and a comment at the first `-->`. An
    element without an end stays with all that follows.
    """
    pieces: list[str] = []
    at = copied = 0
    while found := OPENING.search(text, at):
        start, name = found.start(), found[0][1:]
        if name == "!--":
            # `<!-->` is a whole comment
            end = text.find("-->", start + 2)
            after = end + 3
        else:
            end = text.find(f"</{name}", start)
            after = text.find(">", end) + 1 if end >= 0 else 0
        if end < 0 or after <= 0:
            break
        if name == "script" and STRUCTURED.match(text, start):
            at = after
            continue
        if name == "svg" and text.find("<svg", start + 4, end) >= 0:
            at = start + 4
            continue
        pieces.append(text[copied:start])
        at = copied = after
    return "".join([*pieces, text[copied:]]) if pieces else text

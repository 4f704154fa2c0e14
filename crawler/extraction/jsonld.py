"""JSON-LD as it is found: mostly JSON, with the faults that templates and plugins put into it."""

from __future__ import annotations

import html
import json
import re
from typing import Any

MAX_MENDED = 200_000  # characters of a script that is worth mending; longer ones hold lists of products
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MISSING_COMMA = re.compile(r'(["}\]0-9el])(\s{0,80}?\n\s{0,80})(?="[\w@:]{1,60}"\s*:)')
COMMENT = re.compile(r"^[ \t]*//[^\n]*$|/\*[^*]{0,20000}(?:\*(?!/)[^*]{0,20000}){0,200}\*/", re.MULTILINE)
CDATA = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/)\s*+;?\s*+$"
)
BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')


def loads(text: str) -> Any:
    """Parse JSON-LD as it is found: as it stands, then with the usual faults mended. None when nothing helps."""
    text = text.strip().lstrip("\ufeff")
    mended = text
    if len(text) > MAX_MENDED:
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return None
    for repair in (_as_is, _without_wrapping, _without_faults, _unescaped):
        mended = repair(mended)
        try:
            return json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
    try:
        return json.JSONDecoder(strict=False).raw_decode(mended)[0]
    except (ValueError, RecursionError):
        return None


def _as_is(text: str) -> str:
    return text


def _without_wrapping(text: str) -> str:
    return CDATA.sub("", CDATA.sub("", text)).strip().rstrip(";")


def _without_faults(text: str) -> str:
    text = BAD_ESCAPE.sub(r"\\\\", COMMENT.sub("", text))
    return TRAILING_COMMA.sub(r"\1", MISSING_COMMA.sub(r"\1,\2", text))


def _unescaped(text: str) -> str:
    return TRAILING_COMMA.sub(r"\1", html.unescape(text)) if "&quot;" in text else text.rstrip("; \n\t)")

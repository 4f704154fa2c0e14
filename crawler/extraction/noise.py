"""Which lines stand around the article and not in it, told by what such lines look like in any layout."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from . import phrases
from .anycase import lowered

SHORT = 110  # characters; a longer line that begins with "Share" is a sentence
LONG_LABEL = 45  # what follows a label such as "Tags:" or "Share" without a colon
SENTENCE_END = re.compile(r"[.!?。！？؟।…]['\"”’»)\]]*$")


class Kind(StrEnum):
    """What a line is."""

    TEXT = "text"
    UPDATED = "updated"
    SHARE = "share"
    COMMENT = "comment"
    RELATED = "related"
    PROMOTION = "promotion"
    TAGS = "tags"
    COPYRIGHT = "copyright"
    PICTURE = "picture"


UPDATED = phrases.beginnings(phrases.UPDATED)
PUBLISHED = phrases.beginnings(phrases.PUBLISHED)
TABLES = (
    (Kind.SHARE, phrases.beginnings(phrases.SHARE)),
    (Kind.COMMENT, phrases.beginnings(phrases.COMMENTS)),
    (Kind.RELATED, phrases.beginnings(phrases.RELATED)),
    (Kind.PROMOTION, phrases.beginnings(phrases.PROMOTION)),
    (Kind.TAGS, phrases.beginnings(phrases.TAGS)),
    (Kind.COPYRIGHT, phrases.beginnings(phrases.COPYRIGHT)),
    (Kind.PICTURE, phrases.beginnings(phrases.PICTURE)),
)
READING = re.compile(
    r"^\D{0,30}\d{1,3}\s?(?:min|мин|分|분|хв|perc|dk|phút|นาที|menit|λεπτ|دق|मिनट|মিনিট)\w{0,6}\b.{0,25}$", re.IGNORECASE
)
READ_WORDS = re.compile(
    r"read|lese|lecture|lectura|leitura|lettura|lees|läs|læse|czyta|čten|чтен|чита|阅读|閱讀|読|읽|قراءة|okuma|baca|đọc|olvas|citire|ανάγνωση|पढ़|lukuaika",
    re.IGNORECASE,
)
DIGIT = re.compile(r"\d")


def has_digit(line: str) -> bool:
    """Tell whether a digit of any kind stands in a line."""
    return DIGIT.search(line) is not None or (not line.isascii() and any(char.isdigit() for char in line))


def kind_of(line: str) -> Kind:
    """Classify one line. A line that could be a sentence of the article is TEXT."""
    return Kind.TEXT if len(line) > SHORT else _kind_of_short(line)


@lru_cache(maxsize=4096)  # each step asks about the same lines
def _kind_of_short(line: str) -> Kind:
    low = lowered(line)
    if UPDATED.match_lowered(low) and DIGIT.search(line) and not SENTENCE_END.search(line):
        return Kind.UPDATED
    if len(line) < 60 and READING.match(line) and READ_WORDS.search(line):
        return Kind.PROMOTION
    for kind, pattern in TABLES:
        if match := pattern.match_lowered(low):
            rest = line[match.end() :].strip()
            if match[0][-1] in ":：" or _is_label(rest, kind):
                return kind
    return Kind.TEXT


def _is_label(rest: str, kind: Kind) -> bool:
    """Tell "Share this article on:" from "Share prices fell on Monday." by what follows the phrase."""
    if not rest or rest[0] in ":：|/>»→-–—(›":
        return True
    if rest[-1] in ":：»→›>":
        return True
    if kind in (Kind.COPYRIGHT, Kind.PICTURE):
        return not SENTENCE_END.search(rest) or kind is Kind.COPYRIGHT
    if SENTENCE_END.search(rest):
        return False
    words = rest.split()
    if kind is Kind.COMMENT:
        return len(words) <= 2
    return len(rest) <= LONG_LABEL and len(words) <= 4 and not any(char in rest for char in ",;")

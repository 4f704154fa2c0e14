"""The plain records that pass between the crawler and the archive.

Times are text in UTC, `YYYY-MM-DDTHH:MM:SSZ`; a publication time known only to the day is `YYYY-MM-DD`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Write an aware datetime as `YYYY-MM-DDTHH:MM:SSZ`. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: only aware times are kept")
    # isoformat and not strftime: the latter drops the leading zeros of years before 1000
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_utc(text: str) -> datetime:
    """Read what `utc_text` wrote, or a bare `YYYY-MM-DD` (taken as midnight UTC). Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """What extraction makes of one page: an article that the archive does not know yet.

    `provenance` says for each filled field which method gave it: `jsonld`, `opengraph`, `meta`, `microdata`, `time`,
    `rule`, `feed`, `trafilatura`, `htmldate`, `url`, `source`, `langid`.
    """

    title: str
    text: str  # one block a line, NFC, no NUL
    reading: str = ""  # the same as Markdown, with sub-headings, quotations, lists and links
    summary: str = ""
    language: str = ""  # BCP 47 primary subtag, such as "fr"
    section: str = ""
    published_at: str = ""
    published_raw: str = ""  # what the page said, word for word
    modified_at: str = ""
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    agency: str = ""
    dateline: str = ""
    tags: tuple[str, ...] = ()
    image_url: str = ""
    canonical_url: str = ""  # absolute; "" when the page names none
    amp_url: str = ""
    paywalled: bool = False
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def word_count(self) -> int:
        """Number of words; a character of a script without spaces counts as one."""
        return count_words(self.text)


# A letter of these scripts is a word; an apostrophe, a hyphen or a mark parts no word.
_CHINESE = "\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003134f"
_LETTER, _JOINT = f"[^\\W_{_CHINESE}]", "['’\u2011\u0300-\u036f\u064b-\u065f-]"
_WORD = re.compile(f"[{_CHINESE}]|{_LETTER}++(?:{_JOINT}++{_LETTER}*+)*+")


def count_words(text: str) -> int:
    """Count words; each Chinese or Japanese character counts as one, runs of other letters and digits as one."""
    return len(_WORD.findall(text))

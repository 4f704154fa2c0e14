"""Plain text and times out of what feeds and sitemaps write."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_TITLE = 500  # characters: no headline is longer, and titles are shown in lists
MAX_SUMMARY = 5_000  # characters: some feeds put the whole article here; a hint needs its beginning
MAX_NAME = 200  # characters of the name of an author or a tag
MAX_LANGUAGE = 35  # characters: what RFC 5646 4.4.1 asks implementations to hold
MAX_AUTHORS = 50  # of one entry; no byline names more
MAX_PROBLEMS = 20  # of one listing
_LONGEST_TIME = 80  # characters: an RFC 822 date with comments takes 50
OLDEST_YEAR = 1990  # before it there was no web: such a date is a default or a slip

_TAG = re.compile(r"<!--|-->|<!\[CDATA\[|\]\]>|<(/?)([a-zA-Z][\w:-]*)[^<>]*>?|<[!?][^<>]*>")
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "head"})
_INLINE = re.compile(
    r"a|abbr|b|bdi|bdo|big|cite|code|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|time|u|wbr", re.IGNORECASE
)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&(?:#\d|#[xX]|[a-zA-Z]+;)")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")

# W3C note "Date and Time Formats" with what is seen in the wild: a space for the T, no colon in the zone, no zone
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)"
    r"(?:[Tt ]\s?(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?)?)?"
)


def plain(markup: str, limit: int) -> str:
    """Turn text or HTML into one line of plain text: no tags, scripts, entities, controls or surrogates; NFC.

    Linear in the length looked at. Escaped twice is unescaped twice, as many feeds do it.
    """
    text = _UNSAFE.sub("", markup[: limit * 10])
    for _ in range(3):
        if not _MARKUP.search(text):
            break
        text = html.unescape(_without_tags(text))
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", _UNSAFE.sub("", text))).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def names(texts: list[str]) -> tuple[str, ...]:
    """Clean the names of authors: no addresses, no empty or repeated ones, in order."""
    found: dict[str, None] = {}
    for text in texts:
        name = _EMAIL.sub(" ", plain(text, MAX_NAME)).replace("mailto:", " ")
        name = re.sub(r"\(\s*\)|<\s*>|\[\s*\]", " ", name).strip(" ,;:|-–")
        if name.startswith("(") and name.endswith(")"):  # "a@b.c (Jane Doe)", RSS 2.0's own form
            name = name[1:-1].strip()
        name = _BLANKS.sub(" ", name)
        if name and not name.lower().startswith(("http://", "https://")):
            found.setdefault(name)
    return tuple(found)[:MAX_AUTHORS]


def few(problems: list[str]) -> tuple[str, ...]:
    """Keep each problem once, and of very many the first: they are shown to a person and kept with the feed."""
    different = list(dict.fromkeys(problems))
    more = len(different) - MAX_PROBLEMS
    return tuple(different[:MAX_PROBLEMS]) + ((f"and {more} more problems",) if more > 0 else ())


def w3c_time(text: str) -> datetime | None:
    """Read a W3C date of any precision, or an RFC 822 one, as aware UTC; without a zone it is taken as UTC."""
    text = text.strip()
    if len(text) > _LONGEST_TIME:
        return None
    match = _W3C.fullmatch(text)
    if match is None:
        return _rfc822_time(text)
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    fraction = int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        # a leap second, and the 24:00 of some systems, are clipped to the minute's end
        moment = datetime(
            year or 0, month or 1, day or 1, min(hour or 0, 23), minute or 0, min(second or 0, 59), fraction, tzinfo=UTC
        )
        return moment - _offset(match[8] or "")
    except (ValueError, OverflowError):
        return None


def plausible(moment: datetime | None, now: datetime | None) -> bool:
    """Say whether an article can have this time: after the web began, and not later than a day from now."""
    if moment is None or moment.year < OLDEST_YEAR:
        return False
    return now is None or moment <= now + timedelta(days=1)


def _rfc822_time(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _offset(zone: str) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if delta > timedelta(hours=15):
        raise ValueError(f"no zone is at {zone}")
    return -delta if zone[0] == "-" else delta


def _without_tags(text: str) -> str:
    kept: list[str] = []
    position = 0
    waiting = ""  # the closing tag that ends what is being skipped
    for match in _TAG.finditer(text):
        name = (match[2] or match[0][:4]).lower()
        if not waiting:
            kept.append(text[position : match.start()])
            if name == "<!--":
                waiting = "-->"
            elif name in _SILENT and not match[1]:
                waiting = name if not match[0].endswith("/>") else ""
            elif not _INLINE.fullmatch(name):
                kept.append(" ")
        elif name == "-->" == waiting or (name == waiting and match[1]):
            waiting = ""
        position = match.end()
    if not waiting:
        kept.append(text[position:])
    return "".join(kept)

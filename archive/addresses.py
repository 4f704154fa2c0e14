"""What the form of a URL says of the article behind it: its number, its variants, and what cannot be an article's address.

URLs come in canonical form. None of this decides alone: two pages are one article when their texts agree too.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

SLUG_WORDS = 2  # of a part of a path that names a story

_ALTERNATE_HOST = re.compile(r"^(?:(?:www\d?|m|mobile|mobil|amp|wap)\.)+(?=[^.]+\.)")
_AMP_PARAMETER = re.compile(
    r"(?:amp|outputtype=amp|amp=[^&]*|amphtml=[^&]*|m=1|mobile=[^&]*|view=mobile|_amp=[^&]*)$", re.I
)
_AMP_SUFFIX = re.compile(r"(?:\.amp(?=\.html?$)|\.amp$|/amp(?:\.html?)?$|(?<=\w)-amp(?=\.html?$))", re.I)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|shtml|jsp)$", re.I)
_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2,4})?", re.I)
_VARIANT_PART = re.compile(r"(?:amp|m|mobile|print|all|full|page|seite|\d{1,2}|single|view)(?:\.html?)?", re.I)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # UUID
    r"|(?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{12,}"
    r"|(?=(?:\d*[a-z]){2})(?=(?:[a-z]*\d){3})[0-9a-z]{10,16}"
    r"|[a-z]{0,2}\d{4,})(?![0-9a-z])",
    re.I,
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DATE = re.compile(r"(?:19|20)\d\d(?:[01]\d(?:[0-3]\d)?)?")


def is_front_page(url: str) -> bool:
    """Is a URL that of a site itself, or of its edition in a language?"""
    parts = urlsplit(url)
    path = _INDEX.sub("", parts.path).rstrip("/")
    return not parts.query and (not path or _LANGUAGE.fullmatch(path) is not None)


def is_above(url: str, page: str) -> bool:
    """Is a URL a section that a page stands in? `/world/` is above `/world/2026/slug`, and `/world/slug` is not above
    `/world/slug/amp`: it names a story."""
    one, other = urlsplit(url), urlsplit(page)
    if one.query or _host(one.netloc) != _host(other.netloc):
        return False
    upper, lower = (_INDEX.sub("", parts.path).strip("/").split("/") for parts in (one, other))
    rest = lower[len(upper) :]
    if not rest or lower[: len(upper)] != upper or all(_VARIANT_PART.fullmatch(part) for part in rest):
        return False
    return not number_of(url) and (_is_slug(rest[-1]) or bool(number_of(page)) or not _is_slug(upper[-1]))


def number_of(url: str) -> str:
    """The number of an article in the path of its URL, which stays when its headline, and with it the URL, changes; ""
    when there is none. The last of several; a date is none."""
    found = [match[0].lower() for match in _NUMBER.finditer(unquote(urlsplit(url).path))]
    return next((number for number in reversed(found) if not _DATE.fullmatch(number.lstrip(_LETTERS))), "")


def is_renamed(before: str, after: str) -> bool:
    """Do two URLs with the same number differ in the words that name the story, and in nothing that makes a variant?"""
    if variant_key(before) == variant_key(after) or not (number := number_of(after)) or number != number_of(before):
        return False
    one, other = (unquote(urlsplit(url).path).lower().strip("/").split("/") for url in (before, after))
    if len(one) != len(other) or _host(urlsplit(before).netloc) != _host(urlsplit(after).netloc):
        return False
    return any(a != b and (_is_slug(a) or _is_slug(b)) for a, b in zip(one, other, strict=True))


def variant_key(url: str) -> str:
    """A key on which the desktop, mobile and AMP variants of one page agree, with or without `www.` and TLS."""
    parts = urlsplit(url)
    path = _AMP_SUFFIX.sub("", _INDEX.sub("", parts.path).rstrip("/"))
    path = re.sub(r"^/(?:amp|m|mobile)(?=/)", "", path)
    query = "&".join(part for part in parts.query.split("&") if part and not _AMP_PARAMETER.match(part))
    return f"{_host(parts.netloc)}{_INDEX.sub('', path).rstrip('/')}" + (f"?{query}" if query else "")


def _host(netloc: str) -> str:
    return _ALTERNATE_HOST.sub("", netloc)


def _is_slug(part: str) -> bool:
    """Does a part of a path name a story: some words?"""
    return len(_WORD.findall(_NUMBER.sub("", unquote(part).rpartition(".")[0] or unquote(part)))) >= SLUG_WORDS

"""What an answer says about robots, copies and mining: X-Robots-Tag, meta elements, TDM reservations. Pure.

Only two of these change what is done: `noarchive` (no copy is kept) and, on section pages, `nofollow`. All are recorded.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archive.exchanges import Exchange, Wishes
from crawler.fetch.identity import PRODUCT
from crawler.fetch.robotstxt import RobotsTxt

HEAD = 256 * 1024  # bytes of a page in which its meta elements are looked for; heads of real pages end within 100 KB
LONGEST_TAG = 4000
MOST_KEPT = 300  # characters of what was said
US = frozenset({"robots", PRODUCT.lower()})
NO_COPY = frozenset({"noarchive", "nocache"})  # two names of one wish
NO_LINKS = frozenset({"nofollow", "none"})
NO_AI = frozenset({"noai", "noimageai"})
WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_AGENT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s*:\s*(.*)", re.DOTALL)
_PLACE = re.compile(rb"<(?:(!--)|(script|style|title|template|noscript)\b|(meta)\b|(body)\b)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([A-Za-z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_TAG = re.compile(rb"<meta\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def of_answer(exchange: Exchange, body: bytes, robots: RobotsTxt | None, now: datetime) -> Wishes:
    """What an answer said; `body` without its content encoding, `robots` of its host."""
    metas = list(_metas(body)) if exchange.status == 200 and _is_markup(exchange, body) else []
    tags = [value for name, value in exchange.headers if name.lower() == "x-robots-tag"]
    directives = _for_us(tags, now) | _of_metas(metas, now)
    reserved: dict[str, object] = {}
    for name, value in (*_reserving(exchange.headers), *_reserving(metas)):
        reserved.setdefault(name.lower().replace("-", "_"), value.strip()[:MOST_KEPT])
    if noai := sorted(NO_AI & directives.keys()):
        reserved["robots"] = noai
    if robots is not None and (closed := robots.closed_to(exchange.url)):
        reserved["ai_agents"] = list(closed)
    if robots is not None and robots.usage:
        reserved["robots_txt"] = list(robots.usage)
    return Wishes(
        robots=", ".join(directives.values())[:MOST_KEPT],
        reserved=reserved or None,
        withheld=bool(NO_COPY & directives.keys()),
        nofollow=bool(NO_LINKS & directives.keys()),
    )


def _reserving(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    names = ("tdm-reservation", "tdm-policy", "content-usage", "content-signal")
    return ((name, value) for name, value in pairs if name.lower() in names)


def _for_us(tags: Iterable[str], now: datetime) -> dict[str, str]:
    """Restrictions of X-Robots-Tag headers: name -> as said. A name before a colon is an agent, and counts up to the
    next one, as in "otherbot: noindex, nofollow"."""
    found: dict[str, str] = {}
    for tag in tags:
        agent = "robots"
        for piece in _pieces(tag):
            named = _AGENT.match(piece)
            if named is not None and named[1].lower() not in WITH_VALUE:
                agent, piece = named[1].lower(), named[2]
            if agent in US:
                found |= _directive(piece, now)
    return found


def _of_metas(metas: Iterable[tuple[str, str]], now: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, content in metas:
        if name.lower() in US:
            for piece in _pieces(content):
                found |= _directive(piece, now)
    return found


def _pieces(text: str) -> list[str]:
    """The directives of a list; a comma may also stand in a date."""
    pieces: list[str] = []
    for piece in re.split(r"[,;]", text):
        # "Friday, 25-Jun-10 15:00:00 PST"
        if pieces and "unavailable_after" in pieces[-1].lower() and not re.search(r"\d", pieces[-1].partition(":")[2]):
            pieces[-1] += f",{piece}"
        else:
            pieces += piece.split() if ":" not in piece else [piece]  # some leave the commas out
    return pieces


def _directive(piece: str, now: datetime) -> dict[str, str]:
    name, _, value = (part.strip() for part in piece.partition(":"))
    name = name.lower()
    if name == "unavailable_after":
        passed = {"noindex": "noindex"} if _is_past(value, now) else {}
        return {name: f"{name}: {value}", **passed}
    # "index", "follow", "all" and "max-..." forbid nothing
    return {name: name} if name.startswith("no") and len(name) < 40 else {}


def _is_past(text: str, now: datetime) -> bool:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < now
    return False


def _is_markup(exchange: Exchange, body: bytes) -> bool:
    declared = exchange.header("content-type").lower()
    return "html" in declared or body[:512].lstrip().startswith(b"<") or body.startswith(_MARKS)


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """Name and content of the meta elements before the body of a page, without those in comments and scripts.

    Runs over the bytes once: a page of opening marks alone costs no more than another.
    """
    head = body[:HEAD]
    if head.startswith(_MARKS):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    lower, place = head.lower(), 0
    while (found := _PLACE.search(head, place)) is not None:
        comment, raw, meta, _ = found.groups()
        if comment or raw:
            end = lower.find(b"-->" if comment else b"</" + raw.lower(), found.end())
            if end < 0:
                return
            place = end + 2
        elif meta:
            tag = _TAG.match(head, found.start(), found.start() + LONGEST_TAG)
            place = found.end()
            if tag is not None:
                pair = _pair(tag[0])
                if pair is not None:
                    yield pair
                place = tag.end()
        else:
            return


def _pair(tag: bytes) -> tuple[str, str] | None:
    said: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag):
        value = next((one for one in values if one), b"")
        said.setdefault(name.decode("ascii").lower(), html.unescape(value.decode("utf-8", "replace")))
    name = said.get("name") or said.get("http-equiv")
    return (name.strip(), said.get("content", "")) if name else None

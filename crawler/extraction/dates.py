"""When the article was published and changed: the page's witnesses, and which of them is believed.

The rule (see docs/extraction.md): JSON-LD before meta before microdata before `<time>` before the visible line before
the feed before the URL. A witness that names only a day, or midnight, gives way to a later one that names a time on
that day; one without a zone gives way to a later one with a zone that differs from it by nothing else.
A time in the future, before the web, or of an "updated" banner is none. What the page says about being changed never
becomes the time of publication while it says anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from lxml.html import HtmlElement

from crawler.discovery.entry import Entry

from . import furniture
from .datelines import changed_on, find_dates
from .document import absolute
from .lines import Line
from .moments import Moment, parse_machine
from .noise import PUBLISHED, SENTENCE_END, UPDATED, has_digit
from .structured import Facts

SKEW = timedelta(minutes=15)  # clocks of publishers run ahead of ours by minutes, not by hours
FARTHEST = timedelta(hours=14)  # that a zone is from UTC
QUARTER, ROUNDED = timedelta(minutes=15), timedelta(minutes=1)  # what zones are multiples of; seconds that a page left out
OLDEST = date(1990, 1, 1)  # nothing on the web is older; archives that are say so in their text
DATE_LINE = 220  # characters of the longest line that dates an article
REST = 80  # characters beside date and time; a longer line is a sentence about a day ...
REST_OF_DAY = 30  # ... and a day without a time may end a picture's caption
BEFORE_TITLE, AFTER_BODY = 8, 6  # lines that may hold the date around title and body
TITLE_PARTS = re.compile(r"\s[|–—·-]\s")
URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D)")


@dataclass(frozen=True, slots=True)
class Times:
    """The times of an article as the archive keeps them, and the method that gave each."""

    published: str = ""
    published_raw: str = ""
    published_by: str = ""
    modified: str = ""
    modified_by: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where title and body stand among the page's lines."""

    title: int  # index of the line of the headline, -1 when it is not among them
    first: int  # first line of the body
    last: int


def choose(
    facts: Facts,
    lines: Sequence[Line],
    place: Place,
    *,
    url: str,
    zone: tzinfo,
    language: str,
    now: datetime,
    hint: Entry | None = None,
    rule: str = "",
) -> Times:
    """Decide between the witnesses. `rule` is the text that a source's own rule pointed at; it comes first."""
    published, modified = _structured(facts, zone, language, now)
    seen, changed = _visible(lines, place, zone, language, now, [witness[0].day for witness in published[:1]])
    ruled = [(m, "rule") for m in _read(rule, zone, language, now)] if rule else []
    witnesses = [*ruled, *published, *_time_elements(lines, place, zone, url), *seen]
    witnesses += _behind_title(facts, zone, language, now)
    if hint is not None and hint.published is not None:
        witnesses.append((_of_feed(hint.published), "feed"))
    if by_url := _in_url(url):
        witnesses.append((by_url, "url"))
    sound = [witness for witness in witnesses if _is_sound(witness[0], now)]
    chosen = _vote(sound)
    altered = [witness for witness in [*modified, *changed] if _is_sound(witness[0], now)]
    if chosen is None and altered:
        chosen = altered[0]
    latest = altered[0] if altered else None
    if chosen and latest and latest[0].instant and chosen[0].instant and latest[0].instant < chosen[0].instant:
        latest = None
    return Times(
        chosen[0].text if chosen else "",
        chosen[0].raw if chosen else "",
        chosen[1] if chosen else "",
        latest[0].text if latest else "",
        latest[1] if latest else "",
    )


_Witness = tuple[Moment, str]


def _vote(witnesses: Sequence[_Witness]) -> _Witness | None:
    """Take the first witness, unless it knows only the day and a later one the time on that day."""
    if not witnesses:
        return None
    first = witnesses[0]
    if first[0].instant is not None and not first[0].at_midnight and not _local_midnight(first[0]):
        return next((other for other in witnesses[1:] if _gives_zone(other[0], first[0])), first)
    for other in witnesses[1:]:
        exact = other[0].instant is not None and not other[0].at_midnight
        if exact and abs((other[0].day - first[0].day).days) <= (0 if other[1] != "feed" else 1):
            return other
    return first


def _gives_zone(other: Moment, moment: Moment) -> bool:
    """Whether `other` is the same time of day with a zone, which `moment` leaves out: they differ by quarters of an hour."""
    if moment.zoned or not other.zoned or moment.instant is None or other.instant is None:
        return False
    apart = abs(other.instant - moment.instant)
    return apart <= FARTHEST and (apart + ROUNDED) % QUARTER < 2 * ROUNDED


def _local_midnight(moment: Moment) -> bool:
    """Whether the page wrote 00:00:00 in its own zone, which no newsroom types."""
    return re.search(r"[T ]00:00(?::00(?:\.0+)?)?(?:\D|$)", moment.raw) is not None


def _structured(facts: Facts, zone: tzinfo, language: str, now: datetime) -> tuple[list[_Witness], list[_Witness]]:
    published = [(m, said.method) for said in facts.published for m in _read(said.value, zone, language, now)]
    modified = [(m, said.method) for said in facts.modified for m in _read(said.value, zone, language, now)]
    return published, modified


def _read(text: str, zone: tzinfo, language: str, now: datetime) -> list[Moment]:
    """Read a field that holds a date, as machines write it or as people do."""
    machine = parse_machine(text, zone)
    return [machine] if machine else [found.moment for found in find_dates(text, zone, language, now)][:1]


def _of_feed(when: datetime) -> Moment:
    return Moment(when.astimezone(UTC).date(), when.astimezone(UTC), True, "")


def _is_sound(moment: Moment, now: datetime) -> bool:
    if moment.day < OLDEST:
        return False
    if moment.instant is None:
        return moment.day <= (now + timedelta(hours=14)).date()
    return moment.instant <= now + SKEW


def _header(lines: Sequence[Line], place: Place) -> Iterator[int]:
    """Yield the places where a date may stand: between title and body, then below the body, then above the title."""
    anchor = place.title if 0 <= place.title <= place.first else max(0, place.first - BEFORE_TITLE)
    yield from range(anchor, min(place.first + 2, len(lines)))
    # a lead or a picture may stand between headline and date
    yield from (at for at in range(place.first + 2, min(place.first + 8, len(lines))) if not lines[at].weight)
    yield from range(place.last, min(place.last + AFTER_BODY, len(lines)))
    yield from range(max(0, anchor - BEFORE_TITLE), anchor)


def _visible(
    lines: Sequence[Line], place: Place, zone: tzinfo, language: str, now: datetime, days: Sequence[date]
) -> tuple[list[_Witness], list[_Witness]]:
    """Read the lines around the article. `days` are those of publication so far, for what was "updated: 16:30"."""
    published: list[_Witness] = []
    modified: list[_Witness] = []
    for at in _header(lines, place):
        line = lines[at].text
        if len(line) > DATE_LINE or not has_digit(line):
            continue
        masthead = at < place.title
        previous = 0
        for found in find_dates(line, zone, language, now):
            rest = len(line) - (found.end - found.start)
            if rest > (REST if found.moment.instant else REST_OF_DAY) and not PUBLISHED.match(line):
                break
            if rest > REST_OF_DAY and SENTENCE_END.search(line[found.end :]):
                break
            before = line[previous : found.start].strip(" |·•-–—,;(")
            previous = found.end
            label = before.rsplit("|", 1)[-1].strip()
            if UPDATED.match(label) or (label and UPDATED.search(label[-30:].lstrip())):
                modified.append((found.moment, "rule"))
            elif not masthead or PUBLISHED.match(label) or _is_article_date(found.moment, now):
                published.append((found.moment, "rule"))
        day = published[-1][0].day if published else days[0] if days else None
        if day and not masthead and (changed := changed_on(line[previous:], day, zone)):
            modified.append((changed, "rule"))
    return published, modified


def _is_article_date(moment: Moment, now: datetime) -> bool:
    """Tell a date above the headline from today's date in the masthead: it has a time, or is of another day."""
    return moment.instant is not None or moment.day < (now - timedelta(days=2)).date()


def _time_elements(lines: Sequence[Line], place: Place, zone: tzinfo, url: str) -> list[_Witness]:
    """Read `<time datetime>` around the headline; one further down dates a link or a comment, one in a teaser's box what
    that leads to."""
    header = [at for at in _header(lines, place) if _times_of(lines[at].node)]
    cards = furniture.cards_of(lines) if header else {}
    own, boxes = cards.get(place.title), set(cards.values())
    witnesses: list[_Witness] = []
    marked: list[_Witness] = []
    seen: set[HtmlElement] = set()
    for at in header:
        box = lines[at].node if lines[at].node in boxes else cards.get(at)
        if box is not None and box is not own:
            continue
        for node in _times_of(lines[at].node):
            if node in seen:
                continue
            seen.add(node)
            stamp = node.get("datetime") or ""
            if (
                (moment := parse_machine(stamp, zone))
                and not UPDATED.match(lines[at].text)
                and not _says_modified(node)
                and not _of_another(node, url)
            ):
                witnesses.append((moment, "time"))
                marked += [witnesses[-1]] if _says_published(node) else []
    return [*marked, *witnesses]


def _times_of(node: HtmlElement) -> list[HtmlElement]:
    if node.tag == "time":
        return [node]
    found = list(node.iterfind("time")) or list(node.iterfind("*/time"))
    parent = node.getparent()
    return [parent] if not found and parent is not None and parent.tag == "time" else found


def _behind_title(facts: Facts, zone: tzinfo, language: str, now: datetime) -> Iterator[_Witness]:
    """Read a date that stands alone behind the headline, as in "Bridge reopens | The Example | 28.04.2023"."""
    for said in facts.headlines:
        last = TITLE_PARTS.split(said.value)[-1]
        if last != said.value and len(last) < REST_OF_DAY:
            found = next(find_dates(last, zone, language, now), None)
            if found is not None and (found.start, found.end) == (0, len(last)):
                yield found.moment, said.method


def _says_modified(node: HtmlElement) -> bool:
    marks = f"{node.get('itemprop') or ''} {node.get('class') or ''}".lower()
    return "modif" in marks or "updat" in marks


def _says_published(node: HtmlElement) -> bool:
    return node.get("pubdate") is not None or "publish" in f"{node.get('itemprop') or ''} {node.get('class') or ''}".lower()


def _of_another(node: HtmlElement, url: str) -> bool:
    """Whether a `<time>` stands in a link to another page: a teaser's."""
    link = next(node.iterancestors("a"), None)
    href = (link.get("href") or "").strip() if link is not None else ""
    return bool(href) and absolute(url, href).split("#")[0].rstrip("/") not in ("", url.split("#")[0].rstrip("/"))


def _in_url(url: str) -> Moment | None:
    match = URL_DATE.search(url + "/")
    try:
        return (
            Moment(date(int(match[1]), int(match[2]), int(match[3])), None, False, "")
            if match
            else None
        )
    except ValueError:
        return None

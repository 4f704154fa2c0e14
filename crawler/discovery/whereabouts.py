"""Whereabouts: the language, country, time zone and name of a site, by what it says of itself and what speaks against it.

Each is decided by votes: every sign counts for one value, some more than others, and what was counted is told.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global

from crawler.codes import COUNTRIES, LANGUAGES, check_language
from crawler.discovery.homepage import Said
from crawler.extraction.language import detect, primary
from crawler.sites import host_of, registered_domain

# Top-level domains of countries that are sold for what they sound like
_GENERIC_TLDS = frozenset("tv io co me ai fm to cc ly am gg vc ws sh la is it.com eu".split())
_SPOKEN_EVERYWHERE = frozenset("en fr es pt ar de zh nl".split())  # their home country says little about a site
_DEFAULT_LOCALE = "en-US"  # what site builders write when nobody says otherwise
_OFFSET = re.compile(rb"\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?([+-]\d\d):?(\d\d)(?!\d)")
_MOST_OFFSETS = 400  # that are looked at
_TITLE_BREAK = re.compile(r"\s+[|\u2013\u2014\u00b7\u2022:»\u00ab-]+\s+|\s*[|»«\uff1a\uff5c]\s*|: |--|_")


class Sure(StrEnum):
    """How sure something is."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "a guess"


@dataclass(frozen=True, slots=True)
class Found:
    """A value, how sure it is, and the evidence in words."""

    value: str
    sure: Sure
    because: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Where another source is: what is usual there is likely here."""

    country: str
    zone: str
    language: str


def language_of(said: Sequence[Said], words: str) -> Found:
    """The language tag: what the site says, and what its headlines are written in."""
    votes = [(tag, one.where) for one in said if (tag := _tag(one.value))]
    declared = Counter(tag.partition("-")[0] for tag, _ in votes)
    common = declared.most_common(1)[0][0] if declared else ""
    read, how = detect(words, common)
    read = primary(read) if how == "langid" else ""
    if read not in LANGUAGES and read != common:
        read = ""  # a guess at a language that few sites are in is mostly a mistake
    chosen = read or common
    if not chosen:
        return Found("und", Sure.GUESS, "nothing says which language it is in")
    by = [where for tag, where in votes if tag.partition("-")[0] == chosen]
    evidence = [f"says {_listed(by)}"] if by else []
    evidence += [f"its headlines read as {read}"] if read else []
    if common and common != chosen:
        evidence.append(f"although it calls itself {common}")
    sure = Sure.SURE if by and read else Sure.LIKELY if by or read else Sure.GUESS
    return Found(_refined(chosen, [tag for tag, _ in votes]), sure, "; ".join(evidence))


def place_of(
    home: str,
    locales: Sequence[Said],
    countries: Sequence[Said],
    language: str,
    offsets: Sequence[int],
    peers: Sequence[Peer],
    now: datetime,
) -> tuple[Found, Found]:
    """Country and time zone. `offsets`: minutes from UTC of the times that the site writes; `peers`: other sources."""
    common = {offset for offset, count in Counter(offsets).items() if count >= 0.2 * len(offsets) and offset}
    country = _country(home, locales, countries, language)
    if country.sure is Sure.GUESS and common and not _fitting(_zones(country.value, peers), common, now):
        # what is spoken everywhere says nothing against the clock
        like = [peer for peer in peers if _offsets(peer.zone, now) & common]
        best = Counter(like).most_common() or []
        same = [peer for peer, _ in best if peer.language.partition("-")[0] == language.partition("-")[0]]
        if chosen := (same or [peer for peer, _ in best])[:1]:
            said = f"its times are {_offset_list(common)}, as those of other sources there"
            return Found(chosen[0].country, Sure.GUESS, said), Found(chosen[0].zone, Sure.LIKELY, said)
    return country, _zone(country, common, peers, now)


def _country(home: str, locales: Sequence[Said], countries: Sequence[Said], language: str) -> Found:
    """In two small letters: by the address, by what the site says, and last by its language."""
    votes: Counter[str] = Counter()
    why: defaultdict[str, list[str]] = defaultdict(list)

    def vote(country: str, weight: int, reason: str) -> None:
        country = {"uk": "gb"}.get(country.lower(), country.lower())
        if country in COUNTRIES and country != "zz" and reason not in why[country]:
            votes[country] += weight
            why[country].append(reason)

    top = host_of(home).rpartition(".")[2]
    if top not in _GENERIC_TLDS and registered_domain(host_of(home)):
        vote(top, 5, f"its address ends in .{top}")
    for said in countries:
        vote(_country_code(said.value), 4, said.where)
    for said in locales:
        if region := _region(said.value):
            default = said.value.replace("_", "-").lower() == _DEFAULT_LOCALE.lower()
            vote(region, 1 if default else 3, f"{said.where} is {said.value}")
    main = language.partition("-")[0]
    likely = "" if main == "und" else get_global("likely_subtags").get(main, "").rpartition("_")[2]
    vote(likely, 1 if main in _SPOKEN_EVERYWHERE else 3, f"the language is {language}")
    if not votes:
        return Found("zz", Sure.GUESS, "nothing says where it is published")
    (country, weight), *rest = votes.most_common(2)
    clear = weight >= 5 and (not rest or rest[0][1] <= weight / 2)
    sure = Sure.SURE if clear else Sure.LIKELY if weight >= 3 else Sure.GUESS
    return Found(country, sure, "; ".join(why[country]))


def _zone(country: Found, common: Collection[int], peers: Sequence[Peer], now: datetime) -> Found:
    zones = _zones(country.value, peers) if country.value != "zz" else []
    if fitting := _fitting(zones, common, now):
        sure = Sure.LIKELY if country.sure is Sure.GUESS else Sure.SURE
        return Found(fitting[0], sure, f"a zone of its country with the offset of its times, {_offset_list(common)}")
    against = f", although its times are {_offset_list(common)}" if common else ""
    if not zones:
        return Found("UTC", Sure.GUESS, "nothing says where it is published")
    usual = any(peer.country == country.value for peer in peers)
    why = (
        "the one zone of its country"
        if len(zones) == 1
        else "the zone of other sources there"
        if usual
        else "one of several"
    )
    sure = Sure.LIKELY if (len(zones) == 1 or usual) and not against and country.sure is not Sure.GUESS else Sure.GUESS
    return Found(zones[0], sure, why + against)


def _zones(country: str, peers: Sequence[Peer]) -> list[str]:
    """The zones of a country, those of other sources first, the most frequent one before all."""
    used = Counter(peer.zone for peer in peers if peer.country == country)
    every = [
        zone for zone, owner in get_global("zone_territories").items() if owner == country.upper() and _exists(zone)
    ]
    return list(dict.fromkeys([zone for zone, _ in used.most_common()] + every))


def _fitting(zones: Iterable[str], common: Collection[int], now: datetime) -> list[str]:
    return [zone for zone in zones if _offsets(zone, now).intersection(common)]


def offsets_in(body: bytes) -> list[int]:
    """The offsets from UTC, in minutes, of the times that a feed or sitemap writes."""
    found = []
    for match in list(_OFFSET.finditer(body[: 2 * 1024 * 1024]))[:_MOST_OFFSETS]:
        hours, minutes = int(match[1]), int(match[2])
        if abs(hours) <= 14 and minutes in (0, 15, 30, 45):
            found.append(hours * 60 + (minutes if hours >= 0 else -minutes))
    return found


def name_of(said: Sequence[Said], feeds: Sequence[str], home: str) -> Found:
    """The publisher's name: what the page calls the site; of titles, the part that they share or that is like a name.

    `feeds`: the titles of its feeds.
    """
    host = host_of(home).removeprefix("www.")
    for one in said:
        if one.where != "<title>":
            return Found(_tidy(one.value), Sure.SURE, f"{one.where} of its home page")
    parts = [part for one in said for part in _parts(one.value)]
    shared = Counter({part: sum(title.startswith(part) or part in _parts(title) for title in feeds) for part in parts})
    if shared.total():
        return Found(shared.most_common(1)[0][0], Sure.LIKELY, "in its title and in that of a feed")
    stem = registered_domain(host).partition(".")[0] or host
    squeezed = {part: re.sub(r"[\W_]+", "", part).lower() for part in parts}
    alike = [part for part, text in squeezed.items() if len(text) > 2 and (text in stem or stem in text)]
    if alike:
        return Found(min(alike, key=len), Sure.LIKELY, "the part of its title that is like its address")
    if parts:
        return Found(min((parts[0], parts[-1]), key=len), Sure.GUESS, "a part of its title")
    if feeds and feeds[0]:
        return Found(_tidy(feeds[0]), Sure.GUESS, "the title of its feed")
    return Found(host or home, Sure.GUESS, "its address")


def _parts(title: str) -> list[str]:
    return [tidy for part in _TITLE_BREAK.split(title) if (tidy := _tidy(part))]


def _listed(items: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(items))


def _tag(text: str) -> str:
    base = primary(text)
    try:
        return check_language(base) + (f"-{region.upper()}" if (region := _region(text)) else "") if base else ""
    except ValueError:
        return ""


def _region(text: str) -> str:
    found = re.fullmatch(r"\s*[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})\b.*", text)
    return found[1].lower() if found else ""


def _refined(language: str, tags: Sequence[str]) -> str:
    """Portuguese of Brazil and traditional Chinese are told apart from the others, as the catalogue does."""
    regions = {tag.partition("-")[2] for tag in tags if tag.startswith(language)}
    if language == "pt" and "BR" in regions:
        return "pt-BR"
    return "zh-Hant" if language == "zh" and regions & {"TW", "HK", "MO"} else language


def _country_code(text: str) -> str:
    if len(text) == 2:
        return text
    named: Callable[[str], str | None] = {name.lower(): code for code, name in Locale("en").territories.items()}.get
    return named(text.lower()) or ""


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _offsets(zone: str, now: datetime) -> set[int]:
    """The offsets of a zone in winter and in summer."""
    year = now.astimezone(UTC).year
    moments = (datetime(year, month, 1, tzinfo=UTC) for month in (1, 7))
    found = (moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments)
    return {int(offset.total_seconds() // 60) for offset in found if offset is not None}


def _offset_list(offsets: Iterable[int]) -> str:
    return ", ".join(map(_offset_words, sorted(offsets)))


def _offset_words(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" \t|-–—:·»«")[:200]

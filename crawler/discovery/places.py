"""Places: the feeds, sitemaps and sections that were found of a site, and which of them its source file should name.

More listings mean more requests for ever, so a listing has to add something: one whose entries another one has as well is
left out, with the reason, and so is one that is no longer fed while others are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawler.discovery.probing import STALE_DAYS, twin
from crawler.urls import canonical

MOST_FEEDS = 20  # in one source file
MOST_SITEMAPS = 3
MOST_SECTIONS = 6
ADDS = 1 / 3  # of the articles of a section must be in no feed and no sitemap
FEED, SITEMAP, SECTION = "feed", "sitemap", "section"


@dataclass(frozen=True, slots=True)
class Place:
    """A listing that was read, or one that was not and might be worth it."""

    url: str
    kind: str  # FEED, SITEMAP, SECTION
    sort: str  # rss, atom, newssitemap, ...
    why: str  # how it was found
    name: str = ""
    keys: frozenset[str] = field(default=frozenset(), repr=False)  # canonical addresses of its entries
    newest: datetime | None = None
    left_out: str = ""  # why it is not in the source file

    @property
    def news(self) -> bool:
        """Tell whether it is a sitemap of the last two days."""
        return self.sort == "newssitemap"

    @property
    def because(self) -> str:
        """The evidence in words."""
        newest = f", the newest of {self.newest:%Y-%m-%d %H:%M} UTC" if self.newest else ""
        links = f"{len(self.keys)} links" if self.kind == SECTION else f"{self.sort}, {len(self.keys)} entries"
        return f"{self.why}: {links}{newest}"

    def stale(self, now: datetime) -> bool:
        """Tell whether its newest entry is old."""
        return self.newest is not None and now - self.newest > timedelta(days=STALE_DAYS)


def chosen(places: Iterable[Place], now: datetime) -> list[Place]:
    """The places in the same order, those left out with the reason."""
    every = list(places)
    good = [place for place in every if not place.left_out]
    kept: dict[str, Place] = {}
    reasons: dict[str, str] = {}
    feeds = _fed([place for place in good if place.kind == FEED], now, reasons)
    _without_twins(sorted(feeds, key=lambda place: -len(place.keys)), MOST_FEEDS, kept, reasons)
    maps = [place for place in good if place.kind == SITEMAP]
    if any(place.news for place in maps):
        for place in maps:
            if not place.news:
                reasons[place.url] = "a news sitemap has what is new"
    maps = _fed([place for place in maps if place.url not in reasons], now, reasons)
    _without_twins(sorted(maps, key=lambda place: -len(place.keys)), MOST_SITEMAPS, kept, reasons)
    known = frozenset[str]().union(*(place.keys for place in kept.values()))
    _adding([place for place in good if place.kind == SECTION], known, bool(kept), reasons)
    return [replace(place, left_out=place.left_out or reasons.get(place.url, "")) for place in every]


def with_home(places: Iterable[Place], home: str) -> list[Place]:
    """All places; the home page is one only where there is no other."""
    every = list(places)
    if any(not place.left_out for place in every):
        return [place for place in every if canonical(place.url) != canonical(home) or place.kind != SECTION]
    return [replace(place, left_out="") if place.url == home else place for place in every]


def _fed(places: Sequence[Place], now: datetime, reasons: dict[str, str]) -> list[Place]:
    """Those that are still fed; all if none is, since old news is more than nothing."""
    fresh = [place for place in places if not place.stale(now)]
    if fresh and any(place.newest for place in fresh):
        for place in places:
            if place.stale(now):
                reasons[place.url] = f"nothing new since {place.newest:%Y-%m-%d}"
        return fresh
    return list(places)


def _without_twins(places: Iterable[Place], most: int, kept: dict[str, Place], reasons: dict[str, str]) -> None:
    mine: list[Place] = []
    for place in places:
        if same := twin(place.keys, ((other.url, other.keys) for other in mine)):
            reasons[place.url] = f"all of it is in {same}"
        elif len(mine) >= most:
            reasons[place.url] = f"{most} are enough"
        else:
            mine.append(place)
            kept[place.url] = place


def _adding(sections: Iterable[Place], known: frozenset[str], others: bool, reasons: dict[str, str]) -> None:
    """Leave out sections that add little to feeds, sitemaps and the sections before them."""
    count = 0
    for place in sections:
        new = place.keys - known
        if others and len(new) < ADDS * len(place.keys):
            reasons[place.url] = (
                f"{len(place.keys) - len(new)} of its {len(place.keys)} articles are in the listings above"
            )
        elif not new:
            reasons[place.url] = "all of its articles are in the sections above"
        elif count >= MOST_SECTIONS:
            reasons[place.url] = f"{MOST_SECTIONS} are enough"
        else:
            count += 1
            known |= place.keys

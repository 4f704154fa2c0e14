"""Findings: what a survey found of a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.discovery.patterns import Learned
from crawler.discovery.places import Place
from crawler.discovery.probing import Candidate
from crawler.discovery.whereabouts import Found
from crawler.errors import FeedError


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found of a site."""

    home: str
    name: Found
    language: Found
    country: Found
    timezone: Found
    places: tuple[Place, ...]
    domains: tuple[str, ...]  # further sites that its listings lead to
    pattern: Learned | None
    unseen: tuple[Candidate, ...]  # named by the site, and not looked at
    requests: int
    at: datetime
    trouble: str = ""  # why it was broken off

    @property
    def used(self) -> tuple[Place, ...]:
        """The places that the source file names."""
        return tuple(place for place in self.places if not place.left_out)


class NothingThere(FeedError):
    """The home page could not be had or read; the message says why."""

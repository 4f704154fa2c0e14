"""Traps: addresses without end, told by their form, and forms of address that bear no articles. Pure.

A calendar, a filter or a relative link gone wrong makes new addresses as fast as they are fetched. What no article looks
like is refused unseen. What could be one is tried; once enough addresses of a form brought nothing, or took their share
of a run, the others of that form make room.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import unquote

from archive.likeness import shared
from crawler.urls import MAX_LENGTH, canonical

DEEPEST = 15  # folders; articles of news sites lie three to eight deep
MOST_PARAMETERS = 12  # of a query; articles have one to five, filters as many as there are boxes to tick
ROUNDS_OF_ONE = 3  # times that one folder follows itself; twice is a section of the name of its site
ROUNDS_OF_MANY = 2  # times that two or more folders follow themselves
LONGEST_ROUND = 5  # folders in one round
TOLD = 1_000  # characters of a text that are compared with those of other pages of its title
RETOLD = 0.8  # of their shingles in common: a page that names what was asked for differs in a sentence
MOST_TOLD = 8  # texts of one title that are remembered
_DIGITS = re.compile(r"\d+")
_PARTS = re.compile(r"[-_+.,~ ]")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}$")


def refusal(url: str) -> str:
    """Why an address is a trap by its form alone; empty for what may be an article."""
    if len(url) > MAX_LENGTH:
        return f"an address of {len(url)} characters, more than {MAX_LENGTH}"
    path, query = _path_and_query(url)
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > DEEPEST:
        return f"{len(segments)} folders deep, more than {DEEPEST}"
    names = [part.partition("=")[0] for part in query.split("&") if part]
    if len(names) > MOST_PARAMETERS:
        return f"{len(names)} parameters, more than {MOST_PARAMETERS}"
    if again := _round(segments):
        return f"/{again} follows itself in the path"
    return ""


def _round(segments: list[str]) -> str:
    """The folders that follow themselves more often than on any real path; numbers alone may, in dates."""
    for length in range(1, LONGEST_ROUND + 1):
        times = ROUNDS_OF_ONE if length == 1 else ROUNDS_OF_MANY
        for start in range(len(segments) - length * times + 1):
            one = segments[start : start + length]
            if all(segment.isdigit() for segment in one):
                continue
            if all(segments[start + length * n : start + length * (n + 1)] == one for n in range(1, times)):
                return "/".join(one)
    return ""


def form_of(url: str) -> str:
    """What addresses of one template have in common: host and folders with `#` for numbers, `*` for the last name and
    for slugs on the way, and the names of the parameters."""
    rest = canonical(url).partition("://")[2]
    path, query = _path_and_query(url)
    segments = [segment for segment in path.split("/") if segment]
    shown = []
    for index, segment in enumerate(segments):
        ending = _ENDING.search(segment)
        stem = segment[: ending.start()] if ending else segment
        number = _DIGITS.sub("#", stem)
        if not re.search(r"[^\W\d_]", stem):
            shown.append(number + (ending[0] if ending else ""))
        elif index == len(segments) - 1 or len(_PARTS.split(stem)) > 2:
            shown.append("*" + (ending[0] if ending else ""))
        else:
            shown.append(number)
    names = sorted({part.partition("=")[0].lower() for part in query.split("&") if part})
    return rest.partition("/")[0] + "/" + "/".join(shown) + ("?" + "&".join(names) if names else "")


def _path_and_query(url: str) -> tuple[str, str]:
    path, _, query = canonical(url).partition("://")[2].partition("/")[2].partition("?")
    return unquote(path), query


@dataclass
class Harvest:
    """What each form of address of a source bore in one run.

    `trial`: addresses of a form that are tried before it is judged; `share`: those that may be fetched while others wait.
    """

    trial: int
    share: int
    _asked: Counter[str] = field(default_factory=Counter)
    _tried: Counter[str] = field(default_factory=Counter)
    _borne: Counter[str] = field(default_factory=Counter)
    _bodies: dict[str, set[int]] = field(default_factory=dict)
    _told: dict[str, list[str]] = field(default_factory=dict)

    def ask(self, form: str) -> None:
        """Count an address that is asked for."""
        self._asked[form] += 1

    def note(self, form: str, *, article: bool) -> None:
        """Count an address that was answered with a page: one that is an article of its own, or not."""
        self._tried[form] += 1
        self._borne[form] += article

    def barren(self, form: str) -> str:
        """Why no more addresses of a form are worth a look; empty while they are."""
        tried, borne = self._tried[form], self._borne[form]
        if tried < self.trial or borne * self.trial > tried:
            return ""
        return f"{tried} addresses like {form} gave {borne or 'no'} article{'s' if borne > 1 else ''} in this run"

    def took_its_share(self, form: str) -> bool:
        """Tell whether a form has had its part of the run."""
        return self._asked[form] >= self.share

    def another_share(self, form: str) -> None:
        """Let a form go on: nothing else waits."""
        self._asked[form] = 0

    def same_body(self, digest: str, page_id: int) -> int:
        """Remember which page a body answered; gives how many others it answered before."""
        pages = self._bodies.setdefault(digest, set())
        others = len(pages - {page_id})
        if others < self.trial:
            pages.add(page_id)
        return others

    def retold(self, title: str, text: str) -> int:
        """Remember an article; gives how many pages before it had its title and, but for a few words, its text, as where
        a page that is not there names the address that was asked for."""
        beginning = text[:TOLD]
        earlier = self._told.setdefault(title, [])
        alike = sum(shared(beginning, other) >= RETOLD for other in earlier)
        if len(earlier) < MOST_TOLD:
            earlier.append(beginning)
        return alike

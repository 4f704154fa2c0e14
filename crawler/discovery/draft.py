"""A draft: the source file that a survey makes, with how sure each part is and why as comments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.discovery.findings import Survey
from crawler.discovery.places import FEED, SECTION, SITEMAP, Place
from crawler.errors import CatalogError
from crawler.sites import ascii_host, host_of, registered_domain
from crawler.source import Feed, Section, Sitemap, Source
from crawler.source_file import write_source

MOST_TOLD = 20  # places that are told of without being used
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")  # and what turns the direction of a line


@dataclass(frozen=True, slots=True)
class Draft:
    """A source and the text of its file."""

    source: Source
    text: str


def draft_of(survey: Survey, slug: str, now: datetime) -> Draft | None:
    """The source file of a survey; None when nothing was found that a source could look at. Raises CatalogError."""
    if not survey.used:
        return None
    used = {kind: [place for place in survey.used if place.kind == kind] for kind in (FEED, SITEMAP, SECTION)}
    articles = survey.pattern.expression if survey.pattern else None
    try:
        source = Source(
            slug=slug,
            name=_one_line(survey.name.value) or host_of(survey.home),
            home=survey.home,
            country=survey.country.value,
            language=survey.language.value,
            timezone=survey.timezone.value,
            domains=survey.domains,
            feeds=tuple(Feed(url=place.url, name=_one_line(place.name)) for place in used[FEED]),
            sitemaps=tuple(
                Sitemap(url=place.url, news=place.news, articles=None if place.news else articles)
                for place in used[SITEMAP]
            ),
            sections=tuple(
                Section(url=place.url, name=_one_line(place.name), articles=articles) for place in used[SECTION]
            ),
        )
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise CatalogError(f"{place}: {problem['msg'].removeprefix('Value error, ')}") from error
    return Draft(source, write_source(source, _head(survey, now), dict(_notes(survey, used))) + _ending(survey))


def slug_for(home: str, taken: Collection[str], language: str = "") -> str:
    """A name for the source of a home page that none of `taken` has."""
    host = ascii_host(host_of(home))
    stem = registered_domain(host).partition(".")[0] or host
    folder = urlsplit(home).path.strip("/").partition("/")[0]
    base = _slugged(stem) or "source"
    candidates = [base, *(f"{base}_{more}" for part in (folder, language, host) if (more := _slugged(part)))]
    candidates += [f"{base}_{number}" for number in range(2, len(taken) + 3)]
    return next(slug[:64] for slug in candidates if slug[:64] not in taken)


def _slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())[:40].strip("_")


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()[:200]


def _head(survey: Survey, now: datetime) -> str:
    said = f"Found by `scrapy discover {survey.home}` on {now:%Y-%m-%d} with {survey.requests} requests; read it before you use it."
    return _one_line(said) + (f"\nNot complete: {_one_line(survey.trouble)}." if survey.trouble else "")


def _notes(survey: Survey, used: dict[str, list[Place]]) -> Iterator[tuple[str, str]]:
    facts = {"name": survey.name, "country": survey.country, "language": survey.language, "timezone": survey.timezone}
    for key, found in facts.items():
        yield key, _one_line(f"{found.sure}: {found.because}")
    if survey.domains:
        yield "domains", "the feeds lead there, and so does the home page"
    for kind, places in used.items():
        for index, place in enumerate(places):
            learned = survey.pattern if kind == SECTION or (kind == SITEMAP and not place.news) else None
            yield f"{kind}s[{index}]", _one_line(place.because) + (f"\narticles: {learned.because}" if learned else "")


def _ending(survey: Survey) -> str:
    """What was seen and not used, as comments."""
    left = [f"{place.kind} {place.url}: {place.left_out}" for place in survey.places if place.left_out]
    left += [f"{one.url}: {one.why}, and not looked at" for one in survey.unseen]
    told = [f"#   {_one_line(text)}" for text in left[:MOST_TOLD]]
    if len(left) > MOST_TOLD:
        told.append(f"#   and {len(left) - MOST_TOLD} more")
    return "\n".join(["", "# Not used:", *told, ""]) if told else ""

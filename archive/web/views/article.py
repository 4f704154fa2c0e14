"""One article: to read, to compare, to cite."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from datasette import Response
from markupsafe import Markup

from archive import captures, citation, copies, holdings, reading, revisions
from archive.captures import Capture
from archive.changes import Return
from archive.citation import Reference
from archive.copies import Member
from archive.holdings import Article
from archive.reading import Edition, Outlet, Wording
from archive.related import Related, related
from archive.scripts import Direction, direction, tag
from archive.web import markup
from archive.web.moments import day_in
from archive.web.names import language_name
from archive.web.site import NO_INDEX, Missing, Route, Site, view
from archive.web.words import WORDS

MOST_CAPTURES = 100  # the newest ones; the table of captures has all
MOST_COPIES = 30  # the first ones; the page of the story has more
_FORMATS = {
    "bib": (citation.bibtex, "application/x-bibtex"),
    "ris": (citation.ris, "application/x-research-info-systems"),
    "csl.json": (citation.csl_json, "application/vnd.citationstyles.csl+json"),
}


@dataclass(frozen=True)
class Shown:
    """An article in one of its versions, with its outlet."""

    article: Article
    outlet: Outlet
    editions: list[Edition]
    wording: Wording  # what is shown

    @property
    def current(self) -> bool:
        """Is it what the site showed last?"""
        return self.wording.version == self.article.version

    @cached_property
    def way(self) -> Direction:
        """Which way it runs."""
        return direction(f"{self.wording.title}\n{self.wording.text[:1500]}", self.article.language)

    @cached_property
    def lang(self) -> str:
        """Its language for a browser."""
        return tag(self.article.language, f"{self.wording.title}{self.wording.text[:1000]}")

    @property
    def language(self) -> str:
        """Its language for a reader."""
        return language_name(self.article.language)

    @property
    def unit(self) -> str:
        """What its length is counted in."""
        return "character" if self.article.language in ("zh", "ja") else "word"

    @cached_property
    def body(self) -> Markup:
        """Its text."""
        mark_up = self.article.reading if self.current else ""
        return markup.body(mark_up, self.wording.text, self.way)

    @property
    def original(self) -> str:
        """Its address on the web; "" when it is none that may be followed."""
        return next((url for url in (self.article.url, self.article.canonical_url) if _is_web(url)), "")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands below an article."""

    lineup: list[Member]
    captures: list[Capture]
    addresses: list[tuple[str, str]]
    returns: list[Return]
    related: list[Related]


def shown(conn: sqlite3.Connection, article_id: int, version: int | None = None) -> Shown:
    """An article in a version, by default the current one. Raises Missing."""
    article = holdings.article(conn, article_id)
    if article is None:
        raise Missing(f"There is no article {article_id} in this archive.")
    number = article.version if version is None else version
    wording = reading.wording(conn, article_id, number)
    if wording is None and version is not None:
        raise Missing(f"Article {article_id} has no version {version}.")
    if wording is None or number == article.version:
        captured = wording.captured_at if wording else article.first_seen_at
        wording = Wording(number, captured, article.title, article.summary, article.text)
    return Shown(article, reading.outlet(conn, article.source), reading.editions(conn, article_id), wording)


def _surroundings(conn: sqlite3.Connection, article: Article) -> Surroundings:
    return Surroundings(
        copies.lineup(conn, article.story_id, MOST_COPIES) if article.story_id else [],
        captures.captures_of(conn, article.id, MOST_CAPTURES),
        reading.addresses(conn, article.id),
        revisions.returns(conn, article.id),
        related(conn, article),
    )


def _wanted(site: Site) -> tuple[int, int | None]:
    """The numbers of article and version that an address asks for."""
    version = site.argument("version")
    if version and not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise Missing("There is no such version.")
    return int(site.request.url_vars["id"]), int(version) if version else None


async def page(site: Site) -> Response:
    """The article to read."""
    number, version = _wanted(site)

    def gather(conn: sqlite3.Connection) -> tuple[Shown, Surroundings]:
        found = shown(conn, number, version)
        around = _surroundings(conn, found.article)
        _ = found.body, found.lang, found.way  # here, and not in the loop that serves all readers
        return found, around

    found, around = await site.read(gather)
    return site.page(
        "article.html",
        {
            **WORDS,
            "tag_query": tag_query,
            "shown": found,
            "article": found.article,
            "around": around,
            "reference": _reference(site, found),
            "row": f"{site.table('articles')}/{number}",
            "most_copies": MOST_COPIES,
            "versioned": "" if found.current else f"?version={found.wording.version}",
        },
    )


async def cite(site: Site) -> Response:
    """The article as BibTeX, RIS or CSL-JSON."""
    number, version = _wanted(site)
    found = await site.read(lambda conn: shown(conn, number, version))
    make, content_type = _FORMATS[site.request.url_vars["format"]]
    reference = _reference(site, found)
    name = f"{reference.key}.{site.request.url_vars['format']}"
    headers = {**NO_INDEX, "content-disposition": f'attachment; filename="{name}"'}
    return Response(make(reference), headers=headers, content_type=f"{content_type}; charset=utf-8")


async def data(site: Site) -> Response:
    """The article with all that is known of it, as JSON."""
    number, version = _wanted(site)

    def gather(conn: sqlite3.Connection) -> dict[str, Any]:
        found = shown(conn, number, version)
        around = _surroundings(conn, found.article)
        return {
            **asdict(found.article),
            "outlet": asdict(found.outlet),
            "shown": asdict(found.wording),
            "permalink": _reference(site, found).permalink,
            "versions": [asdict(edition) for edition in found.editions],
            "returns": [asdict(one) for one in around.returns],
            "story": [asdict(member) for member in around.lineup],
            "addresses": [{"url": url, "kind": kind} for url, kind in around.addresses],
            "captures": [asdict(capture) for capture in around.captures],
            "related": [asdict(one) for one in around.related],
        }

    body = json.dumps(await site.read(gather), ensure_ascii=False, indent=2)
    return Response(body, headers=dict(NO_INDEX), content_type="application/json; charset=utf-8")


def _reference(site: Site, found: Shown) -> Reference:
    article, outlet = found.article, found.outlet
    path = site.datasette.urls.path(f"/article/{article.id}?version={found.wording.version}")
    return Reference(
        id=article.id,
        version=found.wording.version,
        title=found.wording.title,
        authors=article.authors,
        editors=article.editors,
        agency=article.agency,
        outlet=outlet.name,
        country=outlet.country,
        language=article.language,
        section=article.section,
        published_on=day_in(article.published_at, outlet.timezone),
        captured_at=found.wording.captured_at,
        url=found.original,
        permalink=site.datasette.absolute_url(site.request, path),
    )


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def tag_query(text: str) -> str:
    """The search that a tag stands for, in an address."""
    return quote('"' + text.replace('"', " ") + '"', safe="")


TABLES = ("article_versions", "article_urls", "captures", "story_members")
ROUTES: list[Route] = [
    (r"/article/(?P<id>[0-9]{1,18})$", view(page, *TABLES)),
    (r"/article/(?P<id>[0-9]{1,18})\.json$", view(data, *TABLES)),
    (r"/article/(?P<id>[0-9]{1,18})\.(?P<format>bib|ris|csl\.json)$", view(cite, "article_versions")),
]

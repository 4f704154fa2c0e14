"""What differs between two versions of an article, or between two articles."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from datasette import Response

from archive import reading
from archive.difference import pieces
from archive.errors import QueryError
from archive.holdings import Article
from archive.reading import Edition
from archive.web.comparison import LONGEST_COMPARED, Paragraph, Stretch, amount, paragraphs, stretches
from archive.web.site import Missing, Route, Site, view
from archive.web.views.article import Shown, shown
from archive.web.words import WORDS

LONGEST_LINE = 5_000  # characters of a headline or summary that are compared


@dataclass(frozen=True, slots=True)
class End:
    """One of the two texts."""

    article: Article
    outlet: str
    version: int
    moment: str  # captured, of an article published
    title: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts and what differs between them."""

    before: End
    after: End
    title: list[Paragraph]
    summary: list[Paragraph]
    text: list[Stretch]
    words_added: int
    words_removed: int
    cut: bool  # what stands behind LONGEST_COMPARED was not compared
    steps: Sequence[Edition]  # the changes that led from one version to the other; none for two articles

    @property
    def same(self) -> bool:
        """Is there nothing that differs?"""
        lines = [*self.title, *self.summary, *(line for stretch in self.text for line in stretch.paragraphs)]
        return all(line.same for line in lines)


async def page(site: Site) -> Response:
    """Two versions of an article, by default the last two in time, or with `with` the texts of two articles."""
    number = int(site.request.url_vars["id"])
    before, after, other = (_number(site, name) for name in ("from", "to", "with"))

    def gather(conn: sqlite3.Connection) -> tuple[Shown, Comparison | None]:
        found = shown(conn, number)
        if other is not None:
            return found, _compare(_article(found), _article(shown(conn, other)), [])
        pair = _pair(found.editions, before, after)
        if pair is None:
            return found, None
        one, two = (_version(conn, found, found.editions[place].version) for place in pair)
        return found, _compare(one, two, found.editions[pair[0] + 1 : pair[1] + 1])

    found, comparison = await site.read(gather)
    return site.page(
        "diff.html",
        {**WORDS, "shown": found, "article": found.article, "comparison": comparison, "between": other is not None,
         "most": LONGEST_COMPARED},
    )  # fmt: skip


def _number(site: Site, name: str) -> int | None:
    text = site.argument(name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise QueryError(f"“{text}” is no number.")
    return int(text) if text else None


def _pair(editions: Sequence[Edition], before: int | None, after: int | None) -> tuple[int, int] | None:
    """Where in the order of time the two versions stand; None when there are no two. Raises Missing."""
    order = [edition.version for edition in editions]
    for version in (before, after):
        if version is not None and version not in order:
            raise Missing(f"There is no version {version} of this article.")
    if len(order) < 2:
        return None
    if after is not None:
        end = order.index(after)
    else:
        end = len(order) - 1 if before is None or order[-1] != before else len(order) - 2
    start = order.index(before) if before is not None else max(end - 1, 0)
    return (start, end) if start != end or before is not None else (end, end + 1)


def _version(conn: sqlite3.Connection, found: Shown, version: int) -> End:
    wording = reading.wording(conn, found.article.id, version)
    if wording is None:
        raise Missing(f"There is no version {version} of this article.")
    moment, title, summary, text = wording.captured_at, wording.title, wording.summary, wording.text
    return End(found.article, found.outlet.name, version, moment, title, summary, text)


def _article(found: Shown) -> End:
    article = found.article
    moment = article.published_at or article.first_seen_at
    return End(article, found.outlet.name, article.version, moment, article.title, article.summary, article.text)


def _compare(before: End, after: End, steps: Sequence[Edition]) -> Comparison:
    language = after.article.language
    title, summary = (
        paragraphs(pieces(one[:LONGEST_LINE], other[:LONGEST_LINE]), language)
        for one, other in ((before.title, after.title), (before.summary, after.summary))
    )
    text = pieces(before.text[:LONGEST_COMPARED], after.text[:LONGEST_COMPARED])
    counted = (
        (steps[0].words_added, steps[0].words_removed) if len(steps) == 1 else (amount(text, "+"), amount(text, "-"))
    )
    cut = max(len(before.text), len(after.text)) > LONGEST_COMPARED
    return Comparison(before, after, title, summary, stretches(text, language), *counted, cut, steps)


ROUTES: list[Route] = [(r"/article/(?P<id>[0-9]{1,18})/diff$", view(page, "article_versions"))]

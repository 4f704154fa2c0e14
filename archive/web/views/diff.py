"""What differs between two versions of an article, or between two articles."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from datasette import Response

from archive import revisions
from archive.difference import Sizes, pieces, sizes
from archive.errors import QueryError
from archive.holdings import Article
from archive.reading import Edition
from archive.web.comparison import LONGEST_COMPARED, Paragraph, Stretch, compared, paragraphs
from archive.web.site import Route, Site, view
from archive.web.views.article import Shown, shown
from archive.web.words import WORDS

LONGEST_LINE = 5_000  # characters of a headline or summary that are compared


@dataclass(frozen=True, slots=True)
class End:
    """One of the two texts."""

    article: Article
    outlet: str
    version: int
    captured_at: str
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
    sizes: Sizes
    cut: bool  # what stands behind LONGEST_COMPARED was not compared
    kind: str = ""  # of a change from one version to another
    silent: bool = False
    notice: str = ""

    @property
    def same(self) -> bool:
        """Is there nothing that differs?"""
        lines = [*self.title, *self.summary, *(line for stretch in self.text for line in stretch.paragraphs)]
        return all(line.same for line in lines)


async def page(site: Site) -> Response:
    """Two versions of an article, or with `with` the texts of two articles."""
    number = int(site.request.url_vars["id"])
    other = site.argument("with")
    if other and not (other.isascii() and other.isdecimal() and len(other) < 19):
        raise QueryError(f"“{other}” is no number of an article.")
    before, after = (_version(site, name) for name in ("from", "to"))

    def gather(conn: sqlite3.Connection) -> tuple[Shown, list[Edition], Comparison | None]:
        found = shown(conn, number)
        if other:
            return found, [], _compare(_end(found), _end(shown(conn, int(other))))
        difference = revisions.difference(conn, number, before, after)
        if difference is None:
            return found, found.editions, None
        ends = [
            End(found.article, found.outlet.name, side.version, side.captured_at, side.title, side.summary, side.text)
            for side in (difference.before, difference.after)
        ]
        step = (difference.before.version, difference.after.version)
        notice = next((one.notice for one in found.editions if (one.from_version, one.version) == step), "")
        made = replace(_compare(*ends), kind=difference.kind.value, silent=difference.silent, notice=notice)
        return found, found.editions, made

    found, editions, comparison = await site.read(gather)
    return await site.page(
        "diff.html",
        {**WORDS, "shown": found, "article": found.article, "editions": editions, "comparison": comparison,
         "between": bool(other), "most": LONGEST_COMPARED},
    )  # fmt: skip


def _version(site: Site, name: str) -> int | None:
    text = site.argument(name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise QueryError(f"“{text}” is no number of a version.")
    return int(text) if text else None


def _end(found: Shown) -> End:
    article = found.article
    moment = article.published_at or article.first_seen_at
    return End(article, found.outlet.name, article.version, moment, article.title, article.summary, article.text)


def _compare(before: End, after: End) -> Comparison:
    language = after.article.language
    title, summary = (
        paragraphs(pieces(one[:LONGEST_LINE], other[:LONGEST_LINE]), language)
        for one, other in ((before.title, after.title), (before.summary, after.summary))
    )
    return Comparison(
        before,
        after,
        title,
        summary,
        compared(before.text, after.text, language),
        sizes(before.text[:LONGEST_COMPARED], after.text[:LONGEST_COMPARED]),
        max(len(before.text), len(after.text)) > LONGEST_COMPARED,
    )


ROUTES: list[Route] = [(r"/article/(?P<id>[0-9]{1,18})/diff$", view(page))]

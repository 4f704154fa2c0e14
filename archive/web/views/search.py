"""Search: the first page, its feed, and the same for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from shlex import quote
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted
from markupsafe import Markup, escape

from archive import holdings
from archive.histogram import Span
from archive.records import utc_text
from archive.search import ORDERS
from archive.web.asking import MARKS, MOST_AT_ONCE, PAGE, Answer, Asked, Choice, answer
from archive.web.charts import Bin, bars
from archive.web.names import country_name, language_name
from archive.web.site import NO_INDEX, Route, Site, view

HEADINGS = {"lang": "Language", "source": "Source", "country": "Country", "section": "Section", "agency": "Agency"}
NEWEST = ORDERS[1]
FEED = 30  # entries of the Atom feed
CURRENT = ' aria-current="true"'
_XML = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)  # what XML 1.0 has no place for
_NAMES: dict[str, Callable[[str], str]] = {"lang": language_name, "country": country_name}


def asked(site: Site) -> Asked:
    """What the address of a request asks for."""
    order = site.argument("order", ORDERS[0])
    return Asked(
        q=site.argument("q"),
        order=order if order in ORDERS else ORDERS[0],
        page=site.number("page", 1, least=1, most=1_000),
        copies=site.argument("copies") == "1",
        beside=site.argument("with"),
    )


async def answered(
    site: Site, what: Asked, *, first: int | None = None, count: int = PAGE, counts: bool = True
) -> Answer:
    """Answer a search within the time limit; the columns are read without one, once."""
    try:
        return await site.search(lambda library: answer(library, what, first=first, count=count, counts=counts))
    except QueryInterrupted:
        if what.order == NEWEST:
            raise
    newest = replace(what, order=NEWEST)
    found = await site.search(lambda library: answer(library, newest, first=first, count=count, counts=counts))
    return replace(
        found, notes=(*found.notes, "So much is found that ranking it took too long: the newest come first.")
    )


@view
async def first_page(site: Site) -> Response:
    """The box, what it found, and what narrows it down; an address of an article leads to it."""
    what = asked(site)
    if (url := what.q.strip()).startswith(("http://", "https://")):
        for known in filter(None, await site.each(lambda conn: holdings.article(conn, url))):
            return Response.redirect(site.datasette.urls.path(f"/article/{known.id}"))
    found = await answered(site, what)
    return site.page(
        "search.html",
        {
            "found": found,
            "asked": found.asked,
            "chart": _chart(found),
            "rows": _rows(found),
            "headings": HEADINGS,
            "facets": [(name, _facet(site, found, name, choices)) for name, choices in found.facets if choices],
            "marked": marked,
            "corpus": "python -m archive corpus make --output corpus"
            + (f" -- {quote(what.q)}" if (what := found.asked).q else ""),
            "saving": site.saving,
            "last": found.last,
        },
    )


@view
async def program(site: Site) -> Response:
    """The same as JSON; 400 for what cannot be read."""
    what = replace(asked(site), page=1)
    first, count = site.number("offset", 0), site.number("limit", PAGE, least=1, most=MOST_AT_ONCE)
    found = await answered(site, what, first=first, count=count)
    if found.error:
        return Response.json({"ok": False, "error": found.error}, status=400, headers=dict(NO_INDEX))
    base = site.argument("q")
    body = {
        "ok": True,
        "query": base,
        "understood": found.understood,
        "notes": found.notes,
        "total": found.total,
        "lines": found.lines,
        "marks": MARKS,
        "articles": [asdict(card) | {"page": site.absolute(f"article/{card.id}")} for card in found.cards],
        "facets": {
            name: [{"value": one.count.value, "label": one.count.label, "number": one.count.number, "q": one.q} for one in choices]
            for name, choices in found.facets
        },
        "histogram": [{"from": bar.span.start.isoformat(), "before": bar.span.end.isoformat(), "number": bar.number} for bar in found.bars],
        "next": site.absolute(f"search.json{what.address()}&offset={first + count}&limit={count}") if found.more else None,
    }  # fmt: skip
    return Response(
        json.dumps(body, ensure_ascii=False), content_type="application/json; charset=utf-8", headers=dict(NO_INDEX)
    )


@view
async def feed(site: Site) -> Response:
    """The newest articles of a search as an Atom feed (RFC 4287)."""
    return await feed_of(site, replace(asked(site), order="newest", page=1))


async def feed_of(site: Site, what: Asked, title: str = "") -> Response:
    """The newest articles of a search as an Atom feed."""
    found = await answered(site, what, first=0, count=FEED, counts=False)
    if found.error:
        return Response.text(found.error, status=400, headers=dict(NO_INDEX))
    body = site.written(
        "atom.xml",
        {
            "found": found,
            "title": (title or what.q or "All articles").translate(_XML),
            "here": site.absolute(f"search.atom{what.address()}"),
            "page": site.absolute(what.address()),
            "site": site,
            "updated": max((card.first_seen_at for card in found.cards), default=utc_text(datetime.now(UTC))),
            "plain": lambda text: text.replace(MARKS[0], "").replace(MARKS[1], "").translate(_XML),
            "moment": lambda text: text if "T" in text else f"{text}T00:00:00Z",
        },
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8", headers=dict(NO_INDEX))


def marked(text: str) -> Markup:
    """An excerpt with what matched as `<mark>`."""
    return escape(text).replace(MARKS[0], Markup("<mark>")).replace(MARKS[1], Markup("</mark>"))


def _chart(found: Answer) -> Markup | None:
    if len(found.bars) < 2:
        return None
    bins = [
        Bin(bar.span.label, bar.number, found.asked.address(q=bar.q, page=1) if bar.number else None, _ends(bar.span))
        for bar in found.bars
    ]
    names = (found.asked.q or "all", found.asked.beside) if found.beside else ()
    return bars(bins, title="Articles over time", height=90, second=found.beside or None, names=names, unit="articles")


def _ends(span: Span) -> str:
    """What a bar holds beside its own time."""
    return "and before" if span.open else "and after" if span.endless else ""


def _rows(found: Answer) -> Markup:
    """The numbers of the chart as rows of a table; written here, since a template takes four times as long for them."""
    rows = []
    for at, bar in enumerate(found.bars):
        beside = f'<td class="number">{found.beside[at]:,}</td>' if found.beside else ""
        label = f"{bar.span.label} {_ends(bar.span)}"
        rows.append(f'<tr><th scope="row">{label}</th><td class="number">{bar.number:,}</td>{beside}</tr>\n')
    return Markup("".join(rows))


def _facet(site: Site, found: Answer, name: str, choices: Sequence[Choice]) -> Markup:
    """The values of a field as items of a list; written here for the same reason."""
    base, shown = site.datasette.setting("base_url"), _NAMES.get(name, str)
    items = []
    for choice in choices:
        chosen = '<span class="unseen"> (chosen; take away)</span>' if choice.chosen else ""
        items.append(
            f'<li><a href="{escape(base + found.asked.address(q=choice.q, page=1))}"{choice.chosen * CURRENT}>'
            f"<bdi>{escape(shown(choice.count.label))}</bdi>{chosen}</a>\n"
            f'<span class="number">{choice.count.number:,}</span></li>\n'
        )
    return Markup("".join(items))


async def old_search(datasette: Any, request: Any) -> Response:
    """The address that searching had before it had a page of its own."""
    form = request.url_vars["form"] or ""
    path = datasette.urls.path(f"/search{form}" if form else "/")
    return Response.redirect(f"{path}?{request.query_string}" if request.query_string else path)


ROUTES: list[Route] = [
    (r"^/$", first_page),
    (r"^/search$", first_page),
    (r"^/search\.json$", program),
    (r"^/search\.atom$", feed),
    (r"^/archive/search(?P<form>\.json|\.csv)?$", old_search),
]

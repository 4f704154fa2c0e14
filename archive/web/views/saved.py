"""Saved searches: a name for a search, as a link and as a feed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from datasette import Forbidden, Response

from archive.errors import ArchiveError, QueryError
from archive.records import utc_text
from archive.saved import Searches
from archive.search import ORDERS
from archive.web.asking import Asked
from archive.web.site import Missing, Route, Site, view
from archive.web.views.search import asked, feed_of


def searches(site: Site) -> Searches:
    """Those of the folder of this archive."""
    return Searches(Path(site.datasette.get_database(site.name).path).parent)


@view
async def saved(site: Site) -> Response:
    """The list, and a form for one more; with POST, keep one, remove one, or let one tell of new matches."""
    if site.request.method == "POST":
        return await _changed(site)
    return await _page(site, asked(site))


async def _page(site: Site, what: Asked, trouble: str = "", name: str = "", *, watch: bool = False) -> Response:
    context = {"searches": searches(site).all(), "asked": what, "saving": site.saving, "trouble": trouble, "name": name,
               "watch": watch}  # fmt: skip
    return site.page("saved.html", context, status=400 if trouble else 200)


async def _changed(site: Site) -> Response:
    if not site.saving:
        raise Forbidden("Searches are not saved here.")
    form = await site.request.post_vars()
    name, order, watch = form.get("name", ""), form.get("order", ORDERS[0]), bool(form.get("watch"))
    try:
        if form.get("remove"):
            searches(site).remove(form["remove"])
        elif form.get("tell") or form.get("hush"):
            now = utc_text(datetime.now(UTC))
            searches(site).set_watch(form.get("tell") or form["hush"], bool(form.get("tell")), now)
        else:
            searches(site).keep(name, form.get("q", ""), order, utc_text(datetime.now(UTC)), watch=watch)
    except (QueryError, ArchiveError) as error:
        return await _page(site, Asked(q=form.get("q", ""), order=order), str(error), name, watch=watch)
    return Response.redirect(site.datasette.urls.path("/saved"))


@view
async def named(site: Site) -> Response:
    """What a name stands for: the search, or its feed."""
    one = searches(site).get(unquote(site.request.url_vars["name"]))
    if one is None:
        raise Missing("There is no saved search of this name.")
    what = Asked(q=one.query, order=one.order)
    if site.request.url_vars["feed"]:
        return await feed_of(site, Asked(q=one.query, order="newest"), one.name)
    return Response.redirect(site.datasette.urls.path("/" + what.address()))


ROUTES: list[Route] = [(r"^/saved$", saved), (r"^/saved/(?P<name>[^/]+?)(?P<feed>\.atom)?$", named)]

"""Health: what is wrong now, in words, and how much there is of everything."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from datasette import Response

from archive.findings import Severity, bytes_words
from archive.health import health
from archive.scripts import direction, tag
from archive.sources import State
from archive.web.ago import relative
from archive.web.site import Route, Site, view
from archive.web.views.sources import ORDER, WORDS

HEADINGS = {Severity.BAD: "Wrong", Severity.WARN: "To look at", Severity.NOTE: "Good to know"}


async def page(site: Site) -> Response:
    """What is wrong with the archive."""
    now = datetime.now(UTC)
    found = await site.read(lambda conn: health(conn, now))
    groups = [
        (severity, HEADINGS[severity], [one for one in found.findings if one.severity is severity])
        for severity in Severity
    ]
    states = [
        (WORDS[state][0], found.states.get(state, 0), state.name.lower()) for state in ORDER if state is not State.OK
    ]
    return site.page(
        "health.html",
        {"here": "health", "health": found, "groups": [group for group in groups if group[2]], "states": states, "now": now,
         "healthy": found.states.get(State.OK, 0), "relative": relative, "bytes_words": bytes_words, "quote": quote,
         "direction": direction, "tag": tag},
    )  # fmt: skip


ROUTES: list[Route] = [(r"/health$", view(page, "sources", "feeds", "pages", "runs"))]

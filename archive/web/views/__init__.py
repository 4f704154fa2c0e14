"""The pages of the archive: each module gives its ROUTES, pairs of a regular expression and a view."""

from __future__ import annotations

from archive.web.site import Route
from archive.web.views import article, captures, changes, diff, exports, health, saved, search, sources, stories

ROUTES: list[Route] = [
    *search.ROUTES,
    *exports.ROUTES,
    *saved.ROUTES,
    *article.ROUTES,
    *diff.ROUTES,
    *captures.ROUTES,
    *stories.ROUTES,
    *changes.ROUTES,
    *sources.ROUTES,
    *health.ROUTES,
]

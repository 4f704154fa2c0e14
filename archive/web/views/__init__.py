"""The pages of the archive: each module gives its ROUTES, pairs of a regular expression and a view."""

from __future__ import annotations

from archive.web.site import Route
from archive.web.views import article, health, search, sources, stories

ROUTES: list[Route] = [*search.ROUTES, *article.ROUTES, *stories.ROUTES, *sources.ROUTES, *health.ROUTES]

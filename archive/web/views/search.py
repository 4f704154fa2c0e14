"""Search: the first page."""

from __future__ import annotations

from archive.web.site import Route

ROUTES: list[Route] = []

"""Health: what is wrong now."""

from __future__ import annotations

from archive.web.site import Route

ROUTES: list[Route] = []

"""Sources: what each gives, day by day."""

from __future__ import annotations

from archive.web.site import Route

ROUTES: list[Route] = []

"""Stories and changes: what was copied, and what was changed."""

from __future__ import annotations

from archive.web.site import Route

ROUTES: list[Route] = []

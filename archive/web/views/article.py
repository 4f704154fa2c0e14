"""One article: to read, to compare, to cite."""

from __future__ import annotations

from archive.web.site import Route

ROUTES: list[Route] = []

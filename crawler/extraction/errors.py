"""Errors of extraction."""

from __future__ import annotations

from crawler.errors import CrawlerError


class ExtractionError(CrawlerError):
    """A page cannot be parsed at all; the message names its URL and what stood in the way."""

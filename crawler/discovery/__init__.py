"""Feeds, sitemaps and section pages: bytes to links. Pure, no I/O."""

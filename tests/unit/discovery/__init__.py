"""Discovery: feeds, sitemaps and section pages."""

"""The archive: articles with their versions and raw pages, in SQLite and WARC."""

"""Tests of the archive: real SQLite files and real WARC files."""

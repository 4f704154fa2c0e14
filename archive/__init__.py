"""The archive: articles with their versions and raw pages, in SQLite and WARC."""

from archive.copies import Copy, Story
from archive.errors import ArchiveError, ArchiveLocked, ArchiveMissing, QueryError
from archive.holdings import Article, Version
from archive.revisions import Change, Difference
from archive.store import Archive

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveLocked",
    "ArchiveMissing",
    "Article",
    "Change",
    "Copy",
    "Difference",
    "QueryError",
    "Story",
    "Version",
]

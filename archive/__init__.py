"""The archive: articles with their versions and raw pages, in SQLite and WARC."""

from archive.errors import ArchiveError, ArchiveLocked, ArchiveMissing, QueryError
from archive.revisions import Change, Difference
from archive.store import Archive, Article, Version

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveLocked",
    "ArchiveMissing",
    "Article",
    "Change",
    "Difference",
    "QueryError",
    "Version",
]

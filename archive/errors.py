"""Errors of the archive; all derive from `ArchiveError`."""

from __future__ import annotations


class ArchiveError(Exception):
    """Something is wrong with the archive itself: its folder, its database or its raw store."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to this archive."""


class ArchiveMissing(ArchiveError):
    """There is no archive in the folder that was named."""


class QueryError(ArchiveError):
    """A search query cannot be read; the message says what to change."""


class RecordDamaged(ArchiveError):
    """Bytes that should be a WARC record are none, or not a whole one."""

"""The archive as one object: `with Archive("data") as a: a.search("...")`."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import sqlite_utils

from archive import copies, database, holdings, revisions
from archive.articles import Articles
from archive.captures import Captures
from archive.changes import Return
from archive.copies import Copy, Story
from archive.errors import ArchiveError, ArchiveMissing
from archive.holdings import Article, Version
from archive.identity import Identity
from archive.ledger import Ledger
from archive.postgres import Place, place_of
from archive.raw import RawStore
from archive.revisions import Change, Difference
from archive.search import Hit, search
from archive.stories import Stories
from archive.versions import Versions

CHECKPOINT_WAIT_MS = 500
_OPENED = count(1)  # so that shared writers of one process have raw files of their own too


class Archive:
    """An archive: a folder with an SQLite file, or `postgresql://...` (see archive/postgres/place.py). Reading needs no
    lock; `write=True` creates it (unless told not to), migrates it and holds the writer's lock; on PostgreSQL, writers that
    are all `shared` may hold it together, and their transactions take turns.

    `address` opens it again. Raises ArchiveMissing, ArchiveLocked or ArchiveError.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        write: bool = False,
        create: bool = True,
        wait: float = database.LOCK_WAIT_S,
        busy_timeout: float = database.BUSY_TIMEOUT_S,
        tell: Callable[[str], None] | None = None,
        shared: bool = False,
    ) -> None:
        place = place_of(folder)
        if shared and place is None:
            raise ArchiveError(f"{folder}: only an archive on PostgreSQL can be written by several processes at once")
        self.address: str | Path = Path(folder) if place is None else str(folder)
        self._place, self.on_postgresql = place, place is not None
        self.name = str(self.folder / database.FILE_NAME if place is None else place.shown)  # for messages
        self._write, self.shared, self._busy_timeout = write, shared, busy_timeout
        self._lock: database.WriterLock | None = None
        if place is None:
            self._open_folder(create, wait, tell)
        else:
            self._open_postgresql(place, create, wait, tell)
        self._closed = False
        self.ledger = Ledger(self.db)
        self.store = Articles(self.db)
        self.captures = Captures(self.db)
        if write and not shared:
            self._catch_up(tell)

    def _open_folder(self, create: bool, wait: float, tell: Callable[[str], None] | None) -> None:
        if self._write:
            if not create and not (self.folder / database.FILE_NAME).exists():
                raise ArchiveMissing(f"there is no archive in {self.folder} (no {database.FILE_NAME})")
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock = database.WriterLock(self.folder)
                self._lock.acquire(wait, tell)
            except OSError as error:
                raise ArchiveError(f"cannot write to {self.folder}: {error}") from error
        try:
            self._repair(tell)
            self.db = database.connect(self.folder, write=self._write, busy_timeout=self._busy_timeout)
        except BaseException:
            if self._lock:
                self._lock.release()
            raise

    def _open_postgresql(self, place: Place, create: bool, wait: float, tell: Callable[[str], None] | None) -> None:
        from archive.postgres import schema  # its libraries are loaded by those who need them

        if self._write:
            place.make_folder()  # else what is fetched could not be kept
        db = schema.connect(
            place,
            write=self._write,
            create=create,
            shared=self.shared,
            wait=wait,
            busy_timeout=self._busy_timeout,
            tell=tell,
        )
        try:
            self._repair(tell)
        except BaseException:
            db.close()
            raise
        self.db = cast(sqlite_utils.Database, db)  # it has what the archive's classes use of one

    def _repair(self, tell: Callable[[str], None] | None) -> None:
        """Mend raw files after a crash; for who writes alone."""
        for line in self.raw.repair() if self._write and not self.shared else ():
            if tell:
                tell(line)

    @property
    def folder(self) -> Path:
        """The folder that holds raw/. Raises ArchiveError for an archive on PostgreSQL of which none was named."""
        return Path(self.address) if self._place is None else self._place.needed_folder()

    @cached_property
    def raw(self) -> RawStore:
        """The raw pages; the same error."""
        return RawStore(self.folder, f"-{platform.node()}-{os.getpid()}-{next(_OPENED)}" if self.shared else "")

    def _catch_up(self, tell: Callable[[str], None] | None) -> None:
        """Work out what an archive of an older version lacks."""
        try:
            for part, what in (
                (Identity(self.db), "writing down the keys of addresses"),
                (Versions(self.db), "working out what changed between the versions of articles"),
                (Stories(self.db), "finding out which articles are copies of one another"),
            ):
                if part.pending():
                    if tell:
                        tell(f"{what}; this is done once")
                    part.catch_up(self.transaction)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring everything to the disk, fold the write-ahead log in and release the lock; harmless when done before.

        Raises ArchiveError when the disk does not take it; what was committed is safe then, and the archive closed.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._write:
                self.raw.close()
                self.checkpoint()
        finally:
            self.db.close()
            if self._lock:
                self._lock.release()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the database as far as readers allow, and refresh the planner's statistics;
        PostgreSQL does both by itself."""
        if self.on_postgresql:
            return
        try:
            # a long reader is not waited for: the next checkpoint comes, and a stop must not take seconds
            self.db.conn.execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT_MS}")
            self.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self.db.conn.execute("PRAGMA optimize").fetchall()
        except sqlite3.DatabaseError as error:
            raise database.explained(self.folder / database.FILE_NAME, error) from error
        finally:
            self.db.conn.execute(f"PRAGMA busy_timeout = {int(self._busy_timeout * 1000)}")

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction around the block; a savepoint when one is open already."""
        return database.transaction(self.db)

    # -- reading -----------------------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        order: str = "best",
        limit: int = 20,
        offset: int = 0,
        marks: tuple[str, str] = ("", ""),
    ) -> Iterator[Hit]:
        """Articles that match a query, best first or (`order="newest"`) newest first. Raises QueryError for a query that
        cannot be read."""
        return search(
            self.db.conn,
            query,
            language=language,
            source=source,
            since=since,
            until=until,
            order=order,
            limit=limit,
            offset=offset,
            marks=marks,
        )

    def articles(
        self,
        *,
        source: str | None = None,
        language: str | None = None,
        since: str | None = None,
        until: str | None = None,
        query: str | None = None,
    ) -> Iterator[Article]:
        """Articles in the order in which they were stored; `since` and `until` (both included, days or UTC times) are
        compared with the time of publication, or where it is not known with the time of capture. With a `query` those
        that match it. Raises QueryError for a query or a time that cannot be read."""
        return holdings.articles(self.db.conn, source=source, language=language, since=since, until=until, query=query)

    def knows_source(self, slug: str) -> bool:
        """Tell whether there is a source of this name."""
        return self.db.conn.execute("SELECT 1 FROM sources WHERE slug = ?", [slug]).fetchone() is not None

    def article(self, key: int | str) -> Article | None:
        """One article by its id or by any URL under which it is known."""
        return holdings.article(self.db.conn, key)

    def versions(self, article_id: int) -> list[Version]:
        """Every version of an article, oldest first by the time of its capture; imports may have numbered them later."""
        return holdings.versions(self.db.conn, article_id)

    def changes(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        source: str | None = None,
        kind: str | None = None,
        silent: bool | None = None,
        article: int | None = None,
    ) -> Iterator[Change]:
        """What changed from version to version, the latest first; `since` and `until` (both included, days or UTC times)
        are compared with the capture of the later version. Raises QueryError for a time or kind that cannot be read."""
        return revisions.changes(
            self.db.conn, since=since, until=until, source=source, kind=kind, silent=silent, article=article
        )

    def diff(self, article_id: int, before: int | None = None, after: int | None = None) -> Difference | None:
        """Two versions of an article, by default the last in time and the one before it; None when there are no two.
        Raises QueryError for a version that is not there."""
        return revisions.difference(self.db.conn, article_id, before, after)

    def returns(self, article_id: int) -> list[Return]:
        """When an article went back to a version that it had shown before."""
        return revisions.returns(self.db.conn, article_id)

    def addresses(self, article_id: int) -> list[tuple[str, str]]:
        """(url, kind) of every address of an article."""
        rows = self.db.conn.execute(
            "SELECT url, kind FROM article_urls WHERE article_id = ? ORDER BY kind, url", [article_id]
        )
        return [(row["url"], row["kind"]) for row in rows]

    def stories(
        self, *, source: str | None = None, since: str | None = None, until: str | None = None, outlets: int = 1
    ) -> Iterator[Story]:
        """Stories that at least that many outlets have, in the order of their first publication; with a `source` those
        that it has. Raises QueryError for a time that cannot be read."""
        return copies.stories(self.db.conn, source=source, since=since, until=until, outlets=outlets)

    def story(self, story_id: int) -> Story | None:
        """One story, by its number or by that of one that became part of it."""
        return copies.story(self.db.conn, story_id)

    def story_members(self, story_id: int) -> list[Copy]:
        """The articles of a story, first published first, with what each has in common with its core."""
        return copies.members(self.db.conn, story_id)

    def copies(
        self, source: str, *, since: str | None = None, until: str | None = None, first: bool | None = None
    ) -> Iterator[Copy]:
        """The articles of a source that another outlet has too, the latest first; `first`: only those that it had first,
        or only those that others had before. Raises QueryError for a time that cannot be read."""
        return copies.copies(self.db.conn, source, since=since, until=until, first=first)

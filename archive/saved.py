"""Searches that readers keep under a name, in a file beside the archive: it is theirs, and the crawler never writes it."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from archive.errors import ArchiveError, QueryError
from archive.query import MAX_QUERY_LENGTH, parse_query
from archive.search import ORDERS

FILE = "searches.json"
MOST = 500  # searches
EVERYTHING = "A watch needs a word to look for, or a filter: this search finds everything."
ENDINGS = (".atom", ".json")  # of addresses that mean something else
NAME = re.compile(r"\w[\w.-]{0,59}")  # stands in addresses; any script


@dataclass(frozen=True, slots=True)
class Saved:
    """A search under a name."""

    name: str
    query: str
    order: str
    saved_at: str  # UTC
    watch: bool = False  # new matches are told, see archive/watches.py
    watched_since: str = ""  # UTC; "": not known, as of those from before it was kept


class Searches:
    """The saved searches of an archive folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def all(self) -> list[Saved]:
        """All of them by name. Raises ArchiveError for a file that is damaged."""
        try:
            rows = json.loads(self._path.read_text("utf-8"))
            return sorted((Saved(**row) for row in rows), key=lambda one: one.name)
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise ArchiveError(f"{self._path} cannot be read: {error}") from error

    def get(self, name: str) -> Saved | None:
        """The search of a name."""
        return next((one for one in self.all() if one.name == name), None)

    def keep(self, name: str, query: str, order: str, now: str, *, watch: bool = False) -> Saved:
        """Keep a search under a name, in place of one that had it. Raises QueryError or ArchiveError, for a watch too that
        would find everything."""
        name = "-".join(name.split())
        if not query.strip():
            raise ArchiveError("There is nothing to look for in this search.")
        if not NAME.fullmatch(name) or name.endswith(ENDINGS):
            raise ArchiveError(
                "A name has letters, digits, dots and dashes, at most 60, and begins with a letter or digit."
            )
        if order not in ORDERS or len(query) > MAX_QUERY_LENGTH:
            raise ArchiveError("This search cannot be kept.")
        parsed = parse_query(query)
        if watch and not (parsed.wanted or parsed.filters):
            raise QueryError(EVERYTHING)
        saved = Saved(name, query, order, now, watch, now if watch else "")
        with self._locked():
            others = [one for one in self.all() if one.name != name]
            if len(others) >= MOST:
                raise ArchiveError(f"There are {MOST} saved searches already: remove one first.")
            self._write([*others, saved])
        return saved

    def set_watch(self, name: str, watch: bool, now: str = "") -> bool:
        """Let a search tell of new matches from `now` on, or no longer; tells whether there is one of this name. Raises QueryError."""
        with self._locked():
            searches = self.all()
            one = next((one for one in searches if one.name == name), None)
            if one is None:
                return False
            parsed = parse_query(one.query)
            if watch and not (parsed.wanted or parsed.filters):
                raise QueryError(EVERYTHING)
            self._write(
                [
                    replace(one, watch=watch, watched_since=now if watch else ""),
                    *(other for other in searches if other.name != name),
                ]
            )
            return True

    def remove(self, name: str) -> bool:
        """Forget a search; tells whether there was one."""
        with self._locked():
            before = self.all()
            left = [one for one in before if one.name != name]
            if len(left) < len(before):
                self._write(left)
            return len(left) < len(before)

    def _write(self, searches: list[Saved]) -> None:
        fresh = self._path.with_name(f"{FILE}.new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump([asdict(one) for one in searches], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time. Raises ArchiveError when the folder cannot be written."""
        try:
            with self._path.with_name(f"{FILE}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ArchiveError(f"{self._path} cannot be written: {error}") from error

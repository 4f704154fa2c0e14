"""The memories of all sources that a process works on, kept in the archive."""

from __future__ import annotations

from datetime import datetime

from archive import Archive
from archive.sitememory import SiteMemory
from crawler.extraction.memory import Known, Memory, Observed

SAVE_EVERY = 20  # articles of a source; a crash forgets fewer, and they teach the next time they recur


class Memories:
    """Learns from what is stored and tells workers what is boilerplate. Writing belongs in a write job."""

    def __init__(self, archive: Archive) -> None:
        self._table = SiteMemory(archive.db)
        self._memories: dict[int, Memory] = {}
        self._known: dict[int, Known] = {}
        self._unsaved: dict[int, int] = {}

    def known(self, source_id: int) -> Known:
        """What is boilerplate on the pages of a source by now."""
        known = self._known.get(source_id)
        if known is None:
            known = self._known[source_id] = self._memory(source_id).known()
        return known

    def learn(self, source_id: int, observed: Observed, now: datetime) -> None:
        """Learn from an article that was stored for the first time."""
        if not observed:
            return
        self._memories[source_id] = self._memory(source_id).learned(observed)
        self._known.pop(source_id, None)
        self._unsaved[source_id] = self._unsaved.get(source_id, 0) + 1
        if self._unsaved[source_id] >= SAVE_EVERY:
            self.save(source_id, now)

    def save(self, source_id: int, now: datetime) -> None:
        """Keep what was learned of a source since it was last kept."""
        if self._unsaved.pop(source_id, 0):
            memory = self._memories[source_id]
            self._table.save(source_id, memory.pages, memory.to_json(), now)

    def forget(self, source_id: int) -> None:
        """Read the memory of a source anew when it is needed: another process may have learned since."""
        for kept in (self._memories, self._known, self._unsaved):
            kept.pop(source_id, None)

    def save_all(self, now: datetime) -> None:
        """Keep what was learned of every source."""
        for source_id in list(self._unsaved):
            self.save(source_id, now)

    def _memory(self, source_id: int) -> Memory:
        if source_id not in self._memories:
            self._memories[source_id] = Memory.of_json(self._table.load(source_id))
        return self._memories[source_id]

"""What the verification of a corpus found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archive.corpus.layout import COUNTED
from archive.corpus.manifest import Manifest

TOLD = 100  # troubles that are told one by one; a damaged corpus may have a million


@dataclass
class Verdict:
    """What was found wrong, in words, and what was looked at."""

    troubles: list[str] = field(default_factory=list)  # the first of them
    count: int = 0
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    manifest: Manifest | None = None

    @property
    def ok(self) -> bool:
        """Is the corpus whole and unchanged?"""
        return self.count == 0

    def add(self, trouble: str) -> None:
        """Note what is wrong; a stranger's text in it can do nothing to a terminal."""
        self.count += 1
        if len(self.troubles) < TOLD:
            self.troubles.append("".join(char if char.isprintable() else "?" for char in trouble)[:500])

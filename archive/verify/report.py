"""What a verification found, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

EXAMPLES = 5  # of one kind of damage that are named


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of damage, or (`trouble` False) something worth saying that harms nobody."""

    check: str  # a short name that stays, for programs
    what: str  # the same in words
    count: int
    examples: tuple[str, ...] = ()
    trouble: bool = True
    mended: str = ""  # how; "" when it was not

    @property
    def left(self) -> bool:
        """Is it still there?"""
        return self.trouble and not self.mended


@dataclass
class Report:
    """Everything that was found, in the order of the checks."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)  # what was looked at -> number
    skipped: list[str] = field(default_factory=list)  # what was not looked at, and why

    @property
    def ok(self) -> bool:
        """Is the archive sound, now?"""
        return not any(finding.left for finding in self.findings)

    def add(self, finding: Finding | None) -> None:
        """Add a finding, if there is one."""
        if finding is not None:
            self.findings.append(finding)


class Tally:
    """Counts one kind of damage and keeps the first examples: a damaged archive may have a million of a kind."""

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[str] = []

    def add(self, example: str) -> None:
        """Count one."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)

    def extend(self, examples: Iterable[str]) -> Tally:
        """Count all; gives itself."""
        for example in examples:
            self.add(example)
        return self

    def finding(self, check: str, what: str, *, trouble: bool = True, mended: str = "") -> Finding | None:
        """The finding, if anything was counted."""
        if not self.count:
            return None
        return Finding(check, what, self.count, tuple(self.examples), trouble, mended)

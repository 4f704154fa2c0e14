"""What going back in time may cost: pages of a run and of a day, requests and bytes of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.backfill import Spent


@dataclass
class Budget:
    """Counts what is spent; 0 is no limit. What is under way is finished, so that a run may take a few requests more."""

    pages: int
    requests: int
    bytes: int
    pages_a_day: int
    today: Spent = field(default_factory=Spent)  # what earlier runs of this day took
    spent: Spent = field(default_factory=Spent)
    _unsaved: Spent = field(default_factory=Spent)

    def add(self, *, pages: int = 0, requests: int = 0, bytes: int = 0) -> None:
        """Count."""
        more = Spent(pages, requests, bytes)
        self.spent, self._unsaved = _sum(self.spent, more), _sum(self._unsaved, more)

    def unsaved(self) -> Spent:
        """What was spent since the last call, to be written down."""
        unsaved, self._unsaved = self._unsaved, Spent()
        return unsaved

    def pages_left(self) -> int:
        """How many pages may still be fetched, for all that is known now."""
        if self.exhausted:
            return 0
        bounds = (
            self.pages and self.pages - self.spent.pages,
            self.pages_a_day and self.pages_a_day - self.today.pages - self.spent.pages,
            self.requests and self.requests - self.spent.requests,
        )
        return min((bound for bound in bounds if bound), default=1_000_000)

    @property
    def exhausted(self) -> str:
        """Which budget is used up; "" while none is."""
        if self.pages and self.spent.pages >= self.pages:
            return f"{self.spent.pages} pages in this run (--limit)"
        if self.pages_a_day and self.today.pages + self.spent.pages >= self.pages_a_day:
            return f"{self.today.pages + self.spent.pages} pages today (BACKFILL_PAGES_PER_DAY)"
        if self.requests and self.spent.requests >= self.requests:
            return f"{self.spent.requests} requests in this run (BACKFILL_REQUESTS)"
        if self.bytes and self.spent.bytes >= self.bytes:
            return f"{self.spent.bytes} bytes in this run (BACKFILL_BYTES)"
        return ""


def _sum(one: Spent, other: Spent) -> Spent:
    return Spent(one.pages + other.pages, one.requests + other.requests, one.bytes + other.bytes)

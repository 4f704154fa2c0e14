"""What every check works with, and how a rule is tried and mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.holdings import PAGE_SIZE
from archive.records import utc_text
from archive.rows import Outcome, SourceRow
from archive.store import Archive
from archive.verify.report import Finding, Report, Tally
from archive.verify.rules import Rule

FAR = timedelta(days=400)  # a time to come beyond it was written under a wrong clock: no schedule is longer than a year


@dataclass
class Bench:
    """The archive and what is known about it. `repair`: it is open for writing, and what can be mended is."""

    archive: Archive
    repair: bool
    quick: bool
    now: datetime
    progress: Callable[[str, int, int], None]  # what is done, how much of it, of how much
    canonical: Callable[[str], str]  # a URL as the ledger writes it
    owner: Callable[[str], SourceRow | None]  # the source of the catalogue that a URL belongs to
    report: Report = field(default_factory=Report)

    @property
    def db(self) -> sqlite3.Connection:
        """The database."""
        return self.archive.db.conn

    def values(self) -> dict[str, str]:
        """What rules name."""
        return {
            "now": utc_text(self.now),
            "far": utc_text(self.now + FAR),
            "outcomes": json.dumps([outcome.value for outcome in Outcome]),
        }

    def count(self, what: str, table: str) -> int:
        """Note how many rows were looked at."""
        number = int(self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  a name of ours
        self.report.checked[what] = number
        return number

    def paged(self, select: str) -> Iterator[Sequence[sqlite3.Row]]:
        """Rows of a query over :last and :limit, in pages by their `id`: one long read would keep the write-ahead log of
        a crawl from being folded in."""
        last = -1
        while rows := self.db.execute(select, {"last": last, "limit": PAGE_SIZE}).fetchall():
            yield rows
            last = rows[-1]["id"]

    def apply(self, rules: Iterable[Rule]) -> None:
        """Try rules one after another and mend what breaks them."""
        for rule in rules:
            self.report.add(self.tried(rule))

    def tried(self, rule: Rule) -> Finding | None:
        """What breaks one rule."""
        values = self.values()

        def look() -> Finding | None:
            found = (str(row[0]) for row in self.db.execute(rule.find, values))
            return Tally().extend(found).finding(rule.check, rule.what, trouble=rule.trouble)

        try:
            finding = look()
            if finding is None or not self.repair or not rule.mends:
                return finding
            with self.archive.transaction():
                for statement in rule.mends:
                    self.db.execute(statement, values)
                left = look()
        except sqlite3.DatabaseError as error:
            return Finding(rule.check, f"{rule.what}: cannot be looked at or mended: {error}", 1)
        if left is not None:
            return left
        return Finding(finding.check, finding.what, finding.count, finding.examples, finding.trouble, rule.done)

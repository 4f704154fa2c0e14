"""Papers that publish by the hour, as a crawler that looks every hour would have written them down; some get into trouble."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, exp, pi

from archive import Archive
from archive.records import utc_text
from archive.rows import SourceRow

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
ITEMS = 30  # of a feed
# what no number here is read from, and what would take most of the time
_IDLE = ("articles_fts_insert", "article_authors_insert", "article_journal_insert")


@dataclass
class Paper:
    """A source; `trouble`: freeze, triple, title or time, from an hour after MONDAY on."""

    slug: str
    rate: float  # articles a day
    weekend: float = 1.0
    peak: float = 9.0  # hour in which most is published
    swing: float = 1.0  # how much more than at night
    trouble: str = ""
    begins: int = 0

    def expected(self, hour: int) -> float:
        """Articles to be expected in an hour."""
        shape = [0.15 + exp(self.swing * cos(2 * pi * (at - self.peak) / 24)) for at in range(24)]
        dip = self.weekend if hour // 24 % 7 > 4 else 1.0
        return self.rate * dip * shape[hour % 24] / sum(shape)


@dataclass
class Press:
    """An archive of papers, written hour by hour."""

    archive: Archive
    papers: list[Paper]
    chance: random.Random

    def __post_init__(self) -> None:
        db = self.archive.db
        for name in _IDLE:
            db.execute(f"DROP TRIGGER {name}{' ON articles' if self.archive.on_postgresql else ''}")
        self._ids = {}
        with self.archive.transaction():
            for one in self.papers:
                home = f"https://{one.slug}.example/"
                self._ids[one.slug] = self.archive.ledger.put_source(SourceRow(one.slug, one.slug, home), MONDAY)
                self.archive.ledger.put_feeds(self._ids[one.slug], [(f"{home}feed", "feed", "")], MONDAY)
            db.execute("UPDATE feeds SET last_success_at = ?, items = ?", [utc_text(MONDAY), ITEMS])
        self._moods: dict[tuple[str, int], float] = {}
        self._number = 0

    def hours(self, first: int, end: int) -> Iterator[datetime]:
        """Write the hours from `first` on; gives the end of each."""
        for hour in range(first, end):
            with self.archive.transaction():
                self._write(hour)
            yield MONDAY + HOUR * (hour + 1)

    def _write(self, hour: int) -> None:
        looked = utc_text(MONDAY + HOUR * hour + timedelta(minutes=59))
        articles, visits = [], []
        for one in self.papers:
            new = self._published(one, hour)
            source = self._ids[one.slug]
            visits.append({"source": source, "at": looked, "next": utc_text(MONDAY + HOUR * (hour + 2)), "new": new})
            broken = hour >= one.begins
            for _ in range(new):
                self._number += 1
                title = "" if one.trouble == "title" and broken else "A title"
                at = utc_text(MONDAY + HOUR * hour + timedelta(minutes=self.chance.randrange(59)))
                published = None if one.trouble == "time" and broken else at
                articles.append((f"https://{one.slug}.example/{self._number}", source, title, published, looked))
        self.archive.db.conn.executemany(
            """UPDATE feeds SET last_checked_at = :at, last_success_at = :at, next_check_at = :next, new_items = :new,
                   last_new_at = CASE WHEN :new THEN :at ELSE last_new_at END,
                   digest = CASE WHEN :new THEN :at ELSE digest END WHERE source_id = :source""",
            visits,
        )
        self.archive.db.conn.executemany(
            """INSERT INTO articles (url, canonical_url, source_id, title, text, published_at, first_seen_at, last_seen_at,
                                     content_hash, text_hash)
               VALUES (?1, ?1, ?2, ?3, 'Text', ?4, ?5, ?5, '', '')""",
            articles,
        )

    def _published(self, one: Paper, hour: int) -> int:
        """A number drawn from a Poisson distribution, whose mean differs from day to day by up to a fifth."""
        mood = self._moods.setdefault((one.slug, hour // 24), self.chance.uniform(0.8, 1.2))
        mean = one.expected(hour) * mood
        if hour >= one.begins:
            mean *= {"freeze": 0.0, "triple": 3.0}.get(one.trouble, 1.0)
        count, passed = 0, self.chance.expovariate(1.0)
        while passed < mean:
            count, passed = count + 1, passed + self.chance.expovariate(1.0)
        return count

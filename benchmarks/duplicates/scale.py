"""What it costs to find the story of one more article, as the archive grows."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlite_utils

from archive import database
from archive.stories import Stories
from benchmarks.prose import SYLLABLES, article

WINDOW = 2_000  # articles whose cost is averaged
COPIED = 0.2  # of the articles are cut copies of another one of the last ones
RECENT = 500
BATCH = 50  # articles in a transaction, as in a crawl
WORDS = (80, 350)
INDEX = ("sketches", "sketches_day", "sketch_index", "story_members", "story_members_story", "stories")


def measure(most: int, seed: int) -> Iterator[str]:
    """Fill an archive with generated articles; the cost of the last articles before each power of ten up to `most`.

    The full-text index is left out; that is not what is measured. Times are of the processor, of the whole transaction.
    """
    yield "| articles | ms/article | beside the first line | index, bytes/article | peak memory, MiB |"
    yield "|---|---|---|---|---|"
    marks = [10**power for power in range(4, 12) if 10**power <= most] or [most]
    first = 0.0
    with TemporaryDirectory(prefix="kiosque-") as folder:
        db = _prepared(Path(folder))
        stories = Stories(db)
        chance = random.Random(seed)
        recent: list[str] = []
        spent: list[float] = []
        for start in range(0, marks[-1], BATCH):
            rows = [_row(start + n + 1, chance, recent) for n in range(BATCH)]
            began = time.process_time()
            with database.transaction(db):
                for row in rows:
                    _insert(db, row)
                    stories.place(int(row[0]))
            spent.append((time.process_time() - began) / BATCH)
            if start + BATCH in marks:
                window = spent[-WINDOW // BATCH :]
                cost = 1000 * sum(window) / len(window)
                first = first or cost
                size = _size(db) / (start + BATCH)
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                yield f"| {start + BATCH:,} | {cost:.2f} | {cost / first:.2f} | {size:.0f} | {memory:.0f} |"
        db.close()


def _prepared(folder: Path) -> sqlite_utils.Database:
    db = database.connect(folder, write=True)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(
        "INSERT INTO sources (id, slug, name, home, added_at) VALUES (1, 'a', 'a', '', ''), (2, 'b', 'b', '', '')"
    )
    return db


def _row(number: int, chance: random.Random, recent: list[str]) -> Sequence[object]:
    if recent and chance.random() < COPIED:
        text = chance.choice(recent)
        text = text[: int(len(text) * chance.uniform(0.4, 1))]
    else:
        text = "\n".join(article(chance.choice(list(SYLLABLES)), chance, chance.randint(*WORDS)).paragraphs)
        recent.append(text)
        del recent[:-RECENT]
    return number, chance.choice((1, 2)), f"Report {number}", text


def _insert(db: sqlite_utils.Database, row: Sequence[object]) -> None:
    db.execute(
        """INSERT INTO articles (id, url, canonical_url, source_id, title, text, first_seen_at, last_seen_at,
                                 content_hash, text_hash)
           VALUES (?1, ?1, ?1, ?2, ?3, ?4, '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', ?1, ?1)""",
        row,
    )


def _size(db: sqlite_utils.Database) -> int:
    names = ", ".join(f"'{name}'" for name in INDEX)
    return int(db.execute(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({names})").fetchone()[0])  # noqa: S608

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
from archive.sketch import Sketch
from archive.stories import Stories
from benchmarks.prose import SYLLABLES, article

WINDOW = 2_000  # articles before each mark that are written, placed and measured
COPIED = 0.2  # of these are cut copies of another one of the last ones
RECENT = 500
BATCH = 50  # articles in a transaction, as in a crawl
FILLED_AT_ONCE = 5_000
WORDS = (80, 350)
HASHES = 48  # of a filling article; a sample has 32 to 64
PHRASES, PHRASE_SHARE = 50_000, 0.1  # shingles that many articles have, and their share of a sample
INDEX = ("sketches", "sketches_day", "sketch_index", "story_members", "story_members_story", "stories")


def measure(most: int, seed: int) -> Iterator[str]:
    """The cost of an article before each power of ten up to `most`.

    Before the measured ones the index is filled with samples of random hashes, a tenth of which many articles share: it
    has the size and the shape that texts would give it, in minutes. The measured articles are texts in ten languages. The
    full-text index is left out. Times are of the processor, of whole transactions of BATCH articles.
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
        done = 0
        for mark in marks:
            window = min(WINDOW, mark)
            _fill(db, range(done + 1, mark - window + 1), chance)
            spent = 0.0
            for start in range(mark - window, mark, BATCH):
                rows = [_row(start + n + 1, chance, recent) for n in range(BATCH)]
                began = time.process_time()
                with database.transaction(db):
                    for row in rows:
                        _insert(db, row)
                        stories.place(row[0])
                spent += time.process_time() - began
            done = mark
            cost = 1000 * spent / window
            first = first or cost
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield f"| {mark:,} | {cost:.2f} | {cost / first:.2f} | {_size(db) / mark:.0f} | {memory:.0f} |"
        db.close()


def _fill(db: sqlite_utils.Database, numbers: range, chance: random.Random) -> None:
    for start in range(numbers.start, numbers.stop, FILLED_AT_ONCE):
        keys: list[tuple[int, int]] = []
        with database.transaction(db):
            for number in range(start, min(start + FILLED_AT_ONCE, numbers.stop)):
                hashes = {
                    chance.randrange(PHRASES) if chance.random() < PHRASE_SHARE else chance.getrandbits(63)
                    for _ in range(HASHES)
                }
                _insert(db, (number, 1, "", ""))
                db.execute(
                    "INSERT INTO sketches (article_id, captured_on, hashes) VALUES (?, '2026-03-01', ?)",
                    [number, Sketch(tuple(sorted(hashes))).packed()],
                )
                keys += [(key, number) for key in hashes]
            db.conn.executemany("INSERT INTO sketch_index (hash, article_id) VALUES (?, ?)", sorted(keys))


def _prepared(folder: Path) -> sqlite_utils.Database:
    db = database.connect(folder, write=True)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(
        "INSERT INTO sources (id, slug, name, home, added_at) VALUES (1, 'a', 'a', '', ''), (2, 'b', 'b', '', '')"
    )
    return db


def _row(number: int, chance: random.Random, recent: list[str]) -> tuple[int, int, str, str]:
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

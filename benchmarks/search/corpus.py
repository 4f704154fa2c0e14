"""An archive of many articles, as large and as varied as years of crawling make it, in minutes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import sqlite_utils

from archive import database
from archive.folding import fold_columns
from archive.likeness import hashes
from archive.records import utc_text
from benchmarks.prose import SYLLABLES, article

LANGUAGES = tuple(SYLLABLES)
COUNTRIES = dict(zip(LANGUAGES, ("gb", "fr", "de", "es", "tr", "ru", "eg", "in", "cn", "jp"), strict=True))
SOURCES = 80
SECTIONS = (
    "World",
    "Europe",
    "Asia",
    "Africa",
    "Americas",
    "Middle East",
    "Economy",
    "Culture",
    "Science",
    "Opinion",
    "Sport",
    "Data",
)
AGENCIES = ("", "", "", "AFP", "Reuters", "AP", "Xinhua", "dpa", "EFE", "Anadolu")
NAMES = 4_000  # people who write
SPAN = timedelta(days=3 * 365)
END = datetime(2026, 11, 1, tzinfo=UTC)
COPIED = 0.25  # of the articles stand in stories
CHANGED = 0.04  # of the articles have a second version
BATCH = 2_000


def build(folder: Path, size: int, seed: int = 1) -> None:
    """Make an archive of `size` articles: Zipf texts of 80 to 500 words in ten languages, three years, 80 sources, stories,
    versions, changes, the ledger's rows. Rows are written as the crawler's writer writes them, without its decisions."""
    folder.mkdir(parents=True, exist_ok=True)
    db = database.connect(folder, write=True)
    chance = random.Random(seed)
    db.execute("PRAGMA synchronous = OFF")
    with database.transaction(db):
        for number in range(1, SOURCES + 1):
            language = LANGUAGES[number % len(LANGUAGES)]
            db.execute(
                "INSERT INTO sources (id, slug, name, home, country, language, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [number, f"paper-{number}", f"Paper {number}", f"https://paper-{number}.example/", COUNTRIES[language],
                 language, utc_text(END - SPAN)],
            )  # fmt: skip
            db.execute(
                """INSERT INTO feeds (id, source_id, url, kind, last_checked_at, last_success_at, last_new_at, next_check_at,
                       failures, items) VALUES (?, ?, ?, 'feed', ?, ?, ?, ?, 0, 30)""",
                [
                    number,
                    number,
                    f"https://paper-{number}.example/feed",
                    *[utc_text(END)] * 3,
                    utc_text(END + timedelta(hours=1)),
                ],
            )
    stories = _Stories(db, chance)
    with Pool(2) as pool:
        chunks = [(seed, start, min(start + BATCH, size + 1), size) for start in range(1, size + 1, BATCH)]
        for rows in pool.imap(_texts, chunks):
            with database.transaction(db):
                for row in rows:
                    _insert(db, row, chance)
                    stories.place(row)
    with database.transaction(db):
        stories.close()
        _runs(db, chance)
    db.execute("PRAGMA analysis_limit = 1000")
    db.execute("ANALYZE")
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _texts(chunk: tuple[int, int, int, int]) -> list[dict[str, Any]]:
    """The rows of some articles; in a process of its own."""
    seed, start, stop, size = chunk
    rows = []
    for number in range(start, stop):
        chance = random.Random(seed * 1_000_003 + number)
        source = min(int(chance.expovariate(1 / 20)), SOURCES - 1) + 1
        language = LANGUAGES[source % len(LANGUAGES)]
        prose = article(language, chance, chance.randint(80, 500))
        text = "\n".join(prose.paragraphs)
        moment = END - SPAN + SPAN * (number / size) + timedelta(hours=chance.uniform(-12, 12))
        content, alone = hashes(prose.title, text)
        url = f"https://paper-{source}.example/{moment:%Y/%m/%d}/{number}"
        rows.append({
            "id": number, "url": url, "canonical_url": url, "source_id": source, "title": prose.title, "text": text,
            "summary": prose.paragraphs[0][:160], "language": language, "section": chance.choice(SECTIONS[: 4 + source % 9]),
            "published_at": utc_text(moment), "published_raw": f"{moment:%d.%m.%Y %H:%M}",
            "authors": json.dumps([f"Writer {min(int(chance.expovariate(1 / 400)), NAMES)}"]),
            "agency": chance.choice(AGENCIES), "tags": json.dumps([f"tag {chance.randint(1, 500)}"]),
            "first_seen_at": utc_text(moment + timedelta(minutes=7)), "last_seen_at": utc_text(moment + timedelta(days=2)),
            "content_hash": content, "text_hash": alone, "word_count": len(text.split()), "reading": text,
            "folded": fold_columns(prose.title, text),
        })  # fmt: skip
    return rows


def _insert(db: sqlite_utils.Database, row: dict[str, Any], chance: random.Random) -> None:
    number, folded = row["id"], row.pop("folded")
    db.execute("INSERT INTO articles_folded VALUES (?, ?, ?)", [number, *folded])
    db.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row)  # noqa: S608
    db.execute("INSERT INTO article_urls VALUES (?, ?, 'requested')", [row["url"], number])
    db.execute(
        """INSERT INTO pages (id, url, source_id, feed_id, discovered_at, state, outcome, fetched_at, article_id, http_status)
           VALUES (?, ?, ?, ?, ?, 'done', 'stored', ?, ?, 200)""",
        [number, row["url"], row["source_id"], row["source_id"], row["first_seen_at"], row["first_seen_at"], number],
    )
    db.execute(
        """INSERT INTO captures (id, page_id, url, fetched_at, http_status, warc_file, warc_offset, warc_length)
           VALUES (?, ?, ?, ?, 200, 'raw/2026/11/none.warc.gz', 0, 0)""",
        [number, number, row["url"], row["first_seen_at"]],
    )
    version = ("INSERT INTO article_versions (article_id, version, captured_at, title, text, content_hash, capture_id) "
               "VALUES (?, ?, ?, ?, ?, ?, ?)")  # fmt: skip
    db.execute(version, [number, 1, row["first_seen_at"], row["title"], row["text"], row["content_hash"], number])
    if chance.random() < CHANGED:
        db.execute(version, [number, 2, row["last_seen_at"], row["title"] + " !", row["text"], "", number])
        kind = chance.choice(("headline", "correction", "addition", "deletion", "rewrite"))
        db.execute(
            "INSERT INTO changes VALUES (?, 1, 2, ?, ?, ?, ?, ?, 0, 0, 1, 0, ?, '')",
            [
                number,
                row["last_seen_at"],
                row["source_id"],
                kind,
                chance.randint(0, 90),
                chance.randint(0, 90),
                chance.randint(0, 1),
            ],
        )
        db.execute("UPDATE articles SET version = 2 WHERE id = ?", [number])


class _Stories:
    """Puts one article in four into a story with the ones before it."""

    def __init__(self, db: sqlite_utils.Database, chance: random.Random) -> None:
        self._db, self._chance = db, chance
        self._open: list[dict[str, Any]] = []
        self._left = 0
        self._next = 1

    def place(self, row: dict[str, Any]) -> None:
        if self._left:
            self._open.append(row)
            self._left -= 1
            if not self._left:
                self.close()
        elif self._chance.random() < COPIED / 3:
            self._open, self._left = [row], min(1 + int(self._chance.expovariate(0.5)), 12)

    def close(self) -> None:
        if len(self._open) > 1:
            first = self._open[0]
            self._db.execute(
                """INSERT INTO stories (id, core_id, title, language, first_article_id, first_source_id, first_at, last_at, members,
                       sources, agency, origin, origin_from, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0.9)""",
                [self._next, first["id"], first["title"], first["language"], first["id"], first["source_id"],
                 first["published_at"], self._open[-1]["published_at"], len(self._open),
                 len({row["source_id"] for row in self._open}), first["agency"], first["agency"] or f"Paper {first['source_id']}",
                 "agency" if first["agency"] else "first"],
            )  # fmt: skip
            for row in self._open:
                self._db.execute(
                    "INSERT INTO story_members VALUES (?, ?, 0.95, 0.9, 4, ?)",
                    [row["id"], self._next, row["first_seen_at"]],
                )
                self._db.execute("UPDATE articles SET story_id = ? WHERE id = ?", [self._next, row["id"]])
            self._next += 1
        self._open, self._left = [], 0


def _runs(db: sqlite_utils.Database, chance: random.Random) -> None:
    for source in range(1, SOURCES + 1):
        for began in _moments(END - timedelta(days=60), END, timedelta(hours=2)):
            stored = chance.randint(0, 12)
            db.execute(
                """INSERT INTO runs (source_id, started_at, finished_at, reason, feeds, discovered, known, fetched, stored, outcomes)
                   VALUES (?, ?, ?, 'finished', 1, ?, 25, ?, ?, ?)""",
                [source, utc_text(began), utc_text(began + timedelta(minutes=2)), stored, stored, stored,
                 json.dumps({"stored": stored})],
            )  # fmt: skip


def _moments(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step

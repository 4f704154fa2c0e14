"""WARC files for bulk work: articles that each have one page, and what makes order and repetition matter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import Archive
from archive.records import utc_text
from benchmarks.prose import Prose, article
from tests.unit.crawler.test_importer import Maker

START = datetime(2026, 2, 3, tzinfo=UTC)
SITES = 7


@dataclass(frozen=True, slots=True)
class Made:
    """A folder of files, and the different records (URL, time) that they hold."""

    folder: Path
    records: frozenset[tuple[str, str]]


def make_files(folder: Path, files: int, pages: int, seed: int = 8) -> Made:
    """`files` files of `pages` new articles each. A file also has an earlier one's article as it was, one with another
    paragraph, and a record that stands in the file before, too."""
    folder.mkdir(parents=True)
    chance, records = random.Random(seed), set()
    known: list[tuple[str, Prose, datetime]] = []
    moment = START
    for number in range(files):
        maker, fresh = Maker(), []
        for _ in range(pages):
            moment += timedelta(seconds=1)
            url = f"https://paper{len(known) % SITES}.example/world/story-{len(known) + len(fresh)}.html"
            fresh.append((url, article(chance.choice(["en", "fr", "ru"]), chance, 120), moment))
        again: list[tuple[str, bytes, datetime]] = []
        if known:
            url, text, at = chance.choice(known)
            again.append((url, html(text), at))  # the very same record
            url, text, at = chance.choice(known)
            again.append((url, html(text), at + timedelta(days=1)))
            url, text, at = chance.choice(known)
            more = Prose(text.language, text.title, (*text.paragraphs, *article(text.language, chance, 60).paragraphs))
            again.append((url, html(more), at + timedelta(days=2, seconds=number)))  # no two at once
        for url, body, at in [*((url, html(text), at) for url, text, at in fresh), *again]:
            maker.add(url, body, date=utc_text(at))
            records.add((url, utc_text(at)))
        known += fresh
        maker.save(folder / f"{number:03d}.warc.gz")
    return Made(folder, frozenset(records))


def html(text: Prose) -> bytes:
    """An article's page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text.paragraphs)
    return (
        f'<!doctype html><html lang="{text.language}"><head><meta charset="utf-8"><title>{text.title}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{text.title}">'
        f'<meta property="article:published_time" content="2026-02-02T08:30:00Z"></head>'
        f"<body><article><h1>{text.title}</h1>{body}</article></body></html>"
    ).encode()


def rows_of(where: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """What an archive holds, without what depends on the order in which it came: ids, numbers of versions, raw files."""
    with Archive(where) as archive:
        return {name: sorted(tuple(row) for row in archive.db.execute(sql).fetchall()) for name, sql in _ROWS.items()}


_ROWS = {
    "articles": """SELECT a.url, a.canonical_url, s.slug, a.title, a.text, a.reading, a.language, a.published_at, a.first_seen_at,
        a.last_seen_at, a.content_hash, a.word_count, a.provenance FROM articles a JOIN sources s ON s.id = a.source_id""",
    "versions": """SELECT a.url, v.captured_at, v.content_hash, v.text FROM article_versions v
        JOIN articles a ON a.id = v.article_id""",
    "changes": """SELECT a.url, c.changed_at, c.kind, c.words_added, c.words_removed FROM changes c
        JOIN articles a ON a.id = c.article_id""",
    "addresses": "SELECT u.url, a.url FROM article_urls u JOIN articles a ON a.id = u.article_id",
    "captures": "SELECT url, fetched_at, http_status, digest FROM captures",
    "pages": """SELECT p.url, s.slug, p.state, p.fetched_at, p.visits, a.url FROM pages p
        JOIN sources s ON s.id = p.source_id LEFT JOIN articles a ON a.id = p.article_id""",
    "found": "SELECT a.url FROM articles_fts f JOIN articles a ON a.id = f.rowid",
    "days": """SELECT s.slug, d.day, d.articles, d.stored, d.title, d.text FROM source_days d
        JOIN sources s ON s.id = d.source_id WHERE d.articles + d.stored > 0""",  # of noughts: it was another day at first
}

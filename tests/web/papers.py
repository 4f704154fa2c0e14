"""An archive of a few papers, each with a trouble of its own, as a crawler would have left it by now."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import Archive
from archive.records import utc_text
from archive.rows import SourceRow

DAYS = 130
WEEKEND = 0.4  # of the articles of a weekday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Paper:
    """A source and what became of it; `rate` articles on a weekday until `stopped` days ago."""

    slug: str
    name: str
    country: str
    language: str
    rate: int
    title: str
    stopped: int = 0
    gap: range = range(0)  # days ago on which nobody looked
    times: float = 1.0  # how much more there was in the last days
    untimed: int = 0  # days for which no time of publication was found
    failures: int = 0
    expect: dict[str, Any] = field(default_factory=dict)
    verify_tls: bool = True
    added: int = DAYS


PAPERS = (
    Paper("harbour", "Harbour Courier", "gb", "en", 24, "Council votes on the ferry line", gap=range(34, 39)),
    Paper("sada", "صدى الميناء", "lb", "ar", 12, "الحكومة تعلن خطة جديدة", stopped=5, gap=range(5), failures=14),
    Paper("chenbao", "港湾晨报", "cn", "zh", 30, "北京大学与港口城市签署协议", untimed=2),
    Paper("quotidien", "Le Quotidien du port", "fr", "fr", 16, "L’armée déblaie la route côtière", stopped=6),
    Paper("elbtal", "Elbtaler Bote", "de", "de", 20, "Straßen am Fluss gesperrt", times=4.0),
    Paper(
        "correo", "Correo del Valle", "mx", "es", 9, "El puente reabre en abril", expect={"articles_per_day": [2, 300]}
    ),
    Paper("bereg", "Северный берег", "ua", "ru", 11, "Паром снова ходит каждый день", verify_tls=False),
    Paper("minato", "港新聞", "jp", "ja", 18, "港の新しい橋が開通"),
    Paper("fresh", "The Fresh Sheet", "ie", "en", 0, "", added=3),
)
RETIRED = Paper("gazette", "Old Gazette", "us", "en", 5, "The last edition", stopped=60, gap=range(60))


def make_papers(folder: Path, now: datetime | None = None, papers: tuple[Paper, ...] = PAPERS) -> None:
    """Write the archive."""
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    chance = random.Random(7)
    with Archive(folder, write=True) as archive, archive.transaction():
        for paper in (*papers, *((RETIRED,) if papers is PAPERS else ())):
            row = SourceRow(
                paper.slug, paper.name, f"https://{paper.slug}.example/", paper.country, paper.language, "Europe/Paris",
                paper.verify_tls, paper.expect,
            )  # fmt: skip
            source = archive.ledger.put_source(row, now - paper.added * DAY, in_catalog=paper is not RETIRED)
            if paper.rate:
                _looks(archive, source, paper, now)
                _articles(archive, source, paper, now, chance)
        if papers is PAPERS:
            _more(archive, now)


def _looks(archive: Archive, source: int, paper: Paper, now: datetime) -> None:
    """Its feed, with a crawl every eight hours."""
    db = archive.db
    archive.ledger.put_feeds(
        source, [(f"https://{paper.slug}.example/feed.xml", "feed", "International")], now - DAYS * DAY
    )
    for ago in range(DAYS * 3, -1, -1):
        began = now - ago * 8 * HOUR - 5 * timedelta(minutes=1)
        failed = (now.date() - began.date()).days in paper.gap
        if paper is RETIRED and failed:
            continue
        db.execute(
            """INSERT INTO runs (source_id, started_at, finished_at, reason, feeds, feeds_failed, discovered, fetched, stored)
               VALUES (?, ?, ?, 'finished', 1, ?, ?, ?, ?)""",
            [source, utc_text(began), utc_text(began + timedelta(minutes=2)), failed, *[0 if failed else 4] * 3],
        )
        stamp = utc_text(began)
        db.execute("UPDATE feeds SET last_checked_at = ?, next_check_at = ? WHERE source_id = ?",
                   [stamp, utc_text(began + 8 * HOUR), source])  # fmt: skip
        if not failed:
            db.execute("UPDATE feeds SET last_success_at = ?, items = 30 WHERE source_id = ?", [stamp, source])
    if paper.failures:
        db.execute(
            """UPDATE feeds SET status = 'failing', failures = ?, http_status = 503, detail = '503 Service Unavailable'
               WHERE source_id = ?""",
            [paper.failures, source],
        )


def _articles(archive: Archive, source: int, paper: Paper, now: datetime, chance: random.Random) -> None:
    midnight = now.replace(hour=0, minute=0, second=0)
    for ago in range(DAYS, -1, -1):
        day = midnight - ago * DAY
        if ago < paper.stopped or ago in paper.gap:
            continue
        rate = paper.rate * (WEEKEND if day.weekday() > 4 else 1) * (paper.times if ago < 4 else 1)
        for number in range(round(rate * chance.uniform(0.85, 1.15))):
            moment = day + timedelta(minutes=number * 1440 / (rate * 1.2))
            if moment < now:
                _article(archive, source, paper, moment, f"{ago}-{number}", timed=ago >= paper.untimed)
    db = archive.db
    db.execute("UPDATE feeds SET last_new_at = (SELECT max(first_seen_at) FROM articles WHERE source_id = ?) WHERE source_id = ?",
               [source, source])  # fmt: skip


def _article(archive: Archive, source: int, paper: Paper, moment: datetime, number: str, *, timed: bool) -> None:
    url, seen = f"https://{paper.slug}.example/{number}", utc_text(moment + timedelta(minutes=4))
    published = utc_text(moment) if timed else None
    cursor = archive.db.execute(
        """INSERT INTO articles (url, canonical_url, source_id, title, text, summary, language, published_at, authors, section,
               first_seen_at, last_seen_at, content_hash, text_hash, provenance)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'International', ?, ?, '', '', '{}')""",
        [url, url, source, paper.title, f"{paper.title}. {paper.title}.", paper.title if not number.endswith("2") else "",
         paper.language, published, '["A. Writer"]' if number.endswith(("1", "4", "7")) else "[]", seen, seen],
    )  # fmt: skip
    archive.db.execute(
        """INSERT INTO pages (url, source_id, discovered_at, state, outcome, fetched_at, article_id, http_status)
           VALUES (?, ?, ?, 'done', 'stored', ?, ?, 200)""",
        [url, source, seen, seen, cursor.lastrowid],
    )


def _more(archive: Archive, now: datetime) -> None:
    """Troubles of single parts: a second feed that is gone, pages that cannot be read, a host that rests, a waiting page."""
    db = archive.db
    ids = {row["slug"]: row["id"] for row in db.execute("SELECT id, slug FROM sources")}
    db.execute(
        """INSERT INTO feeds (source_id, url, kind, name, status, failures, http_status, detail, last_checked_at, last_success_at)
           VALUES (?, 'https://minato.example/world.rss', 'feed', '', 'gone', 1, 410, '410 Gone', ?, ?)""",
        [ids["minato"], utc_text(now - 9 * DAY), utc_text(now - 12 * DAY)],
    )
    for number in range(14):
        db.execute(
            """INSERT INTO pages (url, source_id, discovered_at, state, outcome, fetched_at, http_status, detail)
               VALUES (?, ?, ?, 'done', 'extraction_failed', ?, 200, 'no text')""",
            [f"https://bereg.example/bad/{number}", ids["bereg"], utc_text(now - 5 * HOUR), utc_text(now - 4 * HOUR)],
        )
    db.execute("UPDATE pages SET fetched_at = ? WHERE source_id = ? AND outcome = 'stored' AND fetched_at > ?",
               [utc_text(now - 2 * DAY), ids["bereg"], utc_text(now - DAY)])  # fmt: skip
    for number, waits in enumerate((DAY * 2, HOUR, -HOUR)):
        db.execute(
            """INSERT INTO pages (url, source_id, discovered_at, next_attempt_at, attempts, fetched_at) VALUES (?, ?, ?, ?, ?, ?)""",
            [f"https://harbour.example/waiting/{number}", ids["harbour"], utc_text(now - 3 * DAY), utc_text(now - waits), number,
             utc_text(now - 3 * DAY)],
        )  # fmt: skip
    db.execute(
        """INSERT INTO hosts (host, robots, robots_status, robots_fetched_at, not_before, day, requests, detail)
           VALUES ('sada.example', ?, 'rules', ?, ?, ?, 12, '')""",
        ["User-agent: *\nDisallow: /admin", utc_text(now - 3 * HOUR), utc_text(now + 2 * HOUR), f"{now:%Y-%m-%d}"],
    )
    db.execute(
        "INSERT INTO runs (source_id, started_at, reason, outcomes) VALUES (?, ?, 'broken off', ?)",
        [ids["minato"], utc_text(now - 7 * HOUR), json.dumps({})],
    )

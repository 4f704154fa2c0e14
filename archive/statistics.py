"""What an archive holds, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from archive.database import database_sizes
from archive.store import Archive


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of an archive; sizes in bytes."""

    articles: int
    versions: int
    sources: int
    captures: int
    pending: int
    first_published: str | None
    last_published: str | None
    languages: dict[str, int]
    outcomes: dict[str, int]
    by_source: dict[str, int]
    unverified: list[str]  # sources of the catalogue whose certificates are not verified
    database_bytes: int
    raw_bytes: int


def statistics(archive: Archive) -> Statistics:
    """Count what an archive holds."""

    def one(sql: str) -> int:
        return int(archive.db.execute(sql).fetchone()[0])

    def counts(sql: str) -> dict[str, int]:
        return {row[0]: row[1] for row in archive.db.execute(sql)}

    first, last = archive.db.execute("SELECT min(published_at), max(published_at) FROM articles").fetchone()
    return Statistics(
        articles=one("SELECT count(*) FROM articles"),
        versions=one("SELECT count(*) FROM article_versions"),
        sources=one("SELECT count(DISTINCT source_id) FROM articles"),
        captures=one("SELECT count(*) FROM captures"),
        pending=one("SELECT count(*) FROM pages WHERE state = 'pending'"),
        first_published=first,
        last_published=last,
        languages=counts("SELECT language, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1"),
        outcomes=counts("SELECT outcome, count(*) FROM pages WHERE outcome IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"),
        by_source=counts(
            "SELECT s.slug, count(*) FROM articles a JOIN sources s ON s.id = a.source_id GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        unverified=[
            row[0]
            for row in archive.db.execute("SELECT slug FROM sources WHERE in_catalog AND NOT verify_tls ORDER BY 1")
        ],
        database_bytes=sum(database_sizes(archive.db.conn, archive.folder)),
        raw_bytes=sum(_size(path) for path in (archive.folder / "raw").rglob("*.warc.gz")),
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

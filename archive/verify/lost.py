"""Sources and articles whose row is gone while others still speak of them: put back from what these say."""

from __future__ import annotations

from archive.filing import sheet_of
from archive.records import Draft, utc_text
from archive.rows import SourceRow
from archive.verify.bench import Bench
from archive.verify.report import Tally

_OF_SOURCES = """
    SELECT source_id AS id, url FROM feeds UNION ALL SELECT source_id, url FROM pages
    UNION ALL SELECT source_id, url FROM articles UNION ALL SELECT source_id, '' FROM runs"""


def check_lost(bench: Bench) -> None:
    """Find and put back what is lost: sources first, since articles belong to them."""
    _check_sources(bench)
    _check_articles(bench)


def _check_sources(bench: Bench) -> None:
    found = bench.db.execute(
        f"SELECT id, max(url) AS url FROM ({_OF_SOURCES}) WHERE id NOT IN (SELECT id FROM sources) GROUP BY id"  # noqa: S608
    ).fetchall()
    tally = Tally().extend(f"source {row['id']}, such as {row['url']}" for row in found)
    if found and bench.repair:
        with bench.archive.transaction():
            for row in found:
                _put_source(bench, row["id"], bench.owner(row["url"]))
    done = "put back by the catalogue, or under a name of its own" if bench.repair else ""
    bench.report.add(tally.finding("sources", "sources that are not there, and that rows belong to", mended=done))


def _put_source(bench: Bench, source_id: int, row: SourceRow | None) -> None:
    row = row or SourceRow(f"lost-{source_id}", f"Lost source {source_id}", "")
    same = bench.db.execute("SELECT id FROM sources WHERE slug = ?", [row.slug]).fetchone()
    if same is None:
        bench.db.execute(
            """INSERT INTO sources (id, slug, name, home, country, language, timezone, added_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [source_id, row.slug, row.name, row.home, row.country, row.language, row.timezone, utc_text(bench.now)],
        )
        return
    # the source was met again since, under another number
    bench.db.execute(
        """UPDATE feeds SET source_id = :new WHERE source_id = :old
           AND url NOT IN (SELECT url FROM feeds WHERE source_id = :new)""",
        {"new": same["id"], "old": source_id},
    )
    doomed = "(SELECT id FROM feeds WHERE source_id = ?)"
    for table in ("pages", "captures"):
        bench.db.execute(f"UPDATE {table} SET feed_id = NULL WHERE feed_id IN {doomed}", [source_id])  # noqa: S608
    bench.db.execute(f"UPDATE feeds SET parent_id = NULL WHERE parent_id IN {doomed}", [source_id])  # noqa: S608
    bench.db.execute("DELETE FROM feeds WHERE source_id = ?", [source_id])
    for table in ("pages", "articles", "runs"):
        bench.db.execute(f"UPDATE {table} SET source_id = ? WHERE source_id = ?", [same["id"], source_id])  # noqa: S608


def _check_articles(bench: Bench) -> None:
    found = [
        row["article_id"]
        for row in bench.db.execute(
            """SELECT DISTINCT article_id FROM article_versions WHERE article_id NOT IN (SELECT id FROM articles)"""
        )
    ]
    tally = Tally().extend(f"article {number}" for number in found)
    put_back = 0
    if bench.repair:
        with bench.archive.transaction():
            put_back = sum(_put_article(bench, number) for number in found)
    done = "put back from the newest version; `reextract` fills in the rest" if found and put_back == len(found) else ""
    bench.report.add(tally.finding("articles", "articles that are not there, but their versions are", mended=done))


def _put_article(bench: Bench, article_id: int) -> bool:
    """Make the row of an article from its newest version; False when nothing says whose it was."""
    at = bench.db.execute(
        """SELECT url FROM article_urls WHERE article_id = :id AND url LIKE 'http%'
           ORDER BY kind = 'final' DESC, kind = 'requested' DESC, url LIMIT 1""",
        {"id": article_id},
    ).fetchone()
    page = bench.db.execute(
        "SELECT url, source_id, max(fetched_at) AS seen FROM pages WHERE article_id = ? AND url IS NOT NULL",
        [article_id],
    ).fetchone()
    if page["url"] is None and at is not None:
        page = bench.db.execute(
            "SELECT url, source_id, fetched_at AS seen FROM pages WHERE url = ?", [at["url"]]
        ).fetchone()
    if page is None or page["source_id"] is None:
        return False
    version = bench.db.execute(
        """SELECT *, (SELECT min(captured_at) FROM article_versions WHERE article_id = :id) AS first
           FROM article_versions WHERE article_id = :id ORDER BY captured_at DESC, version DESC LIMIT 1""",
        {"id": article_id},
    ).fetchone()
    url = at["url"] if at else page["url"]
    sheet = sheet_of(
        Draft(
            title=version["title"],
            text=version["text"],
            summary=version["summary"],
            modified_at=version["modified_at"] or "",
            provenance={"text": "version"},
        )
    )
    row = {
        **sheet.columns,
        "id": article_id,
        "url": url,
        "canonical_url": url,
        "source_id": page["source_id"],
        "first_seen_at": version["first"],
        "last_seen_at": max(version["captured_at"], page["seen"] or ""),
        "version": version["version"],
        "content_hash": version["content_hash"],
    }
    bench.db.execute("DELETE FROM articles_folded WHERE id = ?", [article_id])
    bench.db.execute(
        f"INSERT INTO articles ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})",  # noqa: S608
        row,
    )
    return True

"""Changes, returns and sightings against the versions that they follow from."""

from __future__ import annotations

from archive.verify.bench import Bench
from archive.verify.report import Tally
from archive.verify.rules import Rule
from archive.versions import Versions

# each version but the first in the order of time has one change, from the one before it, at its own time
_EXPECTED = """
    SELECT v.article_id, v.version AS to_version, v.captured_at AS changed_at, a.source_id,
           lag(v.version) OVER (PARTITION BY v.article_id ORDER BY v.captured_at, v.version) AS from_version
    FROM article_versions v JOIN articles a ON a.id = v.article_id
    WHERE v.article_id IN (SELECT article_id FROM article_versions WHERE version > 1)"""
_BROKEN = f"""
    SELECT e.article_id FROM ({_EXPECTED}) e LEFT JOIN changes c USING (article_id, to_version)
    WHERE e.from_version IS NOT NULL AND (c.from_version IS NOT e.from_version OR c.changed_at IS NOT e.changed_at
                                          OR c.source_id IS NOT e.source_id)
    UNION SELECT c.article_id FROM changes c LEFT JOIN ({_EXPECTED}) e USING (article_id, to_version)
    WHERE e.from_version IS NULL
    UNION SELECT r.article_id FROM returns r WHERE NOT EXISTS (
        SELECT 1 FROM sightings s WHERE s.article_id = r.article_id AND s.seen_at = r.returned_at AND s.version = r.version)
    """  # noqa: S608  of names of this module

_STRAY = """WHERE NOT EXISTS (SELECT 1 FROM article_versions v
                              WHERE v.article_id = sightings.article_id AND v.version = sightings.version)"""

RULES = (
    Rule(
        "sightings",
        "sightings of versions that are not there",
        f"SELECT article_id || ' ' || seen_at FROM sightings {_STRAY}",  # noqa: S608
        (f"DELETE FROM sightings {_STRAY}",),  # noqa: S608
        "dropped",
    ),
    Rule(
        "article_keys",
        "keys of articles that are not there",
        "SELECT key FROM article_keys WHERE article_id NOT IN (SELECT id FROM articles)",
        ("DELETE FROM article_keys WHERE article_id NOT IN (SELECT id FROM articles)",),
        "dropped",
    ),
)


def check_changes(bench: Bench) -> None:
    """Find changes that do not follow from the versions; `--repair` works them out anew."""
    bench.count("changes", "changes")
    bench.apply(RULES)
    versions = Versions(bench.archive.db)
    if versions.pending():
        return  # an archive of an older version; they are worked out when it is opened for writing
    broken = [int(row[0]) for row in bench.db.execute(_BROKEN)]
    if broken and bench.repair:
        for article_id in broken:
            with bench.archive.transaction():
                versions.renew(article_id)
    found = Tally().extend(f"article {article_id}" for article_id in broken)
    mended = "worked out anew" if bench.repair else ""
    bench.report.add(found.finding("changes", "articles whose changes are not those of their versions", mended=mended))

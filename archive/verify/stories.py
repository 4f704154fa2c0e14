"""Stories against their members, and the index of samples against the articles in it."""

from __future__ import annotations

from archive.stories import Stories
from archive.verify.bench import Bench
from archive.verify.report import Finding, Tally
from archive.verify.rules import Rule

_UNSOUND = """
    SELECT t.id FROM stories t WHERE t.members != (SELECT count(*) FROM story_members m WHERE m.story_id = t.id)
        OR t.members < 2
        OR NOT EXISTS (SELECT 1 FROM story_members m WHERE m.story_id = t.id AND m.article_id = t.core_id)
        OR NOT EXISTS (SELECT 1 FROM story_members m WHERE m.story_id = t.id AND m.article_id = t.first_article_id)
    UNION SELECT story_id FROM articles WHERE story_id IS NOT NULL AND story_id NOT IN (SELECT id FROM stories)
    UNION SELECT m.story_id FROM story_members m LEFT JOIN articles a ON a.id = m.article_id
        WHERE a.story_id IS NOT m.story_id
    UNION SELECT a.story_id FROM articles a LEFT JOIN story_members m ON m.article_id = a.id
        WHERE a.story_id IS NOT NULL AND m.story_id IS NOT a.story_id"""

_RULES = (
    Rule(
        "stories.alias",
        "former numbers of stories that lead nowhere",
        """SELECT id FROM story_aliases WHERE story_id NOT IN (SELECT id FROM stories)
           AND story_id NOT IN (SELECT id FROM story_aliases)""",
        (
            """DELETE FROM story_aliases WHERE story_id NOT IN (SELECT id FROM stories)
               AND story_id NOT IN (SELECT id FROM story_aliases)""",
        ),
        "dropped",
    ),
    Rule(
        "sketches",
        "samples of articles that are not there, or that another member stands for",
        """SELECT k.article_id FROM sketches k LEFT JOIN articles a ON a.id = k.article_id
           WHERE a.id IS NULL OR (a.story_id IS NOT NULL
                                  AND NOT EXISTS (SELECT 1 FROM stories t WHERE t.core_id = a.id AND t.id = a.story_id))""",
        (
            """DELETE FROM sketches WHERE article_id IN (
                   SELECT k.article_id FROM sketches k LEFT JOIN articles a ON a.id = k.article_id
                   WHERE a.id IS NULL OR (a.story_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM stories t WHERE t.core_id = a.id AND t.id = a.story_id)))""",
        ),
        "dropped",
    ),
)


def check_stories(bench: Bench) -> None:
    """Find stories that do not fit their members, and entries of the index without an article."""
    bench.count("stories", "stories")
    bench.apply(_RULES)
    unsound = [int(row[0]) for row in bench.db.execute(_UNSOUND)]
    if unsound and bench.repair:
        stories = Stories(bench.archive.db)
        for story_id in unsound:
            with bench.archive.transaction():
                stories.dissolve(story_id)
    found = Tally().extend(map(str, unsound))
    mended = "their members were compared anew" if bench.repair else ""
    bench.report.add(found.finding("stories", "stories that do not fit their members", mended=mended))
    if not bench.quick:
        _index(bench)


def _index(bench: Bench) -> None:
    held = bench.db.execute("SELECT coalesce(sum(length(hashes)) / 8, 0) FROM sketches").fetchone()[0]
    there = bench.db.execute("SELECT count(*) FROM sketch_index").fetchone()[0]
    strays = bench.db.execute(
        "SELECT count(*) FROM sketch_index WHERE article_id NOT IN (SELECT article_id FROM sketches)"
    ).fetchone()[0]
    if held == there and not strays:
        return
    if bench.repair:
        with bench.archive.transaction():
            Stories(bench.archive.db).index.rebuild()
    what = "entries of the index of samples that are not those of the articles in it"
    mended = "made anew from the samples" if bench.repair else ""
    bench.report.add(Finding("sketch_index", what, max(abs(held - there), strays), mended=mended))

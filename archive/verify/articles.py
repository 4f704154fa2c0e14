"""Articles against their versions, their hashes and their folded texts, one after another."""

from __future__ import annotations

import sqlite3

from archive.folding import fold_columns
from archive.likeness import hashes
from archive.verify.bench import Bench
from archive.verify.report import Tally
from archive.verify.rules import Rule

_SELECT = """
    SELECT a.id, a.url, a.title, a.text, a.content_hash, a.text_hash, a.version,
           v.title AS version_title, v.text AS version_text, v.content_hash AS version_hash,
           f.id AS folded, f.title AS folded_title, f.text AS folded_text
    FROM articles a LEFT JOIN article_versions v ON v.article_id = a.id AND v.version = a.version
    LEFT JOIN articles_folded f ON f.id = a.id
    WHERE a.id > :last ORDER BY a.id LIMIT :limit"""

QUICK = (
    Rule(
        "article_text",
        "articles whose text is not that of their version",
        """SELECT a.id || ' ' || a.url FROM articles a JOIN article_versions v
           ON v.article_id = a.id AND v.version = a.version WHERE v.content_hash != a.content_hash""",
    ),
    Rule(
        "folded",
        "articles without their folded text, by which search finds them",
        "SELECT id FROM articles WHERE id NOT IN (SELECT id FROM articles_folded)",
    ),
)

STRAY = Rule(
    "folded_stray",
    "folded texts of articles that are not there",
    "SELECT id FROM articles_folded WHERE id NOT IN (SELECT id FROM articles)",
    ("DELETE FROM articles_folded WHERE id NOT IN (SELECT id FROM articles)",),
    "dropped",
)


def check_articles(bench: Bench) -> None:
    """Compare every article with what follows from it; `quick` compares stored hashes only, which takes no time."""
    total = bench.count("articles", "articles")
    if bench.quick and not bench.repair:
        bench.apply((*QUICK, STRAY))
        return
    texts, folded, done = Tally(), Tally(), 0
    for rows in bench.paged(_SELECT):
        for row in rows:
            if (text := _texts(row)) is not None:
                texts.add(f"{row['id']} {row['url']}")
            title, body = (text[0], text[1]) if text else (row["title"], row["text"])
            fold = fold_columns(title, body)
            refold = row["folded"] is None or fold != (row["folded_title"], row["folded_text"])
            if refold:
                folded.add(f"{row['id']} {row['url']}")
            if bench.repair and (text or refold):
                _mend(bench, row["id"], row["version"], (title, body), fold)
        done += len(rows)
        bench.progress("articles", done, total)
    bench.report.add(
        texts.finding(
            "article_text",
            "articles whose text, hash and version do not agree",
            mended="brought in line with the one of them that fits its hash" if bench.repair else "",
        )
    )
    bench.report.add(
        folded.finding(
            "folded",
            "articles whose folded text, by which search finds them, is missing or another's",
            mended="folded again" if bench.repair else "",
        )
    )
    bench.apply((STRAY,))


def _texts(row: sqlite3.Row) -> tuple[str, str] | None:
    """The title and text that an article should have, when text, hash and version do not agree: those which still fit
    the hash that was kept with them."""
    own = hashes(row["title"], row["text"])
    kept = (row["content_hash"], row["text_hash"])
    if own == kept and row["version_hash"] in (None, own[0]):
        if row["version_text"] is None or hashes(row["version_title"], row["version_text"])[0] == own[0]:
            return None
        return row["title"], row["text"]
    if own[0] != row["content_hash"] and row["version_text"] is not None:
        theirs = hashes(row["version_title"], row["version_text"])
        if theirs[0] == row["version_hash"]:
            return row["version_title"], row["version_text"]
    return row["title"], row["text"]


def _mend(bench: Bench, article_id: int, version: int, text: tuple[str, str], fold: tuple[str, str]) -> None:
    both, alone = hashes(*text)
    with bench.archive.transaction():
        bench.db.execute(
            "UPDATE articles SET title = ?, text = ?, content_hash = ?, text_hash = ? WHERE id = ?",
            [*text, both, alone, article_id],
        )
        bench.db.execute(
            "UPDATE article_versions SET title = ?, text = ?, content_hash = ? WHERE article_id = ? AND version = ?",
            [*text, both, article_id, version],
        )
        bench.db.execute(
            """INSERT INTO articles_folded (id, title, text) VALUES (?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text""",
            [article_id, *fold],
        )

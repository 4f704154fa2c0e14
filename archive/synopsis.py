"""What the row of a story says: who was first, who is taken for the author, and how many have it."""

from __future__ import annotations

import sqlite_utils

from archive.origin import Member, agency_of, in_order, moment_of, origin_of


def describe(db: sqlite_utils.Database, story_id: int) -> None:
    """Write the row of a story anew from its members. In a transaction of the caller."""
    rows = db.execute(
        """SELECT a.id, a.source_id, s.name, coalesce(a.published_at, '') AS published_at, a.first_seen_at, a.agency,
                  a.authors != '[]' AS signed, a.title, a.language
           FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.story_id = ?""",
        [story_id],
    ).fetchall()
    members = [
        Member(
            row["id"],
            row["source_id"],
            row["name"],
            row["published_at"],
            row["first_seen_at"],
            row["agency"],
            bool(row["signed"]),
        )
        for row in rows
    ]
    ordered, origin = in_order(members), origin_of(members)
    first = next(row for row in rows if row["id"] == ordered[0].article_id)
    db.execute(
        """UPDATE stories SET title = ?, language = ?, first_article_id = ?, first_source_id = ?, first_at = ?,
               last_at = ?, members = ?, sources = ?, agency = ?, origin = ?, origin_from = ?, confidence = ?
           WHERE id = ?""",
        [
            first["title"],
            first["language"],
            first["id"],
            first["source_id"],
            moment_of(ordered[0]),
            moment_of(ordered[-1]),
            len(members),
            len({member.source_id for member in members}),
            agency_of(members),
            origin.name,
            origin.reason,
            origin.confidence,
            story_id,
        ],
    )

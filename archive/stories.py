"""Stories: which articles are copies of one text, found as they arrive.

A story has a core, the fullest of its members, and every member resembles the core; so a story does not grow along a
chain of articles of which each resembles only the next. Only cores, and articles without a story, are in the index of
samples: the two hundredth copy of a report is compared with one article, and a shingle that many entries have is a phrase
or boilerplate, never a report that was often printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from archive.alignment import Alignment, align, coherence
from archive.jobs import Jobs
from archive.likeness import normalise
from archive.neighbours import Neighbour, Neighbours
from archive.records import parse_utc, utc_text
from archive.resemblance import COHERENT, OPENING, Circumstances, is_copy, is_fuller, is_one_report
from archive.sketch import Sketch, Words, sketch, units, words
from archive.synopsis import describe

STORY_WINDOW = timedelta(days=30)  # between the captures of two copies
MOSTLY = 0.5  # share of an article that stands in one core: it is a copy of that, whatever else it holds
REVIEWED = 300  # members that are compared with a new core; a story with more keeps the one it has
BACKFILL, BATCH = "stories", 200  # a job over an older archive, and its articles in one transaction
FORGOTTEN_AT_ONCE = 500  # articles that leave the index in one transaction


@dataclass(frozen=True, slots=True)
class Text:
    """An article as it is compared."""

    id: int
    source_id: int
    story_id: int | None
    title: str
    words: Words


class Stories:
    """Puts articles into stories. Every call belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        self.index = Neighbours(db)

    def place(self, article_id: int, sample: Sketch | None = None) -> int | None:
        """Find the story of an article that is new, or whose text is: gives its id, None when it stands alone.

        `sample` is the sketch of its text, when it was made before.
        """
        row = self._db.execute(
            "SELECT text, title, story_id, first_seen_at, source_id FROM articles WHERE id = ?", [article_id]
        ).fetchone()
        if sample is None:
            sample = sketch(units(row["text"]))
        if row["story_id"] is not None and self._stays(article_id, row["story_id"]):
            return int(row["story_id"])
        self.index.remove(article_id)
        captured = parse_utc(row["first_seen_at"])
        near = self.index.near(
            article_id, sample, utc_text(captured - STORY_WINDOW)[:10], utc_text(captured + STORY_WINDOW)[:10]
        )
        if near:
            text = Text(article_id, row["source_id"], None, row["title"], words(row["text"]))
            if (story_id := self._join(text, near)) is not None:
                return story_id
        self.index.add(article_id, sample, row["first_seen_at"])
        return None

    def forget(self, now: datetime) -> int:
        """Let articles be found no longer that are too old to be copied; gives how many left, a bounded number."""
        return self.index.forget(utc_text(now - STORY_WINDOW), FORGOTTEN_AT_ONCE)

    def pending(self) -> bool:
        """Is there an older archive's work to be done: articles that were never compared?"""
        return Jobs(self._db).pending(BACKFILL)

    def catch_up(self, transaction: Callable[[], AbstractContextManager[None]]) -> int:
        """Place the articles of an archive that was made before there were stories; gives their number. An interrupted
        call goes on where it was."""
        return Jobs(self._db).work_off(BACKFILL, self.place, transaction, BATCH)

    # -- joining ---------------------------------------------------------------------------------------------------

    def _join(self, text: Text, near: Sequence[Neighbour]) -> int | None:
        """Put an article into the story of the core that it resembles most; begin one when that stands alone."""
        close: list[tuple[Text, Alignment]] = []
        for neighbour in near:
            core = self._text(neighbour.article_id)
            found = align(text.words, core.words)
            around = _around(text, core, 1 - neighbour.rare / neighbour.shared)
            if is_copy(found, around) and (around.same_title or not _is_one_of_several(text, core, found)):
                close.append((core, found))
        if not close:
            return None
        close.sort(key=lambda pair: (-max(pair[1].share, pair[1].other_share), pair[0].id))
        core, found = close[0]
        parts: list[Text] = []  # of one report with the core
        others: list[Text] = []  # reports of their own
        for other, _ in close[1:]:
            overlap = align(core.words, other.words)
            one = is_one_report(overlap, coherence(core.words, other.words), _around(core, other))
            (parts if one else others).append(other)
        if others and found.share < MOSTLY:
            return None  # it brings several reports together: a round-up, or a live blog
        story_id = core.story_id or self._begin(core)
        self._add(story_id, text.id, found)
        rest = [place for place, mark in enumerate(found.marks) if not mark]
        whole = _around(text, core).same_title or coherence(core.words, text.words, rest) >= COHERENT
        if is_fuller(found) and whole and not others:
            self._make_core(story_id, text)
        for other in parts:
            self._merge(self._text(other.id), story_id)  # read again: a new core may have moved it
        describe(self._db, story_id)
        return story_id

    def _begin(self, core: Text) -> int:
        """Begin a story of which an article is the core."""
        story_id = self._db.execute(
            "SELECT max(coalesce((SELECT max(id) FROM stories), 0), coalesce((SELECT max(id) FROM story_aliases), 0)) + 1"
        ).fetchone()[0]
        self._db.execute(
            """INSERT INTO stories (id, core_id, first_article_id, first_source_id, first_at, last_at, members, sources)
               SELECT ?, id, id, source_id, first_seen_at, first_seen_at, 1, 1 FROM articles WHERE id = ?""",
            [story_id, core.id],
        )
        self._add(story_id, core.id, None)
        return int(story_id)

    def _add(self, story_id: int, article_id: int, found: Alignment | None) -> None:
        """Write down what a member has in common with the core; None: it is the core."""
        shared, of_core, added = (1.0, 1.0, 0) if found is None else _measures(found)
        self._db.execute("UPDATE articles SET story_id = ? WHERE id = ?", [story_id, article_id])
        self._db.execute(
            """INSERT INTO story_members (article_id, story_id, shared, of_core, added, joined_at)
               SELECT id, ?, ?, ?, ?, last_seen_at FROM articles WHERE id = ?
               ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, shared = excluded.shared,
                   of_core = excluded.of_core, added = excluded.added""",
            [story_id, shared, of_core, added, article_id],
        )

    def _make_core(self, story_id: int, text: Text) -> bool:
        """Compare all members with another core, and take it unless half of them or more are no copies of it; tells
        whether. Those that are none leave: they came in by the little that the old core had of theirs."""
        row = self._db.execute("SELECT core_id, members FROM stories WHERE id = ?", [story_id]).fetchone()
        if row["members"] > REVIEWED:
            return False
        compared, strangers = self._compared(self._members(story_id), text)
        if not compared or len(strangers) >= len(compared):
            return False
        for member_id, found in compared.items():
            self._add(story_id, member_id, found)
        self._add(story_id, text.id, None)
        self.index.remove(row["core_id"])
        self.index.add(text.id, sketch(text.words.units), self._captured(text.id))
        self._db.execute("UPDATE stories SET core_id = ? WHERE id = ?", [text.id, story_id])
        self._release(strangers)
        return True

    def _release(self, members: Sequence[int]) -> None:
        """Let articles stand alone, or where else they belong."""
        for member_id in members:
            self._db.execute("UPDATE articles SET story_id = NULL WHERE id = ?", [member_id])
            self._db.execute("DELETE FROM story_members WHERE article_id = ?", [member_id])
        for member_id in members:
            self.place(member_id)

    def _merge(self, other: Text, story_id: int) -> None:
        """Bring an article that stands alone, or the story of which it is the core, into a story that has the rest of its
        report; the number of the story that ends leads to the one that stays."""
        if other.story_id == story_id:
            return
        core_id = self._db.execute("SELECT core_id FROM stories WHERE id = ?", [story_id]).fetchone()[0]
        members = [other.id] if other.story_id is None else self._members(other.story_id)
        compared, strangers = self._compared(members, self._text(core_id))
        if other.id not in compared or len(strangers) >= len(compared):
            return
        for member_id, found in compared.items():
            self._add(story_id, member_id, found)
        self.index.remove(other.id)
        if other.story_id is not None:
            self._release(strangers)
            self._end(other.story_id, story_id)

    def _compared(self, members: Sequence[int], core: Text) -> tuple[dict[int, Alignment], list[int]]:
        """What members have in common with a core other than theirs, and those that are no copies of it."""
        compared: dict[int, Alignment] = {}
        strangers: list[int] = []
        for member_id in members:
            if member_id != core.id:
                member = self._text(member_id)
                found = align(member.words, core.words)
                if is_copy(found, _around(member, core)):
                    compared[member_id] = found
                else:
                    strangers.append(member_id)
        return compared, strangers

    def _end(self, story_id: int, other_id: int) -> None:
        """Let a story go on as another one."""
        self._db.execute("DELETE FROM stories WHERE id = ?", [story_id])
        self._db.execute("UPDATE story_aliases SET story_id = ? WHERE story_id = ?", [other_id, story_id])
        self._db.execute("INSERT INTO story_aliases (id, story_id) VALUES (?, ?)", [story_id, other_id])

    # -- changed texts ---------------------------------------------------------------------------------------------

    def _stays(self, article_id: int, story_id: int) -> bool:
        """Does a member whose text has changed still belong to its story? One that does not leaves it."""
        core_id = self._db.execute("SELECT core_id FROM stories WHERE id = ?", [story_id]).fetchone()[0]
        text = self._text(article_id)
        if core_id == article_id:
            if self._make_core(story_id, text):
                describe(self._db, story_id)
                return True
        else:
            core = self._text(core_id)
            found = align(text.words, core.words)
            if is_copy(found, _around(text, core)):
                self._add(story_id, article_id, found)
                describe(self._db, story_id)
                return True
        self._leave(article_id, story_id, core_id)
        return False

    def _leave(self, article_id: int, story_id: int, core_id: int) -> None:
        """Take a member out of its story, and give that another core, the fullest that is left, or its end."""
        self._db.execute("UPDATE articles SET story_id = NULL WHERE id = ?", [article_id])
        self._db.execute("DELETE FROM story_members WHERE article_id = ?", [article_id])
        self.index.remove(article_id)
        left = self._members(story_id)
        if core_id == article_id and len(left) > 1:
            fullest = max(map(self._text, left), key=lambda text: (len(text.words), -text.id))
            if not self._make_core(story_id, fullest):
                left = []
        if len(left) > 1:
            describe(self._db, story_id)
            return
        self.dissolve(story_id)

    def dissolve(self, story_id: int) -> None:
        """End a story, and let its members stand alone or where else they belong."""
        rows = self._db.execute(
            """SELECT id FROM articles WHERE story_id = :story
               OR id IN (SELECT article_id FROM story_members WHERE story_id = :story) ORDER BY id""",
            {"story": story_id},
        ).fetchall()
        self._db.execute("DELETE FROM story_members WHERE story_id = ?", [story_id])
        self._db.execute("DELETE FROM story_aliases WHERE story_id = ?", [story_id])
        self._release([row[0] for row in rows])
        self._db.execute("DELETE FROM stories WHERE id = ?", [story_id])

    # -- reading ------------------------------------------------------------------------------------------------------

    def _members(self, story_id: int) -> list[int]:
        rows = self._db.execute(
            "SELECT article_id FROM story_members WHERE story_id = ? ORDER BY article_id", [story_id]
        )
        return [int(row[0]) for row in rows]

    def _captured(self, article_id: int) -> str:
        return str(self._db.execute("SELECT first_seen_at FROM articles WHERE id = ?", [article_id]).fetchone()[0])

    def _text(self, article_id: int) -> Text:
        row = self._db.execute(
            "SELECT id, source_id, story_id, title, text FROM articles WHERE id = ?", [article_id]
        ).fetchone()
        return Text(row["id"], row["source_id"], row["story_id"], row["title"], words(row["text"]))


def _around(one: Text, other: Text, common: float = 0.0) -> Circumstances:
    return Circumstances(one.source_id == other.source_id, normalise(one.title) == normalise(other.title), common)


def _is_one_of_several(text: Text, core: Text, found: Alignment) -> bool:
    """Is an article a part of a longer one that speaks of other matters too, as a digest does? One that has its beginning
    is a copy that was cut."""
    if found.other_share >= MOSTLY or found.other_opening >= OPENING:
        return False
    rest = [place for place, mark in enumerate(found.other_marks) if not mark]
    return coherence(text.words, core.words, rest) < COHERENT


def _measures(found: Alignment) -> tuple[float, float, int]:
    return round(found.share, 3), round(found.other_share, 3), found.units - found.found

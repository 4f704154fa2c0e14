"""Stories as they are read: who has a report, who had it first, and what each made of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.holdings import LARGEST
from archive.search import moment_text


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that are copies of one report."""

    id: int
    title: str  # of the first article
    language: str
    articles: tuple[int, ...]  # their ids, first published first
    sources: int  # outlets that have it
    first_source: str
    first_published_at: str
    last_published_at: str
    core: int  # the article that the others were compared with, as a rule the fullest
    agency: str  # that most of them credit
    origin: str  # who is taken for the author; "" when it cannot be told
    origin_from: str  # why: source (an agency's own site), agency (it is credited), first (nobody had it before)
    confidence: float  # in the origin, 0 to 1


@dataclass(frozen=True, slots=True)
class Copy:
    """One article of a story."""

    story_id: int
    article_id: int
    source: str
    title: str
    url: str
    published_at: str  # or first seen, when it does not say
    first: bool
    first_source: str
    shared: float  # share of its text that stands in the core, 0 to 1
    of_core: float  # share of the core's text that it has, 0 to 1
    added: int  # words (characters of scripts without spaces) that the core does not have
    agency: str
    sources: int  # outlets that have the story


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story beside the others."""

    article_id: int
    title: str
    language: str
    source: str
    name: str  # of the source
    published_at: str  # or first seen, when it does not say
    core: bool  # the article that the others are compared with
    shared: float
    of_core: float
    added: int
    agency: str
    version: int
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A story in a list of stories."""

    id: int
    title: str  # of the first article
    language: str
    first_article: int
    first_source: str
    first_name: str
    first_at: str
    last_at: str
    members: int
    sources: int
    agency: str
    origin: str


NEWEST = ("~", 0)  # later than every story

_STORY = "SELECT t.*, s.slug AS first_source FROM stories t JOIN sources s ON s.id = t.first_source_id"
_COPY = """
    SELECT m.*, a.title, a.url, a.agency, s.slug AS source, f.slug AS first_source, t.sources,
           coalesce(a.published_at, a.first_seen_at) AS published_at, a.id = t.first_article_id AS first
    FROM story_members m JOIN stories t ON t.id = m.story_id JOIN articles a ON a.id = m.article_id
    JOIN sources s ON s.id = a.source_id JOIN sources f ON f.id = t.first_source_id"""
_ORDER = "ORDER BY a.id != t.first_article_id, coalesce(a.published_at, a.first_seen_at), a.first_seen_at, a.id"


def stories(
    conn: sqlite3.Connection, *, source: str | None, since: str | None, until: str | None, outlets: int
) -> Iterator[Story]:
    """Stories that at least that many outlets have, in the order of their first publication; with a `source` those that
    it has, whoever was first. Raises QueryError for a time that cannot be read."""
    _check(since, until)
    rows = conn.execute(
        f"""{_STORY} WHERE t.sources >= :outlets
            AND (:since IS NULL OR t.first_at >= :since)
            AND (:until IS NULL OR substr(t.first_at, 1, length(:until)) <= :until)
            AND (:source IS NULL OR t.id IN (SELECT a.story_id FROM articles a JOIN sources o ON o.id = a.source_id
                                             WHERE o.slug = :source AND a.story_id IS NOT NULL))
            ORDER BY t.first_at, t.id""",  # noqa: S608  parts of ours
        {"source": source, "since": since, "until": until, "outlets": outlets},
    )
    for row in rows:
        yield _story(conn, row)


def story(conn: sqlite3.Connection, story_id: int) -> Story | None:
    """One story, by its number or by that of one that became part of it."""
    if not 0 < story_id <= LARGEST:
        return None
    while (row := conn.execute(f"{_STORY} WHERE t.id = ?", [story_id]).fetchone()) is None:
        alias = conn.execute("SELECT story_id FROM story_aliases WHERE id = ?", [story_id]).fetchone()
        if alias is None:
            return None
        story_id = int(alias["story_id"])
    return _story(conn, row)


def members(conn: sqlite3.Connection, story_id: int) -> list[Copy]:
    """The articles of a story, first published first."""
    return [_copy(row) for row in conn.execute(f"{_COPY} WHERE m.story_id = ? {_ORDER}", [story_id])]


def lineup(conn: sqlite3.Connection, story_id: int, most: int) -> list[Member]:
    """The first articles of a story in order of appearance."""
    rows = conn.execute(
        f"""SELECT a.id AS article_id, a.title, a.language, s.slug AS source, s.name, a.agency, a.version, a.withdrawn_at,
                   coalesce(a.published_at, a.first_seen_at) AS published_at, a.id = t.core_id AS core,
                   m.shared, m.of_core, m.added
            FROM story_members m JOIN stories t ON t.id = m.story_id JOIN articles a ON a.id = m.article_id
            JOIN sources s ON s.id = a.source_id WHERE m.story_id = ? {_ORDER} LIMIT ?""",  # noqa: S608  parts of ours
        [story_id, most],
    )
    return [Member(**{**dict(row), "core": bool(row["core"])}) for row in rows]


def headings(
    conn: sqlite3.Connection,
    *,
    source: str = "",
    since: str = "",
    until: str = "",
    outlets: int = 1,
    before: tuple[str, int] = NEWEST,
    most: int,
) -> list[Heading]:
    """The stories before a place (first publication, number), the newest first, that at least that many outlets have;
    with a `source` those that it has. Raises QueryError for a time that cannot be read."""
    _check(since or None, until or None)
    wanted = {
        "t.first_at >= :since": since,
        "t.first_at < :until || '~'": until,  # a day with all its times
        """t.id IN (SELECT story_id FROM articles WHERE story_id IS NOT NULL
                    AND source_id = (SELECT id FROM sources WHERE slug = :source))""": source,
    }
    where = " AND ".join(["t.sources >= :outlets", *(condition for condition, value in wanted.items() if value)])
    rows = conn.execute(
        f"""SELECT t.id, t.title, t.language, t.first_article_id AS first_article, s.slug AS first_source,
                   s.name AS first_name, t.first_at, t.last_at, t.members, t.sources, t.agency, t.origin
            FROM stories t JOIN sources s ON s.id = +t.first_source_id
            WHERE {where} AND (t.first_at, t.id) < (:at, :id) ORDER BY t.first_at DESC, t.id DESC LIMIT :most""",  # noqa: S608
        {"source": source, "since": since, "until": until, "outlets": outlets, "at": before[0], "id": before[1],
         "most": most},
    )  # fmt: skip
    return [Heading(**dict(row)) for row in rows]


def copies(
    conn: sqlite3.Connection, source: str, *, since: str | None, until: str | None, first: bool | None
) -> Iterator[Copy]:
    """The articles of a source that another outlet has too, the latest first; `first` says whether only those that it
    had first or only those that others had before. Raises QueryError for a time that cannot be read."""
    _check(since, until)
    rows = conn.execute(
        f"""{_COPY} WHERE s.slug = :source AND t.sources > 1
            AND (:since IS NULL OR coalesce(a.published_at, a.first_seen_at) >= :since)
            AND (:until IS NULL OR substr(coalesce(a.published_at, a.first_seen_at), 1, length(:until)) <= :until)
            AND (:first IS NULL OR (t.first_source_id = a.source_id) = :first)
            ORDER BY coalesce(a.published_at, a.first_seen_at) DESC, a.id DESC""",
        {"source": source, "since": since, "until": until, "first": first},
    )
    yield from map(_copy, rows)


def _check(since: str | None, until: str | None) -> None:
    for name, text in (("since", since), ("until", until)):
        if text is not None:
            moment_text(text, name)


def _story(conn: sqlite3.Connection, row: Any) -> Story:
    select = f"SELECT a.id FROM articles a JOIN stories t ON t.id = a.story_id WHERE t.id = ? {_ORDER}"  # noqa: S608
    ids = tuple(int(one["id"]) for one in conn.execute(select, [row["id"]]))
    return Story(
        id=row["id"],
        title=row["title"],
        language=row["language"],
        articles=ids,
        sources=row["sources"],
        first_source=row["first_source"],
        first_published_at=row["first_at"],
        last_published_at=row["last_at"],
        core=row["core_id"],
        agency=row["agency"],
        origin=row["origin"],
        origin_from=row["origin_from"],
        confidence=row["confidence"],
    )


def _copy(row: Any) -> Copy:
    fields = {name: row[name] for name in Copy.__dataclass_fields__}
    return Copy(**{**fields, "first": bool(row["first"])})

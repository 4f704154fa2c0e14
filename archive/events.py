"""What happened to articles after they were published, as one stream: what was changed, and what was taken away."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from archive.changes import Kind
from archive.errors import QueryError

WITHDRAWN = "withdrawn"
TITLES = "titles"  # of any kind of change, those that have another headline too
KINDS = (TITLES, *(kind.value for kind in Kind), WITHDRAWN)
QUIET = Kind.TRIVIAL  # shown only when it is asked for: signs and spelling

Place = tuple[str, int, int]  # (moment, article, version); 0 as version of a withdrawal
NEWEST: Place = ("~", 0, 0)  # later than every moment


@dataclass(frozen=True, slots=True)
class Event:
    """A change from one version to the next, or a withdrawal, which has no versions and counts no words."""

    at: str  # UTC
    article_id: int
    version: int  # 0: a withdrawal
    from_version: int
    kind: str
    source: str
    name: str  # of the source
    language: str
    title_before: str
    title: str
    words_added: int
    words_removed: int
    silent: bool
    notice: str

    @property
    def place(self) -> Place:
        """Where it stands in the stream."""
        return (self.at, self.article_id, self.version)


def events(
    conn: sqlite3.Connection,
    *,
    kind: str = "",
    source: str = "",
    silent: bool = False,
    before: Place = NEWEST,
    most: int,
) -> list[Event]:
    """The events before a place, the newest first: of a kind, a source (slug), or only those that nothing told of. All
    kinds are all but trivial ones. Raises QueryError for a kind that there is not."""
    if kind and kind not in KINDS:
        raise QueryError(f"There is no kind “{kind}” of events: {', '.join(KINDS)}.")
    values = {"kind": kind, "source": source, "at": before[0], "id": before[1], "version": before[2], "most": most}
    streams = []
    if kind != WITHDRAWN:
        streams.append(_rows(conn, _CHANGES, _conditions(kind, source, silent), values))
    if kind in ("", WITHDRAWN) and not silent:
        streams.append(_rows(conn, _WITHDRAWALS, [_OF_SOURCE.format("+a.")] if source else [], values))
    merged = heapq.merge(*streams, key=lambda event: event.place, reverse=True)
    return list(islice(merged, most))


_CHANGES = (
    """SELECT c.changed_at AS at, c.article_id, c.to_version AS version, c.from_version, c.kind, s.slug AS source, s.name,
              a.language, b.title AS title_before, v.title, c.words_added, c.words_removed, c.silent, c.notice
       FROM changes c JOIN sources s ON s.id = c.source_id JOIN articles a ON a.id = c.article_id
       JOIN article_versions b ON b.article_id = c.article_id AND b.version = c.from_version
       JOIN article_versions v ON v.article_id = c.article_id AND v.version = c.to_version
       WHERE (c.changed_at, c.article_id, c.to_version) < (:at, :id, :version)""",
    "ORDER BY c.changed_at DESC, c.article_id DESC, c.to_version DESC LIMIT :most",
)
_WITHDRAWALS = (
    f"""SELECT a.withdrawn_at AS at, a.id AS article_id, 0 AS version, 0 AS from_version, '{WITHDRAWN}' AS kind,
              s.slug AS source, s.name, a.language, '' AS title_before, a.title, 0 AS words_added, 0 AS words_removed,
              0 AS silent, '' AS notice
       FROM articles a JOIN sources s ON s.id = +a.source_id
       WHERE a.withdrawn_at IS NOT NULL AND (a.withdrawn_at, a.id, 0) < (:at, :id, :version)""",  # noqa: S608  ours
    "ORDER BY a.withdrawn_at DESC, a.id DESC LIMIT :most",
)
_OF_SOURCE = "{}source_id = (SELECT id FROM sources WHERE slug = :source)"


def _conditions(kind: str, source: str, silent: bool) -> list[str]:
    wanted = [_OF_SOURCE.format("c.")] if source else []
    if silent:
        wanted.append("c.silent = 1")
    if kind == TITLES:
        wanted.append("c.title_changed = 1")
    elif kind:
        wanted.append("c.kind = :kind")
    else:
        wanted.append(f"c.kind != '{QUIET}'")
    return wanted


def _rows(
    conn: sqlite3.Connection, parts: tuple[str, str], conditions: Sequence[str], values: dict[str, object]
) -> Iterator[Event]:
    select, order = parts
    for row in conn.execute(" AND ".join([select, *conditions]) + f" {order}", values):
        yield Event(**{**dict(row), "silent": bool(row["silent"])})

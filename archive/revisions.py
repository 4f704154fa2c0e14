"""Changes and differences between versions, as a reader of the archive sees them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from archive.changes import Kind, Return, classed
from archive.difference import Piece, pieces
from archive.errors import QueryError
from archive.search import moment_text
from archive.versions import telling_of

PAGE_SIZE = 500  # rows read at a time, so that a reader that pauses does not hold a snapshot for long


@dataclass(frozen=True, slots=True)
class Change:
    """What changed from one version of an article to the next. `lead`: its summary; `silent`: neither a notice nor a new
    time of modification said so."""

    article_id: int
    from_version: int
    to_version: int
    changed_at: str  # UTC: when the later version was first captured
    source: str
    kind: Kind
    title_before: str
    title: str
    title_changed: bool
    lead_changed: bool
    words_added: int
    words_removed: int
    paragraphs_added: int
    paragraphs_removed: int
    silent: bool
    notice: str  # the new notice of a correction; "" when there is none
    url: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of two versions that are compared."""

    version: int
    captured_at: str
    title: str
    summary: str
    text: str


@dataclass(frozen=True)
class Difference:
    """Two versions of an article; the pieces are worked out when they are asked for."""

    article_id: int
    before: Side
    after: Side
    kind: Kind
    silent: bool

    @cached_property
    def title(self) -> list[Piece]:
        """The headlines, word by word."""
        return _line(self.before.title, self.after.title)

    @cached_property
    def summary(self) -> list[Piece]:
        """The summaries, word by word."""
        return _line(self.before.summary, self.after.summary)

    @cached_property
    def text(self) -> list[Piece]:
        """The texts, word by word."""
        return pieces(self.before.text, self.after.text)


def changes(
    conn: sqlite3.Connection,
    *,
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    kind: str | None = None,
    silent: bool | None = None,
    article: int | None = None,
) -> Iterator[Change]:
    """Changes, the latest first. Raises QueryError for a time or kind that cannot be read."""
    since = since and moment_text(since, "since")
    until = until and moment_text(until, "until")
    if kind is not None and kind not in list(Kind):
        raise QueryError(f"there is no kind {kind!r} of changes: {', '.join(Kind)}")
    wanted = {
        "c.changed_at >= :since": since,
        "c.changed_at <= :until": until and (f"{until}T23:59:59Z" if len(until) == len("YYYY-MM-DD") else until),
        "c.source_id = (SELECT id FROM sources WHERE slug = :source)": source,
        "c.kind = :kind": kind,
        "c.silent = :silent": None if silent is None else int(silent),
        "c.article_id = :article": article,
    }
    values = {condition.rpartition(":")[2].rstrip(")"): value for condition, value in wanted.items()}
    where = " AND ".join([condition for condition, value in wanted.items() if value is not None] or ["1"])
    last: tuple[str, int, int] = ("~", 0, 0)
    while True:
        rows = conn.execute(
            f"""{_SELECT} WHERE {where} AND (c.changed_at, c.article_id, c.to_version) < (:at, :id, :version)
                ORDER BY c.changed_at DESC, c.article_id DESC, c.to_version DESC LIMIT {PAGE_SIZE}""",
            {**values, "at": last[0], "id": last[1], "version": last[2]},
        ).fetchall()
        if not rows:
            return
        for row in rows:
            yield _change(row)
        last = (rows[-1]["changed_at"], rows[-1]["article_id"], rows[-1]["to_version"])


def difference(
    conn: sqlite3.Connection, article_id: int, before: int | None = None, after: int | None = None
) -> Difference | None:
    """Two versions of an article side by side: by default the last one in time and the one before it.

    None when there are no two. Raises QueryError for a version that is not there.
    """
    order = [
        int(row["version"])
        for row in conn.execute(
            "SELECT version FROM article_versions WHERE article_id = ? ORDER BY captured_at, version", [article_id]
        )
    ]
    for version in (before, after):
        if version is not None and version not in order:
            raise QueryError(f"article {article_id} has no version {version}: {', '.join(map(str, order)) or 'none'}")
    if after is None:
        after = next((version for version in reversed(order) if version != before), None)
    if before is None and after is not None:
        at = order.index(after)
        before = order[at - 1] if at else None
    if before is None or after is None:
        return None
    one, other = (
        conn.execute("SELECT * FROM article_versions WHERE article_id = ? AND version = ?", [article_id, v]).fetchone()
        for v in (before, after)
    )
    change = classed(telling_of(one), telling_of(other))
    return Difference(article_id, _side(one), _side(other), change.kind, change.silent)


def returns(conn: sqlite3.Connection, article_id: int) -> list[Return]:
    """When an article went back to a version that it had shown before, in the order of time."""
    rows = conn.execute(
        "SELECT version, returned_at, instead_of FROM returns WHERE article_id = ? ORDER BY returned_at", [article_id]
    )
    return [Return(**dict(row)) for row in rows]


_SELECT = """
    SELECT c.*, s.slug AS source, a.url, b.title AS title_before, v.title AS title
    FROM changes c JOIN articles a ON a.id = c.article_id JOIN sources s ON s.id = c.source_id
    JOIN article_versions b ON b.article_id = c.article_id AND b.version = c.from_version
    JOIN article_versions v ON v.article_id = c.article_id AND v.version = c.to_version"""


def _change(row: sqlite3.Row) -> Change:
    fields = {name: row[name] for name in Change.__dataclass_fields__}
    flags = {name: bool(fields[name]) for name in ("title_changed", "lead_changed", "silent")}
    return Change(**{**fields, **flags, "kind": Kind(fields["kind"])})


def _side(row: sqlite3.Row) -> Side:
    return Side(**{name: row[name] for name in Side.__dataclass_fields__})


def _line(before: str, after: str) -> list[Piece]:
    """Pieces of a single line, without the line end that pieces of a text end with."""
    parts = pieces(before, after)
    last = parts[-1]
    return [*parts[:-1], *([Piece(last.op, last.text[:-1])] if last.text[:-1] else [])]


def number(conn: sqlite3.Connection, since: str, until: str) -> int:
    """How many changes there are from one time, or day, until before another."""
    sql = "SELECT count(*) FROM changes WHERE changed_at >= ? AND changed_at < ?"
    return int(conn.execute(sql, [since, until]).fetchone()[0])

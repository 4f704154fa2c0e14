"""What the tests of the archive share: an archive with one source, exchanges and drafts."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import Archive
from archive.filing import Filed, Filing
from archive.postgres.tokens import tokens_of
from archive.raw import Exchange
from archive.records import Draft, utc_text
from archive.rows import SourceRow
from tests import warm

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
SENTENCE = "The ferry to the northern islands will sail twice a day from April, said the harbour office on Monday. "
TEXT = (
    SENTENCE + "Tickets can be bought on board, and bicycles travel without a charge on every crossing of the summer."
)
OTHER = (
    "Bakers in the old town close for a week because the flour that was ordered in autumn never arrived. "
    "The guild asks its members to share what is left, and the mayor speaks of a shortage that nobody could foresee."
)


def at(hours: float) -> datetime:
    """A time, hours after NOW."""
    return NOW + timedelta(hours=hours)


def stamp(hours: float) -> str:
    """The same as text."""
    return utc_text(at(hours))


def exchange(url: str = "https://example.org/a", body: bytes = b"<html>a</html>", **more: Any) -> Exchange:
    """An exchange that went well."""
    values: dict[str, Any] = {
        "url": url,
        "fetched_at": NOW,
        "status": 200,
        "reason": "OK",
        "headers": (("Content-Type", "text/html"),),
        "body": body,
        "request_headers": (("User-Agent", "Test"),),
    }
    return Exchange(**(values | more))


def add_source(archive: Archive, slug: str = "island_post") -> int:
    """A source in the archive."""
    return archive.ledger.put_source(SourceRow(slug, slug.title(), f"https://{slug}.example/"), NOW)


def filing(source_id: int, url: str, title: str = "Ferries twice a day", text: str = TEXT, **more: Any) -> Filing:
    """A page that was fetched at `hours` after NOW; names of Draft and of Filing may be given."""
    drafted = {name: more.pop(name) for name in list(more) if name in Draft.__dataclass_fields__}
    hours = more.pop("hours", 0)
    values: dict[str, Any] = {"requested": (url,), "captured_at": stamp(hours)} | more
    return Filing(source_id, Draft(title=title, text=text, **drafted), final=url, **values)


def file(archive: Archive, one: Filing) -> Filed:
    """File in a transaction, then let the database compare the index with the articles."""
    with archive.transaction():
        filed = archive.store.file(one)
    check(archive)
    return filed


def check(archive: Archive) -> None:
    """The integrity checks of the database and of the full-text index."""
    if isinstance(archive.address, Path):
        check_file(archive.address)
    else:
        check_postgresql(archive)


def check_postgresql(archive: Archive) -> None:
    """Every article is in the full-text index with the tokens that its texts have now, and the totals are right."""
    db = archive.db
    assert db.execute("SELECT count(*) FROM articles_unindexed").fetchone()[0] == 0
    indexed = {row["id"]: row for row in db.execute("SELECT * FROM articles_fts")}
    held = {row["id"]: row for row in db.execute("SELECT * FROM articles_search")}
    assert indexed.keys() == held.keys()
    for number, row in held.items():
        for name in ("title", "text", "title_folded", "text_folded"):
            assert indexed[number][name].split() == list(tokens_of(row[name])), (number, name)
    totals = db.execute("SELECT articles, tokens FROM articles_fts_totals").fetchone()
    assert tuple(totals) == (len(held), sum(row["size"] for row in indexed.values()))


def check_file(folder: Path) -> None:
    """The integrity checks of SQLite and of its full-text index, through plain sqlite3."""
    with closing(sqlite3.connect(folder / "archive.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        conn.rollback()


def force(archive: Archive, sql: str) -> None:
    """Run a statement although rows would refer to others that are not there."""
    on_postgresql = archive.on_postgresql
    archive.db.execute("SET session_replication_role = replica" if on_postgresql else "PRAGMA foreign_keys = OFF")
    archive.db.execute(sql)
    archive.db.execute("SET session_replication_role = origin" if on_postgresql else "PRAGMA foreign_keys = ON")


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process that runs `code` with the project on its path."""
    return warm.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(archive: Archive, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """What a query gives, as plain tuples."""
    return [tuple(row) for row in archive.db.conn.execute(sql, parameters)]

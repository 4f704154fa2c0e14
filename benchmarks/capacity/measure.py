"""What an article takes in an archive of either kind, by what it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import cast

from archive import Archive
from archive.errors import ArchiveError
from archive.postgres import Where
from archive.postgres.connection import Connection

GROUPS = {
    "articles": ("articles",),
    "versions": ("article_versions", "changes", "returns", "sightings"),
    "folded text": ("articles_folded",),
    "full-text index": ("articles_fts", "articles_fts_totals", "articles_unindexed"),
    "ledger": ("pages", "captures", "article_urls", "article_keys", "contested_urls"),
    "copies": ("sketches", "sketch_index"),
}
OTHER = "all else"
_SQLITE = """SELECT coalesce(m.tbl_name, s.name) AS name, sum(s.pgsize) AS bytes FROM dbstat s
    LEFT JOIN sqlite_master m ON m.name = s.name GROUP BY 1"""
_POSTGRESQL = """SELECT relname, pg_total_relation_size(oid)::bigint FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
_COUNTS = """SELECT count(*) AS articles, coalesce(sum(length(CAST(text AS BLOB))), 0) AS text FROM articles"""
_COUNTS_POSTGRESQL = "SELECT count(*), coalesce(sum(octet_length(text)), 0)::bigint FROM articles"


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of an article on average; `groups` add up to `database`."""

    articles: int
    text: float  # UTF-8
    database: float
    groups: dict[str, float]
    raw: float  # of the records in raw/


def measure(where: Where) -> Measured:
    """Measure an archive with a good number of articles. Raises ArchiveError for one without any."""
    with Archive(where) as archive:
        if archive.on_postgresql:
            native = cast(Connection, archive.db).native
            sizes = dict(native(_POSTGRESQL, []))
            articles, text = native(_COUNTS_POSTGRESQL, [])[0]
        else:
            sizes = {row["name"]: row["bytes"] for row in archive.db.query(_SQLITE)}
            articles, text = archive.db.execute(_COUNTS).fetchone()
        raw = archive.db.execute("SELECT coalesce(sum(warc_length), 0) FROM captures").fetchone()[0]
    if not articles:
        raise ArchiveError(f"{where} has no article to measure")
    groups = {name: size / articles for name, size in _grouped(sizes.items()).items()}
    return Measured(articles, text / articles, sum(groups.values()), groups, raw / articles)


def _grouped(sizes: Iterable[tuple[str, int]]) -> dict[str, float]:
    """Bytes by group; tables that SQLite's full-text index consists of are named after it."""
    found: defaultdict[str, float] = defaultdict(float, dict.fromkeys((*GROUPS, OTHER), 0.0))
    for table, size in sizes:
        name = "articles_fts" if table.startswith("articles_fts") else table
        found[next((group for group, tables in GROUPS.items() if name in tables), OTHER)] += size
    return dict(found)


def as_toml(name: str, measured: Measured) -> str:
    """The same as a table of capacity.toml."""
    said = asdict(measured)
    groups = "".join(f'"{group}" = {round(size)}\n' for group, size in said.pop("groups").items())
    return (
        f"[{name}]\n"
        + "".join(f"{key} = {round(value)}\n" for key, value in said.items())
        + f"\n[{name}.groups]\n{groups}"
    )

"""What the translation of statements has to know of the tables, read from the migration that makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parent / "migrations" / "0002_tables.sql"
_COLUMN = re.compile(r"^\s+(\w+) (bigint|text|double precision|bytea)\b([^\n]*)", re.MULTILINE)


@cache
def integers() -> frozenset[str]:
    """Columns that are integers in every table that has one of that name."""
    kinds: dict[str, set[str]] = {}
    for _, body in _tables():
        for name, kind, _rest in _COLUMN.findall(body):
            kinds.setdefault(name, set()).add(kind)
    return frozenset(name for name, found in kinds.items() if found == {"bigint"})


@cache
def nullable() -> frozenset[str]:
    """Columns that may be NULL in any table."""
    return frozenset(
        name
        for _, body in _tables()
        for name, _, rest in _COLUMN.findall(body)
        if "NOT NULL" not in rest and "PRIMARY KEY" not in rest
    )


@cache
def numbered() -> frozenset[str]:
    """Tables whose rows get their number from PostgreSQL."""
    return frozenset(name for name, body in _tables() if re.search(r"^\s+id bigint GENERATED", body, re.MULTILINE))


@cache
def columns() -> dict[str, tuple[str, ...]]:
    """The columns of each table."""
    return {name: tuple(found[0] for found in _COLUMN.findall(body)) for name, body in _tables()}


@cache
def keys() -> dict[str, list[str]]:
    """The primary key of each table."""
    found = {}
    for name, body in _tables():
        several = re.search(r"^\s+PRIMARY KEY \(([^)]*)\)", body, re.MULTILINE)
        single = re.search(r"^\s+(\w+) [^\n]*PRIMARY KEY", body, re.MULTILINE)
        found[name] = several[1].split(", ") if several else [single[1]] if single else []
    return found


def _tables() -> Iterator[tuple[str, str]]:
    text = re.sub(r"--[^\n]*", "", TABLES.read_text(encoding="utf-8"))
    yield from re.findall(r"CREATE TABLE (\w+) \((.*?)\n\);", text, re.DOTALL)

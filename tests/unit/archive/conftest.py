"""Fixtures of the archive's tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from archive import Archive
from archive.postgres import place_of, schema
from tests.postgresql import Server
from tests.queries import add_sources, make_index


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of tests that are about SQLite files."""
    config.addinivalue_line("markers", "sqlite: about SQLite and its files; not run on PostgreSQL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what has no sense on PostgreSQL."""
    items[:] = [item for item in items if not (item.get_closest_marker("sqlite") and "postgresql" in item.name)]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where an archive can be made: a folder, or a database of PostgreSQL with a folder for raw pages."""
    if request.param == "sqlite":
        yield tmp_path / "data"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.archive(tmp_path / "data") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def index(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """A connection to an archive without articles, with the sources of tests/queries.py."""
    if request.param == "sqlite":
        with closing(make_index()) as conn:
            yield conn
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.database()
    found = place_of(server.url(name))
    assert found is not None
    with closing(schema.connect(found, write=True)) as opened:
        conn = cast(sqlite3.Connection, opened)
        add_sources(conn)
        yield conn
    server.drop(name)


@pytest.fixture
def archive(place: Path | str) -> Iterator[Archive]:
    """An empty archive that is open for writing."""
    with Archive(place, write=True) as opened:
        yield opened

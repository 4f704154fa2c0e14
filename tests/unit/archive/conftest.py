"""Fixtures of the archive's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive
from tests.postgresql import Server


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
    name = server.database()
    yield server.url(name, tmp_path / "data")
    server.drop(name)


@pytest.fixture
def archive(place: Path | str) -> Iterator[Archive]:
    """An empty archive that is open for writing."""
    with Archive(place, write=True) as opened:
        yield opened

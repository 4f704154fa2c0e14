"""A database for each test of workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import Server


@pytest.fixture
def url(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    """The address of an empty archive."""
    name = postgresql.database()
    yield postgresql.url(name, tmp_path / "data")
    postgresql.drop(name)

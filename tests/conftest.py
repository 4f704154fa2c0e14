"""A PostgreSQL server for the tests of the archive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import Server, server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server that these tests share; each has a database of its own."""
    with server() as started:
        yield started

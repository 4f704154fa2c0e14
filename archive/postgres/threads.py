"""One archive in several threads: one of them writes, the others read what it has committed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self

from archive.postgres.connection import Connection


class ByThread:
    """A connection for writing, which is all there is until a thread is named the writer. From then on every other thread
    reads through a session of its own: it neither waits for a transaction nor sees one that is under way, nor waits for what
    another thread reads. For few threads that live long."""

    def __init__(self, writing: Connection, reading: Callable[[], Any]) -> None:
        self._writing = writing
        self._open_reading = reading
        self._reading: dict[int, Connection] = {}
        self._writer: int | None = None

    @property
    def conn(self) -> Self:
        """What sqlite_utils calls the connection."""
        return self

    def write_here(self) -> None:
        """Let this thread alone write from now on."""
        self._writer = threading.get_ident()

    def _here(self) -> Connection:
        thread = threading.get_ident()
        if self._writer is None or self._writer == thread:
            return self._writing
        if thread not in self._reading:
            self._reading[thread] = self._open_reading()
        return self._reading[thread]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._here(), name)

    def __getitem__(self, name: str) -> Any:
        return self._here()[name]

    def close(self) -> None:
        """End all sessions."""
        self._writing.close()
        for connection in self._reading.values():
            connection.close()

"""Rows that can be read by place and by name, as sqlite3.Row can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, SupportsIndex

from psycopg import Cursor


class Row(tuple[Any, ...]):
    """A row of a result."""

    __slots__ = ()
    _places: dict[str, int] = {}  # noqa: RUF012  of each subclass its own, see `kind_of`

    def __getitem__(self, key: SupportsIndex | slice | str) -> Any:
        if isinstance(key, str):
            try:
                return tuple.__getitem__(self, self._places[key])
            except KeyError:
                raise IndexError(f"no item with the key {key!r}") from None
        return tuple.__getitem__(self, key)

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self._places)


@lru_cache(maxsize=1024)
def kind_of(names: tuple[str, ...]) -> type[Row]:
    """The rows of a result with these columns."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name, place)
    return type("Row", (Row,), {"__slots__": (), "_places": places})


def rows(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    """psycopg's row factory."""
    return kind_of(tuple(column.name for column in cursor.description or ()))

"""What an expression said of the classes and ids of elements, which recur on a page and on all pages of a site."""

from __future__ import annotations

import re
from functools import lru_cache

MOST = 4096  # names that are remembered for an expression
LONGEST = 300  # characters of such a name; others recur too, and may be made long by those who mean no good


class Remembered:
    """An expression that is asked about the same names again and again."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._search = pattern.search
        self._remembered = lru_cache(maxsize=MOST)(self._ask)

    def is_in(self, name: str | None) -> bool:
        """Tell whether the expression is found in a name; an element without one has it nowhere."""
        if not name:
            return False
        return self._remembered(name) if len(name) <= LONGEST else self._ask(name)

    def _ask(self, name: str) -> bool:
        return self._search(name) is not None

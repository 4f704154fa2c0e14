"""Expressions in lower case that find their like in text of any case.

Under `re.IGNORECASE` an alternative is not told by its first letter: all of a hundred are tried at each place, which
takes five times as long.
"""

from __future__ import annotations

import re


class AnyCase:
    """An expression, written in lower case; where something was found is also where it stands in the text as it came."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern.replace("ı", "i"))
        self.match_lowered = self._pattern.match  # for text that is `lowered` already

    def match(self, text: str) -> re.Match[str] | None:
        """Match at the beginning of a text."""
        return self._pattern.match(lowered(text))

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first match anywhere in a text."""
        return self._pattern.search(lowered(text))


def lowered(text: str) -> str:
    """Text in lower case, letter for letter; the Turkish i without its dot is an i, as for `re.IGNORECASE`."""
    low = text.lower()
    if low.isascii():
        return low
    if len(low) != len(text):
        low = text.replace("İ", "i").lower()
    return low.replace("ı", "i")

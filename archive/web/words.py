"""Functions that our templates call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.scripts import direction, tag
from archive.web.moments import distance, spoken, spoken_in


def percent(share: float) -> str:
    """A share in whole per cent, never rounded to all or nothing."""
    return f"{min(max(round(share * 100), int(share > 0)), 100 if share >= 1 else 99)} %"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 word`, `2,300 words`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def stacked(words: str) -> str:
    """A spoken time for a narrow column: it breaks between day and hour alone."""
    return words.replace(" ", "\u00a0").replace(",\u00a0", ", ")


KINDS = {
    "headline": "headline changed", "deletion": "text removed", "addition": "text added", "rewrite": "rewritten",
    "correction": "correction", "trivial": "spelling", "withdrawn": "withdrawn", "": "",
}  # fmt: skip
WORDS: Mapping[str, Any] = {
    "kind_words": KINDS,
    "spoken": spoken,
    "stacked": stacked,
    "spoken_in": spoken_in,
    "distance": distance,
    "direction": direction,
    "lang_tag": tag,
    "percent": percent,
    "count": count,
}

"""Names of languages and countries for readers, from the Unicode CLDR."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from babel import Locale


@cache
def _english() -> Any:
    return Locale("en")


@lru_cache(maxsize=1000)
def language_name(code: str) -> str:
    """`fr` as `French`; a code without a name as it is."""
    return str(_english().languages.get(code.replace("-", "_"), code))


@lru_cache(maxsize=1000)
def country_name(code: str) -> str:
    """`fr` as `France`; a code without a name as it is."""
    return str(_english().territories.get(code.upper(), code))

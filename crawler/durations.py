"""Lists of durations as settings write them: `15m,1h,4h`."""

from __future__ import annotations

from datetime import timedelta

from crawler.schedule import parse_interval


def parse_durations(text: str) -> tuple[timedelta, ...]:
    """Read `15m,1h,1d`; an empty text gives none. Raises ValueError for a part that is no duration."""
    return tuple(parse_interval(part) for part in text.split(",") if part.strip())

"""When a feed is looked at again. Pure; the state is JSON-able and lives in `feeds.polling`.

The interval halves when a look brought something new and grows by half when it did not (additive-increase schemes would
take days to follow a feed that falls silent). What the publisher asks for (RSS ttl) is a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

FIRST = timedelta(minutes=30)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)


def next_check(
    state: Mapping[str, Any], now: datetime, *, new_items: int, ttl: timedelta = timedelta(0), first_look: bool = False
) -> tuple[datetime, dict[str, Any]]:
    """The time of the next look and the new state, after a look at `now` that brought `new_items`."""
    interval = timedelta(seconds=float(state.get("interval", FIRST.total_seconds())))
    if not first_look:  # at the first look everything is new, which says nothing of the rhythm
        interval = interval / 2 if new_items else interval * 3 / 2
    interval = min(max(interval, SHORTEST, min(ttl, LONGEST)), LONGEST)
    return now + interval, {"interval": interval.total_seconds()}

"""What feeds say about when their items came out, and how far it is believed. Pure.

Feeds give times in the future, in the wrong zone, one time for all (of the feed's build, or midnight of the day), or that
of the draft. An item that is new came out between the last look and this one, whatever it says; a time outside of that, or
the present one for all new items, is a lie, and a feed that lied about half of what it said is not listened to any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log

HOUR, DAY = 3600.0, 86_400.0
SLACK = 600.0  # seconds; caches hand a feed out that is some minutes old, and clocks differ a little
SAME = 1.0  # seconds
# An item this many times as old as the next, and by as many days, is none of the feed's rhythm; of fewer than that many others
# by chance alone one would be
PINNED_FAR, PINNED_DAYS, PINNED_BESIDE = 4.0, 2.0, 5


@dataclass(frozen=True, slots=True)
class Told:
    """The new items of a look. `last` and `at` in seconds since 1970; `last` None: there was no look before.

    `stamps`: the times that are believed, in seconds; `unknown`: how many items are known by first sight only.
    """

    last: float | None
    at: float
    stamps: tuple[float, ...]
    unknown: int
    judged: int = 0
    lies: int = 0

    @property
    def hours(self) -> Iterator[tuple[int, float]]:
        """(hour of the day, items) for all of them; what is known by first sight came out at any time since the last look."""
        for stamp in self.stamps:
            yield int(stamp // HOUR) % 24, 1.0
        if not self.unknown or self.last is None:
            return
        begin = max(self.last, self.at - DAY)
        place, length = begin, max(self.at - begin, 1.0)
        while place < self.at:
            end = min((place // HOUR + 1) * HOUR, self.at)
            yield int(place // HOUR) % 24, self.unknown * (end - place) / length
            place = end

    @property
    def passed(self) -> float:
        """Days since the last look; 0 where the clock went back."""
        return max(self.at - self.last, 0.0) / DAY if self.last is not None else 0.0

    def since_last(self, halves: float) -> tuple[float, float]:
        """Decayed (items, days) since the last look: a long time fades while it lasts, however long the clock says it was."""
        decay = log(2) / halves
        share = (1 - 0.5 ** (self.passed / halves)) / decay / self.passed if self.passed else 1.0
        return (len(self.stamps) + self.unknown) * share, self.passed * share

    def own_window(self, halves: float) -> tuple[float, float]:
        """Decayed (items, days) as the feed's own window shows them, for when nothing in it was known before.

        The oldest item opens the time that is looked at. Without times: all of them since the last look, or nothing.
        """
        ages = _without_pinned(sorted((self.at - stamp) / DAY for stamp in self.stamps))
        if len(ages) < 2 or ages[-1] - ages[0] <= SAME / DAY:
            return (0.0, 0.0) if self.last is None else self.since_last(halves)
        decay = log(2) / halves
        return sum(0.5 ** (age / halves) for age in ages[:-1]), (1 - 0.5 ** (ages[-1] / halves)) / decay


def listen(published: Sequence[datetime | None], last: float | None, at: float, *, liar: bool) -> Told:
    """What is believed of the times of new items."""
    said = [seconds(moment) for moment in published if moment is not None]
    if last is None:  # nothing to judge them by, except that nothing comes out tomorrow
        stamps = [] if _are_one(said) else [stamp for stamp in said if stamp <= at + SLACK]
        return Told(last, at, tuple(min(stamp, at) for stamp in stamps), len(published) - len(stamps))
    if _are_one(said) and said[0] > at - SLACK:
        return Told(last, at, (), len(published), len(said), len(said))
    honest = [min(max(stamp, last), at) for stamp in said if last - SLACK < stamp <= at + SLACK]
    lies = len(said) - len(honest)
    if liar:
        return Told(last, at, (), len(published), len(said), lies)
    return Told(last, at, tuple(honest), len(published) - len(honest), len(said), lies)


def seconds(moment: datetime) -> float:
    """Seconds since 1970; a time without a zone is taken for UTC, whatever the machine's zone is."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _without_pinned(ages: list[float]) -> list[float]:
    """The ages in days, youngest first, without those that stand far behind all others: a text that is kept in the feed for
    good, or a time of 1970, would make what is new today look as if it had taken years."""
    for kept in range(len(ages) - max(len(ages) // 10, 1), len(ages)):
        if kept >= PINNED_BESIDE and ages[kept] > max(PINNED_FAR * ages[kept - 1], ages[kept - 1] + PINNED_DAYS):
            return ages[:kept]
    return ages


def _are_one(stamps: Sequence[float]) -> bool:
    return len(stamps) > 1 and max(stamps) - min(stamps) < SAME

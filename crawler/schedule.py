"""When a source wants to be looked at: a fixed interval, a crontab line, or as its own rhythm suggests.

Crontab lines are read here and not by APScheduler's `from_crontab`, for which weekday 0 is Monday and which fires only
when both the day of the month and the weekday fit. crontab(5): 0 and 7 are Sunday, and when both are given, either one
is enough. All times are UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic import Field as Bounds

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_INTERVAL = timedelta(days=365)  # beyond a year it is a typing mistake; `enabled = false` is the way to stop

Weight = Annotated[float, Bounds(ge=0.01, le=100.0)]

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def parse_interval(text: str) -> timedelta:
    """Read `90s`, `15m`, `2h` or `1d`. Raises ValueError."""
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*([smhd])\s*", text)
    if match is None:
        raise ValueError(f"{text!r} is not an interval: write a whole number and s, m, h or d, such as '15m'")
    interval = timedelta(**{UNITS[match[2]]: int(match[1])})
    if not timedelta(seconds=1) <= interval <= LONGEST_INTERVAL:
        raise ValueError(f"{text!r} is out of range: one second to {LONGEST_INTERVAL.days} days")
    return interval


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a crontab line."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Give every number that the column's text stands for. Raises ValueError."""
        return frozenset(number for part in text.lower().split(",") for number in self._part(part))

    def _part(self, part: str) -> range:
        match = re.fullmatch(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([0-9]{1,4}))?", part)
        if match is None:
            raise ValueError(f"{part!r} in the {self.name} column is not a number, a range a-b, a list or */n")
        star, low, high, step = match.groups()
        if step and not (star or high):
            raise ValueError(f"{part!r} in the {self.name} column: a step follows * or a range")
        start, end = (self.first, self.last) if star else (self._number(low), self._number(high or low))
        if start > end:
            raise ValueError(f"{part!r} in the {self.name} column runs backwards")
        if step and int(step) == 0:
            raise ValueError(f"{part!r} in the {self.name} column: a step of 0")
        return range(start, end + 1, int(step or 1))

    def _number(self, text: str) -> int:
        if text in self.names:
            return self.names.index(text) + self.first
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise ValueError(f"{text!r} is not a value of the {self.name} column")
        number = int(text)
        if not self.first <= number <= self.last + (self.names is WEEKDAYS):
            raise ValueError(f"{text} is out of range for the {self.name} column ({self.first}-{self.last})")
        return number


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("weekday", 0, 6, WEEKDAYS),
)


@lru_cache(maxsize=256)
def cron_trigger(line: str) -> BaseTrigger:
    """Make the APScheduler trigger, in UTC, that fires when a crontab line says so. Raises ValueError."""
    columns = MACROS.get(line.strip().lower(), line).split()
    if len(columns) != len(FIELDS):
        raise ValueError(f"{line!r} is not a crontab line: it has {len(columns)} columns instead of 5")
    minute, hour, day, month, weekday = (field.values(text) for field, text in zip(FIELDS, columns, strict=True))
    weekday = frozenset(number % 7 for number in weekday)
    any_day, any_weekday = columns[2].startswith("*"), columns[4].startswith("*")
    if any(min(day) <= MONTH_LENGTHS[number - 1] for number in month) or not (any_weekday or any_day):
        return _trigger(minute, hour, day, month, weekday, either=not any_day and not any_weekday)
    raise ValueError(f"{line!r} never fires: no such day in that month")


def _trigger(
    minute: frozenset[int],
    hour: frozenset[int],
    day: frozenset[int],
    month: frozenset[int],
    weekday: frozenset[int],
    *,
    either: bool,
) -> BaseTrigger:
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    def listed(numbers: frozenset[int]) -> str:
        return ",".join(map(str, sorted(numbers)))

    times = {"minute": listed(minute), "hour": listed(hour), "month": listed(month), "second": "0", "timezone": UTC}
    days = {"day": listed(day)}
    weekdays = {"day_of_week": ",".join(WEEKDAYS[number] for number in sorted(weekday))}
    if either:
        return OrTrigger([CronTrigger(**times, **days), CronTrigger(**times, **weekdays)])
    return CronTrigger(**times, **days, **weekdays)


class Schedule(BaseModel):
    """The `[schedule]` table of a source file; without `every` and `cron` the source is polled adaptively."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    every: str | None = None
    cron: str | None = None
    weight: Weight = 1.0  # what its delays count beside those of other adaptive sources

    @field_validator("every")
    @classmethod
    def _every(cls, text: str | None) -> str | None:
        if text is not None:
            parse_interval(text)
        return text

    @field_validator("cron")
    @classmethod
    def _cron(cls, text: str | None) -> str | None:
        if text is not None:
            cron_trigger(text)
        return text

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.every is not None and self.cron is not None:
            raise ValueError("give `every` or `cron`, not both")
        if self.weight != 1.0 and (self.every is not None or self.cron is not None):
            raise ValueError("`weight` is for adaptive schedules, without `every` and `cron`")
        return self

    @property
    def kind(self) -> Literal["every", "cron", "adaptive"]:
        """Tell which of the three ways the source asks for."""
        return "every" if self.every is not None else "cron" if self.cron is not None else "adaptive"

    @property
    def interval(self) -> timedelta | None:
        """The interval of `every`; None for the other two kinds."""
        return None if self.every is None else parse_interval(self.every)

    def next_after(self, moment: datetime) -> datetime | None:
        """Give the first time strictly after `moment` (aware) that the schedule names; None when it is adaptive."""
        if self.interval is not None:
            return moment.astimezone(UTC) + self.interval
        if self.cron is None:
            return None
        later = moment.astimezone(UTC) + timedelta(microseconds=1)
        due: datetime | None = cron_trigger(self.cron).get_next_fire_time(None, later)
        return due

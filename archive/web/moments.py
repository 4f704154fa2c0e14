"""Stored times in words: in UTC, in the zone of whoever wrote them, and as a distance from another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.records import parse_utc

DAY = len("YYYY-MM-DD")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def spoken(text: str | None) -> str:
    """`2 May 2024, 08:10 UTC`, of a bare day `2 May 2024`; what is no time stays as it is."""
    moment = _moment(text)
    if moment is None:
        return text or ""
    return _day(moment.date()) if len(text or "") == DAY else f"{_day(moment.date())}, {moment:%H:%M} UTC"


def spoken_in(text: str | None, zone: str) -> str:
    """`2 May 2024, 16:10 +08:00`: the same in a zone; "" where that says no more than UTC does."""
    moment, there = _moment(text), zone_of(zone)
    if moment is None or there is None or len(text or "") == DAY:
        return ""
    local = moment.astimezone(there)
    return f"{_day(local.date())}, {local:%H:%M} {local.isoformat()[-6:]}" if local.utcoffset() else ""


def day_in(text: str | None, zone: str) -> str:
    """The day of a time in a zone, `YYYY-MM-DD`; "" when there is none."""
    moment = _moment(text)
    if moment is None:
        return ""
    if len(text or "") > DAY:
        moment = moment.astimezone(zone_of(zone) or UTC)
    return moment.date().isoformat()


def distance(first: str, other: str) -> str:
    """How much later than `first` the other is: `+2 h 10 min`; in days where one of them is only a day."""
    start, end = _moment(first), _moment(other)
    if start is None or end is None:
        return ""
    if DAY in (len(first), len(other)):
        days = (end.date() - start.date()).days
        return "the same day" if not days else _signed(days, [_count(abs(days), "day")])
    minutes = (end - start) // timedelta(minutes=1)
    days, rest = divmod(abs(minutes), 24 * 60)
    hours, left = divmod(rest, 60)
    if not minutes:
        return "the same minute"
    if days:
        return _signed(minutes, [_count(days, "day"), *([f"{hours} h"] if hours and days < 7 else [])])
    return _signed(minutes, [*([f"{hours} h"] if hours else []), *([f"{left} min"] if left else [])])


def _signed(amount: int, parts: list[str]) -> str:
    return f"{'+' if amount > 0 else '−'}{' '.join(parts)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError):
        return None


def zone_of(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name and name != "UTC" else None
    except (ZoneInfoNotFoundError, ValueError):
        return None

"""Times as machines write them: ISO 8601 and its cousins, RFC 2822, epochs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.records import utc_text

ISO = re.compile(
    r"^(\d{4})(?:[-/.]?(\d{2})[-/.]?(\d{2})|[-/.](\d{1,2})[-/.](\d{1,2}))"
    r"(?:(?:T|t|,?\s+|\s*-\s*)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,:]\d{1,9})?)?\s*([AaPp]\.?[Mm]\.?)?\s*"
    r"(Z|z|UTC|GMT|[+\-−]\s?\d{1,2}:?\d{0,2}|[A-Z]{2,5}|[A-Z][a-z]+/[A-Z][\w/]+)?)?(?:\s*\[[\w/]+\])?$"
)
ZONE_WORD = re.compile(r"\s([A-Z]{2,5})$")
COMPACT = re.compile(r"^((?:19|20)\d{6})(\d{6})$")
EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
RFC_WORD = re.compile(r"^(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[\s-][A-Za-z]{3,9}[\s-]\d{2,4}\s+\d{1,2}:\d{2}")
JS_DATE = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC)?([+-]\d{4})?")
C_DATE = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) ([A-Z]{3,4}) (\d{4})$")

# Abbreviations that mean one offset in the news; IST is India's unless the source says otherwise (see `offset_of`).
ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "MEZ": 60,
    "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "МСК": 180, "TRT": 180, "AST": 180, "GST": 240, "PKT": 300, "IST": 330,
    "NPT": 345,
    "BDT": 360, "WIB": 420, "ICT": 420, "WITA": 480, "SGT": 480, "HKT": 480, "MYT": 480, "PHT": 480, "CST": -360,
    "WIT": 540,
    "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300, "EDT": -240, "ET": -300,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "PT": -480, "BRT": -180, "ART": -180, "SAST": 120,
    "EAT": 180, "WAT": 60, "CAT": 120, "КИЕВ": 120,
}  # fmt: skip
LOCAL_MEANINGS = {
    "IST": ("Europe/Dublin", "Asia/Jerusalem"), "CST": ("Asia/Shanghai", "Asia/Taipei", "America/Havana"),
    "BST": ("Asia/Dhaka",), "AST": ("America/Halifax", "America/Puerto_Rico", "America/Port_of_Spain"),
    "ET": ("America/New_York",), "PT": ("America/Los_Angeles",),
}  # fmt: skip
# Where people who write English put the month first.
MONTH_FIRST_ZONES = frozenset(
    f"America/{city}"
    for city in "New_York Detroit Chicago Denver Boise Phoenix Los_Angeles Anchorage Juneau Menominee Indiana/Indianapolis "
    "Kentucky/Louisville".split()
) | {"Pacific/Honolulu", "Pacific/Guam", "Asia/Manila"}
UTC_ZONE: tzinfo = UTC
ZONES_OF_SHORT = {"ET": "America/New_York", "PT": "America/Los_Angeles"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that a page gave: an aware instant, or a day."""

    day: date  # as the page wrote it, in the page's zone
    instant: datetime | None  # aware; None when only the day is known
    zoned: bool  # whether the page itself gave the zone
    raw: str

    @property
    def text(self) -> str:
        """`YYYY-MM-DDTHH:MM:SSZ`, or `YYYY-MM-DD` when only the day is known."""
        return utc_text(self.instant) if self.instant else self.day.isoformat()

    @property
    def at_midnight(self) -> bool:
        """Whether the time of day is 00:00:00, as it is when a program filled in what it did not know."""
        return self.instant is not None and (self.instant.hour, self.instant.minute, self.instant.second) == (0, 0, 0)


def zone_named(name: str) -> tzinfo:
    """Return an IANA zone; UTC for a name that is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment(
    year: int, month: int, day: int, clock: tuple[int, int, int] | None, zone: tzinfo, *, zoned: bool, raw: str
) -> Moment | None:
    """Build a Moment; None for a date or time that does not exist."""
    try:
        stated = date(year, month, day)
        if clock is None:
            return Moment(stated, None, False, raw)
        hour, minute, second = clock
        extra = timedelta(days=1) if hour == 24 and minute == 0 else timedelta()
        local = datetime(year, month, day, 0 if extra else hour, minute, min(second, 59), tzinfo=zone) + extra
        return Moment(stated, local.astimezone(UTC), zoned, raw)
    except (ValueError, OverflowError):
        return None


def offset_of(name: str, zone: tzinfo, when: date) -> tzinfo | None:
    """Return the zone that "+05:30", "GMT+8" or "IST" means; a source whose own zone uses the letters decides."""
    if "/" in name:
        found = zone_named(name.strip())
        return None if found is UTC else found
    label = name.strip().upper().replace("−", "-").replace(" ", "")
    match = re.match(r"^(?:UTC|GMT|МСК)?([+-])(\d{1,2}):?(\d{2})?$", label)
    if match:
        minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
        return (
            timezone(timedelta(minutes=minutes if match.group(1) == "+" else -minutes)) if minutes <= 15 * 60 else None
        )
    if label in ZONES_OF_SHORT:
        return ZoneInfo(ZONES_OF_SHORT[label])
    if label not in ABBREVIATIONS:
        return None
    key = getattr(zone, "key", "")
    if key in LOCAL_MEANINGS.get(label, ()) or (
        key and key != "UTC" and datetime(when.year, when.month, when.day, 12, tzinfo=zone).tzname() == label
    ):
        return zone
    return timezone(timedelta(minutes=ABBREVIATIONS[label]))


def parse_machine(value: str, zone: tzinfo) -> Moment | None:
    """Read a machine-written time; one without a zone is in `zone`."""
    text = value.strip()
    if EPOCH.match(text):
        instant = datetime.fromtimestamp(int(text[:10]), UTC)
        return Moment(instant.date(), instant, True, value)
    if match := ISO.match(COMPACT.sub(r"\1T\2", text)):
        return _iso(match, zone, value)
    if match := JS_DATE.match(text):
        month, day, year, clock, offset = match.groups()
        text = f"{day} {month} {year} {clock} {offset or '+0000'}"
    elif match := C_DATE.match(text):
        month, day, clock, name, year = match.groups()
        stated = offset_of(name, zone, date(int(year), 1, 1))
        text, zone = f"{day} {month} {year} {clock}", stated or zone
    if RFC_WORD.match(text) or JS_DATE.match(value):
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
        word = ZONE_WORD.search(text) if when.tzinfo is None else None  # "BST", "IST": the mail standard knows neither
        stated = offset_of(word[1], zone, when.date()) if word else when.tzinfo
        zoned = stated is not None
        when = when.replace(tzinfo=stated or zone)
        try:
            return Moment(when.date(), when.astimezone(UTC), zoned, value)
        except (ValueError, OverflowError):
            return None
    return None


def _iso(match: re.Match[str], zone: tzinfo, raw: str) -> Moment | None:
    year, *written, hour, minute, second, half, offset = match.groups()
    month, day = (part for part in written if part)
    if hour is None:
        return moment(int(year), int(month), int(day), None, zone, zoned=False, raw=raw)
    hours = int(hour)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    try:
        stated = offset_of(offset, zone, date(int(year), int(month), int(day))) if offset else None
    except ValueError:
        return None
    clock = (hours, int(minute), int(second or 0))
    return moment(int(year), int(month), int(day), clock, stated or zone, zoned=stated is not None, raw=raw)

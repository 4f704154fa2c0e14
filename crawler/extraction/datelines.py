"""Dates and times as people write them in a line of text, in many languages, numerals and calendars."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from .moments import ABBREVIATIONS, MONTH_FIRST_ZONES, Moment, moment, offset_of
from .months import MONTHS, OF_LANGUAGE, PERSIAN
from .noise import UPDATED

MAX_LINE = 300  # characters; the line that dates an article is short
EARLIEST, LATEST = 1970, 2100

WORD = r"[^\W\d_][^\s\d,.;:/|()\[\]<>«»\"“”•·–—_+\-]*"
OF = r"(?:de|del|d’|d'|of|di|da|den|le|la)?"
ORDINAL = r"(?:st|nd|rd|th|er|ère|re|º|ª|°|o|a|d|\.)?"
YEAR = r"(?:พ\.?ศ\.?|ค\.?ศ\.?|năm|г\.?|р\.?|m\.)?\s?(\d{4})(?!\d)"
NUMERIC_YMD = re.compile(
    r"(?<!\d)(\d{4})\s?(?:[-/.]|年|년)\s?(\d{1,2})\s?(?:[-/.]|月|월)\s?(\d{1,2})(?!\d)\s?(?:日|일)?"
)
NUMERIC_DMY = re.compile(r"(?<![\d.])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/-])")
DAY_TEXT_YEAR = re.compile(
    rf"(?<!\d)(\d{{1,2}}){ORDINAL}[\s,/-]{{0,2}}{OF}\s?({WORD}(?:\s{WORD})?)[.,]?[\s,/-]{{0,2}}{OF}\s?{YEAR}"
)
DAY_TEXT_SHORT = re.compile(rf"(?<!\d)(\d{{1,2}})[\s-]({WORD})\.?[\s’'-](\d{{2}})(?!\d)(?!\s?[:h])")
TEXT_DAY_YEAR = re.compile(rf"(?<!\w)({WORD})\.?\s(\d{{1,2}}){ORDINAL},?\s?{YEAR}")
YEAR_TEXT_DAY = re.compile(rf"(?<!\d)(\d{{4}})(?:\.|\sm\.|ko)?,?\s({WORD})\.?\s(\d{{1,2}})(?!\d|\s?[:h])")
YEAR_DAY_TEXT = re.compile(rf"(?<!\d)(\d{{4}})\s?(?:ж\.|жылғы|жылы|-жыл|оны|елның)?,?\s(\d{{1,2}})[\s-]({WORD})")
NAMED = (  # pattern, then which groups are the day, the name and the year
    (DAY_TEXT_YEAR, 1, 2, 3), (TEXT_DAY_YEAR, 2, 1, 3), (YEAR_TEXT_DAY, 3, 2, 1), (YEAR_DAY_TEXT, 2, 3, 1), (DAY_TEXT_SHORT, 1, 2, 3),
)  # fmt: skip
DAY_TEXT = re.compile(rf"(?<!\d)(\d{{1,2}}){ORDINAL}\s{OF}\s?({WORD})")
THANG = re.compile(r"(?<!\d)(\d{1,2})\s?tháng\s?(\d{1,2}),?\s?(?:năm\s?)?(\d{4})")
SARYN = re.compile(r"(?<!\d)(\d{4})\s?оны\s(\d{1,2})\s?(?:-?р|дугаар|дүгээр)?\s?сарын\s(\d{1,2})(?!\d)")
ERA = re.compile(r"(令和|平成|民國|民国)\s?(\d{1,3}|元)年")
ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
THAI_DOT = re.compile(r"(?<=[\u0e01-\u0e4e])\.(?=\s?[\u0e01-\u0e2e\d])")

HALF_AFTER = re.compile(
    r"^\s?(a\.?\s?m\b\.?|p\.?\s?m\b\.?|ص\b|م\b|صباح|مساء|π\.?μ|μ\.?μ|pagi|sore|malam|asubuhi|jioni|usiku|mchana)", re.I
)
HALF_BEFORE = re.compile(r"(오전|오후|上午|下午|午前|午後|凌晨|早上|晚上|中午|πμ|μμ|पूर्वाह्न|अपराह्न|सुबह|शाम|रात)\s?$")
AFTERNOON = re.compile(r"^(p|م|مساء|μ|오후|下午|午後|晚上|अपराह्न|शाम|रात|sore|malam|jioni|usiku|mchana)", re.I)
CLOCK = re.compile(
    r"(?<![\d:.,/-])(\d{1,2})(?:\s?(?::|h|ч|時|时|點|点|시|u|г)\s?|(\.))(\d{2}(?!\d)|\d(?=\s?[分분]))"
    r"(?:\s?(?:[:.]|min|m|分|분)\s?([0-5]\d)(?!\d)\s?秒?|분|分)?"
)
HOUR_ONLY = re.compile(
    r"(?<![\d:.,/-])(\d{1,2})\s?(?=[ap]\.?m\b)|(?<![\d:.,/-])(\d{1,2})\s?(?:h|uhr|시|时|時)(?!\w)", re.I
)
CLOCK_WORD = re.compile(r"(?:kl|klo|klokken|um|at|om|ore|ora|ore|pukul|jam|alle|ob|o|u|,|\||-|–|—|•|·)\.?\s?$", re.I)
UHR = re.compile(r"^\s?(?:uhr|wib|wita|uur|val|hrs|hours|น\.|h\b)", re.I)
ZONE = re.compile(
    r"^[\s,(|]{0,3}\(?((?:UTC|GMT|МСК)\s?[+\-−]\s?\d{1,2}(?::?\d{2})?|[+\-−]\d{2}:?\d{2}|[A-ZМСК]{2,5})(?![A-Za-z])\)?"
)
AMERICAN_CLOCK = re.compile(r"\d\s?[ap]\.?m\.?\s?\(?(?:[ECMP][SD]?T|AK[SD]T|HST)\b", re.I)
REACH = 45  # characters between a date and its time


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a line, and where in it."""

    moment: Moment
    start: int
    end: int


def find_dates(line: str, zone: tzinfo, language: str = "", now: datetime | None = None) -> Iterator[Found]:
    """Yield the dates in a line, in order, each with the time of day that belongs to it.

    `language` and `zone` decide which of 3/4/2024 is the month, the language what a name means that several share; `now` gives a year to dates without one, if a time of day follows them.
    """
    text = line[:MAX_LINE]
    folded = _folded(text)
    month_first = _writes_month_first(text, zone, language)
    spans = sorted(_dates(folded, language, now, month_first), key=lambda span: (span[0], -span[1]))
    end = -1
    for at, (start, stop, (year, month, day), certain) in enumerate(spans):
        if start < end:
            continue
        limit = next((s[0] for s in spans[at + 1 :] if s[0] >= stop), len(text))
        clock = _clock_near(folded, start, stop, limit, max(end, 0))
        if clock is None:
            if not certain:
                continue
            found = moment(year, month, day, None, zone, zoned=False, raw=text[start:stop].strip(" ,.-"))
            first, last = start, stop
        else:
            first, last = min(start, clock.start), max(stop, clock.end)
            stated, zone_end = _zone_after(text, clock.end if clock.end >= stop else stop, zone, year, month, day)
            last = max(last, zone_end)
            found = moment(
                year, month, day, clock.hms, stated or zone, zoned=stated is not None, raw=text[first:last].strip(" ,-")
            )
        if found is not None:
            yield Found(found, first, last)
            end = last


def changed_on(text: str, day: date, zone: tzinfo) -> Moment | None:
    """Read "Updated: 16:30", which leaves out the day that stands beside it; None for any other text."""
    text = UHR.sub("", text[:MAX_LINE])
    label = UPDATED.match(text)
    if label is None or (clock := _clock_in(_folded(rest := text[label.end() :]), 0, REACH)) is None:
        return None
    if re.search(r"\d\s?[/.]\s?\d", rest[clock.end :]):  # a day after all, without its year
        return None
    stated, end = _zone_after(rest, clock.end, zone, day.year, day.month, day.day)
    raw = rest[clock.start : max(end, clock.end)].strip(" ,-")
    return moment(day.year, day.month, day.day, clock.hms, stated or zone, zoned=stated is not None, raw=raw)


@dataclass(frozen=True, slots=True)
class _Clock:
    hms: tuple[int, int, int]
    start: int
    end: int


def _folded(text: str) -> str:
    """Lower case with ASCII digits, character for character, so that places in it are places in the text."""
    if text.isascii():
        return text.lower()
    out = []
    for char in text:
        if char.isascii():
            out.append(char.lower())
        elif (digit := unicodedata.decimal(char, -1)) >= 0:
            out.append(str(digit))
        elif char in "\u00a0\u202f\u2009\u200e\u200f\u3000\u2007":
            out.append(" ")
        elif char in "：/／":
            out.append(":" if char == "：" else "/")
        else:
            low = char.lower()
            out.append(low if len(low) == 1 else char)
    return "".join(out)


_Span = tuple[int, int, tuple[int, int, int], bool]


def _writes_month_first(text: str, zone: tzinfo, language: str) -> bool:
    """Whether 3/4/2024 is in March: in American English, and where English is written by an American clock."""
    tag = language.lower().replace("_", "-")
    return tag == "en-us" or (
        tag in ("", "en") and (getattr(zone, "key", "") in MONTH_FIRST_ZONES or AMERICAN_CLOCK.search(text) is not None)
    )


def _dates(text: str, language: str, now: datetime | None, month_first: bool) -> Iterator[_Span]:
    for match in NUMERIC_YMD.finditer(text):
        if ymd := _calendar(int(match[1]), int(match[2]), int(match[3])):
            yield match.start(), match.end(), ymd, True
    for match in ERA.finditer(text):
        rest = re.match(r"\s?(\d{1,2})月\s?(\d{1,2})日", text[match.end() :])
        year = ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        if rest and (ymd := _valid(year, int(rest[1]), int(rest[2]))):
            yield match.start(), match.end() + rest.end(), ymd, True
    for match in NUMERIC_DMY.finditer(text):
        if ymd := _day_month(int(match[1]), int(match[3]), match[4], month_first and match[2] != "."):
            yield match.start(), match.end(), ymd, len(match[4]) == 4
    for pattern, year_at, day_at in ((THANG, 3, 1), (SARYN, 1, 3)):
        for match in pattern.finditer(text):
            if ymd := _valid(int(match[year_at]), int(match[2]), int(match[day_at])):
                yield match.start(), match.end(), ymd, True
    if any(char.isdigit() for char in text):
        yield from _named(text, language, now)


def _named(text: str, language: str, now: datetime | None) -> Iterator[_Span]:
    thai = THAI_DOT.sub("\u0e46", text) if "\u0e01" <= max(text) <= "\u0e5b" else text
    for pattern, day_at, word_at, year_at in NAMED:
        for match in pattern.finditer(thai):
            year = int(match[year_at])
            if year < 100:
                year += 2500 if thai is not text and year >= 40 else 2000
            if ymd := _named_date(year, match[word_at], int(match[day_at]), language):
                yield match.start(), match.end(), ymd, True
    if now is not None:
        for match in DAY_TEXT.finditer(thai):
            if (month := _month(match[2], language)) and (ymd := _valid(now.year, month, int(match[1]))):
                if date(*ymd) > (now + timedelta(days=2)).date():
                    ymd = (ymd[0] - 1, ymd[1], ymd[2])
                yield match.start(), match.end(), ymd, False


def _named_date(year: int, word: str, day: int, language: str) -> tuple[int, int, int] | None:
    cleaned = _month_key(word)
    if cleaned in PERSIAN and 1300 <= year <= 1500:
        return _from_persian(year, PERSIAN.index(cleaned) + 1, day)
    month = _month(word, language)
    return _calendar(year, month, day) if month else None


def _month_key(word: str) -> str:
    return word.replace("\u0e46", "").strip(" .'’")


def _month(word: str, language: str) -> int:
    word = _month_key(word)
    own = OF_LANGUAGE.get(language[:2], {})
    # Hebrew writes "in" as a letter in front of the month
    for key in (word, word.split(" ")[0], word.removeprefix("ב")):
        if number := own.get(key) or MONTHS.get(key):
            return number
    return 0


def _calendar(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    if 1300 <= year <= 1500:
        return _from_persian(year, month, day)
    return _valid(year - 543 if 2443 <= year <= 2643 else year, month, day)


def _valid(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return year, month, day


def _day_month(first: int, second: int, year: str, month_first: bool) -> tuple[int, int, int] | None:
    number = int(year) if len(year) == 4 else 2000 + int(year)
    for day, month in ((second, first), (first, second)) if month_first else ((first, second), (second, first)):
        if found := _calendar(number, month, day):
            return found
    return None


def _from_persian(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """Convert a date of the Solar Hijri calendar (33-year leap cycle, right for 1244 to 1472)."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    shifted = year + 1595
    days = -355668 + 365 * shifted + shifted // 33 * 8 + (shifted % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    converted = date(1, 1, 1) + timedelta(days=days - 366)
    return _valid(converted.year, converted.month, converted.day)


def _clock_near(text: str, start: int, stop: int, limit: int, floor: int) -> _Clock | None:
    """Find the time of day after a date, else before it; one behind "updated" is that of the change."""
    after = _clock_in(text, stop, min(limit, stop + REACH))
    if after is not None and not UPDATED.match(text[stop : after.start]):
        return after
    return _clock_in(text, max(floor, start - REACH), start)


def _clock_in(text: str, low: int, high: int) -> _Clock | None:
    for match in CLOCK.finditer(text, low, high):
        hour, minute = int(match[1]), int(match[3])
        before, after = text[max(0, low - 1, match.start() - 12) : match.start()], text[match.end() : match.end() + 12]
        if (
            minute > 59
            or hour > 24
            or (match[2] and not (CLOCK_WORD.search(before) or UHR.match(after) or match.start() - low < 2))
        ):
            continue
        half = HALF_AFTER.match(after) or HALF_BEFORE.search(before)
        end = match.end() + (half.end() if half and half.re is HALF_AFTER else 0)
        return _Clock((_hours(hour, half), minute, int(match[4] or 0)), match.start(), end)
    for match in HOUR_ONLY.finditer(text, low, high):
        hour = int(match[1] or match[2])
        half = (
            HALF_AFTER.match(text[match.end() : match.end() + 8])
            if match[1]
            else HALF_BEFORE.search(text[max(low, match.start() - 6) : match.start()])
        )
        if hour <= 24:
            return _Clock(
                (_hours(hour, half), 0, 0), match.start(), match.end() + (half.end() if half and match[1] else 0)
            )
    return None


def _hours(hour: int, half: re.Match[str] | None) -> int:
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if AFTERNOON.match(half[1]) else 0)


def _zone_after(text: str, end: int, zone: tzinfo, year: int, month: int, day: int) -> tuple[tzinfo | None, int]:
    rest = text[end : end + 20]
    skipped = re.match(r"\s?(?:Uhr|uhr|hrs\.?|hours|น\.)", rest)
    offset = skipped.end() if skipped else 0
    match = ZONE.match(rest[offset:])
    if match is None or (match[1].isalpha() and match[1].upper() not in ABBREVIATIONS):
        return None, end
    found = offset_of(match[1], zone, date(year, month, day))
    return (found, end + offset + match.end()) if found else (None, end)

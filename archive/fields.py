"""Fields of the query language: what narrows a search down apart from words, such as lang:fr or before:2024-05."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from archive.errors import QueryError
from archive.records import parse_utc, utc_text

# What a reader types -> the field that is meant.
FIELDS = {
    "source": "source", "site": "source", "lang": "lang", "language": "lang", "country": "country", "section": "section",
    "author": "author", "by": "author", "agency": "agency", "after": "after", "since": "after", "from": "after",
    "before": "before", "until": "before",
}  # fmt: skip
TIMES = ("after", "before")
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
NONE = "none"  # as a value: articles that lack it

_PART = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_PLAIN = re.compile(r'[^\s"]+')
_EXAMPLES = {
    "source": "source:lemonde", "lang": "lang:fr", "country": "country:fr", "section": "section:world",
    "author": 'author:"Anna Berg"', "agency": "agency:afp", "after": "after:2024-05-31", "before": "before:2024-05",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """One field and one value: what is let through or, with `exclude`, what is not.

    The value of a time is a day or a time as `utc_text` writes it. `after` lets that day or moment itself through, `before`
    does not, as mail programs have it. A `quoted` value is a name and nothing else: `section:"none"` is a section of that
    name.
    """

    field: str
    value: str
    exclude: bool = False
    quoted: bool = False

    @property
    def is_special(self) -> bool:
        """Whether the value would mean something else without quotes."""
        return self.value.lower() == NONE or self.value.endswith("*")

    def __str__(self) -> str:
        """As it is typed."""
        plain = _PLAIN.fullmatch(self.value) and not (self.quoted and self.is_special)
        value = self.value if plain else f'"{self.value}"'
        return f"{'-' if self.exclude else ''}{self.field}:{value}"


def named(field: str, name: str) -> Filter:
    """A filter for what has just this name, as it can be typed."""
    return Filter(field, " ".join(name.translate(QUOTES).replace('"', " ").split()), quoted=True)


def filter_of(name: str, text: str, *, exclude: bool = False, quoted: bool = False) -> Filter:
    """Make a filter of what was typed: the name of the field in lower case, and its value. Raises QueryError."""
    field, value = FIELDS[name], " ".join(text.replace('"', " ").split())
    if not value.strip("*-_.,;:"):
        raise QueryError(f"“{name}:” needs a value right after it, as in {_EXAMPLES[field]}.")
    if field in TIMES:
        if exclude:
            raise QueryError(f"“-{name}:” says nothing: turn “after:” and “before:” round instead.")
        return Filter(field, _bound(value, name))
    if field in ("lang", "country"):
        value = value.lower().replace("_", "-")
        value = value if field == "country" else value.partition("-")[0]
    return Filter(field, value, exclude, quoted)


def _bound(text: str, name: str) -> str:
    """The first day of a year or month, a day, or a time in UTC; for `until` what comes after it. Raises QueryError."""
    match = _PART.fullmatch(text)
    try:
        if not match:
            return utc_text(parse_utc(text) + timedelta(seconds=name == "until"))
        year, month, day = match[1], match[2], match[3]
        first = date(int(year), int(month or 1), int(day or 1))
        if name != "until":
            return first.isoformat()
        if day:
            return (first + timedelta(days=1)).isoformat()
        # far enough to be in the next month or year, and back to its beginning
        return (first + timedelta(days=31 if month else 366)).replace(day=1).isoformat()
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f"“{text}” is no date for “{name}:”. Write a year, a month, a day or a time: 2024, 2024-05, 2024-05-31, "
            "2024-05-31T14:00Z."
        ) from error

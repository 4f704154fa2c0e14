"""Sources as they are kept: what each offers and yields, day by day, and how it stands.

What a source yields is read from `source_days`, which triggers keep, so that nothing here goes through articles or pages.
A day on which no listing answered is a gap: that there is nothing of it says nothing about the source.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from archive.records import parse_utc, utc_text

FIELDS = (
    "title", "text", "summary", "language", "section", "published", "minute", "modified", "authors", "editors", "agency",
    "tags", "image",
)  # fmt: skip
DAYS_KEPT = 36  # days of an account: four weeks to compare with, and a week that is compared
LOST = 3  # failures in a row of a listing after which it is called failing: the second hour of a trouble, not the first
OVERDUE = timedelta(days=1)  # after which what is due is called not looked at
QUIET_DAYS = 3  # a weekend and a day: fewer days without an article are no silence
QUIET_ARTICLES = 11.0  # that many are to be missed, by the source's own weekdays: by chance once in sixty thousand
QUIET_FOR_ANY = 30  # days without an article after which any source is silent


@dataclass(frozen=True, slots=True)
class Day:
    """What a source yielded on a day; `filled` counts the stored articles that have each of FIELDS."""

    looks: int = 0
    articles: int = 0
    stored: int = 0
    filled: tuple[int, ...] = (0,) * len(FIELDS)


NO_DAY = Day()
COUNT_COLUMNS = "d.looks, d.articles, d.stored"
DAY_COLUMNS = ", ".join((COUNT_COLUMNS, *(f"d.{name}" for name in FIELDS)))


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed, sitemap or section page that is in use, with its last visits."""

    id: int
    url: str
    kind: str
    name: str
    status: str
    failures: int
    http_status: int | None
    detail: str
    last_checked_at: str | None
    last_success_at: str | None
    last_new_at: str | None
    next_check_at: str | None
    items: int

    @property
    def lost(self) -> bool:
        """Has it failed for so long that it is no passing trouble?"""
        return self.status == "gone" or self.failures >= LOST


@dataclass(frozen=True, slots=True)
class Account:
    """A source, its listings and its latest days."""

    id: int
    slug: str
    name: str
    home: str
    country: str
    language: str
    timezone: str
    added_at: str
    in_catalog: bool
    verify_tls: bool
    expect: Mapping[str, Any]
    listings: tuple[Listing, ...] = ()
    days: Mapping[str, Day] = field(default_factory=dict)

    @property
    def last_success_at(self) -> str | None:
        """When a listing last answered."""
        return max((one.last_success_at for one in self.listings if one.last_success_at), default=None)

    @property
    def last_checked_at(self) -> str | None:
        """When a listing was last asked for."""
        return max((one.last_checked_at for one in self.listings if one.last_checked_at), default=None)

    @property
    def next_check_at(self) -> str | None:
        """When a listing is asked for next; None: never."""
        due = [one.next_check_at or self.added_at for one in self.listings if one.status in ("active", "failing")]
        return min(due, default=None)

    def counts(self, days: Sequence[str]) -> list[int | None]:
        """Articles published on each of the days; None for a gap."""
        kept = [self.days.get(day, NO_DAY) for day in days]
        return [one.articles if one.looks or one.articles else None for one in kept]


class State(StrEnum):
    """How a source stands."""

    OK = "ok"
    FAILING = "failing"
    SILENT = "silent"
    UNLOOKED = "not looked at"
    RETIRED = "no longer in the catalogue"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands, since when as far as that is known, and why in words."""

    state: State
    since: str | None = None
    reason: str = ""


def standing(account: Account, now: datetime) -> Standing:
    """Decide how a source stands; what hides another trouble comes first."""
    if not account.in_catalog:
        known = "It is kept, and not looked at." if account.listings else "It is known from imported files only."
        return Standing(State.RETIRED, account.last_checked_at, known)
    if account.last_checked_at is None:
        return Standing(State.UNLOOKED, account.added_at or None, "It has not been looked at yet.")
    due = account.next_check_at
    if due is not None and due and now - parse_utc(due) > OVERDUE:
        return Standing(State.UNLOOKED, account.last_checked_at, f"It has been due since {moment_words(due)}.")
    if account.listings and all(one.lost for one in account.listings):
        worst = max(account.listings, key=lambda one: one.failures)
        many = "Its listing does not answer" if len(account.listings) == 1 else "None of its listings answers"
        return Standing(State.FAILING, account.last_success_at, f"{many}: {worst.detail or _status(worst)}.")
    return _quiet(account, now) or Standing(State.OK)


def _quiet(account: Account, now: datetime) -> Standing | None:
    """Is a source that answers silent, measured by its own rhythm?"""
    today = now.astimezone(UTC).date()
    latest = today.isoformat()
    last = max((day for day, one in account.days.items() if one.articles and day <= latest), default=None)
    if last is None:
        began = max(account.added_at, (now - timedelta(days=DAYS_KEPT)).strftime("%Y-%m-%d"))[:10]
        if not began or (today - date.fromisoformat(began)).days < QUIET_DAYS:
            return None
        return Standing(
            State.SILENT, None, f"It answers, and gave no article in {(today - date.fromisoformat(began)).days} days."
        )
    quiet = (today - date.fromisoformat(last)).days
    before = days_before(date.fromisoformat(last) + timedelta(days=1), 28)
    looked = [count for count in account.counts(before) if count is not None]
    rate = sum(looked) / max(len(looked), 1)
    missed = _due(before, account.counts(before), days_before(today, quiet - 1)) if quiet > 1 else 0.0
    if quiet < QUIET_FOR_ANY and (quiet < QUIET_DAYS or missed < QUIET_ARTICLES):
        return None
    return Standing(
        State.SILENT,
        f"{last}T00:00:00Z",
        f"It answers, but has no article since {last}; before it had {rate:.1f} a day.",
    )


def _due(before: Sequence[str], counts: Sequence[int | None], days: Sequence[str]) -> float:
    """Articles that were to be expected on some days, by the same weekdays of those before."""
    known: dict[int, list[int]] = {}
    for day, count in zip(before, counts, strict=True):
        if count is not None:
            known.setdefault(date.fromisoformat(day).weekday(), []).append(count)
    means = {weekday: sum(numbers) / len(numbers) for weekday, numbers in known.items()}
    overall = sum(means.values()) / max(len(means), 1)
    return sum(means.get(date.fromisoformat(day).weekday(), overall) for day in days)


def _status(listing: Listing) -> str:
    return f"status {listing.http_status}" if listing.http_status else "no answer"


def moment_words(text: str) -> str:
    """A stored time as one reads it."""
    return text[:16].replace("T", " ")


@lru_cache(maxsize=64)
def days_before(end: date, count: int) -> tuple[str, ...]:
    """The days before `end`, which is not among them, oldest first."""
    return tuple((end - timedelta(days=back)).isoformat() for back in range(count, 0, -1))


def accounts(
    conn: sqlite3.Connection, now: datetime, *, days: int = DAYS_KEPT, slug: str | None = None, fields: bool = True
) -> list[Account]:
    """Every source (or the one named so) with its listings and its days up to today, by name; without `fields` nothing of
    what is filled, which is twice as fast."""
    chosen = "" if slug is None else "WHERE s.slug = :slug"
    since = (now.astimezone(UTC).date() - timedelta(days=days - 1)).isoformat()
    values = {"slug": slug, "since": since, "until": utc_text(now)[:10]}
    kept: dict[int, dict[str, Day]] = {}
    for row in conn.execute(
        f"""SELECT d.source_id, d.day, {DAY_COLUMNS if fields else COUNT_COLUMNS} FROM sources s
            CROSS JOIN source_days d ON d.source_id = s.id AND d.day BETWEEN :since AND :until {chosen}""",  # noqa: S608
        values,
    ):
        source_id, day, *numbers = row
        kept.setdefault(source_id, {})[day] = day_of(numbers)
    listed: dict[int, list[Listing]] = {}
    for row in conn.execute(
        f"""SELECT f.source_id, {", ".join("f." + name for name in Listing.__slots__)} FROM sources s
            CROSS JOIN feeds f ON f.source_id = s.id AND f.parent_id IS NULL AND f.status NOT IN ('moved', 'removed')
            {chosen} ORDER BY f.id""",  # noqa: S608
        values,
    ):
        listed.setdefault(row["source_id"], []).append(Listing(*tuple(row)[1:]))
    return [
        Account(
            **{
                name: row[name]
                for name in ("id", "slug", "name", "home", "country", "language", "timezone", "added_at")
            },
            in_catalog=bool(row["in_catalog"]),
            verify_tls=bool(row["verify_tls"]),
            expect=json.loads(row["expect"]),
            listings=tuple(listed.get(row["id"], ())),
            days=kept.get(row["id"], {}),
        )
        for row in conn.execute(f"SELECT s.* FROM sources s {chosen} ORDER BY s.name, s.id", values)  # noqa: S608
    ]


def day_of(numbers: Sequence[int]) -> Day:
    """A row of `source_days` in the order of DAY_COLUMNS."""
    looks, articles, stored, *has = numbers
    return Day(looks, articles, stored, tuple(has))


def filled(days: Iterable[Day]) -> tuple[int, tuple[int, ...]]:
    """How many articles were stored on these days, and how many of them have each of FIELDS."""
    kept = list(days)
    return sum(day.stored for day in kept), tuple(sum(day.filled[at] for day in kept) for at in range(len(FIELDS)))

"""One source in full: its volume, what became of its pages, how its fields are filled, its latest articles and runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from archive.condition import outcomes_of
from archive.records import utc_text
from archive.sources import (
    DAY_COLUMNS,
    FIELDS,
    NO_DAY,
    Account,
    Day,
    Standing,
    accounts,
    day_of,
    days_before,
    filled,
    standing,
)

DAYS = 90
MOST_MONTHS = 120
LATEST = 50  # articles whose fields are compared with those before them
BEFORE = 500
DAYS_SEARCHED = 1000  # for those articles: what a source yielded years ago says nothing of its pages now
ARTICLES, RUNS = 20, 15


@dataclass(frozen=True, slots=True)
class Count:
    """Articles of a day or month; None: nobody looked. `found_later`: nobody looked, and they were found afterwards."""

    label: str
    articles: int | None
    found_later: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """How many of the latest articles have a field, and of those before them."""

    field: str
    latest: int
    before: int


@dataclass(frozen=True, slots=True)
class Fills:
    """Fields of the latest articles and of those before them; whole days, so that there may be some more."""

    latest: int
    latest_since: str | None
    before: int
    before_since: str | None
    fields: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list."""

    id: int
    title: str
    language: str
    published_at: str | None
    first_seen_at: str
    version: int
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl of the source."""

    started_at: str
    finished_at: str | None
    reason: str
    feeds: int
    feeds_failed: int
    discovered: int
    fetched: int
    stored: int
    updated: int
    failed: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Host:
    """A host of the source: what its robots.txt says, and until when it is left alone."""

    host: str
    robots_status: str
    robots_fetched_at: str | None
    resting_until: str | None
    requests_today: int
    detail: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """A source, as its page shows it."""

    account: Account
    stands: Standing
    days: tuple[Count, ...]
    months: tuple[Count, ...]
    total: int
    outcomes: tuple[tuple[str, int, int, int], ...]  # outcome ("": tried again), last 7 days, last 30, all
    fills: Fills
    articles: tuple[Line, ...]
    runs: tuple[Run, ...]
    hosts: tuple[Host, ...]


def portrait(conn: sqlite3.Connection, slug: str, now: datetime) -> Portrait | None:
    """All about a source; None when there is none of that name."""
    found = accounts(conn, now, days=DAYS, slug=slug)
    if not found:
        return None
    account = found[0]
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    days = days_before(tomorrow, DAYS)
    return Portrait(
        account,
        standing(account, now),
        tuple(_count(day, [account.days.get(day, NO_DAY)]) for day in days),
        _months(conn, account.id, days[0]),
        conn.execute(
            "SELECT coalesce(sum(articles + backfilled), 0) FROM source_days WHERE source_id = ?", [account.id]
        ).fetchone()[0],
        _outcomes(conn, account.id, now),
        _fills(conn, account.id),
        _articles(conn, account.id),
        _runs(conn, account.id),
        _hosts(conn, account, now),
    )


def _count(label: str, days: Sequence[Day]) -> Count:
    articles, looked = sum(day.articles for day in days), any(day.looks for day in days)
    return Count(label, articles if articles or looked else None, bool(articles) and not looked)


def _months(conn: sqlite3.Connection, source_id: int, last: str) -> tuple[Count, ...]:
    """The months up to that of a day, whole."""
    kept = {
        row[0]: [Day(looks=row[1], articles=row[2])]
        for row in conn.execute(
            """SELECT substr(day, 1, 7), sum(looks), sum(articles + backfilled) FROM source_days
               WHERE source_id = ? AND day <= ? GROUP BY 1 ORDER BY 1 DESC LIMIT ?""",
            [source_id, f"{last[:7]}-31", MOST_MONTHS],
        )
    }
    labels: list[str] = []
    year, month = int(last[:4]), int(last[5:7])
    while kept and len(labels) < MOST_MONTHS and (label := f"{year:04d}-{month:02d}") >= min(kept):
        labels.append(label)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return tuple(_count(label, kept.get(label, [NO_DAY])) for label in reversed(labels))


def _outcomes(conn: sqlite3.Connection, source_id: int, now: datetime) -> tuple[tuple[str, int, int, int], ...]:
    ever = outcomes_of(conn, source_id, "")
    week, month = (outcomes_of(conn, source_id, utc_text(now - timedelta(days=days))) for days in (7, 30))
    return tuple((name, week.get(name, 0), month.get(name, 0), count) for name, count in ever.items())


def _fills(conn: sqlite3.Connection, source_id: int) -> Fills:
    """Go back day by day until there are enough articles."""
    latest: list[Day] = []
    before: list[Day] = []
    since: list[str | None] = [None, None]
    for row in conn.execute(
        f"""SELECT d.day, {DAY_COLUMNS} FROM source_days d WHERE d.source_id = ? AND d.stored > 0
            ORDER BY d.day DESC LIMIT ?""",  # noqa: S608
        [source_id, DAYS_SEARCHED],
    ):
        day, *numbers = row
        if sum(one.stored for one in latest) < LATEST:
            latest.append(day_of(numbers))
            since[0] = day
        elif sum(one.stored for one in before) < BEFORE:
            before.append(day_of(numbers))
            since[1] = day
        else:
            break
    (stored, has), (stored_before, had) = filled(latest), filled(before)
    fields = tuple(Fill(name, has[at], had[at]) for at, name in enumerate(FIELDS))
    return Fills(stored, since[0], stored_before, since[1], fields)


def _articles(conn: sqlite3.Connection, source_id: int) -> tuple[Line, ...]:
    """The latest by the time of publication, or where there is none by that of arrival."""
    columns = ", ".join(Line.__slots__)
    # Each from its end of the index; what it is not told to use would have to be sorted.
    rows = [
        *conn.execute(
            f"""SELECT {columns} FROM articles INDEXED BY articles_source
                WHERE source_id = ? AND published_at IS NOT NULL ORDER BY published_at DESC LIMIT ?""",  # noqa: S608
            [source_id, ARTICLES],
        ),
        *conn.execute(
            f"""SELECT {columns} FROM articles INDEXED BY articles_source
                WHERE source_id = ? AND published_at IS NULL ORDER BY id DESC LIMIT ?""",  # noqa: S608
            [source_id, ARTICLES],
        ),
    ]
    lines = [Line(*row) for row in rows]
    return tuple(sorted(lines, key=lambda one: one.published_at or one.first_seen_at, reverse=True)[:ARTICLES])


def _runs(conn: sqlite3.Connection, source_id: int) -> tuple[Run, ...]:
    columns = ", ".join(Run.__slots__)
    rows = conn.execute(
        f"SELECT {columns} FROM runs WHERE source_id = ? ORDER BY started_at DESC LIMIT ?",  # noqa: S608
        [source_id, RUNS],
    )
    return tuple(Run(**{**dict(row), "outcomes": json.loads(row["outcomes"])}) for row in rows)


def _hosts(conn: sqlite3.Connection, account: Account, now: datetime) -> tuple[Host, ...]:
    names = {urlsplit(url).netloc.lower(): None for url in (account.home, *(one.url for one in account.listings))}
    rows = conn.execute(
        """SELECT h.host, h.robots_status, h.robots_fetched_at, CASE WHEN h.not_before > :now THEN h.not_before END,
               CASE WHEN h.day = substr(:now, 1, 10) THEN h.requests ELSE 0 END, h.detail
           FROM json_each(:names) n CROSS JOIN hosts h ON h.host = n.value""",
        {"now": utc_text(now), "names": json.dumps([name for name in names if name])},
    )
    return tuple(Host(*row) for row in rows)

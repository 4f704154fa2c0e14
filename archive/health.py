"""Health: what is wrong with an archive now, in findings that keep their keys from one look to the next.

Decisions are pure; `health` reads what they need. A finding is a value: whoever compares two looks sees by the keys what
began and what ended.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from archive import condition
from archive.condition import Crawling, Disk, Queue
from archive.expectations import Verdict, extraction, fetching, fields, volume
from archive.records import parse_utc, utc_text
from archive.sources import (
    DAYS_KEPT,
    NO_DAY,
    Account,
    Listing,
    Standing,
    State,
    accounts,
    days_before,
    moment_words,
    standing,
)

STILL = timedelta(hours=26)  # without a run: a crawl once a day, by cron, may take its time
SETTLED = timedelta(hours=3)  # after its end a day is complete: its last articles are found and fetched
JUDGED = 3  # days that the last complete day may lie back; an older one says nothing of now
WAITING = timedelta(days=1)  # that a page which is due may wait
MANY_FAIL = 0.5  # of the sources, and then it is rather the way to them
LEAST_FREE, LEAST_DAYS, FEW_DAYS = 1 << 30, 7, 30  # bytes, days until the disk is full: bad, and to be looked at
LARGE_LOG = 1 << 30  # bytes; a write-ahead log is cut back to 64 MB unless a reader keeps it from that


class Severity(StrEnum):
    """How grave a finding is: something is lost while it lasts, it should be looked at, it is good to know."""

    BAD = "bad"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. The key is its kind, for sources with the slug, and stays the same."""

    key: str
    severity: Severity
    what: str
    reason: str
    since: str | None = None
    source: str = ""  # slug
    name: str = ""  # of the source

    @property
    def kind(self) -> str:
        """What sort of finding it is."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Health:
    """A look at an archive."""

    at: str
    findings: tuple[Finding, ...]
    sources: int  # in the catalogue
    looked: int  # of these, that answered in the last day
    states: Mapping[str, int]
    stored_today: int
    stored_yesterday: int
    crawling: Crawling
    queue: Queue
    disk: Disk

    @property
    def well(self) -> bool:
        """Is nothing wrong? What is only good to know does not count."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)


def health(conn: sqlite3.Connection, now: datetime) -> Health:
    """Look at an archive."""
    folder = condition.folder_of(conn)
    known = accounts(conn, now)
    standings = {account.slug: standing(account, now) for account in known}
    crawl, waiting = condition.crawling(conn, folder, now), condition.queue(conn, now)
    room = condition.disk(conn, folder, now)
    ended = condition.outcomes(conn, utc_text(now - timedelta(days=1)))
    found = [
        *of_crawling(crawl, now),
        *of_queue(waiting, now),
        *of_disk(room),
        *of_all(known, standings),
        *(
            finding
            for account in known
            if account.in_catalog
            for finding in of_source(account, standings[account.slug], ended.get(account.id, {}), now)
            if finding.kind != "unlooked" or not _still(crawl, now)  # one cause is told once
        ),
    ]
    order = list(Severity)
    day = now.astimezone(UTC).date()
    today, yesterday = day.isoformat(), (day - timedelta(days=1)).isoformat()
    cataloged = [account for account in known if account.in_catalog]
    return Health(
        utc_text(now),
        tuple(sorted(found, key=lambda finding: (order.index(finding.severity), bool(finding.source), finding.name))),
        len(cataloged),
        sum((account.last_success_at or "") >= utc_text(now - timedelta(days=1)) for account in cataloged),
        dict(Counter(str(one.state) for one in standings.values())),
        sum(account.days.get(today, NO_DAY).stored for account in known),
        sum(account.days.get(yesterday, NO_DAY).stored for account in known),
        crawl,
        waiting,
        room,
    )


def of_crawling(crawl: Crawling, now: datetime) -> Iterator[Finding]:
    """Is it crawled at all, and do crawls end?"""
    if crawl.last_run_at is not None and _still(crawl, now):
        yield Finding(
            "still", Severity.BAD, "Nothing is crawled", f"The last crawl began {moment_words(crawl.last_run_at)}. "
            + ("A process has the archive open for writing, but begins none." if crawl.written else "No process is writing."),
            crawl.last_run_at,
        )  # fmt: skip
    if crawl.broken:
        yield Finding(
            "broken_off", Severity.WARN, "Crawls were broken off",
            f"{_count(crawl.broken, 'crawl')} of the last day did not end: the process was killed, or the machine stopped. "
            "What was left is taken up by the next.",
            crawl.broken_since,
        )  # fmt: skip
    if crawl.endless:
        yield Finding(
            "endless", Severity.WARN, "A crawl does not end",
            f"{_count(crawl.endless, 'crawl')} began more than {condition.LONGEST_RUN.seconds // 3600} hours ago.",
            crawl.endless_since,
        )  # fmt: skip


def _still(crawl: Crawling, now: datetime) -> bool:
    return crawl.last_run_at is not None and now - parse_utc(crawl.last_run_at) > STILL


def of_queue(waiting: Queue, now: datetime) -> Iterator[Finding]:
    """Does what is due get its turn?"""
    if waiting.oldest is not None and now - parse_utc(waiting.oldest) > WAITING:
        yield Finding(
            "queue", Severity.WARN, "Pages wait for too long",
            f"{_count(waiting.due, 'page')} could be fetched and {'was' if waiting.due == 1 else 'were'} not: too much comes in, "
            "or what their hosts allow is too little.",
            waiting.oldest,
        )  # fmt: skip


def of_disk(room: Disk) -> Iterator[Finding]:
    """Will what comes find room?"""
    left = room.days_left
    if room.free < LEAST_FREE or (left is not None and left < FEW_DAYS):
        bad = room.free < LEAST_FREE or (left is not None and left < LEAST_DAYS)
        lasts = "" if left is None else f" At the present rate that is enough for {_count(int(left), 'day')}."
        yield Finding(
            "disk", Severity.BAD if bad else Severity.WARN, "The disk is filling up",
            f"{bytes_words(room.free)} of {bytes_words(room.size)} are free.{lasts}",
        )  # fmt: skip
    if room.log > LARGE_LOG:
        yield Finding(
            "log", Severity.WARN, "The write-ahead log is not cut back",
            f"It has {bytes_words(room.log)}: a program has kept the database open for reading for very long.",
        )  # fmt: skip


def of_all(known: Sequence[Account], standings: Mapping[str, Standing]) -> Iterator[Finding]:
    """What is seen only when all sources are looked at together."""
    cataloged = [account for account in known if account.in_catalog]
    failing = sum(standings[account.slug].state is State.FAILING for account in cataloged)
    if failing > 4 and failing > MANY_FAIL * len(cataloged):
        yield Finding(
            "unreachable", Severity.BAD, "Most sources fail",
            f"{failing} of {len(cataloged)} sources do not answer: is this machine's network, or its proxy, in order?",
        )  # fmt: skip
    if trusted := [account.name for account in cataloged if not account.verify_tls]:
        yield Finding(
            "unverified", Severity.NOTE, "Certificates are not verified",
            f"Of {', '.join(trusted)}: their source files say verify_tls = false, so that somebody in between could "
            "change what they publish.",
        )  # fmt: skip


def of_source(account: Account, stands: Standing, ended: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    """What is wrong with one source. What hides all else is told alone."""

    def finding(kind: str, severity: Severity, what: str, reason: str, since: str | None = None) -> Finding:
        return Finding(f"{kind}:{account.slug}", severity, what, reason, since, account.slug, account.name)

    if stands.state is State.UNLOOKED:
        if account.last_checked_at is not None or now - parse_utc(account.added_at or utc_text(now)) > WAITING:
            yield finding("unlooked", Severity.WARN, "Not looked at", stands.reason, stands.since)
        return
    if stands.state is State.FAILING:
        yield finding("failing", Severity.BAD, "Does not answer", stands.reason, stands.since)
        return
    for listing in account.listings:
        if listing.lost:
            yield Finding(
                f"listing:{account.slug}:{listing.id}", Severity.WARN, f"A {listing.kind} {'is gone' if listing.status == 'gone' else 'fails'}", _lost(listing),
                listing.last_success_at, account.slug, account.name,
            )  # fmt: skip
    again = ended.get("", 0)
    known = {name: count for name, count in ended.items() if name}
    if reason := fetching(known, again):
        yield finding("fetching", Severity.WARN, "Pages cannot be fetched", reason)
    if reason := extraction(known):
        yield finding("extraction", Severity.BAD, "Extraction fails", reason)
    end = complete_until(account, now)
    judged = volume(_looked(account, end), account.expect) if end else None
    if judged is not None and end is not None:
        since = (end - timedelta(days=judged.days)).strftime("%Y-%m-%d")
        when = f"On {since}" if judged.days == 1 else f"In {judged.days} days, from {since} on"
        what = "Too few articles" if judged.kind == "few" else "Too many articles"
        yield finding(judged.kind, Severity.WARN, what, f"{when}: {judged.reason}{_last_new(account, judged)}", since)
    elif stands.state is State.SILENT:
        yield finding("silent", Severity.WARN, "Silent", stands.reason, stands.since)
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    stored = [account.days.get(day, NO_DAY) for day in days_before(tomorrow, DAYS_KEPT)]
    for verdict in fields([(day.stored, day.filled) for day in stored], account.expect):
        since = (tomorrow - timedelta(days=verdict.days)).isoformat()
        yield finding(f"field_{verdict.kind}", Severity.BAD, "A field is no longer filled", verdict.reason, since)


def complete_until(account: Account, now: datetime) -> datetime | None:
    """The end of the last day of which a source's articles are known: the day is over, and a listing answered since."""
    if account.last_success_at is None:
        return None
    settled = min(now - SETTLED, parse_utc(account.last_success_at))
    end = settled.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return end if now - end < timedelta(days=JUDGED) else None


def _looked(account: Account, end: datetime) -> list[int | None]:
    kept = [account.days.get(day, NO_DAY) for day in days_before(end.date(), DAYS_KEPT)]
    return [day.articles if day.looks else None for day in kept]


def _last_new(account: Account, judged: Verdict) -> str:
    last = max((one.last_new_at for one in account.listings if one.last_new_at), default=None)
    return f" Its listings last offered something new {moment_words(last)}." if judged.kind == "few" and last else ""


def _lost(listing: Listing) -> str:
    if listing.status == "gone":
        return f"{listing.url} is gone for good; take it out of the source file."
    return f"{listing.url} has failed {listing.failures} times in a row: {listing.detail or 'no reason given'}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def bytes_words(number: float) -> str:
    """Bytes in the unit that gives a short number."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"

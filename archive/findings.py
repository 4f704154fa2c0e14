"""Findings: what is not as it should be, and which of them concern the archive as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from archive import condition
from archive.condition import Crawling, Disk, Queue
from archive.records import parse_utc
from archive.sources import Account, Standing, State, moment_words

STILL = timedelta(hours=26)  # without a run: a crawl once a day, by cron, may take its time
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


def of_crawling(crawl: Crawling, now: datetime) -> Iterator[Finding]:
    """Is it crawled at all, and do crawls end?"""
    if crawl.last_run_at is not None and is_still(crawl, now):
        yield Finding(
            "still", Severity.BAD, "Nothing is crawled", f"The last crawl began {moment_words(crawl.last_run_at)}. "
            + ("A process has the archive open for writing, but begins none." if crawl.written else "No process is writing."),
            crawl.last_run_at,
        )  # fmt: skip
    if crawl.broken:
        yield Finding(
            "broken_off", Severity.WARN, "Crawls were broken off",
            f"{count_words(crawl.broken, 'crawl')} of the last day did not end: the process was killed, or the machine stopped. "
            "What was left is taken up by the next.",
            crawl.broken_since,
        )  # fmt: skip
    if crawl.endless:
        yield Finding(
            "endless", Severity.WARN, "A crawl does not end",
            f"{count_words(crawl.endless, 'crawl')} began more than {condition.LONGEST_RUN.seconds // 3600} hours ago.",
            crawl.endless_since,
        )  # fmt: skip


def is_still(crawl: Crawling, now: datetime) -> bool:
    """Has no crawl begun for too long?"""
    return crawl.last_run_at is not None and now - parse_utc(crawl.last_run_at) > STILL


def of_queue(waiting: Queue, now: datetime) -> Iterator[Finding]:
    """Does what is due get its turn?"""
    if waiting.oldest is not None and now - parse_utc(waiting.oldest) > WAITING:
        yield Finding(
            "queue", Severity.WARN, "Pages wait for too long",
            f"{count_words(waiting.due, 'page')} could be fetched and {'was' if waiting.due == 1 else 'were'} not: too much comes in, "
            "or what their hosts allow is too little.",
            waiting.oldest,
        )  # fmt: skip


def of_disk(room: Disk) -> Iterator[Finding]:
    """Will what comes find room?"""
    left = room.days_left
    if room.free < LEAST_FREE or (left is not None and left < FEW_DAYS):
        bad = room.free < LEAST_FREE or (left is not None and left < LEAST_DAYS)
        lasts = "" if left is None else f" At the present rate that is enough for {count_words(int(left), 'day')}."
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


def count_words(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def bytes_words(number: float) -> str:
    """Bytes in the unit that gives a short number."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"

"""What is wrong with one source, as findings that keep their keys from one look to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archive.condition import NO_MARKS, Marks
from archive.expectations import Verdict, extraction, fetching, fields, surge, volume
from archive.findings import WAITING, Finding, Severity, count_words
from archive.records import parse_utc, utc_text
from archive.rhythm import Quiet, quiet
from archive.sources import DAYS_KEPT, NO_DAY, Account, Listing, Standing, State, days_before, moment_words

SETTLED = timedelta(hours=3)  # after its end a day is complete: its last articles are found and fetched
JUDGED = 3  # days that the last complete day may lie back; an older one says nothing of now
LOST_LOOKS = 2  # hours of two days in which a feed had nothing that was known; one may be a redesign of its addresses


@dataclass(frozen=True, slots=True)
class Lately:
    """What else is known of a source: outcomes of the pages of the last day, "" counting those to be tried again; what its
    listings brought, by listing and day; articles of the last 24 hours and of the same hours one to four weeks earlier."""

    ended: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[int, Mapping[str, Marks]] = field(default_factory=dict)
    articles: Sequence[int] = ()


def of_source(account: Account, stands: Standing, lately: Lately, now: datetime) -> Iterator[Finding]:
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
    yield from _of_listings(account)
    again = lately.ended.get("", 0)
    known = {name: count for name, count in lately.ended.items() if name}
    if reason := fetching(known, again):
        yield finding("fetching", Severity.WARN, "Pages cannot be fetched", reason)
    if reason := extraction(known):
        yield finding("extraction", Severity.BAD, "Extraction fails", reason)
    if reason := _missed(account, lately.marks, now):
        yield finding("missed", Severity.WARN, "Articles were probably missed", reason)
    silence = _silence(account, lately.marks)
    judged = _volume(account, lately.articles, now)
    if silence is not None:
        since = utc_text(silence.since)
        empty = " What it answers with lists nothing at all." if all(map(_empty, account.listings)) else ""
        yield finding("silent", Severity.WARN, "Silent", f"It answers, and offers {_said(silence)}.{empty}", since)
    if judged is not None and (silence is None or judged[0].kind == "many"):
        verdict, when, since = judged
        what = "Too few articles" if verdict.kind == "few" else "Too many articles"
        reason = f"{when}: {verdict.reason}{_last_new(account, verdict)}"
        yield finding(verdict.kind, Severity.WARN, what, reason, since)
    elif silence is None and stands.state is State.SILENT:
        yield finding("silent", Severity.WARN, "Silent", stands.reason, stands.since)
    elif silence is None:
        yield from _frozen(account, lately.marks)
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    stored = [account.days.get(day, NO_DAY) for day in days_before(tomorrow, DAYS_KEPT)]
    for one in fields([(day.stored, day.filled) for day in stored], account.expect):
        since = (tomorrow - timedelta(days=one.days)).isoformat()
        yield finding(f"field_{one.kind}", Severity.BAD, "A field is no longer filled", one.reason, since)


def complete_until(account: Account, now: datetime) -> datetime | None:
    """The end of the last day of which a source's articles are known: the day is over, and a listing answered since."""
    if account.last_success_at is None:
        return None
    settled = min(now - SETTLED, parse_utc(account.last_success_at))
    end = settled.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return end if now - end < timedelta(days=JUDGED) else None


def _volume(account: Account, lately: Sequence[int], now: datetime) -> tuple[Verdict, str, str] | None:
    """Too few or too many articles: the verdict, of which time in words, and since when."""
    end = complete_until(account, now)
    judged = volume(_looked(account, end, DAYS_KEPT), account.expect) if end else None
    if judged is not None and end is not None:
        since = (end - timedelta(days=judged.days)).strftime("%Y-%m-%d")
        return judged, f"On {since}" if judged.days == 1 else f"In {judged.days} days, from {since} on", since
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    judged = surge(lately, _looked(account, midnight + timedelta(days=1), DAYS_KEPT), account.expect)
    if judged is None:
        return None
    if "articles_per_day" in account.expect:
        return judged, "Today", utc_text(midnight)
    return judged, "In the last 24 hours", utc_text(now - timedelta(days=1))


def _looked(account: Account, end: datetime, count: int) -> list[int | None]:
    kept = [account.days.get(day, NO_DAY) for day in days_before(end.date(), count)]
    return [day.articles if day.looks else None for day in kept]


def _silence(account: Account, marks: Mapping[int, Mapping[str, Marks]]) -> Quiet | None:
    """Have all listings together brought nothing for longer than they ever do?"""
    days = [day for one in account.listings for day in marks.get(one.id, {}).items()]
    looked: dict[str, int] = {}
    brought: dict[str, int] = {}
    for day, mark in days:
        looked[day], brought[day] = looked.get(day, 0) | mark.looked, brought.get(day, 0) | mark.brought
    found = quiet(looked, brought)
    return found if found is not None and found.telling else None


def _frozen(account: Account, marks: Mapping[int, Mapping[str, Marks]]) -> Iterator[Finding]:
    """Single feeds that no longer change while others of the source do; a page changes with whatever stands around its
    links, and proves nothing."""
    if len(account.listings) < 2:
        return
    for one in account.listings:
        if one.kind == "section" or one.lost:
            continue
        days = marks.get(one.id, {})
        found = quiet(
            {day: mark.looked for day, mark in days.items()},
            # one that lists nothing may still change, by the time of its making
            {day: mark.brought if _empty(one) else mark.changed for day, mark in days.items()},
        )
        if found is not None and found.telling:
            yield Finding(
                f"frozen:{account.slug}:{one.id}", Severity.WARN, f"A {one.kind} no longer changes",
                f"{one.url} answers, and {'lists nothing at all:' if _empty(one) else 'offers'} {_said(found)}.", utc_text(found.since), account.slug, account.name,
            )  # fmt: skip


def _empty(listing: Listing) -> bool:
    """Does a feed answer with a list in which nothing is? Of an index of sitemaps that is as it should be."""
    return listing.kind == "feed" and not listing.items


def _said(found: Quiet) -> str:
    due = count_words(round(found.missed), "hour")
    return (
        f"nothing new since {moment_words(utc_text(found.since))}: by the four weeks before, {due} with something new "
        f"{'was' if round(found.missed) == 1 else 'were'} due since then; in the longest break of those weeks it was {found.longest:.0f}"
    )


def _missed(account: Account, marks: Mapping[int, Mapping[str, Marks]], now: datetime) -> str:
    """Feeds that are asked too seldom for what they hold, in words, or ""."""
    days = days_before(now.astimezone(UTC).date() + timedelta(days=1), 2)
    told = []
    for one in account.listings:
        hours = [marks.get(one.id, {}).get(day, NO_MARKS).lost for day in days]
        number = sum(map(int.bit_count, hours))
        if number >= LOST_LOOKS:
            told.append(f"{one.url} ({count_words(number, 'time')})")
    if not told:
        return ""
    return (
        f"At looks of today and yesterday everything that stood there was new, so that more may have come and gone: "
        f"{', '.join(told)}. It should be asked more often: [schedule] every in the source file."
    )


def _of_listings(account: Account) -> Iterator[Finding]:
    for listing in account.listings:
        if listing.lost:
            yield Finding(
                f"listing:{account.slug}:{listing.id}", Severity.WARN, f"A {listing.kind} {'is gone' if listing.status == 'gone' else 'fails'}", _lost(listing),
                listing.last_success_at, account.slug, account.name,
            )  # fmt: skip


def _last_new(account: Account, judged: Verdict) -> str:
    last = max((one.last_new_at for one in account.listings if one.last_new_at), default=None)
    return f" Its listings last offered something new {moment_words(last)}." if judged.kind == "few" and last else ""


def _lost(listing: Listing) -> str:
    if listing.status == "gone":
        return f"{listing.url} is gone for good; take it out of the source file."
    return f"{listing.url} has failed {listing.failures} times in a row: {listing.detail or 'no reason given'}."

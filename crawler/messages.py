"""What messages say, in plain text: incidents, the daily digest, new matches of a watch. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.findings import bytes_words, count_words
from archive.health import Health
from archive.incidents import Incident
from archive.sources import moment_words
from archive.watches import Found, Match

LISTED = 30  # incidents of one message
TITLE = 120  # characters


@dataclass(frozen=True, slots=True)
class Day:
    """What a digest tells beside a look: versions of yesterday, and incidents."""

    changed: int
    ended: Sequence[Incident]
    going_on: Sequence[Incident]


def of_incidents(starts: Sequence[Incident], ends: Sequence[Incident], base: str) -> tuple[str, str]:
    """Subject and body of what began and what ended."""
    if len(starts) + len(ends) == 1:
        one = (*starts, *ends)[0]
        over = "" if one.ended_at is None else "over: "
        subject = f"Kiosque: {over}{_about(one)}"
    else:
        began = [f"{count_words(len(starts), 'thing')} went wrong"] if starts else []
        over = f"{len(ends)} {'is' if len(ends) == 1 else 'are'} over"
        subject = f"Kiosque: {', '.join([*began, *([over] if ends else [])])}"
    parts = []
    for heading, incidents in (("Wrong", starts), ("Over", ends)):
        if incidents:
            parts.append(_listed(heading, [_told(one) for one in incidents]))
    return subject, "\n\n".join([*parts, *([f"{base}/health"] if base else [])])


def _about(one: Incident) -> str:
    return f"{one.name}: {one.what}" if one.name else one.what


def _told(one: Incident) -> str:
    if one.ended_at is None:
        return f"{_about(one)}, since {moment_words(one.started_at)}. {one.reason}"
    return f"{_about(one)}, from {moment_words(one.started_at)} to {moment_words(one.ended_at)}."


def _listed(heading: str, lines: Sequence[str]) -> str:
    more = len(lines) - LISTED
    return "\n".join(
        [f"{heading}:", *(f"- {line}" for line in lines[:LISTED]), *([f"and {more} more"] if more > 0 else [])]
    )


def of_day(found: Health, day: Day, base: str) -> tuple[str, str]:
    """Subject and body of the daily digest."""
    wrong = len(day.going_on)
    stands = "all is well" if not wrong else f"{count_words(wrong, 'thing')} {'is' if wrong == 1 else 'are'} wrong"
    subject = f"Kiosque {found.at[:10]}: {count_words(found.stored_yesterday, 'article')} yesterday, {stands}"
    waiting = f", the oldest since {moment_words(found.queue.oldest)}" if found.queue.oldest else ""
    left = "" if found.disk.days_left is None else f", enough for {count_words(int(found.disk.days_left), 'day')}"
    parts = [
        "\n".join(
            (
                f"Articles of yesterday (UTC): {found.stored_yesterday:,} new, {day.changed:,} changed",
                f"Sources that answered: {found.looked:,} of {found.sources:,}",
                f"Pages pending: {found.queue.pending:,}, of them due: {found.queue.due:,}{waiting}",
                f"Database {bytes_words(found.disk.database)}, raw pages {bytes_words(found.disk.raw)}, "
                f"{bytes_words(found.disk.free)} free{left}",
            )
        )
    ]
    if day.going_on:
        parts.append(_listed("Wrong", [_told(one) for one in day.going_on]))
    if day.ended:
        parts.append(_listed("Over since yesterday", [_told(one) for one in day.ended]))
    return subject, "\n\n".join([*parts, *([f"{base}/health"] if base else [])])


def of_watch(name: str, found: Found, base: str) -> tuple[str, str]:
    """Subject and body of what is new for a watch."""
    subject = f"Kiosque: {name}: {found.number:,} new {'match' if found.number == 1 else 'matches'}"
    lines = [_line(one, base) for one in found.matches]
    if more := found.number - len(found.matches):
        lines.append(f"and {more:,} more" + (f": {base}/saved/{name}" if base else ""))
    return subject, "\n\n".join(lines)


def _line(one: Match, base: str) -> str:
    title = one.title if len(one.title) <= TITLE else f"{one.title[: TITLE - 1]}…"
    also = f" (and {one.copies:,} {'copy' if one.copies == 1 else 'copies'})" if one.copies else ""
    changed = " (changed)" if one.changed else ""
    return f"{title or one.url}{changed}\n{one.source}{also}\n" + (f"{base}/article/{one.id}" if base else one.url)

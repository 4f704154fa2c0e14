"""What a source is expected to yield, and whether it did. Pure: numbers in, a verdict or none out.

What the source file expects is taken at its word. Without it, the source is compared with itself: the last day, or the last
two, three or seven, with the same days of the week one to four weeks earlier, so that weekends are no trouble. Something is
said only when it is both large and no chance: under a Poisson law, and of more articles than usual one as generous as the days
of those weeks differ, it would happen once in a million such looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, exp, lgamma, log, log1p, sqrt
from operator import add, sub
from typing import Any

from archive.sources import FIELDS

WINDOWS = (1, 2, 3, 7)  # days looked at together: the more articles, the sooner it shows
WEEKS = (1, 2, 3, 4)
LEAST_WEEKS = 3  # of them must be known
FEW, MANY = 0.4, 1.8  # of the least and the most of the weeks before
HALF = 0.5
CHANCE = 1e-6
OVER = 1e-3  # so seldom would what is told as over go on: an end that is told too soon is told twice
DIFFER = 1.25  # times the mean: one of four weeks may be that much above it, and the mean that much too low
TYPICAL = 0.6  # of the mean: the least that is expected, however low one of four weeks was
LEAST_STORED, LEAST_BEFORE = 7, 30  # articles that say something about a field
LEAST_EXPECTED = 20  # articles that are held against what the source file expects of a field
USUALLY = 0.5  # a field that fewer articles than this have is not expected
LEAST_FAILED, OFTEN_FAILED = 5, 0.3  # pages of a day, and their share, that make a trouble
# as source files call them, and as one reads them
FIELD_WORDS = {
    "title": "title", "text": "text", "summary": "summary", "language": "language", "section": "section",
    "published": "time of publication", "minute": "hour and minute of publication", "modified": "time of change",
    "authors": "authors", "editors": "editors", "agency": "agency", "tags": "tags", "image": "image",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is not as expected: of which sort, over how many of the last days, and the numbers in words."""

    kind: str  # few, many, or the name of a field
    days: int
    reason: str


def volume(counts: Sequence[int | None], expect: Mapping[str, Any]) -> Verdict | None:
    """Judge the articles of each day, oldest first, the last one complete; None is a day on which nobody looked."""
    if not counts or counts[-1] is None:
        return None
    if bounds := expect.get("articles_per_day"):
        low, high = bounds
        if low <= counts[-1] <= high:
            return None
        kind = "few" if counts[-1] < low else "many"
        return Verdict(kind, 1, f"{_articles(counts[-1])}; its source file expects {low:g} to {high:g} a day.")
    spread = scatter(counts[: -max(WINDOWS)])
    for span in WINDOWS:
        recent = counts[-span:]
        known = [count for count in recent if count is not None]
        before = [total for week in WEEKS if (total := _total(counts, span, week * 7)) is not None]
        if len(known) < span or len(before) < LEAST_WEEKS:
            continue
        total, mean = sum(known), sum(before) / len(before)
        usual = f"on the same days of the four weeks before there were {_range(before)}"
        least = max(min(before), TYPICAL * mean)
        few = total < least and total <= FEW * least and at_most(total, least) < CHANCE
        if (few or _far_more(total, before, spread)) and not _as_usual_again(
            counts, span, total / max(mean, 1.0), spread
        ):
            return Verdict("few" if few else "many", span, f"{_articles(total)}; {usual}.")
    return None


def _as_usual_again(counts: Sequence[int | None], span: int, ratio: float, spread: float) -> bool:
    """Do the last days of a window show that what befell it is over? `ratio`: its articles for each that is usual.

    Its first days weigh on a window of a week for days after the trouble has ended.
    """
    for last in range(1, span):
        before = [total for week in WEEKS if (total := _total(counts, last, week * 7)) is not None]
        total, mean = sum(count or 0 for count in counts[-last:]), sum(before) / max(len(before), 1)
        odd, halfway = max(mean * ratio, 1.0) / spread, mean * sqrt(ratio)
        if ratio > 1 and total <= halfway and at_most(ceil(total / spread), odd) < OVER:
            return True
        if ratio < 1 and total >= halfway and at_least(int(total / spread), odd) < OVER:
            return True
    return False


def surge(lately: Sequence[int], days: Sequence[int | None], expect: Mapping[str, Any]) -> Verdict | None:
    """Tell as soon as it shows, and not only when the day is complete, that there are too many articles.

    `lately`: those of the last 24 hours, and of the same hours one, two, three and four weeks earlier. `days`: as `volume`
    takes them, today last. What the source file allows for a day is held against today.
    """
    if bounds := expect.get("articles_per_day"):
        if not days or days[-1] is None or days[-1] <= bounds[1]:
            return None
        reason = f"{_articles(days[-1])}; its source file expects {bounds[0]:g} to {bounds[1]:g} a day."
        return Verdict("many", 1, reason)
    before = [lately[week] for week in WEEKS if len(lately) > week and _total(days, 2, week * 7) is not None]
    if len(before) < LEAST_WEEKS or not _far_more(lately[0], before, scatter(days[: -1 - max(WINDOWS)])):
        return None
    usual = f"in the same hours of the four weeks before there were {_range(before)}"
    return Verdict("many", 1, f"{_articles(lately[0])}; {usual}.")


def _far_more(total: int, before: Sequence[int], spread: float) -> bool:
    """Are there so many more than in each of the weeks before that it is no chance?"""
    mean = max(sum(before) / len(before), 1.0)
    return total >= MANY * max(*before, 1) and at_least(int(total / spread), DIFFER * mean / spread) < CHANCE


def scatter(counts: Sequence[int | None]) -> float:
    """How many times as much the last days, of four weeks at most, differ from the mean of their weekday as chance alone (Poisson)
    would have it; at least once."""
    off, free = 0.0, 0
    for weekday in range(7):
        known = [count for count in counts[-28:][weekday::7] if count is not None]
        if len(known) > 1 and (mean := sum(known) / len(known)):
            off += sum((count - mean) ** 2 for count in known) / mean
            free += len(known) - 1
    return max(off / free, 1.0) if free else 1.0


def fields(days: Sequence[tuple[int, Sequence[int]]], expect: Mapping[str, Any]) -> list[Verdict]:
    """Judge how many of the articles stored on each day, oldest first, have each of FIELDS."""
    wanted: Mapping[str, float] = expect.get("filled", {})
    found: dict[int, Verdict] = {}
    sums = list(accumulate(((stored, *has) for stored, has in days), _added, initial=(0,) * (len(FIELDS) + 1)))

    def between(first: int, end: int) -> tuple[int, Sequence[int]]:
        """The articles of the days from `first` to `end`, counted from the last one, and how many have each field."""
        one, other = sums[max(len(days) - first, 0)], sums[max(len(days) - end, 0)]
        stored, *has = map(sub, other, one)
        return stored, has

    stored, has = between(7, 0)
    for name, least in wanted.items():
        at = FIELDS.index(name)
        if stored >= LEAST_EXPECTED and has[at] < least * stored:
            said = f"{_share(has[at], stored)} of {_articles(stored)} have it; the source file expects {least:.0%}."
            found[at] = _field(at, 7, said)
    for span in WINDOWS:
        (stored, has), (before, had) = between(span, 0), between(span + 28, span)
        if stored < LEAST_STORED or before < LEAST_BEFORE:
            continue
        for at, name in enumerate(FIELDS):
            if at in found or name in wanted or not _dropped(has[at], stored, had[at] / before):
                continue
            latest = [between(shorter, 0) for shorter in WINDOWS[: WINDOWS.index(span)]]
            if any(_filled_again(kept[at], count, had[at] / before, has[at] / stored) for count, kept in latest):
                continue
            said = (
                f"{_share(has[at], stored)} of the latest {_articles(stored)} have it; in the four weeks before it was "
                f"{_share(had[at], before)}."
            )
            found[at] = _field(at, span, said)
    if FIELDS.index("published") in found:  # what has no time has no minute
        found.pop(FIELDS.index("minute"), None)
    return [found[at] for at in sorted(found)]


def _dropped(has: int, stored: int, usual: float) -> bool:
    """Do so few of the articles have a field that it is no chance?"""
    return usual >= USUALLY and has <= HALF * usual * stored and binomial_at_most(has, stored, usual * 0.9) < CHANCE


def _filled_again(has: int, stored: int, usual: float, lost: float) -> bool:
    """Do so many of the latest articles have a field that it is filled again? `lost`: the share that had it in the window in
    which it was missing."""
    return has > HALF * usual * stored and binomial_at_most(stored - has, stored, 1 - min(max(lost, 0.01), 0.99)) < OVER


def _field(at: int, days: int, said: str) -> Verdict:
    return Verdict(FIELDS[at], days, f"{FIELD_WORDS[FIELDS[at]].capitalize()}: {said}")


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(add, one, other))


def extraction(outcomes: Mapping[str, int]) -> str:
    """Tell in words that too many of the pages of a day could not be read as articles, or ""."""
    failed, total = outcomes.get("extraction_failed", 0), sum(outcomes.values())
    if failed < LEAST_FAILED or failed < OFTEN_FAILED * total:
        return ""
    return f"Of {total} pages fetched in the last day, the text of {failed} could not be extracted."


def fetching(outcomes: Mapping[str, int], again: int) -> str:
    """Tell in words that too many of the pages of a day could not be had, `again` of them being tried again, or ""."""
    failed = again + sum(outcomes.get(name, 0) for name in ("http_error", "timeout", "unreachable", "blocked_network"))
    total = again + sum(outcomes.values())
    if failed < 2 * LEAST_FAILED or failed < HALF * total:
        return ""
    return f"Of {total} pages asked for in the last day, {failed} could not be had."


def at_most(count: int, mean: float) -> float:
    """Chance of at most so many, where `mean` are expected and each comes by itself (Poisson)."""
    return min(1.0, sum(exp(at * log(mean) - mean - lgamma(at + 1)) for at in range(count + 1)))


def at_least(count: int, mean: float) -> float:
    """Chance of at least so many (Poisson)."""
    if count <= mean:
        return 1.0 - at_most(count - 1, mean)
    chance = term = exp(count * log(mean) - mean - lgamma(count + 1))
    while term > chance * 1e-9:  # each is less than mean / count of the one before
        count += 1
        term *= mean / count
        chance += term
    return chance


def binomial_at_most(count: int, trials: int, share: float) -> float:
    """Chance that at most so many of the trials succeed."""
    return min(
        1.0,
        sum(
            exp(
                lgamma(trials + 1) - lgamma(at + 1) - lgamma(trials - at + 1)
                + at * log(share) + (trials - at) * log1p(-share)
            )
            for at in range(count + 1)
        ),
    )  # fmt: skip


def _total(counts: Sequence[int | None], span: int, back: int) -> int | None:
    """The articles of a window so many days earlier; None when a day of it is not known."""
    window = counts[-span - back : -back] if len(counts) >= span + back else ()
    known = [count for count in window if count is not None]
    return sum(known) if window and len(known) == span else None


def _range(counts: Sequence[int]) -> str:
    return f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{counts[0]}"


def _articles(count: int) -> str:
    return f"{count or 'no'} article{'' if count == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    """A share in per cent that is 0 or 100 only when it is all or nothing."""
    if part in (0, whole):
        return "none" if not part else "100 %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"

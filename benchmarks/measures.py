"""What an extraction is worth against hand-checked truth: body, title, publication time, authors.

The body is compared as in the public article-extraction benchmark: by the 4-token shingles that two texts share, precision
and recall averaged over pages. In Chinese, Japanese and Korean each character is a token.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

WORD = re.compile(r"\w+")
NOT_WORD = re.compile(r"\W+")
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SHINGLE = 4  # tokens
QUARTER = timedelta(minutes=15)  # every time zone in use is a whole number of them
FARTHEST_ZONE = timedelta(hours=14)
DAY_APART = timedelta(hours=38)  # two clock readings of one day in any two zones are nearer than this
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a person found in a page. `published` is ISO 8601, at midnight when only the day is known."""

    url: str
    body: str
    title: str = ""
    published: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """What an extractor found in a page; `published` is ISO 8601, a bare date when it knows no time."""

    title: str = ""
    text: str = ""
    published: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1 over all pages of the truth; None where the truth says nothing."""

    precision: float
    recall: float
    f1: float
    exact: float
    title: float | None
    day: float | None
    minute: float | None
    author_f1: float | None
    empty: int  # pages without any text


def read_truth(paths: Iterable[Path]) -> list[Truth]:
    """Read JSON lines with url, body and as far as known title, published, authors; other keys are passed over."""
    return [_truth(json.loads(line)) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]


def _truth(row: Mapping[str, Any]) -> Truth:
    said = (row.get("title") or "", row.get("published") or "", tuple(row.get("authors") or ()))
    return Truth(row["url"], row["body"], *said)


def tokens(text: str) -> list[str]:
    """The words of a text; a word in a script without spaces comes apart into its characters."""
    found: list[str] = []
    for word in WORD.findall(text):
        found += word if UNSPACED.search(word) else [word]
    return found


def overlap(true: str, found: str) -> tuple[float | None, float | None]:
    """Precision and recall of one page's shingles; None where there is nothing to be precise about or to recall."""
    wanted, got = _shingles(true), _shingles(found)
    shared = (wanted & got).total()
    return (shared / got.total() if got else None, shared / wanted.total() if wanted else None)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    size = min(SHINGLE, len(words))
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1)) if words else Counter()


def same_words(true: str, found: str) -> bool:
    """Tell whether two lines differ in nothing but case, punctuation, spacing and compatibility forms."""
    return _folded(true) == _folded(found)


def _folded(text: str) -> str:
    return NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def same_day(true: str, found: str) -> bool:
    """Tell whether both name one day, in the zone of the truth where both have one."""
    wanted, got = _moment(true), _moment(found)
    if wanted is None or got is None:
        return False
    if wanted.tzinfo and got.tzinfo:
        return got.astimezone(wanted.tzinfo).date() == wanted.date()
    return abs(got.replace(tzinfo=None) - wanted.replace(tzinfo=None)) < DAY_APART


def same_minute(true: str, found: str) -> bool:
    """Tell whether both name one minute. A truth without a zone may be meant in any; a finding without one is UTC."""
    wanted, got = _moment(true), _moment(found)
    if wanted is None or got is None or len(found) <= len("2024-01-01"):
        return False
    got = got if got.tzinfo else got.replace(tzinfo=UTC)
    if wanted.tzinfo:
        return abs(got - wanted) < MINUTE
    apart = got.replace(tzinfo=None) - wanted
    return abs(apart) <= FARTHEST_ZONE and min(apart % QUARTER, QUARTER - apart % QUARTER) < MINUTE


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _knows_minute(published: str) -> bool:
    return bool(published) and published[11:19] != "00:00:00"


def score(truth: Sequence[Truth], found: Mapping[str, Output]) -> Score:
    """Score findings by URL; a page that is missing from them counts as one where nothing was found."""
    pairs = [(page, found.get(page.url, Output())) for page in truth]
    bodies = [overlap(page.body, output.text) for page, output in pairs]
    precision = _mean([one for one, _ in bodies if one is not None]) or 0.0
    recall = _mean([one for _, one in bodies if one is not None]) or 0.0
    authors = Counter[str]()
    for page, output in pairs:
        if page.authors:
            wanted, got = set(map(_folded, page.authors)), set(map(_folded, output.authors))
            authors.update(shared=len(wanted & got), wanted=len(wanted), got=len(got))
    return Score(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        exact=_mean([tokens(page.body) == tokens(output.text) for page, output in pairs]) or 0.0,
        title=_mean([same_words(page.title, output.title) for page, output in pairs if page.title]),
        day=_mean([same_day(page.published, output.published) for page, output in pairs if page.published]),
        minute=_mean(
            [same_minute(page.published, output.published) for page, output in pairs if _knows_minute(page.published)]
        ),
        author_f1=2 * authors["shared"] / (authors["wanted"] + authors["got"]) if authors else None,
        empty=sum(not output.text.strip() for _, output in pairs),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

r"""Patterns: from addresses of articles and other addresses of a site, a regular expression that tells them apart.

Addresses are grouped by the kinds of their segments (folders, dates, numbers, slugs), and each group is written as
generally as its members allow: folders of sections become any folder, `12345.html` becomes `\d{4,}\.html`. What then
finds other addresses of the site as well is left out. What is written is anchored, and bounded in what it can cost: no
repetition is inside another but over characters that cannot be taken for each other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.discovery.links import SUFFIX
from crawler.source import LONGEST_PATTERN
from crawler.urls import canonical

LEAST = 5  # articles from which a pattern is learned
ENOUGH = 0.75  # of the articles must be found
WRONG = 0.03  # of the other addresses may be found: some of them are articles that nobody knew as such
FITS = 0.95  # of the members of a group must have a form: the rest are slips
MOST_GROUPS = 4
_ANY = r"[^/?#]+"
_HEAD, _TAIL = r"^https?://[^/]+/", r"/?(?:[?#]|$)"
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(
    r"(?:19|20)\d\d(?:-?(?:0[1-9]|1[0-2]))(?:-?(?:0[1-9]|[12]\d|3[01]))?|(?:0?[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_RUN = re.compile(r"\d+")
_PLAIN = re.compile(r"[\w.~-]+", re.ASCII)
_NUMBER_LAST = re.compile(r"(?P<slug>.+)(?P<mark>[-_.,~][A-Za-z]{0,4})(?P<number>\d+)")
_NUMBER_FIRST = re.compile(r"(?P<number>\d+)(?P<mark>[-_.,~])(?P<slug>.+)")


@dataclass(frozen=True, slots=True)
class Learned:
    """A regular expression, and how well it tells the addresses apart that it was learned from."""

    expression: str
    found: int
    articles: int
    wrong: int
    others: int

    @property
    def because(self) -> str:
        """The evidence in words."""
        return f"finds {self.found} of {self.articles} articles and {self.wrong} of {self.others} other addresses"


@dataclass(frozen=True, slots=True)
class _Form:
    """An address in parts."""

    url: str
    lead: tuple[str, ...]  # folders before the first segment that has a form
    tail: tuple[str, ...]  # the rest, the last one without its suffix
    kinds: str  # of the tail
    suffix: str
    names: tuple[str, ...]  # parameters with a number, where nothing in the path tells articles apart


def learn(articles: Collection[str], others: Collection[str]) -> Learned | None:
    """Learn what finds the articles and not the other addresses; None when nothing does."""
    wanted = {canonical(url) for url in articles}
    unwanted = {canonical(url) for url in others} - wanted
    if len(wanted) < LEAST:
        return None
    folders = {segments[0] for url in unwanted if (segments := _segments(url))}
    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[_Form]] = defaultdict(list)
    for url in wanted:
        form = _form(url)
        groups[form.kinds, form.suffix, form.names].append(form)
    chosen: list[str] = []
    for members in sorted(groups.values(), key=len, reverse=True)[:MOST_GROUPS]:
        if len(members) < max(3, 0.04 * len(wanted)):
            break
        written = _written(members, folders)
        if chosen and _count(_whole(chosen), [member.url for member in members]) >= ENOUGH * len(members):
            continue  # what is written finds them already
        if len("|".join([*chosen, written])) + len(_HEAD + _TAIL) + 5 > LONGEST_PATTERN:
            continue
        if _count(_whole([written]), unwanted) <= WRONG * len(unwanted):
            chosen.append(written)
    if not chosen:
        return None
    expression = _whole(chosen)
    learned = Learned(expression, _count(expression, wanted), len(wanted), _count(expression, unwanted), len(unwanted))
    good = learned.found >= ENOUGH * len(wanted) and learned.wrong <= WRONG * len(unwanted)
    return learned if good else None


def _whole(written: Sequence[str]) -> str:
    return _HEAD + (written[0] if len(written) == 1 else f"(?:{'|'.join(written)})") + _TAIL


def _count(expression: str, urls: Iterable[str]) -> int:
    compiled = re.compile(expression)
    return sum(compiled.search(url) is not None for url in urls)


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]


def _kind(segment: str, after_year: bool) -> str:
    """d: part of a date, n: number, x: has a number or is a code, s: slug of several words, w: anything else."""
    if _YEAR.fullmatch(segment) or (_DAY.fullmatch(segment) and (after_year or len(segment) >= 6)):
        return "d"
    if segment.isdigit():
        return "n"
    runs = _RUN.findall(segment)
    if any(len(run) >= 4 for run in runs) or (len(runs) >= 2 and segment.isalnum() and len(segment) >= 8):
        return "x"
    words = re.findall(r"[^\W\d_]+", unquote(segment))
    return (
        "s" if len(words) >= 3 or re.search("[\u3040-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]{6}", unquote(segment)) else "w"
    )


def _form(url: str) -> _Form:
    segments = _segments(url)
    suffix = ""
    if segments and (found := SUFFIX.search(segments[-1])):
        suffix, segments[-1] = found[0], segments[-1][: found.start()]
    kinds = ""
    for segment in segments:
        kinds += _kind(segment, "d" in kinds)
    names: tuple[str, ...] = ()
    if not kinds.strip("w"):
        names = tuple(
            sorted(name for name, value in parse_qsl(urlsplit(url).query) if value.isdigit() and len(value) >= 3)
        )
    lead = next((at for at, kind in enumerate(kinds) if kind != "w"), max(len(segments) - 1, 0))
    return _Form(url, tuple(segments[:lead]), tuple(segments[lead:]), kinds[lead:], suffix, names)


def _written(members: Sequence[_Form], folders: Collection[str]) -> str:
    text = _lead([member.lead for member in members], folders)
    columns = list(zip(*(member.tail for member in members), strict=True))
    pieces = [_piece(kind, column) for kind, column in zip(members[0].kinds, columns, strict=True)]
    text += "/".join(pieces) + _literal(members[0].suffix)
    for name in members[0].names[:1]:
        text += rf"/?\?(?:[^#]*&)?{_literal(name)}=\d+[^#]*"
    return text


def _lead(leads: Sequence[tuple[str, ...]], folders: Collection[str]) -> str:
    """Folders as they stand where all are the same and no other page of the site lies in one so called."""
    if not any(leads):
        return ""
    first = leads[0]
    if all(lead == first for lead in leads) and first[0] not in folders and all(map(_PLAIN.fullmatch, first)):
        return "".join(_literal(folder) + "/" for folder in first)
    least, most = min(map(len, leads)), max(map(len, leads))
    if least == most:
        return f"(?:{_ANY}/){{{most}}}" if most > 1 else f"{_ANY}/"
    return f"(?:{_ANY}/){{{least},{most}}}"


def _piece(kind: str, values: Sequence[str]) -> str:
    if kind in "dn":
        return _digits(values)
    if kind == "x":
        return _identifier(values)
    if kind == "s":
        return _slug(values)
    return _literal(values[0]) if len(set(values)) == 1 and _PLAIN.fullmatch(values[0]) else _ANY


def _digits(runs: Sequence[str]) -> str:
    """So many digits as there are; of long numbers one less or more: they grow with the years."""
    lengths = [len(run) for run in runs]
    least, most = min(lengths), max(lengths)
    if least == most < 5:
        return rf"\d{{{least}}}" if least > 1 else r"\d"
    return rf"\d{{{least},{most}}}" if most < 5 else _at_least(least - 1)


def _at_least(count: int) -> str:
    return rf"\d{{{count},}}" if count > 1 else r"\d+"


def _literal(text: str) -> str:
    """As re.escape, but for the hyphen, which means nothing outside of brackets."""
    return re.escape(text).replace(r"\-", "-")


def _identifier(values: Sequence[str]) -> str:
    """A segment with a number in it: always in the same words, after a slug, before one, or a code."""
    skeletons = Counter(_RUN.sub("#", value) for value in values)
    skeleton, count = skeletons.most_common(1)[0]
    if count >= FITS * len(values) and _PLAIN.fullmatch(skeleton.replace("#", "0")):
        alike = [value for value in values if _RUN.sub("#", value) == skeleton]
        runs = zip(*(_RUN.findall(value) for value in alike), strict=True)
        text = re.split("#", skeleton)
        return _literal(text[0]) + "".join(
            _digits(run) + _literal(part) for run, part in zip(runs, text[1:], strict=True)
        )
    for pattern in (_NUMBER_LAST, _NUMBER_FIRST):
        matches = [match for value in values if (match := pattern.fullmatch(value)) and len(match["number"]) >= 4]
        if len(matches) < FITS * len(values):
            continue
        marks = sorted({match["mark"] for match in matches})
        mark = _literal(marks[0]) if len(marks) == 1 else r"[-_.,~][A-Za-z]{0,4}"
        number = _digits([match["number"] for match in matches])
        return f"{_ANY}{mark}{number}" if pattern is _NUMBER_LAST else f"{number}{mark}{_ANY}"
    codes = [value for value in values if value.isascii() and re.fullmatch(r"[\w-]+", value)]
    if len(codes) == len(values) and max(map(len, values)) - min(map(len, values)) <= 4:
        return rf"[\w-]{{{min(map(len, values))},{max(map(len, values))}}}"
    shortest = min(max(len(run) for run in _RUN.findall(value)) for value in values)
    return f"[^/?#]*{_at_least(shortest)}[^/?#]*"


def _slug(values: Sequence[str]) -> str:
    """At least three words, where they are parted by one mark."""
    for mark in ("-", "_"):
        if sum(value.count(mark) >= 2 for value in values) >= FITS * len(values):
            return (
                f"[^/?#{mark}]+(?:{mark}+[^/?#{mark}]+){{2,}}{mark}*" if mark == "_" else "[^/?#-]+(?:-+[^/?#-]+){2,}-*"
            )
    return _ANY

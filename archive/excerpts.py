"""Excerpts: the part of a text that shows why it was found, with what matched marked.

SQLite's `snippet()` cannot do this: what matched may stand only in the folded columns. So the folded tokens of the text
are compared with those of the query, and their places in the text are marked: الحُكُومَة for الحكومة, 习近平 for 習近平.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from archive.folding import Token, fold, is_spaceless, letter_for_letter, prepare, spots, tokens
from archive.query import Query, Term

WIDTH = 160  # characters, about two lines on a page
_SLACK = 24  # characters that a cut may move to find the end of a word


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    term: int


def excerpt(text: str, query: Query, *, marks: tuple[str, str] = ("", ""), width: int = WIDTH) -> str:
    """Cut about `width` characters out of `text` where most of the query's words stand, its matches between `marks`.

    Without a match in the text (it may be in the title) it is the beginning. Cut ends have an ellipsis.
    """
    prepared = prepare(text)
    terms = [term for alternatives in query.wanted for term in alternatives if term.field in ("", "text")]
    matches = _matches(prepared, terms, width)
    start, end = _window(prepared, matches, width)
    pieces: list[str] = []
    place = start
    for match in matches:
        if match.start < place or match.end > end:
            continue
        pieces += [prepared[place : match.start], marks[0], prepared[match.start : match.end], marks[1]]
        place = match.end
    pieces.append(prepared[place:end])
    shown = " ".join("".join(pieces).split())
    return ("…" if start else "") + shown + ("…" if end < len(prepared) else "")


def _matches(prepared: str, terms: list[Term], width: int) -> list[_Match]:
    """Find where the terms stand in the line that has most of them and what follows it on an excerpt, in order of place;
    of two that overlap the longer one comes first."""
    needles = [(" " + " ".join(term.tokens) + ("" if term.prefix else " ")) for term in terms]
    lines: list[tuple[int, str, list[int]]] = []  # from the best one on
    best, offset = 0, _start(prepared, terms, needles)
    for line in prepared[offset:].splitlines(keepends=True):
        if lines and best == len(needles) and offset > lines[0][0] + len(lines[0][1]) + width:
            break
        folded = f" {fold(line)} "
        present = [number for number, needle in enumerate(needles) if needle in folded]
        if len(present) > best:
            best = len(present)
            lines.clear()
        if best:
            lines.append((offset, line, present))
        offset += len(line)
    found: list[_Match] = []
    for start, line, present in lines:
        if found and start > found[0].start + width:
            break
        folded = letter_for_letter(line) if present else ""
        hard = []  # terms whose places need the tokens
        for number in present:
            places = spots(folded, terms[number].tokens, prefix=terms[number].prefix) if folded else None
            if places is None:
                hard.append(number)
            else:
                found += [_Match(start + first, start + last, number) for first, last in places]
        line_tokens = list(tokens(line)) if hard else []
        for number in hard:
            found += _in_line(line_tokens, terms[number], number, start)
    return sorted(found, key=lambda match: (match.start, -match.end))


def _start(prepared: str, terms: list[Term], needles: list[str]) -> int:
    """Where a line begins that has all terms spelled as they are folded, 0 if there is none: it is found without folding
    those before it, in a tenth of the time."""
    spelled = [
        term.tokens[0] + "".join(token[-1] if is_spaceless(token) else f" {token}" for token in term.tokens[1:])
        for term in terms
    ]
    offset = 0
    for line in prepared.splitlines(keepends=True):
        lowered = line.lower()
        if all(one in lowered for one in spelled) and all(needle in f" {fold(line)} " for needle in needles):
            return offset
        offset += len(line)
    return 0


def _in_line(line: list[Token], term: Term, number: int, offset: int) -> list[_Match]:
    wanted, size = term.tokens, len(term.tokens)
    texts = [token.text for token in line]
    found = []
    for place, text in enumerate(texts[: len(texts) - size + 1]):
        if (text != wanted[0]) if size > 1 or not term.prefix else not text.startswith(wanted[0]):
            continue
        last = line[place + size - 1]
        if tuple(texts[place : place + size - 1]) != wanted[:-1]:
            continue
        if last.text != wanted[-1] and not (term.prefix and last.text.startswith(wanted[-1])):
            continue
        # The beginning of a pair is its first character only.
        end = last.start + 1 if len(last.text) > len(wanted[-1]) and is_spaceless(last.text) else last.end
        found.append(_Match(offset + line[place].start, offset + end, number))
    return found


def _window(prepared: str, matches: list[_Match], width: int) -> tuple[int, int]:
    if not matches:
        return 0, _cut(prepared, width, forward=False)
    starts = [match.start for match in matches]
    best, most = matches[0], 0
    for place, match in enumerate(matches):
        inside = matches[place : bisect_right(starts, match.start + width * 2 // 3)]
        distinct = len({other.term for other in inside})
        if distinct > most:
            best, most = match, distinct
    start = max(0, best.start - width // 3)
    if start > 0:
        start = min(_cut(prepared, start, forward=True), best.start)
    end = _cut(prepared, start + width, forward=False)
    return start, max(end, min(best.end, start + 2 * width))


def _cut(prepared: str, place: int, *, forward: bool) -> int:
    """Move a cut to the nearest gap between words; where there is none near by, to between two characters."""
    if place >= len(prepared):
        return len(prepared)
    for step in range(_SLACK):
        spot = place + step if forward else place - step
        if not 0 < spot < len(prepared):
            break
        if prepared[spot].isspace() or prepared[spot - 1].isspace():
            return spot
    while place < len(prepared) and unicodedata.category(prepared[place])[0] == "M":
        place += 1
    return place

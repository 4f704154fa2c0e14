"""What differs between two texts, word by word, in every script.

A word is what stands between spaces; of Chinese and Japanese each character, of Thai, Lao, Burmese and Khmer each
consonant with its vowels is one, since these scripts do not part words. Paragraphs are compared first, then the words of
those that differ. What occurs once in either text is matched first (patience diff): a long text with many common words
takes no longer than a short one, and the result does not depend on how fast the machine is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from archive.likeness import normalise

Op = Literal["=", "-", "+"]
SMALL = 10_000  # pairs of tokens without a unique one among them that are compared one by one
RUNS = (1, 5, 11)  # tokens of a run that is looked for
CHANCE = (0, 2)  # words that may agree by chance; the white space between two changed words first
KEPT = 0.2  # of the words of a paragraph; with fewer it is another paragraph

_INDIC = "\u0900-\u0963\u0966-\u0dff"  # vowel signs are no letters to Python; the danda ends a sentence
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
_SINGLE = "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_CLUSTERED = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3\u17dd"
_CLUSTER = (
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2f\u0e46\u0e81-\u0eaf\u0ebd\u0ec6\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3]"
    "(?:[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u1038\u103a-\u103e\u1056-\u108f\u17b4-\u17d1\u17d3\u17dd]"
    "|\u1039[\u1000-\u102a]|\u17d2[\u1780-\u17b3])*"
)
_LETTER = f"(?:[{_INDIC}]|[^\\W_{_SINGLE}{_CLUSTERED}])"
_WORD = f"[{_SINGLE}]|{_CLUSTER}|{_LETTER}(?:{_LETTER}|[{_MARKS}\u200c\u200d]|(?<=\\d)[.,](?=\\d)|['’\u2011-](?={_LETTER}))*"
_TOKEN = re.compile(f"(?P<word>{_WORD})|\n|[^\\S\n]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: in both versions (`=`), only in the earlier (`-`) or only in the later (`+`)."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much changed. A paragraph is added or removed when hardly a word of it stands in its counterpart."""

    words_added: int = 0
    words_removed: int = 0
    paragraphs_added: int = 0
    paragraphs_removed: int = 0


def tokens_of(text: str) -> list[str]:
    """Words, white space, line ends and signs, which together are the text."""
    return [match[0] for match in _TOKEN.finditer(text)]


def words_of(text: str) -> list[str]:
    """The words of a text."""
    return [match[0] for match in _TOKEN.finditer(text) if match["word"]]


def pieces(before: str, after: str) -> list[Piece]:
    """The two texts as one, for people to read: words that agree by chance between changes count as changed."""
    parts = list(_compared(before, after))
    for most in CHANCE:
        parts = _readable(_merged(parts), most)
    return _merged(parts)


def sizes(before: str, after: str) -> Sizes:
    """How much changed between two texts after normalisation: cases, white space and the form of signs do not count."""
    folded = ("\n".join(normalise(line) for line in text.split("\n")) for text in (before, after))
    lost, gained = [[0, 0]], [[0, 0]]  # for each paragraph: words kept, words changed
    for piece in _compared(*folded):
        for token in tokens_of(piece.text):
            for op, paragraphs in (("-", lost), ("+", gained)):
                if piece.op not in ("=", op):
                    continue
                if token == "\n":
                    paragraphs.append([0, 0])
                elif _is_word(token):
                    paragraphs[-1][piece.op == op] += 1
    return Sizes(
        sum(changed for _, changed in gained),
        sum(changed for _, changed in lost),
        sum(changed > 0 and kept < KEPT * (kept + changed) for kept, changed in gained),
        sum(changed > 0 and kept < KEPT * (kept + changed) for kept, changed in lost),
    )


def matching(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where two sequences agree: (place in the first, place in the second, length), in ascending order."""
    found: list[tuple[int, int, int]] = []
    work = [(0, len(before), 0, len(after))]
    while work:
        a, a_end, b, b_end = work.pop()
        head = 0
        while a + head < a_end and b + head < b_end and before[a + head] == after[b + head]:
            head += 1
        if head:
            found.append((a, b, head))
            a, b = a + head, b + head
        tail = 0
        while a < a_end - tail and b < b_end - tail and before[a_end - tail - 1] == after[b_end - tail - 1]:
            tail += 1
        if tail:
            found.append((a_end - tail, b_end - tail, tail))
            a_end, b_end = a_end - tail, b_end - tail
        if a == a_end or b == b_end:
            continue
        # where no word is unique (a table, a chant), runs of some words may be
        runs = (_anchors(_runs(before[a:a_end], n), _runs(after[b:b_end], n)) for n in RUNS)
        if anchors := next(filter(None, runs), None):
            last_a, last_b = a, b
            for i, j in anchors:
                work.append((last_a, a + i, last_b, b + j))
                found.append((a + i, b + j, 1))
                last_a, last_b = a + i + 1, b + j + 1
            work.append((last_a, a_end, last_b, b_end))
        elif (a_end - a) * (b_end - b) <= SMALL:
            matcher = SequenceMatcher(None, before[a:a_end], after[b:b_end], autojunk=False)
            found += [(a + m.a, b + m.b, m.size) for m in matcher.get_matching_blocks() if m.size]
    return sorted(found)


def _runs(tokens: Sequence[str], length: int) -> Sequence[str]:
    if length == 1:
        return tokens
    return ["\0".join(tokens[at : at + length]) for at in range(len(tokens) - length + 1)]


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Places of tokens that occur once in both, as many as stand in the same order."""
    once = Counter(before), Counter(after)
    places = {token: j for j, token in enumerate(after) if once[1][token] == 1 and once[0][token] == 1}
    tails: list[int] = []  # of the best ascending run of each length: its last place in `after`
    ends: list[int] = []  # the pair that it ends with
    pairs: list[tuple[int, int]] = []
    previous: list[int] = []
    for i, token in enumerate(before):
        j = places.get(token)
        if j is None:
            continue
        rank = bisect_left(tails, j)
        previous.append(ends[rank - 1] if rank else -1)
        tails[rank : rank + 1], ends[rank : rank + 1] = [j], [len(pairs)]
        pairs.append((i, j))
    run: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(pairs[at])
        at = previous[at]
    return run[::-1]


def _compared(before: str, after: str) -> Iterator[Piece]:
    """Pieces that make up both texts: whole paragraphs that agree, and the tokens of what lies between them."""
    old, new = before.split("\n"), after.split("\n")
    for kind, a, b in gaps(old, new):
        if kind:
            yield from (Piece("=", line + "\n") for line in old[a[0] : a[1]])
            continue
        left, right = (tokens_of("".join(line + "\n" for line in lines)) for lines in (old[slice(*a)], new[slice(*b)]))
        for agree, i, j in gaps(left, right):
            if agree:
                yield Piece("=", "".join(left[slice(*i)]))
                continue
            if gone := "".join(left[slice(*i)]):
                yield Piece("-", gone)
            if come := "".join(right[slice(*j)]):
                yield Piece("+", come)


def gaps(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Stretches that agree and stretches that do not, by turns: (agree, span of the first, span of the second)."""
    a = b = 0
    for i, j, length in [*matching(before, after), (len(before), len(after), 0)]:
        if a < i or b < j:
            yield False, (a, i), (b, j)
        if length:
            yield True, (i, i + length), (j, j + length)
        a, b = i + length, j + length


def _readable(parts: list[Piece], most: int) -> list[Piece]:
    """Take a stretch of at most so many words that agree, between changes that are longer than it, for changed too."""
    result: list[Piece] = []
    for at, piece in enumerate(parts):
        around = [[p for p in side if p.op != "="] for side in (parts[max(at - 2, 0) : at], parts[at + 1 : at + 3])]
        size = len(words_of(piece.text))
        if (
            piece.op == "=" and "\n" not in piece.text and all(around)
            and all(size < max(len(words_of(p.text)) for p in side) for side in around)
            and size <= most
        ):  # fmt: skip
            result += [Piece("-", piece.text), Piece("+", piece.text)]
        else:
            result.append(piece)
    return result


def _merged(parts: Sequence[Piece]) -> list[Piece]:
    """Join neighbours; between two stretches that agree, first what went and then what came."""
    result: list[Piece] = []
    held: dict[str, list[str]] = {"-": [], "+": []}

    def release() -> None:
        for op in ("-", "+"):
            if text := "".join(held[op]):
                result.append(Piece(op, text))
            held[op].clear()

    for piece in parts:
        if piece.op != "=":
            held[piece.op].append(piece.text)
            continue
        release()
        if result and result[-1].op == "=":
            result[-1] = Piece("=", result[-1].text + piece.text)
        else:
            result.append(piece)
    release()
    return result


def _is_word(token: str) -> bool:
    match = _TOKEN.match(token)
    return match is not None and match["word"] is not None

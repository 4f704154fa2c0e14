"""Folding: one spelling for what readers take for the same word, in every script.

SQLite's unicode61 lowers case, strips accents from Latin letters and splits where it sees neither letter nor digit.
That is enough for English or French. It keeps a whole run of Chinese as one word, splits Hindi at its vowel signs and
Arabic at its vowel marks, and knows neither ё = е nor ß = ss. `fold_columns` gives the text that a second pair of
columns needs so that such words are found; text that unicode61 handles by itself costs nothing there.

Queries and texts are folded by the same `fold`, so they agree. Normal forms are those of UAX 15; Arabic letters are
brought together as Lucene's ArabicNormalizer and PersianNormalizer do it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from archive.letters import JOINER, TABLE, UNEVEN, private, translated

# Scripts written without spaces between words, and Korean, whose particles are glued to the word. The private letters
# are what `private` makes of the vowel signs of Thai, Lao, Burmese and Khmer.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
    "\ue500-\ue5ff\ue700-\ue79f\uee80-\ueeff\uf050-\uf0df\uf120-\uf1af\U000fa9e0-\U000fa9ff\U000faa60-\U000faadf"
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3035\u303b\u303c\u3041-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SEGMENT = re.compile(f"[{_SPACELESS}][{_SPACELESS}{JOINER}]*|[^ {_SPACELESS}]+")
_LETTERS_ON = re.compile(f"[^ {_SPACELESS}]+")
_SPACELESS_CHAR = re.compile(f"[{_SPACELESS}]")

_HALF_WIDTH_KANA = re.compile("[\uff66-\uff9f]+")
_HALF_WIDTH = re.compile(b"\xef[\xbd\xbe]")  # how these begin in UTF-8, where they are found four times as fast

# हिन्दी and हिंदी are one word: the nasal before a consonant may be written as a dot, which stands for the nasal of that
# consonant's class. So in Indic scripts from Devanagari to Kannada, which Unicode lays out alike, 128 places apart.
_INDIC = re.compile("[\u0900-\u0d7f\ue000-\ue47f]")
_INDIC_BLOCKS = range(0x0900, 0x0D00, 0x80)
_DOTS = "".join(private(chr(block + 0x02)) for block in _INDIC_BLOCKS)
_STOPS = "".join(f"{chr(block + 0x15)}-{chr(block + 0x2E)}" for block in _INDIC_BLOCKS)
_DOT = re.compile(f"[{_DOTS}](?=[{_STOPS}])")
_PARTED = re.compile(f"[{_SPACELESS}{JOINER}\u0900-\u0d7f\ue000-\ue47f]")  # where more than spaces parts words
_MARKED = re.compile(f"[{JOINER}\u0900-\u0d7f\ue000-\ue47f]")
_CANDRABINDU = str.maketrans({private(chr(block + 0x01)): private(chr(block + 0x02)) for block in _INDIC_BLOCKS})
_NASAL_OF_CLASS = (0x19, 0x1E, 0x23, 0x28, 0x2E)  # of the classes that begin with ka, ca, tta, ta and pa


def _nasal(dot: re.Match[str]) -> str:
    following = ord(dot.string[dot.end()])
    block, place = following & ~0x7F, following & 0x7F
    nasal = next(last for last in _NASAL_OF_CLASS if place <= last)
    return chr(block + nasal) + private(chr(block + 0x4D))


class Token(NamedTuple):
    """A folded token and where it stands in the prepared text."""

    text: str
    start: int
    end: int


def prepare(text: str) -> str:
    """Bring text to the form whose offsets `tokens` speaks of: NFC, kana of full width."""
    if _HALF_WIDTH.search(text.encode("utf-8", "surrogatepass")):
        text = _HALF_WIDTH_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def prefix_of(token: str) -> str:
    """Take from the beginning of a word what depends on how the word goes on."""
    return token.rstrip(_DOTS) or token


def has_spaceless(folded: str) -> bool:
    """Whether folded text has tokens of a script that is indexed by overlapping pairs of characters."""
    return _SPACELESS_CHAR.search(folded) is not None


def is_spaceless(token: str) -> bool:
    """Whether a folded token comes from a script that is indexed by overlapping pairs of characters."""
    return _SPACELESS_CHAR.match(token) is not None


def _words(segment: str) -> list[str]:
    """Split a folded run of a script with spaces at its zero-width non-joiners, and even out its Indic spelling."""
    if _INDIC.search(segment):
        return [_DOT.sub(_nasal, segment.replace(JOINER, "").translate(_CANDRABINDU))]
    return [word for word in segment.split(JOINER) if word]


def fold(text: str) -> str:
    """Fold a text to tokens with a space between; every token is one that unicode61 keeps whole.

    A run of a script without spaces becomes its overlapping pairs and its last character (北京市 -> 北京 京市 市), so
    that any part of it is found as a phrase or a prefix.
    """
    folded = translated(prepare(text))
    if folded.isascii() or not _PARTED.search(folded):
        return " ".join(folded.split())
    found: list[str] = []
    for segment in _SEGMENT.findall(folded):
        if is_spaceless(segment):
            run = segment.replace(JOINER, "")
            found.extend(map("".join, pairwise(run)))
            found.append(run[-1])
        elif segment.isascii():
            found.append(segment)
        else:
            found.extend(_words(segment))
    return " ".join(found)


def letter_for_letter(prepared: str) -> str:
    """Fold a line so that each character stays in its place; "" where some become none or several, or where marks decide
    what is a word."""
    folded = translated(prepared)
    return folded if UNEVEN.isdisjoint(prepared) and not _MARKED.search(folded) else ""


@lru_cache(maxsize=512)
def _expression(wanted: tuple[str, ...]) -> re.Pattern[str] | None:
    if all(map(is_spaceless, wanted)):
        one_run = all(len(token) == 2 and token[0] == before[-1] for before, token in pairwise(wanted))
        return re.compile(wanted[0] + "".join(token[-1] for token in wanted[1:])) if one_run else None
    return None if any(map(is_spaceless, wanted)) else re.compile(" +".join(wanted))


def spots(folded: str, wanted: tuple[str, ...], *, prefix: bool) -> list[tuple[int, int]] | None:
    """Where tokens stand side by side in a line that is folded letter for letter, the last one a beginning only for a
    `prefix`; None for those whose places cannot be told so."""
    expression = _expression(wanted)
    spaceless = is_spaceless(wanted[-1])
    if expression is None or (spaceless and len(wanted[-1]) == 1 and not prefix):
        return None
    found: list[tuple[int, int]] = []
    place = 0
    while spot := expression.search(folded, place):
        start, end = spot.span()
        place = start + 1
        if not spaceless:
            rest = _LETTERS_ON.match(folded, end)
            if (start and _LETTERS_ON.match(folded, start - 1)) or (rest and not prefix):
                continue
            end = place = rest.end() if rest else end
        found.append((start, end))
    return found


def _places(prepared: str) -> tuple[Sequence[int], Sequence[int]]:
    """For each folded character the place that it comes from, and for each place where the character there ends."""
    if UNEVEN.isdisjoint(prepared):  # the table has them all: they were just folded
        return range(len(prepared)), range(1, len(prepared) + 1)
    pieces = [TABLE[ord(char)] for char in prepared]
    # A character that folds to nothing, such as a vowel mark, belongs to the one before it.
    ends = [0] * len(prepared)
    end = len(prepared)
    for place in range(len(prepared) - 1, -1, -1):
        ends[place] = end
        if pieces[place]:
            end = place
    return [place for place, piece in enumerate(pieces) for _ in piece], ends


def tokens(prepared: str) -> Iterator[Token]:
    """Give the tokens of `fold` with their places in `prepared` (see `prepare`); a pair spans its two characters."""
    folded = translated(prepared)
    origins, ends = _places(prepared)
    for match in _SEGMENT.finditer(folded):
        segment = match[0]
        if segment.isascii():
            yield Token(segment, origins[match.start()], ends[origins[match.end() - 1]])
            continue
        spots = [origins[match.start() + place] for place, char in enumerate(segment) if char != JOINER]
        if is_spaceless(segment):
            run = segment.replace(JOINER, "")
            for place in range(len(run) - 1):
                yield Token(run[place : place + 2], spots[place], ends[spots[place + 1]])
            yield Token(run[-1], spots[-1], ends[spots[-1]])
        elif spots:
            words = _words(segment)
            if len(words) == 1:
                yield Token(words[0], spots[0], ends[spots[-1]])
                continue
            place = 0
            for word in words:
                yield Token(word, spots[place], ends[spots[place + len(word) - 1]])
                place += len(word)


# What unicode61 folds to the same by itself; a test goes through all of Unicode to see that this holds.
_PLAIN = (
    r"\x00-\xa9\xab-\xac\xae-\xb1\xb4-\xb8\xbb\xbf-\xc5\xc7-\xcf\xd1-\xd7\xd9-\xdd\xe0-\xe5\xe7-\xef\xf1-\xf7"
    r"\xf9-\xfd\xff-\u010f\u0112-\u0125\u0128-\u0130\u0134-\u0137\u0139-\u013e\u0143-\u0148\u014c-\u0151"
    r"\u0154-\u0165\u0168-\u0180\u0182-\u0189\u018b-\u0190\u0193-\u0197\u019a-\u01b2\u01b5-\u01c3\u01cd-\u01df"
    r"\u01e4-\u01ed\u01f0\u01f4-\u01fb\u0200-\u0236\u0238-\u0252\u0254-\u0256\u0258-\u02af\u02c2-\u02c5\u02d2-\u02df"
    r"\u02e5-\u02ff\u0370-\u0373\u0375-\u0377\u037b-\u037e\u0384-\u0385\u0387\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9"
    r"\u03cf-\u03d1\u03d5-\u03f1\u03f3-\u03f8\u03fa-\u03ff\u0402-\u040c\u040e-\u044f\u0452-\u045c\u045e-\u0482"
    r"\u048a-\u0527\u0529\u052b\u052d\u052f\u0531-\u0556\u0559-\u0586\u0588-\u058a\u058f\u05be\u05c0\u05c3\u05c6"
    r"\u05d0-\u05ea\u05ef-\u05f4\u0606-\u060f\u061b\u061e-\u0621\u0627-\u0628\u062a-\u063f\u0641-\u0648\u064a"
    r"\u066a-\u066d\u066f\u0674\u0679-\u06a8\u06ab-\u06bd\u06bf\u06c4-\u06cb\u06cd-\u06cf\u06d1-\u06d2\u06d4\u06de"
    r"\u06e5-\u06e6\u06e9\u06ee-\u06ef\u06fa-\u06ff\u10d0-\u10fa\u1200-\u1248\u124a-\u124d\u1250-\u1256\u1258"
    r"\u125a-\u125d\u1260-\u1288\u128a-\u128d\u1290-\u12b0\u12b2-\u12b5\u12b8-\u12be\u12c0\u12c2-\u12c5\u12c8-\u12d6"
    r"\u12d8-\u1310\u1312-\u1315\u1318-\u135a\u1e00-\u1e99\u1e9b-\u1e9d\u1e9f-\u1eff\u2000-\u200a\u2010-\u2029"
    r"\u202f-\u205f\u20a0-\u20b9\u2190-\u23f3\u2500-\u26ff\u2701-\u2775\u2794-\u2b4c\u2b50-\u2b59\u3000-\u3004"
    r"\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f300-\U0001f320"
    r"\U0001f330-\U0001f335\U0001f337-\U0001f37c\U0001f380-\U0001f393\U0001f3a0-\U0001f3c4\U0001f3c6-\U0001f3ca"
    r"\U0001f3e0-\U0001f3f0\U0001f400-\U0001f43e\U0001f440\U0001f442-\U0001f4f7\U0001f4f9-\U0001f4fc"
    r"\U0001f500-\U0001f53d\U0001f540-\U0001f543\U0001f550-\U0001f567\U0001f5fb-\U0001f640\U0001f645-\U0001f64f"
    r"\U0001f680-\U0001f6c5\U0001f700-\U0001f773"
)
_NOT_PLAIN = re.compile(f"[^{_PLAIN}]")


def fold_columns(title: str, text: str) -> tuple[str, str]:
    """Give what the folded columns of the index hold for an article: its lines that unicode61 alone would not find.

    A line is folded whole, so that phrases work across its words, or left out.
    """
    return _fold_lines(title), _fold_lines(text)


def _fold_lines(text: str) -> str:
    if not _NOT_PLAIN.search(text):
        return ""
    return "\n".join(fold(line) for line in text.splitlines() if _NOT_PLAIN.search(line))

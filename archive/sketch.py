"""A text as units, and a small sample of its shingles by which copies of it are found among millions.

Units are folded words, and single characters of scripts written without spaces. The sample is a FracMinHash: of all
shingles those whose hash lies below a threshold (the sketches modulo m of Broder, "On the resemblance and containment of
documents", 1997). Unlike a fixed number of smallest hashes it keeps containment: whatever part of a text a copy has, it
has the same part of the sample. The threshold is a power of two by length, so that of two samples the coarser one lies
within the finer one where the texts agree.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

from archive.folding import fold, has_spaceless, is_spaceless, prepare, tokens
from archive.likeness import COMPARED

SHINGLE_WORDS = 4
SHINGLE_CHARACTERS = 8  # about as many words
MOST = 64  # hashes in a sample; at least half as many of a text that has them

NUMBER, NAME = 1, 2
_WORD = re.compile("[a-z0-9]+")
_RUN = re.compile(r"[^\W_]+")
_STOP = re.compile('[.!?:;…•–—\\-"“”„«»‘]')


def units(text: str) -> list[str]:
    """The folded words of a text in their order; of scripts without spaces the single characters."""
    compared = text[:COMPARED]
    if compared.isascii():
        return _WORD.findall(compared.lower())  # as `fold` would, and faster
    folded = fold(compared)
    if has_spaceless(folded):
        return [token[0] if is_spaceless(token) else token for token in folded.split()]
    return folded.split()


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it is compared: its units, and which of them are facts: numbers, and names (capitals within a sentence)."""

    units: list[str]
    facts: bytes  # for each unit 0, NUMBER or NAME

    def __len__(self) -> int:
        return len(self.units)


def words(text: str) -> Words:
    """The units of a text with its facts. Slower than `units`."""
    found: list[str] = []
    facts = bytearray()
    for line in text[:COMPARED].splitlines():
        prepared = prepare(line)
        end = -1  # of the word before; at the beginning of a sentence a capital says nothing
        for unit, start, stop in _placed(prepared):
            found.append(unit)
            if unit.isdigit():
                facts.append(NUMBER)
            elif end >= 0 and prepared[start].isupper() and _STOP.search(prepared, end, start) is None:
                facts.append(NAME)
            else:
                facts.append(0)
            end = stop
    return Words(found, bytes(facts))


def _placed(prepared: str) -> Iterator[tuple[str, int, int]]:
    """Units of a line with their places in it."""
    folded = fold(prepared)
    if folded.isascii():
        parts, runs = folded.split(), list(_RUN.finditer(prepared))
        if len(parts) == len(runs):  # as ever in Latin scripts; and faster
            return ((part, run.start(), run.end()) for part, run in zip(parts, runs, strict=True))
    return (
        (token.text[0] if is_spaceless(token.text) else token.text, token.start, token.end)
        for token in tokens(prepared)
    )


def shingle_length(parts: Sequence[str]) -> int:
    """How many units make a shingle: fewer of words than of characters."""
    return SHINGLE_CHARACTERS if len("".join(parts)) < 2 * len(parts) else SHINGLE_WORDS


@dataclass(frozen=True, slots=True)
class Sketch:
    """The sampled hashes of a text, signed 64-bit, in ascending order; one shingle of 2 ** `coarseness` was kept."""

    hashes: tuple[int, ...]
    coarseness: int = 0

    def packed(self) -> bytes:
        """The hashes, eight bytes each, little-endian."""
        return struct.pack(f"<{len(self.hashes)}q", *self.hashes)


def unpacked(data: bytes) -> tuple[int, ...]:
    """The hashes that `Sketch.packed` wrote."""
    return struct.unpack(f"<{len(data) // 8}q", data)


def sketch(parts: Sequence[str]) -> Sketch:
    """Sample the shingles of a text given as units; a text shorter than a shingle has none."""
    length = shingle_length(parts)
    count = max(0, len(parts) - length + 1)
    coarseness = (max(0, count - 1) // MOST).bit_length()
    # a cheap hash of both ends and the middle picks a shingle, a strong one of the whole names it
    point = {part: crc32(part.encode()) for part in set(parts)}
    points = [point[part] for part in parts]
    mask = (1 << coarseness) - 1
    shifted = zip(points, points[length // 2 :], points[length - 1 :], strict=False)
    picked = [
        place for place, (first, middle, last) in enumerate(shifted) if not (first + 3 * middle + 5 * last) & mask
    ]
    names = {_name(" ".join(parts[place : place + length])) for place in picked}
    return Sketch(tuple(sorted(names)), coarseness)


def _name(shingle: str) -> int:
    return int.from_bytes(blake2b(shingle.encode(), digest_size=8).digest(), "little", signed=True)

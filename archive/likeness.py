"""When two texts are the same: normalisation, hashes, and shared shingles."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

from archive.records import Draft

MIN_IDENTICAL = 200  # characters; shorter texts (a one-line flash, a paywall note) recur by chance
SAME_SHARE = 0.5  # of the shingles of the shorter text: below it, a page that names another is not its copy
SHINGLE = 12  # characters: two or three words, or a phrase of Chinese; of five, any two English texts share half
COMPARED = (
    50_000  # characters, more than an article has: a hostile text of megabytes is not worth a gigabyte of shingles
)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def normalise(text: str) -> str:
    """What has to differ before a text counts as changed: NFKC, cases and white space folded, and without the characters
    that show nothing and only say where a word may be broken."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold())
    return " ".join(folded.split())


def hashes(title: str, text: str) -> tuple[str, str]:
    """Hash of title and text, and of the text alone, both after normalisation, hexadecimal."""
    plain = normalise(text)
    return sha256(f"{normalise(title)}\0{plain}".encode()).hexdigest(), sha256(plain.encode()).hexdigest()


def same(title: str, text: str, draft: Draft) -> bool:
    """Is a draft a copy of an article? Two texts that agree in half of the shorter one; of a text too short to tell,
    such as the note before a paywall, the title decides."""
    if min(len(text), len(draft.text)) < MIN_IDENTICAL:
        return normalise(title) == normalise(draft.title)
    return text == draft.text or shared(text, draft.text) >= SAME_SHARE


def shared(one: str, other: str) -> float:
    """Share of the shorter text's shingles that the longer one holds too, 0 to 1."""
    a, b = _shingles(one), _shingles(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _shingles(text: str) -> set[str]:
    folded = normalise(text[:COMPARED])
    return {folded[i : i + SHINGLE] for i in range(len(folded) - SHINGLE + 1)}

"""Articles without end in ten languages' scripts: words that mean nothing, as often as words of a language are (Zipf)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

VOCABULARY = 20_000  # words of a language; the rank decides how often one stands in a text (Zipf 1949)
CUT = 2.7  # Mandelbrot's correction for the first ranks

_LATIN = (
    "ba be bi bo da de di do fa ga ha ka ke ki la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te"
)
SYLLABLES: dict[str, Sequence[str]] = {
    "en": [*_LATIN.split(), "ing", "th", "st", "er", "wh"],
    "fr": [*_LATIN.split(), "é", "è", "que", "eau", "ç"],
    "de": [*_LATIN.split(), "ch", "sch", "ü", "ö", "ung", "ß"],
    "es": [*_LATIN.split(), "ñ", "ción", "á", "que"],
    "tr": [*_LATIN.split(), "ş", "ğ", "ı", "lar", "ler"],
    "ru": "ба ве ги до жа зи ка ле ми но пу ра се ты фо хи ца че шу ый ть ств ние".split(),
    "ar": "با تي ثو جا حي خو دا ري زو سا شي طو عا في قو كا لي مو نا هي وا ية ال".split(),
    "hi": "का के कि नो पा बे मि रो ला वी सा हे ती दू गा चि जो टा डी थे नू भा यी शो".split(),
    "zh": [chr(0x4E00 + 7 * n) for n in range(2_000)],
    "ja": [chr(0x3041 + n) for n in range(80)] + [chr(0x4E00 + 11 * n) for n in range(900)],
}
SPACELESS = frozenset({"zh", "ja"})


@dataclass(frozen=True, slots=True)
class Prose:
    """One article: its blocks are paragraphs."""

    language: str
    title: str
    paragraphs: tuple[str, ...]


@cache
def vocabulary(language: str) -> tuple[list[str], list[float]]:
    """The words of a language and the running sum of their weights."""
    chance = random.Random(f"words of {language}")
    syllables, words = SYLLABLES[language], {}
    lengths = (1, 2, 2, 2) if language in SPACELESS else (1, 2, 2, 3, 3, 4)
    while len(words) < VOCABULARY:
        # frequent words are short
        longest = 1 + len(words) // 15
        word = "".join(chance.choice(syllables) for _ in range(min(chance.choice(lengths), longest)))
        words[word] = None
    weights = [1 / (rank + CUT) for rank in range(VOCABULARY)]
    return list(words), list(accumulate(weights))


def article(language: str, chance: random.Random, words: int = 300) -> Prose:
    """An article of about that many words, with numbers and a small vocabulary of its own, as reports have."""
    known, weights = vocabulary(language)
    own = [chance.choice(known).capitalize() for _ in range(25)]
    gap, stop = ("", "。") if language in SPACELESS else (" ", ".")
    paragraphs: list[str] = []
    left = words
    while left > 0:
        sentences = []
        for _ in range(chance.randint(2, 4)):
            count = chance.randint(8, 26)
            line = chance.choices(known, cum_weights=weights, k=count)
            for place in range(0, count, 6):
                line[place] = chance.choice(own)
            if chance.random() < 0.4:
                line[chance.randrange(count)] = (
                    f" {chance.randint(2, 9_999)} " if not gap else str(chance.randint(2, 9_999))
                )
            sentences.append(gap.join(line).strip() + stop)
            left -= count
        paragraphs.append((" " if gap else "").join(sentences))
    return Prose(language, gap.join(chance.choices(own, k=6)), tuple(paragraphs))

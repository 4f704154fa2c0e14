"""Scripts: which way a text runs, and what its language is called so that a browser takes the right letters for it.

The first strong letter, by which `dir="auto"` decides, is a bad witness in news: Arabic reports begin with BBC, and
Hebrew ones with the name of a company. The majority of the letters is a good one (UAX 9 leaves it to higher protocols).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from archive.folding import fold

Direction = Literal["ltr", "rtl"]

READ = 2_000  # characters that tell the direction of a text
SAMPLE = 400  # characters that tell traditional from simplified Chinese
TRADITIONAL = 0.05  # of the Chinese characters have another, simplified form; in simplified texts hardly one has

_MAYBE_RIGHT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # what BCP 47 has, about
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he iw ks ku nqo ps sd syr ug ur yi".split())


def direction(text: str, language: str = "") -> Direction:
    """Which way a text runs, by the majority of its letters; without letters, as its language does."""
    if text and not _MAYBE_RIGHT.search(text, 0, READ):
        return "ltr" if any(map(str.isalpha, text[:READ])) else _of_language(language)
    right = left = 0
    for char in text[:READ]:
        kind = _bidi(char)
        right += kind == "R"
        left += kind == "L"
    if right == left:
        return _of_language(language)
    return "rtl" if right > left else "ltr"


def _of_language(language: str) -> Direction:
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def tag(language: str, text: str = "") -> str:
    """The BCP 47 tag of a language: Chinese with the script that the text is written in, by which letters are chosen."""
    if language != "zh":
        return language if _TAG.fullmatch(language) else "und"
    chinese = [char for char in text[:SAMPLE] if "\u3400" <= char <= "\u9fff"]
    other = sum(fold(char) != char for char in chinese)
    return "zh-Hant" if other > TRADITIONAL * len(chinese) else "zh-Hans"


@lru_cache(maxsize=4096)
def _bidi(char: str) -> str:
    kind = unicodedata.bidirectional(char)
    return "R" if kind in ("R", "AL") else "L" if kind == "L" else ""

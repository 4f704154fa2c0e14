"""The language of a text: its script first, then py3langid with the page's and the source's word as priors."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FEW = 20  # letters; of fewer the model knows nothing
SAMPLE = 600  # characters; py3langid walks bytes in Python, and is as sure of these as of the whole
PRIOR_PAGE = 12.0  # log units in favour of what the page declares ...
PRIOR_SOURCE = 8.0  # ... and of what the source file says; short texts lean on them, long ones overrule them

TAG = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_].*)?\s*$")
# Deprecated and three-letter tags as pages write them -> ISO 639-1 (IANA language subtag registry).
ALIASES = {
    "iw": "he", "in": "id", "ji": "yi", "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es",
    "por": "pt", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "ara": "ar", "fas": "fa", "per": "fa",
    "ita": "it", "tur": "tr", "nob": "nb", "no": "nb", "cmn": "zh", "yue": "zh", "jp": "ja", "cn": "zh", "gr": "el",
    "cz": "cs",
    "dk": "da", "ua": "uk", "kr": "ko", "se": "sv", "tl": "fil", "scc": "sr", "sh": "sr", "mo": "ro",
}  # fmt: skip
NO_LANGUAGES = frozenset(("utf", "iso", "und", "mul", "zxx", "xx"))  # charsets, and "undetermined"
NAMES = {
    "arabic": "ar",
    "chinese": "zh",
    "english": "en",
    "french": "fr",
    "german": "de",
    "russian": "ru",
    "spanish": "es",
}

KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
HAN = re.compile("[\u3400-\u9fff]")
HANGUL = re.compile("[\uac00-\ud7a3]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
# Scripts that one language of ours owns.
OWNED = (
    ("he", re.compile("[\u05d0-\u05ea]")), ("th", re.compile("[\u0e01-\u0e3a]")), ("el", re.compile("[\u0370-\u03ff]")), ("hy", re.compile("[\u0531-\u0587]")),
    ("ka", re.compile("[\u10d0-\u10ff]")), ("ta", re.compile("[\u0b80-\u0bff]")), ("te", re.compile("[\u0c00-\u0c7f]")),
    ("kn", re.compile("[\u0c80-\u0cff]")), ("ml", re.compile("[\u0d00-\u0d7f]")), ("gu", re.compile("[\u0a80-\u0aff]")),
    ("pa", re.compile("[\u0a00-\u0a7f]")), ("si", re.compile("[\u0d80-\u0dff]")), ("my", re.compile("[\u1000-\u109f]")),
    ("km", re.compile("[\u1780-\u17ff]")), ("lo", re.compile("[\u0e80-\u0eff]")), ("am", re.compile("[\u1200-\u137f]")),
    ("or", re.compile("[\u0b00-\u0b7f]")), ("bo", re.compile("[\u0f00-\u0fff]")),
)  # fmt: skip
FIRST_OWNED = "\u0370"  # the first letter of all these scripts
# Letters that tell neighbours of one script apart.
ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
URDU = re.compile("[ٹڈڑںےھہ]")
PERSIAN = re.compile("[پچژگکی]")
CYRILLIC = re.compile("[\u0400-\u04ff]")
CYRILLIC_MARKS = (
    ("uk", re.compile("[іїєґ]")), ("be", re.compile("[ўі]")), ("sr", re.compile("[ђћџљњј]")),
    ("mk", re.compile("[ѓќѕ]")),
    ("kk", re.compile("[әғқңөұүһ]")), ("ru", re.compile("[ыэё]")),
)  # fmt: skip
SCRIPT_SHARE = 0.25  # of the letters; a Chinese text may quote as many Latin names as it likes


def primary(tag: str) -> str:
    """Return the primary subtag of a language tag as pages write it ("fr-FR", "zh_CN", "iw"); "" for none."""
    lowered = tag.strip().lower()
    if lowered in NAMES:
        return NAMES[lowered]
    match = TAG.match(lowered)
    if match is None or match.group(1) in NO_LANGUAGES:
        return ""
    return ALIASES.get(match.group(1), match.group(1))


def detect(text: str, page: str = "", source: str = "") -> tuple[str, str]:
    """Return the language of `text` and how it was found: `langid`, `meta` (the page's word) or `source`."""
    page, source = primary(page), primary(source)
    sample = text[:SAMPLE]
    if by_script := _by_script(sample):
        if page in ("nn", "nb", "no") or not sample:
            return page, "meta"
        return by_script, "langid"
    if sum(1 for char in sample if char.isalpha()) < FEW:
        return (page, "meta") if page else (source, "source") if source else ("", "")
    best = _classify(sample, page, source)
    return ("nb" if best == "no" else best), "langid"


def _by_script(text: str) -> str:
    if not text or max(text) < FIRST_OWNED:
        return ""
    letters = sum(1 for char in text if char.isalpha()) or 1
    kana, han, hangul = (len(pattern.findall(text)) for pattern in (KANA, HAN, HANGUL))
    if hangul / letters > SCRIPT_SHARE:
        return "ko"
    if (kana + han) / letters > SCRIPT_SHARE:
        return "ja" if kana > 0.05 * (kana + han) else "zh"
    for language, pattern in OWNED:
        if len(pattern.findall(text)) / letters > SCRIPT_SHARE:
            return language
    return ""


def _classify(text: str, page: str, source: str) -> str:
    scores = dict(_identifier().rank(text))
    arabic = len(ARABIC.findall(text))
    if arabic > 20 and not LATIN.search(text[:50]):
        if len(URDU.findall(text)) > 0.02 * arabic:
            return page if page in ("ur", "ug", "sd") else "ur"
        return (
            page
            if page in ("fa", "ps", "ku", "ckb", "ug")
            else "fa"
            if len(PERSIAN.findall(text)) > 0.02 * arabic
            else "ar"
        )
    cyrillic = len(CYRILLIC.findall(text))
    if cyrillic > 20:
        for language, pattern in CYRILLIC_MARKS:
            if (
                language in ("uk", "sr", "mk", "kk")
                and len(pattern.findall(text)) > 0.03 * cyrillic
                and language in scores
            ):
                scores[language] += 20.0
    for language, weight in ((page, PRIOR_PAGE), (source, PRIOR_SOURCE)):
        key = language if language in scores else {"nb": "no", "fil": "tl"}.get(language, language)
        if key in scores:
            scores[key] += weight
        elif language and language == page == (source or page):
            return language  # a language that the model was never taught: nobody else knows better
    return str(max(scores, key=lambda name: scores[name]))


@cache
def _identifier() -> LanguageIdentifier:
    # Loading takes 0.3 s and 60 MB: in the worker that needs it, when it needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)

from __future__ import annotations

import re

import pytest

from crawler.extraction import phrases
from crawler.extraction.anycase import AnyCase, lowered
from crawler.extraction.remembered import LONGEST, Remembered

TABLES = (phrases.UPDATED, phrases.PUBLISHED, phrases.SHARE, phrases.COMMENTS, phrases.RELATED, phrases.PROMOTION, phrases.TAGS)
PHRASES = sorted({phrase for table in TABLES for phrase in table})


@pytest.mark.parametrize("phrase", PHRASES)
def test_finds_what_ignorecase_finds(phrase: str) -> None:
    pattern = re.escape(phrase)
    for text in (phrase, phrase.upper(), phrase.title(), phrase.capitalize(), f"İ {phrase.upper()}", f"{phrase[1:]} x"):
        plain = re.compile(pattern, re.IGNORECASE).search(text)
        found = AnyCase(pattern).search(text)
        assert (found and found.span()) == (plain and plain.span())


@pytest.mark.parametrize("text", ["İSTANBUL", "ISPARTA", "ılık", "ΟΔΟΣ", "STRAẞE", "ǅ", "\u0130\u0130x"])
def test_letter_for_letter(text: str) -> None:
    assert len(lowered(text)) == len(text)
    assert lowered(lowered(text)) == lowered(text)


def test_names_of_any_length_are_looked_at_whole() -> None:
    marked = Remembered(re.compile(r"\bbyline\b"))
    long = "x " * LONGEST
    for _ in range(2):  # the second time from memory
        assert marked.is_in("a byline") and marked.is_in(f"{long}byline")
        assert not marked.is_in("bylines") and not marked.is_in(f"{long}bylines")
        assert not marked.is_in("") and not marked.is_in(None)

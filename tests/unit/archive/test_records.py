"""Plain records: what counts as a word."""

from __future__ import annotations

import pytest

from archive.records import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param(" – … !", 0, id="no letter"),
        pytest.param("Two words, 2026.", 3, id="digits are a word"),
        pytest.param("l’eau d'un rendez-vous", 3, id="apostrophes and hyphens part no word"),
        pytest.param("a--b 'c' d-", 3, id="nor do they make one"),
        pytest.param("snake_case", 2, id="an underscore parts"),
        pytest.param("cafe\u0301 fraîche", 2, id="marks belong to their letter"),
        pytest.param("北京市", 3, id="each Chinese character"),
        pytest.param("北京 2008年", 4, id="and what stands between"),
        pytest.param("カタカナとa", 6, id="Japanese beside Latin"),
        pytest.param("\U00020001\U0002a6df", 2, id="rare characters"),
        pytest.param("한국 뉴스", 2, id="Korean has spaces"),
        pytest.param("كِتاب جديد", 2, id="Arabic vowel marks"),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words

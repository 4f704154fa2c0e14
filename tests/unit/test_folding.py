"""Folding against what SQLite's own tokenizer does."""

from __future__ import annotations

import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import folding
from archive.folding import fold, fold_columns, letter_for_letter, prepare, tokens
from archive.letters import TABLE, translated


@pytest.fixture(scope="module")
def unicode61() -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(":memory:")
    conn.execute("""CREATE VIRTUAL TABLE t USING fts5(x, tokenize="unicode61 remove_diacritics 2")""")
    conn.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
    yield conn
    conn.close()


def _tokenize(conn: sqlite3.Connection, texts: dict[int, str]) -> dict[int, list[str]]:
    conn.execute("DELETE FROM t")
    conn.executemany("INSERT INTO t (rowid, x) VALUES (?, ?)", texts.items())
    found: dict[int, list[tuple[int, str]]] = {number: [] for number in texts}
    for term, number, place in conn.execute("SELECT term, doc, offset FROM v"):
        found[number].append((place, term))
    return {number: [term for _, term in sorted(terms)] for number, terms in found.items()}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("北京市", "北京 京市 市"),
        ("習近平", "习近 近平 平"),
        ("iPhone手机", "iphone 手机 机"),
        ("ｶﾞｽ料金", "ガス ス料 料金 金"),
        ("かﾞ", "が"),
        ("한국이", "한국 국이 이"),
        ("الحُكُومَة", "الحكومه"),
        ("کتاب‌های", "كتاب هاي"),
        ("أإآٱ", "اااا"),
        ("كـــتاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("Straße Œuvre Łódź Ærø Đặng þing ırmak", "strasse oeuvre lodz aero dang thing irmak"),
        ("İstanbul ISPARTA", "istanbul isparta"),
        ("ёлка Йод Україна", "елка йод україна"),
        ("Άνθρωπος ΆΝΘΡΩΠΟΣ", "ανθρωποσ ανθρωποσ"),
        ("l’armée l'armée", "l armee l armee"),
        ("مئة ١٢٣ ۱۲۳", "ميه 123 123"),
        ("inter\u00adnational", "international"),
        ("ＡＢＣ１２", "abc12"),
        ("№ ™ € —", ""),
        ("", ""),
        ("a\x00b \ud800 c", "a b c"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("हिन्दी", "हिंदी"),
        ("सम्बन्ध", "संबंध"),
        ("ज़मीन", "जमीन"),
        ("चाँद", "चांद"),
        ("ശ്രീ", "ശ\u200d്രീ"),
        ("臺灣", "台湾"),
        ("國際", "国际"),
        ("ี่กำ", "ี่กํา"),
        ("کیهان", "كيهان"),
        ("ہے", "هے"),
        ("и\u0306од", "йод"),
    ],
)
def test_one_word_in_two_spellings_folds_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("हिन्दी", "हिन्दू"), ("มา", "ม้า"), ("мой", "мои"), ("が", "か"), ("ভাল", "ভোল")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_plain_characters_are_folded_alike_by_sqlite(unicode61: sqlite3.Connection) -> None:
    plain = [point for point in range(1, sys.maxunicode + 1) if not folding._NOT_PLAIN.match(chr(point))]
    assert len(plain) > 3000
    texts = {point: f"a{chr(point)}b {chr(point)}" for point in plain}
    wrong = {
        f"U+{point:04X}": found
        for point, found in _tokenize(unicode61, texts).items()
        if found != fold(texts[point]).split()
    }
    assert wrong == {}


def test_folded_tokens_are_kept_whole_by_sqlite(unicode61: sqlite3.Connection) -> None:
    points = [
        point for point in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(point))[0] in "LMN" and folding._NOT_PLAIN.match(chr(point))
    ]  # fmt: skip
    texts = {point: fold(f"x{chr(point)}") for point in points if not 0x3400 <= point <= 0x9FFF and point < 0x20000}
    wrong = {
        f"U+{point:04X}": (found, texts[point])
        for point, found in _tokenize(unicode61, texts).items()
        if len(found) != len(texts[point].split())
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        "The council voted nine to four on Tuesday; “no comment”, said the mayor — twice.",
        "L’armée a déblayé la côte à l’été, où ça naît, Noël là-bas, ç’a été dur.",
        "El niño comió en Perú; ¿qué pasó? Años después, la cigüeña volvió.",
        "Präsident Müller fährt über die Brücke.",
        "Правительство обсудило бюджет, сообщил министр в четверг.",
        "Tổng thống Việt Nam phát biểu tại Hà Nội.".replace("đ", "d"),
    ],
)
def test_what_sqlite_finds_by_itself_costs_nothing(line: str) -> None:
    assert fold_columns(line, f"{line}\n{line}") == ("", "")


def test_only_lines_that_need_it_are_folded_and_whole() -> None:
    text = "Plain words here\nLa Straße est longue\nagain plain\n北京 is far"
    assert fold_columns("Straße", text) == ("strasse", "la strasse est longue\n北京 京 is far")


LETTERS = st.characters(categories=("L", "N", "M", "Cf"))
SCRIPTS = st.sampled_from(
    [
        "abcéœß", "абвёй", "αβγώς", "دىیکةأُـ", "שָׁלם", "हिन्दीँं़", "বাংলা", "தமிழ்",
        "中国國際", "かなガｶﾞー", "한국이", "ไทยำ", "ລາວ", "ខ្មែរ", "မြန်မာ", "ከተማ",
    ]
)  # fmt: skip
WORDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=8), SCRIPTS.flatmap(lambda letters: st.text(letters, min_size=1, max_size=8))
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=6))
def test_tokens_are_those_of_fold_and_their_places_are_right(words: list[str]) -> None:
    text = prepare(" ".join(words))
    found = list(tokens(text))
    assert " ".join(token.text for token in found) == fold(text)
    for token in found:
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in fold(text[token.start : token.end])
    starts = [token.start for token in found]
    assert starts == sorted(starts)


def test_a_vowel_mark_belongs_to_the_token_before_it() -> None:
    text = "قالت الحُكُومَةُ في"
    assert [text[token.start : token.end] for token in tokens(text)] == ["قالت", "الحُكُومَةُ", "في"]
    assert not re.search(r"\s", "".join(text[token.start : token.end] for token in tokens(text)))


@pytest.mark.parametrize("first", [0, 1, 7])
def test_a_long_text_is_folded_as_a_short_one_is(first: int) -> None:
    """All of Unicode, lone surrogates too; the second time from what was learnt."""
    text = "".join(map(chr, range(first, sys.maxunicode + 1, max(first, 1))))
    assert translated(text) == text.translate(TABLE)


def test_letters_in_place() -> None:
    line = prepare("Élan d’Йод, ё: 北京ABC 3,5")
    assert letter_for_letter(line) == "elan d йод  е  北京abc 3 5"
    assert [letter_for_letter(one) for one in ("Straße", "हिन्दी", "می\u200cروم")] == [""] * 3

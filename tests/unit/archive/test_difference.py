"""Word diffs in every script, and how much changed."""

from __future__ import annotations

import random

import pytest

from archive.difference import Piece, Sizes, matching, pieces, sizes, tokens_of, words_of

LTR = {
    "English": ("At least 12 people died on Monday.", "At least 14 people died on Monday.", "At least [-12]{+14} people died on Monday."),
    "a number with a comma": ("1,234 came", "1,235 came", "[-1,234]{+1,235} came"),
    "Chinese": ("台风造成12人死亡。", "台风造成14人受伤。", "台风造成[-12]{+14}人[-死亡]{+受伤}。"),
    "Japanese": ("首相は東京で会見した", "首相は大阪で会見した", "首相は[-東京]{+大阪}で会見した"),
    "Thai": ("นายกฯกล่าวว่าน้ำท่วมใหญ่", "นายกฯกล่าวว่าน้ำแล้งใหญ่", "นายกฯกล่าวว่าน้ำ[-ท่วม]{+แล้ง}ใหญ่"),
    "Korean": ("대통령은 서울에서 회담했다", "대통령은 부산에서 회담했다", "대통령은 [-서울에서]{+부산에서} 회담했다"),
    "Hindi": ("प्रधानमंत्री ने कहा", "राष्ट्रपति ने कहा", "[-प्रधानमंत्री]{+राष्ट्रपति} ने कहा"),
    "Arabic": ("قال الوزير أمس", "قال الرئيس أمس", "قال [-الوزير]{+الرئيس} أمس"),
    "a paragraph more": ("One.\nThree.", "One.\nTwo.\nThree.", "One.\n{+Two.\n}Three."),
    "a paragraph more at the end": ("One.", "One.\nTwo.", "One.\n{+Two.\n}"),
    "a word between two that changed": (
        "the old grey bridge of stone fell",
        "the new wide bridge of steel beams fell",
        "the [-old grey]{+new wide} bridge of [-stone]{+steel beams} fell",
    ),
}  # fmt: skip


def written(parts: list[Piece]) -> str:
    marks = {"=": "{}", "-": "[-{}]", "+": "{{+{}}}"}
    return "".join(marks[part.op].format(part.text) for part in parts)


@pytest.mark.parametrize(("before", "after", "expected"), LTR.values(), ids=LTR)
def test_pieces(before: str, after: str, expected: str) -> None:
    assert written(pieces(before, after)).removesuffix("\n") == expected


def test_words_that_agree_by_chance_count_as_changed() -> None:
    parts = pieces("fishermen left the harbour early", "nobody knows the reason why")
    assert [part.op for part in parts] == ["-", "+", "="]  # the line's end


@pytest.mark.parametrize("seed", range(20))
def test_pieces_make_up_both_texts(seed: int) -> None:
    chance = random.Random(seed)
    letters = ["a", "b", "c", " ", "\n", "。", "山", "ก", "ำ", "x1", "-", "é"]
    before, after = ("".join(chance.choices(letters, k=chance.randint(0, 120))) for _ in "ab")
    parts = pieces(before, after)
    assert "".join(part.text for part in parts if part.op != "+") == before + "\n"
    assert "".join(part.text for part in parts if part.op != "-") == after + "\n"
    assert "".join(tokens_of(before)) == before


@pytest.mark.parametrize("seed", range(20))
def test_blocks_agree_and_ascend(seed: int) -> None:
    chance = random.Random(seed)
    one, other = (chance.choices("abcdefghijkl", k=200) for _ in "ab")
    a = b = 0
    for i, j, length in matching(one, other):
        assert i >= a and j >= b and one[i : i + length] == other[j : j + length]
        a, b = i + length, j + length


def test_words() -> None:
    assert words_of("Don't pay 1,234.5 for नमस्ते, 山川!") == ["Don't", "pay", "1,234.5", "for", "नमस्ते", "山", "川"]
    assert words_of("ภาษาไทย") == ["ภา", "ษา", "ไท", "ย"]


SIZES = {
    "nothing": ("One two.", "one  TWO.", Sizes()),
    "signs": ("One, two.", "One – two!", Sizes()),
    "a word": ("One two three.", "One four three.", Sizes(1, 1)),
    "a paragraph": ("One two.", "One two.\nThree four five.", Sizes(3, 0, 1)),
    "a paragraph gone": ("One two.\nThree four five.\nSix.", "One two.\nSix.", Sizes(0, 3, 0, 1)),
    "a paragraph in the place of another": ("A.\nBread is dear.\nZ.", "A.\nFog stopped ships.\nZ.", Sizes(3, 3, 1, 1)),
    "a paragraph that grew": ("Bread is dear.", "Bread is dear, the bakers said.", Sizes(3, 0)),
    "Chinese": ("台风造成死亡。", "台风造成多人死亡。", Sizes(2, 0)),
}


@pytest.mark.parametrize(("before", "after", "expected"), SIZES.values(), ids=SIZES)
def test_sizes(before: str, after: str, expected: Sizes) -> None:
    assert sizes(before, after) == expected


def test_texts_without_a_unique_word_are_compared_in_time() -> None:
    """Quadratic time would be minutes: the timeout of the test run fails it."""
    chance = random.Random(1)
    one, other = (" ".join(chance.choices("ab", k=30_000)) for _ in "ab")
    assert sizes(one, other).words_added > 0

"""The benchmark of near duplicates: its edits do what they say, its measure counts pairs, and all systems run."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.duplicates import corpus
from benchmarks.duplicates.__main__ import main, pairwise
from benchmarks.duplicates.edits import EDITS, Document, documents, quoting, renumbered, same_words
from benchmarks.duplicates.scale import measure
from benchmarks.duplicates.systems import SYSTEMS, shingles
from benchmarks.prose import SYLLABLES

LANGUAGES = sorted(SYLLABLES)


@cache  # takes a while, which is for those that run these tests
def articles() -> list[corpus.Article]:
    return corpus.generated(1)


def last_in(language: str) -> corpus.Article:
    return [one for one in articles() if one.language == language][-1]


def shared(one: corpus.Article, other: corpus.Article) -> float:
    """Share of the smaller set of shingles."""
    a, b = shingles(one.text), shingles(other.text)
    return len(a & b) / min(len(a), len(b))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(EDITS))
def test_a_copy_keeps_most_of_the_report(name: str, language: str) -> None:
    one = last_in(language)
    pool = [other for other in articles() if other.language == language and other != one]
    for seed in range(5):
        edited = EDITS[name](one, random.Random(seed), pool)
        assert edited != one or name in ("reordered", "dropped")
        assert shared(one, edited) > (0.45 if name in ("reworded", "merged") else 0.75)
        length = len(edited.text) / len(one.text)
        assert 0.25 < length < (2.1 if name == "merged" else 2.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_negatives(language: str) -> None:
    one, chance = last_in(language), random.Random(3)
    assert shared(one, same_words(one, chance)) < 0.2
    host = next(other for other in articles() if other.language == language and other != one)
    other = same_words(host, chance)
    assert 0.1 < shared(one, quoting(other, one, chance)) < 0.45
    form = replace(one, paragraphs=("on 12 days of 2024 it rained 345 millimetres",))
    again = renumbered(form, chance)
    assert again.text != form.text
    assert len(again.text.split()) == 9


def test_pairs_are_counted() -> None:
    made = [Document(story, "s", "k", articles()[0]) for story in "aaab"]
    assert pairwise(made, [1, 1, 1, 2]) == (1.0, 1.0)
    assert pairwise(made, [1, 1, 2, 3]) == (1.0, 1 / 3)
    assert pairwise(made, [1, 1, 1, 1]) == (0.5, 1.0)
    assert pairwise(made, [1, 2, 3, 4]) == (1.0, 0.0)


def test_kiosque_is_ahead_of_each_of_the_others() -> None:
    made = documents(articles()[::4], 5)
    scores = {}
    for name, system in SYSTEMS.items():
        precision, recall = pairwise(made, system(made))
        scores[name] = 2 * precision * recall / (precision + recall)
        if name == "kiosque":
            assert precision > 0.97
    assert scores["kiosque"] > 0.95
    assert all(scores["kiosque"] > score + 0.1 for name, score in scores.items() if name != "kiosque")


def test_a_folder_is_read(tmp_path: Path) -> None:
    one, other = articles()[0], articles()[-1]
    row = {"title": one.title, "body": one.text, "language": "en"}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(row)}\n", "utf-8")
    (tmp_path / "b.txt").write_text(f"{other.title}\n{other.text}", "utf-8")
    (tmp_path / "c.txt").write_text("Title\nToo short", "utf-8")
    found = corpus.read(tmp_path)
    assert [(article.title, article.text) for article in found] == [(one.title, one.text), (other.title, other.text)]
    done = CliRunner().invoke(main, [str(tmp_path), "--system", "exact hash"])
    assert done.exit_code == 0, done.output
    assert "| exact hash | 1.0000 |" in done.output
    (tmp_path / "empty").mkdir()
    assert CliRunner().invoke(main, [str(tmp_path / "empty")]).exit_code == 1


def test_the_cost_is_measured() -> None:
    lines = list(measure(200, 1))
    assert len(lines) == 3
    assert lines[-1].startswith("| 200 | ")
    assert float(lines[-1].split("|")[4]) > 100  # bytes of index an article

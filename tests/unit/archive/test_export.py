"""Exports: nothing is lost in JSON Lines, no cell of CSV is a formula, and memory does not grow with the archive."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import Archive
from archive.cli import cli
from archive.export import COLUMNS, defused, replaced, write_articles
from archive.filing import Filing
from archive.records import Draft
from tests.unit.archive.helpers import add_source

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1", "  \u00a0@x")
ODD = 'a,b;"c"\nd\r\ne\u2028f \u202eg\u200b h\ufeff é e\u0301 北京 😀 \'x'


def fill(folder: Path, count: int = 0) -> None:
    """An archive with an article for each formula, one with odd letters, and `count` more."""
    titles = [*FORMULAS, ODD, *(f"Report number {number} from the quay" for number in range(count))]
    with Archive(folder, write=True) as archive, archive.transaction():
        source = add_source(archive, "quay")
        for number, title in enumerate(titles):
            archive.store.file(
                Filing(
                    source_id=source,
                    draft=Draft(title, f"{title}\nText number {number} of the harbour.", authors=(title, "B"), tags=(title,),
                                language="en", published_at="2026-01-02", provenance={"title": "rule"}),
                    final=f"https://quay.example/{number}",
                    requested=(f"https://quay.example/{number}",),
                    captured_at="2026-01-02T00:00:00Z",
                )
            )  # fmt: skip


def export(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["export", "--archive", str(folder), *more])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder)
    return folder


def test_json_lines_lose_nothing(filled: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.jsonl"
    assert export(filled, "--output", str(target)).exit_code == 0
    lines = target.read_bytes().decode().split("\n")
    assert lines.pop() == ""
    with Archive(filled) as archive:
        assert [json.loads(line) for line in lines] == [json.loads(json.dumps(asdict(a))) for a in archive.articles()]
        assert {json.loads(line)["title"] for line in lines} == {article.title for article in archive.articles()}
    assert list(tmp_path.iterdir()) == [target]


def test_csv_has_every_article_and_no_formula(filled: Path) -> None:
    done = export(filled, "--format", "csv")
    assert done.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout_bytes.decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    with Archive(filled) as archive:
        articles = list(archive.articles())
    assert len(rows) == len(articles)
    for row, article in zip(rows, articles, strict=True):
        assert row["title"].removeprefix("'") == article.title or row["title"] == article.title
        assert json.loads(row["authors"]) == list(article.authors)
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), row


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["a=b", "", "'=1", -1, 1.5, None, "2026-01-02", "é", " a"])
def test_what_is_no_formula_stays(cell: object) -> None:
    assert defused(cell) == cell


@pytest.mark.parametrize(
    ("arguments", "number"),
    [(["number", "3"], 1), (["harbour"], 12), (["nothing-like-it"], 0), (["..."], 0), (["--language", "en_GB"], 12),
     (["--language", "fr"], 0), (["--source", "quay"], 12), (["--since", "2026-01-03"], 0), (["--until", "2026-01-02"], 12)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)  # fmt: skip
def test_what_is_asked_for_is_exported(filled: Path, arguments: list[str], number: int) -> None:
    done = export(filled, *arguments)
    assert len(done.stdout.splitlines()) == done.stdout.count("\n")
    assert done.stdout.count("\n") == number
    assert done.exit_code == (0 if number else 1)
    assert f"{number} articles" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--source", "nobody"], ["--since", "yesterday"], ["--format", "xml"]]
)
def test_what_cannot_be_read_is_said(filled: Path, tmp_path: Path, arguments: list[str]) -> None:
    target = tmp_path / "out"
    done = export(filled, *arguments, "--output", str(target))
    assert done.exit_code == 2
    assert "Error" in done.stderr
    assert not target.exists()


def test_more_articles_than_are_read_at_a_time(tmp_path: Path) -> None:
    fill(tmp_path, 1100)
    with Archive(tmp_path) as archive:
        every = [article.id for article in archive.articles()]
        assert [article.id for article in archive.articles(query="harbour")] == every
        assert len(every) == len(set(every)) == 1100 + len(FORMULAS) + 1


def test_a_stream_is_written_as_articles_come(filled: Path) -> None:
    with Archive(filled) as archive:
        one = next(archive.articles())

    class Stream(io.StringIO):
        written = 0

        def write(self, text: str) -> int:
            Stream.written += 1
            return len(text)

    def endless() -> object:
        for number in range(5000):
            assert Stream.written >= number
            yield one

    assert write_articles(endless(), Stream(), "jsonl") == 5000  # type: ignore[arg-type]


def test_a_file_is_replaced_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("before")
    with pytest.raises(ZeroDivisionError), replaced(target) as stream:
        stream.write("half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.jsonl"]

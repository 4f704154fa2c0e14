"""Exports: nothing is lost in JSON Lines, no cell of CSV is a formula, and memory does not grow with the archive."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from archive import Archive, Article
from archive.cli import cli
from archive.export import CHUNK, COLUMNS, FORMATS, TEXT_FORMATS, defused, lines, replaced, write_articles
from archive.filing import Filing
from archive.records import Draft
from tests.unit.archive.helpers import ROOT, add_source

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
    written = target.read_bytes().decode().split("\n")
    assert written.pop() == ""
    with Archive(filled) as archive:
        assert [json.loads(line) for line in written] == [json.loads(json.dumps(asdict(a))) for a in archive.articles()]
        assert {json.loads(line)["title"] for line in written} == {article.title for article in archive.articles()}
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


@pytest.mark.parametrize("form", FORMATS)
def test_a_stream_is_written_as_articles_come(filled: Path, form: str) -> None:
    with Archive(filled) as archive:
        one = replace(next(archive.articles()), text=random.Random(1).randbytes(5000).hex())
    pipe = Pipe()

    def endless() -> Iterator[Article]:
        for number in range(8000):
            assert number < 3000 or pipe.written > 0
            yield one

    assert write_articles(endless(), pipe, form) == 8000
    assert pipe.written > 0


class Pipe(io.RawIOBase):
    """Takes bytes and can do nothing else: it neither seeks nor tells."""

    written = 0

    def write(self, data: Any) -> int:
        self.written += len(data)
        return len(data)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        raise OSError("not on a pipe")


@pytest.mark.parametrize("form", TEXT_FORMATS)
@pytest.mark.parametrize("number", [0, 1, 2000])
def test_chunks_are_whole_lines_and_bounded(filled: Path, form: str, number: int) -> None:
    with Archive(filled) as archive:
        one = next(archive.articles())
        assert b"".join(lines(archive.articles(), form)) == export(filled, "--format", form).stdout_bytes
    chunks = list(lines([one] * number, form))
    longest = max(map(len, lines([one], form)))
    assert all(chunk.endswith(b"\n") and len(chunk) < CHUNK + longest for chunk in chunks)
    assert all(len(chunk) >= CHUNK for chunk in chunks[:-1])
    if form == "jsonl":
        assert b"".join(chunks).count(b"\n") == number
    else:
        assert len(list(csv.reader(io.StringIO(b"".join(chunks).decode(), newline="")))) == number + 1


def test_a_process_behind_a_pipe_gets_parquet(filled: Path) -> None:
    command = [sys.executable, "-m", "archive", "export", "--format", "parquet", "--archive", str(filled)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert pq.read_table(io.BytesIO(done.stdout)).num_rows == 12
    assert b"12 articles" in done.stderr


def test_a_file_is_replaced_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("before")
    with pytest.raises(ZeroDivisionError), replaced(target) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["out.jsonl"]

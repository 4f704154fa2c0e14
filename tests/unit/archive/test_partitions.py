"""Parquet in folders by month and language: what readers see, memory that does not grow, half a folder that has no name."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from archive import Archive, Article
from archive.errors import ArchiveError
from archive.partitions import HELD_ARTICLES, OPEN_FILES, UNKNOWN, new_folder, partition_of, write_partitions
from tests.unit.archive.corpora import fill
from tests.unit.archive.helpers import python


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partitions") / "archive"
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def articles(place: Path) -> list[Article]:
    with Archive(place) as archive:
        return list(archive.articles())


def table(sql: str) -> list[tuple[Any, ...]]:
    """What DuckDB gives."""
    with duckdb.connect() as conn:
        return conn.execute(sql).fetchall()


def written(folder: Path, articles: list[Article]) -> Path:
    with new_folder(folder) as beside:
        assert write_partitions(articles, beside) == len(articles)
        assert list(folder.rglob("*")) == []
    return folder


def test_readers_see_one_table(tmp_path: Path, articles: list[Article]) -> None:
    """DuckDB and pyarrow (by which pandas reads too) give every article back, with its month and language; a language that is not known is
    `und`."""
    some = [*articles, replace(articles[0], id=99, language="", published_at=None)]
    folder = written(tmp_path / "out", some)
    glob = f"{folder}/**/*.parquet"
    rows = table(
        f"SELECT id, title, language, month, source, published_at FROM read_parquet('{glob}', hive_partitioning = true)"  # noqa: S608
    )
    assert sorted(rows) == sorted(
        (
            one.id,
            one.title,
            one.language or UNKNOWN,
            (one.published_at or one.first_seen_at)[:7],
            one.source,
            one.published_at,
        )
        for one in some
    )
    by_id = {one.id: one for one in some}
    rows_again = pq.read_table(folder).to_pylist()
    assert sorted(row["id"] for row in rows_again) == sorted(by_id)
    for row in rows_again:
        one = by_id[row["id"]]
        assert row["title"] == one.title and row["text"] == one.text and row["tags"] == list(one.tags)
        assert row["language"] == (one.language or UNKNOWN) and f"month={row['month']}/" in partition_of(one)
    assert {path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")} == set(
        map(partition_of, some)
    )
    assert any(UNKNOWN in path.as_posix() for path in folder.rglob("*.parquet"))


def test_pandas(tmp_path: Path, articles: list[Article]) -> None:
    """Not among the requirements: where it is installed, sqlite-utils loads it with every command, for a second."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(written(tmp_path / "out", articles), filters=[("language", "==", articles[0].language)])
    assert set(frame["id"]) == {one.id for one in articles if one.language == articles[0].language}


def test_only_the_folders_of_the_question_are_opened(tmp_path: Path, articles: list[Article]) -> None:
    folder = written(tmp_path / "out", articles)
    chosen = articles[0]
    for path in sorted(folder.rglob("*.parquet"))[1:]:  # the first one is opened for its columns
        if path.parent.relative_to(folder).as_posix() != partition_of(chosen):
            path.write_bytes(b"not Parquet at all")
    month = partition_of(chosen)[len("month=") :][:7]
    (number,) = table(
        f"""SELECT count(*) FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true, union_by_name = false)
            WHERE month = '{month}' AND language = '{chosen.language}'"""  # noqa: S608
    )[0]
    assert number == sum(partition_of(one) == partition_of(chosen) for one in articles)


def test_more_partitions_than_open_files(tmp_path: Path, articles: list[Article]) -> None:
    """Articles that come in no order: more partitions than are open at once, and more than are held."""

    def scattered() -> Iterator[Article]:
        for number in range(HELD_ARTICLES + 4000):
            month = number * 7 % (2 * OPEN_FILES)
            moment = f"{2000 + month // 12}-{month % 12 + 1:02d}-03"
            yield replace(articles[0], id=number, published_at=moment, text="Short.", reading="", summary="")

    folder = tmp_path / "out"
    folder.mkdir()
    assert write_partitions(scattered(), folder) == HELD_ARTICLES + 4000
    assert len(list(folder.iterdir())) == 2 * OPEN_FILES
    counts = table(
        f"SELECT count(*), count(DISTINCT id) FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"  # noqa: S608
    )[0]
    assert counts == (HELD_ARTICLES + 4000, HELD_ARTICLES + 4000)


PEAK = """
import resource, sys
from pathlib import Path
from archive.holdings import Article
from archive.partitions import write_partitions
number, folder = int(sys.argv[1]), Path(sys.argv[2])
names = {name: field.type for name, field in Article.__dataclass_fields__.items()}
empty = {name: () if "tuple" in str(kind) else {} if "Mapping" in str(kind) or "dict" in str(kind) else 0 if "int" in str(kind)
         else False if "bool" in str(kind) else "" for name, kind in names.items()}
def articles():
    for at in range(number):
        month = at * 36 // number
        yield Article(**empty | {"id": at, "language": "ar de en es fr hi pt ru sw zh".split()[at * 7 % 10],
            "published_at": f"{2023 + month // 12}-{month % 12 + 1:02d}-05", "first_seen_at": "2026-01-01T00:00:00Z",
            "last_seen_at": "2026-01-01T00:00:00Z", "withdrawn_at": None, "modified_at": None,
            "text": f"Article {at} says this. " + "And a few words more of it. " * 40})
assert write_partitions(articles(), folder) == number
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_articles(tmp_path: Path) -> None:
    peaks = []
    for number in (50_000, 200_000):
        folder = tmp_path / str(number)
        folder.mkdir()
        child = python(PEAK, number, folder)
        out, err = child.communicate(timeout=240)
        assert child.returncode == 0, err
        peaks.append(int(out))
        print(f"{number} articles: {int(out) / 1024:.0f} MiB at most")
    assert peaks[1] <= 1.15 * peaks[0], peaks


def test_half_a_folder_has_no_name(tmp_path: Path, place: Path, articles: list[Article]) -> None:
    def breaking() -> Iterator[Article]:
        yield from articles
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "out") as beside:
        write_partitions(breaking(), beside)
    assert list(tmp_path.iterdir()) == []
    code = """
import sys, time
from pathlib import Path
from archive import Archive
from archive.partitions import new_folder, write_partitions
def slow(articles):
    for one in articles:
        yield one
    print("written", flush=True)
    time.sleep(60)
with Archive(sys.argv[1]) as archive, new_folder(Path(sys.argv[2])) as beside:
    write_partitions(slow(archive.articles()), beside)
"""
    child = python(code, place, tmp_path / "out")
    assert child.stdout is not None and child.stdout.readline() == "written\n"
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=30)
    assert not (tmp_path / "out").exists()
    written(tmp_path / "out", articles)


def test_what_is_there_is_not_written_over(tmp_path: Path, articles: list[Article]) -> None:
    folder = written(tmp_path / "out", articles)
    before = sorted(folder.rglob("*"))
    with pytest.raises(ArchiveError, match="there already"), new_folder(folder):
        pass
    assert sorted(folder.rglob("*")) == before
    (tmp_path / "empty").mkdir()
    written(tmp_path / "empty", articles)


def test_the_command(tmp_path: Path, place: Path, articles: list[Article]) -> None:
    code = "import sys; from archive.cli import cli; cli()"
    options = ("export", "--archive", place, "--format", "parquet", "--partitioned")
    child = python(code, *options, "--output", tmp_path / "out")
    assert (child.communicate()[1], child.returncode) == (f"{len(articles)} articles\n", 0)
    assert pq.read_table(tmp_path / "out").num_rows == len(articles)
    for wrong in (
        options,
        (*options[:3], "--partitioned", "--output", tmp_path / "x"),
        (*options[:5], "--output", tmp_path),
    ):
        child = python(code, *wrong)
        assert child.communicate() and child.returncode == 2, wrong
    one = articles[0]
    child = python(code, *options, "--output", tmp_path / "some", f"lang:{one.language}")
    child.communicate()
    assert {asdict(found)["language"] for found in articles if found.language == one.language} == {one.language}
    assert pq.read_table(tmp_path / "some").num_rows == sum(found.language == one.language for found in articles)

"""An archive moved to the other database and back is the archive that it was, row by row."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from archive import Archive, ArchiveError, ArchiveLocked
from archive.cli import cli
from archive.postgres.place import place_of
from archive.transfer.move import PART, Moved, move
from archive.transfer.reading import reading
from archive.transfer.tables import shapes
from archive.verify import verify
from tests.postgresql import Server
from tests.soundness import check_raw_files
from tests.unit.archive.corpora import fill
from tests.unit.archive.helpers import TEXT, check, check_file, file, filing

DERIVED = ("SELECT id, title, text, title_folded, text_folded FROM articles_search ORDER BY id",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with everything that there is, in a folder."""
    folder = tmp_path_factory.mktemp("move") / "archive"
    fill(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


@pytest.fixture
def url(postgresql: Server, folder: Path) -> Iterator[str]:
    """A database without an archive, whose raw pages are to be in that folder."""
    name = postgresql.database("template1")
    yield postgresql.url(name, folder)
    postgresql.drop(name)


def every_row(where: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of an archive as the database gives them."""
    with reading(where) as reader:
        found = {shape.name: list(reader.rows(shape.select())) for shape in shapes()}
        return found | {sql: list(reader.rows(sql)) for sql in DERIVED}


def told(moved: Moved) -> dict[str, int]:
    """Tables that have rows, and how many."""
    return {name: tally.rows for name, tally in moved.tables.items() if tally.rows}


def test_there_and_back(folder: Path, url: str, tmp_path: Path) -> None:
    before = every_row(folder)
    there = move(folder, url)
    assert there.raw is None  # one folder for both
    assert told(there) == {name: len(rows) for name, rows in before.items() if rows and name not in DERIVED}
    assert len(told(there)) >= 15
    assert every_row(url) == before
    with Archive(url, write=True) as archive:
        check(archive)

    back = move(url, tmp_path / "back")
    assert back.raw is not None and back.raw.files > 0
    assert {name: tally.digest for name, tally in back.tables.items()} == {
        name: tally.digest for name, tally in there.tables.items()
    }
    assert every_row(tmp_path / "back") == before
    check_file(tmp_path / "back")
    check_raw_files(tmp_path / "back")
    with Archive(tmp_path / "back") as archive:
        assert verify(archive).ok
    assert not (tmp_path / "back" / PART).exists()


def test_schema_of_the_file_is_that_of_the_migrations(folder: Path, tmp_path: Path) -> None:
    def schema(path: Path) -> set[tuple[str, ...]]:
        with closing(sqlite3.connect(path / "archive.db")) as conn:
            return set(conn.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"))

    move(folder, tmp_path / "moved")
    assert schema(tmp_path / "moved") == schema(folder)


def test_the_moved_archive_goes_on(folder: Path, url: str) -> None:
    move(folder, url)
    with Archive(folder) as archive:
        highest = archive.db.execute("SELECT max(id) FROM articles").fetchone()[0]
        source = archive.db.execute("SELECT min(id) FROM sources").fetchone()[0]
        found = [hit.id for hit in archive.search("ferries", limit=1000)]
    with Archive(url, write=True) as archive:
        assert [hit.id for hit in archive.search("ferries", limit=1000)] == found != []
        filed = file(archive, filing(source, "https://island_post.example/new", "Zeppelins", TEXT + " Zeppelins."))
        assert filed.article_id > highest
        assert [hit.id for hit in archive.search("zeppelins")] == [filed.article_id]
        days = archive.db.execute("SELECT sum(articles) FROM source_days").fetchone()[0]
        articles = archive.db.execute("SELECT count(*) FROM articles WHERE discovered_via = ''").fetchone()[0]
        assert days == articles  # triggers are on again


def test_a_target_that_is_not_empty(folder: Path, url: str, tmp_path: Path) -> None:
    with Archive(url, write=True) as archive:
        archive.db.execute("INSERT INTO hosts (host) VALUES ('example.org')")
    with pytest.raises(ArchiveError, match="is not empty: there are rows in hosts"):
        move(folder, url)
    Archive(tmp_path / "other", write=True).close()
    for target in (tmp_path / "other", folder):
        with pytest.raises(ArchiveError, match="has an archive already"):
            move(folder, target)


def test_nobody_may_write_meanwhile(folder: Path, tmp_path: Path) -> None:
    with Archive(folder, write=True), pytest.raises(ArchiveLocked):
        move(folder, tmp_path / "moved", wait=0.1)
    assert not (tmp_path / "moved").exists()


def test_what_cannot_be_taken_leaves_nothing(folder: Path, url: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as conn:
        conn.execute(
            "INSERT INTO watches (name, query, position, looked_at) VALUES ('w', 'a' || char(0) || 'b', 1, '')"
        )
        conn.commit()
    with pytest.raises(ArchiveError, match="the rows of watches cannot be moved"):
        move(folder, url)
    assert all(not rows for rows in every_row(url).values())
    place = place_of(url)
    assert place is not None
    with psycopg.connect(place.conninfo) as conn:
        off = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled != 'O'"
        assert conn.execute(off).fetchall() == []


@pytest.mark.parametrize("kind", ["folder", "postgresql"])
def test_a_move_that_is_broken_off_is_begun_anew(folder: Path, url: str, tmp_path: Path, kind: str) -> None:
    target: Path | str = tmp_path / "moved" if kind == "folder" else url

    def progress(table: str, rows: int) -> None:
        if table == "captures":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(folder, target, progress)
    if isinstance(target, Path):
        assert {path.name for path in target.glob("archive.db*")} == set()
        (target / PART).write_bytes(b"what a killed move left")
    else:
        assert all(not rows for rows in every_row(target).values())
    move(folder, target)
    assert every_row(target) == every_row(folder)


def test_a_broken_reference_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as conn:
        conn.execute("UPDATE captures SET page_id = 99999 WHERE id = (SELECT min(id) FROM captures)")
        conn.commit()
    with pytest.raises(ArchiveError, match="refers to one of pages that is not there"):
        move(folder, tmp_path / "moved")
    assert not list((tmp_path / "moved").glob("archive.db*"))


def test_the_command(folder: Path, url: str) -> None:
    result = CliRunner().invoke(cli, ["move", str(folder), url])
    assert result.exit_code == 0, result.output
    with Archive(folder) as archive:
        articles = archive.db.execute("SELECT count(*) FROM articles").fetchone()[0]
    line = next(line for line in result.output.splitlines() if line.split()[0] == "articles")
    assert line.split()[1] == str(articles) and len(line.split()[2]) == 64
    assert os.fspath(folder) in result.output
    again = CliRunner().invoke(cli, ["move", str(folder), url])
    assert again.exit_code == 2 and "is not empty" in again.output

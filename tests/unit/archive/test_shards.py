"""Months of an archive as files of their own: together they hold every article once, with all that belongs to it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import Archive, ArchiveError, ArchiveMissing, QueryError
from archive.cli import cli
from archive.transfer.move import move
from archive.transfer.reading import reading, reading_file
from archive.transfer.shard import PARTS, Shard, ends, make_shard, read_shard, verify_shard
from archive.transfer.tables import shapes
from tests.postgresql import Server
from tests.unit.archive.corpora import fill
from tests.unit.archive.helpers import NOW, at

ONCE = ("articles", "articles_folded", "article_versions", "article_urls", "article_authors", "article_keys", "sightings",
        "changes", "returns", "pages", "captures", "story_members", "sketches", "sketch_index", "source_days")  # fmt: skip
OF_NO_ARTICLE = {
    "pages": "SELECT count(*) FROM pages WHERE article_id IS NULL",
    "captures": """SELECT count(*) FROM captures WHERE id NOT IN (
        SELECT c.id FROM captures c JOIN pages p ON p.id = c.page_id WHERE p.article_id IS NOT NULL)
        AND id NOT IN (SELECT capture_id FROM article_versions WHERE capture_id IS NOT NULL)""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three months: its articles are moved to them by their ids."""
    made = tmp_path_factory.mktemp("shards") / "archive"
    fill(made)
    with Archive(made, write=True) as archive, archive.transaction():
        archive.db.execute("UPDATE articles SET published_at = '2026-01-31T23:59:59Z' WHERE id % 3 = 0")
        archive.db.execute("UPDATE articles SET published_at = '2026-02-01' WHERE id % 3 = 1")
        archive.db.execute("UPDATE articles SET published_at = NULL WHERE id = (SELECT max(id) FROM articles)")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, folder: Path) -> Iterator[Path | str]:
    """The same, on either database."""
    if request.param == "sqlite":
        yield folder
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.database("template1")
    move(folder, server.url(name, folder))
    yield server.url(name, folder)
    server.drop(name)


def make(archive: Path | str, month: str, folder: Path) -> Shard:
    """The shard of a month, YYYY-MM.db in the folder."""
    folder.mkdir(exist_ok=True)
    made = make_shard(archive, month, folder / f"{month}.db", now=NOW)
    assert made is not None and made[1]
    return made[0]


def months(archive: Path | str) -> list[str]:
    """The months that have articles."""
    with reading(archive) as reader:
        return [row[0] for row in reader.rows("SELECT DISTINCT substr(published_day, 1, 7) FROM articles ORDER BY 1")]


def rows_of(path: Path, name: str) -> list[tuple[Any, ...]]:
    """All rows of a table of a shard."""
    shape = next(shape for shape in shapes() if shape.name == name)
    with reading_file(str(path)) as reader:
        return list(reader.rows(shape.select()))


def test_all_months_hold_everything_once(archive: Path | str, tmp_path: Path) -> None:
    found = months(archive)
    assert len(found) >= 3
    for month in found:
        make(archive, month, tmp_path)
    with reading(archive) as reader:
        for shape in shapes():
            if shape.name in ONCE:
                whole = sorted(reader.rows(shape.select()), key=repr)
                left = next(reader.rows(OF_NO_ARTICLE[shape.name]))[0] if shape.name in OF_NO_ARTICLE else 0
                parts = [row for month in found for row in rows_of(tmp_path / f"{month}.db", shape.name)]
                assert len(parts) == len(whole) - left > 0, shape.name
                assert len(set(parts)) == len(parts) and set(parts) <= set(whole), shape.name
        stories = {row[0] for month in found for row in rows_of(tmp_path / f"{month}.db", "stories")}
        assert stories == {row[0] for row in reader.rows("SELECT id FROM stories")} != set()


def test_a_shard_is_an_archive_to_be_read(archive: Path | str, tmp_path: Path) -> None:
    month = months(archive)[0]
    shard = make(archive, month, tmp_path / "one")
    first, following = ends(month)
    (tmp_path / "one" / f"{month}.db").rename(tmp_path / "one" / "archive.db")
    with Archive(archive) as whole, Archive(tmp_path / "one") as part:
        expected = [
            one for one in whole.articles() if first <= (one.published_at or one.first_seen_at)[:10] < following
        ]
        assert list(part.articles()) == expected and shard.articles == len(expected) > 0
        for one in expected:
            assert part.versions(one.id) == whole.versions(one.id)
            assert part.addresses(one.id) == whole.addresses(one.id)
        ids = {one.id for one in expected}
        for query in ("ferries", "北京", "flour", "report"):
            assert {hit.id for hit in part.search(query)} == {hit.id for hit in whole.search(query, limit=1000)} & ids
        assert list(part.changes()) == [one for one in whole.changes() if one.article_id in ids]


def test_both_databases_give_the_same_shard(folder: Path, postgresql: Server, tmp_path: Path) -> None:
    name = postgresql.database("template1")
    url = postgresql.url(name, folder)
    move(folder, url)
    month = months(folder)[0]
    one, other = make(folder, month, tmp_path / "a"), make(url, month, tmp_path / "b")
    assert one.tables == other.tables
    assert (one.made_from, other.made_from) == (str(folder), f"postgresql://kiosque@/{name}")
    postgresql.drop(name)


def test_it_is_immutable_and_says_what_it_is(folder: Path, tmp_path: Path) -> None:
    month = months(folder)[0]
    made = make(folder, month, tmp_path)
    path = tmp_path / f"{month}.db"
    assert read_shard(path) == verify_shard(path) == made
    assert (made.month, made.made_at, made.tables.keys()) == (month, "2026-03-05T12:00:00Z", PARTS.keys())
    assert path.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log (file format, 1.3)
    path.chmod(0o444)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with closing(sqlite3.connect(folder / "archive.db")) as whole:
            schema = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            more = set(conn.execute(schema)) - set(whole.execute(schema))
            assert {name for _, name, _ in more} == {"shard", "shard_tables"}
    assert {one.name for one in tmp_path.iterdir()} == {path.name}


def test_making_it_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    month = months(folder)[0]
    first = make(folder, month, tmp_path)
    path = tmp_path / f"{month}.db"
    before = path.read_bytes()
    assert make_shard(folder, month, path, now=at(5)) == (first, False)
    assert path.read_bytes() == before


def test_what_changed_in_the_archive_is_in_the_next(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    month = months(copy)[0]
    first = make(copy, month, tmp_path)
    with Archive(copy, write=True) as archive:
        archive.db.execute("UPDATE articles SET section = 'Elsewhere' WHERE published_day LIKE ?", [f"{month}%"])
    again = make_shard(copy, month, tmp_path / f"{month}.db", now=at(5))
    assert again is not None and again[1] and again[0].made_at == "2026-03-05T17:00:00Z"
    changed = {name for name in PARTS if again[0].tables[name] != first.tables[name]}
    assert changed == {"articles"}


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-1", "2026-01-01", "'; --", ""])
def test_what_is_no_month(folder: Path, tmp_path: Path, month: str) -> None:
    with pytest.raises(QueryError, match="is no month"):
        make_shard(folder, month, tmp_path / "x.db", now=NOW)


def test_a_month_without_articles_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    assert make_shard(folder, "1999-12", tmp_path / "x.db", now=NOW) is None
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_replaced_unless_it_is_that_shard(folder: Path, tmp_path: Path) -> None:
    one, other = months(folder)[:2]
    make(folder, one, tmp_path)
    with pytest.raises(ArchiveError, match=f"is the shard of {one}"):
        make_shard(folder, other, tmp_path / f"{one}.db", now=NOW)
    notes = tmp_path / "notes.txt"
    notes.write_text("to be kept")
    with pytest.raises(ArchiveError, match="is no shard"):
        make_shard(folder, one, notes, now=NOW)
    with pytest.raises(ArchiveError, match="is no shard"):
        make_shard(folder, one, folder / "archive.db", now=NOW)
    assert notes.read_text() == "to be kept"
    with pytest.raises(ArchiveMissing):
        make_shard(tmp_path / "nowhere", one, tmp_path / "x.db", now=NOW)
    assert {path.name for path in tmp_path.iterdir()} == {f"{one}.db", "notes.txt"}


def test_a_shard_that_was_changed_is_told(folder: Path, tmp_path: Path) -> None:
    month = months(folder)[0]
    make(folder, month, tmp_path)
    path = tmp_path / f"{month}.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("UPDATE articles SET word_count = word_count + 1 WHERE id = (SELECT min(id) FROM articles)")
        conn.commit()
    with pytest.raises(ArchiveError, match="articles is not as it was made"):
        verify_shard(path)


def test_the_command(folder: Path, tmp_path: Path) -> None:
    month = months(folder)[0]
    path = str(tmp_path / "shard.db")

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["shard", "--archive", str(folder), *arguments])
        return result.exit_code, result.output

    code, said = run("--month", month, "--output", path)
    assert code == 0 and f"articles of {month}" in said
    assert run("--month", month, "--output", path)[1].endswith("as it was\n")
    code, said = run("--verify", path)
    assert code == 0 and "as it was made at" in said
    assert run("--month", "1999-12", "--output", path + "x") == (1, "1999-12 has no article; nothing was written\n")
    nested = tmp_path / "new" / "shards" / "shard.db"
    assert run("--month", month, "--output", str(nested))[0] == 0 and nested.exists()
    assert run("--month", "1999")[0] == run("--month", "1999", "--output", path + "x")[0] == 2

"""The archive as one object, its backup, and the document that describes its tables."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive import Archive, ArchiveError, ArchiveMissing
from archive.backup import back_up
from archive.raw import sound_length
from archive.statistics import statistics
from tests.unit.archive.helpers import NOW, ROOT, add_source, check_file, exchange, file, filing, python

WRITER = """
import sys
from pathlib import Path
from archive import Archive
from tests.unit.archive.helpers import add_source, exchange, filing
with Archive(sys.argv[1], write=True) as archive:
    source, number = add_source(archive), 0
    while number < 4000:
        one = exchange(f"https://example.org/{number}", str(number).encode() * 50)
        placed = archive.raw.append(one)
        archive.raw.flush()
        with archive.transaction():
            archive.captures.add(one, placed)
            archive.store.file(filing(source, one.url, f"Title {number}", f"{number} text " * 30))
        number += 1
        if number == 20:
            print("open", flush=True)
"""


def test_an_archive_on_which_nothing_was_written(tmp_path: Path) -> None:
    Archive(tmp_path, write=True).close()
    with Archive(tmp_path) as archive:
        assert list(archive.articles()) == list(archive.stories()) == list(archive.search("word")) == []
        assert archive.article(1) is archive.article("https://example.org/") is None
        assert (archive.versions(1), archive.addresses(1), statistics(archive).articles) == ([], [], 0)


@pytest.mark.parametrize("write", [True, False], ids=["writer", "reader"])
def test_closing_twice(tmp_path: Path, write: bool) -> None:
    Archive(tmp_path, write=True).close()
    archive = Archive(tmp_path, write=write)
    archive.close()
    archive.close()
    with Archive(tmp_path, write=True, wait=0) as again:
        assert again.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the lock is free and the file whole"


def test_articles_by_source_language_and_time(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.holdings.PAGE_SIZE", 2)
    source = add_source(archive)
    for day in range(1, 8):
        published = f"2026-02-0{day}" + ("T10:00:00Z" if day % 2 else "")
        text = f"{day} " * 150
        file(archive, filing(source, f"https://a.example/{day}", text=text, published_at=published, language="fr"))
    ids = [article.id for article in archive.articles(source="island_post", language="fr")]
    assert ids == [1, 2, 3, 4, 5, 6, 7]
    assert [a.id for a in archive.articles(since="2026-02-04T09:00:00Z", until="2026-02-05")] == [4, 5]
    assert [a.id for a in archive.articles(since="2026-02-03T11:00:00Z", until="2026-02-05T09:00:00Z")] == [4]
    assert list(archive.articles(source="other")) == []
    lazily = archive.articles()
    assert next(lazily).id == 1
    file(archive, filing(source, "https://a.example/late", text="late " * 100))
    assert [article.id for article in lazily][-1] == 8


def test_a_long_reader_does_not_hold_up_closing(tmp_path: Path) -> None:
    archive = Archive(tmp_path, write=True)
    with closing(sqlite3.connect(tmp_path / "archive.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sources").fetchall()
        add_source(archive)
        archive.close()
        with Archive(tmp_path) as again:
            assert again.db.execute("SELECT count(*) FROM sources").fetchone()[0] == 1


def test_reading_and_copying_while_another_process_writes(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "copy"
    process = python(WRITER, folder)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with Archive(folder) as reader:
            assert statistics(reader).articles >= 20
        for _ in range(2):
            back_up(folder, target)
            check_file(target)
            with Archive(target) as copy:
                captures = copy.db.execute("SELECT url, warc_file, warc_offset FROM captures").fetchall()
                assert len(captures) >= 20
                for row in captures:
                    assert copy.raw.read(row["warc_file"], row["warc_offset"]).url == row["url"]
            for path in target.rglob("*.warc.gz"):
                assert sound_length(path) == path.stat().st_size
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_second_backup_copies_only_what_grew(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "copy"
    other_day = exchange(fetched_at=NOW.replace(day=1))
    with Archive(folder, write=True) as archive:
        archive.raw.append(exchange())
        archive.raw.append(other_day)
    assert vars_of(folder, target) == (2, 0)
    assert vars_of(folder, target) == (0, 2)
    with Archive(folder, write=True) as archive:
        archive.raw.append(exchange())
    (target / "archive.db-wal").write_bytes(b"left by a reader that was killed")
    assert vars_of(folder, target) == (1, 1)
    assert not (target / "archive.db-wal").exists()
    for path in (folder / "raw").rglob("*.warc.gz"):
        assert (target / path.relative_to(folder)).read_bytes() == path.read_bytes()


def vars_of(folder: Path, target: Path) -> tuple[int, int]:
    """(files copied, files kept) of a backup."""
    copied = back_up(folder, target)
    return copied.files, copied.kept


def test_a_copy_that_differs_is_made_anew(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "copy"
    with Archive(folder, write=True) as archive:
        placed = archive.raw.append(exchange())
    back_up(folder, target)
    (target / placed.warc_file).write_bytes(b"something else")
    assert vars_of(folder, target) == (1, 0)
    assert (target / placed.warc_file).read_bytes() == (folder / placed.warc_file).read_bytes()


def test_backups_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        back_up(tmp_path / "nowhere", tmp_path / "copy")
    Archive(tmp_path / "data", write=True).close()
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "data", tmp_path / "data" / "raw" / "x", tmp_path / "file"):
        with pytest.raises(ArchiveError):
            back_up(tmp_path / "data", target)


@pytest.mark.sqlite
def test_the_document_names_every_table_and_column(archive: Archive) -> None:
    described: dict[str, list[str]] = {}
    for part in (ROOT / "docs" / "schema.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        name = part.split("\n", 1)[0].strip()
        described[name] = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    real = {
        name: [row["name"] for row in archive.db.execute("SELECT name FROM pragma_table_xinfo(?)", [name])]
        for (name,) in archive.db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        if not name.startswith(("sqlite_", "_", "articles_fts"))
    }
    assert described == real

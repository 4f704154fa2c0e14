"""The SQLite file: migrations, settings, transactions and the one writer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlite_utils

from archive import Archive, ArchiveError, ArchiveLocked, ArchiveMissing
from archive.database import MIGRATIONS, connect, migrate, migrations, transaction
from tests.unit.archive.helpers import python

HOLD = """
import sys, time
from archive import Archive
archive = Archive(sys.argv[1], write=True)
print("open", flush=True)
sys.stdin.readline()
archive.close()
"""


@contextmanager
def holder(folder: Path, code: str = HOLD) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the writer's lock until its input ends."""
    process = python(code, folder)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.communicate(timeout=30)


def tables(db: sqlite_utils.Database) -> set[str]:
    return {row[0] for row in db.conn.execute("SELECT name FROM sqlite_master")}


def numbered(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, sql in files.items():
        (folder / f"{name.lstrip('n')}.sql").write_text(sql)
    return folder


def test_migrations_are_numbered_without_gaps() -> None:
    names = [migration.name for migration in migrations()._migrations]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert len(names) == len(list(MIGRATIONS.glob("*.sql")))


def test_a_failing_second_statement_leaves_nothing(tmp_path: Path) -> None:
    folder = numbered(
        tmp_path / "sql",
        n0001_first="CREATE TABLE one (x); INSERT INTO one VALUES (1);",
        n0002_second="CREATE TABLE two (x); INSERT INTO one VALUES (2); INSERT INTO nowhere VALUES (1);",
    )
    db = sqlite_utils.Database(sqlite3.connect(tmp_path / "a.db", isolation_level=None))
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(db, folder)
    assert "one" in tables(db)
    assert "two" not in tables(db)
    assert db.execute("SELECT x FROM one").fetchall() == [(1,)]
    assert [m.name for m in migrations(folder).pending(db)] == ["0002_second"]
    (folder / "0002_second.sql").write_text("CREATE TABLE two (x);")
    migrate(db, folder)
    migrate(db, folder)
    assert "two" in tables(db)
    db.close()


def test_opening_again_applies_nothing(tmp_path: Path) -> None:
    Archive(tmp_path, write=True).close()
    with sqlite3.connect(tmp_path / "archive.db") as conn:
        before = conn.execute("SELECT * FROM _sqlite_migrations").fetchall()
    Archive(tmp_path, write=True).close()
    with sqlite3.connect(tmp_path / "archive.db") as conn:
        assert conn.execute("SELECT * FROM _sqlite_migrations").fetchall() == before


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
def test_a_newer_archive_is_refused(tmp_path: Path, write: bool) -> None:
    Archive(tmp_path, write=True).close()
    with sqlite3.connect(tmp_path / "archive.db") as conn:
        conn.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('archive', '9999_from_the_future')")
    with pytest.raises(ArchiveError, match=r"newer version of Kiosque.*9999_from_the_future"):
        Archive(tmp_path, write=write)
    with pytest.raises(ArchiveError, match="newer"):
        Archive(tmp_path, write=write)  # and the lock was given back


def test_an_older_archive_is_not_read_but_says_what_to_do(tmp_path: Path) -> None:
    db = sqlite_utils.Database(sqlite3.connect(tmp_path / "archive.db", isolation_level=None))
    first = sorted(MIGRATIONS.glob("*.sql"))[0]
    folder = tmp_path / "sql"
    folder.mkdir()
    (folder / first.name).write_text(first.read_text())
    migrate(db, folder)
    db.close()
    with pytest.raises(ArchiveError, match=r"older version.*python -m archive migrate"):
        Archive(tmp_path)
    Archive(tmp_path, write=True).close()
    Archive(tmp_path).close()


@pytest.mark.sqlite
def test_settings_of_the_writer(archive: Archive) -> None:
    pragmas = {
        name: archive.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "journal_size_limit")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "journal_size_limit": 64 * 1024 * 1024,
    }


@pytest.mark.sqlite
def test_a_reader_cannot_write(archive: Archive) -> None:
    with Archive(archive.folder) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.db.execute("INSERT INTO hosts (host) VALUES ('a')")


@pytest.mark.sqlite
def test_a_transaction_takes_the_lock_at_once(archive: Archive) -> None:
    other = sqlite3.connect(archive.folder / "archive.db", isolation_level=None, timeout=0)
    with archive.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_nested_transactions_are_savepoints(archive: Archive) -> None:
    with archive.transaction():
        archive.db.execute("INSERT INTO hosts (host) VALUES ('outer')")
        with pytest.raises(RuntimeError), archive.transaction():
            archive.db.execute("INSERT INTO hosts (host) VALUES ('inner')")
            raise RuntimeError
        with archive.transaction():
            archive.db.execute("INSERT INTO hosts (host) VALUES ('second')")
    assert [row[0] for row in archive.db.execute("SELECT host FROM hosts ORDER BY host")] == ["outer", "second"]


def test_a_failing_block_is_rolled_back(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt), archive.transaction():
        archive.db.execute("INSERT INTO hosts (host) VALUES ('a')")
        raise KeyboardInterrupt
    assert not archive.db.conn.in_transaction
    assert archive.db.execute("SELECT count(*) FROM hosts").fetchone()[0] == 0


@pytest.mark.sqlite
def test_a_failing_commit_leaves_no_open_transaction(archive: Archive) -> None:
    # a deferred constraint fails at COMMIT, as a full disk may, and SQLite keeps the transaction open then
    archive.db.execute("PRAGMA defer_foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), transaction(archive.db):
        archive.db.execute("PRAGMA defer_foreign_keys = ON")
        archive.db.execute("INSERT INTO runs (source_id, started_at) VALUES (99, '')")
    assert not archive.db.conn.in_transaction
    with archive.transaction():
        archive.db.execute("INSERT INTO hosts (host) VALUES ('kept')")
    with Archive(archive.folder) as reader:
        assert reader.db.execute("SELECT host FROM hosts").fetchone()[0] == "kept"


def test_a_second_writer_gives_up_and_names_the_first(tmp_path: Path) -> None:
    said: list[str] = []
    with holder(tmp_path) as process:
        with pytest.raises(ArchiveLocked, match=rf"process {process.pid} \(.*-c.*\); gave up"):
            Archive(tmp_path, write=True, wait=0.3, tell=said.append)
        Archive(tmp_path).close()  # a reader needs no lock
    assert len(said) == 1
    assert f"process {process.pid}" in said[0]


@pytest.mark.sqlite
def test_a_second_writer_in_a_process_of_its_own_gives_up(archive: Archive) -> None:
    other = python(
        "import sys\nfrom archive import Archive\nArchive(sys.argv[1], write=True, wait=0.1)", archive.folder
    )
    _, errors = other.communicate(timeout=30)
    assert other.returncode == 1
    assert f"ArchiveLocked: {archive.folder} is being written by process {os.getpid()}" in errors


def test_a_second_writer_waits_until_the_first_is_done(tmp_path: Path) -> None:
    with holder(tmp_path) as process:

        def finish(line: str) -> None:
            assert process.stdin is not None
            process.stdin.write("done\n")
            process.stdin.flush()

        Archive(tmp_path, write=True, wait=30, tell=finish).close()


def test_killing_the_holder_frees_the_lock(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=30) == -signal.SIGKILL
        with Archive(tmp_path, write=True, wait=5) as archive:
            assert archive.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    code = """
import os, sys, time
from archive import Archive
archive = Archive(sys.argv[1], write=True)
child = os.fork()
if not child:
    time.sleep(60)
    os._exit(0)
print(child, flush=True)
sys.stdin.readline()
"""
    process = python(code, tmp_path)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        Archive(tmp_path, write=True, wait=2).close()
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate(timeout=30)


def test_nobody_is_named_after_the_lock_was_released(tmp_path: Path) -> None:
    Archive(tmp_path, write=True).close()
    assert (tmp_path / "writer.lock").read_text() == ""


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
def test_a_file_that_is_no_database(tmp_path: Path, write: bool) -> None:
    (tmp_path / "archive.db").write_bytes(b"this is not a database " * 100)
    with pytest.raises(ArchiveError, match=r"archive\.db cannot be opened"):
        Archive(tmp_path, write=write)


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
def test_a_folder_in_the_place_of_the_database(tmp_path: Path, write: bool) -> None:
    (tmp_path / "archive.db").mkdir()
    with pytest.raises(ArchiveError, match=r"archive\.db cannot be opened"):
        connect(tmp_path, write=write)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ArchiveError, match="cannot write to"):
        Archive(tmp_path / "data", write=True)


def test_a_folder_that_may_not_be_written_to() -> None:
    # not below tmp_path, which only its owner can reach: root has to become somebody else to be refused
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o755)
        folder = Path(parent, "data")
        folder.mkdir(mode=0o555)
        become = "import os\nif os.geteuid() == 0: os.setuid(65534)\n"
        code = "import sys\nfrom archive import Archive\n" + become + "Archive(sys.argv[1], write=True)"
        _, errors = python(code, folder).communicate(timeout=30)
    assert "ArchiveError: cannot write to" in errors


def test_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="no archive in"):
        Archive(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()

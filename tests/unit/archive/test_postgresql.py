"""What is about PostgreSQL alone: its sessions and locks, its schema, errors in words, and statements put into its SQL."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlite_utils
from click.testing import CliRunner

from archive import Archive, ArchiveError, ArchiveLocked, ArchiveMissing
from archive.cli import cli
from archive.database import migrate, transaction
from archive.health import health
from archive.postgres.dialect import translated
from archive.postgres.errors import is_passing
from archive.postgres.matching import parse
from archive.postgres.place import address, place_of
from archive.search import search
from archive.verify import verify
from tests.postgresql import Server
from tests.unit.archive.helpers import NOW, OTHER, add_source, check, exchange, file, filing, python

HOLDER = (
    "import sys\nfrom archive import Archive\narchive = Archive(sys.argv[1], write=True)\nprint('open', flush=True)\n"
)
HOLDS = HOLDER + "sys.stdin.readline()\narchive.close()\n"


@pytest.fixture
def url(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    """A database with the tables of an archive, without an article."""
    with postgresql.archive(tmp_path / "data") as address:
        yield address


@pytest.fixture
def archive(url: str) -> Iterator[Archive]:
    with Archive(url, write=True) as opened:
        yield opened


# -- schema ----------------------------------------------------------------------------------------------------------------


def test_tables_and_columns_are_those_of_sqlite(archive: Archive) -> None:
    db = sqlite_utils.Database(sqlite3.connect(":memory:", isolation_level=None))
    migrate(db)
    kinds = {"INTEGER": "bigint", "TEXT": "text", "REAL": "double precision", "BLOB": "bytea"}
    wanted = {
        (table, row["name"]): (kinds[row["type"].split(" GENERATED")[0]], bool(row["notnull"]), row["pk"])
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not table.startswith(("sqlite_", "_", "articles_fts"))
        for row in db.query("SELECT * FROM pragma_table_xinfo(?)", [table])
    }
    with psycopg.connect(_conninfo(archive)) as conn:
        rows = conn.execute(
            """SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'NO', coalesce(k.ordinal_position, 0)
               FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
               LEFT JOIN (information_schema.key_column_usage k JOIN information_schema.table_constraints p
                   ON p.constraint_name = k.constraint_name AND p.constraint_type = 'PRIMARY KEY')
               ON k.table_name = c.table_name AND k.column_name = c.column_name
               WHERE t.table_type = 'BASE TABLE' AND c.table_schema = 'public'"""
        ).fetchall()
    own = {"kiosque_migrations", "articles_fts", "articles_fts_totals", "articles_unindexed"}
    # a column of a primary key is NOT NULL here, which SQLite does not say of all
    found = {(table, name): (kind, must and not key, key) for table, name, kind, must, key in rows if table not in own}
    assert found == {place: (kind, must and not key, key) for place, (kind, must, key) in wanted.items()}


def test_texts_are_compared_by_their_bytes(archive: Archive) -> None:
    for host in ("b", "B", "é", "a"):
        archive.db.execute("INSERT INTO hosts (host) VALUES (?)", [host])
    assert [row[0] for row in archive.db.execute("SELECT host FROM hosts ORDER BY host")] == ["B", "a", "b", "é"]


def test_a_newer_archive_is_refused(archive: Archive, url: str) -> None:
    archive.close()
    with psycopg.connect(_conninfo(archive), autocommit=True) as conn:
        conn.execute("INSERT INTO kiosque_migrations (name) VALUES ('9999_later')")
    for write in (True, False):
        with pytest.raises(ArchiveError, match=r"newer version of Kiosque \(it has 9999_later\)"):
            Archive(url, write=write)


def test_an_older_archive_is_not_read_but_says_what_to_do(archive: Archive, url: str) -> None:
    archive.close()
    with psycopg.connect(_conninfo(archive), autocommit=True) as conn:
        conn.execute("DELETE FROM kiosque_migrations WHERE name LIKE '0004%'")
    with pytest.raises(ArchiveError, match=r"lacks 0004_search.*python -m archive migrate"):
        Archive(url)


def _conninfo(archive: Archive) -> str:
    place = place_of(archive.address)
    assert place is not None
    return place.conninfo


# -- connections -----------------------------------------------------------------------------------------------------------


def test_a_database_that_is_not_there(postgresql: Server, tmp_path: Path) -> None:
    for write in (True, False):
        with pytest.raises(ArchiveMissing, match="has no such database; make it with `createdb`"):
            Archive(postgresql.url("nowhere", tmp_path), write=write)


def test_a_database_without_an_archive(postgresql: Server, tmp_path: Path) -> None:
    name = postgresql.database("template1")
    for write in (True, False):
        with pytest.raises(ArchiveMissing, match="there is no archive in postgresql://"):
            Archive(postgresql.url(name, tmp_path), write=write, create=False)
    postgresql.drop(name)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_does_not_hold_every_text_is_refused(postgresql: Server, tmp_path: Path, encoding: str) -> None:
    with psycopg.connect(postgresql.url("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE narrow TEMPLATE template0 ENCODING '{encoding}'")
    for write in (True, False):
        with pytest.raises(ArchiveError, match=f"the encoding of this database is {encoding}, .*--encoding UTF8"):
            Archive(postgresql.url("narrow", tmp_path), write=write)
    with psycopg.connect(postgresql.url("narrow")) as conn:
        assert conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    postgresql.drop("narrow")


def test_another_encoding_of_the_client_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with Archive(f"{url}&client_encoding=SQL_ASCII", write=True) as archive:
        add_source(archive, "北京")
        assert [row["slug"] for row in archive.db.query("SELECT slug FROM sources")] == ["北京"]


def test_showing_jobs_makes_no_tables(postgresql: Server, tmp_path: Path) -> None:
    name = postgresql.database("template1")
    ended = CliRunner().invoke(cli, ["jobs", "--archive", postgresql.url(name, tmp_path)])
    assert ended.exit_code == 2 and "there is no archive in postgresql://" in ended.output
    with psycopg.connect(postgresql.url(name)) as conn:
        assert conn.execute("SELECT to_regnamespace('procrastinate')").fetchone() == (None,)
    postgresql.drop(name)


def test_a_wrong_password_is_not_told(postgresql: Server, url: str) -> None:
    postgresql.run("CREATE ROLE {} LOGIN PASSWORD 'right'", "guarded")
    with pytest.raises(ArchiveError, match="refuses this user or password") as told:
        Archive(url.replace("kiosque@", "guarded:se%40cret@"))
    postgresql.run("DROP ROLE {}", "guarded")
    assert "cret" not in str(told.value) and "postgresql://guarded@" in str(told.value)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="is the server running") as told:
        Archive(f"postgresql://me:secret@/news?host={tmp_path}&folder={tmp_path}")
    assert str(told.value).lower().count("is the server running") == 1


def test_raw_pages_need_a_folder(postgresql: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KIOSQUE_ARCHIVE_RAW", raising=False)
    name = postgresql.database()
    with pytest.raises(ArchiveError, match="raw pages need a folder: set KIOSQUE_ARCHIVE_RAW"):
        Archive(postgresql.url(name), write=True)
    with Archive(postgresql.url(name)) as reader:
        assert list(reader.articles()) == []
        with pytest.raises(ArchiveError, match="raw pages need a folder"):
            reader.raw.read("raw/a", 0)
        with pytest.raises(ArchiveError, match="raw pages need a folder"):
            health(reader.db.conn, NOW)
    monkeypatch.setenv("KIOSQUE_ARCHIVE_RAW", str(tmp_path / "raw pages"))
    with Archive(postgresql.url(name), write=True) as archive:
        placed = archive.raw.append(exchange())
    assert (tmp_path / "raw pages" / placed.warc_file).exists()
    postgresql.drop(name)


@pytest.mark.parametrize(
    ("url", "raw", "wanted"),
    [
        ("", "/srv", ""),
        ("postgresql://h/d", "", "postgresql://h/d"),
        ("postgresql://h/d", "/srv/a b", "postgresql://h/d?folder=%2Fsrv%2Fa%20b"),
        ("postgresql://h/d?sslmode=require", "/srv", "postgresql://h/d?sslmode=require&folder=%2Fsrv"),
        ("postgresql://h/d?folder=/own", "/srv", "postgresql://h/d?folder=/own"),
        ("postgresql://me:folder=@h/d", "/srv", "postgresql://me:folder=@h/d?folder=%2Fsrv"),
    ],
)
def test_the_folder_of_the_settings_goes_into_the_address(url: str, raw: str, wanted: str) -> None:
    assert address(url, raw) == wanted


def test_an_address_is_read() -> None:
    place = place_of("postgresql://me:se%40cret@h:5433/news?folder=/srv/k&sslmode=require")
    assert place is not None
    assert (place.conninfo, place.shown, place.folder) == (
        "postgresql://me:se%40cret@h:5433/news?sslmode=require", "postgresql://me@h:5433/news", Path("/srv/k"),
    )  # fmt: skip
    assert place_of("data") is place_of(Path("/postgres/data")) is place_of("postgres") is None


@pytest.mark.parametrize(
    ("url", "conninfo", "shown", "folder"),
    [
        pytest.param("postgresql:///news?host=/run/pg", "postgresql:///news?host=/run/pg", "postgresql:///news", None, id="no host"),
        pytest.param("postgresql://", "postgresql://", "postgresql://", None, id="all by the environment"),
        pytest.param("POSTGRES://me:x@h/d", "postgresql://me:x@h/d", "postgresql://me@h/d", None, id="capitals"),
        pytest.param(Path("postgresql://me:x@h/d"), "postgresql://me:x@h/d", "postgresql://me@h/d", None, id="a path"),
        pytest.param("postgresql:me:x@h/d", "postgresql://me:x@h/d", "postgresql://me@h/d", None, id="no slashes"),
        pytest.param("postgresql://me:a#b@h/d", "postgresql://me:a#b@h/d", "postgresql://me@h/d", None, id="a sharp"),
        pytest.param("postgresql://me:a?b@h/d", "postgresql://me:a?b@h/d", "postgresql://me@h/d", None, id="a question mark"),
        pytest.param("postgresql://h/d?password=a@b/c", "postgresql://h/d?password=a@b/c", "postgresql://h/d", None, id="a password as parameter"),
        pytest.param("postgresql://h1:1,h2:2/d", "postgresql://h1:1,h2:2/d", "postgresql://h1:1,h2:2/d", None, id="two hosts"),
        pytest.param("postgresql://h/d?options=-c%20jit%3Doff&folder=/a%20b+c", "postgresql://h/d?options=-c%20jit%3Doff", "postgresql://h/d", Path("/a b+c"), id="spaces"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_libpq_reads_it(
    url: str, conninfo: str, shown: str, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIOSQUE_ARCHIVE_RAW", raising=False)
    place = place_of(url)
    assert place is not None
    assert (place.conninfo, place.shown, place.folder) == (conninfo, shown, folder)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgressql://me:secret@h/d", "an archive is a folder, or postgresql://user@host/database"),
        ("postgresql+psycopg://me:secret@h/d", "an archive is a folder, or postgresql://user@host/database"),
        ("mysql:/me:secret@h/d", "an archive is a folder, or postgresql://user@host/database"),
        ("postgresql://me:sec@ret@h/d", r"\(it has an @ too many\); in names and passwords, write @ as %40"),
        ("postgresql://me:sec/ret@h/d", "it has an @ too many"),
        ("postgresql://me:sec?r/ret@h/d", 'missing key/value separator "="'),
        ("postgresql://me:sec%ret@h/d", "invalid percent-encoded token"),
        ("postgresql://me:secret@[::1/d", 'looking for matching "]" in IPv6 host address'),
        ("postgresql://me:secret?host=h", "its port is no number"),
        ("postgresql://me:secret@h/d?ssl=require", 'invalid URI query parameter: "ssl"'),
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(url: str, why: str) -> None:
    with pytest.raises(ArchiveError, match=why) as told:
        place_of(url)
    assert "sec" not in str(told.value) and "ret" not in str(told.value)


@pytest.mark.parametrize(
    "command",
    [
        ("migrate", "--archive", "postgressql://me:secret@h/d"),
        ("move", "none", "postgressql://me:secret@h/d"),
        ("backup", "postgressql://me:secret@h/d"),
        ("shard", "--month", "2026-11", "--output", "postgressql://me:secret@h/d"),
    ],
    ids=lambda command: command[0],
)
def test_a_mistyped_address_makes_no_folder(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, command)
    assert ended.exit_code == 2 and "an archive is a folder, or postgresql://" in ended.output
    assert "secret" not in ended.output and not list(tmp_path.iterdir())


def test_commands_tell_no_password(url: str) -> None:
    ended = CliRunner().invoke(cli, ["migrate", "--archive", f"{url}&password=secret"])
    assert ended.exit_code == 0 and "is up to date" in ended.output
    assert "secret" not in ended.output


def test_a_session_that_is_lost_between_transactions_is_opened_again(archive: Archive) -> None:
    source = add_source(archive)
    for _ in range(2):
        _end_sessions(archive)
        assert archive.knows_source("island_post")
    _end_sessions(archive)
    with archive.transaction():
        archive.store.file(filing(source, "https://island_post.example/a"))
    assert archive.db.is_written(), "and it holds the lock"  # type: ignore[attr-defined]
    check(archive)


def test_nothing_is_kept_of_a_transaction_whose_session_is_lost(archive: Archive) -> None:
    with pytest.raises(sqlite3.OperationalError), archive.transaction():
        archive.db.execute("INSERT INTO hosts (host) VALUES ('a')")
        _end_sessions(archive)
        with pytest.raises(sqlite3.OperationalError):
            archive.db.execute("INSERT INTO hosts (host) VALUES ('b')")
        with pytest.raises(sqlite3.OperationalError, match="lost in a transaction"):
            archive.db.execute("INSERT INTO hosts (host) VALUES ('c')")
        raise sqlite3.OperationalError
    assert not archive.db.conn.in_transaction
    assert archive.db.execute("SELECT count(*) FROM hosts").fetchone()[0] == 0


def test_a_swallowed_error_does_not_let_a_transaction_seem_kept(archive: Archive) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nothing of the transaction was kept"), archive.transaction():
        archive.db.execute("INSERT INTO hosts (host) VALUES ('a')")
        with pytest.raises(sqlite3.IntegrityError):
            archive.db.execute("INSERT INTO runs (source_id, started_at) VALUES (99, '')")
    assert archive.db.execute("SELECT count(*) FROM hosts").fetchone()[0] == 0


def _end_sessions(archive: Archive) -> None:
    with psycopg.connect(_conninfo(archive), autocommit=True) as conn:
        conn.execute(
            """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid != pg_backend_pid()"""
        )


def test_a_reader_cannot_write(archive: Archive) -> None:
    with Archive(archive.address) as reader, pytest.raises(sqlite3.OperationalError, match="read-only"):
        reader.db.execute("INSERT INTO hosts (host) VALUES ('a')")


# -- the writer's lock -----------------------------------------------------------------------------------------------------


def test_a_second_writer_gives_up_and_names_the_first(url: str) -> None:
    process = python(HOLDS, url)
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    said: list[str] = []
    with pytest.raises(ArchiveLocked, match=rf"process {process.pid} \(.*-c.*\); gave up"):
        Archive(url, write=True, wait=0.3, tell=said.append)
    with Archive(url) as reader:  # needs no lock
        assert reader.db.is_written()  # type: ignore[attr-defined]
    assert len(said) == 1 and f"process {process.pid}" in said[0]
    process.communicate("done\n", timeout=30)
    Archive(url, write=True, wait=5).close()


def test_a_writer_of_another_database_is_none_of_this_one(archive: Archive, postgresql: Server, tmp_path: Path) -> None:
    name = postgresql.database()
    assert archive.db.is_written()  # type: ignore[attr-defined]
    with Archive(postgresql.url(name, tmp_path)) as other:
        assert not other.db.is_written()  # type: ignore[attr-defined]
    postgresql.drop(name)


def test_killing_the_holder_frees_the_lock_although_a_child_lives(url: str) -> None:
    forks = "import os, time\nchild = os.fork()\nif not child:\n    time.sleep(60)\n    os._exit(0)\nprint(child, flush=True)\n"
    process = python(HOLDER + forks + "sys.stdin.readline()", url)
    assert process.stdout is not None and process.stdout.readline() == "open\n"
    child = int(process.stdout.readline())
    try:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        Archive(url, write=True, wait=10).close()
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate(timeout=30)


def test_several_writers_that_share_lose_nothing(url: str) -> None:
    with Archive(url, write=True) as archive:
        source = add_source(archive)
        with pytest.raises(ArchiveLocked):
            Archive(url, write=True, shared=True, wait=0.1)
    failures: list[BaseException] = []

    def work(who: int) -> None:
        try:
            with Archive(url, write=True, shared=True) as own:
                for number in range(15):
                    one = exchange(f"https://island_post.example/{number % 10}")
                    with own.transaction():
                        page = own.ledger.ensure_page(one.url, source, one.fetched_at)
                        own.store.file(filing(source, one.url, f"Title {number % 10}", f"{number % 10} {OTHER}"))
                        own.captures.add(one, own.raw.append(one), page_id=page.id)
                    own.raw.flush()
        except BaseException as error:  # noqa: BLE001  told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=[who]) for who in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert failures == []
    with Archive(url, write=True, wait=5) as archive:
        counts = [
            archive.db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608  names of ours
            for name in ("articles", "pages", "captures")
        ]
        assert counts[1:] == [10, 45]
        assert counts[0] >= 1
        assert archive.db.execute("SELECT count(DISTINCT url) FROM article_urls").fetchone()[0] == 10
        check(archive)


def test_a_folder_cannot_be_shared(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="only an archive on PostgreSQL"):
        Archive(tmp_path, write=True, shared=True)


# -- search ----------------------------------------------------------------------------------------------------------------

WORDS = ("harbour", "ferry", "guild", "flour", "bakers", "mayor", "tickets", "summer")


def test_ranks_are_those_of_sqlite(archive: Archive, tmp_path: Path) -> None:
    with Archive(tmp_path / "sqlite", write=True) as plain:
        for one in (plain, archive):
            source = add_source(one)
            with one.transaction():
                for number in range(40):
                    words = [WORDS[(number * step) % len(WORDS)] for step in range(1, 4 + number % 7)]
                    title = f"{WORDS[number % len(WORDS)]} {number}"
                    draft = filing(
                        source, f"https://island_post.example/{number}", title, " ".join(words) + f" unique{number}"
                    )
                    one.store.file(draft)
        for query in (
            "harbour",
            "ferry guild",
            '"ferry harbour"',
            "flour OR mayor",
            "tick* -summer",
            "title:bakers",
            "harb*",
        ):
            ranked = [
                [(hit.id, round(hit.score, 9)) for hit in search(one.db.conn, query, limit=50)]
                for one in (plain, archive)
            ]
            assert ranked[0] == ranked[1] and (ranked[0] or query == '"ferry harbour"'), query


def test_texts_changed_by_others_are_indexed_by_the_next_writer(archive: Archive) -> None:
    source = add_source(archive)
    file(archive, filing(source, "https://island_post.example/a"))
    with psycopg.connect(_conninfo(archive), autocommit=True) as conn:
        conn.execute("UPDATE articles SET title = 'Zeppelins'")
    assert "1 changed since" in str(verify(archive).findings)
    file(archive, filing(source, "https://island_post.example/b", "Else", OTHER))
    assert [hit.id for hit in archive.search("zeppelins")] == [1]


def test_verify_makes_the_index_anew(archive: Archive) -> None:
    source = add_source(archive)
    file(archive, filing(source, "https://island_post.example/a"))
    for damage in (
        "DELETE FROM articles_fts",
        "UPDATE articles_fts SET text = ' wrong '",
        "UPDATE articles_fts_totals SET tokens = 7",
    ):
        archive.db.execute(damage)
        assert any(one.check == "search" and not one.mended for one in verify(archive).findings), damage
        assert any(one.check == "search" and one.mended for one in verify(archive, repair=True).findings)
        check(archive)


@pytest.mark.parametrize("text", ["", '"a" AND', '("a"', '"a")', "{title : a", "AND", "*"])
def test_an_expression_that_is_none(text: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="fts5: syntax error"):
        parse(text)


# -- statements ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        pytest.param("SELECT a FROM t WHERE b = ? AND c = ?2", "SELECT a FROM t WHERE b = $1 AND c = $2", id="places"),
        pytest.param("SELECT a FROM t WHERE b = ':no' -- :no", "SELECT a FROM t WHERE b = ':no'", id="no place in a text"),
        pytest.param("INSERT OR IGNORE INTO hosts (host) VALUES (?)", "INSERT INTO hosts (host) VALUES ($1) ON CONFLICT DO NOTHING", id="ignore"),
        pytest.param("INSERT OR REPLACE INTO changes (article_id, to_version, kind) VALUES (1, 2, 'x')",
                     "INSERT INTO changes (article_id, to_version, kind) VALUES (1, 2, 'x') ON CONFLICT(article_id, to_version) DO UPDATE SET kind = excluded.kind", id="replace"),
        pytest.param("INSERT INTO captures (url) VALUES (?)", "INSERT INTO captures (url) VALUES ($1) RETURNING captures.id", id="the number of a row"),
        pytest.param("SELECT a IS NOT b, a IS NULL FROM t", "SELECT CAST(a IS DISTINCT FROM b AS INT), CAST(a IS NULL AS INT) FROM t", id="is"),
        pytest.param("UPDATE pages SET visits = visits + (:a IS NOT NULL AND :b)",
                     "UPDATE pages SET visits = visits + CAST((NOT CAST($1 AS TEXT) IS NULL AND $2 <> 0) AS INT)", id="a condition as a number"),
        pytest.param("SELECT slug FROM sources WHERE in_catalog AND NOT verify_tls", "SELECT slug FROM sources WHERE in_catalog <> 0 AND NOT verify_tls <> 0", id="a number as a condition"),
        pytest.param("SELECT id FROM pages WHERE id IN (SELECT value FROM json_each(?))",
                     "SELECT id FROM pages WHERE id IN (SELECT CAST(value AS BIGINT) FROM JSON_EACH($1))", id="numbers of an array"),
        pytest.param("SELECT max(a, b), max(c) FROM t", "SELECT MAX(a, b), MAX(c) FROM t", id="the greater of two"),
        pytest.param("SELECT url FROM pages ORDER BY fetched_at, id DESC", "SELECT url FROM pages ORDER BY fetched_at NULLS FIRST, id DESC", id="nothing comes first"),
        pytest.param("SELECT id FROM articles INDEXED BY articles_source LIMIT -1", "SELECT id FROM articles", id="hints"),
        pytest.param("SELECT id, (SELECT 1) AS n FROM pages WHERE n > 0", "SELECT id, (SELECT 1) AS n FROM pages WHERE (SELECT 1) > 0", id="a name in a condition"),
        pytest.param("BEGIN IMMEDIATE", "BEGIN", id="begin"),
    ],
)  # fmt: skip
def test_a_statement_in_the_sql_of_postgresql(sql: str, wanted: str) -> None:
    assert translated(sql).sql == wanted


def test_what_has_no_counterpart_says_so(archive: Archive) -> None:
    for sql in ("PRAGMA integrity_check", "SELECT FROM WHERE"):
        with pytest.raises(sqlite3.NotSupportedError, match="not on PostgreSQL"):
            archive.db.execute(sql)


@pytest.mark.parametrize(
    "command", [["backup", "copy"], ["serve"], ["corpus", "open", "."]], ids=lambda command: command[0]
)
def test_commands_for_files_alone_say_so(url: str, command: list[str]) -> None:
    done = CliRunner().invoke(cli, [*command, "--archive", url])
    assert done.exit_code == 2
    assert re.search(r"postgresql://.*: .*(pg_dump|Datasette|in a folder)", done.output)


def test_a_transaction_of_its_own_raises_what_sqlite_raises(archive: Archive) -> None:
    with pytest.raises(sqlite3.IntegrityError), transaction(archive.db):
        archive.db.execute("INSERT INTO runs (source_id, started_at) VALUES (99, '')")
    with pytest.raises(sqlite3.OperationalError, match="does not exist"):
        archive.db.execute("SELECT nothing FROM nowhere")


def test_statements_of_a_transaction_are_prepared_and_say_what_they_did(archive: Archive) -> None:
    source_id = add_source(archive)
    with archive.transaction():
        for number in range(3):
            made = archive.db.execute(
                "INSERT INTO feeds (source_id, url, kind) VALUES (?, ?, 'feed')", [source_id, number]
            )
            assert made.lastrowid
        assert archive.db.execute("UPDATE feeds SET failures = 1 WHERE url != ?", ["0"]).rowcount == 2
        cursor = archive.db.execute("SELECT url, failures FROM feeds ORDER BY url")
        assert [name for name, *_ in cursor.description] == ["url", "failures"]
        assert (cursor.fetchone()["url"], [tuple(row) for row in cursor.fetchmany(1)]) == ("0", [("1", 1)])
        assert ([row["url"] for row in cursor], cursor.fetchone()) == (["2"], None)
        archive.db.conn.executemany("INSERT INTO sketch_index (hash, article_id) VALUES (?, ?)", [(-5, 1), (2**62, 1)])
        with pytest.raises(sqlite3.IntegrityError), archive.transaction():
            archive.db.execute("INSERT INTO feeds (source_id, url, kind) VALUES (?, ?, 'feed')", [source_id, "0"])
    found = archive.db.execute("SELECT hash FROM sketch_index ORDER BY hash").fetchall()
    assert [row["hash"] for row in found] == [-5, 2**62]
    assert archive.db.execute("SELECT count(*) FROM feeds").fetchone()[0] == 3


def test_more_statements_than_a_session_remembers(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.postgres.prepared.MOST", 3)
    with archive.transaction():
        found = [
            archive.db.execute(f"SELECT {number} + ?", [number]).fetchone()[0] for number in range(8) for _ in "ab"
        ]
    assert found == [2 * number for number in range(8) for _ in "ab"]
    with psycopg.connect(_conninfo(archive)) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


# -- troubles that pass ------------------------------------------------------------------------------------------------------


def _with_cause(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (psycopg.OperationalError("the connection is closed"), True),
        (psycopg.errors.AdminShutdown("terminating connection"), True),
        (psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"), True),
        (psycopg.errors.IdleInTransactionSessionTimeout("terminating connection"), True),
        (psycopg.errors.DiskFull("could not extend file"), False),
        (psycopg.errors.UniqueViolation("duplicate key"), False),
        (_with_cause(ArchiveError("no connection"), psycopg.OperationalError("gone")), True),
        (ArchiveError("of another kind"), False),
    ],
)
def test_which_troubles_pass_by_themselves(error: Exception, passes: bool) -> None:
    assert is_passing(error) is passes
    assert is_passing(_with_cause(sqlite3.OperationalError("said again"), error)) is passes


def test_an_error_among_its_own_causes_is_looked_at_once() -> None:
    first, second = ArchiveError("first"), ArchiveError("second")
    first.__cause__, second.__context__ = second, first
    assert not is_passing(first)


# -- several writers -----------------------------------------------------------------------------------------------------------


def test_a_new_archive_may_be_made_by_several_at_once(postgresql: Server, tmp_path: Path) -> None:
    name = postgresql.database("template1")
    url = postgresql.url(name, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for archive in list(pool.map(lambda _: Archive(url, write=True, shared=True), range(4))):
            archive.close()
    with Archive(url) as made:
        assert list(made.search("ferry")) == []  # its tables are there, once
    postgresql.drop(name)


def test_other_threads_read_what_is_committed_and_do_not_wait(url: str) -> None:
    """Of a shared archive with a thread that writes."""
    other = "INSERT INTO hosts (host) VALUES ('b')"
    with Archive(url, write=True, shared=True) as archive, ThreadPoolExecutor(1) as writer:
        db = archive.db

        def hosts() -> list[str]:
            return [row[0] for row in db.execute("SELECT host FROM hosts ORDER BY host")]

        db.execute("INSERT INTO hosts (host) VALUES ('a')")
        writer.submit(db.write_here).result()  # type: ignore[attr-defined]
        writer.submit(lambda: db.execute("BEGIN IMMEDIATE")).result()
        writer.submit(lambda: db.execute(other)).result()
        assert writer.submit(hosts).result() == ["a", "b"]
        assert hosts() == ["a"], "this thread neither waits nor sees what is not committed"
        with pytest.raises(sqlite3.OperationalError, match="read-only"):
            db.execute("INSERT INTO hosts (host) VALUES ('c')")
        writer.submit(lambda: db.execute("COMMIT")).result()
        assert hosts() == ["a", "b"]


def test_who_stands_still_in_a_transaction_does_not_stop_the_others(url: str) -> None:
    with Archive(url, write=True, shared=True, busy_timeout=2) as still, Archive(url, write=True, shared=True) as other:
        with pytest.raises(sqlite3.OperationalError), still.transaction():
            still.db.execute("INSERT INTO hosts (host) VALUES ('of who stands still')")
            with other.transaction():  # waits for the server to end the other session
                other.db.execute("INSERT INTO hosts (host) VALUES ('b')")
            still.db.execute("SELECT 1").fetchone()
        assert [row[0] for row in still.db.execute("SELECT host FROM hosts")] == ["b"], "and goes on in another session"

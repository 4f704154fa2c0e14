"""Which files are to be done, how far each has come and what is shown of it; one worker, and what stops it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from archive import Archive
from archive.cli import cli
from archive.postgres.files import MOST_TRIES, Files, Progress, advance
from archive.postgres.queue import queue_conninfo
from crawler.errors import SettingError
from crawler.extraction.version import version
from crawler.filelists import names_of
from tests import warm
from tests.postgresql import Server
from tests.unit.crawler import servers
from tests.workers.files import make_files
from tests.workers.test_bulk import PATIENCE_S, ROOT, command, environment, place


@pytest.fixture
def url(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    with postgresql.archive(tmp_path / "data") as address:
        yield address


@pytest.fixture
def files(url: str) -> Files:
    assert invoke(url, "jobs").exit_code == 0  # makes the tables
    return Files(place(url))


def invoke(where: str | Path, *argv: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, argv), "--archive", str(where)])


def work(url: str, *argv: str, status: int = 0, **more: str) -> str:
    done = warm.run(
        command(url, "jobs", "--work", *(argv or ("--once",))), cwd=ROOT, env=environment() | more, capture_output=True,
        text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return str(done.stderr)


# -- the list ----------------------------------------------------------------------------------------------------------


def test_a_file_is_done_once_unless_it_is_another_one_or_asked_for_again(files: Files) -> None:
    assert files.add("import", [("/a", 10), ("/b", 10)], {}, "1") == 2
    assert files.add("import", [("/a", 10), ("/c", 5)], {}, "1") == 1
    one, two, three = files.all()
    assert files.take(one.id, "w") is not None
    files.end(one.id, "w", "done")
    assert files.take(two.id, "w") is not None
    assert files.add("import", [("/a", 10), ("/b", 10)], {}, "1") == 0, "one is done, one under way"
    assert files.add("import", [("/a", 11)], {}, "1") == 1, "it has grown"
    assert files.take(one.id, "w") is not None
    files.end(one.id, "w", "done")
    assert files.add("import", [("/a", 11)], {}, "2") == 1, "another extractor"
    assert files.add("import", [("/a", 11)], {"source": "x"}, "2") == 1, "another choice is another job"
    files.end(two.id, "w", "done")
    assert files.add("import", [("/b", 10)], {}, "1", again=True) == 1
    assert [file.state for file in files.all()] == ["waiting"] * 4
    assert files.left() == 4
    assert three.size == 5


def test_what_another_worker_took_goes_on_where_it_was_and_the_first_one_notes_nothing_more(
    url: str, files: Files
) -> None:
    files.add("import", [("/a", 100)], {}, "")
    number = files.all()[0].id
    with Archive(url, write=True) as archive:
        assert files.take(number, "first") is not None
        with archive.transaction():
            assert advance(archive.db, number, "first", Progress(40, 50, Counter(stored=4)))
        taken = files.take(number, "second")
        assert taken is not None
        assert (taken.position, taken.gone, taken.pages, taken.outcomes) == (40, 50, 4, Counter(stored=4))
        assert (taken.taken, taken.tries, taken.begun_pages) == (2, 1, 4)
        with archive.transaction():
            assert not advance(archive.db, number, "first", Progress(60, 60, Counter(stored=6)))
    files.end(number, "first", "done")
    assert [(file.state, file.position) for file in files.all()] == [("running", 40)]


def test_what_failed_is_shown_with_its_reason_and_can_be_tried_again(url: str, files: Files) -> None:
    files.add("import", [("/a", 100), ("/b", 100)], {}, "")
    first, second = files.all()
    for file, state, reason in ((first, "failed", "the disk of it is gone"), (second, "done", "")):
        files.take(file.id, "w")
        files.end(file.id, "w", state, reason)
    shown = invoke(url, "jobs")
    assert shown.exit_code == 1
    assert "failed /a: 0 pages, 0 %: the disk of it is gone" in shown.output
    record = json.loads(invoke(url, "jobs", "--json").output)
    assert (record["kinds"]["import"]["failed"], record["kinds"]["import"]["done"]) == (1, 1)
    assert [file["reason"] for file in record["files"]] == ["the disk of it is gone"]
    assert "1 files wait" in invoke(url, "jobs", "--retry").output
    assert [file.state for file in files.all()] == ["waiting", "done"]
    assert "1 files forgotten" in invoke(url, "jobs", "--forget").output
    assert [file.name for file in files.all()] == ["/a"]


def test_a_file_under_way_says_who_is_at_it_since_when_and_at_what_rate(url: str, files: Files) -> None:
    files.add("import", [("/a", 100)], {}, "")
    number = files.all()[0].id
    files.take(number, "kiosque 7 worker on there")
    with psycopg.connect(queue_conninfo(place(url))) as pg:
        pg.execute(
            "UPDATE kiosque_files SET begun_at = now() - interval '10 s', pages = 50, gone = 25, moved_at = now()"
        )
    shown = invoke(url, "jobs").output
    assert "running /a: 50 pages, 25 %, 5.0/s, by kiosque 7 worker on there since 20" in shown
    record = json.loads(invoke(url, "jobs", "--json").output)
    assert record["files"][0]["pages_per_second"] == record["kinds"]["import"]["pages_per_second"] == 5.0


# -- names -------------------------------------------------------------------------------------------------------------


def test_folders_and_lists_are_read(tmp_path: Path) -> None:
    made = make_files(tmp_path / "in" / "deep", 2, 1)
    (tmp_path / "in" / "notes.txt").write_text("no WARC file")
    here = [str(made.folder / f"00{number}.warc.gz") for number in range(2)]
    assert names_of([tmp_path / "in", made.folder / "000.warc.gz"], [], "") == here
    packed, plain = tmp_path / "warc.paths.gz", tmp_path / "paths"
    packed.write_bytes(gzip.compress(b"crawl-data/a.warc.gz\n\nhttps://else.example/b.warc.gz\n"))
    plain.write_text("# by hand\ndeep/000.warc.gz\n")
    assert names_of([], [packed], "https://data.example/") == [
        "https://data.example/crawl-data/a.warc.gz", "https://else.example/b.warc.gz",
    ]  # fmt: skip
    assert names_of([], [plain], str(tmp_path / "in")) == here[:1]
    with pytest.raises(SettingError, match="no file"):
        names_of([], [], "")
    broken = tmp_path / "broken.gz"
    broken.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(SettingError, match=r"broken\.gz cannot be read"):
        names_of([], [broken], "")


def test_the_extractor_has_a_version() -> None:
    assert len(version()) == 12
    assert version() == version()


# -- a worker ----------------------------------------------------------------------------------------------------------


def test_reextract_is_a_job_for_each_raw_file_and_each_extractor(url: str, tmp_path: Path) -> None:
    made = make_files(tmp_path / "warc", 1, 5)
    assert warm.run(command(url, "import-warc", made.folder), cwd=ROOT, env=environment(), check=False).returncode == 0
    with Archive(url, write=True) as archive, archive.transaction():
        archive.db.execute("UPDATE articles SET title = 'An older extractor' WHERE id <= 2")
    assert "1 of 1 raw files" in invoke(url, "reextract", "--jobs").output
    work(url)
    (file,) = Files(place(url)).all()
    assert (file.state, file.version, file.outcomes) == ("done", version(), Counter(changed=2, same=3))
    with Archive(url) as archive:
        assert archive.db.execute("SELECT count(*) FROM articles WHERE title = 'An older extractor'").fetchone()[0] == 0
    assert "0 of 1 raw files" in invoke(url, "reextract", "--jobs").output
    assert "1 of 1 raw files" in invoke(url, "reextract", "--jobs", "--again").output


def test_files_that_are_missing_none_or_damaged_say_so_and_a_url_is_fetched(url: str, tmp_path: Path) -> None:
    made = make_files(tmp_path / "warc", 2, 3)
    first, second = sorted(made.folder.iterdir())
    damaged, none = tmp_path / "damaged.warc.gz", tmp_path / "none.warc.gz"
    damaged.write_bytes(first.read_bytes()[:-200])
    none.write_text("nothing of the kind")
    with servers.Server({"/far.warc.gz": servers.Answer(body=second.read_bytes())}) as server:
        names = [
            str(damaged),
            str(none),
            str(tmp_path / "gone.warc.gz"),
            f"{server.url}/far.warc.gz",
            f"{server.url}/not",
        ]
        (tmp_path / "paths").write_text("\n".join(names))
        assert "5 of 5" in invoke(url, "import-warc", "--jobs", "--paths", tmp_path / "paths").output
        work(url)
    found = {file.name: (file.state, file.pages, file.reason) for file in Files(place(url)).all()}
    assert found[names[0]][:2] == ("done", 2)
    assert "skipped" in found[names[0]][2]
    assert found[names[1]][0] == "failed" and "not a WARC file" in found[names[1]][2]
    assert found[names[2]][0] == "failed" and "no such file on this machine" in found[names[2]][2]
    assert found[names[3]] == ("done", 6, "")
    assert found[names[4]][0] == "failed" and "HTTP 404" in found[names[4]][2]


def test_a_file_that_kills_its_workers_is_given_up(url: str, files: Files, tmp_path: Path) -> None:
    made = make_files(tmp_path / "warc", 1, 3)
    assert "1 of 1" in invoke(url, "import-warc", "--jobs", made.folder).output
    number = files.all()[0].id
    for _ in range(MOST_TRIES):
        assert files.take(number, "one that dies") is not None
    work(url)
    assert [(file.state, file.pages) for file in files.all()] == [("failed", 0)]
    assert "came no further" in files.all()[0].reason
    assert "1 files" in invoke(url, "jobs", "--retry").output
    work(url)
    assert [(file.state, file.pages) for file in files.all()] == [("done", 3)]


def test_a_worker_that_is_told_to_stop_leaves_the_rest_of_its_file_to_others(
    url: str, files: Files, tmp_path: Path
) -> None:
    made = make_files(tmp_path / "warc", 1, 120)
    invoke(url, "import-warc", "--jobs", made.folder)
    process = warm.Popen(command(url, "jobs", "--work"), cwd=ROOT, env=environment())
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not files.all()[0].pages:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait(10)
    (left,) = files.all()
    assert left.state == "waiting" and 0 < left.pages < 120 and left.position > 0
    work(url)
    (done,) = files.all()
    assert (done.state, done.pages, done.outcomes, done.taken) == ("done", 120, Counter(stored=120), 2)


def test_trouble_of_the_archive_ends_the_worker_and_keeps_the_file_on_the_list(
    url: str, files: Files, tmp_path: Path
) -> None:
    made = make_files(tmp_path / "warc", 1, 3)
    invoke(url, "import-warc", "--jobs", made.folder)
    (tmp_path / "data" / "raw").mkdir(parents=True, exist_ok=True)
    (tmp_path / "data" / "raw" / "2026").write_text("where a folder should be")
    assert "cannot write raw/2026/02" in work(url, status=2)
    (file,) = files.all()
    assert file.state == "waiting" and "cannot write raw/2026/02" in file.reason
    (tmp_path / "data" / "raw" / "2026").unlink()
    work(url)
    assert [(file.state, file.pages, file.reason) for file in files.all()] == [("done", 3, "")]


# -- an archive in a folder --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import-warc", "name files, folders, or a list of them with --paths"),
        ("import-warc --root /tmp .", "--root goes with --paths"),
        ("import-warc --again .", "--again goes with --jobs"),
        ("import-warc .", "there is no file that ends in .warc"),
        ("import-warc --jobs .", "there is no file that ends in .warc"),
        ("reextract --again", "--again goes with --jobs"),
        ("reextract --dry-run --source nosuch", "there is no source 'nosuch' in this archive"),
        ("reextract --dry-run --since yesterday", "is not a date for “since”"),
        ("reextract --jobs --source nosuch", "there is no source 'nosuch' in this archive"),
        ("reextract --jobs --since 2026-13-40", "is not a date for “since”"),
        ("jobs --work --json", "--work goes with --once only"),
        ("jobs --once", "--once goes with --work"),
    ],
)
def test_a_command_line_that_means_nothing_is_refused(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, [*line.split(), "--archive", url])
    assert (ended.exit_code, said in ended.output) == (2, True), ended.output


def test_an_archive_in_a_folder_has_no_workers_and_shows_what_was_interrupted(tmp_path: Path) -> None:
    with Archive(tmp_path, write=True) as archive, archive.transaction():
        archive.db.execute("INSERT INTO jobs VALUES ('reextract source=* since=*', '2026-02-03T10:00:00Z', 7)")
    assert "done up to article 7" in invoke(tmp_path, "jobs").output
    assert json.loads(invoke(tmp_path, "jobs", "--json").output)["jobs"][0]["position"] == 7
    for argv in (["jobs", "--work"], ["jobs", "--retry"], ["reextract", "--jobs"]):
        refused = invoke(tmp_path, *argv)
        assert refused.exit_code == 2
        assert "only an archive on PostgreSQL has workers" in refused.output

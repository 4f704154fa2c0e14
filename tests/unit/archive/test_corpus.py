"""Frozen corpora: made, verified and opened again they are the archive that they were made from."""

from __future__ import annotations

import gc
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import tomllib
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, ArchiveError, QueryError, holdings
from archive.cli import cli
from archive.corpus import layout
from archive.corpus.check import verify_corpus
from archive.corpus.make import Made, make_corpus
from archive.corpus.reopen import open_corpus
from archive.export import Choice
from archive.verify import verify
from tests.soundness import check_raw_files
from tests.unit.archive.corpora import BEIJING, FERRY, LISTED_FIRST, fill, visit
from tests.unit.archive.helpers import NOW, ROOT, check_file, python, rows

QUERIES = ("ferries", "北京", "الحكومة", '"twice a day"', "title:report", "ferries -three", "bicycl*", "flour OR 渡轮", "nothing-like-it")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("corpus") / "archive"
    fill(made)
    return made


def make(folder: Path, target: Path, now: datetime = NOW, **more: Any) -> Made:
    """Make a corpus of an archive, of everything unless a part is named."""
    asked = {name: more.pop(name) for name in list(more) if name in Choice.__dataclass_fields__}
    with Archive(folder) as archive:
        made = make_corpus(archive, Choice(**asked), target, now=now, **more)
    assert made is not None
    return made


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of a corpus."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def members(folder: Path) -> dict[int, bytes]:
    """The bytes of the record of each capture of an archive."""
    with Archive(folder) as archive:
        found = {}
        for number, name, offset, length in rows(archive, "SELECT id, warc_file, warc_offset, warc_length FROM captures"):
            with (folder / name).open("rb") as file:
                file.seek(offset)
                found[number] = file.read(length)
        return found


def everything(archive: Archive) -> dict[str, Any]:
    """All that an archive says of its articles."""
    ids = [article.id for article in archive.articles()]
    return {
        "articles": list(archive.articles()),
        "versions": {number: archive.versions(number) for number in ids},
        "addresses": {number: archive.addresses(number) for number in ids},
        "changes": list(archive.changes()),
        "returns": {number: archive.returns(number) for number in ids},
        "stories": list(archive.stories()),
        "members": [archive.story_members(story.id) for story in archive.stories()],
        "search": {query: list(archive.search(query, limit=1000)) for query in QUERIES},
        "captures": rows(archive, """SELECT id, page_id, url, fetched_at, http_status, content_type, digest, record, part, robots,
            reserved, kept, warc_length FROM captures WHERE feed_id IS NULL AND url NOT LIKE '%/feed' ORDER BY id"""),
        "made_from": rows(archive, "SELECT article_id, version, capture_id FROM article_versions ORDER BY 1, 2"),
        "pages": rows(archive, "SELECT id, url, article_id, outcome, hint, fetched_at FROM pages ORDER BY id"),
    }  # fmt: skip


def test_what_was_made_is_verified_and_opened_as_it_was(folder: Path, tmp_path: Path) -> None:
    made = make(folder, tmp_path / "corpus")
    assert made.missing == []
    verdict = verify_corpus(tmp_path / "corpus")
    assert (verdict.troubles, verdict.ok, dict(verdict.counts)) == ([], True, dict(made.counts))
    opened = open_corpus(tmp_path / "corpus", tmp_path / "opened")
    assert (opened.articles, opened.captures, opened.missing, opened.lone) == (11, 17, 0, 0)
    with Archive(folder) as before, Archive(tmp_path / "opened") as after:
        expected, found = everything(before), everything(after)
        assert {name: found[name] for name in expected} == expected
        assert len(found["search"]["ferries"]) > 0
        assert len(found["search"]["北京"]) == 1
        assert len(found["changes"]) == 1
        assert max(len(versions) for versions in found["versions"].values()) == 2
        assert len(found["stories"]) >= 1
        assert verify(after).ok
    check_file(tmp_path / "opened")
    check_raw_files(tmp_path / "opened")
    before_records, after_records = members(folder), members(tmp_path / "opened")
    assert {number: before_records[number] for number in after_records} == after_records
    assert len(before_records) == len(after_records) + 1  # the feed is nobody's page


def test_an_opened_corpus_can_be_written_to_and_made_a_corpus_of(folder: Path, tmp_path: Path) -> None:
    one = make(folder, tmp_path / "one")
    open_corpus(tmp_path / "one", tmp_path / "opened")
    two = make(tmp_path / "opened", tmp_path / "two")
    assert two.counts == one.counts
    for name in (layout.ARTICLES, layout.STORIES, layout.CAPTURES, layout.INDEX, "raw/corpus-00000.warc.gz"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    with Archive(tmp_path / "opened", write=True) as archive, archive.transaction():
        island = rows(archive, "SELECT id FROM sources WHERE slug = 'island_post'")[0][0]
        known = visit(archive, island, FERRY, "Ferries twice a day", archive.article(FERRY).text, 200)  # type: ignore[union-attr]
        assert (known.article_id, known.version) == (1, 1)
        renamed = FERRY.replace("ferry", "new-words-ferry")
        assert visit(archive, island, renamed, "Ferries twice a day", archive.article(FERRY).text, 201).article_id == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("query", ["ferries", "source:island_post 北京", "title:report -courier"])
def test_a_query_chooses_and_stands_in_the_manifest(folder: Path, tmp_path: Path, query: str) -> None:
    make(folder, tmp_path / "corpus", query=query, until="2027-01-01")
    with Archive(folder) as archive:
        expected = [article.id for article in archive.articles(query=query, until="2027-01-01")]
    assert [row["id"] for row in read(tmp_path / "corpus" / layout.ARTICLES)] == expected
    said = json.loads((tmp_path / "corpus" / layout.MANIFEST).read_bytes())
    assert said["query"]["typed"] == query
    assert said["query"]["understood"]["wanted"]
    assert said["filters"] == {"source": None, "language": None, "since": None, "until": "2027-01-01"}
    assert query in (tmp_path / "corpus" / layout.README).read_text()
    assert verify_corpus(tmp_path / "corpus").troubles == []


def test_only_the_records_of_its_pages_and_what_they_refer_to(folder: Path, tmp_path: Path) -> None:
    make(folder, tmp_path / "corpus", query="listing")
    captures = read(tmp_path / "corpus" / layout.CAPTURES)
    assert [(one["record"], one["url"], one["page_id"] is None) for one in captures] == [
        ("response", LISTED_FIRST, True), ("revisit", LISTED_FIRST, False)]  # fmt: skip
    with (tmp_path / "corpus" / "raw" / "corpus-00000.warc.gz").open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "request", "revisit", "request"]


def test_records_are_those_of_the_archive_for_other_readers(folder: Path, tmp_path: Path) -> None:
    make(folder, tmp_path / "corpus", largest=3000)
    names = sorted((tmp_path / "corpus" / "raw").iterdir())
    assert len(names) > 3
    originals = members(folder)
    found = 0
    for path in names:
        with path.open("rb") as file:
            records = list(ArchiveIterator(file, check_digests="raise"))
            assert records[0].rec_type == "warcinfo"
    for capture in read(tmp_path / "corpus" / layout.CAPTURES):
        data = (tmp_path / "corpus" / capture["warc_file"]).read_bytes()
        assert data[capture["warc_offset"] :][: capture["warc_length"]] == originals[capture["id"]]
        found += 1
    assert found == 17
    assert verify_corpus(tmp_path / "corpus").troubles == []
    assert open_corpus(tmp_path / "corpus", tmp_path / "opened").captures == 17


def test_the_index_is_sorted_and_leads_to_the_records(folder: Path, tmp_path: Path) -> None:
    make(folder, tmp_path / "corpus", largest=3000)
    lines = (tmp_path / "corpus" / layout.INDEX).read_bytes().splitlines(keepends=True)
    assert lines == sorted(lines)
    assert len(lines) == 17
    for line in lines:
        key, stamp, fields = line.decode().split(" ", 2)
        said = json.loads(fields)
        with (tmp_path / "corpus" / "raw" / said["filename"]).open("rb") as file:
            file.seek(int(said["offset"]))
            record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers.get_header("WARC-Target-URI") == said["url"]
        assert re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date")) == stamp
        assert key.startswith("example,")
        assert (said["mime"] == "warc/revisit") == (record.rec_type == "revisit")


def test_it_is_the_same_whenever_it_is_made(folder: Path, tmp_path: Path) -> None:
    one = make(folder, tmp_path / "one", datetime(2026, 5, 1, tzinfo=UTC))
    two = make(folder, tmp_path / "two", datetime(2027, 5, 1, tzinfo=UTC))
    assert one.digest == two.digest
    for path in sorted((tmp_path / "one").rglob("*")):
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        if path.is_file() and path.name not in (layout.MANIFEST, layout.SUMS):
            assert path.read_bytes() == other.read_bytes(), path.name
    said = [json.loads((tmp_path / name / layout.MANIFEST).read_bytes()) for name in ("one", "two")]
    assert [one.pop("made_at") for one in said] == ["2026-05-01T00:00:00Z", "2027-05-01T00:00:00Z"]
    assert said[0] == said[1]


def test_the_tools_that_the_readme_names_agree(folder: Path, tmp_path: Path) -> None:
    made = make(folder, tmp_path / "corpus")
    done = subprocess.run(["sha256sum", "-c", layout.SUMS], cwd=tmp_path / "corpus", capture_output=True, check=True)
    assert done.stdout.count(b": OK") == 8
    readme = (tmp_path / "corpus" / layout.README).read_text()
    command = next(line.strip() for line in readme.splitlines() if "grep" in line)
    shell = subprocess.run(command, shell=True, cwd=tmp_path / "corpus", capture_output=True, check=True, text=True)
    assert f"sha256:{shell.stdout.split()[0]}" == made.digest


# -- stories in part -------------------------------------------------------------------------------------------------


def test_a_story_in_part_keeps_its_number(folder: Path, tmp_path: Path) -> None:
    make(folder, tmp_path / "corpus", query="title:courier OR title:post")
    with Archive(folder) as archive:
        whole = next(story for story in archive.stories(outlets=3))
    open_corpus(tmp_path / "corpus", tmp_path / "opened")
    with Archive(tmp_path / "opened") as archive:
        [story] = archive.stories()
        assert (story.id, len(story.articles), story.sources) == (whole.id, 2, 2)
        assert set(story.articles) < set(whole.articles)
        assert whole.core not in story.articles
        assert story.core in story.articles
        assert verify(archive).ok


def test_an_article_whose_copies_are_not_there_stands_alone(folder: Path, tmp_path: Path) -> None:
    make(folder, tmp_path / "corpus", source="herald")
    opened = open_corpus(tmp_path / "corpus", tmp_path / "opened")
    assert opened.lone == 1
    assert read(tmp_path / "corpus" / layout.ARTICLES)[0]["story_id"] is not None
    with Archive(tmp_path / "opened") as archive:
        assert [article.story_id for article in archive.articles()] == [None]
        assert verify(archive).ok


# -- what is not there -----------------------------------------------------------------------------------------------


def _without_a_file(folder: Path) -> None:
    (folder / "raw/2026/03/kiosque-20260305.warc.gz").unlink()


def _with_a_damaged_record(folder: Path) -> None:
    path = folder / "raw/2026/03/kiosque-20260306.warc.gz"
    data = bytearray(path.read_bytes())
    with sqlite3.connect(folder / "archive.db") as conn:
        [offset] = conn.execute("SELECT warc_offset FROM captures WHERE warc_file LIKE '%0306%'").fetchone()
    data[offset + 200] ^= 1
    path.write_bytes(bytes(data))


def _with_a_lost_capture(folder: Path) -> None:
    with sqlite3.connect(folder / "archive.db") as conn:
        conn.execute("DELETE FROM captures WHERE url = ? AND record = 'response'", [LISTED_FIRST])


@pytest.mark.parametrize(
    ("harm", "number", "why"),
    [(_without_a_file, 13, "No such file"), (_with_a_damaged_record, 1, "damaged"), (_with_a_lost_capture, 1, "not in the archive")],
)  # fmt: skip
def test_records_that_are_missing_are_told(
    folder: Path, tmp_path: Path, harm: Callable[[Path], None], number: int, why: str
) -> None:
    shutil.copytree(folder, tmp_path / "archive")
    harm(tmp_path / "archive")
    done = run("make", "--output", str(tmp_path / "corpus"), "--archive", str(tmp_path / "archive"))
    assert done.exit_code == 1
    assert why in done.stderr
    said = json.loads((tmp_path / "corpus" / layout.MANIFEST).read_bytes())["missing"]
    listed = [capture for capture in read(tmp_path / "corpus" / layout.CAPTURES) if capture["missing"]]
    assert said["count"] == len(said["first"]) == len(listed) == number
    assert all(why in capture["missing"] for capture in listed)
    assert f"{number} captures lack" in (tmp_path / "corpus" / layout.README).read_text()
    assert verify_corpus(tmp_path / "corpus").troubles == []
    opened = open_corpus(tmp_path / "corpus", tmp_path / "opened")
    assert opened.articles == 11
    with Archive(tmp_path / "archive") as before, Archive(tmp_path / "opened") as after:
        assert list(after.articles()) == list(before.articles())


def test_nothing_found_makes_nothing(folder: Path, tmp_path: Path) -> None:
    done = run("make", "nothing-like-it", "--output", str(tmp_path / "corpus"), "--archive", str(folder))
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_what_is_there_already_is_left_alone(folder: Path, tmp_path: Path, there: str) -> None:
    target = tmp_path / "corpus"
    {"folder": target.mkdir, "file": target.touch, "link": lambda: target.symlink_to("nowhere")}[there]()
    with Archive(folder) as archive, pytest.raises(ArchiveError, match="there already"):
        make_corpus(archive, Choice(), target, now=NOW)
    make(folder, tmp_path / "other")
    with pytest.raises(ArchiveError, match="there already"):
        open_corpus(tmp_path / "other", target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "other"]


def test_a_query_that_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    with Archive(folder) as archive, pytest.raises(QueryError):
        make_corpus(archive, Choice("-only"), tmp_path / "corpus", now=NOW)
    assert list(tmp_path.iterdir()) == []


# -- broken off ------------------------------------------------------------------------------------------------------

_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from archive import Archive
from archive.corpus.make import make_corpus
from archive.corpus.reopen import open_corpus
from archive.export import Choice
what, source, target, at, how = sys.argv[1:]
def progress(said, number):
    if (said, number) == (at.partition(":")[0], int(at.partition(":")[2])):
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(28, "No space left on device")
if what == "make":
    with Archive(source) as archive:
        make_corpus(archive, Choice(), Path(target), now=datetime.now(UTC), progress=progress)
else:
    open_corpus(Path(source), Path(target), progress)
"""


@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize(
    ("what", "at"),
    [("make", "articles:3"), ("make", "captures:1"), ("make", "captures:17"), ("open", "opening articles.jsonl:11"), ("open", "opening captures.jsonl:17")],
)  # fmt: skip
def test_what_is_broken_off_never_looks_whole(folder: Path, tmp_path: Path, what: str, at: str, how: str) -> None:
    source = folder
    if what == "open":
        source = tmp_path / "source"
        make(folder, source)
    child = python(_KILLED, what, source, tmp_path / "target", at, how)
    _, said = child.communicate(timeout=60)
    assert child.returncode == (-signal.SIGKILL if how == "kill" else 1), said
    assert not (tmp_path / "target").exists()
    left = [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    assert len(left) == (how == "kill")
    if how == "full":
        assert "No space left" in said
    for path in left:
        assert not verify_corpus(path).ok
    if what == "make":
        make(folder, tmp_path / "target")
    else:
        open_corpus(source, tmp_path / "target")


def test_a_file_system_that_takes_no_more(folder: Path, tmp_path: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (33_000, 33_000))\n" + _KILLED
    child = python(limited, "make", folder, tmp_path / "target", "never:0", "")
    _, said = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "ArchiveError: cannot write" in said
    assert list(tmp_path.iterdir()) == []


# -- beside a crawl --------------------------------------------------------------------------------------------------


def test_the_rows_are_of_one_moment(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "archive")
    changed = []

    def progress(what: str, number: int) -> None:
        if (what, number) == ("articles", 1):
            with Archive(tmp_path / "archive", write=True) as writer, writer.transaction():
                island = rows(writer, "SELECT id FROM sources WHERE slug = 'island_post'")[0][0]
                changed.append(visit(writer, island, BEIJING, "北京", "另外的内容，完全不同的文章。" * 12, 300))
                visit(writer, island, "https://island_post.example/later", "Later", "A later text. " * 20, 300)
                writer.raw.flush()

    made = make(tmp_path / "archive", tmp_path / "corpus", progress=progress)
    assert changed[0].version == 2
    assert made.counts["articles"] == 11
    assert made.counts["captures"] == 17
    assert verify_corpus(tmp_path / "corpus").troubles == []
    before = make(folder, tmp_path / "before")
    assert before.digest == made.digest


# -- size ------------------------------------------------------------------------------------------------------------


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "PAGE_SIZE", 20)  # a few pages are read in either case
    calls = count()

    def tidy(*_: object) -> None:
        if next(calls) % 50 == 0:
            gc.collect()  # also what Python keeps of freed objects, to use it again; it counts as taken

    peaks: dict[str, list[int]] = {"make": [], "verify": [], "open": []}
    for number in (100, 1_000):
        source, target = tmp_path / f"archive-{number}", tmp_path / f"corpus-{number}"
        fill(source, number)
        peaks["make"].append(_peak(lambda s=source, t=target: make(s, t, progress=tidy)))  # type: ignore[misc]
        peaks["verify"].append(_peak(lambda t=target: verify_corpus(t)))  # type: ignore[misc]
        peaks["open"].append(_peak(lambda t=target, o=tmp_path / f"opened-{number}": open_corpus(t, o)))  # type: ignore[misc]
    for what, (few, many) in peaks.items():
        assert many <= 1.5 * few, (what, few, many)


# -- the command line ------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["corpus", *arguments])


def test_the_commands_together(folder: Path, tmp_path: Path) -> None:
    target, opened = str(tmp_path / "corpus"), str(tmp_path / "opened")
    done = run("make", "ferries", "--source", "island_post", "--language", "en_GB", "--output", target, "--archive", str(folder))
    assert done.exit_code == 0, done.output
    assert "1 articles, 2 versions, 5 captures" in done.stdout
    done = run("verify", target)
    assert (done.exit_code, "all well" in done.stdout, "sha256:" in done.stdout) == (0, True, True)
    done = run("open", target, "--archive", opened)
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(cli, ["search", "ferries", "--archive", opened]).exit_code == 0
    (tmp_path / "corpus" / "more").touch()
    done = run("verify", target)
    assert (done.exit_code, "'more' is no part of the corpus" in done.stdout) == (1, True)
    done = run("open", target, "--archive", str(tmp_path / "again"))
    assert (done.exit_code, "is not opened" in done.stderr) == (2, True)
    assert run("open", target, "--archive", opened).exit_code == 2
    assert run("make", "--source", "nobody", "--output", str(tmp_path / "x"), "--archive", str(folder)).exit_code == 2


# -- what is decided elsewhere ---------------------------------------------------------------------------------------

# columns that no line has, since they follow from the rest or are the crawler's own
LEFT_OUT = {
    "sources": {"expect"},
    "articles": {"source_id", "published_day"},
    "stories": set(),
    "story_members": {"story_id"},
    "captures": {"feed_id"},
    "article_versions": {"article_id"},
    "sightings": {"article_id"},
    "article_urls": {"article_id"},
    "changes": {"article_id", "source_id"},
    "returns": {"article_id"},
    "pages": {"article_id", "source_id", "feed_id"},
}


def test_every_column_of_the_database_is_in_a_corpus_or_left_out_knowingly(folder: Path) -> None:
    ours: dict[str, set[str]] = {table: set(spec) for table, _, spec in layout.NESTED.values()}
    ours |= {"sources": set(layout.SOURCE), "articles": set(layout.ARTICLE), "stories": set(layout.STORY),
             "story_members": set(layout.MEMBER), "captures": set(layout.CAPTURE)}  # fmt: skip
    of_a_corpus = {"articles": {"source"}, "pages": {"source"}, "captures": {"article_id", "missing"}}
    with Archive(folder) as archive:
        for table, columns in ours.items():
            there = {row[1] for row in rows(archive, f"PRAGMA table_xinfo({table})")}
            assert columns - of_a_corpus.get(table, set()) == there - LEFT_OUT[table], table


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == layout.KIOSQUE


@pytest.mark.parametrize("what", ["nowhere", "file", "empty"])
def test_what_is_no_corpus(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    assert run("verify", str(tmp_path / what)).exit_code == (1 if what == "empty" else 2)

"""`python -m archive verify`: every kind of damage, made by hand in a sound archive, is found, mended and gone."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive
from archive.exchanges import Earlier
from archive.records import utc_text
from archive.rows import FeedVisit, Offer, Outcome, Settlement, SourceRow
from archive.verify import Report, verify
from archive.verify.walk import filler, walk
from tests import warm
from tests.soundness import check_database, check_raw_files
from tests.unit.archive.helpers import NOW, ROOT, TEXT, add_source, exchange, filing, python

PAGES = 6
LATER = NOW + timedelta(hours=2)


def url_of(number: int) -> str:
    return f"https://example.org/{number}"


def build(folder: Path) -> None:
    """A small archive as a crawl leaves it: stored pages, one changed, one unchanged (a revisit), one not found."""
    with Archive(folder, write=True) as archive, archive.transaction():
        source_id = add_source(archive)
        ledger = archive.ledger
        ledger.put_feeds(source_id, [("https://example.org/feed", "feed", "")], NOW)
        (feed,) = ledger.feeds(source_id)
        run = ledger.start_run(source_id, NOW)
        urls = [*map(url_of, range(PAGES)), "https://example.org/gone"]
        listing = archive.raw.append(exchange("https://example.org/feed", b"<rss/>"))
        archive.captures.add(exchange("https://example.org/feed", b"<rss/>"), listing, feed_id=feed.id)
        ledger.offer(source_id, feed.id, [Offer(url) for url in (*urls, "https://example.org/waits")], NOW)
        ledger.feed_visited(feed, FeedVisit(NOW + timedelta(hours=1), ok=True, items=8, new_items=8), NOW)
        for number, url in enumerate(urls):
            page = ledger.page(url)
            assert page is not None
            gone = url.endswith("gone")
            one = exchange(url, f"<html>{url} {number * 'long '}</html>".encode(), status=404 if gone else 200)
            capture = archive.captures.add(one, archive.raw.append(one), page_id=page.id)
            if gone:
                ledger.settle(page, Settlement(Outcome.NOT_FOUND, "HTTP 404", 404), NOW)
                continue
            filed = archive.store.file(filing(source_id, url, f"Ferry {number} sails", f"{TEXT} Crossing {number}."))
            archive.store.set_capture(filed.article_id, filed.version, utc_text(NOW), capture)
            ledger.settle(page, Settlement(filed.outcome, "", 200, article_id=filed.article_id), NOW)
        _again(archive, source_id)
        ledger.save_run(run, {"stored": PAGES, "fetched": PAGES + 2}, {"stored": PAGES, "not_found": 1})
        ledger.finish_run(run, NOW, "finished")


def _again(archive: Archive, source_id: int) -> None:
    """Two hours later: page 0 says 304, page 1 has another text."""
    page = archive.ledger.page(url_of(0))
    assert page is not None
    earlier = archive.captures.earlier(page.url)
    assert isinstance(earlier, Earlier)
    one = exchange(page.url, b"", status=304, fetched_at=LATER)
    archive.captures.add(one, archive.raw.append(one, earlier), page_id=page.id)
    archive.ledger.settle(page, Settlement(Outcome.UNCHANGED, "", 304, article_id=page.article_id), LATER)
    page = archive.ledger.page(url_of(1))
    assert page is not None
    one = exchange(page.url, b"<html>another</html>", fetched_at=LATER)
    capture = archive.captures.add(one, archive.raw.append(one), page_id=page.id)
    fresh = filing(source_id, page.url, "Ferry 1 sails", f"{TEXT} It is late.", hours=2, article_id=page.article_id)
    filed = archive.store.file(fresh)
    archive.store.set_capture(filed.article_id, filed.version, utc_text(LATER), capture)
    archive.ledger.settle(page, Settlement(filed.outcome, "", 200, article_id=filed.article_id), LATER)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "data"
    build(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of the sound archive."""
    return Path(shutil.copytree(whole, tmp_path / "data"))


def check(folder: Path, *, repair: bool = False, quick: bool = False) -> Report:
    with Archive(folder, write=repair) as archive:
        return verify(archive, repair=repair, quick=quick, now=LATER)


def kinds(report: Report) -> set[str]:
    """What is in trouble, or was."""
    return {finding.check for finding in report.findings if finding.trouble}


def raw_file(folder: Path) -> Path:
    (path,) = (folder / "raw").rglob("*.warc.gz")
    return path


def place(folder: Path, url: str) -> tuple[int, int]:
    """Offset and length of the first record of a URL."""
    with closing(sqlite3.connect(folder / "archive.db")) as conn:
        row = conn.execute("SELECT warc_offset, warc_length FROM captures WHERE url = ? ORDER BY id", [url]).fetchone()
    return int(row[0]), int(row[1])


Harm = Callable[[Path], None]


def sql(*statements: str) -> Harm:
    """Damage by statements, past every constraint."""

    def harm(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as conn:
            conn.execute("PRAGMA ignore_check_constraints = ON")
            conn.execute("PRAGMA foreign_keys = OFF")
            for statement in statements:
                conn.execute(statement)

    return harm


def flip(url: str) -> Harm:
    """Damage by a few bytes in the middle of a record."""

    def harm(folder: Path) -> None:
        offset, length = place(folder, url)
        with raw_file(folder).open("rb+") as file:
            file.seek(offset + length // 2)
            file.write(b"\xff\x00\xff\x00")

    return harm


def cut_raw(folder: Path) -> None:
    offset, length = place(folder, url_of(4))
    with raw_file(folder).open("rb+") as file:
        file.truncate(offset + length // 2)


def remove_raw(folder: Path) -> None:
    """One file of two is gone."""
    path = raw_file(folder)
    with Archive(folder, write=True) as archive:
        one = exchange("https://example.org/feed", b"<rss>2</rss>", fetched_at=NOW + timedelta(days=3))
        placed = archive.raw.append(one)
        with archive.transaction():
            archive.captures.add(one, placed, feed_id=1)
    path.unlink()


@dataclass(frozen=True)
class Damage:
    """What was done, and what verify calls it."""

    harm: Harm
    found: frozenset[str]
    quick: bool = True  # whether --quick finds it too


def damage(harm: Harm, *found: str, quick: bool = True) -> Damage:
    return Damage(harm, frozenset(found), quick)


DAMAGES = {
    "a change that is not there": damage(sql("DELETE FROM changes"), "changes"),
    "a change from another version": damage(sql("UPDATE changes SET from_version = 7"), "changes"),
    "a change at another time": damage(sql("UPDATE changes SET changed_at = '2020-01-01T00:00:00Z'"), "changes"),
    "a change of an article with one version": damage(
        sql("INSERT INTO changes SELECT 1, 1, 2, changed_at, source_id, kind, 0, 0, 0, 0, 0, 0, 0, '' FROM changes"), "changes"
    ),
    "a return that nobody saw": damage(sql("INSERT INTO returns VALUES (2, '2026-03-05T15:00:00Z', 1, 2)"), "changes"),
    "a sighting of no version": damage(sql("INSERT INTO sightings VALUES (1, '2026-03-05T15:00:00Z', 9)"), "sightings"),
    "keys of no article": damage(sql("INSERT INTO article_keys VALUES (1, 'number:4711', 99)"), "article_keys"),
    # the ledger
    "page done without an outcome": damage(
        sql("UPDATE pages SET outcome = NULL WHERE id = 2"), "page_state"
    ),
    "page pending with an outcome": damage(sql("UPDATE pages SET state = 'pending' WHERE id = 3"), "page_state", "page_time"),
    "page in no state": damage(sql("UPDATE pages SET state = 'lost' WHERE id = 4"), "page_state"),
    "page with an outcome there is not": damage(sql("UPDATE pages SET outcome = 'eaten' WHERE id = 2"), "page_outcome"),
    "page pending without a time": damage(
        sql("UPDATE pages SET next_attempt_at = NULL WHERE url LIKE '%waits'"), "page_time"
    ),
    "page pending with no time at all": damage(
        sql("UPDATE pages SET next_attempt_at = 'soon' WHERE url LIKE '%waits'"), "page_time"
    ),
    "page pending for a thousand years": damage(
        sql("UPDATE pages SET next_attempt_at = '3026-01-01T00:00:00Z' WHERE url LIKE '%waits'"), "page_time"
    ),
    "feed due in a thousand years": damage(sql("UPDATE feeds SET next_check_at = '3026-01-01T00:00:00Z'"), "feed_time"),
    "host held for a thousand years": damage(
        sql("INSERT INTO hosts (host, not_before) VALUES ('example.org', '3026-01-01T00:00:00Z')"), "host_time"
    ),
    "page that does not say which article": damage(sql("UPDATE pages SET article_id = NULL WHERE id = 2"), "page_article"),
    "page of an article that is not there": damage(
        sql("UPDATE pages SET article_id = 99 WHERE id = 2"), "pages.article_id"
    ),
    "page of a feed that is not there": damage(sql("UPDATE pages SET feed_id = 99 WHERE id = 2"), "pages.feed_id"),
    "page of a source that is not there": damage(sql("UPDATE pages SET source_id = 99 WHERE id = 2"), "sources"),
    "source that is not there": damage(sql("DELETE FROM sources"), "sources"),
    "feed that is not there": damage(sql("DELETE FROM feeds"), "pages.feed_id", "captures.feed_id"),
    "hint that is no JSON": damage(sql("UPDATE pages SET hint = '{' WHERE id = 2"), "pages.hint"),
    "run that ended without a reason": damage(sql("UPDATE runs SET reason = ''"), "run_end"),
    "run that counts what it did not store": damage(sql("UPDATE runs SET stored = 99"), "run_counts"),
    # articles
    "article that is not there": damage(
        sql("DELETE FROM articles WHERE id = 3"), "articles"
    ),
    "article that nothing is left of": damage(
        sql("DELETE FROM articles WHERE id = 3", "DELETE FROM article_versions WHERE article_id = 3"),
        "article_urls.article_id", "pages.article_id",
    ),
    "version that is not there": damage(sql("DELETE FROM article_versions WHERE article_id = 2"), "article_version"),
    "version with another text": damage(
        sql("UPDATE article_versions SET text = 'Nothing.' WHERE article_id = 3"), "article_text", quick=False
    ),
    "article with another text": damage(
        sql("UPDATE articles SET text = 'Nothing.' WHERE id = 3"), "article_text", quick=False
    ),
    "article with another hash": damage(sql("UPDATE articles SET content_hash = 'x' WHERE id = 3"), "article_text"),
    "address that is not there": damage(sql("DELETE FROM article_urls WHERE article_id = 3"), "article_url"),
    "authors that are no JSON": damage(sql("UPDATE articles SET authors = 'Ann' WHERE id = 3"), "articles.authors"),
    "version of a capture that is not there": damage(
        sql("UPDATE article_versions SET capture_id = 99 WHERE article_id = 3"), "article_versions.capture_id"
    ),
    # search
    "folded text that is not there": damage(sql("DELETE FROM articles_folded WHERE id = 3"), "folded"),
    "folded text of another": damage(
        sql("UPDATE articles_folded SET text = '北京' WHERE id = 3"), "folded", quick=False
    ),
    "folded text of nothing": damage(sql("INSERT INTO articles_folded VALUES (99, 'a', 'b')"), "folded_stray"),
    "index without an article": damage(
        sql("INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded) SELECT 'delete', * FROM articles_search WHERE id = 3"),
        "search",
    ),
    "index with words of nobody": damage(
        sql("INSERT INTO articles_fts_docsize SELECT 99, sz FROM articles_fts_docsize LIMIT 1"), "search"
    ),
    "index with other words": damage(
        sql("INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded) VALUES (3, 'x', 'y', '', '')"),
        "search",
        quick=False,
    ),
    "index that is damaged": damage(sql("UPDATE articles_fts_data SET block = x'00' WHERE id > 100"), "search", quick=False),
    "index that is gone": damage(sql("DELETE FROM articles_fts_data"), "search"),
    # captures and raw files
    "capture that is not there": damage(
        sql(
            "UPDATE article_versions SET capture_id = NULL WHERE capture_id = 4", "DELETE FROM captures WHERE id = 4"
        ),
        "page_capture",
    ),
    "captures that are not there": damage(
        sql("UPDATE article_versions SET capture_id = NULL", "DELETE FROM captures"), "page_capture"
    ),
    "capture of a page that is not there": damage(
        sql("UPDATE captures SET page_id = 99 WHERE id = 4"), "captures.page_id", "page_capture"
    ),
    "capture at another place": damage(
        sql("UPDATE captures SET warc_offset = warc_offset + 7 WHERE id = 4"), "capture_record", quick=False
    ),
    "capture with another digest": damage(
        sql("UPDATE captures SET digest = 'sha1:AAAA' WHERE id = 4"), "capture_digest", quick=False
    ),
    "captures swapped": damage(
        sql("UPDATE captures SET warc_offset = (SELECT sum(warc_offset) FROM captures WHERE id IN (4, 5)) - warc_offset WHERE id IN (4, 5)"),
        "capture_record",
        quick=False,
    ),
    "record that is damaged": damage(flip(url_of(3)), "raw_damaged", "capture_record", quick=False),
    "record that others refer to is damaged": damage(flip(url_of(0)), "raw_damaged", "capture_record", quick=False),
    "file that is cut": damage(cut_raw, "raw_damaged", "capture_record"),
    "file that is gone": damage(remove_raw, "capture_record"),
    # the database itself
    "index of a table": damage(
        sql(
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = 'CREATE INDEX pages_outcome ON pages (source_id, outcome)' WHERE name = 'pages_outcome'",
        ),
        "database",
        quick=False,
    ),
}  # fmt: skip


def test_a_sound_archive(folder: Path) -> None:
    for quick in (True, False):
        report = check(folder, quick=quick)
        assert report.findings == []
        assert report.skipped == []
        assert report.checked["pages"] == PAGES + 2
        assert report.checked["captures"] == PAGES + 4
    assert check(folder, repair=True).findings == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_mended_and_gone(folder: Path, name: str) -> None:
    what = DAMAGES[name]
    what.harm(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if what.quick:
        assert not check(folder, quick=True).ok
    report = check(folder)
    assert kinds(report) >= what.found, report
    assert not report.ok
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {k: v for k, v in after.items() if v and "-shm" not in k.name} == {
        k: v for k, v in before.items() if v and "-shm" not in k.name
    }, "without --repair it only reads"

    mended = check(folder, repair=True)
    assert mended.ok, mended
    assert kinds(mended) >= what.found - {"page_capture", "page_time", "folded"}, mended
    again = check(folder)
    assert not kinds(again), again
    check_database(folder)
    check_raw_files(folder)


@pytest.mark.parametrize("length", [20, 21, 100, 400, 401, 65_000, 65_999, 66_000, 66_300, 66_310, 200_000])
def test_what_takes_the_place_of_a_damaged_part_is_as_long(length: int, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(filler(length, "Damaged.\n"))
    assert path.stat().st_size == length
    with gzip.open(path) as whole:
        data = whole.read()
    assert data.startswith(b"WARC/1.1\r\n") or length < 401
    (found,) = walk(path)
    assert (found.offset, found.end, found.trouble) == (0, length, "")


def test_what_was_damaged_is_kept_beside(folder: Path) -> None:
    offset, length = place(folder, url_of(3))
    flip(url_of(3))(folder)
    data = raw_file(folder).read_bytes()
    check(folder, repair=True)
    (aside,) = (folder / "raw").rglob("*.bin")
    assert aside.read_bytes() == data[offset : offset + length]
    assert len(raw_file(folder).read_bytes()) == len(data)


def test_without_its_raw_files_nothing_is_mended(folder: Path) -> None:
    (folder / "raw").rename(folder.with_name("elsewhere"))
    report = check(folder, repair=True)
    assert kinds(report) >= {"raw"}
    assert not report.ok
    (folder / "raw").rmdir()
    folder.with_name("elsewhere").rename(folder / "raw")
    assert check(folder).ok, "the disk is there again, and so is everything"


def test_records_that_no_capture_names_are_told_and_no_trouble(folder: Path) -> None:
    with Archive(folder, write=True) as archive:
        archive.raw.append(exchange("https://example.org/waits", b"<html>fetched before the crash</html>"))
    report = check(folder)
    assert report.ok
    assert [(finding.check, finding.count) for finding in report.findings] == [("raw_orphan", 1)]
    assert [finding.mended for finding in check(folder, repair=True).findings] == ["indexed"]
    assert check(folder).findings == []
    with Archive(folder) as archive:
        capture = archive.db.execute("SELECT * FROM captures ORDER BY id DESC LIMIT 1").fetchone()
        page = archive.ledger.page("https://example.org/waits")
        assert page is not None and capture["page_id"] == page.id
        assert (
            archive.raw.read(capture["warc_file"], capture["warc_offset"]).body
            == b"<html>fetched before the crash</html>"
        )


def test_an_unfinished_record_is_told_and_no_trouble(folder: Path) -> None:
    path = raw_file(folder)
    (folder / "raw" / "open-files.txt").write_text(path.relative_to(folder).as_posix() + "\n")
    with path.open("ab") as file:
        file.write(path.read_bytes()[:300])
    report = check(folder)
    assert report.ok
    assert [finding.check for finding in report.findings] == ["raw_unfinished"]
    assert check(folder, repair=True).findings == []


def test_a_start_after_a_crash_keeps_records_behind_a_damaged_one(folder: Path) -> None:
    path = raw_file(folder)
    (folder / "raw" / "open-files.txt").write_text(path.relative_to(folder).as_posix() + "\n")
    flip(url_of(2))(folder)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\x1f\x8b\x08 half a record")
    with Archive(folder, write=True):
        assert path.stat().st_size == size, "only the unfinished end is cut off"


def test_lost_sources_come_back_by_the_catalogue(folder: Path) -> None:
    sql("DELETE FROM sources")(folder)
    known = SourceRow("island_post", "Island Post", "https://example.org/", "gb", "en", "UTC")
    with Archive(folder, write=True) as archive:
        assert verify(archive, repair=True, now=LATER, owner=lambda url: known).ok
        assert archive.knows_source("island_post")
        assert [row["id"] for row in archive.db.execute("SELECT id FROM sources")] == [1]


def test_what_is_left_of_a_lost_article_is_its_newest_text(folder: Path) -> None:
    with Archive(folder) as archive:
        before = archive.article(2)
        assert before is not None
    sql("DELETE FROM articles WHERE id = 2")(folder)
    check(folder, repair=True)
    with Archive(folder) as archive:
        after = archive.article(before.url)
        assert after is not None
        assert (after.title, after.text, after.version) == (before.title, before.text, before.version)
        assert len(archive.versions(2)) == 2


def test_while_another_process_writes(folder: Path) -> None:
    code = """
import sys
from archive import Archive
with Archive(sys.argv[1], write=True) as archive:
    with archive.transaction():
        archive.db.execute("UPDATE runs SET feeds = 1")
        print("ready", flush=True)
        sys.stdin.readline()
"""
    with python(code, folder) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        report = check(folder)
        process.stdin.write("\n")
    assert report.ok
    assert len(report.skipped) == 1
    assert "a crawl is writing" in report.skipped[0]


def test_a_database_that_is_damaged_is_told_in_words(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as conn:
        root = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'articles'").fetchone()[0]
    with (folder / "archive.db").open("rb+") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 64)
    for repair in (False, True):
        report = check(folder, repair=repair)
        assert not report.ok
        assert "restore archive.db from a backup" in str([finding.what for finding in report.findings])


# -- the command ---------------------------------------------------------------------------------------------------------


def command(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return warm.run(
        [sys.executable, "-m", "archive", "verify", "--archive", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command(folder: Path) -> None:
    well = command(folder)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.endswith("all well\n")
    sql("DELETE FROM articles_folded WHERE id = 3", "UPDATE pages SET article_id = 99 WHERE id = 2")(folder)
    bad = command(folder, "--json")
    said = json.loads(bad.stdout)
    assert (bad.returncode, said["ok"]) == (2, False)
    assert {finding["check"] for finding in said["findings"]} >= {"folded", "pages.article_id"}
    mended = command(folder, "--repair")
    assert mended.returncode == 0
    assert "mended: 1 × articles whose folded text" in mended.stdout
    assert command(folder, "--quick").returncode == 0


@pytest.mark.parametrize("options", [(), ("--repair",)], ids=["read", "repair"])
def test_no_archive_at_all(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = command(tmp_path / "none", *options)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "none").exists()

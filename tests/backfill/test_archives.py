"""Back in time through archives: what they captured, filed under the time of the capture."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import Archive
from tests.backfill.archives import CommonCrawlServer, Copy, WaybackServer, at
from tests.backfill.conftest import Past
from tests.backfill.serving import Answer, Asked
from tests.backfill.site import Story, story
from tests.crawl.conftest import kill
from tests.soundness import check_database, check_raw_files

HOST = "http://www.news.example"
PLACES = '[[feeds]]\nurl = "http://www.news.example/feed"\n'
MORE = (
    "What the minister said in the morning was not printed again after the vote in the evening, which he lost by two."
)
LATEST = "Five years later the railway was built after all, and the council paid for one half of every mile of it."
Library = WaybackServer | CommonCrawlServer


def pasts(number: int, first: datetime, step: timedelta = timedelta(days=9)) -> list[Story]:
    """Some articles, the oldest first."""
    return [story(7000 + n, first + n * step) for n in range(number)]


def copy_of(one: Story, later: timedelta = timedelta(hours=3), more: str = "") -> Copy:
    """What an archive captured of an article some time after it was published."""
    return Copy(HOST + one.path, one.published + later, one.html(HOST, more))


def use(past: Past, library: Library) -> tuple[str, str]:
    """Write the source and name the server; gives the arguments that choose it."""
    past.source(HOST, PLACES)
    if isinstance(library, WaybackServer):
        past.desk.settings["WAYBACK_URL"] = library.server.url
        return "--via", "wayback"
    past.desk.settings |= {"COMMONCRAWL_INDEX": library.server.url, "COMMONCRAWL_DATA": library.server.url}
    return "--via", "commoncrawl"


def pages_of(library: Library) -> list[str]:
    """The requests for copies."""
    return library.server.paths("/web/" if isinstance(library, WaybackServer) else "/crawl-data/")


SERVERS = pytest.mark.parametrize("make", [WaybackServer, CommonCrawlServer], ids=["wayback", "commoncrawl"])


@SERVERS
def test_copies_are_filed_under_their_own_time(past: Past, make: Callable[..., Library]) -> None:
    """Newest first, each address once however often it was captured, what is no article and other hosts left out; a
    second run goes on, a third finds nothing; a live article stays what it was."""
    told = pasts(6, at("2019-01-05T08:00"))
    copies = [copy_of(one) for one in told]
    copies += [copy_of(told[2], timedelta(days=1, hours=n)) for n in range(4)]  # five of one page
    copies += [
        Copy(HOST + "/", at("2019-02-01T00:00"), b"<html><body>front</body></html>"),
        Copy("http://other.example" + told[0].path, at("2019-02-02T00:00"), told[0].html()),
        Copy(HOST + "/gone", at("2019-02-03T00:00"), b"gone", status=404),
    ]
    library = make(copies, page=4)
    with library.server:
        chosen = use(past, library)
        span = ("--from", "2018-12-01", "--to", "2019-03-31")
        out = past.run(*chosen, *span, "--limit", "2")
        assert "Stopped after 2 pages" in out
        newest = past.articles()
        assert len(newest) == 2 and newest[0]["url"] == HOST + told[-1].path
        assert "nothing more" in past.run(*chosen, *span)
        asked = pages_of(library)
        assert "nothing more" in past.run(*chosen, *span) and pages_of(library) == asked and len(asked) == 6
        found = {row["url"]: row for row in past.articles()}
        assert set(found) == {HOST + one.path for one in told}
        for one in told:
            row = found[HOST + one.path]
            moment = (one.published + timedelta(hours=3)).isoformat()[:19] + "Z"
            assert row["first_seen_at"] == row["last_seen_at"] == moment, (row["url"], moment)
            assert row["discovered_via"] == f"backfill:{chosen[1]}" and row["title"] == one.title
        captures = past.desk.rows("SELECT * FROM captures")
        assert {row["discovered_via"] for row in captures} == {f"backfill:{chosen[1]}"}
        assert {row["fetched_at"] for row in captures} == {row["first_seen_at"] for row in found.values()}
        days = past.desk.rows("SELECT sum(articles) AS a, sum(stored) AS s, sum(backfilled) AS b FROM source_days")
        assert days == [{"a": 0, "s": 0, "b": 6}]
        assert past.desk.rows("SELECT * FROM backfill_candidates") == []
    check_database(past.desk.place)
    check_raw_files(past.desk.place)


@SERVERS
def test_a_live_article_is_not_replaced(past: Past, make: Callable[..., Library]) -> None:
    """Without --versions it is left alone; with it an older copy becomes an earlier version, and the article shows what
    it showed, was first seen when it was, and is not marked."""
    (one,) = pasts(1, at("2019-01-05T08:00"))
    library = make([copy_of(one, timedelta(hours=1)), copy_of(one, timedelta(hours=9), MORE)])
    with library.server:
        chosen = (*use(past, library), "--from", "2019-01-01", "--to", "2019-12-31")
        live = past.desk.folder / "live.warc"
        live.write_bytes(_warc(HOST + one.path, at("2024-06-01T10:00"), one.html(HOST, LATEST)))
        done = past.desk.run("-m", "archive", "import-warc", str(live))
        assert done.returncode == 0, done.stdout + done.stderr
        before = past.articles()
        past.run(*chosen)
        assert past.articles() == before and pages_of(library) == []
        past.run(*chosen, "--versions")
        (after,) = past.articles()
        shown = ("text", "title", "first_seen_at", "last_seen_at", "discovered_via", "version", "content_hash")
        assert {name: after[name] for name in shown} == {name: before[0][name] for name in shown}
        with Archive(past.desk.place) as archive:
            moments = [version.captured_at for version in archive.versions(int(str(after["id"])))]
        assert moments == ["2019-01-05T09:00:00Z", "2019-01-05T17:00:00Z", "2024-06-01T10:00:00Z"]
        past.run(*chosen, "--versions")
        assert len(pages_of(library)) == 2


def _warc(url: str, moment: datetime, body: bytes) -> bytes:
    from archive.exchanges import Exchange
    from archive.warc import exchange_records

    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return exchange_records(Exchange(url, moment, 200, "OK", headers, body), None)[0]


@SERVERS
def test_a_kill_loses_nothing(past: Past, make: Callable[..., Library]) -> None:
    told = pasts(40, at("2019-01-02T08:00"), timedelta(days=2))
    library = make([copy_of(one) for one in told], page=7)
    with library.server:
        chosen = (*use(past, library), "--from", "2019-01-01", "--to", "2019-12-31")
        for after in (6, 20):
            process = past.desk.start(*past.command(*chosen))
            deadline = time.monotonic() + 60
            while len(pages_of(library)) < after and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.01)
            kill(process)
        past.run(*chosen)
        assert {row["url"] for row in past.articles()} == {HOST + one.path for one in told}
        assert len(past.desk.rows("SELECT id FROM articles")) == 40
        twice = len(pages_of(library)) - 40
        assert twice <= 2 * 8, twice  # what was in work, and what was not committed
    check_database(past.desk.place)
    check_raw_files(past.desk.place)


class Once:
    """Gives each of some answers once to requests that begin so, then what is right."""

    def __init__(self, beginning: str, *answers: Answer) -> None:
        self.beginning, self.answers = beginning, list(answers)

    def __call__(self, asked: Asked) -> Answer | None:
        return self.answers.pop(0) if asked.path.startswith(self.beginning) and self.answers else None


@SERVERS
def test_an_archive_that_asks_for_a_rest(past: Past, make: Callable[..., Library]) -> None:
    """A short Retry-After is waited for, a long one ends the way and holds for the next run."""
    told = pasts(3, at("2019-01-05T08:00"))
    index, pages = ("/cdx/", "/web/") if make is WaybackServer else ("/collinfo", "/crawl-data/")
    busy = Once(index, Answer(b"slow down", 429, {"Retry-After": "2"}))
    library = make([copy_of(one) for one in told], trouble=busy)
    with library.server:
        chosen = (*use(past, library), "--from", "2019-01-01", "--to", "2019-01-31")
        past.run(*chosen)
        asked = [one.at for one in library.server.log if one.path.startswith(index)]
        assert asked[1] - asked[0] >= 1.9 and len(past.articles()) == 3
    library = make([copy_of(one) for one in told], trouble=Once(pages, Answer(b"", 503, {"Retry-After": "3600"})))
    with library.server:
        use(past, library)
        past.desk.settings["ARCHIVE_DIR"] = str(past.desk.folder / "second")
        out = past.run(*chosen)
        assert "left alone for now" in out and "goes on from there" in out and past.articles() == []
        before = len(library.server.log)
        assert "left alone for now" in past.run(*chosen) and len(library.server.log) == before


BROKEN_INDEX = Answer(b"<html>an error page with status 200</html>")


@SERVERS
def test_broken_answers(past: Past, make: Callable[..., Library]) -> None:
    """An index that is none, a copy that cannot be had for the moment, and one that is something else."""
    told = pasts(4, at("2019-01-05T08:00"), timedelta(days=2))
    copies = [copy_of(one) for one in told]
    wayback = make is WaybackServer
    library = make(copies, trouble=Once("/cdx/" if wayback else "/CC-MAIN", BROKEN_INDEX))
    if isinstance(library, CommonCrawlServer):
        name, offset, length = library.places[copies[0]]
        library.places[copies[0]] = name, offset + 10, length  # no record begins there
        library.places[copies[1]] = library.places[copies[2]]  # another page's
    else:
        library.copies[0] = Copy(copies[0].url, copies[0].at, copies[0].body, 200)
    with library.server:
        chosen = (*use(past, library), "--from", "2019-01-01", "--to", "2019-01-31")
        out = past.run(*chosen, status=1)
        assert "Trouble:" in out and "goes on from there" in out and past.articles() == []
        library.trouble = Once("/web/" if wayback else "/crawl-data/", Answer(b"oops", 500))
        out = past.run(*chosen)
        assert "pending 1" in out
        past.desk.rows("SELECT 1")
        waiting = past.desk.rows("SELECT url, attempts FROM backfill_candidates")
        assert [row["attempts"] for row in waiting] == [1]
        refused = past.desk.rows("SELECT url, detail FROM pages WHERE outcome = 'not_found'")
        assert len(past.articles()) == (3 if wayback else 4 - 1 - len(refused)) and len(refused) == (
            0 if wayback else 2
        )
    check_database(past.desk.place)
    check_raw_files(past.desk.place)


def test_what_the_wayback_machine_says(past: Past) -> None:
    """The bytes as they were captured, under the time that Memento-Datetime says, and the place of the capture with
    them; a redirect to another capture is not taken for the one that was asked for."""
    first, second, third = pasts(3, at("2019-01-05T08:00"), timedelta(days=2))
    copies = [copy_of(one) for one in (first, second, third)]
    library = WaybackServer(copies)
    library.moved = {copies[0].stamp: copies[0].at - timedelta(minutes=7)}
    moved = Once(
        f"/web/{copies[1].stamp}", Answer(b"", 302, {"Location": f"/web/{copies[0].stamp}id_/{copies[0].url}"})
    )
    library.trouble = moved
    with library.server:
        chosen = (*use(past, library), "--from", "2019-01-01", "--to", "2019-01-31")
        past.run(*chosen)
        stamps = {row["url"]: row["fetched_at"] for row in past.desk.rows("SELECT url, fetched_at FROM captures")}
        assert stamps == {copies[0].url: "2019-01-05T10:53:00Z", copies[2].url: "2019-01-09T11:00:00Z"}
        names = {"id_" in path for path in library.server.paths("/web/")}
        assert names == {True}
        agents = {one.headers["user-agent"] for one in library.server.log}
        assert len(agents) == 1 and "kiosque" in agents.pop().lower()
    records = {}
    for path in (past.desk.place / "raw").rglob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    records[record.rec_headers["WARC-Target-URI"]] = (
                        record.content_stream().read(), record.rec_headers["WARC-Source-URI"],
                        record.http_headers.get_header("Server"), record.http_headers.get_header("Content-Encoding"),
                    )  # fmt: skip
    body, source, server, encoding = records[copies[2].url]
    assert body == copies[2].body and server == "old-server" and encoding is None
    assert source.endswith(f"/web/{copies[2].stamp}id_/{copies[2].url}")


def test_a_common_crawl_that_serves_no_ranges(past: Past) -> None:
    """Collections without their days are chosen by their names; a whole file is not taken for a record."""
    (one,) = pasts(1, at("2019-03-05T08:00"))
    library = CommonCrawlServer(
        [copy_of(one), *(copy_of(story(n, at(f"{n}-01-01T00:00"))) for n in (2013, 2015))], dated=False, ranges=False
    )
    with library.server:
        past.source(HOST, PLACES)
        use(past, library)
        out = past.run("--via", "commoncrawl", "--from", "2019-02-01", "--to", "2019-04-30")
        assert "pending 1" in out and past.articles() == []
        assert not [path for path in library.server.paths("/CC-MAIN") if "2013" in path]  # the one before is asked too


def test_utc() -> None:
    assert at("2019-01-01T00:00").tzinfo is UTC

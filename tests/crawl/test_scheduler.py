"""The service as its operator meets it: --plan, --once, --force, --source, SIGTERM, a second process, a host shared by two."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawl.conftest import Desk
from tests.newsstand import Newsstand
from tests.newsstand.demo import ROOT

STOP_WITHIN = 10  # seconds; what service managers give before they kill
PATIENCE = 120  # seconds; a bound for what never comes, on a machine that is busy with other things


def wait_for(condition: object, what: str) -> None:
    """Wait until a callable says true; bounded."""
    assert callable(condition)
    for _ in range(PATIENCE * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def log_of(desk: Desk) -> str:
    """Everything that the started commands of a desk said."""
    return "".join(path.read_text() for path in sorted(desk.folder.glob("log-*.txt")))


def test_plan_writes_nothing(desk: Desk, stand: Newsstand) -> None:
    done = desk.run("scheduler.py", "--plan")
    assert done.returncode == 0, done.stderr
    for slug in stand.sites:
        assert slug in done.stdout
    assert not (desk.folder / "archive.db").exists()
    assert stand.requests == [] or not list(stand.requests)


def test_plan_of_the_shipped_catalogue_names_every_source(tmp_path: Path) -> None:
    from crawler.catalog import SHIPPED, Catalog

    desk = Desk(tmp_path, {"CATALOG_DIRS": "", "CATALOG_ONLY": "0"})
    done = desk.run("scheduler.py", "--plan")
    assert done.returncode == 0, done.stderr
    sources = [source for source in Catalog.load([SHIPPED]).sources.values() if source.enabled]
    assert f"{len(sources)} sources" in done.stdout
    planned = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("now")}
    assert planned == {source.slug for source in sources}


def test_once_only_what_is_due_and_force_everything(desk: Desk, stand: Newsstand) -> None:
    assert desk.once("--source", "language:fr,sada-almina").returncode == 0
    assert {request.site for request in stand.requests} == {"quotidien-est", "sada-almina"}
    asked = len(stand.requests)
    done = desk.once("--source", "language:fr,sada-almina")
    assert done.returncode == 0
    assert len(stand.requests) == asked, "nothing was due"
    assert desk.once("--source", "sada-almina", "--force").returncode == 0
    later = list(stand.requests)[asked:]
    assert {request.site for request in later} == {"sada-almina"}
    assert {request.status for request in later} == {304}, (
        "an unchanged feed is asked conditionally, articles not at all"
    )


def test_plan_shows_the_next_look_and_what_it_is_expected_to_find(desk: Desk, stand: Newsstand) -> None:
    assert desk.once("--source", "tidewater-post").returncode == 0
    done = desk.run("scheduler.py", "--plan", "--source", "tidewater-post,sada-almina")
    assert done.returncode == 0, done.stderr
    rows = {
        slug: line for line in done.stdout.splitlines() for slug in ("tidewater-post", "sada-almina") if slug in line
    }
    looked, unknown = rows["tidewater-post"], rows["sada-almina"]
    assert not looked.startswith("now")
    assert float(looked.split()[-1]) >= 0, "the items that are expected come last"
    assert unknown.startswith("now")
    assert unknown.split()[-1] == "look", "nothing is expected of what was never seen"


def test_unknown_source_is_a_clear_error(desk: Desk) -> None:
    done = desk.once("--source", "no-such-paper")
    assert done.returncode != 0
    assert "no-such-paper" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_source_gives_status_1_and_the_others_are_crawled(desk: Desk, stand: Newsstand) -> None:
    broken = desk.folder / "sources" / "zz" / "broken-paper.toml"
    broken.parent.mkdir()
    broken.write_text(
        'name = "Broken"\nhome = "http://127.0.0.1:9/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n'
        '[[feeds]]\nurl = "http://127.0.0.1:9/rss.xml"\n'
    )
    (broken.parent / "unreadable.toml").write_text('name = "no home"\nlanguage = 3\n')
    done = desk.once("--source", "broken-paper,tidewater-post")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "unreadable.toml" in done.stderr
    (stored,) = desk.rows(
        "SELECT count(*) AS n FROM articles a JOIN sources s ON s.id = a.source_id WHERE slug = 'tidewater-post'"
    )
    assert stored["n"] == 3
    (feed,) = desk.rows("SELECT f.* FROM feeds f JOIN sources s ON s.id = f.source_id WHERE slug = 'broken-paper'")
    assert (feed["status"], feed["failures"]) == ("failing", 1)
    assert str(feed["next_check_at"]) > str(feed["last_checked_at"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_while_pages_are_in_flight(tmp_path: Path, empty_desk: Desk, number: signal.Signals) -> None:
    with Newsstand(bulk=200, only=("bulk",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        stand.latency = 0.2
        process = empty_desk.start("scheduler.py")
        wait_for(lambda: len(stand.requests) > 10, "requests")
        process.send_signal(number)
        status = process.wait(timeout=STOP_WITHIN)
        asked = len(stand.requests)
        assert status == 0, log_of(empty_desk)
        time.sleep(0.5)
        assert len(stand.requests) == asked, "it went on after it had stopped"
    rows = empty_desk.rows("SELECT state, count(*) AS n FROM pages GROUP BY state")
    assert {row["state"] for row in rows} == {"done", "pending"}
    (orphans,) = empty_desk.rows(
        "SELECT count(*) AS n FROM pages WHERE state = 'pending' AND (attempts > 0 OR next_attempt_at IS NULL)"
    )
    assert orphans["n"] == 0, "what was put back counts as not tried"


def test_runs_on_and_comes_back_when_a_source_is_due(desk: Desk, stand: Newsstand) -> None:
    source = next((desk.folder / "sources").rglob("tidewater-post.toml"))
    source.write_text(source.read_text() + '\n[schedule]\nevery = "1s"\n')
    process = desk.start("scheduler.py", "--source", "tidewater-post")

    def polled() -> bool:
        return sum(r.status == 304 for r in stand.requests) >= 2

    wait_for(polled, "the second and third look at the feed")
    process.terminate()
    assert process.wait(timeout=STOP_WITHIN) == 0
    paths = [request.path for request in stand.requests if "rss" not in request.path and "feed" not in request.path]
    assert len(paths) == len(set(paths)), "articles are not fetched again with the feed"


def test_a_second_process_is_told_who_writes(desk: Desk, stand: Newsstand) -> None:
    desk.settings["LOCK_WAIT"] = "1"
    stand.latency = 0.5
    process = desk.start("scheduler.py", "--source", "quotidien-est")
    wait_for(lambda: len(stand.requests) > 0, "the first request")
    done = desk.run("-m", "scrapy", "crawl", "sada-almina")
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"process {process.pid}" in done.stderr
    assert "sada-almina" not in {request.site for request in stand.requests}
    process.terminate()
    assert process.wait(timeout=STOP_WITHIN) == 0


def test_two_sources_on_one_host_never_run_at_once(tmp_path: Path, empty_desk: Desk) -> None:
    with Newsstand(only=("quotidien-est",)) as stand:
        (path,) = stand.write_catalog(tmp_path / "sources")
        path.with_name("another-edition.toml").write_text(path.read_text())
        stand.latency = 0.1
        done = empty_desk.once()
        assert done.returncode == 0, done.stdout + done.stderr
        times = sorted(request.at for request in stand.requests)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 0.09, "a request began before the one before it was answered"
    runs = empty_desk.rows("SELECT started_at, finished_at FROM runs ORDER BY id")
    assert len(runs) == 2
    assert str(runs[0]["finished_at"]) <= str(runs[1]["started_at"])


def test_scrapy_crawl_by_hand_prints_what_it_found(desk: Desk, stand: Newsstand) -> None:
    listed = desk.run("-m", "scrapy", "list")
    assert set(stand.sites) <= set(listed.stdout.split())
    done = desk.run("-m", "scrapy", "crawl", "severny-bereg", "-s", "LOG_LEVEL=ERROR")
    assert done.returncode == 0, done.stderr
    said = dict(
        line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.strip() and line.split()[-1].isdecimal()
    )
    found = {key.strip(): int(value) for key, value in said.items()}
    assert (found["discovered"], found["stored"], found["failed"]) == (7, 6, 1)
    assert "http_error 1" in done.stdout
    again = desk.run("-m", "scrapy", "crawl", "severny-bereg", "-s", "LOG_LEVEL=ERROR")
    assert again.returncode == 0
    assert [request.status for request in list(stand.requests)[-1:]] == [304]


def test_scrapy_crawl_of_an_unknown_source(desk: Desk) -> None:
    done = desk.run("-m", "scrapy", "crawl", "no-such-paper")
    assert done.returncode == 2
    assert "no-such-paper" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_loopback_is_refused_without_net_allow(desk: Desk, stand: Newsstand) -> None:
    desk.settings["NET_ALLOW"] = ""
    done = desk.once("--source", "tidewater-post")
    assert done.returncode == 1
    assert list(stand.requests) == []
    (feed,) = desk.rows(
        "SELECT status, detail FROM feeds f JOIN sources s ON s.id = f.source_id WHERE slug = 'tidewater-post'"
    )
    assert feed["status"] == "failing"
    assert "127.0.0.1" in str(feed["detail"])


def test_search_and_show_on_the_command_line(desk: Desk, stand: Newsstand) -> None:
    assert desk.once("--source", "sada-almina,jianghe-chenbao,quotidien-est").returncode == 0
    for query, source in (("السلام", "sada-almina"), ("铁路", "jianghe-chenbao"), ("frontiere", "quotidien-est")):
        done = desk.run("-m", "archive", "search", query, "--json")
        assert done.returncode == 0, done.stderr
        hits = [json.loads(line) for line in done.stdout.splitlines()]
        assert source in {hit["source"] for hit in hits}
        assert set(hits[0]) >= {"id", "url", "title", "source", "language", "published_at", "snippet", "score"}
        shown = desk.run("-m", "archive", "show", str(hits[0]["id"]))
        assert shown.returncode == 0
        assert hits[0]["title"] in shown.stdout
    assert desk.run("-m", "archive", "search", "xyzzyx").returncode == 1
    assert desk.run("-m", "archive", "show", "999999").returncode == 1
    assert desk.run("-m", "archive", "search", "word", "--archive", str(desk.folder / "none")).returncode == 2


def test_starts_from_any_folder(desk: Desk, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scheduler.py"), "--plan"],
        cwd=tmp_path,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRAWLS_AT_ONCE", "0"),
        ("POLLS_PER_DAY", "-1"),
        ("DOWNLOAD_DELAY", "-1"),
        ("MAX_AGE_DAYS", "abc"),
        ("LOG_LEVEL", "LOUD"),
        ("REVISIT_AFTER", "soon"),
        ("NET_ALLOW", "127.0.0.1/99"),
        ("CATALOG_DIRS", "/no/such/folder"),
        ("SOURCES", "no-such-paper"),
        ("CONTACT", "a (b) c"),
    ],
)
def test_a_wrong_setting_is_named(desk: Desk, name: str, value: str) -> None:
    desk.settings[name] = value
    done = desk.once()
    assert done.returncode == 2, done.stdout + done.stderr
    assert name in done.stderr or value in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_scrapy_crawl_stops_in_time_while_a_server_is_slow(
    desk: Desk, stand: Newsstand, number: signal.Signals
) -> None:
    stand.latency = 30
    process = desk.start("-m", "scrapy", "crawl", "tidewater-post")
    wait_for(lambda: "Spider opened" in log_of(desk), "the spider")
    time.sleep(0.5)
    process.send_signal(number)
    assert process.wait(timeout=STOP_WITHIN) == 0, log_of(desk)
    assert "shutdown" in log_of(desk)
    stand.latency = 0
    assert desk.once("--source", "tidewater-post").returncode == 0, "the archive is free and whole"


def test_an_article_is_shown_by_the_url_that_a_reader_pastes(desk: Desk, stand: Newsstand) -> None:
    assert desk.once("--source", "tidewater-post").returncode == 0
    article = stand.sites["tidewater-post"].articles[0]
    shown = desk.run("-m", "archive", "show", f"{article.url}?utm_source=newsletter#comments")
    assert article.title in shown.stdout, shown.stderr
    assert desk.run("-m", "archive", "search", article.title.split()[0], "--language", "EN-us").returncode == 0
    unknown = desk.run("-m", "archive", "search", "harbour", "--source", "no-such-paper")
    assert unknown.returncode == 2
    assert "no-such-paper" in unknown.stderr

"""The service as it tells of itself: incidents, watches and the digest by webhook, metrics as Prometheus reads them."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from archive import Archive
from archive.records import utc_text
from archive.rows import Outcome
from tests.crawl.conftest import Desk, kill
from tests.crawl.test_scheduler import wait_for
from tests.newsstand import Newsstand
from tests.unit.crawler.hooks import Hook, hooking


@pytest.fixture
def hook(desk: Desk) -> Iterator[Hook]:
    """A webhook that the desk's commands tell."""
    with hooking() as hook:
        desk.settings["NOTIFY"] = hook.url
        yield hook


def change(desk: Desk, sql: str, *values: object) -> None:
    """Write to the archive while nobody else does."""
    with Archive(desk.place, write=True) as archive, archive.transaction():
        archive.db.execute(sql, list(values))


def break_feed(desk: Desk) -> None:
    """Let a source look as if it had not answered for days."""
    change(
        desk,
        """UPDATE feeds SET status = 'failing', failures = 9, detail = '503', next_check_at = '2099-01-01T00:00:00Z'
           WHERE source_id = (SELECT id FROM sources WHERE slug = 'tidewater-post')""",
    )


def test_an_incident_is_told_at_its_start_and_end_and_never_again(desk: Desk, stand: Newsstand, hook: Hook) -> None:
    only = ("--source", "tidewater-post")
    assert desk.once(*only).returncode == 0
    break_feed(desk)
    for _ in range(2):
        desk.once(*only)
    ((subject, body),) = hook.got
    assert subject == "Kiosque: Tidewater Post: Does not answer"
    assert "503" in body
    change(desk, "UPDATE feeds SET status = 'active', failures = 0")
    desk.once(*only)
    assert len(hook.got) == 1, "it may come back"
    change(desk, "UPDATE incidents SET absent_since = ?", utc_text(datetime.now(UTC) - timedelta(hours=3)))
    for _ in range(2):
        desk.once(*only)
    assert [told for told, _ in hook.got] == [subject, "Kiosque: over: Tidewater Post: Does not answer"]


def test_killed_while_it_tells_it_does_not_tell_again(desk: Desk, stand: Newsstand, hook: Hook) -> None:
    only = ("--source", "tidewater-post")
    assert desk.once(*only).returncode == 0
    break_feed(desk)
    hook.delay = 3
    process = desk.start("scheduler.py", "--once", *only)
    wait_for(lambda: hook.asked, "the webhook being asked")
    kill(process)
    assert hook.asked == 1
    hook.delay = 0
    done = desk.once(*only)
    assert hook.asked == 1, "at most once"
    assert "may not have arrived" in done.stderr


def test_a_webhook_that_is_down_keeps_nothing_from_being_crawled(desk: Desk, stand: Newsstand, hook: Hook) -> None:
    only = ("--source", "tidewater-post")
    assert desk.once(*only).returncode == 0
    break_feed(desk)
    hook.status = 500
    done = desk.once("--source", "tidewater-post,sada-almina")
    assert "it is tried again" in done.stderr
    assert "sesame" not in done.stderr + done.stdout
    assert desk.rows("SELECT 1 FROM articles a JOIN sources s ON s.id = a.source_id WHERE slug = 'sada-almina'")
    hook.status = 200
    change(desk, "UPDATE deliveries SET next_try_at = '2026-01-01T00:00:00Z'")
    desk.once(*only)
    assert len(hook.got) == 1


def test_a_watch_tells_what_a_crawl_brought(desk: Desk, stand: Newsstand, hook: Hook) -> None:
    desk.settings |= {"BASE_URL": "https://news.example.org/", "WATCH_INTERVAL": "60"}
    assert desk.once("--source", "tidewater-post").returncode == 0
    assert desk.run("-m", "archive", "watch", "add", "north", "lang:ar").returncode == 0
    assert desk.once("--source", "sada-almina").returncode == 0
    ((subject, body),) = hook.got
    stored = desk.rows("SELECT a.id, a.title FROM articles a WHERE language = 'ar'")
    assert subject == f"Kiosque: north: {len(stored)} new matches"
    for one in stored:
        assert str(one["title"])[:100] in body
        assert f"https://news.example.org/article/{one['id']}" in body
    change(desk, "UPDATE watches SET looked_at = '2026-01-01T00:00:00Z'")
    desk.once("--source", "sada-almina", "--force")
    assert len(hook.got) == 1


def test_a_digest_comes_once_a_day(desk: Desk, stand: Newsstand, hook: Hook) -> None:
    desk.settings["DIGEST_AT"] = f"{datetime.now(UTC) - timedelta(minutes=5):%H:%M}"
    for _ in range(2):
        assert desk.once("--source", "tidewater-post").returncode == 0
    digests = [(subject, body) for subject, body in hook.got if subject.startswith("Kiosque 2")]
    assert len(digests) == 1
    assert "Sources that answered: 1 of" in digests[0][1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY", "nosuch://a"),
        ("DIGEST_AT", "25:00"),
        ("WATCH_INTERVAL", "5"),
        ("METRICS_PORT", "x"),
        ("METRICS_PORT", "99999"),
        ("BASE_URL", "news.example.org"),
    ],
)
def test_a_wrong_setting_is_named(desk: Desk, name: str, value: str) -> None:
    desk.settings[name] = value
    done = desk.once()
    assert done.returncode == 2, done.stdout + done.stderr
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_test_message(desk: Desk, hook: Hook) -> None:
    done = desk.run("-m", "archive", "notify", "--test")
    assert done.returncode == 0, done.stderr
    assert [subject for subject, _ in hook.got] == ["Kiosque: a test"]
    assert "sesame" not in done.stdout + done.stderr
    hook.status = 403
    assert desk.run("-m", "archive", "notify", "--test").returncode == 1
    desk.settings["NOTIFY"] = ""
    assert desk.run("-m", "archive", "notify", "--test").returncode == 1


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def scrape(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    """Samples by name and the values of their labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        text = answer.read().decode()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_metrics_of_a_running_service(desk: Desk, stand: Newsstand) -> None:
    port = free_port()
    desk.settings["METRICS_PORT"] = str(port)
    process = desk.start("scheduler.py", "--source", "tidewater-post,severny-bereg")
    found: dict[str, dict[tuple[str, ...], float]] = {}

    def crawled() -> bool:
        nonlocal found
        try:
            found = scrape(port)
        except (urllib.error.URLError, ConnectionError):
            return False
        return sum(found.get("kiosque_crawls_total", {}).values()) >= 2

    wait_for(crawled, "two crawls")
    process.terminate()
    assert process.wait(timeout=20) == 0
    pages = found["kiosque_pages_total"]
    assert {outcome for (outcome,) in pages} == {outcome.value for outcome in Outcome}
    assert (pages["stored",], pages["http_error",]) == (9, 1)
    assert found["kiosque_articles_stored_total"][()] == 9
    assert found["kiosque_feeds_polled_total"]["ok",] >= 2
    assert found["kiosque_crawl_duration_seconds_count"][()] == 2
    assert found["kiosque_archive_readable"][()] == 1
    assert found["kiosque_queue_due"][()] == 0
    assert {slug for (slug,) in found["kiosque_source_last_success_timestamp_seconds"]} >= {
        "tidewater-post",
        "severny-bereg",
    }
    assert set(found["kiosque_incidents_open"]) == {("bad",), ("warn",)}
    for name in ("kiosque_disk_free_bytes", "kiosque_database_bytes"):
        assert found[name][()] > 0
    assert {
        "kiosque_wal_bytes",
        "kiosque_writer_queue",
        "kiosque_feeds_delay_seconds",
        "kiosque_queue_oldest_seconds",
    } <= set(found)
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        scrape(port)


def test_a_port_that_is_taken_is_named(desk: Desk, stand: Newsstand) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        desk.settings["METRICS_PORT"] = str(taken.getsockname()[1])
        process = desk.start("scheduler.py", "--source", "tidewater-post")
        assert process.wait(timeout=60) == 2
    log = "".join(path.read_text() for path in desk.folder.glob("log-*.txt"))
    assert "METRICS_PORT" in log
    assert "Traceback" not in log

"""Pagers that break, lie, circle or never end, and crawls that are ended between two pages of an article."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.crawl.conftest import Desk

TOWNS = ["Alden", "Brock", "Carve", "Dunmore", "Elster", "Farrow", "Gale", "Hollin"]
SETTINGS = ("-s", "RETRY_AFTER_FAILURE=1s,1s,1s", "-s", "PARTS_MAX=4")
ROBOTS = b"User-agent: *\nDisallow: /secret/2\n"


def text(slug: str, number: int, line: int) -> str:
    return (
        f"{TOWNS[line]} heard on page {number} about the {slug} and said that it would rather have heard of it sooner."
    )


def page(slug: str, number: int, links: tuple[str, ...], *, of: int | None = None) -> bytes:
    """A page of an article: a headline, paragraphs of this page's own, and a pager. `of`: repeats that page instead."""
    body = "".join(f"<p>{text(slug, of or number, line)}</p>" for line in range(6))
    pager = "".join(f'<li><a href="{link}">{at}</a></li>' for at, link in enumerate(links))
    title = f"The long story of the {slug}"
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article>"
        f"<ul>{pager}</ul></body></html>"
    ).encode()


def whole(slug: str, pages: int, first: int = 1) -> str:
    return "\n".join(text(slug, number, line) for number in range(first, pages + 1) for line in range(6))


class Press:
    """A site whose answers a test changes; what it does not know answers 404. A callable answers when it returns."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int | str | Callable[[], bytes]] = {"/robots.txt": ROBOTS}
        self.offered: list[str] = []
        self.asked: list[str] = []
        self.base = ""

    def article(self, slug: str, pages: int, *, offered: str = "") -> None:
        """Put an article over several pages on the site and in the feed."""
        names = tuple(f"/{slug}" + (f"/{number}" if number > 1 else "") for number in range(1, pages + 1))
        for number, name in enumerate(names, 1):
            self.answers[name] = page(slug, number, names)
        self.offered.append(offered or names[0])


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    press = Press()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            press.asked.append(self.path)
            answer = press.answers.get(self.path, 404)
            if self.path == "/feed.xml":
                items = "".join(f"<item><link>{press.base}{path}</link></item>" for path in press.offered)
                answer = f'<rss version="2.0"><channel><title>f</title>{items}</channel></rss>'.encode()
            if callable(answer):
                answer = answer()
            body = answer if isinstance(answer, bytes) else b""
            etag = f'"{hash(body)}"'
            if body and self.headers["If-None-Match"] == etag:
                answer, body = 304, b""
            self.send_response(answer if isinstance(answer, int) else 301 if isinstance(answer, str) else 200)
            if isinstance(answer, str):
                self.send_header("Location", answer)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed.xml" else "text/html")
            self.send_header("Content-Length", str(len(body)))
            if body:
                self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    press.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "press.toml").write_text(
        f'name = "Press"\nhome = "{press.base}/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n'
        f'[[feeds]]\nurl = "{press.base}/feed.xml"\n[limits]\ndelay = 0\n'
    )
    yield press
    server.shutdown()
    server.server_close()


def crawl(desk: Desk) -> str:
    done = desk.run("-m", "scrapy", "crawl", "press", *SETTINGS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def pages(desk: Desk, press: Press) -> dict[str, tuple[str, str]]:
    rows = desk.rows("SELECT url, coalesce(outcome, 'pending') AS outcome, detail FROM pages")
    return {str(row["url"])[len(press.base) :]: (str(row["outcome"]), str(row["detail"])) for row in rows}


def texts(desk: Desk, press: Press) -> dict[str, str]:
    with desk.archive() as archive:
        return {article.url[len(press.base) :]: article.text for article in archive.articles()}


def test_pagers_that_fail_lie_or_never_end(press: Press, empty_desk: Desk) -> None:
    desk = empty_desk
    for slug in ("gone", "busy", "secret", "shy", "ring", "echo", "away"):
        press.article(slug, 3)
    gone = press.answers.pop("/gone/2")
    busy = press.answers["/busy/2"]
    press.answers["/busy/2"] = 500  # 503 would have the host left alone for a minute
    press.answers["/shy/2"] = b"<html><body><h1>Pictures</h1><p>One.</p></body></html>"
    press.answers["/ring/3"] = page("ring", 3, ("/ring", "/ring/2", "/ring/3"))
    press.answers["/echo/2"] = page("echo", 2, ("/echo", "/echo/2", "/echo/3"), of=1)
    press.answers["/away/2"] = "/away"
    for number in range(1, 12):
        name = f"/endless/{number}" if number > 1 else "/endless"
        press.answers[name] = page("endless", number, (f"/endless/{number + 1}",))
    press.offered.append("/endless")
    crawl(desk)

    found, detail = texts(desk, press), {path: said for path, (_, said) in pages(desk, press).items()}
    assert {outcome for outcome, _ in pages(desk, press).values()} == {"stored"}
    assert found["/gone"] == whole("gone", 1)
    assert detail["/gone"] == f"page 2 is missing: HTTP 404 ({press.base}/gone/2)"
    assert "HTTP 500" in detail["/busy"]
    assert "robots.txt" in detail["/secret"]
    assert "/secret/2" not in press.asked
    assert "not an article" in detail["/shy"]
    assert (found["/ring"], detail["/ring"]) == (whole("ring", 3), "")
    assert (found["/echo"], detail["/echo"]) == (whole("echo", 1), ""), "a pager of comments under the same text"
    assert (found["/away"], detail["/away"]) == (whole("away", 1), "")
    assert found["/endless"] == whole("endless", 4)
    assert detail["/endless"] == "more than 4 pages: the rest is left out"
    assert "/endless/5" not in press.asked

    press.answers |= {"/gone/2": gone, "/busy/2": busy}
    time.sleep(1)
    crawl(desk)
    found = texts(desk, press)
    assert (found["/gone"], found["/busy"]) == (whole("gone", 3), whole("busy", 3)), "tried again, unconditionally"
    assert pages(desk, press)["/gone"] == ("updated", "version 2")
    assert len(found) == len(press.offered)


def test_a_page_that_fails_for_the_moment_does_not_shorten_a_stored_article(press: Press, empty_desk: Desk) -> None:
    desk = empty_desk
    desk.settings["REVISIT_AFTER"] = "1s,2s,4s,8s,16s,1h"
    press.article("harbour", 3)
    crawl(desk)
    assert texts(desk, press) == {"/harbour": whole("harbour", 3)}
    second = press.answers["/harbour/2"]
    press.answers["/harbour"] = page("harbour", 7, ("/harbour", "/harbour/2", "/harbour/3"))
    press.answers["/harbour/2"] = 500
    crawl(desk)
    assert texts(desk, press) == {"/harbour": whole("harbour", 3)}
    assert pages(desk, press)["/harbour"][1].startswith("page 2 is missing: ")
    press.answers["/harbour/2"] = second
    time.sleep(1)
    crawl(desk)
    assert texts(desk, press)["/harbour"].startswith(text("harbour", 7, 0))
    assert pages(desk, press)["/harbour"] == ("updated", "version 2")


def test_only_a_further_page_is_offered(press: Press, empty_desk: Desk) -> None:
    """The article is stored under its first page, which nobody offered; one whose first page is gone, by itself."""
    desk = empty_desk
    press.article("back", 3, offered="/back/2")
    press.article("orphan", 3, offered="/orphan/2")
    del press.answers["/orphan"]
    crawl(desk)
    assert texts(desk, press) == {"/back": whole("back", 3)}
    assert pages(desk, press)["/back/2"] == ("duplicate", f"a further page of {press.base}/back")
    assert pages(desk, press)["/orphan/2"][0] == "pending"
    (run,) = desk.rows("SELECT discovered, stored FROM runs")
    assert (run["discovered"], run["stored"]) == (4, 1)

    press.offered.append("/back/3")
    time.sleep(1)
    crawl(desk)
    found = texts(desk, press)
    assert set(found) == {"/back", "/orphan/2"}
    assert found["/orphan/2"] == whole("orphan", 2, first=2)
    assert pages(desk, press)["/back/3"] == ("duplicate", f"page 3 of {press.base}/back")
    assert press.asked.count("/back") == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_nothing_is_half_stored(press: Press, empty_desk: Desk, how: signal.Signals) -> None:
    desk, reached, go_on = empty_desk, threading.Event(), threading.Event()
    press.article("ferry", 4)
    third = press.answers["/ferry/3"]
    assert isinstance(third, bytes)

    def slow() -> bytes:
        reached.set()
        go_on.wait(30)
        return third

    press.answers["/ferry/3"] = slow
    process = desk.start("scheduler.py", "--once")
    assert reached.wait(60)
    os.kill(process.pid, how)
    if how is signal.SIGKILL:
        process.wait(timeout=30)
    else:
        time.sleep(1)
    go_on.set()
    process.wait(timeout=60)
    assert texts(desk, press) == {}
    assert pages(desk, press) == {"/ferry": ("pending", "")}
    assert "/ferry/4" not in press.asked

    press.answers["/ferry/3"] = third
    crawl(desk)
    assert texts(desk, press) == {"/ferry": whole("ferry", 4)}
    assert len(desk.rows("SELECT * FROM captures WHERE page_id IS NOT NULL")) == 4

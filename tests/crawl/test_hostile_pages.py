"""Pages that make the extractor hang, swell or fall over: each costs that page only, and its outcome says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.crawl.conftest import Desk

STORY = "".join(
    f"<p>Paragraph {number} of the story says at some length what happened on the quay that morning, and why.</p>"
    for number in range(8)
)
LINK = '<a href="/x">one more link of very many</a> '


def page(title: str, body: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>".encode()


PAGES = {
    "/good-first": page("The good first story of the day", STORY),
    "/many-links": page("A story beside very many links", STORY + LINK * 150_000),
    "/deep": page("A story that stands very deep", "<div>" * 5000 + STORY + "</div>" * 5000),
    "/swells": page("A story that swells", STORY + "<p>" + "w" * 8_000_000 + "</p>"),
    "/good-last": page("The good last story of the day", STORY.replace("quay", "market square")),
}


@pytest.fixture
def site() -> Iterator[str]:
    """A server of hostile pages between good ones."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PAGES.get(self.path)
            if self.path == "/feed.xml":
                items = "".join(f"<item><title>{path[1:]}</title><link>{base}{path}</link></item>" for path in PAGES)
                body = f'<rss version="2.0"><channel><title>f</title>{items}</channel></rss>'.encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed.xml" else "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield base
    server.shutdown()
    server.server_close()


def test_a_hostile_page_costs_that_page_only(tmp_path: Path, empty_desk: Desk, site: str) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "hostile.toml").write_text(
        f'name = "Hostile"\nhome = "{site}/"\ncountry = "gb"\nlanguage = "en"\ntimezone = "UTC"\n'
        f'[[feeds]]\nurl = "{site}/feed.xml"\n[limits]\ndelay = 0\n'
    )
    limits = ("-s", "EXTRACT_TIMEOUT=4", "-s", f"EXTRACT_MEMORY={200 * 1024**2}", "-s", "EXTRACT_WORKERS=1")
    done = empty_desk.run("-m", "scrapy", "crawl", "hostile", *limits)
    pages = {str(row["url"])[len(site) :]: row for row in empty_desk.rows("SELECT * FROM pages")}
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert set(pages) == set(PAGES)
    assert {row["state"] for row in pages.values()} == {"done"}, said
    for path in ("/good-first", "/good-last"):
        assert pages[path]["outcome"] == "stored", said
    failed = {path for path, row in pages.items() if row["outcome"] == "extraction_failed"}
    assert "/swells" in failed, [(path, row["outcome"]) for path, row in pages.items()]
    assert failed <= {"/swells", "/many-links", "/deep"}
    for path in failed:
        assert any(word in str(pages[path]["detail"]) for word in ("longer than", "died", "memory", "characters")), pages[path]
    kept = empty_desk.rows("SELECT count(*) AS n FROM captures WHERE page_id IS NOT NULL AND http_status = 200")
    assert kept[0]["n"] == len(PAGES), "what could not be extracted is kept raw"

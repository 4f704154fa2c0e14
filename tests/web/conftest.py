"""A real Datasette over a small archive, in a process of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from archive.folding import fold_columns

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "archive" / "migrations"

SOURCES = (
    ("harbour", "Harbour Courier", "gb", "en"),
    ("quotidien", "Le Quotidien du port", "fr", "fr"),
    ("sada", "صدى الميناء", "lb", "ar"),
    ("chenbao", "港湾晨报", "cn", "zh"),
)

SCRIPT = "<script>window.owned = 1</script>"

# source, url, title, text, section, time of publication
ARTICLES = (
    (1, "https://harbour.example/ferry", "Council votes to reopen the ferry line",
     "Nine voted for it on Tuesday.", "International", "2024-05-02T08:10:00Z"),
    (2, "https://quotidien.example/route", "L’armée déblaie la route côtière",
     "Deux cents soldats ont été dépêchés dans la nuit.", "Monde", "2024-05-02T06:00:00Z"),
    (3, "https://sada.example/khutta", "الحُكُومَة تعلن خطة جديدة",
     "قالت الحُكُومَة إن أعمال البناء ستبدأ.\nوأضاف البيان شيئا آخر.", "العالم", "2024-05-01T17:30:00Z"),
    (4, "https://chenbao.example/daxue", "北京大学与港口城市签署协议",
     "五月一日，合作协议签署，为期五年。", "国际", "2024-05-01"),
    (1, "javascript:window.owned=2", f"{SCRIPT} in a title & \"quotes\"",
     '<img src="https://elsewhere.example/x.png" onerror="window.owned=3">', SCRIPT, None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it is and what it serves."""

    url: str
    database: Path
    process: subprocess.Popen[str]


def make_archive(folder: Path) -> sqlite3.Connection:
    """Make a small archive; the connection is left open, as a crawler at work would."""
    conn = sqlite3.connect(folder / "archive.db")
    conn.execute("PRAGMA journal_mode = WAL")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        conn.executescript(path.read_text("utf-8"))
    for slug, name, country, language in SOURCES:
        conn.execute(
            "INSERT INTO sources (slug, name, home, country, language, added_at) VALUES (?, ?, ?, ?, ?, '')",
            (slug, name, f"https://{slug}.example/", country, language),
        )
    for article in ARTICLES:
        add_article(conn, *article)
    return conn


def add_article(
    conn: sqlite3.Connection, source: int, url: str, title: str, text: str, section: str, published_at: str | None
) -> int:
    number = int(conn.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0])
    conn.execute("INSERT INTO articles_folded VALUES (?, ?, ?)", (number, *fold_columns(title, text)))
    conn.execute(
        """INSERT INTO articles (id, url, source_id, title, text, language, section, published_at, first_seen_at,
               canonical_url, last_seen_at, content_hash, text_hash)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2024-04-30T00:00:00Z', ?, '', '', '')""",
        (number, url, source, title, text, SOURCES[source - 1][3], section, published_at, url),
    )
    conn.execute("INSERT INTO article_urls VALUES (?, ?, 'requested')", (url, number))
    conn.commit()
    return number


def start_server(folder: Path) -> subprocess.Popen[str]:
    code = "import sys; from pathlib import Path; from archive.web.serve import serve; serve(Path(sys.argv[1]), port=0)"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith("Kiosque is at "):
            return line.split()[-1]
    raise AssertionError(f"the server did not start: {''.join(seen)}")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("archive")
    writer = make_archive(folder)
    process = start_server(folder)
    try:
        address = read_address(process)
        # A pipe that nobody reads would fill up and stop the server.
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        yield Served(address, folder / "archive.db", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        writer.close()


@pytest.fixture(scope="module")  # while it is open its event loop runs here, and others run loops of their own
def browser() -> Iterator[Browser]:
    # the first has no window to draw, which takes less than half of the time
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.fail("These tests need Chromium: `make test` installs it, or `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page that fails the test when a script of a text ran or a request went elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, base_url=served.url)
    page = context.new_page()
    strays: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(served.url):
            strays.append(request.url)

    page.on("request", note)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    owned = page.evaluate("window.owned")
    context.close()
    assert owned is None, "text of an article was run as a script"
    assert strays == []
    assert problems == []

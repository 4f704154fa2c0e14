"""SIGKILL in the middle of a crawl: nothing lost, nothing twice, only what was in flight fetched again."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from pathlib import Path

from crawler.settings import IN_HAND
from tests.crawl.conftest import Desk, kill
from tests.newsstand import Newsstand
from tests.soundness import check_database, check_raw_files

PAGES = 300
KILLS = 3


def test_three_kills_lose_nothing(tmp_path: Path, empty_desk: Desk) -> None:
    with Newsstand(bulk=PAGES, only=("bulk",)) as stand:
        stand.write_catalog(tmp_path / "sources")
        desk = empty_desk
        desk.cold = True
        for number in range(KILLS):
            process = desk.start("scheduler.py", "--once")
            wait_for_articles(tmp_path, (number + 1) * PAGES // (KILLS + 2))
            assert process.poll() is None, "the crawl was over before it could be killed"
            kill(process)
        done = desk.once()
        assert done.returncode == 0, done.stdout + done.stderr

        (count,) = desk.rows("SELECT count(*) AS n, count(DISTINCT url) AS urls FROM articles")
        assert (count["n"], count["urls"]) == (PAGES, PAGES)
        assert desk.rows("SELECT url, outcome FROM pages WHERE state != 'done' OR outcome != 'stored'") == []
        asked = Counter(r.path for r in stand.requests if r.path != "/robots.txt" and not is_listing(r.path))
        assert len(asked) == PAGES
        assert max(asked.values()) <= 1 + KILLS
        assert sum(asked.values()) - PAGES <= KILLS * IN_HAND
    check_database(tmp_path)
    check_raw_files(tmp_path)


def is_listing(path: str) -> bool:
    """Tell a feed or sitemap of the bulk site from its articles."""
    return "feed" in path or "sitemap" in path or path.endswith((".xml", ".rss"))


def wait_for_articles(folder: Path, wanted: int) -> None:
    """Wait until the archive holds that many articles; bounded."""
    for _ in range(1200):
        time.sleep(0.05)
        if not (folder / "archive.db").exists():
            continue
        conn = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
        try:
            if conn.execute("SELECT count(*) FROM articles").fetchone()[0] >= wanted:
                return
        except sqlite3.OperationalError:
            continue  # the tables are being made
        finally:
            conn.close()
    raise AssertionError(f"the archive never held {wanted} articles")

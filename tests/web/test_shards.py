"""Shards that are served as one archive: a search finds what the whole archive finds, and pages are found where they are."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from archive import database
from archive.cli import cli
from archive.transfer.shard import make_shard
from archive.web.serve import check_shards, datasette
from tests.queries import QUERIES, add_sources, fill
from tests.web.conftest import ROOT, read_address, start_server

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
# the reports keep their times, which are in several months already; the others are spread over six
SPREAD = "UPDATE articles SET published_at = '2023-0' || (1 + id % 6) || '-1' || (id % 9) || 'T10:00:00Z' WHERE id < 30"
STORY = 77


@dataclass(frozen=True, slots=True)
class Both:
    """Somebody who asks the archive, and somebody who asks its shards."""

    whole: httpx.Client
    shards: httpx.Client
    folder: Path


def start_shards(*shards: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "archive", "serve", "--port", "0", *map(str, shards)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def split(folder: Path, target: Path) -> list[Path]:
    """Make a shard of each month of an archive."""
    target.mkdir()
    with database.connect(folder, write=False).conn as conn:
        months = [
            row[0] for row in conn.execute("SELECT DISTINCT substr(published_day, 1, 7) FROM articles ORDER BY 1")
        ]
    for month in months:
        assert make_shard(folder, month, target / f"{month}.db", now=NOW)
    return sorted(target.iterdir())


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    base = tmp_path_factory.mktemp("shards")
    folder = base / "whole"
    folder.mkdir()
    writer = database.connect(folder, write=True).conn
    add_sources(writer)
    fill(writer)
    writer.execute(SPREAD)
    _tell_a_story(writer)
    writer.close()
    assert len(split(folder, base / "shards")) >= 9
    processes = [start_server(folder), start_shards(base / "shards")]
    clients = []
    try:
        for process in processes:
            clients.append(httpx.Client(base_url=read_address(process), timeout=30))
            threading.Thread(target=lambda out=process.stdout: list(out or ()), daemon=True).start()
        yield Both(*clients, base / "shards")
    finally:
        for client in clients:
            client.close()
        for process in processes:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _tell_a_story(writer: Any) -> None:
    """Two reports are copies, in different months and of different sources."""
    writer.execute(
        """INSERT INTO stories (id, core_id, first_article_id, first_source_id, first_at, last_at, members, sources)
           VALUES (?, 31, 31, 2, '2023-12-31T23:59:59Z', '2024-01-31T10:00:00Z', 2, 2)""",
        [STORY],
    )
    for number in (31, 33):
        writer.execute("INSERT INTO story_members VALUES (?, ?, 1, 1, 0, '2024-01-31T10:00:00Z')", [number, STORY])
        writer.execute("UPDATE articles SET story_id = ? WHERE id = ?", [STORY, number])


def ask(client: httpx.Client, query: str, **more: Any) -> dict[str, Any]:
    """The answer of the interface for programs, without what names the server."""
    answer: dict[str, Any] = client.get("/search.json", params={"q": query, "limit": 100, **more}).json()
    for article in answer.get("articles", ()):
        article.pop("page")
    return answer


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[str(number) for number in range(len(QUERIES))])
def test_shards_find_what_the_archive_finds(both: Both, query: str, expected: set[int]) -> None:
    for more in ({"order": "newest"}, {"order": "newest", "copies": "1"}):
        assert ask(both.shards, query, **more) == ask(both.whole, query, **more)
    whole, shards = ask(both.whole, query, copies="1"), ask(both.shards, query, copies="1")
    if whole["ok"]:  # ranks are those of each shard: only their order may differ
        assert {one["id"] for one in shards["articles"]} == {one["id"] for one in whole["articles"]}
    if "after:" not in query and "before:" not in query and "until:" not in query and query:
        assert {one["id"] for one in shards.get("articles", ())} == expected
    for name in ("ok", "total", "lines", "facets", "histogram", "notes", "understood", "error"):
        assert shards.get(name) == whole.get(name), name


def test_results_of_all_shards_are_ranked_together(both: Both) -> None:
    scores = [one["score"] for one in ask(both.shards, "ferry OR summitword", copies="1")["articles"]]
    assert len(scores) == 7 and scores == sorted(scores, reverse=True) and len(set(scores)) > 1


def test_pages_of_results_go_over_all_shards(both: Both) -> None:
    found = [ask(both.shards, "", order="newest", limit=7, offset=at)["articles"] for at in range(0, 42, 7)]
    ids = [one["id"] for some in found for one in some]
    assert len(ids) == len(set(ids)) == 30  # of 31, two are copies
    assert ids == [one["id"] for one in ask(both.whole, "", order="newest")["articles"]]


def test_copies_in_other_shards_are_counted(both: Both) -> None:
    (line,) = (one for one in ask(both.shards, "summitword")["articles"] if one["id"] == 31)
    assert (line["copies"], line["outlets"]) == ([33], 1)


@pytest.mark.parametrize("path", ["/article/{}", "/article/{}.json", "/article/{}.bib"])
def test_every_article_has_its_page(both: Both, path: str) -> None:
    for number in (1, 6, 25, 26, 31, 35):
        shown, wanted = (client.get(path.format(number)) for client in (both.shards, both.whole))
        assert shown.status_code == wanted.status_code == 200, number
        headline = r"<h1[^>]*>(.*?)</h1>"
        assert re.findall(headline, shown.text, re.DOTALL) == re.findall(headline, wanted.text, re.DOTALL)
    assert both.shards.get("/article/999").status_code == 404


def test_an_address_leads_to_its_article(both: Both) -> None:
    for number in (5, 33):
        answer = both.shards.get("/", params={"q": f"https://p.example/{number}"})
        assert answer.headers.get("location") == both.whole.get(
            "/", params={"q": f"https://p.example/{number}"}
        ).headers.get("location")


def test_a_story_of_two_shards_is_put_together(both: Both) -> None:
    def members(client: httpx.Client) -> list[str]:
        page = client.get(f"/story/{STORY}")
        assert page.status_code == 200
        return re.findall(r'href="/article/(\d+)"', page.text)

    assert members(both.shards) == members(both.whole)
    assert {"31", "33"} <= set(members(both.shards))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exports_hold_what_is_found(both: Both, form: str) -> None:
    for query in ("summitword section:world", "ferry", "source:voices summitword"):
        one, other = (client.get(f"/search.{form}", params={"q": query}).text for client in (both.shards, both.whole))
        assert one == other and len(one.splitlines()) > 0


@pytest.mark.parametrize("path", ["/", "/stories", "/changes", "/sources", "/health", "/2023-01", "/2023-01/articles"])
def test_other_pages_show_a_shard(both: Both, path: str) -> None:
    assert both.shards.get(path).status_code == 200
    assert both.shards.get(path, params={"shard": "2023-02"}).status_code == 200


def test_shards_are_opened_as_immutable(both: Both) -> None:
    paths = check_shards([both.folder])
    made = datasette(*paths, shards=True)
    assert {path.stem for path in paths} <= made.databases.keys()
    assert not any(made.get_database(path.stem).is_mutable for path in paths)
    assert not list(both.folder.glob("*.db-*"))  # neither a log nor its index


def test_shards_with_the_same_article_are_refused(both: Both, tmp_path: Path) -> None:
    shards = sorted(both.folder.glob("*.db"))
    again = tmp_path / "again.db"
    again.write_bytes(shards[0].read_bytes())
    said = CliRunner().invoke(cli, ["serve", str(shards[0]), str(again)])
    assert said.exit_code == 2 and "of different archives" in said.output
    other = tmp_path / shards[0].name
    other.write_bytes(shards[1].read_bytes())
    assert "needs one of its own" in CliRunner().invoke(cli, ["serve", str(shards[0]), str(other)]).output


def test_what_is_no_shard_is_refused(both: Both, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text(json.dumps("notes"))
    said = CliRunner().invoke(cli, ["serve", str(tmp_path)])
    assert said.exit_code == 2 and "is no shard" in said.output
    (tmp_path / "empty").mkdir()
    assert "no file *.db" in CliRunner().invoke(cli, ["serve", str(tmp_path / "empty")]).output

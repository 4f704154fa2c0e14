"""The same queries, the same articles: on the command line, on our page, from its interface, in Datasette's table box."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from archive import database
from archive.cli import cli as main
from tests.queries import QUERIES, add_sources, fill
from tests.web.conftest import read_address, start_server


@dataclass(frozen=True, slots=True)
class Site:
    """A served archive and somebody who asks it."""

    folder: Path
    client: httpx.Client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("languages")
    writer = database.connect(folder, write=True).conn
    add_sources(writer)
    fill(writer)
    process = start_server(folder)
    try:
        address = read_address(process)
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        with httpx.Client(base_url=address, timeout=30) as client:
            yield Site(folder, client)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        writer.close()


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_the_command_line_finds(site: Site, query: str, expected: set[int]) -> None:
    answer = CliRunner().invoke(main, ["search", "--archive", str(site.folder), "--json", "--limit", "100", "--", query])
    found = {json.loads(line)["id"] for line in answer.stdout.splitlines() if line.startswith("{")}
    assert (found, answer.exit_code) == (expected, 0 if expected else 1), answer.output


ASKING = [(query, expected) for query, expected in QUERIES if query]  # to ask for nothing is to leaf through everything


@pytest.mark.parametrize(("query", "expected"), ASKING)
@pytest.mark.parametrize("order", ["best", "newest"])
def test_the_page_and_its_interface_find(site: Site, query: str, expected: set[int], order: str) -> None:
    asked = {"q": query, "order": order}
    page = site.client.get("/", params=asked)
    assert page.status_code == 200
    assert {int(number) for number in re.findall(r'class="headline" href="/article/(\d+)"', page.text)} == expected
    answer = site.client.get("/search.json", params={**asked, "limit": 100}).json()
    assert {article["id"] for article in answer.get("articles", ())} == expected
    assert answer["ok"] == (answer.get("total") == len(expected))
    csv = site.client.get("/search.csv", params=asked)
    assert csv.status_code == (200 if answer["ok"] else 400)


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_the_box_of_the_table_finds(site: Site, query: str, expected: set[int]) -> None:
    asked = {"_search": query, "_shape": "array", "_size": 100}
    rows = site.client.get("/archive/articles.json", params=asked)
    assert {row["id"] for row in rows.json()} == expected
    table = site.client.get("/archive/articles", params={"_search": asked["_search"]})
    assert table.status_code == 200
    assert len(re.findall(r'class="headline"', table.text)) == len(expected)

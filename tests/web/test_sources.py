"""The pages of sources and of health, as a reader sees them, over an archive of papers in trouble."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archive import Archive
from archive.findings import Finding, Severity
from archive.incidents import record
from archive.rows import SourceRow
from tests.web.conftest import ROOT, read_address, start_server
from tests.web.papers import PAPERS, make_papers

HEALTHY = tuple(paper for paper in PAPERS if paper.slug == "harbour")


@dataclass(frozen=True)
class Site:
    """A server over an archive of papers."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Callable[[Path], None]], Site]]:
    """Starts servers over archives that a function makes."""
    processes: list[subprocess.Popen[str]] = []

    def start(make: Callable[[Path], None]) -> Site:
        folder = tmp_path_factory.mktemp("papers")
        make(folder)
        process = start_server(folder)
        processes.append(process)
        address = read_address(process)
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        return Site(address, folder)

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def site(serve: Callable[[Callable[[Path], None]], Site]) -> Site:
    return serve(make_papers)


@pytest.fixture(params=[1280, 360], ids=["wide", "phone"])
def sheet(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A page of either width, without JavaScript, that fails when something is asked of another server."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 860}, base_url=site.url, java_script_enabled=False
    )
    sheet = context.new_page()
    strays: list[str] = []
    troubles: list[str] = []
    sheet.on("request", lambda asked: None if asked.url.startswith(site.url) else strays.append(asked.url))
    sheet.on("console", lambda message: troubles.append(message.text))
    sheet.on("response", lambda answer: troubles.append(answer.url) if answer.status >= 400 else None)
    yield sheet
    context.close()
    assert strays == []
    assert troubles == []


def row(page: Page, name: str) -> list[str]:
    """The cells of the source of that name."""
    line = page.locator("table.sources tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    return line.locator("td").all_inner_texts()


def names(page: Page) -> list[str]:
    return page.locator("table.sources tbody th").all_inner_texts()


def fits(page: Page) -> bool:
    """Does nothing reach beyond the side of the page?"""
    viewport = page.viewport_size
    assert viewport is not None
    box = page.locator("body").bounding_box()
    assert box is not None
    wide = [element.bounding_box() for element in page.locator("main > *, section > *").all()]
    return all(one is None or one["x"] + one["width"] <= viewport["width"] + 1 for one in wide)


def test_all_sources_with_their_state_in_words(sheet: Page) -> None:
    sheet.goto("sources")
    assert row(sheet, "Harbour Courier")[0] == "ok"
    assert row(sheet, "صدى الميناء")[0] == "failing"
    assert row(sheet, "Le Quotidien du port")[0] == "silent"
    assert row(sheet, "The Fresh Sheet")[0] == "not looked at"
    assert row(sheet, "Old Gazette")[0] == "no longer in the catalogue"
    assert len(names(sheet)) == 10
    state, week, month, _, last, following, country, language = row(sheet, "Harbour Courier")
    assert 60 < int(week) < int(month) < 800
    assert re.fullmatch(r"\d+ min ago", last) and re.fullmatch(r"in \d+ (h|min)", following)
    assert (state, country, language) == ("ok", "United Kingdom", "English")
    assert fits(sheet)


def test_sources_are_sorted_by_their_headings_and_back(sheet: Page) -> None:
    sheet.goto("sources")
    heading = sheet.get_by_role("columnheader", name="30 days")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    numbers = [int(row(sheet, name)[2]) for name in names(sheet)]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1]
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert names(sheet)[0] != names(sheet)[-1]
    assert [int(row(sheet, name)[2]) for name in names(sheet)] == sorted(numbers)
    sheet.get_by_role("columnheader", name="State").get_by_role("link").click()
    sheet.wait_for_url("**sort=*state*")
    assert [row(sheet, name)[0] for name in names(sheet)][:3] == ["failing", "not looked at", "silent"]


def test_sources_are_narrowed_by_country_language_and_state(sheet: Page) -> None:
    sheet.goto("sources?sort=-week")
    sheet.get_by_label("Language", exact=True).select_option(label="Japanese")
    sheet.get_by_role("button", name="Show").click()
    assert names(sheet) == ["港新聞"]
    assert "sort=-week" in sheet.url
    sheet.get_by_role("link", name="Show all").click()
    sheet.get_by_role("link", name="1 silent").click()
    assert names(sheet) == ["Le Quotidien du port"]
    sheet.goto("sources?country=zz")
    expect(sheet.get_by_text("No source is like that.")).to_be_visible()


@pytest.mark.parametrize(
    "query",
    ["sort=", "sort=--name", "sort=nothing", "state=%00", "country=%3Cscript%3E&sort=-", "language=" + "x" * 3000],
)
def test_an_odd_address_gives_the_page_all_the_same(sheet: Page, query: str) -> None:
    answer = sheet.goto(f"sources?{query}")
    assert answer is not None and answer.status == 200
    expect(sheet.get_by_role("heading", level=1)).to_have_text("Sources")


def test_a_gap_does_not_look_like_silence(sheet: Page) -> None:
    sheet.goto("source/harbour")
    days = sheet.get_by_role("group", name="Articles a day, the last 90 days")
    assert days.locator("line.gap").count() == 1
    said = [title for title in days.locator("g > title").all_text_contents() if "not looked" in title]
    assert len(said) == 5 and all("no listing answered on that day" in title for title in said)
    expect(sheet.get_by_text("5 days on which no listing answered")).to_be_visible()
    sheet.goto("source/quotidien")  # which was looked at, and had nothing
    days = sheet.get_by_role("group", name="Articles a day, the last 90 days")
    assert days.locator("line.gap").count() == 0
    assert days.locator("g > title").all_text_contents()[-1].endswith(": 0 articles")


def test_a_day_leads_to_its_articles(sheet: Page) -> None:
    sheet.goto("source/harbour")
    day = sheet.get_by_role("group", name="Articles a day, the last 90 days").get_by_role("link").nth(-3)
    name = day.get_attribute("aria-label") or ""
    number = re.search(r": (\d+) articles", name)
    assert number is not None
    sheet.goto(day.get_attribute("href") or "")
    expect(sheet.locator(".summary strong")).to_have_text(number[1])


def test_the_numbers_of_a_chart_are_also_a_table(sheet: Page) -> None:
    sheet.goto("source/harbour")
    sheet.get_by_text("As a table").first.click()
    table = sheet.get_by_role("table", name="Articles a day")
    assert table.locator("tbody tr").count() == 90
    assert table.get_by_text("not looked at").count() == 5


def test_a_source_in_full(sheet: Page) -> None:
    sheet.goto("source/chenbao")
    expect(sheet.get_by_role("heading", level=1)).to_have_text("港湾晨报")
    assert sheet.locator("h1 bdi").get_attribute("lang") == "zh-Hans"
    expect(sheet.locator(".findings")).to_contain_text("Time of publication: none of the latest")
    expect(sheet.locator(".fills tr.dropped th")).to_have_text(
        ["Time of publication", "Hour and minute of publication"]
    )
    expect(sheet.locator(".latest li").first).to_contain_text("no time of publication; found")
    assert [heading.inner_text() for heading in sheet.get_by_role("heading", level=2).all()] == [
        "What is wrong", "Articles a day", "Fields that are filled", "What became of its pages",
        "Feeds, sitemaps and sections", "Latest articles", "Recent crawls",
    ]  # fmt: skip
    assert fits(sheet)


def test_a_failing_source_says_why_and_until_when_its_host_is_left_alone(sheet: Page) -> None:
    sheet.goto("source/sada")
    expect(sheet.locator(".standing")).to_contain_text("failing")
    expect(sheet.locator(".findings")).to_contain_text("503 Service Unavailable")
    feed = sheet.get_by_role("table", name="Feeds, sitemaps and sections that are in use").locator("tbody tr")
    expect(feed).to_contain_text("failing, 14 times in a row")
    expect(sheet.get_by_role("table", name="What is known of its hosts")).to_contain_text("until ")
    expect(sheet.locator(".latest li").first).to_have_css("direction", "rtl")


def test_outcomes_lead_to_their_pages(sheet: Page) -> None:
    sheet.goto("source/bereg")
    line = sheet.get_by_role("row", name="text could not be extracted")
    assert line.locator("td").all_inner_texts() == ["14", "14", "14"]
    line.get_by_role("link").first.click()
    expect(sheet.get_by_role("heading", name=re.compile("14 rows"))).to_be_visible()


def test_a_retired_source_keeps_its_page(sheet: Page) -> None:
    sheet.goto("source/gazette")
    expect(sheet.locator(".standing")).to_contain_text("no longer in the catalogue")
    assert sheet.locator(".findings").count() == 0


def test_a_source_that_there_is_not(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    answer = page.goto(f"{site.url}source/%3Cscript%3E")
    assert answer is not None and answer.status == 404
    expect(page.get_by_text("There is no source <script> in this archive.")).to_be_visible()
    page.close()


def test_health_says_what_is_wrong_and_since_when(sheet: Page) -> None:
    sheet.goto("health")
    told = [" ".join(text.split()) for text in sheet.locator(".findings h3").all_inner_texts()]
    assert sorted(told) == sorted([
        "Северный берег: Extraction fails", "صدى الميناء: Does not answer", "港湾晨报: A field is no longer filled",
        "Crawls were broken off", "Pages wait for too long", "Elbtaler Bote: Too many articles",
        "Le Quotidien du port: Too few articles", "The Fresh Sheet: Not looked at", "港新聞: A feed is gone",
        "Certificates are not verified",
    ])  # fmt: skip
    expect(sheet.locator(".findings").first).to_contain_text(re.compile(r"Since \d{4}-\d\d-\d\d"))
    sheet.get_by_role("link", name="Le Quotidien du port").click()
    expect(sheet.get_by_role("heading", level=1)).to_have_text("Le Quotidien du port")


def test_health_tells_what_is_over(browser: Browser, serve: Callable[[Callable[[Path], None]], Site]) -> None:
    def make(folder: Path) -> None:
        make_papers(folder, papers=HEALTHY)
        now = datetime.now(UTC)
        silent = Finding("silent:harbour", Severity.WARN, "Silent", "It answers.", None, "harbour", "Harbour Courier")
        with Archive(folder, write=True) as archive, archive.transaction():
            record(archive.db, [silent], now - timedelta(hours=9))
            record(archive.db, [], now - timedelta(hours=8))
            record(archive.db, [], now - timedelta(hours=5))

    page = browser.new_page()
    page.goto(f"{serve(make).url}health")
    over = page.get_by_role("region", name="Over, of the last seven days").get_by_role("listitem")
    expect(over).to_have_count(1)
    expect(over).to_contain_text(re.compile(r"Harbour Courier: Silent From \d{4}-.* to \d{4}-"))
    page.close()


def test_health_counts_sources_queue_and_disk(sheet: Page) -> None:
    sheet.goto("health")
    queue = sheet.get_by_role("region", name="Queue").locator("dd").all_inner_texts()
    assert queue[:2] == ["3", "2"] and queue[2] == "2 days ago"
    expect(sheet.get_by_role("region", name="Disk")).to_contain_text("MB")
    sheet.get_by_role("region", name="Sources").get_by_role("link").first.click()
    assert names(sheet) == ["صدى الميناء"]


def test_the_page_and_the_command_agree(sheet: Page, site: Site) -> None:
    command = subprocess.run(
        [".venv/bin/python" if (ROOT / ".venv/bin/python").exists() else "python", "-m", "archive", "health", "--json",
         "--archive", str(site.folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert command.returncode == 1, command.stderr
    sheet.goto("health")
    assert len(json.loads(command.stdout)["findings"]) == sheet.locator(".findings li").count()


def test_health_is_calm_when_all_is_well(browser: Browser, serve: Callable[[Callable[[Path], None]], Site]) -> None:
    well = serve(lambda folder: make_papers(folder, papers=HEALTHY))
    page = browser.new_page()
    page.goto(f"{well.url}health")
    expect(page.get_by_text("Nothing is wrong. 1 source looked at in the last day.")).to_be_visible()
    assert page.locator(".findings").count() == 0
    page.close()


def test_headings_follow_each_other(sheet: Page) -> None:
    for path in ("sources", "source/chenbao", "health"):
        sheet.goto(path)
        levels = [int(heading.evaluate("one => one.tagName")[1]) for heading in sheet.locator("h1, h2, h3, h4").all()]
        assert levels.count(1) == 1 and levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(browser: Browser, site: Site, scheme: str) -> None:
    """Contrast of each text with what is behind it, at least 4.5 (WCAG AA)."""
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    for path in ("sources", "source/sada", "source/chenbao", "health"):
        page.goto(f"{site.url}{path}")
        assert page.evaluate(CONTRAST) == [], path
    page.close()


CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0)
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number)
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor)
      if (colour.length === 3 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const poor = []
  for (const element of document.querySelectorAll("main *")) {
    const texts = [...element.childNodes].filter(node => node.nodeType === 3 && node.textContent.trim())
    if (!texts.length || element.closest("title, desc, option")) continue
    const style = getComputedStyle(element)
    const [one, two] = [light(parse(element.closest("svg") ? style.fill : style.color)), light(behind(element))].sort((a, b) => b - a)
    if ((one + 0.05) / (two + 0.05) < 4.5) poor.push(element.tagName + " " + texts[0].textContent.trim().slice(0, 40))
  }
  return poor
}"""


def test_many_sources_are_turned_over_by_pages(
    browser: Browser, serve: Callable[[Callable[[Path], None]], Site]
) -> None:
    def many(folder: Path) -> None:
        with Archive(folder, write=True) as archive, archive.transaction():
            for number in range(120):
                archive.ledger.put_source(
                    SourceRow(f"paper-{number:03}", f"Paper {number:03}", "https://paper.example/", "fr", "fr"),
                    datetime.now(UTC),
                )

    context = browser.new_context(base_url=serve(many).url)
    sheet = context.new_page()
    sheet.goto("sources?country=fr&sort=-name")
    seen = names(sheet)
    for _ in range(2):
        sheet.get_by_role("link", name="Further sources").click()
        sheet.wait_for_load_state()
        seen += names(sheet)
    assert seen == [f"Paper {number:03}" for number in reversed(range(120))]
    context.close()

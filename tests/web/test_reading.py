"""The pages to read: article, comparison, story, changes, raw captures, citations, in a browser and without scripts."""

from __future__ import annotations

import json
import re
import signal
import threading
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from warcio.archiveiterator import ArchiveIterator

from archive.records import utc_text
from archive.web.site import NO_INDEX
from tests.web.conftest import Served, read_address, start_server
from tests.web.desk import ARABIC, CHINESE, REPORT, SCRIPT, START, Desk, make_desk
from tests.web.test_serve import fetch

WIDTHS = (320, 768, 1920)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = make_desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.archive.close()


@pytest.fixture(scope="module")
def served(desk: Desk) -> Iterator[Served]:
    folder = desk.archive.folder
    process = start_server(folder)
    try:
        address = read_address(process)
        threading.Thread(target=lambda: list(process.stdout or ()), daemon=True).start()
        yield Served(address, folder / "archive.db", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture
def plain(browser: Browser, served: Served) -> Iterator[Page]:
    """A page that runs no scripts."""
    context = browser.new_context(
        base_url=served.url, java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    yield context.new_page()
    context.close()


def article(desk: Desk, name: str) -> str:
    return f"article/{desk.numbers[name]}"


def every_page(desk: Desk) -> list[str]:
    story = desk.archive.db.execute("SELECT id FROM stories").fetchone()["id"]
    return [
        *(article(desk, name) for name in desk.numbers), f"{article(desk, 'council')}?version=1", f"{article(desk, 'council')}/diff",
        f"{article(desk, 'chinese')}/diff", f"{article(desk, 'first')}/diff?with={desk.numbers['second']}", f"{article(desk, 'bridge')}/diff",
        f"story/{story}", "stories", "stories?outlets=20", "changes", "changes?kind=titles", "article/99999", "changes?kind=nonsense",
    ]  # fmt: skip


def one_of_each(desk: Desk) -> list[str]:
    """A page of each kind; the whole set takes axe minutes."""
    return [
        *(article(desk, name) for name in ("arabic", "chinese", "second", "council", "hostile")),
        *(path for path in every_page(desk) if path.startswith(("story/", "stories?", "changes")) or path == "stories"),
        f"{article(desk, 'council')}/diff", f"{article(desk, 'first')}/diff?with={desk.numbers['second']}", "article/99999",
    ]  # fmt: skip


# -- the article -----------------------------------------------------------------------------------------------------


def test_arabic_article_runs_from_right_to_left(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "arabic"))
    block = page.locator("article.reading")
    expect(block).to_have_attribute("lang", "ar")
    expect(block).to_have_css("direction", "rtl")
    expect(page.locator("h1")).to_have_text("العبّارة تعود إلى الجزر الشمالية بعد تسعة أشهر")
    expect(page.locator("h1")).to_have_css("text-align", "start")
    latin_first = page.locator(".body p", has_text="BBC")
    expect(latin_first).to_have_css("direction", "rtl")  # by its majority, whatever it begins with
    english = page.locator(".body p", has_text=ARABIC[4])
    expect(english).to_have_css("direction", "ltr")
    aside, text = page.locator("aside.margin").bounding_box(), block.bounding_box()
    assert aside and text and aside["x"] < text["x"], "the margin is mirrored"
    expect(page.locator("aside.margin")).to_have_css("direction", "ltr")


def test_mark_up_becomes_headings_quotations_lists_and_tables(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "arabic"))
    expect(page.locator(".body h2")).to_have_text(ARABIC[1])  # the highest of its own below the headline
    expect(page.locator(".body blockquote p")).to_have_text(ARABIC[3])
    expect(page.locator(".body li")).to_have_count(2)
    expect(page.locator(".body li").nth(1)).to_have_css("direction", "rtl")  # its link is mostly Latin letters
    link = page.locator(".body a")
    expect(link).to_have_attribute("href", "https://sada.example/jadwal?a=1&b=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(page.locator(".body th").first).to_have_attribute("scope", "col")


def test_an_article_says_when_by_whom_and_where(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "arabic"))
    credits = page.locator(".credits")
    for part in ("ليلى منصور", "Omar Said", "AFP", "بيروت", "5 March 2026, 09:10 +02:00"):
        expect(credits).to_contain_text(part)
    expect(credits.get_by_role("link", name="صدى الميناء")).to_have_attribute("href", "/source/sada")
    original = credits.get_by_role("link", name="Original")
    expect(original).to_have_attribute("href", "https://sada.example/arabic")
    assert {"noopener", "nofollow"} <= set((original.get_attribute("rel") or "").split())
    aside = page.locator("aside.margin")
    for part in (
        "5 March 2026, 07:10 UTC",
        "in Asia/Beirut",
        "الخميس 5 آذار 09:10",
        "5 March 2026, 08:00 UTC",
        "first seen 5 March 2026, 09:00 UTC",
    ):
        expect(aside).to_contain_text(part)
    expect(aside.locator("code")).to_have_text(re.compile(r'^\{"tdm_reservation": ?"1"\}$'))
    tags = page.get_by_role("list", name="Tags").get_by_role("link")
    assert [tag.get_attribute("href") for tag in tags.all()] == [
        "/?q=%22%D8%B9%D8%A8%D9%91%D8%A7%D8%B1%D8%A7%D8%AA%22", "/?q=%22say%20%20ferry%20%22"]  # fmt: skip
    page.locator("summary", has_text="Where each field comes from").click()
    expect(page.locator("table.provenance")).to_contain_text("opengraph")


@pytest.mark.parametrize(("name", "lang", "font"), [("chinese", "zh-Hans", "SC"), ("taiwan", "zh-Hant", "TC")])
def test_chinese_has_the_letters_of_its_script(page: Page, desk: Desk, name: str, lang: str, font: str) -> None:
    page.goto(article(desk, name))
    block = page.locator("article.reading")
    expect(block).to_have_attribute("lang", lang)
    expect(block.locator(".body")).to_have_css("font-family", re.compile(f"Noto Serif CJK {font}"))
    expect(page.locator("aside.margin")).to_contain_text("characters, Chinese")


def test_versions_are_listed_with_what_changed(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "council"))
    rows = page.get_by_role("region", name="Versions").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("headline")
    expect(rows.nth(2)).to_contain_text("text removed")
    expect(rows.nth(2)).to_contain_text("silent")
    rows.nth(2).get_by_role("link", name="with 2").click()
    expect(page.locator(".body del")).to_have_text("Three members walked out before the vote.")


def test_an_earlier_version_can_be_read_and_cited(page: Page, desk: Desk) -> None:
    page.goto(f"{article(desk, 'council')}?version=1")
    expect(page.locator(".body")).to_contain_text("Three members walked out")
    expect(page.locator("h1")).to_have_text("Council votes for the bridge")
    expect(page.locator(".note")).to_contain_text("version 1, captured 5 March 2026, 10:00 UTC")
    expect(page.locator(".citation a")).to_have_attribute("href", re.compile(r"/article/\d+\?version=1$"))


def test_copies_stand_in_order_of_appearance(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "second"))
    rows = page.get_by_role("region", name="Copies").locator("tbody tr")
    assert [row.locator("th").inner_text() for row in rows.all()] == [
        "Harbour Courier",
        "Tide & Time",
        "Lakeside Herald",
    ]
    expect(rows.nth(1)).to_contain_text("+2 h 10 min")
    expect(rows.nth(1)).to_contain_text(re.compile(r"[89]\d %"))
    rows.nth(2).get_by_role("link", name="what it changed").click()
    expect(page.locator(".body ins")).to_have_text(REPORT[6].rstrip("."))


def test_related_articles_share_rare_words_and_are_no_copies(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "council"))
    expect(page.locator(".shortlist a")).to_have_text(["The costly bridge that the council wants"])
    page.goto(article(desk, "first"))
    expect(page.locator(".shortlist")).to_have_count(0)


def test_withdrawn_and_paywalled_articles_say_so(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "gone"))
    expect(page.locator(".note")).to_contain_text("Withdrawn: no longer at its address since 7 March 2026, 11:00 UTC")
    expect(page.locator(".body")).to_contain_text("بقي في الأرشيف")
    page.goto(article(desk, "hostile"))
    expect(page.locator(".note")).to_contain_text("asks for payment")


def test_no_search_engine_is_to_copy_an_article(served: Served, desk: Desk) -> None:
    for ending in ("", ".json", ".bib", "/diff"):
        status, headers, body = fetch(f"{served.url}{article(desk, 'council')}{ending}")
        assert status == 200
        assert headers["x-robots-tag"] == NO_INDEX["x-robots-tag"]
        assert ending not in ("", "/diff") or '<meta name="robots" content="noindex' in body


@pytest.mark.parametrize("path", ["article/99999", "article/999999999999999999", "article/1?version=77", "article/1?version=-1",
                                  "story/99999", "capture/99999", "capture/99999.warc", "article/99999.bib", "article/99999/diff"])  # fmt: skip
def test_what_is_not_there_is_missing(served: Served, path: str) -> None:
    status, headers, body = fetch(served.url + path)
    assert status == 404
    assert headers["content-type"].startswith("text/html")
    assert "Not here" in body


@pytest.mark.parametrize(
    "path", ["article/1/diff?from=x", "article/1/diff?with=%00", "changes?kind=x", "stories?since=yesterday"]
)
def test_what_makes_no_sense_is_told(served: Served, path: str) -> None:
    status, _, body = fetch(served.url + path)
    assert status == 400
    assert "This was not understood" in body


# -- safety ----------------------------------------------------------------------------------------------------------


def test_hostile_texts_stay_texts(page: Page, desk: Desk) -> None:
    for path in (article(desk, "hostile"), f"{article(desk, 'hostile')}/diff?with={desk.numbers['first']}"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        expect(page.locator("h1, .compared").first).to_be_visible()
        expect(page.locator("main")).to_contain_text(SCRIPT)
        assert page.locator("main img, main script, main svg, main iframe, main b").count() == 0
        hrefs = page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
        assert not [href for href in hrefs if re.match(r"\s*(javascript|data):", href, re.IGNORECASE)]
    # `page` fails when something ran or a request went elsewhere


def test_a_hostile_text_has_only_its_good_links(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "hostile"))
    hrefs = page.eval_on_selector_all(".body a", "links => links.map(link => link.href)")
    assert hrefs == ["https://elsewhere.example/x.png", "https://fine.example/?a=%22b%22&c=%27d%27"]
    expect(page.locator(".credits").get_by_role("link", name="Original")).to_have_count(0)


def test_pages_have_no_inline_styles_or_scripts(served: Served, desk: Desk) -> None:
    for path in every_page(desk):
        _, _, body = fetch(served.url + path)
        assert " style=" not in body, path
        assert "<script" not in body.replace(SCRIPT, ""), path


# -- comparison ------------------------------------------------------------------------------------------------------


def test_a_comparison_shows_the_last_change_first(page: Page, desk: Desk) -> None:
    page.goto(f"{article(desk, 'council')}/diff")
    assert page.locator("select[name=from]").input_value() == "3"
    assert page.locator("select[name=to]").input_value() == "4"
    expect(page.locator(".body del")).to_have_text("nine")
    expect(page.locator(".body ins").first).to_have_text("eight")
    expect(page.locator(".facts .kind")).to_have_text("correction")
    expect(page.locator(".note q")).to_contain_text("Correction: an earlier version")


def test_any_two_versions_are_compared_without_scripts(plain: Page, desk: Desk) -> None:
    plain.goto(f"{article(desk, 'council')}/diff")
    plain.select_option("select[name=from]", "1")
    plain.select_option("select[name=to]", "3")
    plain.get_by_role("button", name="Compare").click()
    expect(plain.locator(".title ins")).to_have_text("a costly")
    expect(plain.locator(".title del")).to_have_text("the")
    expect(plain.locator(".facts .kind")).to_have_text(["headline changed", "text removed"])


def test_changed_words_are_told_by_more_than_colour(page: Page, desk: Desk) -> None:
    page.goto(f"{article(desk, 'council')}/diff")
    expect(page.locator(".body del").first).to_have_css("text-decoration-line", "line-through")
    expect(page.locator(".body ins").first).to_have_css("text-decoration-line", "underline")


def test_chinese_is_compared_by_characters_and_what_stayed_is_folded(page: Page, desk: Desk) -> None:
    page.goto(f"{article(desk, 'chinese')}/diff")
    expect(page.locator(".title del")).to_have_text("港口")
    expect(page.locator(".title ins")).to_have_text("北方")
    expect(page.locator(".body del").first).to_have_text("下")
    fold = page.locator(".body details")
    expect(fold).to_have_count(0)  # a margin of one paragraph each leaves two, which are not worth a fold
    page.goto(f"{article(desk, 'first')}/diff?with={desk.numbers['second']}")
    fold = page.locator(".body details")
    expect(fold.locator("summary")).to_contain_text("5 paragraphs unchanged")
    expect(fold.locator("p").first).to_be_hidden()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(fold.locator("p").first).to_be_visible()


# -- story, stories, changes -----------------------------------------------------------------------------------------


def test_a_story_tells_who_had_it_first_and_who_followed(page: Page, desk: Desk) -> None:
    story = desk.archive.db.execute("SELECT id FROM stories").fetchone()["id"]
    page.goto(f"story/{story}")
    items = page.locator(".lineup li")
    assert [" ".join(item.locator(".when").inner_text().split()) for item in items.all()] == [
        "5 March 2026, 09:00 UTC",
        "+2 h 10 min",
        "+1 day 14 h",
    ]
    expect(items.first).to_contain_text("Harbour Courier had it first")
    expect(items.nth(1)).to_contain_text("Another headline.")
    expect(items.nth(2)).to_contain_text("The same headline.")
    expect(page.locator(".lede").first).to_contain_text("Wire: copies of it credit that agency")
    expect(page.locator("svg.timeline circle")).to_have_count(3)
    page.locator("svg.timeline a").nth(1).click()
    expect(page.locator("h1")).to_have_text("Nine months on, the ferry is back")


def test_a_story_that_became_part_of_another_leads_there(served: Served, page: Page, desk: Desk) -> None:
    story = desk.archive.db.execute("SELECT id FROM stories").fetchone()["id"]
    with desk.archive.transaction():
        desk.archive.db.execute("INSERT OR IGNORE INTO story_aliases VALUES (?, ?)", [story + 500, story])
    page.goto(f"story/{story + 500}")
    assert page.url == f"{served.url}story/{story}"


def test_stories_are_narrowed_by_outlets_source_and_time(plain: Page) -> None:
    plain.goto("stories")
    expect(plain.locator(".stream li")).to_have_count(1)
    expect(plain.locator(".stream li")).to_contain_text("3 outlets")
    plain.select_option("select[name=source]", "sada")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator(".stream li")).to_have_count(0)
    for query, count in (
        ("source=lake", 1),
        ("outlets=5", 0),
        ("since=2026-03-06", 0),
        ("until=2026-03-05", 1),
        ("until=2026-03-04", 0),
    ):
        plain.goto(f"stories?{query}")
        expect(plain.locator(".stream li")).to_have_count(count)


def test_changes_and_withdrawals_are_one_stream(page: Page, desk: Desk) -> None:
    page.goto("changes")
    kinds = [one.inner_text() for one in page.locator(".stream .kind").all()]
    assert kinds == ["withdrawn", "rewritten", "correction", "text removed", "headline changed"]
    moments = [one.get_attribute("datetime") or "" for one in page.locator(".stream time").all()]
    assert moments == sorted(moments, reverse=True)
    assert moments[0] == utc_text(START.replace(day=7, hour=11))
    headline = page.locator(".stream li", has=page.get_by_text("headline changed", exact=True)).locator("h2")
    expect(headline.locator("del")).to_have_text("the")
    expect(headline.locator("ins")).to_have_text("a costly")
    page.get_by_role("navigation", name="Kinds of changes").get_by_role("link", name="Withdrawn").click()
    expect(page.locator(".stream li")).to_have_count(1)
    page.locator(".stream").get_by_role("link", name="Article").click()
    assert page.url.endswith(article(desk, "gone"))


def test_changes_are_narrowed_by_source_and_silence_without_scripts(plain: Page) -> None:
    plain.goto("changes")
    plain.select_option("select[name=source]", "harbour")
    plain.get_by_label("Silent ones only").check()
    plain.get_by_role("button", name="Show").click()
    items = plain.locator(".stream li")
    expect(items).to_have_count(2)
    for item in items.all():
        expect(item).to_contain_text("silent")
        expect(item).to_contain_text("Harbour Courier")


# -- raw captures ----------------------------------------------------------------------------------------------------


def capture_of(desk: Desk, name: str) -> int:
    row = desk.archive.db.execute(
        "SELECT c.id FROM captures c JOIN pages p ON p.id = c.page_id WHERE p.article_id = ? ORDER BY c.id",
        [desk.numbers[name]],
    ).fetchone()
    return int(row["id"])


def test_a_capture_is_plain_text_and_never_a_page(served: Served, page: Page, desk: Desk) -> None:
    number = capture_of(desk, "arabic")
    status, headers, body = fetch(f"{served.url}capture/{number}")
    assert status == 200
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert "200 OK\nContent-Type: text/html; charset=utf-8\nContent-Encoding: gzip\nX-Said: <b>so</b>\n" in body
    assert f"<p>{ARABIC[0]}" in body
    assert SCRIPT in body
    page.goto(article(desk, "arabic"))
    page.get_by_role("link", name="read", exact=True).click()
    assert page.url.endswith(f"capture/{number}")
    assert page.evaluate("document.contentType") == "text/plain"


@pytest.mark.parametrize("ending", ["warc", "warc.gz"])
def test_a_record_is_handed_out_whole(served: Served, desk: Desk, tmp_path: Path, ending: str) -> None:
    number = capture_of(desk, "chinese")
    with urllib.request.urlopen(f"{served.url}capture/{number}.{ending}", timeout=20) as answer:
        assert answer.headers["content-disposition"] == f'attachment; filename="kiosque-capture-{number}.{ending}"'
        (tmp_path / "one").write_bytes(answer.read())
    with (tmp_path / "one").open("rb") as file:
        (record,) = [
            (one.rec_type, one.rec_headers["WARC-Target-URI"], one.content_stream().read())
            for one in ArchiveIterator(file)
        ]
    assert record[:2] == ("response", "https://chenbao.example/chinese")
    assert CHINESE[0] in record[2].decode()


def test_a_capture_whose_file_is_gone_is_told_plainly(served: Served, desk: Desk) -> None:
    with desk.archive.transaction():
        for number, file in (
            (9001, "raw/2026/03/none.warc.gz"),
            (9002, "../../../../../etc/passwd"),
            (9003, "archive.db"),
        ):
            desk.archive.db.execute(
                """INSERT OR IGNORE INTO captures (id, url, fetched_at, http_status, warc_file, warc_offset, warc_length)
                   VALUES (?, 'https://x.example/', '2026-03-05T00:00:00Z', 200, ?, 0, 10)""",
                [number, file],
            )
    for number in (9001, 9002, 9003):
        for ending in ("", ".warc", ".warc.gz"):
            status, _, body = fetch(f"{served.url}capture/{number}{ending}")
            assert status == 404
            assert "record of this capture is not" in body
            assert "root:" not in body


# -- citations -------------------------------------------------------------------------------------------------------


def test_citations_are_downloads_that_the_page_names(served: Served, page: Page, desk: Desk) -> None:
    page.goto(article(desk, "first"))
    named = page.eval_on_selector_all(
        "link[rel=alternate]", "links => links.map(link => [link.type, link.getAttribute('href')])"
    )
    assert len(named) == 4
    for content_type, href in named:
        status, headers, body = fetch(served.url.rstrip("/") + href)
        assert status == 200
        assert headers["content-type"] == f"{content_type}; charset=utf-8"
        assert "Ferry line to the islands reopens" in body
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert download.value.suggested_filename == f"kiosque{desk.numbers['first']}v1.bib"


def test_a_citation_names_version_permalink_and_time_of_capture(served: Served, desk: Desk) -> None:
    number = desk.numbers["council"]
    _, _, body = fetch(f"{served.url}article/{number}.csl.json?version=2")
    (item,) = json.loads(body)
    assert item["archive_location"] == f"{served.url}article/{number}?version=2"
    assert item["accessed"] == {"date-parts": [[2026, 3, 5]]}
    assert "on 2026-03-05T14:00:00Z as version 2" in item["note"]


def test_json_has_all_fields(served: Served, desk: Desk) -> None:
    _, headers, body = fetch(f"{served.url}{article(desk, 'council')}.json")
    data = json.loads(body)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert [one["version"] for one in data["versions"]] == [1, 2, 3, 4]
    assert data["outlet"]["timezone"] == "Europe/London"
    assert data["captures"][0]["http_status"] == 200
    assert data["addresses"] == [{"url": "https://harbour.example/council", "kind": "final"}]


# -- form ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(page: Page, desk: Desk, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in every_page(desk):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(
    browser: Browser, served: Served, desk: Desk, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(base_url=served.url, color_scheme=scheme)
    page = context.new_page()
    for path in one_of_each(desk):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = Axe().run(page).response["violations"]
        assert not [
            (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
        ], path
    context.close()


def test_headings_and_landmarks_are_in_order(page: Page, desk: Desk) -> None:
    for path in every_page(desk):
        page.goto(path)
        levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(one => +one.tagName[1])")
        assert levels.count(1) == 1 and levels[0] == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)
        assert page.locator("main").count() == 1
        for table in page.locator("main > * table").all():
            if table.locator("xpath=ancestor::*[contains(@class, 'body')]").count() == 0:
                expect(table.locator("caption")).to_have_count(1)


def test_everything_can_be_reached_with_the_keyboard(page: Page, desk: Desk) -> None:
    page.goto(article(desk, "council"))
    page.keyboard.press("Tab")
    expect(page.get_by_text("To the content")).to_be_focused()
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.getAttribute('href') || document.activeElement.getAttribute('aria-label') || '')"
            )
        )
    assert {
        "Versions",
        "Captures",
        f"/{article(desk, 'council')}/diff?from=2&to=3",
        f"/{article(desk, 'council')}.bib",
    } <= reached


def test_the_row_of_the_table_leads_to_the_page(page: Page, desk: Desk) -> None:
    page.goto(f"archive/articles/{desk.numbers['council']}")
    expect(page.locator("table.rows-and-columns")).to_contain_text("content_hash")
    page.get_by_role("link", name="Read this article").click()
    assert page.url.endswith(article(desk, "council"))

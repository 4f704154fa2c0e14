"""The pages, as a reader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SCRIPT


def titles(page: Page) -> list[str]:
    return page.locator(".headline").all_inner_texts()


def test_article_table_shows_articles_newest_first_with_facets(page: Page, tmp_path: Path) -> None:
    page.goto("archive/articles")
    page.screenshot(path=tmp_path / "articles.png", full_page=True)
    assert titles(page)[:4] == [
        "Council votes to reopen the ferry line", "L’armée déblaie la route côtière", "الحُكُومَة تعلن خطة جديدة",
        "北京大学与港口城市签署协议",
    ]  # fmt: skip
    assert [facet.get_attribute("data-column") for facet in page.locator(".facet").all()] == [
        "source_id", "language", "section", "published_day",
    ]  # fmt: skip
    expect(page.locator("#facet-source_id")).to_contain_text("صدى الميناء")
    expect(page.locator("#facet-source_id li").first).to_contain_text("Harbour Courier")
    expect(page.locator("table.articles tbody tr").nth(2).locator(".headline")).to_have_css("direction", "rtl")
    expect(page.locator("table.articles tbody tr").nth(2).locator("td.col-source_id")).to_contain_text("sada.example")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_facets_narrow_the_list_and_can_be_taken_back(page: Page) -> None:
    page.goto("archive/articles")
    page.locator("#facet-language").get_by_role("link", name="ar", exact=True).click()
    assert titles(page) == ["الحُكُومَة تعلن خطة جديدة"]
    page.locator("#facet-language li.selected a").click()
    assert len(titles(page)) == 5
    page.locator("#facet-published_day").get_by_role("link", name="2024-05-01").click()
    assert len(titles(page)) == 2
    page.get_by_role("searchbox").fill("北京")
    page.get_by_role("searchbox").press("Enter")
    assert titles(page) == ["北京大学与港口城市签署协议"]
    assert "published_day=2024-05-01" in page.url


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("الحكومة", "الحُكُومَة تعلن خطة جديدة"),
        ("協議", "北京大学与港口城市签署协议"),
        ("北京", "北京大学与港口城市签署协议"),
        ("l'armee", "L’armée déblaie la route côtière"),
        ("dépêchés", "L’armée déblaie la route côtière"),
        ("title:ferry -soldats", "Council votes to reopen the ferry line"),
    ],
)
def test_search_box_finds(page: Page, query: str, title: str) -> None:
    page.goto("archive/articles")
    page.get_by_role("searchbox").fill(query)
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()
    assert titles(page) == [title]
    assert page.get_by_role("searchbox").input_value() == query


@pytest.mark.parametrize("query", ['"', "-", "NEAR(a b)", "zzz OR", "title:-", "((((", "-only", "x" * 1500, "^*:{}"])
def test_search_box_never_errs(page: Page, query: str) -> None:
    page.goto("archive/articles")
    page.get_by_role("searchbox").fill(query)
    with page.expect_response(lambda answer: "_search" in answer.url) as answer:
        page.get_by_role("button", name="Search").click()
    assert answer.value.status == 200
    expect(page.locator(".zero-results")).to_be_visible()


def test_row_of_an_article_shows_all_fields_and_leads_to_its_page(page: Page) -> None:
    page.goto("archive/articles/3")
    expect(page.locator("h1")).to_have_text("الحُكُومَة تعلن خطة جديدة")
    expect(page.locator("h1")).to_have_css("direction", "rtl")
    expect(page.locator("table.rows-and-columns")).to_contain_text("content_hash")
    page.get_by_role("link", name="Read this article").click()
    expect(page.locator("article.reading")).to_have_attribute("lang", "ar")
    expect(page.locator(".body p")).to_have_count(2)


@pytest.mark.parametrize(
    "path",
    ["archive/articles", "archive/articles/5", "?q=quotes", "archive/latest", "archive/article_urls",
     "archive", "archive?sql=select+*+from+articles"],
)  # fmt: skip
def test_stored_markup_is_shown_and_does_nothing(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    if "article" in path and "article_urls" not in path:
        expect(page.locator("body")).to_contain_text(SCRIPT)
    hrefs = page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
    assert not [href for href in hrefs if href and href.strip().lower().startswith("javascript:")]
    assert page.locator("img").count() == 0


def test_search_page_ranks_marks_and_links(page: Page) -> None:
    page.goto("?q=الحكومة")
    expect(page.locator("mark")).to_have_text("الحُكُومَة")
    page.get_by_role("link", name="الحُكُومَة تعلن خطة جديدة").click()
    assert page.url.endswith("/article/3")


def test_phone_width_has_no_sideways_scroll(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 380, "height": 800})
    for path in ("archive/articles", "archive/articles/2"):
        page.goto(path)
        page.screenshot(path=tmp_path / "phone.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_home_page_leads_to_a_search(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    box.fill("armee")
    box.press("Enter")
    expect(page.get_by_role("link", name="L’armée déblaie la route côtière")).to_be_visible()

"""Site memory: what it learns, what it forgets, and that it never takes the story."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Draft
from crawler.extraction.article import Page, examine
from crawler.extraction.memory import MOST_LINES, WINDOW, Known, Memory
from tests.newsstand import Newsstand

HOUSE = (
    "This paper is printed on the quay and paid for by those who read it, whatever the weather and whatever it says."
)


def page(number: int, *extra: str, known: Known | None = None, wrap: str = "p") -> Page:
    """A page of eight paragraphs of its own and some that are given."""
    own = [
        f"Paragraph {chr(97 + number)}{chr(97 + i)} tells of the {chr(97 + number) * 5} and what became of it in the end, at length."
        for i in range(8)
    ]
    body = "".join(f"<p>{text}</p>" for text in own[:4])
    body += "".join(f'<{wrap} class="note">{text}</{wrap}>' if wrap != "p" else f"<p>{text}</p>" for text in extra)
    body += "".join(f"<p>{text}</p>" for text in own[4:])
    html = f"<html><head><title>Title of {number}</title></head><body><article><h1>Title of {number}</h1><div>{body}</div></article></body></html>"
    return Page(
        url=f"https://paper.example/{number}",
        body=html.encode(),
        captured_at=datetime(2024, 5, 1, tzinfo=UTC),
        known=known,
    )


def text_of(given: Page) -> str:
    result = examine(given).result
    assert isinstance(result, Draft), result
    return result.text


def learned(*pages: Page) -> Memory:
    memory = Memory()
    for one in pages:
        memory = memory.learned(examine(one).observed)
    return memory


def test_a_paragraph_that_recurs_is_taken_out_of_the_next_page() -> None:
    assert HOUSE in text_of(page(9, HOUSE))
    known = learned(*(page(n, HOUSE) for n in range(3))).known()
    text = text_of(page(9, HOUSE, known=known))
    assert HOUSE not in text
    assert len(text.split("\n")) == 8


def test_two_sightings_are_not_enough() -> None:
    known = learned(page(0, HOUSE), page(1, HOUSE), page(2)).known()
    assert HOUSE in text_of(page(9, HOUSE, known=known))


def test_a_background_paragraph_in_a_few_of_many_articles_stays() -> None:
    memory = learned(*(page(n, HOUSE) for n in range(4)))
    for _ in range(60):
        memory = memory.learned((("x", "y"),))
    assert HOUSE in text_of(page(9, HOUSE, known=memory.known()))


def test_numbers_do_not_make_a_line_new() -> None:
    known = learned(*(page(n, f"{HOUSE} Edition {n}, {n} May.") for n in range(3))).known()
    assert HOUSE not in text_of(page(9, f"{HOUSE} Edition 77, 30 May.", known=known))


def test_a_place_that_holds_boilerplate_is_known_whatever_it_says() -> None:
    pages = [page(n, HOUSE + "abc"[n % 3], wrap="blockquote") for n in range(12)]
    known = learned(*pages).known()
    fresh = "A word from the house that nobody has read before, in the box where such words have always stood."
    text = text_of(page(20, fresh, wrap="blockquote", known=known))
    assert fresh not in text
    assert len(text.split("\n")) == 8


def test_a_short_heading_that_recurs_now_and_then_stays() -> None:
    pages = [page(n, "What we know") if n % 4 == 0 else page(n) for n in range(20)]
    assert "What we know" in text_of(page(21, "What we know", known=learned(*pages).known()))


def test_nothing_is_taken_when_nothing_would_be_left() -> None:
    known = learned(*(page(1) for _ in range(5))).known()
    assert len(text_of(page(1, known=known)).split("\n")) == 8


def test_it_forgets_a_layout_that_is_gone() -> None:
    memory = learned(*(page(n, HOUSE) for n in range(20)))
    for number in range(4 * WINDOW):
        memory = memory.learned(((f"line {number}", "place"),))
    assert HOUSE in text_of(page(21, HOUSE, known=memory.known()))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.text("abcdef", max_size=4), st.text("xy", max_size=2)), max_size=12), max_size=40)
)
def test_it_survives_json(pages: list[list[tuple[str, str]]]) -> None:
    memory = Memory()
    for lines in pages:
        memory = memory.learned(tuple(lines))
    again = Memory.of_json(json.loads(json.dumps(memory.to_json())))
    assert again == memory
    assert again.known() == memory.known()


def test_it_is_bounded() -> None:
    memory = Memory()
    for number in range(60):
        memory = memory.learned(tuple((f"{number} {i}", f"{number} {i}") for i in range(200)))
    assert len(memory.lines) <= MOST_LINES
    assert len(json.dumps(memory.to_json())) < 400_000


def shares(text: str, truth: str) -> tuple[float, float]:
    """Precision and recall of words."""
    have, want = Counter(text.split()), Counter(truth.split())
    common = (have & want).total()
    return common / have.total(), common / want.total()


@pytest.fixture(scope="module")
def house() -> list[tuple[float, float]]:
    """Precision and recall of the first twelve articles of a site that no single page gives away, in crawl order."""
    memory, found = Memory(), []
    with Newsstand(house=12, only=("house",)) as stand:
        for truth in stand.expected().values():
            with urllib.request.urlopen(truth.url, timeout=10) as response:
                body = response.read()
            examined = examine(
                Page(
                    url=truth.url,
                    body=body,
                    captured_at=datetime.now(UTC),
                    content_type="text/html",
                    known=memory.known(),
                )
            )
            assert isinstance(examined.result, Draft)
            found.append(shares(examined.result.text, truth.text))
            memory = memory.learned(examined.observed)
    return found


def test_the_house_site_is_learned_by_the_tenth_page(house: list[tuple[float, float]]) -> None:
    assert house[0][0] < 0.9
    assert all(precision > 0.99 for precision, _ in house[9:]), house
    assert all(recall >= 0.99 for _, recall in house), house

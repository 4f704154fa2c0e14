"""Reading mark-up: what a Markdown reader makes of it is the text, with its headings, quotations, lists and links."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from crawler.extraction.lines import lines_of
from crawler.extraction.reading import escaped, reading

URL = "https://paper.example/world/story"


def marked(body: str) -> str:
    lines = lines_of(html.document_fromstring(f"<div>{body}</div>"))
    return reading(lines, range(len(lines)), [line.text for line in lines], URL)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<h2>Why <b>now</b></h2><p>Because.</p>", "## Why now\n\nBecause."),
        ("<h3>Later</h3>", "### Later"),
        ("<blockquote><p>I was there.</p></blockquote>", "> I was there."),
        ("<ul><li>tea</li><li>salt</li></ul><p>End.</p>", "- tea\n- salt\n\nEnd."),
        ('<p>See <a href="/map">the map</a>.</p>', "See [the map](<https://paper.example/map>)."),
        ('<p><a href="javascript:alert(1)">click</a> here</p>', "click here"),
        ("<p>It is <em>very</em> <strong>late</strong> now.</p>", "It is *very* **late** now."),
        ("<p>5 * 3 = 15 [sic] and a_b_c</p>", r"5 \* 3 = 15 \[sic\] and a\_b\_c"),
        ("<p>- not a list</p><p>1. nor this</p><p># nor this</p>", "\\- not a list\n\n1\\. nor this\n\n\\# nor this"),
        ("<p>Half <br>and half with <b>bold</b></p>", "Half\n\nand half with bold"),
        ("<p>قال <a href='https://x.example/ا'>الوزير</a></p>", "قال [الوزير](<https://x.example/ا>)"),
    ],
)  # fmt: skip
def test_marks(body: str, expected: str) -> None:
    assert marked(body) == expected


def test_what_was_cut_from_a_line_stays_cut() -> None:
    lines = lines_of(html.document_fromstring("<div><p>All is well. (Editor: A. B.)</p></div>"))
    assert reading(lines, [0], ["All is well."], URL) == "All is well."


def test_a_line_that_was_dropped_is_not_shown() -> None:
    lines = lines_of(html.document_fromstring("<div><p>One.</p><p>Two.</p></div>"))
    assert reading(lines, [0, 1], ["Two."], URL) == "Two."


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: " ".join(text.split()) == text))
def test_a_reader_sees_the_text_and_no_mark_up(text: str) -> None:
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]", text):
        return
    rendered = MarkdownIt().render(escaped(text)).strip()
    assert html.fromstring(rendered).text_content().strip() == text.strip()
    assert rendered.startswith("<p>"), rendered

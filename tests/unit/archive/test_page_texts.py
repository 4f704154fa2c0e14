"""What pages make of stored texts: mark-up, directions, comparisons and times; all pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.difference import pieces
from archive.scripts import direction, tag
from archive.web import markup
from archive.web.comparison import LEAST_FOLDED, paragraphs, stretches
from archive.web.moments import day_in, distance, spoken, spoken_in
from archive.web.words import percent

ALLOWED = {
    "p": {"dir"}, "h2": {"dir"}, "h3": {"dir"}, "h4": {"dir"}, "h5": {"dir"}, "h6": {"dir"}, "blockquote": set(), "ul": set(),
    "ol": {"start"}, "li": {"dir"}, "a": {"href", "rel", "title"}, "em": set(), "strong": set(), "br": set(), "hr": set(),
    "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": {"dir", "scope"}, "td": {"dir"},
    "div": {"class", "tabindex", "role", "aria-label"},
}  # fmt: skip


class Checker(HTMLParser):
    """Fails at an element, attribute or address that a text may not bring in."""

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        assert name in ALLOWED, name
        for key, value in attributes:
            assert key in ALLOWED[name], (name, key)
            if key == "href":
                assert (value or "").startswith(("http://", "https://"))
        if name == "a":
            assert dict(attributes)["rel"] == "noopener noreferrer nofollow"

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


MARKS = st.lists(
    st.sampled_from(
        ["<script>", "</p>", "<img src=x onerror=y>", "[a](javascript:x)", "[b](<https://e.example/?q='\">)", "![c](http://d)", "**", "*", "_",
         "`", "```\n", "\n\n", "\n", "# ", "### ", "> ", "- ", "1. ", "| a | b |\n| :-: | --- |\n| c | d |\n", "&lt;", "&#x6a;", "\\", "]", "(", "<!-- -->",
         "    code", "[r]: http://x\n", "[r]", "קול", "سلام", "word ", "data:text/html,x", "<http://auto>", "\0", "\u202e"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(MARKS | st.text(max_size=300))
def test_no_text_brings_in_anything_but_text(text: str) -> None:
    for shown in (markup.body(text, text, "ltr"), markup.body("", text, "rtl")):
        checker = Checker()
        checker.feed(str(shown))
        checker.close()


def test_sub_headings_follow_the_headline_without_gaps() -> None:
    shown = str(markup.body("#### a\n\n## b\n\n#### c", "", "ltr"))
    assert re.findall(r"<(h\d)", shown) == ["h3", "h2", "h3"]


def test_what_is_too_long_for_mark_up_is_shown_plainly() -> None:
    long = "**bold** word " * (markup.LONGEST_MARKED // 14 + 1)
    assert str(markup.body(long, "plain", "ltr")) == "<p>plain</p>"
    assert str(markup.body("- item\n" * (markup.MOST_LINES + 1), "plain", "ltr")) == "<p>plain</p>"
    shown = str(markup.paragraphs("x" * (markup.LONGEST_SHOWN + 1), "ltr"))
    assert len(shown) < markup.LONGEST_SHOWN + 200
    assert "too long for a page" in shown


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("BBC: قالت الحكومة إن العمل سيبدأ", "ar", "rtl"),
        ("The word سلام means peace", "en", "ltr"),
        ("2024-05-02", "ar", "rtl"),
        ("2024-05-02", "en", "ltr"),
        ("", "he", "rtl"),
        ("שלום", "", "rtl"),
        ("北京", "zh", "ltr"),
    ],
)
def test_direction_is_that_of_most_letters(text: str, language: str, expected: str) -> None:
    assert direction(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [("zh", "港务局宣布渡轮恢复", "zh-Hans"), ("zh", "港務局宣布渡輪恢復", "zh-Hant"), ("zh", "", "zh-Hans"), ("fr", "x", "fr"), ("", "x", "und")],
)  # fmt: skip
def test_language_has_the_script_that_it_is_written_in(language: str, text: str, expected: str) -> None:
    assert tag(language, text) == expected


LINES = st.lists(st.text("ab 中ش.", max_size=12), max_size=12).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(LINES, LINES)
def test_a_comparison_has_every_word_of_both_texts(before: str, after: str) -> None:
    lines = paragraphs(pieces(before, after))
    for ops, text in (("=-", before), ("=+", after)):
        shown = "".join(part.text for line in lines for part in line.parts if part.op in ops)
        assert re.sub(r"[\s¶]", "", shown) == re.sub(r"\s", "", text)
    assert [line for stretch in stretches(pieces(before, after)) for line in stretch.paragraphs] == lines


def test_long_passages_that_stayed_are_folded_but_for_their_margins() -> None:
    before = [f"paragraph {number} stays as it is" for number in range(20)]
    after = [*before[:10], "a new one", *before[10:]]
    folded = [
        (stretch.folded, len(stretch.paragraphs)) for stretch in stretches(pieces("\n".join(before), "\n".join(after)))
    ]
    assert folded == [(True, 9), (False, 3), (True, 9)]
    few = stretches(pieces("\n".join(before[:LEAST_FOLDED]), "\n".join([*before[:LEAST_FOLDED], "new"])))
    assert [stretch.folded for stretch in few] == [False]


def test_a_paragraph_that_was_parted_is_marked() -> None:
    (first, second) = paragraphs(pieces("one two three four", "one two\nthree four"))
    assert [part.text for part in first.parts if part.op == "+"] == ["¶"]
    assert "".join(part.text for part in second.parts if part.op != "-").strip() == "three four"


def test_times_are_spoken_in_utc_and_in_the_zone_of_the_source() -> None:
    assert spoken("2024-05-02T22:10:00Z") == "2 May 2024, 22:10 UTC"
    assert spoken("2024-05-02") == "2 May 2024"
    assert spoken("at noon") == "at noon"
    assert spoken(None) == ""
    assert spoken_in("2024-05-02T22:10:00Z", "Asia/Shanghai") == "3 May 2024, 06:10 +08:00"
    assert day_in("2024-05-02T22:10:00Z", "Asia/Shanghai") == "2024-05-03"
    assert day_in("2024-05-02", "America/New_York") == "2024-05-02"
    for zone in ("UTC", "", "Europe/Nowhere", "../etc/passwd"):
        assert spoken_in("2024-05-02T22:10:00Z", zone) == ""
    assert spoken_in("2024-01-02T22:10:00Z", "Europe/London") == ""


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("2024-05-02T10:20:00Z", "+2 h 10 min"), ("2024-05-02T08:40:00Z", "+30 min"), ("2024-05-02T09:10:00Z", "+1 h"),
        ("2024-05-02T08:10:30Z", "the same minute"), ("2024-05-03T10:10:00Z", "+1 day 2 h"), ("2024-05-12T10:10:00Z", "+10 days"),
        ("2024-05-02T08:00:00Z", "−10 min"), ("2024-05-02", "the same day"), ("2024-05-04", "+2 days"), ("soon", ""),
    ],
)  # fmt: skip
def test_distances_are_told_as_people_tell_them(other: str, expected: str) -> None:
    assert distance("2024-05-02T08:10:00Z", other) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, "0 %"), (0.001, "1 %"), (0.5, "50 %"), (0.999, "99 %"), (1.0, "100 %")]
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, expected: str) -> None:
    assert percent(share) == expected

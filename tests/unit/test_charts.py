"""Charts as SVG: what they draw, what they say in words, and that no text of the archive gets out of its place."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from archive.web.charts import NOT_LOOKED, ROOM_ABOVE, Bin, bars, day_words, spark, ticks

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawn: Markup) -> ElementTree.Element:
    """The chart as a tree: well-formed, and without a style of its own."""
    text = str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    tree = ElementTree.fromstring(text)
    assert not [element for element in tree.iter() if "style" in element.attrib or element.tag == f"{SVG}style"]
    return tree


def rects(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in tree.iter() if element.get("class") == name]


def days(count: int, first: date = date(2024, 4, 20)) -> list[str]:
    return [(first + timedelta(at)).isoformat() for at in range(count)]


def test_a_bar_is_as_tall_as_its_share_of_the_largest() -> None:
    tree = parsed(bars([Bin("2024", 50), Bin("2025", 100), Bin("2026", 0)], title="A year", height=80))
    assert [bar.get("height") for bar in rects(tree, "first")] == ["40", "80"]
    assert [float(bar.get("y", "")) for bar in rects(tree, "first")] == [ROOM_ABOVE + 40, ROOM_ABOVE]
    assert "100" in [text.text for text in tree.iter(f"{SVG}text")]


def test_one_among_a_thousand_is_seen_and_none_is_not() -> None:
    tree = parsed(bars([Bin("2024", 1), Bin("2025", 5000), Bin("2026", 0)], title="A year"))
    assert [float(bar.get("height", "")) for bar in rects(tree, "first")] == [2, 120]


def test_what_was_not_looked_at_is_an_area_with_words_and_no_bar() -> None:
    bins = [
        Bin("2024-05-01", 3),
        Bin("2024-05-02", None, detail="no run"),
        Bin("2024-05-03", None),
        Bin("2024-05-04", 0),
    ]
    tree = parsed(bars(bins, title="Articles a day"))
    (gap,) = rects(tree, "gap")  # two days in a row are one area
    assert (gap.get("x1"), gap.get("x2")) == ("25%", "75%")
    hatch = next(tree.iter(f"{SVG}pattern")).get("id")
    assert gap.get("stroke") == f"url(#{hatch})"
    said = [title.text for group in tree.findall(f"{SVG}g") for title in group.findall(f"{SVG}title")]
    assert said == ["1 May 2024: 3", f"2 May 2024: {NOT_LOOKED} (no run)", f"3 May 2024: {NOT_LOOKED}", "4 May 2024: 0"]
    assert f"2 of 4 {NOT_LOOKED}" in (tree.findtext(f"{SVG}desc") or "")


def test_without_links_it_is_a_picture_with_a_name() -> None:
    tree = parsed(bars([Bin("2024", 1)], title="Articles & more"))
    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "Articles & more"


def test_with_links_each_bar_has_a_name_and_the_rest_none() -> None:
    tree = parsed(bars([Bin("2024-05", 7, "/?month=2024-05"), Bin("2024-06", 0)], title="Months", unit="articles"))
    assert tree.get("role") == "group"
    (link,) = tree.iter(f"{SVG}a")
    assert link.get("href") == "/?month=2024-05"
    assert link.get("aria-label") == "May 2024: 7 articles"
    assert tree.find(f"{SVG}g[@class='axis']").get("aria-hidden") == "true"  # type: ignore[union-attr]


def test_two_series_stand_side_by_side_on_one_scale() -> None:
    tree = parsed(bars([Bin("2024", 10)], title="Both", second=[20], names=("ferry", "strike"), height=100))
    (first,), (second,) = rects(tree, "first"), rects(tree, "second")
    assert (first.get("height"), second.get("height")) == ("50", "100")
    left, wide = (float((first.get(name) or "").rstrip("%")) for name in ("x", "width"))
    assert float((second.get("x") or "").rstrip("%")) == pytest.approx(left + wide)
    assert tree.findtext(f"{SVG}g/{SVG}title") == "2024: 10 ferry, 20 strike"


def test_charts_that_are_compared_share_a_scale() -> None:
    tree = parsed(bars([Bin("2024", 10)], title="One of two", most=100, height=100))
    assert [bar.get("height") for bar in rects(tree, "first")] == ["10"]


def test_a_hostile_text_stays_text() -> None:
    hostile = '"><script>owned()</script>'
    tree = parsed(bars([Bin(hostile, 1, href=hostile, detail=hostile)], title=hostile, names=(hostile,), unit=hostile))
    assert not list(tree.iter(f"{SVG}script"))
    assert next(tree.iter(f"{SVG}a")).get("href") == hostile
    assert not list(parsed(spark([1], title=hostile)).iter(f"{SVG}script"))


def test_nothing_and_one_are_drawn_too() -> None:
    assert parsed(bars([], title="None")).get("role") == "img"
    assert parsed(spark([], title="None")) is not None
    assert parsed(bars([Bin("2024-05-01", None)], title="Not yet")).findall(f"{SVG}line")


def test_time_runs_from_left_to_right_everywhere() -> None:
    assert parsed(bars([Bin("2024", 1)], title="t")).get("dir") == "ltr"
    assert parsed(spark([1], title="t")).get("dir") == "ltr"


def test_a_spark_marks_days_that_nobody_looked_at() -> None:
    tree = parsed(spark([4, None, 0, 2], title="Four days"))
    (bars_,), (gap,) = rects(tree, "bar"), rects(tree, "gap")
    assert bars_.get("d") == "M0 19v-19h2v19zM9 19v-10h2v10z"  # the second half as tall, the third none
    assert gap.get("d") == "M3 20h3v2h-3z"
    assert tree.findtext(f"{SVG}title") == "Four days"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (days(90), [(11, "May 2024"), (42, "Jun"), (72, "Jul")]),
        (days(90, date(2023, 11, 20)), [(11, "Dec 2023"), (42, "Jan 2024"), (73, "Feb")]),
        (days(5), [(0, "20 Apr 2024"), (1, "21 Apr"), (2, "22 Apr"), (3, "23 Apr"), (4, "24 Apr")]),
        ([f"{2020 + at // 12}-{at % 12 + 1:02d}" for at in range(36)], [(0, "2020"), (12, "2021"), (24, "2022")]),
        ([str(year) for year in range(2001, 2010)],
         [(0, "2001"), (2, "2003"), (4, "2005"), (6, "2007"), (8, "2009")]),
        (["a", "b"], [(0, "a"), (1, "b")]),
        (["one"], [(0, "one")]),
        ([], []),
    ],
    ids=["days", "days over new year", "few days", "months", "years", "other labels", "a single one", "none"],
)  # fmt: skip
def test_ticks(labels: list[str], expected: list[tuple[int, str]]) -> None:
    assert ticks(labels) == expected


def test_ticks_stay_few() -> None:
    assert len(ticks(days(4000))) <= 6
    assert len(ticks([f"{year}-{month:02d}" for year in range(1950, 2024) for month in range(1, 13)])) <= 6


@pytest.mark.parametrize(
    ("label", "words"),
    [("2024-05-02", "2 May 2024"), ("2024-05", "May 2024"), ("2024", "2024"), ("2024-13", "2024-13"), ("", "")],
)
def test_days_in_words(label: str, words: str) -> None:
    assert day_words(label) == words

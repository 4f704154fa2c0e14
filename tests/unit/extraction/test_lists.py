"""Lists of the text keep their items, in any layout; lists of links to other pages go."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .pages import article
from .test_captions import TEXTS
from .test_short_paragraphs import TITLES

ITEMS = {
    "en": ("tea", "forty loaves of bread", "two boats", "Salt from the islands, which had been stored in the old custom house since the spring"),
    "zh": ("茶叶", "四十个面包", "两条船", "从春天起就存放在旧海关大楼里的、岛上运来的盐"),
    "ar": ("شاي", "أربعون رغيفا", "قاربان", "ملح من الجزر كان مخزنا في مبنى الجمارك القديم منذ الربيع"),
    "ja": ("お茶", "パン四十個", "船二隻", "春から旧税関の建物に保管されていた島の塩"),
}  # fmt: skip


def _page(lang: str, content: str) -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{TITLES[lang]}</title>'
        f'<meta property="og:type" content="article"></head><body><article><h1>{TITLES[lang]}</h1>{content}</article></body></html>'
    )


def _items(items: Sequence[str], tag: str = "ul") -> str:
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _linked(items: Sequence[str]) -> list[str]:
    """The items, each with a link inside."""
    return [f"{item}: <a href=/topic/{at}>{item[:4].strip()}</a>" for at, item in enumerate(items)]


LISTS = {
    "unordered": lambda items: _items(items),
    "ordered": lambda items: _items(items, "ol"),
    "paragraphs in items": lambda items: _items([f"<p>{item}</p>" for item in items]),
    "spans in items": lambda items: _items([f"<span><strong>{item}</strong></span>" for item in items]),
    "in a box": lambda items: f"<div class=list><div>{_items(items)}</div></div>",
    "nested": lambda items: (
        f"<ul><li>{items[0]}<ul><li>{items[1]}</li><li>{items[2]}</li></ul></li><li>{items[3]}</li></ul>"
    ),
    "below a sub-heading": lambda items: f"<h3>{items[0]}</h3>{_items(items[1:])}",
    "definitions": lambda items: (
        f"<dl><dt>{items[0]}</dt><dd>{items[1]}</dd><dt>{items[2]}</dt><dd>{items[3]}</dd></dl>"
    ),
    "definitions in boxes": lambda items: (
        f"<dl><div><dt>{items[0]}</dt><dd>{items[1]}</dd></div><div><dt>{items[2]}</dt><dd>{items[3]}</dd></div></dl>"
    ),
}
PLACES = {
    "between": lambda body, markup: "".join(body[:2]) + markup + "".join(body[2:]),
    "last": lambda body, markup: "".join(body) + markup,
    "boxes": lambda body, markup: "".join(f"<div class=block>{one}</div>" for one in (*body[:2], markup, *body[2:])),
}


@pytest.mark.parametrize(("shape", "place"), [(a, b) for a in LISTS for b in PLACES if (a, b) != ("in a box", "last")])
@pytest.mark.parametrize("lang", ITEMS)
def test_the_items_of_a_list_stay(lang: str, shape: str, place: str) -> None:
    texts, items = TEXTS[lang], ITEMS[lang]
    markup = PLACES[place]([f"<p>{text}</p>" for text in texts], LISTS[shape](items))
    cut = len(texts) if place == "last" else 2
    assert article(_page(lang, markup)).text.split("\n") == [*texts[:cut], *items, *texts[cut:]]


@pytest.mark.parametrize("lang", ITEMS)
def test_items_with_a_link_inside_stay(lang: str) -> None:
    texts, items = TEXTS[lang], ITEMS[lang]
    markup = (
        "".join(f"<p>{text}</p>" for text in texts[:2]) + _items(_linked(items)) + f"<p>{texts[2]}</p><p>{texts[3]}</p>"
    )
    expected = [f"{item}: {item[:4].strip()}" for item in items]
    assert article(_page(lang, markup)).text.split("\n") == [*texts[:2], *expected, *texts[2:]]


def test_people_that_are_links_in_a_list_stay_with_what_is_said_of_them() -> None:
    texts = TEXTS["en"]
    people = ["<a href=/ada>Ada Muster</a>, mayor", "<a href=/ben>Ben Beispiel</a>, engineer", "Cem Example, diver"]
    markup = (
        "".join(f"<p>{text}</p>" for text in texts[:2])
        + _items(people)
        + "".join(f"<p>{text}</p>" for text in texts[2:])
    )
    said = ["Ada Muster, mayor", "Ben Beispiel, engineer", "Cem Example, diver"]
    assert article(_page("en", markup)).text.split("\n") == [*texts[:2], *said, *texts[2:]]


OTHERS = [f"<a href=/story/{n}>Another story of the day, number {n}</a>" for n in range(4)]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(_items(OTHERS), id="headlines"),
        pytest.param(f"<p>Read also:</p>{_items(OTHERS[:2])}", id="headlines with a label"),
        pytest.param(_items([f"<a href=/tag/{n}>Topic {n}</a>" for n in range(5)]), id="topics"),
        pytest.param(_items([f"{one} <span>31 May 2024</span>" for one in OTHERS]), id="headlines with dates"),
        pytest.param(_items(["<a href=#f>Share</a>", "<a href=#t>Post</a>", "<a href=#m>Mail</a>"]), id="share bar"),
        pytest.param(f"<div class=related>{_items(ITEMS['en'])}</div>", id="items in furniture"),
        pytest.param(f"<aside>{_items(ITEMS['en'])}</aside>", id="items beside the text"),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_lists_of_something_else_go(place: str, markup: str) -> None:
    texts = TEXTS["en"]
    content = PLACES[place]([f"<p>{text}</p>" for text in texts], markup)
    assert article(_page("en", content)).text.split("\n") == list(texts)


def test_a_list_in_a_box_below_the_text_is_not_of_the_text() -> None:
    texts = TEXTS["en"]
    markup = (
        "".join(f"<p>{text}</p>" for text in texts) + f"<div class=offer><div>{_items(ITEMS['en'][:3])}</div></div>"
    )
    assert article(_page("en", markup)).text.split("\n") == list(texts)

"""Live blogs keep the time and the heading of each entry, with and without structured data that call them so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from .pages import article
from .test_captions import TEXTS
from .test_short_paragraphs import TITLES

Entry = tuple[str, str, str]  # time, heading, text
HEADS = {
    "en": (
        "Road closed because of the wind",
        "Mayor arrives",
        "First train crosses the new bridge",
        "Fireworks called off",
    ),
    "zh": ("大风导致道路关闭", "市长到达现场", "首列火车驶过新桥", "烟花表演取消"),
    "ar": ("إغلاق الطريق بسبب الرياح", "وصول العمدة", "أول قطار يعبر الجسر الجديد", "إلغاء الألعاب النارية"),
    "ja": ("強風で道路閉鎖", "市長が到着", "一番列車が新しい橋を渡る", "花火は中止に"),
}
TIMES = ("16:40", "15:12", "11:05", "9:30")
INTRO = {
    "en": "The harbour bridge is being opened today after two years of work, and we report here what happens on it hour by hour.",
    "zh": "经过两年的维修，港口大桥今天重新开放，我们在这里按时间报道桥上发生的一切，请随时关注本页更新的消息。",
    "ar": "يعاد افتتاح جسر الميناء اليوم بعد عامين من العمل وننقل لكم هنا ما يجري عليه ساعة بعد ساعة طوال هذا اليوم.",
    "ja": "二年間の工事を終えた港の橋が今日開通する。橋の上で起きることを、この記事で時間を追って一日中お伝えしていく。",
}
LIVE = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"LiveBlogPosting","headline":"%s"}</script>'


def _timed(entries: Sequence[Entry]) -> str:
    return "".join(
        f"<div class=entry><time datetime=2024-05-31T{when.zfill(5)}:00Z>{when}</time><h3>{head}</h3><p>{text}</p></div>"
        for when, head, text in entries
    )


def _below(entries: Sequence[Entry]) -> str:
    return "".join(
        f"<section class=post><h2>{head}</h2><span class=t>{when}</span><div><p>{text}</p></div></section>"
        for when, head, text in entries
    )


def _clock_lines(entries: Sequence[Entry]) -> str:
    return "".join(f"<p><strong>{when}</strong></p><h4>{head}</h4><p>{text}</p>" for when, head, text in entries)


def _items(entries: Sequence[Entry]) -> str:
    return (
        "<ul>"
        + "".join(
            f"<li><div><span>{when}</span></div><h3>{head}</h3><div><p>{text}</p></div></li>"
            for when, head, text in entries
        )
        + "</ul>"
    )


def _linked(entries: Sequence[Entry]) -> str:
    return "".join(
        f"<article class=e id=e{n}><header><a href=#e{n}><time>{when}</time></a><h2><a href=#e{n}>{head}</a></h2></header><p>{text}</p></article>"
        for n, (when, head, text) in enumerate(entries)
    )


LAYOUTS = [_timed, _below, _clock_lines, _items, _linked]


def _page(lang: str, content: str, head: str = "") -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{TITLES[lang]}</title>{head}'
        f'<meta property="og:type" content="article"></head><body><main><h1>{TITLES[lang]}</h1>{content}</main></body></html>'
    )


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize("intro", [True, False], ids=["introduced", "at once"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", TEXTS)
def test_entries_keep_time_and_heading(
    lang: str, layout: Callable[[Sequence[Entry]], str], intro: bool, declared: bool
) -> None:
    entries = list(zip(TIMES, HEADS[lang], TEXTS[lang], strict=True))
    content = (f"<p class=intro>{INTRO[lang]}</p>" if intro else "") + f"<div class=ticker>{layout(entries)}</div>"
    heading_first = layout is _below
    expected = [INTRO[lang]] if intro else []
    for when, head, text in entries:
        expected += [head, when, text] if heading_first else [when, head, text]
    found = article(_page(lang, content, LIVE % TITLES[lang] if declared else ""))
    assert found.text.split("\n") == expected


def test_times_of_teasers_make_no_live_blog() -> None:
    texts = TEXTS["en"]
    teaser = "<div class=card><span class=d>{} {}:30</span><a href=/other/{}>Another story of the day, with a long headline</a></div>"
    parts = [f"<p>{text}</p>{teaser.format('31. 5. 2024', n, n)}" for n, text in enumerate(texts)]
    found = article(_page("en", f"<div class=text>{''.join(parts)}</div>"))
    assert found.text.split("\n") == list(texts)


def test_opening_hours_make_no_live_blog() -> None:
    texts = TEXTS["en"]
    hours = "".join(f"<p class=h>{n}:00</p><p>{text}</p>" for n, text in ((8, "The market opens."), (13, "It closes.")))
    found = article(_page("en", "".join(f"<p>{text}</p>" for text in texts) + hours))
    assert "8:00" not in found.text.split("\n")

"""A "read more" line goes alone: the sub-heading below it is the text's."""

from __future__ import annotations

import pytest

from .pages import article
from .test_captions import TEXTS
from .test_short_paragraphs import TITLES

MORE = {
    "en": ("Read more:", "Ferries will stop running at the end of June this year", "What it cost"),
    "zh": ("延伸阅读：", "渡轮将于六月底停止运行，市民可改乘公交车前往对岸上班", "维修花了多少钱"),
}  # fmt: skip
RELATED = {
    "a paragraph with a link": "<p>{label} <a href=/other>{headline}</a></p>",
    "a paragraph that is a link": "<p><a href=/other>{label} {headline}</a></p>",
    "a strong label and a link": "<p><strong>{label}</strong> <a href=/other>{headline}</a></p>",
    "a label alone": "<p>{label}</p>",
    "a label and a link below": "<p>{label}</p><p><a href=/other>{headline}</a></p>",
    "a label and a list": "<p>{label}</p><ul><li><a href=/other>{headline}</a></li></ul>",
    "a box": "<div class=more><span>{label}</span><a href=/other>{headline}</a></div>",
    "a linked heading": "<h4><a href=/other>{label} {headline}</a></h4>",
    "a box with a heading": "<div><h4>{label}</h4><a href=/other>{headline}</a></div>",
    "a link without a label": "<p><a href=/other>{headline}</a></p>",
}
HEADINGS = {
    "h2": "<h2>{}</h2>",
    "h3": "<h3>{}</h3>",
    "h2 in a box": "<div class=sub><h2>{}</h2></div>",
    "strong": "<p><strong>{}</strong></p>",
    "h2 with an anchor": "<h2 id=cost><a href=#cost>{}</a></h2>",
}


def _page(lang: str, content: str) -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{TITLES[lang]}</title>'
        f'<meta property="og:type" content="article"></head><body><article><h1>{TITLES[lang]}</h1>{content}</article></body></html>'
    )


@pytest.mark.parametrize("boxed", [False, True], ids=["siblings", "boxes"])
@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("related", RELATED)
@pytest.mark.parametrize("lang", MORE)
def test_the_sub_heading_below_a_related_line_stays(lang: str, related: str, heading: str, boxed: bool) -> None:
    texts, (label, headline, said) = TEXTS[lang], MORE[lang]
    parts = [f"<p>{text}</p>" for text in texts]
    parts[2:2] = [RELATED[related].format(label=label, headline=headline), HEADINGS[heading].format(said)]
    content = "".join(f"<div class=block>{part}</div>" for part in parts) if boxed else "".join(parts)
    assert article(_page(lang, content)).text.split("\n") == [*texts[:2], said, *texts[2:]]

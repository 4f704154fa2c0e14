"""What stands beside a picture: a caption goes, a paragraph of the text stays, told by how the other paragraphs stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .pages import article
from .test_short_paragraphs import AR, EN, TITLES, ZH

JA_LONG = (
    "二年間の修理を終えた湾岸大橋が金曜日の朝に再び開通し、雨の中を数百人の市民が歩いて渡り、対岸の広場で祝った。",
    "技術者は九本の橋脚のうち四本を取り替え、残りを補強したと港湾局は声明で述べ、今後は毎年点検すると説明した。",
    "渡し船は月末まで運航し、その後は日曜日だけ運航する予定で、料金は変わらず、学生は半額のままだと会社は話した。",
    "修理費は当初の計画より三割ほど高くなった。第二橋脚の下で沈没船の残骸が見つかり、引き揚げに時間がかかった。",
)
TEXTS = {lang: (texts[1], texts[3], texts[5], texts[6]) for lang, texts in (("en", EN), ("zh", ZH), ("ar", AR))} | {
    "ja": JA_LONG
}
CAPTIONS = {
    "en": "People walk over the old bridge in the rain on Friday morning, with the harbour office behind them.",
    "zh": "星期五上午，市民冒雨步行走过老桥，远处是港务局大楼和新建的渡轮码头。",
    "ar": "أشخاص يعبرون الجسر القديم سيرا على الأقدام تحت المطر صباح الجمعة وخلفهم مبنى هيئة الميناء.",
    "ja": "金曜日の朝、雨の中で古い橋を歩いて渡る市民と、その後ろに見える港湾局の建物。",
}
IMG = "<img src=/pictures/bridge.jpg alt=''>"


def _page(lang: str, content: str) -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{TITLES[lang]}</title>'
        f'<meta property="og:type" content="article"></head><body><article><h1>{TITLES[lang]}</h1>{content}</article></body></html>'
    )


def _each(texts: tuple[str, ...]) -> str:
    return "".join(f"<div class=slide>{IMG}<p>{text}</p></div>" for text in texts)


def _one_box(texts: tuple[str, ...]) -> str:
    boxes = [f"<div class=block><p>{text}</p></div>" for text in texts]
    boxes[2] = f"<div class=block>{IMG}<p>{texts[2]}</p></div>"
    return f"<div>{''.join(boxes)}</div>"


def _sections(texts: tuple[str, ...]) -> str:
    pictures = ["", f"<div class=pic><a href=/big>{IMG}</a></div>", "", f"<div class=pic>{IMG}</div>"]
    return "".join(
        f"<section>{picture}<div class=txt>{text}</div></section>"
        for picture, text in zip(pictures, texts, strict=True)
    )


def _classed(texts: tuple[str, ...]) -> str:
    lead = f"<div class=top>{IMG}<p class=par>{texts[0]}</p></div>"
    return lead + "<div class=rest>" + "".join(f"<p class=par>{text}</p>" for text in texts[1:]) + "</div>"


def _inline(texts: tuple[str, ...]) -> str:
    return "<div>" + "".join(f"<p>{IMG if at == 1 else ''}{text}</p>" for at, text in enumerate(texts)) + "</div>"


@pytest.mark.parametrize("layout", [_each, _one_box, _sections, _classed, _inline])
@pytest.mark.parametrize("lang", TEXTS)
def test_a_paragraph_beside_a_picture_stays(lang: str, layout: Callable[[tuple[str, ...]], str]) -> None:
    texts = TEXTS[lang]
    assert article(_page(lang, layout(texts))).text.split("\n") == list(texts)


@pytest.mark.parametrize("lang", TEXTS)
def test_the_only_paragraph_beside_a_picture_stays(lang: str) -> None:
    text = " ".join(TEXTS[lang][:2])
    markup = _page(lang, f"<div class=text>{IMG}<p>{text}</p></div>")
    assert article(markup).text == text


CAPTIONED = {
    "figure": "<figure>{img}<figcaption>{caption}</figcaption></figure>",
    "box": "<div class=pic>{img}<p>{caption}</p></div>",
    "linked picture": "<div class=media><div><a href=/big>{img}</a></div><div><span>{caption}</span></div></div>",
    "nameless box": "<div>{img}<p>{caption}</p></div>",
    "centred": "<center>{img}<br>{caption}</center>",
    "table": "<table align=right><tr><td>{img}</td></tr><tr><td>{caption}</td></tr></table>",
}


@pytest.mark.parametrize("shape", CAPTIONED)
@pytest.mark.parametrize("lang", TEXTS)
def test_a_caption_goes(lang: str, shape: str) -> None:
    texts = TEXTS[lang]
    picture = CAPTIONED[shape].format(img=IMG, caption=CAPTIONS[lang])
    body = [f"<p>{text}</p>" for text in texts]
    content = f"<div class=text>{body[0]}{picture}{''.join(body[1:])}</div>"
    assert article(_page(lang, content)).text.split("\n") == list(texts)


@pytest.mark.parametrize("lang", TEXTS)
def test_captions_of_a_gallery_below_the_text_go(lang: str) -> None:
    texts = TEXTS[lang]
    gallery = "".join(f"<div class=slide>{IMG}<p>{n} {CAPTIONS[lang]}</p></div>" for n in range(9))
    content = f"<div class=text>{''.join(f'<p>{text}</p>' for text in texts)}</div><div class=slides>{gallery}</div>"
    assert article(_page(lang, content)).text.split("\n") == list(texts)

"""Short paragraphs belong to the text as long ones do: the first, and those in the middle, in any script and layout."""

from __future__ import annotations

import pytest

from .pages import article

ZH = (
    "海湾大桥通车了。",
    "经过两年的维修，海湾大桥星期五上午重新开放，数百名市民冒雨步行走过了这座一百二十米长的桥梁。",
    "市长只说了一句话。",
    "工程师更换了九座桥墩中的四座，并加固了其余的桥墩，港务局在一份声明中说，今后每年都要检查一次。",
    "“我等了很久。”",
    "渡轮在月底之前仍将运行，此后只在星期日开行，票价不变，学生和老人继续享受半价的优惠。",
    "维修费用比原计划高出约三分之一，主要是因为潜水员在第二座桥墩下面发现了一艘沉船的残骸。",
)
JA = (
    "湾岸大橋が開通した。",
    "二年間の修理を終えた湾岸大橋が金曜日の朝に再び開通し、雨の中を数百人の市民が歩いて渡った。",
    "市長は喜びを語った。",
    "技術者は九本の橋脚のうち四本を取り替え、残りを補強したと港湾局は声明で述べ、毎年点検すると説明した。",
    "「長く待った」と話す人もいた。",
    "渡し船は月末まで運航し、その後は日曜日だけ運航する予定で、料金は変わらず、学生は半額のままだという。",
    "修理費は当初の計画より三割ほど高くなった。第二橋脚の下で沈没船の残骸が見つかったためである。",
)
KO = (
    "항만 대교가 열렸다.",
    "2년간의 보수 공사를 마친 항만 대교가 금요일 오전 다시 개통되어 수백 명의 시민이 빗속에 걸어서 다리를 건넜다.",
    "시장은 짧게 말했다.",
    "기술자들은 아홉 개의 교각 가운데 네 개를 교체하고 나머지를 보강했다고 항만청이 성명에서 밝혔다.",
    "“오래 기다렸어요.”",
    "연락선은 월말까지 운항하며 이후에는 일요일에만 운항할 예정이고 요금은 그대로 유지된다고 회사가 전했다.",
    "보수 비용은 당초 계획보다 삼분의 일가량 늘었는데, 잠수부들이 두 번째 교각 아래에서 난파선을 발견했기 때문이다.",
)
EN = (
    "The harbour bridge is open again.",
    "After two years of repairs the bridge across the old harbour opened on Friday, and hundreds of people walked over it in the rain.",
    "The mayor said little.",
    "Engineers replaced four of the nine piers and strengthened the rest, the port authority said in a statement on Friday morning.",
    "“I waited for years.”",
    "Ferries that had carried commuters in the meantime will run until the end of the month, and then on Sundays only, at the same fare.",
    "The repairs cost about a third more than planned, mostly because divers found a wreck below the second of the old piers.",
)
AR = (
    "جسر الميناء مفتوح من جديد.",
    "بعد عامين من أعمال الترميم أعيد فتح الجسر فوق الميناء القديم يوم الجمعة وعبره مئات الأشخاص سيرا على الأقدام تحت المطر.",
    "لم يتحدث العمدة طويلا.",
    "واستبدل المهندسون أربعا من الدعامات التسع وعززوا الدعامات الأخرى كما قالت هيئة الميناء في بيان صدر صباح الجمعة.",
    "وقالت امرأة: انتظرت طويلا.",
    "وستواصل العبارات التي نقلت الركاب في هذه الأثناء عملها حتى نهاية الشهر ثم تعمل أيام الأحد فقط وبالأجرة نفسها.",
    "وكلفت أعمال الترميم ثلث المبلغ المقرر زيادة على الخطة لأن الغواصين عثروا على حطام سفينة تحت الدعامة الثانية.",
)
TITLES = {
    "zh": "维修两年后海湾大桥重新开放", "ja": "湾岸大橋が二年ぶりに再開", "ko": "항만 대교 2년 만에 재개통",
    "en": "Harbour bridge reopens after two years of repairs", "ar": "إعادة فتح جسر الميناء بعد عامين من الترميم",
}  # fmt: skip
TEXTS = {"zh": ZH, "ja": JA, "ko": KO, "en": EN, "ar": AR}
TEASERS = "".join(f"<li><a href='/{n}'>Another story of the day, number {n}</a></li>" for n in range(6))


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "<div class=text>" + "".join(f"<p>{text}</p>" for text in texts) + "</div>"


def _indented(texts: tuple[str, ...]) -> str:
    return (
        "<div id=zoom>"
        + "".join(f"<p style='text-indent:2em'><span>　　{text}</span></p>\n" for text in texts)
        + "</div>"
    )


def _broken(texts: tuple[str, ...]) -> str:
    return "<div class=text>" + "<br><br>".join(texts) + "</div>"


def _divided(texts: tuple[str, ...]) -> str:
    return "<div class=story>" + "".join(f"<div class=para>{text}</div>" for text in texts) + "</div>"


def _boxed(texts: tuple[str, ...]) -> str:
    return "<div>" + "".join(f"<div class=block><p class=par>{text}</p></div>" for text in texts) + "</div>"


def _in_spans(texts: tuple[str, ...]) -> str:
    return "<section>" + "".join(f"<p class=p><font><b></b>{text}</font></p>" for text in texts) + "</section>"


def _pictured(texts: tuple[str, ...]) -> str:
    picture = "<figure><img src=a.jpg><figcaption>The bridge on Friday morning, seen from the old harbour.</figcaption></figure>"
    return f"<div><p>{texts[0]}</p>{picture}" + "".join(f"<p>{text}</p>" for text in texts[1:]) + "</div>"


def _headed(texts: tuple[str, ...]) -> str:
    return f"<h2 class=teaser>{texts[0]}</h2>{_paragraphs(texts[1:])}"


STANDFIRST = "the first a standfirst"
LAYOUTS = {
    "paragraphs": _paragraphs, "indented": _indented, "line breaks": _broken, "divs": _divided, "boxes": _boxed,
    "fonts": _in_spans, "picture below the first": _pictured, STANDFIRST: _headed,
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", TEXTS)
@pytest.mark.parametrize("around", ["article", "div"])
def test_short_paragraphs_stay(lang: str, layout: str, around: str) -> None:
    title, texts = TITLES[lang], TEXTS[lang]
    markup = (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><meta property="og:type" content="article">'
        f'<meta name="description" content="{texts[0] if layout == STANDFIRST else title}">'
        f"</head><body><ul class=menu>{TEASERS}</ul><{around}><h1>{title}</h1><div class=info><span>2024-05-31 08:30</span></div>"
        f"{LAYOUTS[layout](texts)}</{around}><div class=more><ul>{TEASERS}</ul></div></body></html>"
    )
    assert article(markup).text.split("\n") == list(texts)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        pytest.param(
            "<p>By Ada Example</p>", "<p>© 2024 The Example. All rights reserved.</p>", id="byline and copyright"
        ),
        pytest.param("<p>31 May 2024, 8.30 a.m.</p>", "<p>Share this article</p>", id="date and share line"),
        pytest.param("<p>3 min read</p>", "<p><a href=/app>Get the app now.</a></p>", id="reading time and a link"),
        pytest.param("<aside><p>Our app is free.</p></aside>", "<div class=note><b>Write to us.</b></div>", id="boxes"),
    ],
)
def test_what_is_short_around_the_text_is_no_paragraph(above: str, below: str) -> None:
    body = "".join(f"<p>{text}</p>" for text in EN)
    markup = (
        f"<html><head><title>{TITLES['en']}</title></head><body><article><h1>{TITLES['en']}</h1>{above}{body}{below}"
    )
    assert article(markup + "</article></body></html>").text.split("\n") == list(EN)

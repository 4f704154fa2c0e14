"""Tables of data belong to the text, a row a line; layout, calendars, share bars and navigation do not."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from .pages import PARAGRAPHS, TITLE, article

FIRST, SECOND, THIRD, FOURTH = PARAGRAPHS


def table(*rows: tuple[str, ...], head: bool = True, attributes: str = "") -> str:
    """A table of plain cells, with the first row as its head."""
    marked = [
        "<tr>" + "".join(f"<{'th' if head and not at else 'td'}>{cell}</{'th' if head and not at else 'td'}>" for cell in row)
        + "</tr>"
        for at, row in enumerate(rows)
    ]  # fmt: skip
    return f"<table{attributes}>{''.join(marked)}</table>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(content: str, *, lang: str = "en", title: str = TITLE) -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article"></head><body><header><a href="/">Home</a></header>'
        f"<article><h1>{title}</h1>{content}</article></body></html>"
    )


VOTES = (
    ("Party", "Seats", "Share"),
    ("Harbour List", "41", "38.2 %"),
    ("Hill Union", "33", "30.1 %"),
    ("Others", "7", "9 %"),
)
VOTES_TEXT = ("Party | Seats | Share", "Harbour List | 41 | 38.2 %", "Hill Union | 33 | 30.1 %", "Others | 7 | 9 %")
GERMAN = (
    "Bei der Wahl zum Stadtrat hat die Hafenliste am Sonntag nach Angaben der Wahlleitung die meisten Stimmen bekommen.",
    "Die Beteiligung lag mit 61 Prozent etwas höher als vor fünf Jahren, vor allem in den Vierteln am östlichen Ufer.",
    "Über ein Bündnis wollen die beiden stärksten Listen von Dienstag an im alten Rathaus miteinander sprechen.",
)
CHINESE = (
    "港口城市运动会星期日在新体育场落下帷幕，来自四十个城市的一千二百名运动员参加了为期九天的比赛。",
    "东道主代表团在最后一个比赛日又获得三枚金牌，从而超过了去年的冠军，第一次排在奖牌榜的首位。",
    "下一届运动会将于四年后在河口城市举行，组委会说新的游泳馆明年春天开始建造。",
)
ARABIC = (
    "أعلنت هيئة الميناء يوم الأحد أن حركة السفن ارتفعت خلال العام الماضي بعد افتتاح الرصيف الجديد في الجهة الشرقية.",
    "وقال مدير الهيئة إن عدد الحاويات بلغ مستوى لم يسجل منذ عشر سنوات رغم العواصف التي أغلقت الميناء مرات عدة.",
    "ومن المقرر أن يبدأ العمل في توسعة الحوض الثاني خلال الربيع المقبل بتمويل من المدينة والبنك المحلي.",
)
RUSSIAN = (
    "На выборах в городской совет в воскресенье больше всего голосов получил «Портовый список», сообщила комиссия.",
    "Явка составила шестьдесят один процент, немного больше, чем пять лет назад, особенно на восточном берегу.",
    "О союзе два сильнейших списка будут говорить со вторника в здании старой ратуши, сообщил секретарь совета.",
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            paragraphs(FIRST, SECOND) + table(*VOTES) + paragraphs(THIRD, FOURTH),
            [FIRST, SECOND, *VOTES_TEXT, THIRD, FOURTH],
            id="between paragraphs",
        ),
        pytest.param(
            f"<div class=text>{paragraphs(FIRST, SECOND)}<figure class=wp-block-table>{table(*VOTES)}"
            f"<figcaption>Provisional count</figcaption></figure>{paragraphs(THIRD, FOURTH)}</div>",
            [FIRST, SECOND, *VOTES_TEXT, THIRD, FOURTH],
            id="in a figure",
        ),
        pytest.param(
            f"<div class=text>{paragraphs(*PARAGRAPHS)}<h2>The count</h2><div class=scroll>{table(*VOTES)}</div></div>",
            [*PARAGRAPHS, "The count", *VOTES_TEXT],
            id="last, below a sub-heading, in a box that scrolls",
        ),
        pytest.param(
            "".join(f"<div class=block><p>{text}</p></div>" for text in PARAGRAPHS[:3])
            + f"<div class=block><div>{table(*VOTES, head=False)}</div></div><div class=block><p>{FOURTH}</p></div>",
            [*PARAGRAPHS[:3], *VOTES_TEXT, FOURTH],
            id="each block in a box of its own, no head",
        ),
        pytest.param(
            paragraphs(FIRST, SECOND)
            + "<table><caption>Seats by list</caption><thead><tr><th rowspan=2>List</th><th colspan=2>Seats</th></tr>"
            "<tr><th>2020</th><th>2024</th></tr></thead><tbody><tr><td><p>Harbour</p></td><td>40</td><td>41</td></tr>"
            "<tr><td>Hill<br>Union</td><td></td><td>33</td></tr></tbody></table>" + paragraphs(THIRD, FOURTH),
            [FIRST, SECOND, "Seats by list", "List | Seats", "2020 | 2024", "Harbour | 40 | 41", "Hill Union | 33", THIRD, FOURTH],
            id="caption and merged cells",
        ),
        pytest.param(
            paragraphs(FIRST, SECOND)
            + table(("", "Team", "Points"), *((str(n), f"<a href=/team/{n}>Team {n}</a>", str(90 - n)) for n in (1, 2, 3)))
            + paragraphs(THIRD, FOURTH),
            [FIRST, SECOND, "Team | Points", "1 | Team 1 | 89", "2 | Team 2 | 88", "3 | Team 3 | 87", THIRD, FOURTH],
            id="standings with a link in each row",
        ),
    ],
)  # fmt: skip
def test_a_table_of_data_is_text(content: str, expected: list[str]) -> None:
    assert article(page(content)).text.split("\n") == expected


@pytest.mark.parametrize(
    ("lang", "title", "texts", "rows", "expected"),
    [
        ("de", "Hafenliste gewinnt die Wahl zum Stadtrat", GERMAN, (("Liste", "Sitze"), ("Hafenliste", "41"), ("Bergliste", "33")),
         ["Liste | Sitze", "Hafenliste | 41", "Bergliste | 33"]),
        ("zh", "港口城市运动会闭幕", CHINESE, (("代表团", "金", "银", "铜"), ("港口", "21", "9", "14"), ("河口", "19", "17", "8")),
         ["代表团 | 金 | 银 | 铜", "港口 | 21 | 9 | 14", "河口 | 19 | 17 | 8"]),
        ("ar", "ارتفاع حركة السفن في الميناء", ARABIC, (("السنة", "الحاويات"), ("2022", "120 ألف"), ("2023", "141 ألف")),
         ["السنة | الحاويات", "2022 | 120 ألف", "2023 | 141 ألف"]),
        ("ru", "«Портовый список» победил на выборах", RUSSIAN, (("Список", "Мест"), ("Портовый", "41"), ("Горный", "33")),
         ["Список | Мест", "Портовый | 41", "Горный | 33"]),
    ],
    ids=["German", "Chinese", "Arabic", "Russian"],
)  # fmt: skip
def test_a_table_in_any_language(
    lang: str, title: str, texts: tuple[str, ...], rows: tuple[tuple[str, ...], ...], expected: list[str]
) -> None:
    content = paragraphs(*texts[:2]) + table(*rows) + paragraphs(texts[2])
    assert article(page(content, lang=lang, title=title)).text.split("\n") == [*texts[:2], *expected, texts[2]]


MONTH = tuple(tuple(str(7 * week + day) if 7 * week + day < 31 else "" for day in range(1, 8)) for week in range(5))
OTHER = "<a href=/{0}>The other story number {0} of the day</a>"


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(table(("M", "T", "W", "T", "F", "S", "S"), *MONTH), id="calendar"),
        pytest.param(table(*((f"<a href=/s/{n}>Share {n}</a>", f"<a href=/t/{n}>Send {n}</a>") for n in (1, 2))), id="share"),
        pytest.param(table(*((OTHER.format(n), OTHER.format(n + 9)) for n in (1, 2, 3)), head=False), id="links"),
        pytest.param(f"<aside>{table(*VOTES)}</aside>", id="beside the text"),
        pytest.param(f"<div class=related>{table(*VOTES)}</div>", id="in a box of related matter"),
    ],
)  # fmt: skip
def test_a_table_of_something_else_is_not_text(markup: str) -> None:
    content = paragraphs(FIRST, SECOND) + markup + paragraphs(THIRD, FOURTH)
    assert article(page(content)).text.split("\n") == list(PARAGRAPHS)


def test_a_table_in_another_block_of_the_page_is_not_text() -> None:
    markup = page(paragraphs(*PARAGRAPHS)).replace(
        "</body>", f"<div class=rates><div>{table(*VOTES)}</div></div></body>"
    )
    assert article(markup).text.split("\n") == list(PARAGRAPHS)


def test_the_text_in_a_table_of_layout_keeps_its_paragraphs() -> None:
    menu = "<a href=/a>World</a><br><a href=/b>City</a>"
    content = f"<table><tr><td>{menu}</td><td>{paragraphs(*PARAGRAPHS)}</td></tr><tr><td>x</td><td>y</td></tr></table>"
    assert article(page(content)).text.split("\n") == list(PARAGRAPHS)


def test_reading_shows_a_table() -> None:
    rows = (("Party", "Seats"), ("Harbour | List", "41"), ("Hill *Union*", "33"), ("Others", "7", "with the mayor"))
    found = article(page(paragraphs(FIRST, SECOND) + table(*rows) + paragraphs(THIRD, FOURTH))).reading
    assert found.split("\n\n")[2].split("\n") == [
        "| Party | Seats |  |",
        "| --- | --- | --- |",
        r"| Harbour \| List | 41 |",
        r"| Hill \*Union\* | 33 |",
        "| Others | 7 | with the mayor |",
    ]
    shown = MarkdownIt().enable("table").render(found)
    assert shown.count("<tr>") == 4
    assert "<td>Harbour | List</td>" in shown
    assert "<td>with the mayor</td>" in shown

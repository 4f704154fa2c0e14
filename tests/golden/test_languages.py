"""The furniture of an old news page in several languages and layouts: only the paragraphs may come out. All text is ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from archive.records import Draft
from crawler.extraction.article import Page, extract


@dataclass(frozen=True)
class Story:
    """One page's lines, in reading order."""

    language: str
    zone: str
    updated: str
    home: str
    section: str
    title: str
    dateline: str
    raw: str
    published: str
    agency: str
    paragraphs: tuple[str, ...]
    editors_line: str
    editors: tuple[str, ...]
    share: str
    comment: str
    picks: str
    links: tuple[str, ...]


STORIES = [
    Story(
        "en", "Asia/Shanghai", "Last updated at 10:25, July 23", "Home", "World", "New tram line joins both banks of the river",
        "Xinhua | 09:21, July 23, 2020", "09:21, July 23, 2020", "2020-07-23T01:21:00Z", "Xinhua",
        (
            "The first tram crossed the river on Thursday morning, eleven years after the line was drawn on a map.",
            "About forty thousand people are expected to take it every day, most of them on their way to the shipyards.",
            "Tickets cost the same as on the bus, the company said, and will do so for at least two years.",
        ),
        "(Web editor: Zhang Wei, Mary Sample)", ("Zhang Wei", "Mary Sample"), "Share this article on:", "Your name", "Editor's Picks:",
        ("A library opens under the old market hall", "Night trains return to the coast"),
    ),
    Story(
        "es", "Asia/Shanghai", "Última actualización: 23/07/2020 10:25", "Inicio", "Internacional", "Una nueva línea de tranvía une las dos orillas del río",
        "Xinhua | 23/07/2020 09:21", "23/07/2020 09:21", "2020-07-23T01:21:00Z", "Xinhua",
        (
            "El primer tranvía cruzó el río el jueves por la mañana, once años después de que la línea se dibujara en un mapa.",
            "Se espera que unas cuarenta mil personas lo tomen cada día, la mayoría camino de los astilleros de la ciudad.",
            "El billete cuesta lo mismo que el del autobús, según la empresa, y así será al menos durante dos años.",
        ),
        "(Editor: Juan Pérez, Elena Sol)", ("Juan Pérez", "Elena Sol"), "Compartir en:", "Su nombre", "Más noticias:",
        ("Una biblioteca abre bajo el viejo mercado", "Los trenes nocturnos vuelven a la costa"),
    ),
    Story(
        "ru", "Europe/Moscow", "Последнее обновление: 23.07.2020 10:25", "Главная", "В мире", "Новая трамвайная линия соединила два берега реки",
        "ТАСС | 23 июля 2020, 09:21", "23 июля 2020, 09:21", "2020-07-23T06:21:00Z", "TASS",
        (
            "Первый трамвай пересёк реку в четверг утром, через одиннадцать лет после того, как линию нанесли на карту.",
            "Ожидается, что каждый день им будут пользоваться около сорока тысяч человек, в основном рабочие верфей.",
            "Билет стоит столько же, сколько и в автобусе, сообщила компания, и так будет по меньшей мере два года.",
        ),
        "(Редактор: Анна Иванова, Ли Мин)", ("Анна Иванова", "Ли Мин"), "Поделиться:", "Ваше имя", "Читайте также:",
        ("Под старым рынком открылась библиотека", "Ночные поезда возвращаются на побережье"),
    ),
    Story(
        "zh", "Asia/Shanghai", "最后更新：2020-07-23 10:25", "首页", "国际", "新的有轨电车线路连接大河两岸",
        "新华社 | 2020年07月23日09:21", "2020年07月23日09:21", "2020-07-23T01:21:00Z", "Xinhua",
        (
            "星期四早晨，第一辆有轨电车驶过大河，这时距离线路画在地图上已经过去了整整十一年。",
            "预计每天约有四万人乘坐这条线路，其中大多数是前往造船厂上班的工人和住在对岸的学生。",
            "公司表示，票价与公共汽车相同，并且至少在两年之内不会改变，市民对此表示欢迎。",
        ),
        "(责编：张三、李四)", ("张三", "李四"), "分享到：", "您的昵称", "相关新闻",
        ("旧市场地下开设图书馆", "夜班火车重返海岸"),
    ),
    Story(
        "ar", "Africa/Cairo", "آخر تحديث: 23/07/2020 10:25", "الرئيسية", "العالم", "خط ترام جديد يربط بين ضفتي النهر",
        "رويترز | ٢٣ يوليو ٢٠٢٠ - ٠٩:٢١", "٢٣ يوليو ٢٠٢٠ - ٠٩:٢١", "2020-07-23T07:21:00Z", "Reuters",
        (
            "عبر أول ترام النهر صباح الخميس، بعد أحد عشر عاما من رسم الخط على الخريطة لأول مرة في المدينة.",
            "ومن المتوقع أن يستقله نحو أربعين ألف شخص كل يوم، معظمهم في طريقهم إلى أحواض بناء السفن.",
            "وقالت الشركة إن ثمن التذكرة هو نفسه في الحافلة، وسيبقى كذلك لمدة عامين على الأقل.",
        ),
        "(المحرر: أحمد علي)", ("أحمد علي",), "شارك هذا", "أضف تعليق", "اقرأ أيضا",
        ("مكتبة تفتح أبوابها تحت السوق القديم", "القطارات الليلية تعود إلى الساحل"),
    ),
    Story(
        "ja", "Asia/Tokyo", "最終更新：2020年7月23日 10時25分", "ホーム", "国際", "新しい路面電車が川の両岸を結ぶ",
        "共同通信 | 2020年7月23日 09時21分", "2020年7月23日 09時21分", "2020-07-23T00:21:00Z", "Kyodo",
        (
            "木曜日の朝、最初の路面電車が川を渡った。路線が地図に描かれてから十一年が過ぎていた。",
            "毎日およそ四万人が利用する見込みで、その多くは造船所へ通う人たちや対岸の学生だという。",
            "会社によると、運賃はバスと同じで、少なくとも二年間は変わらない予定である。",
        ),
        "（編集：山田太郎）", ("山田太郎",), "この記事をシェア", "お名前", "関連記事",
        ("古い市場の地下に図書館が開館", "夜行列車が海岸に戻る"),
    ),
]  # fmt: skip


def tables(story: Story) -> str:
    rows = "".join(f"<p>　　{paragraph}</p>" for paragraph in story.paragraphs)
    links = "".join(f'<li><a href="/{at}.html">{link}</a></li>' for at, link in enumerate(story.links))
    return (
        f"<table><tr><td><img src=l.gif></td><td>{story.updated}</td></tr></table><table><tr><td>"
        f"<div><a href='/'>{story.home}</a>&gt;&gt;<a href='/s/'>{story.section}</a></div><h1>{story.title}</h1>"
        f"<center>{story.dateline}</center><div class=c1>{rows}</div><p>{story.editors_line}</p>"
        f"<p>{story.share}</p><form>{story.comment}<input><textarea></textarea></form><h2>{story.picks}</h2><ul>{links}</ul></td></tr></table>"
    )


def soup(story: Story) -> str:
    rows = "<br><br>".join(f"&nbsp;&nbsp;{paragraph}" for paragraph in (*story.paragraphs, story.editors_line))
    links = "<br>".join(f'<a href="/{at}.html">{link}</a>' for at, link in enumerate(story.links))
    return (
        f"<div class=x1><span>{story.updated}</span></div><div class=x2><div class=x3>{story.home} » <a href='/s/'>{story.section}</a></div>"
        f"<div class=x4>{story.title}</div><div class=x5>{story.dateline}</div><div class=x6>{rows}</div><div class=x7>{story.share}</div>"
        f"<div class=x8><div>{story.comment}</div></div><div class=x9>{story.picks}</div><div>{links}</div></div><div>© 2020</div>"
    )


@pytest.mark.parametrize("layout", [tables, soup])
@pytest.mark.parametrize("story", STORIES, ids=[story.language for story in STORIES])
def test_only_the_paragraphs(story: Story, layout: object) -> None:
    assert callable(layout)
    page = f"<html><head><meta charset=utf-8><title>{story.title}</title></head><body>{layout(story)}</body></html>"
    draft = extract(
        Page(
            url="http://news.example/n3/c1.html",
            body=page.encode(),
            captured_at=datetime(2021, 1, 1, tzinfo=UTC),
            timezone=story.zone,
        )
    )
    assert isinstance(draft, Draft), draft
    assert draft.text.split("\n") == list(story.paragraphs)
    assert draft.title == story.title
    assert (draft.published_at, draft.published_raw) == (story.published, story.raw)
    assert (draft.agency, draft.editors, draft.authors) == (story.agency, story.editors, ())
    assert draft.section == story.section
    assert draft.language == story.language

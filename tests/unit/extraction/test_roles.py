"""Pages that name several roles: who wrote, who edited, whose picture it is."""

from __future__ import annotations

import pytest

from crawler.extraction.creditlines import editors_of
from crawler.extraction.roles import parted

from .pages import PARAGRAPHS, article, html


def credited(above: str = "", below: str = "", head: str = "", lang: str = "en") -> tuple[str, str, str]:
    draft = article(html(above, head, lang=lang).replace("</article>", f"{below}</article>"))
    return ", ".join(draft.authors), ", ".join(draft.editors), draft.agency


def meta(name: str) -> str:
    return f'<meta name="author" content="{name}">'


AUTHORS = {
    "<p>ผู้เขียน: สมชาย ใจดี</p>": "สมชาย ใจดี",
    "<div><span>ผู้เขียน</span> <a href='/w/1'>สมชาย ใจดี</a></div>": "สมชาย ใจดี",
    "<p>เรื่อง: สมชาย ใจดี</p>": "สมชาย ใจดี",
    "<p>เขียนโดย สมชาย ใจดี</p>": "สมชาย ใจดี",
    "<p>ผู้สื่อข่าว: สมชาย ใจดี</p>": "สมชาย ใจดี",
    "<p>Γράφει ο Γιώργος Παππάς</p>": "Γιώργος Παππάς",
    "<p>Γράφει η Μαρία Παππά</p>": "Μαρία Παππά",
    "<p>Γράφει: Γιώργος Παππάς</p>": "Γιώργος Παππάς",
    "<p>ΓΡΑΦΕΙ Ο ΓΙΩΡΓΟΣ ΠΑΠΠΑΣ</p>": "ΓΙΩΡΓΟΣ ΠΑΠΠΑΣ",
    "<p>Γράφουν οι Γιώργος Παππάς και Μαρία Παππά</p>": "Γιώργος Παππάς, Μαρία Παππά",
    "<p>Του Γιώργου Παππά</p>": "Γιώργου Παππά",
    "<p>Της Μαρίας Παππά</p>": "Μαρίας Παππά",
    "<p>Των Γιώργου Παππά, Μαρίας Παππά</p>": "Γιώργου Παππά, Μαρίας Παππά",
    "<p>Ρεπορτάζ: Γιώργος Παππάς</p>": "Γιώργος Παππάς",
    "<p>홍길동·김철수 기자</p>": "홍길동, 김철수",
    "<p>홍길동, 김철수 기자</p>": "홍길동, 김철수",
    "<p>홍길동 김철수 기자</p>": "홍길동, 김철수",
    "<p>문화부 홍길동 기자</p>": "홍길동",
    "<p>서울 홍길동 기자</p>": "홍길동",
    "<p>홍길동 기자, 김철수 기자</p>": "홍길동, 김철수",
    "<p>[홍길동·김철수 기자]</p>": "홍길동, 김철수",
    "<p>워싱턴=홍길동·김철수 특파원</p>": "홍길동, 김철수",
    "<p>राम कुमार द्वारा लिखित</p>": "राम कुमार",
}


@pytest.mark.parametrize("above", AUTHORS)
def test_authors(above: str) -> None:
    assert credited(above) == (AUTHORS[above], "", "")


@pytest.mark.parametrize(
    ("name", "authors", "editors"),
    [
        ("王晓明, 李静", "王晓明, 李静", ""),
        ("王晓明 李静", "王晓明, 李静", ""),
        ("王晓明、李静", "王晓明, 李静", ""),
        ("记者 王晓明 李静", "王晓明, 李静", ""),
        ("记者 张三 编辑 李四", "张三", "李四"),
        ("홍길동·김철수 기자", "홍길동, 김철수", ""),
        ("山田太郎, 鈴木花子", "山田太郎, 鈴木花子", ""),
        ("Muster, Anna", "Anna Muster", ""),
    ],
)
def test_authors_in_a_meta_element(name: str, authors: str, editors: str) -> None:
    assert credited(head=meta(name)) == (authors, editors, "")


def test_authors_in_structured_data() -> None:
    person = '{"@type":"NewsArticle","headline":"x","author":{"@type":"Person","name":"王晓明 李静"}}'
    assert credited(head=f'<script type="application/ld+json">{person}</script>', lang="zh")[0] == "王晓明, 李静"


LINES = {
    "记者 张三 编辑 李四": ("张三", "李四", ""),
    "记者：张三 编辑：李四": ("张三", "李四", ""),
    "记者 张三 李四 编辑 王五": ("张三, 李四", "王五", ""),
    "作者：张三　责编：李四": ("张三", "李四", ""),
    "文/张三 编辑/李四": ("张三", "李四", ""),
    "（记者 张三 责任编辑 李四）": ("张三", "李四", ""),
    "来源：新华社 记者：张三 责编：李四": ("张三", "李四", "Xinhua"),
    "2024-04-24 14:05 来源：新华网 作者：张三 编辑：李四": ("张三", "李四", "Xinhua"),
    "新京报记者 张三 编辑 李四 校对 王五": ("张三", "李四, 王五", ""),
    "By Anna Muster | Edited by Ben Sample": ("Anna Muster", "Ben Sample", ""),
    "Written by Anna Muster, edited by Ben Sample": ("Anna Muster", "Ben Sample", ""),
    "Written By: Anna Muster Edited By: Ben Sample": ("Anna Muster", "Ben Sample", ""),
    "(Reporting by Anna Muster and Dora Test; Editing by Ben Sample)": ("Anna Muster, Dora Test", "Ben Sample", ""),
    "Edited by Ben Sample": ("", "Ben Sample", ""),
    "Edited by: Ben Sample": ("", "Ben Sample", ""),
    "Edited By: श्याम वर्मा": ("", "श्याम वर्मा", ""),
    "Written By: राम कुमार, Edited By: श्याम वर्मा": ("राम कुमार", "श्याम वर्मा", ""),
    "संपादन: श्याम वर्मा": ("", "श्याम वर्मा", ""),
    "द्वारा संपादित: श्याम वर्मा": ("", "श्याम वर्मा", ""),
    "लेखक: राम कुमार | संपादन: श्याम वर्मा": ("राम कुमार", "श्याम वर्मा", ""),
    "Por Juan Pérez | Editado por Ana Souza": ("Juan Pérez", "Ana Souza", ""),
    "บรรณาธิการ: สมหญิง รักดี": ("", "สมหญิง รักดี", ""),
}


@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("line", LINES)
def test_line_of_several_roles(line: str, where: str) -> None:
    assert credited(**{where: f"<p>{line}</p>"}) == LINES[line]


def test_roles_in_elements_without_spaces_between_them() -> None:
    spans = '<span>By <a href="/author/a">Anna Muster</a></span><span>Edited by <a href="/author/b">Ben Sample</a></span>'
    assert credited(f"<div>{spans}</div>") == ("Anna Muster", "Ben Sample", "")


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("Edited by Ben Sample", ("Anna Muster", "Ben Sample", "")),
        ("Reporting by Anna Muster; Editing by Ben Sample and Cleo Probe", ("Anna Muster", "Ben Sample, Cleo Probe", "")),
        ("Additional reporting by Dora Test", ("Anna Muster, Dora Test", "", "")),
        ("Additional reporting by Dora Test; editing by Ben Sample", ("Anna Muster, Dora Test", "Ben Sample", "")),
        ("With reporting by agencies", ("Anna Muster", "", "")),
    ],
)
def test_byline_above_and_credits_below(below: str, expected: tuple[str, str, str]) -> None:
    assert credited("<p>By Anna Muster</p>", f"<p>{below}</p>") == expected


@pytest.mark.parametrize(
    "picture",
    [
        "<figure><img src='a.jpg'><figcaption>The bridge on Friday. Photo: Reuters</figcaption></figure>",
        "<div class='image'><img src='a.jpg'><span>(AP Photo/Ben Sample)</span></div>",
        "<div><img src='a.jpg'><p>The bridge on Friday. (AP Photo/Ben Sample)</p></div>",
        "<div><img src='a.jpg'><div class='credit'>Reuters</div></div>",
        "<div><img src='a.jpg'><p class='photo-credit'>Credit: AFP</p></div>",
        "<div class='image'><img src='a.jpg'><p>Ben Sample / AFP</p></div>",
        "<div><div><img src='a.jpg'></div><div>Source: Reuters</div></div>",
        "<div class='bild'><p>Quelle: dpa</p></div>",
        "<p>The bridge on Friday morning | Reuters</p>",
        "<p>© Reuters</p>",
        "<div><img src='a.jpg'><p>图片来源：新华社</p></div>",
    ],
)
def test_the_agency_of_a_picture_is_not_that_of_the_article(picture: str) -> None:
    assert credited(f"<p>By Anna Muster</p>{picture}") == ("Anna Muster", "", "")


@pytest.mark.parametrize(
    "credit",
    [
        "<p>Source: Reuters</p>",
        "<p>LONDON | Reuters</p>",
        "<div><img class='avatar' src='reuters-logo.svg'><span>Reuters</span></div>",
        "<div class='author'><img src='reuters.png'><span>Reuters</span></div>",
    ],
)
def test_the_agency_of_the_article_stays(credit: str) -> None:
    assert credited(credit)[2] == "Reuters"


@pytest.mark.parametrize(
    "sentence",
    [
        "The volume, edited by Jane Smith, appeared in print on Monday.",
        "The 2018 volume, edited by Jane Smith, appeared in print.",
        "Edited by popular demand, the film returns to the screen.",
        "संपादन का काम अगले सप्ताह शुरू होगा",
        "编辑们对此表示欢迎，他们说这座桥很重要。",
    ],
)
def test_sentence_about_editing(sentence: str) -> None:
    assert editors_of(sentence) == ()


def test_line_without_editors_is_whole() -> None:
    assert parted(PARAGRAPHS[0]) == (PARAGRAPHS[0], ())
    assert parted("编辑 李四 记者 张三") == ("记者 张三", ("李四",))

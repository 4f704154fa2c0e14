"""Golden pages: one text in layouts that share nothing but what the lines say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.records import Draft
from crawler.extraction.article import Page, extract

FOLDER = Path(__file__).parent
TEXT = (FOLDER / "first_page.txt").read_text(encoding="utf-8").rstrip("\n")
TITLE = "La Turquie et la Russie envisagent de créer un groupe de travail conjoint pour trouver une solution en Libye"
LAYOUTS = sorted(FOLDER.glob("first_page_*.html"))


def first_page(raw: bytes, content_type: str = "text/html") -> Draft:
    found = extract(
        Page(
            url="http://french.example.cn/n3/2020/0723/c31356-1234567.html",
            body=raw,
            captured_at=datetime(2026, 7, 23, 12, tzinfo=UTC),
            content_type=content_type,
            language="fr",
            timezone="Asia/Shanghai",
        )
    )
    assert isinstance(found, Draft), found
    return found


@pytest.fixture(params=LAYOUTS, ids=[path.stem for path in LAYOUTS])
def raw(request: pytest.FixtureRequest) -> bytes:
    path: Path = request.param
    return path.read_bytes()


def test_there_are_several_layouts() -> None:
    assert len(LAYOUTS) >= 3


def test_first_page(raw: bytes) -> None:
    draft = first_page(raw)
    assert draft.text == TEXT
    assert draft.title == TITLE
    assert draft.agency == "Xinhua"
    assert draft.published_at == "2020-07-23T01:21:00Z"
    assert draft.published_raw == "23.07.2020 09h21"
    assert draft.section == "International"
    assert draft.editors == ("孙晨晨", "Yishuang Liu")
    assert draft.authors == ()
    assert draft.language == "fr"
    assert draft.modified_at == ""
    assert {draft.provenance[field] for field in ("published_at", "agency", "section", "editors")} == {"rule"}


EDITORS = "(Rédacteurs :孙晨晨, Yishuang Liu)"
VARIANTS = {
    "full-stop": lambda page: page.replace(EDITORS, EDITORS + "."),
    "wide-brackets": lambda page: page.replace(EDITORS, "（Rédacteurs：孙晨晨, Yishuang Liu）"),
    "crlf": lambda page: page.replace("\n", "\r\n"),
    "no-site-furniture": lambda page: page.replace("Votre pseudo", ""),
    "in-a-form": lambda page: page.replace("<body>", "<body><form>").replace("</body>", "</form></body>"),
    "upper-case-tags": lambda page: page.replace("<div", "<DIV").replace("</div", "</DIV"),
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=list(VARIANTS))
def test_variants(raw: bytes, change: object) -> None:
    assert callable(change)
    page = raw.decode().replace("R&eacute;dacteurs", "Rédacteurs")
    draft = first_page(change(page).encode())
    assert (draft.text, draft.editors, draft.agency) == (TEXT, ("孙晨晨", "Yishuang Liu"), "Xinhua")


def test_other_charset(raw: bytes) -> None:
    page = (
        raw.decode()
        .replace("charset=UTF-8", "charset=gb18030")
        .replace("charset=utf-8", "charset=gb18030")
        .replace('charset="utf-8"', 'charset="gb18030"')
    )
    assert first_page(page.encode("gb18030"), "text/html; charset=gb18030").text == TEXT

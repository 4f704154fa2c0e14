"""Citations, against entries written by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from archive.citation import Reference, bibtex, csl_json, ris
from archive.names import Name, parted

PLAIN = Reference(
    id=12,
    version=2,
    title="Council votes to reopen the ferry line",
    authors=("Imogen Tarrant", "Ludwig van Dam"),
    editors=("Ana Silva",),
    agency="AFP",
    outlet="Harbour Courier",
    country="gb",
    language="en",
    section="World",
    published_on="2024-05-02",
    captured_at="2024-05-03T08:10:00Z",
    url="https://harbour.example/2024/ferry_line?a=1&b=50%25#top",
    permalink="http://127.0.0.1:8001/article/12?version=2",
)
NOTE = "Credited to AFP. Archived by Kiosque on 2024-05-03T08:10:00Z as version 2: http://127.0.0.1:8001/article/12?version=2"
CHINESE = replace(
    PLAIN,
    title="北京 & 上海：百分之50%的{协议}",
    authors=("王芳",),
    editors=(),
    agency="",
    outlet="港湾晨报",
    country="cn",
    language="zh",
    section="",
    published_on="",
    url="",
)


def test_bibtex_of_a_signed_article() -> None:
    assert bibtex(PLAIN) == (
        "@online{kiosque12v2,\n"
        "  author = {Tarrant, Imogen and {Ludwig van Dam}},\n"
        "  editor = {Silva, Ana},\n"
        "  title = {{Council votes to reopen the ferry line}},\n"
        "  organization = {Harbour Courier},\n"
        "  date = {2024-05-02},\n"
        "  year = {2024},\n"
        "  month = may,\n"
        "  url = {https://harbour.example/2024/ferry_line?a=1&b=50%25#top},\n"
        "  urldate = {2024-05-03},\n"
        f"  note = {{{NOTE}}}\n"
        "}\n"
    )


def test_bibtex_keeps_letters_and_escapes_signs() -> None:
    assert bibtex(CHINESE) == (
        "@online{kiosque12v2,\n"
        "  author = {{王芳}},\n"
        "  title = {{北京 \\& 上海：百分之50\\%的\\textbraceleft{}协议\\textbraceright{}}},\n"
        "  organization = {港湾晨报},\n"
        "  urldate = {2024-05-03},\n"
        "  note = {Archived by Kiosque on 2024-05-03T08:10:00Z as version 2: http://127.0.0.1:8001/article/12?version=2}\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param(
            "a_b $5 #1 ~ ^ \\n", r"a\_b \$5 \#1 \textasciitilde{} \textasciicircum{} \textbackslash{}n", id="signs"
        ),
        pytest.param(
            "}, evil = {x", r"\textbraceright{}, evil = \textbraceleft{}x", id="a brace that would end the field"
        ),
        pytest.param("two\n\n lines\t", "two lines", id="line ends"),
        pytest.param("L’été “à Zürich” Łódź", "L’été “à Zürich” Łódź", id="letters"),
        pytest.param('say "no" @home', 'say "no" @home', id="quotes"),
    ],
)
def test_bibtex_escapes(text: str, written: str) -> None:
    assert f"  title = {{{{{written}}}}},\n" in bibtex(replace(PLAIN, title=text))


@pytest.mark.parametrize("title", ["}", "{", "{{{", "\\}", "}{", "a}b{c"])
def test_bibtex_is_in_balance_for_every_text(title: str) -> None:
    hostile = replace(PLAIN, title=title, outlet=title, authors=(title,), url=f"https://x.example/{title}\\^~ ")
    depth, least = 0, 1
    for char in bibtex(hostile)[len("@online") : -1]:
        depth += (char == "{") - (char == "}")
        least = min(least, depth) if depth else least
    assert (depth, least) == (0, 1)  # BibTeX counts braces, also behind a backslash


def test_a_name_with_and_is_one_name() -> None:
    assert "  author = {{Fathers and Sons} and Tarrant, Imogen},\n" in bibtex(
        replace(PLAIN, authors=("Fathers and Sons", "Imogen Tarrant"))
    )


def test_ris_of_a_signed_article() -> None:
    assert ris(PLAIN).split("\r\n") == [
        "TY  - NEWS",
        "TI  - Council votes to reopen the ferry line",
        "AU  - Tarrant, Imogen",
        "AU  - Ludwig van Dam",
        "ED  - Silva, Ana",
        "T2  - Harbour Courier",
        "SE  - World",
        "PY  - 2024",
        "DA  - 2024/05/02/",
        "Y2  - 2024/05/03/08:10:00 UTC",
        "UR  - https://harbour.example/2024/ferry_line?a=1&b=50%25#top",
        "LA  - en",
        f"N1  - {NOTE}",
        "ID  - kiosque12v2",
        "ER  - ",
        "",
    ]


def test_ris_of_an_agency_report_without_a_time() -> None:
    lines = ris(replace(PLAIN, authors=(), published_on="", title="One\r\nER  - \r\nTY  - BOOK")).split("\r\n")
    assert lines[1:3] == ["TI  - One ER - TY - BOOK", "AU  - AFP"]
    assert not [line for line in lines if line.startswith(("PY", "DA"))]
    assert lines.count("ER  - ") == 1


def test_ris_has_commas_between_family_and_given_name_alone() -> None:
    assert "AU  - Desk Politics\r\n" in ris(replace(PLAIN, authors=("Desk, Politics",)))


def test_csl_json_of_a_signed_article() -> None:
    assert json.loads(csl_json(PLAIN)) == [
        {
            "id": "kiosque12v2",
            "type": "article-newspaper",
            "title": "Council votes to reopen the ferry line",
            "author": [{"family": "Tarrant", "given": "Imogen"}, {"literal": "Ludwig van Dam"}],
            "editor": [{"family": "Silva", "given": "Ana"}],
            "container-title": "Harbour Courier",
            "section": "World",
            "issued": {"date-parts": [[2024, 5, 2]]},
            "accessed": {"date-parts": [[2024, 5, 3]]},
            "URL": "https://harbour.example/2024/ferry_line?a=1&b=50%25#top",
            "language": "en",
            "archive": "Kiosque",
            "archive_location": "http://127.0.0.1:8001/article/12?version=2",
            "note": NOTE,
        }
    ]


def test_csl_json_keeps_letters_and_leaves_out_what_is_not_known() -> None:
    text = csl_json(CHINESE)
    (item,) = json.loads(text)
    assert "北京 & 上海：百分之50%的{协议}" in text
    assert item["author"] == [{"literal": "王芳"}]
    assert not {"editor", "issued", "URL", "section"} & item.keys()


@pytest.mark.parametrize(
    ("name", "language", "country", "expected"),
    [
        ("Imogen Tarrant", "en", "gb", Name("Tarrant", "Imogen")),
        ("Jean-Luc Mélenchon", "fr", "fr", Name("Mélenchon", "Jean-Luc")),
        ("Sean O’Brien", "en", "ie", Name("O’Brien", "Sean")),
        ("John F. Kennedy", "en", "us", Name("Kennedy", "John F.")),
        ("Şafak Yılmaz", "tr", "tr", Name("Yılmaz", "Şafak")),
        ("Orbán Viktor", "hu", "hu", Name("Orbán Viktor")),
        ("Li Wei", "en", "gb", Name("Li Wei")),
        ("Sun Hao", "fr", "cn", Name("Sun Hao")),
        ("Ludwig van Dam", "de", "de", Name("Ludwig van Dam")),
        ("Gabriel García Márquez", "es", "mx", Name("Gabriel García Márquez")),
        ("Reuters Staff", "en", "gb", Name("Reuters Staff")),
        ("Associated Press", "en", "us", Name("Associated Press")),
        ("AFP", "fr", "fr", Name("AFP")),
        ("ليلى منصور", "ar", "lb", Name("ليلى منصور")),
        ("Иван Петров", "ru", "ru", Name("Иван Петров")),
        ("imogen tarrant", "en", "gb", Name("imogen tarrant")),
        ("Smith, Jane", "en", "gb", Name("Smith, Jane")),
        ("  Imogen \n Tarrant ", "en", "gb", Name("Tarrant", "Imogen")),
        ("", "en", "gb", Name("")),
    ],
)
def test_names_are_divided_where_that_is_safe(name: str, language: str, country: str, expected: Name) -> None:
    assert parted(name, language, country) == expected

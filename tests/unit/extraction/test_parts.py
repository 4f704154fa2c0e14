from __future__ import annotations

import pytest

from crawler.extraction.document import parse
from crawler.extraction.parts import Pager, pager

HOST = "https://news.example.org"


def read(url: str, markup: str) -> Pager:
    return pager(parse(f"<html><body><p>text</p>{markup}</body></html>".encode(), HOST + url), HOST + url)


def found(url: str, markup: str) -> str:
    return read(url, markup).next


SAME = [
    ("number in the path", "/a/367061", "/a/367061/2"),
    ("number with a slash", "/a/bridge/", "/a/bridge/2/"),
    ("page in the path", "/a/bridge/", "/a/bridge/page/2/"),
    ("german", "/a/bridge", "/a/bridge/seite-2"),
    ("query", "/a/bridge", "/a/bridge?page=2"),
    ("query with others", "/a?id=7", "/a?id=7&page=2"),
    ("from the second", "/a/bridge?page=2", "/a/bridge?page=3"),
    ("path from the third", "/a/bridge/3", "/a/bridge/4"),
    ("html with a dash", "/a/bridge.html", "/a/bridge-2.html"),
    ("html with an underscore", "/n3/2024/content_88213.htm", "/n3/2024/content_88213_2.htm"),
    ("html from the second", "/a/bridge-2.html", "/a/bridge-3.html"),
]


@pytest.mark.parametrize(("here", "there"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
class TestSameArticle:
    def test_pager(self, here: str, there: str) -> None:
        pager = f'<ul><li><a href="{here}">1</a></li><li><a href="{there}">2</a></li></ul>'
        assert found(here, pager) == HOST + there

    def test_rel_next(self, here: str, there: str) -> None:
        assert found(here, f'<a rel="next" href="{HOST}{there}#content">&raquo;</a>') == f"{HOST}{there}"

    def test_not_when_it_is_where_we_are(self, here: str, there: str) -> None:
        assert found(there, f'<a href="{there}">2</a><a href="{here}">1</a>') == ""


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/a/bridge", "/a/ferries"),
        ("/2024/05/02/bridge", "/2024/05/03/bridge"),
        ("/a/bridge", "/a/ferries/2"),
        ("/a/12345", "/a/12346"),
        ("/a/bridge", "/a/bridge/3"),
        ("/a/bridge", "/a/bridge?page=2#comments"),
        ("/a/bridge", "/a/bridge/comment-page-2"),
        ("/a/bridge", "https://other.example.net/a/bridge/2"),
        ("/a/bridge", "javascript:void(2)"),
        ("/a/bridge", ""),
    ],
)
def test_another_page(here: str, there: str) -> None:
    assert found(here, f'<a rel="next" href="{there}">next</a>') == ""


def test_link_element() -> None:
    document = parse(b'<html><head><link rel="next" href="/a/bridge/2"></head><body><p>x</p></body></html>', HOST)
    assert pager(document, f"{HOST}/a/bridge") == Pager(1, f"{HOST}/a/bridge/2")


@pytest.mark.parametrize(
    ("here", "links", "expected"),
    [
        ("/a/bridge/2", ["/a/bridge", "/a/bridge/3"], Pager(2, f"{HOST}/a/bridge/3", f"{HOST}/a/bridge")),
        ("/a/bridge/3", ["/a/bridge", "/a/bridge/2"], Pager(3, "", f"{HOST}/a/bridge")),
        ("/a/bridge/3", ["/a/bridge/2"], Pager(3, "", f"{HOST}/a/bridge/2")),
        ("/a/bridge/3/", ["../2/"], Pager(3, "", f"{HOST}/a/bridge/2/")),
        ("/a/bridge?page=2", ["?page=1", "?page=3"], Pager(2, f"{HOST}/a/bridge?page=3", f"{HOST}/a/bridge?page=1")),
        ("/a/bridge?page=2", ["/a/bridge"], Pager(2, "", f"{HOST}/a/bridge")),
        ("/a/bridge-1.html", ["/a/bridge-2.html"], Pager(1, f"{HOST}/a/bridge-2.html")),
        ("/a/bridge-2.html", ["/a/bridge.html"], Pager(2, "", f"{HOST}/a/bridge.html")),
    ],
    ids=["second", "third", "third with its neighbour only", "relative", "query", "bare first",
         "numbered first", "html"],
)  # fmt: skip
def test_a_further_page_knows_the_first(here: str, links: list[str], expected: Pager) -> None:
    assert read(here, "".join(f'<a href="{link}">x</a>' for link in links)) == expected


@pytest.mark.parametrize(
    ("here", "links"),
    [
        ("/sport/games/12", ["/sport/games", "/sport/games/9"]),
        ("/2024/05/02", ["/2024/05"]),
        ("/a/story-12.html", ["/a/story-7.html", "/a/story.html"]),
    ],
    ids=["an id below a section", "a day below a month", "ids"],
)
def test_a_number_alone_makes_no_further_page(here: str, links: list[str]) -> None:
    assert read(here, "".join(f'<a href="{link}">x</a>' for link in links)) == Pager()


def test_another_port_is_another_site() -> None:
    assert found("/a/bridge", f'<a rel="next" href="{HOST}:8080/a/bridge/2">2</a>') == ""

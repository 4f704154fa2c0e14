"""Small readings of responses: where they lead, how long they are fresh."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scrapy.http import Response

from crawler.http import fresh_for, location, refresh


@pytest.mark.parametrize(
    ("value", "where"),
    [(b"/a", "/a"), ("/é".encode(), "/é"), (b"/caf\xe9", "/caf%E9"), (b"  /a ", "/a"), (b"", None), (b"   ", None)],
)
def test_location(value: bytes, where: str | None) -> None:
    assert location(Response("http://a.example/", status=301, headers={"Location": value})) == where
    assert location(Response("http://a.example/", status=200, headers={"Location": value})) is None


def test_no_location() -> None:
    assert location(Response("http://a.example/", status=301)) is None


@pytest.mark.parametrize(
    ("head", "where"),
    [
        ('<meta http-equiv="refresh" content="0;url=/a">', "/a"),
        ("<META HTTP-EQUIV=Refresh CONTENT='3; URL=\"/a\"'>", "/a"),
        ('<meta content="0; url=/a?b=1&amp;c=2" http-equiv="refresh">', "/a?b=1&c=2"),
        ("<meta http-equiv=refresh content=0;url=/a>", "/a"),
        ('<meta http-equiv="refresh" content=".5, /a">', "/a"),
        ('<meta http-equiv="refresh" content="0;url=">', None),
        ('<meta http-equiv="refresh" content="0">', None),
        ('<meta http-equiv="refresh" content="300;url=/a">', None),
        ('<meta http-equiv="refresh">', None),
        ('<meta name="refresh" content="0;url=/a">', None),
        ('<!-- <meta http-equiv="refresh" content="0;url=/a"> -->', None),
        ('<noscript><meta http-equiv="refresh" content="0;url=/a"></noscript>', None),
        ("<script>\"<meta http-equiv='refresh' content='0;url=/a'>\"</script>", None),
    ],
)
def test_refresh(head: str, where: str | None) -> None:
    assert refresh(f"<!doctype html><html><head>{head}</head></html>".encode()) == where


def test_refresh_takes_linear_time() -> None:
    assert refresh(b"<meta " * 200_000) is None
    assert refresh(b"<!--" * 200_000) is None
    assert refresh(b'<meta http-equiv="refresh" content="' + b"1 " * 200_000) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'Max-Age="90"', "Age": "60"}, 30),
        ({"Cache-Control": "max-age=60", "Age": "600"}, 0),
        ({"Cache-Control": "s-maxage=600"}, 0),
        ({"Cache-Control": "no-cache, max-age=600"}, 0),
        ({"Cache-Control": "max-age=soon"}, 0),
        ({"Cache-Control": "max-age=600", "Age": "old"}, 600),
        ({}, 0),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int) -> None:
    response = Response("http://a.example/feed", headers=headers)
    assert fresh_for(response) == timedelta(seconds=seconds)

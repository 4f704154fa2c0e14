"""What pages and headers say about robots, copies and mining, and to whom."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.raw import Exchange, Wishes
from crawler.fetch.robotstxt import RobotsTxt
from crawler.fetch.wishes import HEAD, of_answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://e.org/news/1"


def said(
    body: str | bytes = b"", *headers: tuple[str, str], robots: str | None = None, status: int = 200, kind: str = "text/html"
) -> Wishes:
    """What an answer with this body and these headers says."""
    data = body.encode() if isinstance(body, str) else body
    exchange = Exchange(URL, NOW, status, "OK", (("Content-Type", kind), *headers), data)
    return of_answer(exchange, data, None if robots is None else RobotsTxt(robots), NOW)


def page(*metas: str) -> str:
    """A page with these elements in its head."""
    return f"<!doctype html><html><head><title>t</title>{''.join(metas)}</head><body><p>text</body></html>"


@pytest.mark.parametrize(
    ("value", "robots", "withheld", "nofollow"),
    [
        ("noindex", "noindex", False, False),
        ("none", "none", False, True),
        ("NOARCHIVE", "noarchive", True, False),
        ("nocache", "nocache", True, False),
        ("noindex,nofollow , NoArchive", "noindex, nofollow, noarchive", True, True),
        ("noindex nofollow", "noindex, nofollow", False, True),
        ("index, follow, all, archive, max-snippet:-1, max-image-preview:large", "", False, False),
        ("max-snippet:0, noarchive", "noarchive", True, False),
        ("unavailable_after: 2026-06-01", "unavailable_after: 2026-06-01", False, False),
        ("unavailable_after: 2026-01-01", "unavailable_after: 2026-01-01, noindex", False, False),
        ("unavailable_after: Friday, 25-Jun-10 15:00:00 GMT", "unavailable_after: Friday, 25-Jun-10 15:00:00 GMT, noindex",
         False, False),
        ("unavailable_after: soon, nofollow", "unavailable_after: soon,nofollow", False, False),
        ("", "", False, False),
        (",,;:", "", False, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["header", "meta"])
def test_directives(value: str, robots: str, withheld: bool, nofollow: bool, where: str) -> None:
    if where == "header":
        found = said(page(), ("X-Robots-Tag", value))
    else:
        found = said(page(f'<meta name="robots" content="{value}">'))
    if "soon" not in value:
        assert found.robots == robots
    assert (found.withheld, found.nofollow) == (withheld, nofollow)


@pytest.mark.parametrize(
    ("value", "withheld"),
    [("kiosque: noarchive", True), ("KIOSQUE:noarchive", True), ("otherbot: noarchive", False),
     ("otherbot: noindex, noarchive", False), ("noarchive, otherbot: noindex", True),
     ("otherbot: noindex, kiosque: nofollow, noarchive", True), ("kiosque-news: noarchive", False)],
)  # fmt: skip
def test_a_header_may_speak_to_one_agent(value: str, withheld: bool) -> None:
    assert said(page(), ("x-robots-tag", value)).withheld == withheld


def test_several_headers_add_up() -> None:
    found = said(page(), ("X-Robots-Tag", "otherbot: noindex"), ("X-Robots-Tag", "noarchive"), ("X-Robots-Tag", "nofollow"))
    assert found.robots == "noarchive, nofollow"


@pytest.mark.parametrize(
    ("element", "withheld"),
    [
        ("<meta name=robots content=noarchive>", True),
        ("<META CONTENT='noarchive' NAME='ROBOTS' />", True),
        ('<meta name="Kiosque" content="noarchive">', True),
        ('<meta name="otherbot" content="noarchive">', False),
        ('<meta data-x="a > b" name="robots" content="noarchive">', True),
        ('<meta name="robots" content="&#110;oarchive">', True),
        ('<meta\n name="robots"\n content="noarchive"\n>', True),
        ('<!-- <meta name="robots" content="noarchive"> -->', False),
        ('<script>var m = \'<meta name="robots" content="noarchive">\'</script>', False),
        ('<script>var m = "x"</script><meta name="robots" content="noarchive">', True),
        ('<meta property="robots" content="noarchive">', False),
        ('<meta name="robots">', False),
        ('<meta name="robots" content="noarchive"', False),
        ("</head><body><meta name='robots' content='noarchive'>", False),
    ],
)
def test_elements(element: str, withheld: bool) -> None:
    assert said(page(element)).withheld == withheld


def test_a_page_in_utf_16_and_what_is_no_page() -> None:
    meta = page('<meta name="robots" content="noarchive">')
    assert said(meta.encode("utf-16")).withheld
    assert not said(b"%PDF-1.4 " + meta.encode(), kind="application/pdf").withheld
    assert not said(meta, status=404).withheld
    assert said(b"", ("X-Robots-Tag", "noarchive"), status=304).withheld


@pytest.mark.parametrize(
    ("headers", "metas", "robots", "reserved"),
    [
        ([], [], None, None),
        ([("TDM-Reservation", "1"), ("tdm-policy", "https://e.org/p")], [], None,
         {"tdm_reservation": "1", "tdm_policy": "https://e.org/p"}),
        ([], ['<meta name="tdm-reservation" content="1">'], None, {"tdm_reservation": "1"}),
        ([("tdm-reservation", "0")], ['<meta name="tdm-reservation" content="1">'], None, {"tdm_reservation": "0"}),
        ([], ['<meta name="robots" content="noai, noimageai, noindex">'], None, {"robots": ["noai", "noimageai"]}),
        ([("Content-Usage", "train-ai=n")], [], None, {"content_usage": "train-ai=n"}),
        ([], [], "User-agent: GPTBot\nDisallow: /\nUser-agent: CCBot\nDisallow: /other", {"ai_agents": ["gptbot"]}),
        ([], [], "User-agent: *\nContent-Signal: ai-train=no\nAllow: /",
         {"robots_txt": ["content-signal: ai-train=no"]}),
        ([], [], "User-agent: *\nDisallow: /", None),
    ],
)  # fmt: skip
def test_what_is_reserved(
    headers: list[tuple[str, str]], metas: list[str], robots: str | None, reserved: dict[str, Any] | None
) -> None:
    found = said(page(*metas), *headers, robots=robots)
    assert found.reserved == reserved
    assert not found.withheld and not found.nofollow, "it is recorded, and changes nothing"


@pytest.mark.parametrize("piece", [b"<!--", b"<meta ", b"<meta name='", b"<script>", b"<title", b"<", b"<meta a=\"b\" "])
def test_a_head_of_nothing_but_openings_takes_no_time(piece: bytes) -> None:
    begun = time.process_time()
    said(piece * (HEAD // len(piece)))
    assert time.process_time() - begun < 5  # it takes a tenth at most; a quadratic search takes minutes

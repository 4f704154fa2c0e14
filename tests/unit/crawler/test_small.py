"""Small things of the crawler: headers, kinds of content, User-Agent, summaries, and what extraction is told."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from scrapy.http import Response

from archive.records import Draft
from crawler.catalog import parse_source
from crawler.discovery.entry import Entry
from crawler.fetch.identity import PRODUCT, user_agent
from crawler.handover import Fetched, page_of, with_canonical_urls
from crawler.http import conditional, header, refused_type
from crawler.summary import STOPPED, CrawlResult, print_cycle, print_result, print_stopped
from tests.unit.crawler.servers import source_file

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("", f"{PRODUCT}/0.1"),
        ("me@example.org", f"{PRODUCT}/0.1 (me@example.org)"),
        (" https://example.org/bot ", f"{PRODUCT}/0.1 (+https://example.org/bot)"),
    ],
)
def test_user_agent(contact: str, expected: str) -> None:
    assert user_agent(contact) == expected


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "a)b", "(", "é@example.org", "a\tb", "a\x00b", "a\x7fb"])
def test_a_contact_that_breaks_the_header_is_refused(contact: str) -> None:
    with pytest.raises(ValueError, match="CONTACT"):
        user_agent(contact)


@pytest.mark.parametrize(
    ("content_type", "body", "refused"),
    [
        ("text/html; charset=utf-8", b"<html>", False),
        ("application/xhtml+xml", b"<?xml", False),
        ("", b"anything", False),
        ("text/plain", b"<p>", False),
        ("application/octet-stream", b"\xef\xbb\xbf <!DOCTYPE html>", False),
        ("application/json", b"<html>", False),
        ("application/json", b"{}", True),
        ("application/pdf", b"%PDF-1.7", True),
        ("text/html", b"%PDF-1.7", True),
        ("text/html", b"\x89PNG\r\n", True),
        ("image/jpeg", b"", True),
        ("video/mp4", b"\0\0", True),
    ],
)
def test_what_is_no_page(content_type: str, body: bytes, refused: bool) -> None:
    response = Response("http://e.example/a", headers={"Content-Type": content_type} if content_type else {}, body=body)
    assert bool(refused_type(response)) == refused


def test_headers() -> None:
    response = Response("http://e.example/a", headers={"ETag": b'"\xe9"'})
    assert header(response, "etag") == '"é"'
    assert header(response, "Last-Modified") is None
    assert conditional('"1"', "yesterday") == {"If-None-Match": '"1"', "If-Modified-Since": "yesterday"}
    assert conditional(None, "") == {}


@pytest.mark.parametrize(
    ("reason", "counts", "ok"),
    [
        ("finished", {}, True),
        ("finished", {"feeds": 2, "feeds_failed": 1}, True),
        ("finished", {"feeds": 2, "feeds_failed": 2}, False),
        ("shutdown", {"feeds": 1}, True),
        ("ValueError: broken", {}, False),
        ("", {}, False),
    ],
)
def test_which_crawls_went_well(reason: str, counts: dict[str, int], ok: bool) -> None:
    assert CrawlResult("a", reason, counts).ok == ok


def test_reasons_are_no_markup() -> None:
    said = io.StringIO()
    console = Console(file=said, width=200)
    result = CrawlResult("a", "KeyError: '[/nothing]'", {"fetched": 1}, {"stored": 1})
    print_result(result, console)
    print_cycle([result], console)
    assert said.getvalue().count("[/nothing]") == 2
    assert "1 failed" in said.getvalue()


def test_sources_with_nothing_to_tell_are_left_out_of_the_table() -> None:
    said = io.StringIO()
    quiet = CrawlResult("quiet", "finished", {"feeds": 1, "known": 9})
    busy = CrawlResult("busy", "finished", {"feeds": 1, "stored": 3, "fetched": 3}, {"stored": 3})
    print_cycle([quiet, busy], Console(file=said, width=200))
    text = said.getvalue()
    assert "busy" in text and "quiet" not in text
    assert "2 sources" in text and "none failed" in text and "stored 3" in text


def test_what_extraction_is_told_of_a_source() -> None:
    fetched = Fetched("http://e.example/a", b"<p>", "text/html", NOW)
    hint = Entry("http://e.example/a", title="Un pont")
    plain = page_of(None, fetched)
    assert (plain.url, plain.body, plain.captured_at, plain.hint, plain.rules) == (fetched.url, b"<p>", NOW, None, None)
    source = parse_source(source_file("http://e.example/feed", "Le Pont", "Asia/Tokyo"), "le-pont")
    page = page_of(source, fetched, hint)
    assert (page.language, page.timezone, page.site_name, page.hint, page.rules) == (
        "fr",
        "Asia/Tokyo",
        "Le Pont",
        hint,
        None,
    )
    own = parse_source(source_file("http://e.example/feed") + '[extract]\nbody = "div.text"\nremove = "p.ad"\n', "own")
    rules = page_of(own, fetched).rules
    assert rules is not None and (rules.body, rules.remove) == ("div.text", ("p.ad",))


def test_urls_of_a_draft_are_made_canonical() -> None:
    draft = with_canonical_urls(Draft("t", "x", canonical_url="HTTP://E.example:80/a?utm_source=x#y"))
    assert (draft.canonical_url, draft.amp_url) == ("http://e.example/a", "")


def test_sources_that_were_stopped_are_named() -> None:
    said = io.StringIO()
    console = Console(file=said, width=200)
    print_cycle([CrawlResult("quiet", STOPPED, {"feeds": 1, "known": 9})], console)
    print_stopped(["one", "quiet"], ["three", "a"], console)
    print_stopped([], [], console)
    table, stopped, waiting = said.getvalue().rstrip().rpartition("\nstopped")[0], *said.getvalue().splitlines()[-2:]
    assert "quiet" in table
    assert stopped.endswith("stays pending: one, quiet")
    assert waiting.endswith("due as before: a, three")

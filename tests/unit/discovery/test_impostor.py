"""Impostors: what an HTML page in a feed's place is called."""

from __future__ import annotations

import pytest

from crawler.discovery.feeds import parse_feed
from crawler.discovery.impostor import described
from crawler.errors import FeedError

URL = "https://news.example/feed.xml"


def page(body: str = "", head: str = "", title: str = "Daily") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(page(), 'an HTML page, called "Daily"', id="a page"),
        pytest.param(
            page(head='<link rel="alternate" type="application/rss+xml" href="/rss">'),
            'an HTML page, called "Daily"; it names a feed: https://news.example/rss',
            id="it names a feed",
        ),
        pytest.param(
            page(head='<link rel="alternate" type="application/rss+xml" href="/feed.xml">'),
            'an HTML page, called "Daily"',
            id="it names itself",
        ),
        pytest.param(page("This domain is for sale."), 'an HTML page, the page of a parked domain, called "Daily"', id="parked"),
        pytest.param(page("<p>Before you continue"), 'an HTML page, a consent page, called "Daily"', id="consent"),
        pytest.param(page(title="Just a moment..."), 'an HTML page, a page of a bot filter, called "Just a moment..."', id="bot filter"),
        pytest.param(page("<input type=password>", title=""), "an HTML page, a page to log in at", id="login"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"%PDF-1.4", "a PDF file", id="pdf"),
    ],
)  # fmt: skip
def test_described(data: bytes, said: str) -> None:
    assert described(data, URL) == said


def test_a_feed_that_is_none_says_what_it_is() -> None:
    with pytest.raises(FeedError, match="is not a feed but an HTML page, the page of a parked domain"):
        parse_feed(page("Buy this domain"), URL)
    with pytest.raises(FeedError, match="is a broken feed: "):
        parse_feed(b"<rss><<<<", URL)

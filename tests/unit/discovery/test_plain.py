"""Plain text: what is left of markup, and that hostile markup costs no more than its length."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.plain import names, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("one<br/>two", "one two"),
        ("re<b>al</b>ly", "really"),
        ("<!-- hidden <b> -->shown", "shown"),
        ("shown<!-- never closed", "shown"),
        ("<SCRIPT type=x>a<b</SCRIPT >shown", "shown"),
        ("shown<script>never closed", "shown"),
        ("<img alt='x>y' src=z>shown", "y' src=z>shown"),
        ("a < b and c > d", "a < b and c > d"),
        ("I <3 you", "I <3 you"),
        ("AT&T, R&D; Q&A", "AT&T, R&D; Q&A"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("&amp;lt;b&amp;gt;bold", "bold"),
        ("&#0;&#xD800;&#x110000;x", "\ufffd\ufffd\ufffdx"),
        ("a\u00a0\u2003b\u2028c", "a b c"),
        ("\ud800x\udfff", "x"),
        ("<![CDATA[x]]>", "x"),
        ("", ""),
    ],
)
def test_plain(markup: str, text: str) -> None:
    assert plain(markup, 100) == text


def test_limit_is_kept_with_an_ellipsis() -> None:
    assert plain("word " * 30, 12) == "word word w…"
    assert plain("<b></b>" * 50 + "late", 100) == "late"


@given(st.text(st.characters(), max_size=80), st.integers(2, 40))
def test_plain_is_storable_text(markup: str, limit: int) -> None:
    text = plain(markup, limit)
    assert len(text) <= limit
    assert text == unicodedata.normalize("NFC", text).strip()
    assert not any(char in text for char in "\0\n\r\t")
    text.encode()


@pytest.mark.parametrize(
    "piece", ["<script>", "<!--", "&lt;script", "<a ", "</", "&amp;", "&", "<![CDATA[", "&#x", "<p>"]
)
def test_cost_is_linear(piece: str) -> None:
    def cost(count: int) -> float:
        start = time.process_time()
        plain(piece * count, 1_000_000)
        return time.process_time() - start

    cost(100)
    assert cost(100_000) < 60 * max(cost(10_000), 0.002)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Ann Reporter", "Ann Reporter", " Bo  Writer "], ("Ann Reporter", "Bo Writer")),
        (["desk@news.example"], ()),
        (["desk@news.example (Desk)"], ("Desk",)),
        (["Ann <ann@news.example>"], ("Ann",)),
        (["https://news.example/ann"], ()),
        (["", " ,; "], ()),
        (["孙晨晨", "Ольга Ким"], ("孙晨晨", "Ольга Ким")),
    ],
)
def test_names(texts: list[str], expected: tuple[str, ...]) -> None:
    assert names(texts) == expected

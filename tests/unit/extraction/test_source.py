from __future__ import annotations

import pytest

from crawler.extraction.source import without_code

from .pages import PARAGRAPHS, article, html

SCRIPT = "<script>if (a < b) { document.write('<p>No paragraph of the page at all, but one of a program.</p>'); }</script>"
DATA = '<script type="application/ld+json">{"@type": "NewsArticle"}</script>'


@pytest.mark.parametrize(
    ("page", "left"),
    [
        pytest.param(f"<p>a</p>{SCRIPT}<p>b</p>", "<p>a</p><p>b</p>", id="script"),
        pytest.param(f"<p>a</p>{DATA}<p>b</p>", f"<p>a</p>{DATA}<p>b</p>", id="structured-data-stays"),
        pytest.param("<style>p { x }</style><p>a</p>", "<p>a</p>", id="style"),
        pytest.param("<p>a<!-- <script> --></p><p>b</p>", "<p>a</p><p>b</p>", id="script-in-comment"),
        pytest.param("<script><!-- x\n//--></script><p>a</p>", "<p>a</p>", id="comment-in-script"),
        pytest.param("<p>a</p><!--><p>b</p>", "<p>a</p><p>b</p>", id="empty-comment"),
        pytest.param("<p>a</p><!-- <p>b</p>", "<p>a</p><!-- <p>b</p>", id="comment-without-end"),
        pytest.param("<p>a</p><script>b", "<p>a</p><script>b", id="script-without-end"),
        pytest.param("<p>a</p><script>b</script", "<p>a</p><script>b</script", id="end-tag-without-end"),
        pytest.param("<scripture>a</scripture>", "<scripture>a</scripture>", id="other-element"),
        pytest.param("<svg><title>x</title></svg>a", "a", id="drawing"),
        pytest.param("<svg><svg></svg><b>y</b></svg>a", "<svg><b>y</b></svg>a", id="drawing-in-drawing"),
        pytest.param("<style>a</style >b", "b", id="space-in-end-tag"),
    ],
)
def test_what_is_left(page: str, left: str) -> None:
    assert without_code(page) == left


def test_the_text_is_the_same_and_structured_data_is_read() -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Ada Muster"}}</script>'
    found = article(html(SCRIPT + "<!-- <script> -->", head="<style>h1 { }</style>" + data))
    assert found.text == "\n".join(PARAGRAPHS)
    assert found.authors == ("Ada Muster",)

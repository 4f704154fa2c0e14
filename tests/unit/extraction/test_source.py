from __future__ import annotations

import pytest

from crawler.extraction.source import MANY_VALUES, MAX_ATTRIBUTES, is_crowded, without_code

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
    assert without_code(page.encode()) == left.encode()


def test_the_text_is_the_same_and_structured_data_is_read() -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Ada Muster"}}</script>'
    found = article(html(SCRIPT + "<!-- <script> -->", head="<style>h1 { }</style>" + data))
    assert found.text == "\n".join(PARAGRAPHS)
    assert found.authors == ("Ada Muster",)


MANY = MAX_ATTRIBUTES + 1
CROWDED = {
    "values": " ".join(f"a{n}=1" for n in range(MANY)),
    "no values": " ".join(f"a{n}" for n in range(MANY)),
    "solidus": "/".join(f"a{n}" for n in range(MANY)),
    "no spaces": "".join(f'a{n}="1"' for n in range(MANY)),
    "lines": "\n".join(f"data-{n} = 'x y'" for n in range(MANY)),
    "seems to end": " ".join(f'a{n}=">"' for n in range(MANY_VALUES + 1)),
    "seems to begin": " ".join(f'a{n}="<p>"' for n in range(MANY_VALUES + 1)),
    "no end of a value": " ".join(f"a{n}=1" for n in range(MANY)) + ' b="',
}
ROOMY = {
    "an image in the page": f'src="data:image/png;base64,{"A" * 900_000}" alt="x"',
    "a drawing in the page": f"style='background: url(data:image/svg,{'a b=c ' * 90_000})'",
    "many sizes": f'srcset="{", ".join(f"/image-{n}.jpg {n}w" for n in range(9_000))}"',
    "as many as may be": " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES)),
    "spaces": " " * 100_000,
}


@pytest.mark.parametrize("name", CROWDED)
def test_a_crowded_tag_is_told(name: str) -> None:
    assert is_crowded(f"<html><body><p>Words.</p><p {CROWDED[name]}>Words.</p></body>".encode())


@pytest.mark.parametrize("name", ROOMY)
def test_a_long_tag_is_none(name: str) -> None:
    assert not is_crowded(f"<html><body><p>Words.</p><img {ROOMY[name]}><p>{'a = b, ' * 30_000}</p></body>".encode())

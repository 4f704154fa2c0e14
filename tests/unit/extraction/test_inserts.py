"""What is taken for an insert, and what is not."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from crawler.extraction.inserts import without_teasers
from crawler.extraction.lines import lines_of

PARAGRAPHS = "".join(
    f"<p>{'The council heard on Tuesday what the new bridge is to cost. ' * 5}{n}</p>" for n in range(6)
)
HEADLINE = '<a href="/world/2">The harbour has its concert hall repaired after nine years</a>'
PROSE = "Older residents remember how the road was closed for weeks, and walked to work along the railway line."
TEASER = f"<li>{HEADLINE} <span>{PROSE}</span></li>"


@pytest.mark.parametrize(
    ("below", "dropped"),
    [
        (f"<aside><ul>{TEASER}{TEASER}</ul></aside>", True),
        (f"<ul>{TEASER}{TEASER}</ul>", False),
        (f"<aside><ul><li>{PROSE}</li><li>{PROSE}</li></ul></aside>", False),
        (f"<aside><ul><li>{PROSE} {HEADLINE}</li></ul></aside>", False),
    ],
    ids=["linked headlines beside the text", "a list in the text", "a box of facts", "a link at the end"],
)
def test_items_of_a_list_beside_the_text_that_begin_with_a_linked_headline(below: str, dropped: bool) -> None:
    lines = lines_of(document_fromstring(f"<main><article>{PARAGRAPHS}</article>{below}</main>"))
    everything = list(range(len(lines)))
    kept = without_teasers(lines, everything)
    assert kept == ([at for at in everything if lines[at].tag != "li"] if dropped else everything)

from __future__ import annotations

import json

import pytest

from crawler.discovery.entry import Entry

from .pages import PARAGRAPHS, URL, article, html

NOTE = "The desk of this paper has not edited this report, which came over the wire from an agency as it stands here."
TEXT = (
    *PARAGRAPHS,
    "Shops on the quay, which had lost a third of their customers, put out flags and gave away coffee in the morning.",
    "The mayor crossed on foot with the divers, and thanked the crews of the ferries for seven hundred days of service.",
    "A second bridge, planned upstream since the accident, will be discussed by the council before the end of the year.",
)
SUMMARY = "The harbour has waited two years for its bridge, and now it is back in service for everyone."


def data(*lines: str, kind: str = "NewsArticle") -> str:
    body = json.dumps({"@type": kind, "articleBody": " ".join(lines)})
    return f'<script type="application/ld+json">{body}</script>'


class TestArticleBody:
    def test_what_it_leaves_out_below_its_first_line_goes(self) -> None:
        page = html(head=data(*TEXT), paragraphs=(*TEXT[:2], NOTE, *TEXT[2:]))
        assert article(page).text == "\n".join(TEXT)

    def test_without_it_the_note_stays(self) -> None:
        page = html(paragraphs=(*TEXT[:2], NOTE, *TEXT[2:]))
        assert NOTE in article(page).text

    def test_a_standfirst_stays(self) -> None:
        page = html(body=f"<p>{SUMMARY}</p>", head=data(*TEXT), paragraphs=TEXT)
        assert article(page).text == "\n".join((SUMMARY, *TEXT))

    def test_subheadings_stay(self) -> None:
        body = "".join(f"<h2>Part {at}</h2><p>{line}</p>" for at, line in enumerate(TEXT[1:]))
        page = html(body=f"<p>{TEXT[0]}</p>{body}", head=data(*TEXT), paragraphs=())
        assert [line for line in article(page).text.split("\n") if line.startswith("Part")] == [
            f"Part {at}" for at in range(6)
        ]

    def test_a_quotation_that_it_leaves_out_stays(self) -> None:
        quoted = f"<blockquote><p>{NOTE}</p></blockquote>"
        page = html(head=data(*TEXT), paragraphs=TEXT).replace(f"<p>{TEXT[3]}", quoted + f"<p>{TEXT[3]}")
        assert article(page).text == "\n".join((*TEXT[:3], NOTE, *TEXT[3:]))

    @pytest.mark.parametrize("said", [TEXT[:1], (*TEXT[:2], *[NOTE] * 9)], ids=["teaser", "another-text"])
    def test_one_that_is_not_the_text_drops_nothing(self, said: tuple[str, ...]) -> None:
        assert article(html(head=data(*said), paragraphs=TEXT)).text == "\n".join(TEXT)

    def test_punctuation_and_spaces_make_no_difference(self) -> None:
        said = [line.replace(",", " ,").replace("Friday", "Friday ") for line in TEXT]
        page = html(head=data(*said), paragraphs=(*TEXT, NOTE))
        assert article(page).text == "\n".join(TEXT)


class TestSummaryOfTheFeed:
    """A page on which a long block of the house stands beside a short article in many small blocks."""

    HOUSE = tuple(f"{line} So says the house in its own words, number {at}." for at, line in enumerate(PARAGRAPHS * 3))

    def page(self) -> str:
        own = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
        house = "".join(f"<p>{line.replace('bridge', 'paper')}</p>" for line in self.HOUSE)
        return (
            "<html><head><title>Harbour bridge reopens after two years of repairs</title></head><body>"
            f"<h1>Harbour bridge reopens after two years of repairs</h1><article class='post'>{own}</article>"
            f"<div class='x'>{house}</div></body></html>"
        )

    def test_decides_between_two_texts(self) -> None:
        told = article(self.page(), hint=Entry(url=URL, summary=f"{PARAGRAPHS[0]} {PARAGRAPHS[1]}"))
        assert told.text.split("\n")[:2] == list(PARAGRAPHS[:2])

    def test_without_it_the_longer_text_wins(self) -> None:
        assert "paper" in article(self.page()).text


BESIDE = "Whoever wants to hear of the harbour each morning, before the first ferry leaves, finds a letter at the kiosk on the quay."


class TestConfirmed:
    """A block that articleBody says word for word needs no second opinion."""

    def test_the_block_is_taken_as_it_is(self) -> None:
        assert article(html(head=data(*TEXT), paragraphs=TEXT)).provenance["text"] == "rule"
        assert article(html(head=data(*TEXT), paragraphs=TEXT)).text == "\n".join(TEXT)

    @pytest.mark.parametrize("said", [(), TEXT[:-1]], ids=["nothing-said", "a-paragraph-less"])
    def test_else_trafilatura_is_asked(self, said: tuple[str, ...]) -> None:
        found = article(html(f"<div><p>{BESIDE}</p></div>", data(*said) if said else "", paragraphs=TEXT))
        assert found.provenance["text"] == "trafilatura"

    @pytest.mark.parametrize("after", ["", "<aside><p>{}</p></aside>", "<footer><p>{}</p></footer>"])
    def test_nor_does_one_row_of_paragraphs(self, after: str) -> None:
        found = article(html(paragraphs=TEXT) + after.format(BESIDE))
        assert (found.text, found.provenance["text"]) == ("\n".join(TEXT), "rule")

    @pytest.mark.parametrize(
        "between", ["<h3>Two summers without it</h3>", "<p>“No.”</p>", "<p><b>Two summers</b></p>"]
    )
    def test_what_is_made_as_its_paragraphs_are_belongs_to_a_row(self, between: str) -> None:
        row = [f"<p>{line}</p>" for line in TEXT]
        found = article(html("".join([*row[:2], between, *row[2:]]), paragraphs=()))
        assert found.text.split("\n")[2] in between
        assert (len(found.text.split("\n")), found.provenance["text"]) == (len(TEXT) + 1, "rule")

    @pytest.mark.parametrize("box", ["<div class='x'>{}</div>", "<section>{}</section>"])
    def test_of_two_blocks_trafilatura_tells_which_is_the_text(self, box: str) -> None:
        found = article(html("", paragraphs=TEXT).replace("</article>", box.format(f"<p>{BESIDE}</p>") + "</article>"))
        assert found.provenance["text"] == "trafilatura"

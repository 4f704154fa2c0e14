"""The pages of an article as one text."""

from __future__ import annotations

from typing import Any

import pytest

from archive.records import Draft
from crawler.extraction.joining import begins, joined, pages_of

LEAD = "When the causeway sank, a railway bought a ferry and laid rails on its deck."
ONE = "The train leaves from platform four, as it has done for sixty years."
TWO = "There was a ferry that had carried sugar beet until the factory closed."
THREE = "Most of them get up all the same and stand at the rail in their coats."


def draft(*lines: str, reading: str = "", **values: Any) -> Draft:
    values = {"title": "A train that floats", "provenance": {"text": "trafilatura"}} | values
    return Draft(text="\n".join(lines), reading=reading or "\n\n".join(lines), **values)


def test_one_page_stays_as_it_is() -> None:
    page = draft(ONE, "Page 1 of 1")
    assert joined([page]) is page
    assert pages_of(page.provenance) == 1


def test_what_every_page_repeats_stands_once() -> None:
    whole = joined([draft(LEAD, ONE), draft(LEAD, TWO, "A train that floats"), draft(LEAD.upper(), THREE, ONE)])
    assert whole.text.split("\n") == [LEAD, ONE, TWO, THREE]
    assert whole.reading.split("\n\n") == [LEAD, ONE, TWO, THREE]
    assert (whole.provenance, pages_of(whole.provenance)) == ({"text": "trafilatura", "parts": "3"}, 3)


def test_a_lead_that_only_later_pages_show_is_the_summary() -> None:
    assert joined([draft(ONE, summary=LEAD), draft(LEAD, TWO)]).text.split("\n") == [ONE, TWO]


def test_short_answers_of_an_interview_are_said_again() -> None:
    first, second = draft("Did it float?", "Yes.", ONE), draft("Did it pay?", "Yes.", "And the eggs?", "Whole.", TWO)
    assert joined([first, second]).text.split("\n")[3:] == ["Did it pay?", "Yes.", "And the eggs?", "Whole.", TWO]


@pytest.mark.parametrize(
    "label",
    ["Continued on page {}", "Page {}", "Page {} of 3", "{} / 3", "Weiter auf Seite {}", "Lire la suite page {}",
     "Sigue en la página {}", "第{}页", "Страница {} из 3", "Strana {}", "{}ページ", "Teil {}: Weiter"],
)  # fmt: skip
def test_labels_of_pagers_go(label: str) -> None:
    pages = [draft(ONE, label.format(2)), draft(TWO, label.format(3)), draft(label.format(3), THREE)]
    assert joined(pages).text.split("\n") == [ONE, TWO, THREE]


def test_a_label_that_stands_once_goes_when_it_names_a_page() -> None:
    assert joined([draft(ONE, "Continued on page 2"), draft(TWO)]).text.split("\n") == [ONE, TWO]


@pytest.mark.parametrize(
    "line", ["In 2019 it stopped.", "Four cars are 106 metres long.", "The law is on page 12, he said."]
)
def test_a_short_line_with_a_number_is_no_label(line: str) -> None:
    assert joined([draft(ONE, line), draft(TWO)]).text.split("\n") == [ONE, line, TWO]


def test_markup_of_the_lines_that_stay_is_kept() -> None:
    second = draft(
        "A train that floats", "Two things", "rails", "deck", reading="## A train\n\n## Two *things*\n\n- rails\n- deck"
    )
    assert joined([draft(ONE), second]).reading == f"{ONE}\n\n## Two *things*\n\n- rails\n- deck"


def test_plain_text_when_markup_and_lines_do_not_agree() -> None:
    second = draft("A train that floats", "Two * things", reading="## A train that floats Two * things")
    assert joined([draft(ONE), second]).reading == f"{ONE}\n\nTwo \\* things"


def test_metadata_are_those_of_the_first_page() -> None:
    first = draft(
        ONE, title="A train", published_at="2026-05-01T10:00:00Z", modified_at="2026-05-02T10:00:00Z", authors=("Ada",)
    )
    last = draft(
        TWO, title="A train, page 2", published_at="2026-05-09", modified_at="2026-05-03T10:00:00Z", authors=("Bob",),
        editors=("Cleo",), agency="dpa", paywalled=True, provenance={"editors": "rule", "agency": "rule"},
    )  # fmt: skip
    whole = joined([first, last])
    assert (whole.title, whole.published_at, whole.authors) == ("A train", "2026-05-01T10:00:00Z", ("Ada",))
    assert whole.modified_at == "2026-05-03T10:00:00Z"
    assert (whole.editors, whole.agency, whole.paywalled) == (("Cleo",), "dpa", True), "they may stand at the end only"
    assert whole.provenance == {"text": "trafilatura", "editors": "rule", "agency": "rule", "parts": "2"}


def test_a_joined_text_begins_with_its_first_page_only() -> None:
    first, second = draft(ONE, "Continued on page 2"), draft(TWO)
    whole = joined([first, second]).text
    assert begins(whole, first)
    assert not begins(whole, second)
    assert not begins(whole, draft(ONE, THREE))


def test_a_table_counts_as_its_rows_when_a_page_is_cut() -> None:
    rows = "| Year | Ferries |\n| --- | --- |\n| 2023 | 12 |"
    lines = ["The bridge is open.", "Year | Ferries", "2023 | 12", "It will close in June."]
    second = draft(*lines, reading=f"The bridge is open.\n\n{rows}\n\nIt will *close* in June.")
    assert joined([draft("The bridge is open."), second]).reading.endswith(f"{rows}\n\nIt will *close* in June.")

"""docs/operations.md leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.rows import Outcome
from crawler.settings import OPERATOR

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "operations.md").read_text("utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """Name -> the other cells, of the first table below a heading; a cell may have several names."""
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", cells[0]), cells[1:])
    return found


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_says_what_happened_and_what_to_do(outcome: Outcome) -> None:
    what, to_do = rows("What became of a URL")[outcome.value]
    assert what
    assert to_do


def test_the_table_knows_no_other_outcome() -> None:
    assert set(rows("What became of a URL")) == {outcome.value for outcome in Outcome}


@pytest.mark.parametrize("name", OPERATOR)
def test_every_setting_of_an_operator_is_explained(name: str) -> None:
    assert rows("Settings")[name][-1]


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_between_the_docs_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (DOCS / link).exists()] == []

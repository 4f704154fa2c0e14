"""What an archive takes is measured on both databases, and what is planned from it is arithmetic that the documentation shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import Archive
from archive.errors import ArchiveError
from benchmarks.capacity.__main__ import INPUTS, costs_of, main
from benchmarks.capacity.measure import GROUPS, OTHER, measure
from benchmarks.capacity.plan import Costs, Wanted, plan
from tests.postgresql import Server
from tests.unit.archive.helpers import add_source, filing

DOCS = Path(__file__).parents[2] / "docs"
COSTS = Costs(1000, 2000, 10, 20, 50_000, 1000, 8000, 0.04, 0.002, 0.01)
WANTED = Wanted(sources=100, articles=730_000, years=2, revisits=3, polls=10, fresh=0.5)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    if request.param == "sqlite":
        yield tmp_path / "data"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.archive(tmp_path / "data") as url:
        yield url


def test_what_an_article_takes_is_all_of_the_database(where: str | Path) -> None:
    with Archive(where, write=True) as archive:
        with pytest.raises(ArchiveError, match="no article"):
            measure(where)
        with archive.transaction():
            source_id = add_source(archive)
            for number in range(20):
                text = f"Report {number} of the harbour. " * 100
                archive.store.file(filing(source_id, f"https://e.example/{number}", f"Report {number}", text))
        archive.db.execute("ANALYZE")
    found = measure(where)
    assert found.articles == 20
    assert found.text == pytest.approx(
        sum(100 * len(f"Report {number} of the harbour. ") for number in range(20)) / 20, rel=0.01
    )
    assert set(found.groups) == {*GROUPS, OTHER}
    assert found.database == pytest.approx(sum(found.groups.values()))
    assert found.groups["articles"] > 0 and found.groups["full-text index"] > 0
    if isinstance(where, Path):
        assert found.database * 20 == pytest.approx((where / "archive.db").stat().st_size, rel=0.05)


def test_a_plan_can_be_worked_out_by_hand() -> None:
    found = {line.what: line.result for line in plan(WANTED, COSTS)}
    assert found["articles a day"] == "1,000"
    assert found["looks at articles a day"] == "3,000"
    assert found["requests a day"] == "5,000"
    assert found["processors that extract"] == "0.00"  # 2,500 × 0.04 s / 86,400 s / 0.5
    assert found["the writer is busy, PostgreSQL"] == "0.0%"
    # 1,000 × 50 KB + 3,000 × (25 KB + 0.5 KB) + 1,000 × (4 KB + 0.5 KB)
    assert found["raw pages a day"] == "0.1 GB"
    assert found["raw pages in all"] == f"{(50e6 + 76.5e6 + 4.5e6) * 730 / 1e9:,.1f} GB"
    # 730,000 × 1 KB + 30,000 × 10 B
    assert found["database, SQLite"] == "0.7 GB"
    assert found["database, PostgreSQL"] == "1.5 GB"


def test_what_is_asked_for_more_often_takes_more() -> None:
    def raw(wanted: Wanted) -> float:
        result = next(line.result for line in plan(wanted, COSTS) if line.what == "raw pages in all")
        return float(result.split()[0].replace(",", ""))

    assert raw(replace(WANTED, fresh=0)) < raw(WANTED) < raw(replace(WANTED, fresh=1))


def test_the_documentation_shows_the_plan_and_what_it_reckons_with() -> None:
    text = (DOCS / "scaling.md").read_text("utf-8")
    shown = CliRunner().invoke(main, ["plan"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.strip() in text
    costs = costs_of(INPUTS)
    together = (costs.sqlite + costs.sqlite_copies, costs.postgresql + costs.postgresql_copies)
    assert f"| together | {together[0]:,} | {together[1]:,} |" in text

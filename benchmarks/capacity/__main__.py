"""How large an archive becomes, and what it takes to keep it.

\b
    python -m benchmarks.capacity measure NAME ARCHIVE      bytes of an article there, as a table of capacity.toml
    python -m benchmarks.capacity plan --sources 10000 --articles 100000000 --years 10

ARCHIVE is a folder or postgresql://...; what `plan` reckons with is in capacity.toml, where each figure says where it is from.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from archive.commands.common import WHERE, reports_trouble
from archive.postgres import Where
from benchmarks.capacity.measure import as_toml, measure
from benchmarks.capacity.plan import Costs, Wanted, plan, table

INPUTS = Path(__file__).with_name("capacity.toml")


@click.group(help=__doc__)
def main() -> None:
    """Measure, or plan."""


@main.command("measure")
@click.argument("name")
@click.argument("where", metavar="ARCHIVE", type=WHERE)
@reports_trouble
def measure_one(name: str, where: Where) -> None:
    """Measure an archive."""
    click.echo(as_toml(name, measure(where)))


@main.command("plan")
@click.option("--sources", default=10_000, show_default=True, type=click.IntRange(min=1))
@click.option("--articles", default=100_000_000, show_default=True, type=click.IntRange(min=1), help="In all.")
@click.option("--years", default=10.0, show_default=True, type=click.FloatRange(min=0.01))
@click.option(
    "--revisits", default=7.0, show_default=True, help="Looks at an article after the first; REVISIT_AFTER has seven."
)
@click.option("--polls", default=24.0, show_default=True, help="Looks at the listings of a source, a day.")
@click.option(
    "--fresh",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of looks that bring another body than the last one.",
)
@click.option(
    "--inputs", default=INPUTS, show_default=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def plan_one(
    sources: int, articles: int, years: float, revisits: float, polls: float, fresh: float, inputs: Path
) -> None:
    """Work out what is needed."""
    click.echo(table(plan(Wanted(sources, articles, years, revisits, polls, fresh), costs_of(inputs))))


def costs_of(inputs: Path) -> Costs:
    """The measured figures. Raises KeyError for a file that lacks one."""
    read = tomllib.loads(inputs.read_text("utf-8"))
    sqlite, postgresql, bytes_of, seconds = (read[name] for name in ("sqlite", "postgresql", "bytes", "seconds"))
    return Costs(
        sqlite["database"] - sqlite["groups"]["copies"],
        postgresql["database"] - postgresql["groups"]["copies"],
        sqlite["groups"]["copies"],
        postgresql["groups"]["copies"],
        bytes_of["raw"],
        bytes_of["revisit"],
        bytes_of["feed"],
        seconds["page"],
        seconds["sqlite"],
        seconds["postgresql"],
    )


if __name__ == "__main__":
    main()

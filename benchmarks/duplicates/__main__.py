"""Command line: `python -m benchmarks.duplicates [FOLDER]` for quality, `--scale 1000000` for cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import click

from benchmarks.duplicates import corpus
from benchmarks.duplicates.edits import Document, documents
from benchmarks.duplicates.scale import measure
from benchmarks.duplicates.systems import SYSTEMS, Labels

SEED = 20261125


@click.command(help=__doc__)
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=SEED, show_default=True, help="Another seed makes other edits.")
@click.option("--scale", type=int, help="Measure the cost of an article up to this many instead.")
@click.option("--system", "systems", multiple=True, type=click.Choice(list(SYSTEMS)), help="Only this one.")
@click.option("--mistakes", is_flag=True, help="Say which kinds of document Kiosque gets wrong.")
def main(folder: Path | None, seed: int, scale: int | None, systems: Sequence[str], mistakes: bool) -> None:
    """Without FOLDER the articles are generated, in ten languages."""
    if scale:
        for line in measure(scale, seed):
            click.echo(line)
        return
    try:
        articles = corpus.read(folder) if folder else corpus.generated(seed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    made = documents(articles, seed)
    click.echo(f"{len(articles)} articles, {len(made)} documents: {_kinds(made)}\n")
    click.echo("| system | precision | recall | F1 | ms/document |\n|---|---|---|---|---|")
    for name in systems or SYSTEMS:
        start = time.process_time()
        labels = SYSTEMS[name](made)
        spent = (time.process_time() - start) / len(made) * 1000
        precision, recall = pairwise(made, labels)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        click.echo(f"| {name} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {spent:.2f} |")
        if mistakes and name == "kiosque":
            for line in wrong(made, labels):
                click.echo(f"    {line}", err=True)


def pairwise(made: Sequence[Document], labels: Labels) -> tuple[float, float]:
    """Precision and recall over all pairs of documents."""
    right = _pairs(Counter(zip((one.story for one in made), labels, strict=True)).values())
    said = _pairs(Counter(labels).values())
    true = _pairs(Counter(one.story for one in made).values())
    return (right / said if said else 1.0), (right / true if true else 1.0)


def _pairs(sizes: object) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)  # type: ignore[attr-defined]


def wrong(made: Sequence[Document], labels: Labels) -> list[str]:
    """The kinds of pairs that were missed or taken for copies, most frequent first."""
    missed: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for i, j in combinations(range(len(made)), 2):
        one, other = made[i], made[j]
        if (one.story == other.story) != (labels[i] == labels[j]):
            pair = " / ".join(sorted((one.kind, other.kind)))
            (missed if one.story == other.story else taken)[pair] += 1
    return [
        *(f"taken for copies {count}: {pair}" for pair, count in taken.most_common(20)),
        *(f"missed {count}: {pair}" for pair, count in missed.most_common(20)),
    ]


def _kinds(made: Sequence[Document]) -> str:
    kinds = Counter(one.kind if "+" not in one.kind else "several edits" for one in made)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


if __name__ == "__main__":
    main()

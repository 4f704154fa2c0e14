"""The benchmark's result as text: the table of all extractors, and the lines about whole imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from benchmarks.measures import Score

QUALITY = {
    "precision": "precision", "recall": "recall", "f1": "F1", "exact": "exact", "title": "title", "day": "day",
    "minute": "minute", "author_f1": "author F1", "empty": "empty",
}  # fmt: skip
SPEED = ("errors", "ms/page", "pages/s", "speed")


@dataclass(frozen=True, slots=True)
class Imports:
    """Imports of all files, the medians of the repeats; `stages` in CPU milliseconds a page, of one more import."""

    workers: int
    pages: int
    wall: float
    start: float
    cpu: float | None  # parent and worker, seconds a page
    parent: float
    stages: Mapping[str, float]
    score: Score | None


@dataclass(frozen=True, slots=True)
class Line:
    """One extractor in the table; `seconds` of CPU a page, `unit` those of the baseline."""

    name: str
    score: Score | None
    errors: int = 0
    seconds: float | None = None
    unit: float | None = None
    note: str = ""

    def cells(self) -> list[str]:
        """The line's cells; a note instead of figures where there are none."""
        if self.score is None:
            return [self.name, self.note]
        values = {one.name: getattr(self.score, one.name) for one in fields(self.score)}
        quality = [_number(values[name]) for name in QUALITY]
        if self.seconds is None:
            return [self.name, *quality, str(self.errors), "-", "-", "-"]
        ratio = f"{self.unit / self.seconds:.2f}" if self.unit and self.seconds else "-"
        speed = [f"{1000 * self.seconds:.1f}", f"{1 / self.seconds:.1f}" if self.seconds else "-", ratio]
        return [self.name, *quality, str(self.errors), *speed]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def print_table(lines: Sequence[Line], *, markdown: bool) -> None:
    """Print one line for each extractor; the speed is the baseline's time divided by the line's."""
    for row in table(lines, markdown=markdown):
        print(row)


def table(lines: Sequence[Line], *, markdown: bool) -> Iterator[str]:
    """Yield the rows of the table as text."""
    header = ["", *QUALITY.values(), *SPEED]
    rows = [line.cells() for line in lines]
    widths = [
        max(len(row[at]) for row in [header, *rows] if len(row) == len(header) or at == 0) for at in range(len(header))
    ]
    for number, row in enumerate([header, *rows]):
        padded = [row[0].ljust(widths[0])]
        if len(row) == len(header):
            padded += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        else:
            padded += [row[1], *([""] * (len(header) - 2) if markdown else [])]
        yield f"| {' | '.join(padded)} |" if markdown else "  ".join(padded)
        if markdown and number == 0:
            yield "|".join(["", "---", *["---:"] * (len(header) - 1), ""])


def figures(imports: Sequence[Imports], unit: float | None) -> Iterator[str]:
    """Yield what there is to say about whole imports; `unit` is the baseline's CPU seconds a page."""
    for one in imports:
        rate = f"{one.pages / one.wall:.1f} pages/s, {1000 * one.wall / one.pages:.1f} ms a page by the clock"
        line = f"Import with {_workers(one)}: {rate}"
        if one is not imports[0]:
            line += f" ({imports[0].wall / one.wall:.2f} times as fast as with {_workers(imports[0])})"
        line += f", after a start of {one.start:.1f} s."
        if one.cpu is not None:
            line += f" CPU of all processes {1000 * one.cpu:.1f} ms a page, {1000 * one.parent:.1f} of them not in the worker"
            line += f": {unit / one.cpu:.2f} times the baseline's speed." if unit else "."
        yield line
    for one in imports:
        if one.stages:
            shares = sorted(one.stages.items(), key=lambda stage: -stage[1])
            yield "CPU of an import, ms a page: " + ", ".join(f"{name} {spent:.1f}" for name, spent in shares) + "."


def _workers(one: Imports) -> str:
    return f"{one.workers} worker{'s' if one.workers != 1 else ''}"

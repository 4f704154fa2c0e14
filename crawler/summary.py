"""What a crawl found, for a person to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLUMNS = ("discovered", "known", "fetched", "stored", "updated", "duplicate", "failed")
STOPPED = "shutdown"  # Scrapy's word


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """How the crawl of one source ended."""

    slug: str
    reason: str
    counts: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0  # how long it took

    @property
    def completed(self) -> bool:
        """Tell whether the crawl came to its end, or was told to stop."""
        return self.reason in ("finished", STOPPED)

    @property
    def ok(self) -> bool:
        """Tell whether the source answered: it failed when it crashed, or when none of the feeds asked for answered."""
        feeds, broken = self.counts.get("feeds", 0), self.counts.get("feeds_failed", 0)
        return self.completed and not (feeds and broken >= feeds)


def print_result(result: CrawlResult, console: Console) -> None:
    """Print what one crawl found, by outcome."""
    console.print(f"[bold]{result.slug}[/]: {escape(result.reason or 'ended')}", highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name in COLUMNS:
        table.add_row(name, str(result.counts.get(name, 0)))
    table.add_row("feeds asked", str(result.counts.get("feeds", 0)))
    table.add_row("  of these unchanged", str(result.counts.get("feeds_unchanged", 0)))
    table.add_row("  of these failed", str(result.counts.get("feeds_failed", 0)))
    console.print(table)
    if result.outcomes:
        said = ", ".join(f"{name} {count}" for name, count in sorted(result.outcomes.items()))
        console.print(f"pages by outcome: {said}", soft_wrap=True)


def print_cycle(results: Iterable[CrawlResult], console: Console) -> None:
    """Print one line for each source that had anything to tell, and the sum of all."""
    results = sorted(results, key=lambda result: result.slug)
    table = Table(box=None, pad_edge=False)
    table.add_column("source")
    for name in (*COLUMNS, "feeds", "ended"):
        table.add_column(name, justify="left" if name == "ended" else "right")
    total: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for result in results:
        total.update(result.counts)
        outcomes.update(result.outcomes)
        if (
            result.ok
            and result.reason != STOPPED
            and not any(result.counts.get(name) for name in COLUMNS if name != "known")
        ):
            continue
        feeds = (
            f"{result.counts.get('feeds', 0) - result.counts.get('feeds_failed', 0)}/{result.counts.get('feeds', 0)}"
        )
        ended = result.reason if result.ok else f"failed ({result.reason})"
        table.add_row(result.slug, *(str(result.counts.get(name, 0)) for name in COLUMNS), feeds, escape(ended))
    feeds = f"{total['feeds'] - total['feeds_failed']}/{total['feeds']}"
    failed = sum(not result.ok for result in results)
    table.add_section()
    table.add_row(
        f"{len(results)} sources",
        *(str(total[name]) for name in COLUMNS),
        feeds,
        f"{failed} failed" if failed else "none failed",
        style="bold",
    )
    console.print(table)
    said = ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) or "none"
    console.print(f"pages by outcome: {said}; feeds unchanged: {total['feeds_unchanged']}", soft_wrap=True)


def print_stopped(stopped: Sequence[str], waiting: Sequence[str], console: Console) -> None:
    """Print what a run that was told to stop left undone."""
    if stopped:
        console.print(f"stopped before their end, the rest stays pending: {', '.join(stopped)}", soft_wrap=True)
    if waiting:
        console.print(f"not begun, and due as before: {', '.join(sorted(waiting))}", soft_wrap=True)

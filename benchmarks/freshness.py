"""How long news wait to be seen, by polling policy, for the same number of looks.

python -m benchmarks.freshness run --budget 12000 --scenario base --seed 1 >> results.jsonl
python -m benchmarks.freshness report results.jsonl --svg docs/polling.svg
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
import time
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from benchmarks.newsdays import DAY, DAYS, SCENARIOS, Feed, feeds
from benchmarks.plot import bars
from benchmarks.pollers import POLLERS, Poller

BUDGETS = (3_000, 12_000, 48_000)
SCORED_FROM = 7  # days
TICK = 300.0
MEASURES = ("mean", "median", "p90", "lost", "polls")


def simulate(poller: Poller, news: Sequence[Feed]) -> dict[str, Any]:
    """Run four weeks; delays in minutes of what was published from the seventh day on, by item."""
    begin, end = SCORED_FROM * DAY, DAYS * DAY
    heap = [(0.0, number) for number in range(len(news))]
    seen = [-1] * len(news)  # before the first look; then how many of its items are known or lost
    delays: list[float] = []
    lost = polls = scored_polls = 0
    tick = TICK
    while True:
        now, number = heap[0]
        if now >= tick:
            poller.tick(tick, polls)
            polls, tick = 0, tick + TICK
            if tick > end:
                break
            continue
        feed = news[number]
        out = bisect_right(feed.items, now)
        shown = max(out - feed.window, 0)
        known = max(seen[number], 0)
        first = max(known, shown)
        new = feed.items[first:out]
        heapq.heapreplace(
            heap, (poller.look(number, now, new, out - shown, seen[number] >= 0 and known > shown), number)
        )
        if seen[number] >= 0:
            lost += sum(item >= begin for item in feed.items[known:first])
            delays.extend((now - item) / 60 for item in new if item >= begin)
        seen[number] = out
        polls += 1
        scored_polls += now >= begin
    return {
        "mean": fmean(delays),
        "median": median(delays),
        "p90": quantiles(delays, n=10)[-1],
        "lost": lost / (lost + len(delays)),
        "items": lost + len(delays),
        "polls": scored_polls / (DAYS - SCORED_FROM),
    }


def run(names: Iterable[str], budget: int, scenario: str, seed: int) -> None:
    """Simulate and print one JSON object a policy."""
    news = feeds(scenario, seed)
    for name in names:
        began = time.process_time()
        found = simulate(POLLERS[name](budget, len(news)), news)
        row = {"policy": name, "budget": budget, "scenario": scenario, "seed": seed, **found}
        print(json.dumps({key: round(value, 5) if isinstance(value, float) else value for key, value in row.items()}))
        print(f"{name}: {time.process_time() - began:.0f} s", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Row:
    """The mean over seeds of one policy."""

    scenario: str
    budget: int
    policy: str
    seeds: int
    found: Mapping[str, float]


def rows_of(lines: Iterable[str]) -> list[Row]:
    """Read what `run` printed."""
    runs: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for line in lines:
        row = json.loads(line)
        runs.setdefault((row["scenario"], row["budget"], row["policy"]), []).append(row)
    order = list(POLLERS)
    keys = sorted(runs, key=lambda key: (SCENARIOS.index(key[0]), key[1], order.index(key[2])))
    return [
        Row(*key, len(runs[key]), {name: fmean(run[name] for run in runs[key]) for name in MEASURES}) for key in keys
    ]


def table(rows: Iterable[Row]) -> str:
    """A Markdown table."""
    out = [
        "| scenario | looks a day | policy | mean | median | 90 % | lost | looks |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        found = row.found
        out.append(
            f"| {row.scenario} | {row.budget:,} | {row.policy} | {found['mean']:.1f} | {found['median']:.1f} | "
            f"{found['p90']:.1f} | {100 * found['lost']:.2f} % | {100 * found['polls'] / row.budget - 100:+.1f} % |"
        )
    return "\n".join(out)


def plot(rows: Iterable[Row]) -> str:
    """The mean delays as SVG."""
    groups: dict[str, dict[str, float]] = {}
    for row in rows:
        groups.setdefault(f"{row.scenario}, {row.budget:,} looks a day", {})[row.policy] = row.found["mean"]
    return bars("Minutes until news are seen, mean, for 500 feeds", groups, list(POLLERS))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run")
    one.add_argument("--policy", action="append", choices=list(POLLERS))
    one.add_argument("--budget", type=int, default=12_000)
    one.add_argument("--scenario", choices=SCENARIOS, default="base")
    one.add_argument("--seed", type=int, default=1)
    told = commands.add_parser("report")
    told.add_argument("results", type=Path)
    told.add_argument("--svg", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        run(options.policy or POLLERS, options.budget, options.scenario, options.seed)
    else:
        rows = rows_of(options.results.read_text().splitlines())
        print(table(rows))
        if options.svg:
            options.svg.write_text(plot(rows))


if __name__ == "__main__":
    main()

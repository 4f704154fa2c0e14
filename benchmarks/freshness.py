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
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from benchmarks.newsdays import DAY, DAYS, SCENARIOS, Feed, feeds
from benchmarks.pollers import POLLERS, Poller

BUDGETS = (3_000, 12_000, 48_000)
SCORED_FROM = 7  # days
TICK = 300.0


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


def report(lines: Iterable[str]) -> str:
    """The mean over seeds as a Markdown table."""
    rows: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for line in lines:
        row = json.loads(line)
        rows.setdefault((row["scenario"], row["budget"], row["policy"]), []).append(row)
    out = [
        "| scenario | budget | policy | mean | median | 90 % | lost | polls |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    order = list(POLLERS)
    for (scenario, budget, policy), found in sorted(
        rows.items(), key=lambda item: (SCENARIOS.index(item[0][0]), item[0][1], order.index(item[0][2]))
    ):
        mean = {key: fmean(row[key] for row in found) for key in ("mean", "median", "p90", "lost", "polls")}
        out.append(
            f"| {scenario} | {budget:,} | {policy} | {mean['mean']:.1f} | {mean['median']:.1f} | {mean['p90']:.1f} | "
            f"{100 * mean['lost']:.2f} % | {100 * mean['polls'] / budget - 100:+.1f} % |"
        )
    return "\n".join(out)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run")
    one.add_argument("--policy", action="append", choices=list(POLLERS))
    one.add_argument("--budget", type=int, default=12_000)
    one.add_argument("--scenario", choices=SCENARIOS, default="base")
    one.add_argument("--seed", type=int, default=1)
    table = commands.add_parser("report")
    table.add_argument("results", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        run(options.policy or POLLERS, options.budget, options.scenario, options.seed)
    else:
        print(report(options.results.read_text().splitlines()))


if __name__ == "__main__":
    main()

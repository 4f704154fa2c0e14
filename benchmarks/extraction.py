"""Quality and speed of Kiosque's extraction beside its peers, on WARC files with hand-checked truth, in one run.

python -m benchmarks.extraction pages.warc.gz --truth pages.truth.jsonl

Every extractor gets the same bytes under the same URL, in a process of its own for each repeat; repeats go round all of
them and the imports, so that a busy moment of the machine falls on all. Kiosque is told no more than its peers in the
first line; the line "kiosque, archive" is what `import-warc` made of the same pages, with the catalogue and what it
learned of each site.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from archive import Archive
from benchmarks.machine import worth
from benchmarks.measures import Output, Truth, read_truth, score
from benchmarks.report import Imports, Line, figures, print_table
from benchmarks.systems import SYSTEMS, Input
from crawler.warcfiles import WarcFile, decoded

ROOT = Path(__file__).parents[1]
BASELINE = "trafilatura"  # its bare_extraction(html, with_metadata=True) is the unit of speed


@dataclass
class Passes:
    """What the passes of one extractor gave."""

    missing: str = ""
    version: str = ""
    found: dict[str, Output] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # CPU for a page on average, of each pass


def read_pages(files: Sequence[Path]) -> list[Input]:
    """The HTML responses of WARC files, the first of each URL. Raises ValueError for a file that is damaged."""
    pages: dict[str, Input] = {}
    for path in files:
        file = WarcFile(path)
        for record in file:
            exchange = record.exchange
            page = Input(exchange.url, decoded(exchange), record.content_type, exchange.fetched_at)
            pages.setdefault(page.url, page)
        if file.trouble:
            raise ValueError(file.trouble)
    return list(pages.values())


def run(
    pages: Sequence[Input], names: Sequence[str], repeat: int, pythons: Mapping[str, str], imports: Importing | None
) -> dict[str, Passes]:
    """Run every extractor over all pages, and the imports, `repeat` times, in turn."""
    passes = {name: Passes() for name in names}
    with tempfile.TemporaryDirectory() as folder:
        stored, result = Path(folder, "pages"), Path(folder, "result")
        stored.write_bytes(pickle.dumps(list(pages)))
        for number in range(repeat):
            for name in (name for name in names if not passes[name].missing):
                python = pythons.get(name, sys.executable)
                said = _run([python, "-m", "benchmarks.systems", name, str(stored), str(result)], result)
                _note(passes[name], said)
            if imports is not None:
                imports.run(Path(folder), number)
    return passes


def _run(command: Sequence[str], result: Path) -> dict[str, Any]:
    result.unlink(missing_ok=True)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False)
    if done.returncode or not result.exists():
        last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        return {"missing": f"failed: ended with status {done.returncode}: {last}"}
    said: dict[str, Any] = json.loads(result.read_text())
    return said


def _note(passes: Passes, said: Mapping[str, Any]) -> None:
    passes.missing = said.get("missing", "")
    if passes.missing:
        return
    passes.version = f"{said['version']} (Python {said['python']})"
    rows = said["rows"]
    passes.seconds.append(sum(row["cpu"] for row in rows) / max(len(rows), 1))
    if not passes.found:
        passes.errors.update(row["error"] for row in rows if row["error"])
        passes.found = {
            row["url"]: Output(**row["output"] | {"authors": tuple(row["output"]["authors"])}) for row in rows
        }


class Importing:
    """Imports of all files into fresh archives, with each number of workers in turn."""

    def __init__(self, files: Sequence[Path], truth: Sequence[Truth], workers: Sequence[int]) -> None:
        self._files, self._truth, self._workers = files, truth, workers
        self._runs: dict[int, list[dict[str, Any]]] = {count: [] for count in workers}
        self._found: dict[str, Output] = {}
        self._worth: list[float] = []

    def run(self, folder: Path, number: int) -> None:
        """Import once with each number of workers. Raises ValueError when an import fails."""
        for count in self._workers:
            archive = folder / f"{count}-{number}"
            self._runs[count].append(_import(archive, count, "plain", self._files))
            self._found = self._found or _stored(archive, self._truth)
        if (most := max(self._workers)) > 1:
            self._worth.append(worth(most))

    def scale(self) -> str:
        """What as many processes as workers are worth on this machine, in the same rounds; nothing for one worker."""
        if not self._worth:
            return ""
        gain = f"{median(self._worth):.2f} times as much as one ({min(self._worth):.2f} to {max(self._worth):.2f})"
        return f"{max(self._workers)} processes of plain arithmetic did {gain} between these imports."

    def results(self) -> list[Imports]:
        """What came of them, and in which stages of one more the time went."""
        with tempfile.TemporaryDirectory() as folder:
            seen = _import(Path(folder, "watched"), self._workers[0], "watch", self._files)
        stages = {name: 1000 * spent / seen["pages"] for name, spent in seen["stages"].items()}
        if seen["worker_cpu"] is not None:
            stages |= _unwatched(seen, stages)
        return [
            Imports(
                workers=count,
                pages=took[0]["pages"],
                wall=median(one["wall"] for one in took),
                start=median(one["start_wall"] for one in took),
                cpu=median((one["parent_cpu"] + one["worker_cpu"]) / one["pages"] for one in took)
                if all(one["worker_cpu"] is not None for one in took)
                else None,
                parent=median(one["parent_cpu"] / one["pages"] for one in took),
                stages=stages if count == self._workers[0] else {},
                score=score(self._truth, self._found) if count == self._workers[0] else None,
            )
            for count, took in self._runs.items()
        ]


def _import(archive: Path, workers: int, watch: str, files: Sequence[Path]) -> dict[str, Any]:
    result = archive.with_suffix(".json")
    command = [sys.executable, "-m", "benchmarks.pipeline", str(archive), str(workers), watch, str(result)]
    took = _run([*command, *map(str, files)], result)
    if "missing" in took:
        raise ValueError(f"an import {took['missing']}")
    return took


def _unwatched(seen: Mapping[str, Any], stages: Mapping[str, float]) -> dict[str, float]:
    """What the two processes spent outside the stages, in milliseconds a page: mostly to hand pages and results over."""
    parents = ("read WARC", "write WARC", "write rows", "close the archive")
    in_parent = sum(stages.get(name, 0.0) for name in parents)
    in_worker = sum(stages.values()) - in_parent
    return {
        "pool, event loop (parent)": 1000 * seen["parent_cpu"] / seen["pages"] - in_parent,
        "transfer (worker)": 1000 * seen["worker_cpu"] / seen["pages"] - in_worker,
    }


def _stored(folder: Path, truth: Sequence[Truth]) -> dict[str, Output]:
    with Archive(folder) as archive:
        articles = {page.url: archive.article(page.url) for page in truth}
    return {
        url: Output(article.title, article.text, article.published_at or "", article.authors)
        for url, article in articles.items()
        if article is not None
    }


def kiosque_version() -> str:
    """The version of the checkout, with its commit where git knows it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return str(version)
    return f"{version} ({said.stdout.strip()})" if said.returncode == 0 else str(version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table; 1 when Kiosque or an input fails."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.extraction", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("warc", nargs="+", type=Path)
    parser.add_argument(
        "--truth", nargs="+", type=Path, required=True, help="JSON lines: url, body, title, published, authors"
    )
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="which, with commas (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="passes of each; the median counts (default: 3)")
    parser.add_argument("--workers", default="1,2", help="imports with so many workers; 0 for none (default: 1,2)")
    parser.add_argument(
        "--python", action="append", default=[], metavar="NAME=PATH", help="an interpreter for one of them"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    options = parser.parse_args(arguments)
    names = [name.strip() for name in options.systems.split(",") if name.strip()]
    if unknown := sorted(set(names) - SYSTEMS.keys()):
        parser.error(f"no such system: {', '.join(unknown)} (there are {', '.join(SYSTEMS)})")
    workers = [int(count) for count in options.workers.split(",") if int(count) > 0]
    load, began = os.getloadavg()[0], datetime.now(UTC)
    try:
        truth, pages = read_truth(options.truth), read_pages(options.warc)
        pythons = dict(one.split("=", 1) for one in options.python)
        importing = Importing(options.warc, truth, workers) if "kiosque" in names and workers else None
        passes = run(pages, names, max(options.repeat, 1), pythons, importing)
        imports = importing.results() if importing is not None else []
    except (OSError, ValueError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    unit = median(passes[BASELINE].seconds) if BASELINE in passes and passes[BASELINE].seconds else None
    lines = [_line(name, passes[name], truth, unit) for name in names]
    lines[1:1] = [Line("kiosque, archive", one.score, seconds=one.cpu, unit=unit) for one in imports if one.score]
    print_table(lines, markdown=options.markdown)
    print()
    versions = [
        f"{SYSTEMS[name].distribution} {one.version}"
        for name, one in passes.items()
        if one.version and name != "kiosque"
    ]
    for line in filter(None, (*figures(imports, unit), importing.scale() if importing is not None else "")):
        print(line)
    print(f"{len(truth)} pages of truth, {len(pages)} pages read, median of {max(options.repeat, 1)}.")
    print("Versions: " + ", ".join([f"kiosque {kiosque_version()}", *dict.fromkeys(versions)]))
    print(
        f"{began:%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load before {load:.2f}."
    )
    for name, one in passes.items():
        for error, count in one.errors.most_common(3):
            print(f"{name}: {count} × {error}")
    return int(any(passes[name].missing for name in names if name == "kiosque"))


def _line(name: str, passes: Passes, truth: Sequence[Truth], unit: float | None) -> Line:
    if passes.missing:
        return Line(name, None, note=passes.missing)
    result = score(truth, passes.found)
    if not SYSTEMS[name].dated_and_signed:
        result = replace(result, day=None, minute=None, author_f1=None)
    return Line(name, result, passes.errors.total(), median(passes.seconds), unit)


if __name__ == "__main__":
    sys.exit(main())

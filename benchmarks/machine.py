"""What a second process is worth on this machine: virtual processors may share a core, or their time with other machines.

`python -m benchmarks.machine` prints the seconds of one loop of arithmetic, by the clock.
"""

from __future__ import annotations

import subprocess
import sys
import time

STEPS = 4_000_000  # of the loop: some tenths of a second


def worth(processes: int) -> float:
    """How many times as much that many processes of plain arithmetic do at once as one of them alone; at best as many
    as they are. Raises CalledProcessError."""
    alone = _seconds(1)
    return processes * alone / _seconds(processes)


def _seconds(processes: int) -> float:
    """The time by the clock that loops take which run at once, on average."""
    command = [sys.executable, "-m", "benchmarks.machine"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    said = [(one, one.communicate()[0]) for one in started]
    for one, _ in said:
        if one.returncode:
            raise subprocess.CalledProcessError(one.returncode, command)
    return sum(float(text) for _, text in said) / processes


def loop() -> float:
    """Do the arithmetic; gives the seconds that it took."""
    began, total = time.perf_counter(), 0
    for number in range(STEPS):
        total += number * number % 7
    return time.perf_counter() - began


if __name__ == "__main__":
    print(loop())

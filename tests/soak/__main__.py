"""`make soak`: the newsroom publishes, edits and withdraws while everything goes wrong; exit status 0 when nothing was lost."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.run import Soak


def main() -> int:
    """Run one soak and print its table."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of trouble; catching up comes on top")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="for the same faults again")
    parser.add_argument("--folder", type=Path, help="an empty folder for archive and logs (a new temporary one)")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="kiosque-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"soak: {options.minutes:g} minutes with seed {options.seed}, archive and logs in {folder}", flush=True)
    soak = Soak(options.seed, folder, options.minutes * 60)
    return 0 if soak.run() else 1


if __name__ == "__main__":
    sys.exit(main())

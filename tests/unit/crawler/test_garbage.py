from __future__ import annotations

import subprocess
import sys

SETTLED = """
import gc, weakref
from crawler.garbage import SELDOM, settle

class Knot:
    def __init__(self):
        self.self = self

settle()
assert gc.get_freeze_count() > 1000
lost = weakref.ref(Knot())
kept = [[] for _ in range(SELDOM // 2)]
assert lost() is not None
kept += [[] for _ in range(SELDOM)]
assert lost() is None
"""


def test_cycles_are_found_seldom_and_not_among_what_stays() -> None:
    subprocess.run([sys.executable, "-c", SETTLED], check=True)

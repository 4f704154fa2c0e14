"""How often a process looks for cycles among its objects, which Python frees by counting otherwise."""

from __future__ import annotations

import gc

# new objects after which it is done (700 by default): a page makes thousands, and hardly one that is in a cycle
SELDOM = 50_000


def settle() -> None:
    """Look for cycles seldom, and no more among what the process has by now, which stays."""
    gc.freeze()
    gc.set_threshold(SELDOM)

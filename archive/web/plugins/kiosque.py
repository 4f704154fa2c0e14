"""What Datasette finds in its folder of plugins: the hooks of `archive.web.hooks`.

Datasette's own command has no checkout on its path: `datasette archive.db --plugins-dir archive/web/plugins`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

CHECKOUT = str(Path(__file__).parents[3])
if CHECKOUT not in sys.path:
    sys.path.append(CHECKOUT)
globals().update(vars(import_module("archive.web.hooks")))

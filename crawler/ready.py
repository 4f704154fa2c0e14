"""What every worker needs, loaded once by the process that they are forked from: importing this is all there is to do.

A model and a few tables take longer to load than fifteen pages to extract, and are shared as long as nobody writes to them.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from multiprocessing import spawn

from archive.filing import sheet_of
from crawler.extraction.article import NotAnArticle, Page, examine

# Else each worker would run the program that was started once more, under another name, for the sake of functions that
# stand in it; ours stand in modules. It took 0.7 s and 50 MiB a worker
spawn._fixup_main_from_path = spawn._fixup_main_from_name = lambda _: None  # type: ignore[attr-defined]

# long enough to be an article, with letters that need the tables of folding and nothing that tells the language
PAGE = f"""<!doctype html><html><head><title>Eine Brücke – 一座桥</title></head><body><article><h1>Eine Brücke – 一座桥</h1>
{"<p>Die Brücke über den Fluss wird im Frühjahr gesperrt und repariert, sagte der Bürgermeister am Dienstag. 一座桥</p>" * 8}
</article></body></html>"""

try:
    _found = examine(Page("https://example.org/1", PAGE.encode(), datetime(2026, 1, 1, tzinfo=UTC))).result
    if not isinstance(_found, NotAnArticle):
        sheet_of(_found)
except Exception as error:  # noqa: BLE001  a worker that cannot do better says so for each page; here nobody would hear it
    logging.getLogger(__name__).warning("workers start without their models: %s", error)

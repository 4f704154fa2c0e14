"""Where CPU time goes: functions that are known by name are watched, each charged with its own time only."""

from __future__ import annotations

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from crawler.extraction.article import Examined, Page, examine
from crawler.workshop import Worked, work

# In a worker. Modules are called through their names there, so that a watched function is met wherever it is called.
OF_A_PAGE = {
    "decode": ["crawler.extraction.charset.utf8"],
    "parse": ["crawler.extraction.article.parse"],
    "structured data": ["crawler.extraction.structured.read"],
    "prune, lines": ["crawler.extraction.pruning.prune", "crawler.extraction.article.lines_of"],
    "body: trafilatura": ["crawler.extraction.engine.bare_extraction"],
    "body: own choice": ["crawler.extraction.body.choose"],
    "trim, site memory": [
        "crawler.extraction.trim.find_title",
        "crawler.extraction.trim.trim",
        "crawler.extraction.trim.texts",
        "crawler.extraction.memory.observe",
    ],
    "headline": ["crawler.extraction.headline.choose"],
    "verdict": ["crawler.extraction.verdict.reject"],
    "language": ["crawler.extraction.language.detect"],
    "dates": ["crawler.extraction.dates.choose"],
    "credits": ["crawler.extraction.credits.choose"],
}
# In a worker, around that.
OF_A_RECORD = {
    "open record": ["crawler.workshop.opened", "crawler.workshop.decoded"],
    "make rows": ["crawler.workshop.sheet_of"],
}
# In the process that reads records and writes the archive.
OF_AN_IMPORT = {
    "read WARC": ["crawler.warcfiles.WarcFile.__iter__"],
    "write WARC": ["archive.raw.RawStore.append", "archive.raw.RawStore.keep", "archive.raw.RawStore.flush"],
    "write rows": ["crawler.writer.Writer.flush"],
    "close the archive": ["archive.store.Archive.close"],
}


class Stages:
    """CPU seconds of this thread by stage; a stage that runs inside another one is not counted in that one."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []  # for each open stage: seconds that went to stages inside it

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Charge the block to a stage."""
        self._inner.append(0.0)
        start = time.thread_time()
        try:
            yield
        finally:
            spent = time.thread_time() - start
            self.seconds[name] += spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, charged to a stage; of a generator, what it does between two values."""

        @functools.wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            with self.timed(name):
                return function(*args, **named)

        @functools.wraps(function)
        def generate(*args: Any, **named: Any) -> Iterator[Any]:
            values, end = function(*args, **named), object()
            while True:
                with self.timed(name):
                    value = next(values, end)
                if value is end:
                    return
                yield value

        return generate if inspect.isgeneratorfunction(function) else call


@contextmanager
def watched(stages: Stages, table: Mapping[str, list[str]]) -> Iterator[None]:
    """Watch the functions of a table while the block runs. Raises AttributeError for a name that is no more."""
    places = [(stage, *_place(name)) for stage, names in table.items() for name in names]
    for stage, holder, attribute, function in places:
        setattr(holder, attribute, stages.around(stage, function))
    try:
        yield
    finally:
        for _, holder, attribute, function in places:
            setattr(holder, attribute, function)


def _place(name: str) -> tuple[Any, str, Callable[..., Any]]:
    path, _, attribute = name.rpartition(".")
    module, _, last = path.rpartition(".")
    holder: Any = getattr(import_module(module), last) if last[:1].isupper() else import_module(path)
    return holder, attribute, getattr(holder, attribute)


def examine_watched(page: Page) -> tuple[Examined, dict[str, float]]:
    """Examine a page, and tell how long each stage took; what is left of the whole is under "rest of extraction"."""
    stages = Stages()
    with watched(stages, OF_A_PAGE), stages.timed("rest of extraction"):
        examined = examine(page)
    return examined, dict(stages.seconds)


def work_watched(*args: Any) -> tuple[Worked, dict[str, float]]:
    """Do a record as a worker does, and tell how long each stage took."""
    stages = Stages()
    with watched(stages, OF_A_PAGE | OF_A_RECORD), stages.timed("rest of extraction"):
        worked = work(*args)
    return worked, dict(stages.seconds)

"""Articles as Parquet files in folders, a month and a language each, as Hive has them: `month=2026-11/language=fr/`.

DuckDB, pandas, Polars and Spark read such a folder as one table, and open only the files that a question is about.
"""

from __future__ import annotations

import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive.errors import ArchiveError
from archive.holdings import Article
from archive.parquet import COLUMNS, GROUP_ARTICLES, GROUP_BYTES, REPEATED, batch, schema, size_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

IN_FILES = tuple(
    column for column in COLUMNS if column.name != "language"
)  # the folder says it, and readers want it once
UNKNOWN = "und"  # as BCP 47 calls a language that is not known; Hive's name for null is more than pyarrow can read
HELD_BYTES = 4 * GROUP_BYTES  # characters of text of all partitions that wait for their row groups
HELD_ARTICLES = 4 * GROUP_ARTICLES  # the same in articles
OPEN_FILES = 32  # each holds what it knows of its row groups; a partition whose file was closed goes on in another


@dataclass
class _Partition:
    """What waits for the next row group of a folder."""

    articles: list[Article] = field(default_factory=list)
    size: int = 0


def partition_of(article: Article) -> str:
    """The folder of an article: the month of its publication, or where that is not known of its first sight (UTC), and
    its language."""
    month = (article.published_at or article.first_seen_at)[:7]
    return f"month={month}/language={quote(article.language, safe='') or UNKNOWN}"


def write_partitions(articles: Iterable[Article], folder: Path) -> int:
    """Write articles below a folder, which is there and empty; gives their number. Memory stays the same however many
    articles and partitions there are. Raises OSError."""
    files, waiting, number = _Files(folder), dict[str, _Partition](), 0
    held = size = 0
    try:
        for article in articles:
            number += 1
            name, more = partition_of(article), size_of(article)
            one = waiting.setdefault(name, _Partition())
            one.articles.append(article)
            one.size += more
            held, size = held + 1, size + more
            if len(one.articles) >= GROUP_ARTICLES or one.size >= GROUP_BYTES:
                full = name
            elif held >= HELD_ARTICLES or size >= HELD_BYTES:
                full = max(waiting, key=lambda name: (waiting[name].size, len(waiting[name].articles)))
            else:
                continue
            done = waiting.pop(full)
            files.write(full, done.articles)
            held, size = held - len(done.articles), size - done.size
        for name, one in sorted(waiting.items()):
            files.write(name, one.articles)
    finally:
        files.close()
    return number


class _Files:
    """The files below a folder, some of them open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[str, pq.ParquetWriter] = OrderedDict()
        self._parts: dict[str, int] = {}

    def write(self, name: str, articles: list[Article]) -> None:
        """Add a row group to a partition."""
        writer = self._open.pop(name, None) or self._begin(name)
        self._open[name] = writer
        writer.write_batch(batch(articles, IN_FILES), row_group_size=len(articles))
        while len(self._open) > OPEN_FILES:
            self._open.popitem(last=False)[1].close()

    def _begin(self, name: str) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        place = self._folder / name
        place.mkdir(parents=True, exist_ok=True)
        number = self._parts.get(name, 0)
        self._parts[name] = number + 1
        repeated = [one for one in REPEATED if one != "language"]
        return pq.ParquetWriter(
            place / f"part-{number}.parquet", schema(IN_FILES), compression="zstd", use_dictionary=repeated
        )

    def close(self) -> None:
        """End the files that are open."""
        while self._open:
            self._open.popitem()[1].close()


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name when all went well: half of it never has it. Raises ArchiveError, also where
    something stands under that name."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ArchiveError(f"{target} is there already: name another folder, or remove it")
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.mkdir(parents=True)
        yield beside
        for path in [*beside.rglob("*"), beside]:
            _sync(path)
        beside.rename(target)  # also onto an empty folder
        _sync(target.parent)
    except OSError as error:
        raise ArchiveError(f"cannot write {target}: {error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

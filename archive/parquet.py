"""Articles as Parquet: typed columns for pandas, Polars, DuckDB, Spark and R.

The schema stands here once, so that every export of articles has the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from archive.holdings import Article
from archive.records import parse_utc

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

GROUP_ARTICLES = 2_000  # of one row group: enough for a reader to skip by, few enough to be held in memory
GROUP_BYTES = 8 << 20  # characters of text that end a row group before; Arrow holds them a few times over
REPEATED = ("source", "language", "section", "agency", "authors.list.element", "tags.list.element", "provenance.key_value.key",
            "provenance.key_value.value")  # worth a dictionary; texts are not  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type by a name of ours, and what of an article stands in it."""

    name: str
    type: str  # int, text, time, flag, texts, map
    value: Callable[[Article], Any]
    optional: bool = False


def _own(name: str, type_: str = "text", optional: bool = False) -> Column:
    return Column(name, type_, lambda article: getattr(article, name), optional)


def _moment(name: str, field: str) -> Column:
    return Column(name, "time", lambda article: moment_of(getattr(article, field)), optional=True)


COLUMNS: tuple[Column, ...] = (
    _own("id", "int"),
    _own("url"),
    _own("canonical_url"),
    _own("source"),
    _own("title"),
    _own("text"),
    _own("reading"),
    _own("summary"),
    _own("language"),
    _own("section"),
    _own("published_at", optional=True),
    _moment("published_time", "published_at"),
    _own("published_raw"),
    _own("modified_at", optional=True),
    _moment("modified_time", "modified_at"),
    Column("authors", "texts", lambda article: list(article.authors)),
    Column("editors", "texts", lambda article: list(article.editors)),
    _own("agency"),
    _own("dateline"),
    Column("tags", "texts", lambda article: list(article.tags)),
    _own("image_url"),
    _own("paywalled", "flag"),
    _moment("first_seen_at", "first_seen_at"),
    _moment("last_seen_at", "last_seen_at"),
    _moment("withdrawn_at", "withdrawn_at"),
    _own("version", "int"),
    _own("word_count", "int"),
    Column("provenance", "map", lambda article: list(article.provenance.items())),
    _own("story_id", "int", optional=True),
)


def moment_of(text: str | None) -> datetime | None:
    """A time as a datetime, a day as its midnight in UTC; None where there is none that can be read."""
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError):
        return None


def schema(columns: Sequence[Column] = COLUMNS) -> pa.Schema:
    """The columns as Arrow types; times are UTC, in milliseconds."""
    import pyarrow as pa  # 0.2 s: only who asks for Parquet waits for it

    types = {
        "int": pa.int64(),
        "text": pa.string(),
        "time": pa.timestamp("ms", tz="UTC"),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.field("element", pa.string(), nullable=False)),
        "map": pa.map_(pa.string(), pa.string()),
    }
    return pa.schema([pa.field(column.name, types[column.type], nullable=column.optional) for column in columns])


def write_parquet(articles: Iterable[Article], stream: IO[bytes]) -> int:
    """Write articles to a stream of bytes, which need not be able to seek; gives their number.

    No more than a row group is held, whatever their number.
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    number, target = 0, _Forward(stream)
    writer = pq.ParquetWriter(target, schema(), compression="zstd", use_dictionary=list(REPEATED))
    try:
        for group in _groups(articles):
            writer.write_batch(batch(group), row_group_size=len(group))
            number += len(group)
    except BaseException:
        target.broken = True  # the end, which the writer adds whatever happens, would make half a file look whole
        raise
    finally:
        writer.close()
    return number


def _groups(articles: Iterable[Article]) -> Iterator[list[Article]]:
    group: list[Article] = []
    size = 0
    for article in articles:
        group.append(article)
        size += size_of(article)
        if len(group) >= GROUP_ARTICLES or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def size_of(article: Article) -> int:
    """About how much an article holds, in characters."""
    return len(article.text) + len(article.reading) + len(article.summary)


def batch(group: Sequence[Article], columns: Sequence[Column] = COLUMNS) -> pa.RecordBatch:
    """Articles as rows."""
    import pyarrow as pa

    types = schema(columns)
    arrays = [
        pa.array([column.value(article) for article in group], type=types.field(column.name).type) for column in columns
    ]
    return pa.record_batch(arrays, schema=types)


class _Forward:
    """A stream that is only written to, and says how far it is: a pipe cannot."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0
        self.closed = False
        self.broken = False

    def write(self, data: Any) -> int:
        """Hand bytes on, unless the articles broke off."""
        if not self.broken:
            self._stream.write(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        """Bytes that were written."""
        return self._at

    def flush(self) -> None:
        """Have them sent."""
        if not self.broken:
            self._stream.flush()

    def close(self) -> None:
        """Leave the stream open: it is the caller's."""
        self.closed = True

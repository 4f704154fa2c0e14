"""Parquet: typed columns that other tools read, days told from times, memory that does not grow."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archive import Archive, Article
from archive.holdings import Article as Fields
from archive.parquet import COLUMNS, GROUP_ARTICLES, moment_of, write_parquet
from tests.unit.archive.corpora import fill
from tests.unit.archive.helpers import python

TYPED = ("published_time", "modified_time")  # columns beside the fields of an article


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Article]:
    folder = tmp_path_factory.mktemp("parquet") / "archive"
    fill(folder)
    with Archive(folder) as archive:
        return list(archive.articles())


def written(articles: list[Article]) -> pa.Table:
    stream = io.BytesIO()
    assert write_parquet(articles, stream) == len(articles)
    return pq.read_table(io.BytesIO(stream.getvalue()))


def test_nothing_is_lost(articles: list[Article]) -> None:
    table = written(articles).to_pylist()
    assert len(table) == len(articles) == 11
    for row, article in zip(table, articles, strict=True):
        for name, value in asdict(article).items():
            said = row[name]
            if name in ("first_seen_at", "last_seen_at", "withdrawn_at"):
                assert said == (None if value is None else datetime.fromisoformat(value)), name
            elif name == "provenance":
                assert dict(said) == value
            else:
                assert said == (list(value) if isinstance(value, tuple) else value), name


def test_every_field_of_an_article_has_a_column() -> None:
    assert {column.name for column in COLUMNS} == {*Fields.__dataclass_fields__, *TYPED}


def test_types(articles: list[Article]) -> None:
    types = {field.name: str(field.type) for field in written(articles).schema}
    assert types["id"] == types["version"] == types["story_id"] == "int64"
    assert types["published_time"] == types["first_seen_at"] == types["withdrawn_at"] == "timestamp[ms, tz=UTC]"
    assert types["published_at"] == types["modified_at"] == types["text"] == "string"
    assert types["authors"] == types["tags"] == "list<element: string not null>"
    assert types["provenance"].startswith("map<string, string")
    assert types["paywalled"] == "bool"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026-03-05T11:30:00Z", datetime(2026, 3, 5, 11, 30, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_days_and_times(articles: list[Article], text: str | None, time: datetime | None) -> None:
    assert moment_of(text) == time
    [row] = written([replace(articles[0], published_at=text)]).to_pylist()
    assert (row["published_at"], row["published_time"]) == (text, time)


def test_another_tool_reads_it(articles: list[Article], tmp_path: Path) -> None:
    path = tmp_path / "articles.parquet"
    with path.open("wb") as stream:
        write_parquet(articles, stream)
    with duckdb.connect() as conn:
        conn.execute("SET TimeZone = 'UTC'")
        found = conn.execute(
            f"SELECT id, date_part('year', published_time), len(authors), provenance['title'], first_seen_at::VARCHAR "  # noqa: S608
            f"FROM '{path}' WHERE contains(title, 'Ferries')"
        ).fetchall()
    assert found == [(1, 2026, 2, "jsonld", "2026-03-05 12:00:00+00")]


def test_packed_and_in_row_groups(articles: list[Article]) -> None:
    stream = io.BytesIO()
    long = replace(articles[0], text="A long text. " * 400_000)
    assert write_parquet([*[articles[0]] * (GROUP_ARTICLES + 1), long, long, articles[0]], stream) == GROUP_ARTICLES + 4
    meta = pq.ParquetFile(io.BytesIO(stream.getvalue())).metadata
    assert [meta.row_group(at).num_rows for at in range(meta.num_row_groups)] == [GROUP_ARTICLES, 3, 1]
    assert {meta.row_group(0).column(at).compression for at in range(meta.num_columns)} == {"ZSTD"}


def test_no_article_is_a_table_too() -> None:
    assert written([]).num_rows == 0


def test_half_a_file_does_not_look_whole(articles: list[Article]) -> None:
    def breaking() -> Iterator[Article]:
        yield from articles * 500
        raise ZeroDivisionError

    stream = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        write_parquet(breaking(), stream)
    assert stream.getvalue().startswith(b"PAR1")
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(io.BytesIO(stream.getvalue()))


class _Nothing(io.RawIOBase):
    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def test_memory_does_not_grow_with_the_articles(articles: list[Article]) -> None:
    one = replace(articles[0], text="A text that takes some room. " * 100)
    pool = pa.default_memory_pool()
    peaks = []
    for number in (3, 30):
        tracemalloc.start()
        write_parquet((replace(one, id=at) for at in range(number * GROUP_ARTICLES)), _Nothing())  # type: ignore[arg-type]
        peaks.append((tracemalloc.get_traced_memory()[1], pool.max_memory()))  # the pool's never falls
        tracemalloc.stop()
    (python_few, arrow_few), (python_many, arrow_many) = peaks
    assert arrow_few > 1 << 20
    assert python_many <= 1.5 * python_few
    assert arrow_many <= 1.5 * arrow_few


def test_who_asks_for_no_parquet_does_not_wait_for_it() -> None:
    child = python("import sys, archive.cli, archive.export; sys.exit('pyarrow' in sys.modules)")
    assert (child.wait(timeout=60), child.communicate()[1]) == (0, "")

"""Articles as CSV, JSON Lines or Parquet, one after another, however many there are."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from archive.errors import ArchiveError
from archive.holdings import Article
from archive.parquet import write_parquet
from archive.store import Archive

TEXT_FORMATS = ("jsonl", "csv")  # those of `lines`
FORMATS = (*TEXT_FORMATS, "parquet")
COLUMNS = tuple(Article.__dataclass_fields__)
CHUNK = 1 << 16  # bytes that are gathered before they are handed on: a web server sends each chunk by itself
# What a spreadsheet takes for the beginning of a formula, in the forms of East Asian keyboards too (OWASP, CSV Injection)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}  # some readers take these for ends of lines


@dataclass(frozen=True, slots=True)
class Choice:
    """Which articles are given out; None: whatever there is."""

    query: str | None = None
    source: str | None = None  # slug
    language: str | None = None
    since: str | None = None  # days or UTC times, both included
    until: str | None = None

    def articles(self, archive: Archive) -> Iterator[Article]:
        """Those articles, by their ids. Raises QueryError for a query or a time that cannot be read."""
        return archive.articles(
            query=self.query, source=self.source, language=self.language, since=self.since, until=self.until
        )


def defused(cell: object) -> object:
    """A cell of CSV that is no formula: an apostrophe before a text that would be one. Numbers stay as they are."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    if isinstance(cell, str) and cell[:1].isspace() and cell.lstrip().startswith(_FORMULA):
        return f"'{cell}"
    return cell


def json_line(value: Any) -> str:
    """A JSON-able value on a line of its own, with its end. Raises ValueError for what JSON has no number for."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS) + "\n"


def lines(articles: Iterable[Article], form: str) -> Iterator[bytes]:
    """Articles as UTF-8 in one of TEXT_FORMATS, in chunks that end with a line; each is of CHUNK bytes and one article
    at most.

    JSON Lines has every field as it is. CSV has lists and objects as JSON, and an apostrophe before texts that a
    spreadsheet would take for formulas.
    """
    gathered = bytearray()
    for line in _csv_lines(articles) if form == "csv" else (json_line(asdict(article)) for article in articles):
        gathered += line.encode()
        if len(gathered) >= CHUNK:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def write_articles(articles: Iterable[Article], stream: IO[bytes], form: str) -> int:
    """Write articles to a stream of bytes in one of FORMATS; gives their number."""
    if form == "parquet":
        return write_parquet(articles, stream)
    counted = _Counted(articles)
    for chunk in lines(counted, form):
        stream.write(chunk)
    return counted.number


class _Counted:
    """An iterable that knows how many were taken from it."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = articles
        self.number = 0

    def __iter__(self) -> Iterator[Article]:
        for article in self._articles:
            self.number += 1
            yield article


def _csv_lines(articles: Iterable[Article]) -> Iterator[str]:
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield line.getvalue()
    for article in articles:
        line.seek(0)
        line.truncate()
        writer.writerow([defused(_cell(getattr(article, name))) for name in COLUMNS])
        yield line.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value


@contextmanager
def replaced(target: Path) -> Iterator[IO[bytes]]:
    """A stream to a file that takes the place of `target` when all went well. Raises ArchiveError."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except OSError as error:
        raise ArchiveError(f"cannot write {target}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)

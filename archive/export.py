"""Articles as CSV or JSON Lines, one after another, however many there are."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from archive.errors import ArchiveError
from archive.holdings import Article

FORMATS = ("jsonl", "csv")
COLUMNS = tuple(Article.__dataclass_fields__)
# What a spreadsheet takes for the beginning of a formula, in the forms of East Asian keyboards too (OWASP, CSV Injection)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}  # some readers take these for ends of lines


def defused(cell: object) -> object:
    """A cell of CSV that is no formula: an apostrophe before a text that would be one. Numbers stay as they are."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    if isinstance(cell, str) and cell[:1].isspace() and cell.lstrip().startswith(_FORMULA):
        return f"'{cell}"
    return cell


def write_articles(articles: Iterable[Article], stream: IO[str], form: str) -> int:
    """Write articles to a stream opened with `newline=""`; gives their number.

    JSON Lines has every field as it is. CSV has lists and objects as JSON, and an apostrophe before texts that a
    spreadsheet would take for formulas.
    """
    return _write_csv(articles, stream) if form == "csv" else _write_lines(articles, stream)


def _write_lines(articles: Iterable[Article], stream: IO[str]) -> int:
    number = 0
    for article in articles:
        stream.write(json.dumps(asdict(article), ensure_ascii=False).translate(_LINE_ENDS) + "\n")
        number += 1
    return number


def _write_csv(articles: Iterable[Article], stream: IO[str]) -> int:
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    number = 0
    for article in articles:
        writer.writerow([defused(_cell(getattr(article, name))) for name in COLUMNS])
        number += 1
    return number


def _cell(value: object) -> object:
    if isinstance(value, tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value


@contextmanager
def replaced(target: Path) -> Iterator[IO[str]]:
    """A stream to a file that takes the place of `target` when all went well. Raises ArchiveError."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except OSError as error:
        raise ArchiveError(f"cannot write {target}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)

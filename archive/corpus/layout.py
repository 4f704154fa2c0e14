"""What stands in a corpus: its files, and the fields of each line, named as the columns of the database.

A type says how a field stands in JSON and in SQLite; a question mark behind it, that it may be missing (null). A `day` is
a time of which only the day may be known.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import ArchiveError
from archive.export import json_line
from archive.holdings import LARGEST
from archive.records import parse_utc, utc_text
from archive.text import clean, clean_value, json_text

FORMAT = "kiosque-corpus"
FORMAT_VERSION = 1
KIOSQUE = "0.1.0"  # as in pyproject.toml

MANIFEST, SUMS, README = "manifest.json", "SHA256SUMS", "README.txt"
SOURCES, ARTICLES, STORIES, CAPTURES = "sources.jsonl", "articles.jsonl", "stories.jsonl", "captures.jsonl"
INDEX = "index.cdxj"
RAW = "raw"
FIXED = (README, SOURCES, ARTICLES, STORIES, CAPTURES, INDEX)  # beside the raw files, in every manifest
RAW_NAME = re.compile(r"raw/corpus-[0-9]{5}\.warc\.gz")

LONGEST_LINE = 32 << 20  # bytes: an article with all its versions; read as JSON, some ten times as much in memory
MOST_PARTS = 1 << 20  # brackets in a line: a line of nothing else would take a hundred times its length
LARGEST_MANIFEST = 32 << 20  # bytes; it grows with the number of sources and raw files alone

_DOCUMENTS = ("texts", "map", "object", "any")  # types that are JSON text in the database
Row = dict[str, Any]
Spec = Mapping[str, str]

SOURCE: Spec = {
    "id": "id", "slug": "text", "name": "text", "home": "url", "country": "text", "language": "text", "timezone": "text",
    "added_at": "time", "in_catalog": "flag", "verify_tls": "flag",
}  # fmt: skip
ARTICLE: Spec = {
    "id": "id", "url": "url", "canonical_url": "url", "source": "text", "title": "text", "text": "text",
    "reading": "text", "summary": "text", "language": "text", "section": "text", "published_at": "day?",
    "published_raw": "text", "modified_at": "day?", "authors": "texts", "editors": "texts", "agency": "text",
    "dateline": "text", "tags": "texts", "image_url": "text", "paywalled": "flag", "first_seen_at": "time",
    "last_seen_at": "time", "withdrawn_at": "time?", "version": "int", "word_count": "int", "provenance": "map",
    "story_id": "id?", "content_hash": "text", "text_hash": "text", "extractor": "text",
    "discovered_via": "text",
}  # fmt: skip
VERSION: Spec = {
    "version": "int", "captured_at": "time", "title": "text", "text": "text", "summary": "text", "summary_by": "text",
    "modified_at": "day?", "content_hash": "text", "capture_id": "id?",
}  # fmt: skip
SIGHTING: Spec = {"seen_at": "time", "version": "int"}
ADDRESS: Spec = {"url": "text", "kind": "text"}
CHANGE: Spec = {
    "from_version": "int", "to_version": "int", "changed_at": "time", "kind": "text", "words_added": "int",
    "words_removed": "int", "paragraphs_added": "int", "paragraphs_removed": "int", "title_changed": "flag",
    "lead_changed": "flag", "silent": "flag", "notice": "text",
}  # fmt: skip
RETURN: Spec = {"returned_at": "time", "version": "int", "instead_of": "int"}
PAGE: Spec = {
    "id": "id", "url": "url", "source": "text", "discovered_at": "time", "state": "text", "outcome": "text?",
    "attempts": "int", "visits": "int", "next_attempt_at": "time?", "priority": "text", "http_status": "int?",
    "fetched_at": "time?", "etag": "text?", "last_modified": "text?", "hint": "object", "detail": "text",
    "discovered_via": "text",
}  # fmt: skip
NESTED: Mapping[str, tuple[str, str, Spec]] = {  # in the line of an article: table and order of what belongs to it
    "versions": ("article_versions", "version", VERSION),
    "sightings": ("sightings", "seen_at", SIGHTING),
    "addresses": ("article_urls", "url", ADDRESS),
    "changes": ("changes", "to_version", CHANGE),
    "returns": ("returns", "returned_at", RETURN),
    "pages": ("pages", "id", PAGE),
}
STORY: Spec = {
    "id": "id", "core_id": "id", "title": "text", "language": "text", "first_article_id": "id", "first_source_id": "id",
    "first_at": "day", "last_at": "day", "members": "int", "sources": "int", "agency": "text", "origin": "text",
    "origin_from": "text", "confidence": "real",
}  # fmt: skip
MEMBER: Spec = {"article_id": "id", "shared": "real", "of_core": "real", "added": "int", "joined_at": "time"}
CAPTURE: Spec = {
    "id": "id", "article_id": "id?", "page_id": "id?", "url": "url", "fetched_at": "time", "http_status": "int",
    "content_type": "text", "digest": "text", "record": "text", "part": "int", "robots": "text", "reserved": "any?",
    "kept": "flag", "warc_file": "text?", "warc_offset": "int?", "warc_length": "int?", "missing": "text",
    "discovered_via": "text",
}  # fmt: skip
COUNTED = ("articles", "stories", "sources", "captures", *NESTED, "missing", "responses", "revisits", "requests")


class CorpusDamaged(ArchiveError):
    """Something in a corpus is not as it should be."""


# -- values ----------------------------------------------------------------------------------------------------------


def from_sql(row: Any, spec: Spec) -> Row:
    """A row of the database as it stands in a line. Raises ValueError for a column that holds no JSON."""
    return {name: _to_json(row[name], kind.rstrip("?")) for name, kind in spec.items()}


def _to_json(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind in _DOCUMENTS:
        return json.loads(value)
    return bool(value) if kind == "flag" else value


def to_sql(row: Row, spec: Spec) -> Row:
    """The fields of a line as the database takes them."""
    return {
        name: row[name] if row[name] is None or kind.rstrip("?") not in _DOCUMENTS else json_text(row[name])
        for name, kind in spec.items()
    }


def check(row: Any, spec: Spec, *more: str) -> None:
    """Raise CorpusDamaged unless a line has these fields, of their types, and `more`, which are looked at elsewhere."""
    if not isinstance(row, dict) or row.keys() != {*spec, *more}:
        raise CorpusDamaged("other fields than there should be")
    for name, kind in spec.items():
        if not _fits(row[name], kind):
            raise CorpusDamaged(f"{name} is no {kind.rstrip('?')}")


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return kind.endswith("?")
    kind = kind.rstrip("?")
    if kind == "text":
        return isinstance(value, str) and clean(value) == value
    if kind == "url":
        return _fits(value, "text") and value.startswith(("http://", "https://"))
    if kind in ("time", "day"):
        return _fits(value, "text") and _is_moment(value, day=kind == "day")
    if kind in ("int", "id"):
        return type(value) is int and (0 if kind == "int" else 1) <= value <= LARGEST
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "real":
        return type(value) in (int, float)
    if kind == "texts":
        return isinstance(value, list) and all(_fits(item, "text") for item in value)
    if kind == "map":
        return isinstance(value, dict) and all(_fits(item, "text") for pair in value.items() for item in pair)
    return (kind == "any" or isinstance(value, dict)) and bool(clean_value(value) == value)


def _is_moment(text: str, day: bool) -> bool:
    """Is it a time as the archive writes them, or where that may be a day?"""
    try:
        moment = parse_utc(text)
    except (ValueError, OverflowError):
        return False
    return text == utc_text(moment) or (day and text == utc_text(moment)[:10])


# -- lines -----------------------------------------------------------------------------------------------------------


def line_of(value: Row) -> bytes:
    """A line. Raises CorpusDamaged for one that is too long to be read again."""
    line = json_line(value).encode()
    if len(line) > LONGEST_LINE or _parts(line) > MOST_PARTS:
        raise CorpusDamaged(f"{len(line):,} bytes in one line, at most {LONGEST_LINE:,} can be read again")
    return line


def _parts(line: bytes) -> int:
    return line.count(b"[") + line.count(b"{")


def read_lines(stream: BinaryIO) -> Iterator[Row]:
    """The objects of a file, a line each. Raises CorpusDamaged for a line that is not one as `line_of` writes it."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        try:
            yield _read(line)
        except CorpusDamaged as error:
            raise CorpusDamaged(f"line {number}: {error}") from error


def _read(line: bytes) -> Row:
    if not line.endswith(b"\n"):
        raise CorpusDamaged("too long" if len(line) > LONGEST_LINE else "ends in the middle")
    if _parts(line) > MOST_PARTS:
        raise CorpusDamaged("more parts than an article has")
    try:
        value = json.loads(line)
        same = isinstance(value, dict) and line_of(value) == line
    except (ValueError, RecursionError) as error:
        raise CorpusDamaged("no JSON") from error
    if not same:
        raise CorpusDamaged("not written as a line of a corpus")
    return value  # type: ignore[no-any-return]


# -- files -----------------------------------------------------------------------------------------------------------


def open_plain(folder: Path, name: str) -> BinaryIO:
    """A file of a corpus, to read. Raises CorpusDamaged unless it is a plain file: no link, pipe or device is opened."""
    path = folder / name
    try:
        for part in (path, *(folder / parent for parent in Path(name).parents if parent.name)):
            mode = part.lstat().st_mode
            if not (stat.S_ISREG(mode) if part == path else stat.S_ISDIR(mode)):
                raise CorpusDamaged(f"{name} is no plain file")
        return path.open("rb")
    except FileNotFoundError as error:
        raise CorpusDamaged(f"{name} is missing") from error
    except OSError as error:
        raise CorpusDamaged(f"{name} cannot be read: {error}") from error

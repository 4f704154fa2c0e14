"""What a corpus says of itself: the manifest for programs, the README for people; and the manifest as it is read."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archive.corpus.layout import (
    FIXED,
    FORMAT,
    FORMAT_VERSION,
    KIOSQUE,
    LARGEST_MANIFEST,
    MANIFEST,
    RAW_NAME,
    CorpusDamaged,
    Row,
    open_plain,
)  # fmt: skip
from archive.corpus.writing import Seal
from archive.export import Choice
from archive.query import parse_query
from archive.stories import STORY_WINDOW

HASHED = (
    "SHA-256 of title, NUL and text (content_hash) and of the text (text_hash) as UTF-8, each in NFKC, case-folded, \
without U+00AD, U+200B, U+2060 and U+FEFF, white space folded to one space"
)
TOKENS = "unicode61 remove_diacritics 2, and a second index of folded text for scripts without spaces"


@dataclass
class Span:
    """The first and the last time of what was published and of what was seen."""

    published: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def add(self, article: Row) -> None:
        """Take an article in."""
        for ends, times in (
            (self.published, [article["published_at"]]),
            (self.seen, [article["first_seen_at"], article["last_seen_at"]]),
        ):
            known = [*ends, *(time for time in times if time)]
            ends[:] = [min(known), max(known)] if known else []


def manifest_of(
    choice: Choice,
    counts: Counter[str],
    span: Span,
    sources: Sequence[tuple[Row, int]],
    tallies: Mapping[str, Counter[str]],
    missing: Sequence[Row],
) -> dict[str, Any]:
    """The manifest without what is only known at the end: the seals of the files, the digest and the time."""
    understood = None if choice.query is None else asdict(parse_query(choice.query))
    return {
        "kiosque": KIOSQUE,
        "query": {"typed": choice.query, "understood": understood},
        "filters": {name: value for name, value in asdict(choice).items() if name != "query"},
        "counts": dict(counts),
        "span": asdict(span),
        "sources": [
            {name: row[name] for name in ("slug", "name", "home", "country", "language")} | {"articles": number}
            for row, number in sources
        ],
        **{name: dict(sorted(tally.items())) for name, tally in tallies.items()},
        "settings": {
            "hashes": HASHED,
            "search_index": TOKENS,
            "story_window_days": STORY_WINDOW.days,
            "unicode": unicodedata.unidata_version,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        },
        "missing": {"count": counts["missing"], "first": list(missing)},
    }


def readme_of(about: Mapping[str, Any]) -> bytes:
    """README.txt; without the time, so that the same choice gives the same text."""
    counts, span = about["counts"], about["span"]
    filters = ", ".join(f"{name} {value}" for name, value in about["filters"].items() if value) or "none"
    missing = (
        counts["missing"]
        and f"\n{counts['missing']} captures lack their raw record; captures.jsonl says which and why.\n"
    )
    return _README.format(
        query=about["query"]["typed"] or "everything",
        filters=filters,
        published=" to ".join(span["published"]) or "unknown",
        seen=" to ".join(span["seen"]),
        outlets=len(about["sources"]),
        missing=missing or "",
        version=FORMAT_VERSION,
        kiosque=about["kiosque"],
        **{name: counts[name] for name in ("articles", "versions", "captures")},
    ).encode()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read."""

    digest: str
    made_at: str
    counts: dict[str, int]
    unicode: str  # with which the hashes were made
    seals: dict[str, Seal]  # of every file but itself and the sums


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a corpus. Raises CorpusDamaged for what is none, or names files that a corpus does not have."""
    with open_plain(folder, MANIFEST) as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST_MANIFEST:
            raise CorpusDamaged(f"{MANIFEST} is larger than there are")
        data = file.read(size)
    try:
        said = json.loads(data)
        if said["format"] != FORMAT:
            raise CorpusDamaged(f"{MANIFEST} is that of something else than a corpus")
        if said["format_version"] != FORMAT_VERSION:
            raise CorpusDamaged(
                f"the corpus has format {said['format_version']!r}; this Kiosque reads {FORMAT_VERSION}"
            )
        seals = {str(name): Seal(int(one["bytes"]), str(one["sha256"])) for name, one in said["files"].items()}
        counts = {str(name): int(number) for name, number in said["counts"].items()}
        made = Manifest(str(said["digest"]), str(said["made_at"]), counts, str(said["settings"]["unicode"]), seals)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusDamaged(f"{MANIFEST} cannot be read: {type(error).__name__}") from error
    for name in seals:
        if name not in FIXED and not RAW_NAME.fullmatch(name):
            raise CorpusDamaged(f"{MANIFEST} names a file that no corpus has: {name[:200]!r}")
    if lacking := [name for name in FIXED if name not in seals]:
        raise CorpusDamaged(f"{MANIFEST} does not name {', '.join(lacking)}")
    return made


_README = """\
A frozen corpus of news articles, made with Kiosque {kiosque}.

What was asked for:  {query}
Narrowed to:         {filters}
What there is:       {articles} articles of {outlets} outlets in {versions} versions, {captures} captures of their pages
Published:           {published}
Seen by the crawler: {seen}
{missing}
manifest.json     what this is: query, filters, versions, settings, counts, and size and SHA-256 of every file
articles.jsonl    an article a line (JSON, UTF-8): its fields, all versions, addresses, changes, pages
sources.jsonl     the outlets
stories.jsonl     reports that several outlets have, and which articles are copies of them
captures.jsonl    every fetch of the pages of these articles, and where its record stands
index.cdxj        the same as an index for pywb and other tools of web archives
raw/              the records themselves, WARC 1.1, byte for byte as the crawler wrote them
SHA256SUMS        the checksums

Is it whole and unchanged?

    sha256sum -c SHA256SUMS
    python -m archive corpus verify .        (with Kiosque: also every text, payload and reference)

Whoever changed a file could write new checksums too. The digest in manifest.json stands for all the rest: compare it with
the one that whoever made the corpus has published. It is

    grep -v manifest.json SHA256SUMS | sha256sum

To search and read it, with Kiosque:

    python -m archive corpus open . --archive my-archive
    python -m archive serve --archive my-archive

To look at the pages as they were, with pywb: index_paths is index.cdxj, archive_paths is the folder raw/.

The format is version {version}; docs/export.md of Kiosque describes every field. The articles belong to their publishers.
"""

"""Whether an archive is sound, seen with plain SQLite and warcio."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator


def check_database(folder: Path) -> None:
    """The database and its full-text index are sound, for a plain SQLite as well."""
    conn = sqlite3.connect(folder / "archive.db")
    try:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    finally:
        conn.close()


def check_raw_files(folder: Path) -> None:
    """Every WARC file reads to its end, with digests that fit, and every capture stands where the index says."""
    conn = sqlite3.connect(folder / "archive.db")
    captured = set(conn.execute("SELECT warc_file, warc_offset FROM captures"))
    conn.close()
    found = set()
    for path in (folder / "raw").rglob("*.warc.gz"):
        with gzip.open(path) as whole:
            while whole.read(1 << 20):
                pass
        with path.open("rb") as stream:
            records = ArchiveIterator(stream, check_digests="raise")
            for record in records:
                offset = records.get_record_offset()
                record.content_stream().read()
                found.add((path.relative_to(folder).as_posix(), offset))
    assert captured <= found

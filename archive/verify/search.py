"""The full-text index against the articles that it is made of."""

from __future__ import annotations

import sqlite3

from archive.database import is_written, transaction
from archive.postgres import verify as index_on_postgresql
from archive.verify.bench import Bench
from archive.verify.report import Finding

STEPS = 10_000  # of SQLite's machine between two looks whether a crawl begins, about a millisecond
WHAT = "the full-text index is not that of the articles"
_MISSING = "SELECT count(*) FROM (SELECT id FROM articles EXCEPT SELECT id FROM articles_fts_docsize)"
_STRAY = "SELECT count(*) FROM (SELECT id FROM articles_fts_docsize EXCEPT SELECT id FROM articles)"


def check_search(bench: Bench) -> None:
    """Compare the index with the articles, and make it anew when it differs and may be repaired.

    SQLite's own comparison takes the write lock, so that it is left out while a crawl writes, and broken off when one
    begins; which articles are in the index is looked at always.
    """
    trouble = _trouble(bench)
    if not trouble:
        return
    if not bench.repair:
        bench.report.add(Finding("search", WHAT, 1, (trouble,)))
        return
    try:
        rebuild(bench)
    except sqlite3.DatabaseError as error:
        trouble = f"{trouble}; cannot be made anew: {error}"
    else:
        left = _trouble(bench)
        if not left:
            bench.report.add(Finding("search", WHAT, 1, (trouble,), mended="made anew"))
            return
        trouble = left
    bench.report.add(Finding("search", WHAT, 1, (trouble,)))


def _trouble(bench: Bench) -> str:
    if bench.archive.on_postgresql:
        return index_on_postgresql.trouble(bench.db, quick=bench.quick)
    try:
        missing = bench.db.execute(_MISSING).fetchone()[0]
        stray = bench.db.execute(_STRAY).fetchone()[0]
        if missing or stray:
            return f"{missing} articles are missing in it, {stray} in it are none"
        bench.db.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH '\"a\"' LIMIT 1").fetchall()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if bench.quick else _compared(bench)


def _compared(bench: Bench) -> str:
    """What SQLite finds when it reads the index and every article."""
    db, folder = bench.db, bench.archive.folder
    bench.progress("search index", 0, 0)
    why = "SQLite's comparison of the full-text index with the articles: a crawl is writing"
    if not bench.repair:
        if is_written(folder):
            bench.report.skipped.append(why)
            return ""
        db.execute("PRAGMA query_only = OFF")
        db.execute("PRAGMA busy_timeout = 0")
        db.set_progress_handler(lambda: int(is_written(folder)), STEPS)
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY):
            bench.report.skipped.append(why)
            return ""
        return str(error)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if not bench.repair:
            db.set_progress_handler(None, 0)
            db.execute("PRAGMA query_only = ON")
    return ""


def rebuild(bench: Bench) -> None:
    """Make the index anew from the articles; from nothing, when it is so damaged that SQLite cannot open it."""
    db = bench.db
    bench.progress("search index", 0, 0)
    if bench.archive.on_postgresql:
        with transaction(bench.archive.db):
            index_on_postgresql.rebuild(db)
        return
    try:
        with transaction(bench.archive.db):
            db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
        return
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise
    sql = db.execute("SELECT sql FROM sqlite_master WHERE name = 'articles_fts'").fetchone()[0]
    db.execute("PRAGMA writable_schema = ON")
    try:
        with transaction(bench.archive.db):
            db.execute("DELETE FROM sqlite_master WHERE name = 'articles_fts'")
            for part in ("data", "idx", "docsize", "config"):
                db.execute(f"DROP TABLE IF EXISTS articles_fts_{part}")
    finally:
        db.execute("PRAGMA writable_schema = RESET")
    with transaction(bench.archive.db):
        db.execute(sql)
        db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")

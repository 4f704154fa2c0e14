"""What one query may cost: SQL functions that end in time, and bounds of a connection.

Datasette's time limit is kept between the steps of a statement. A LIKE with many stars is a single step, for which
SQLite's own function can take hours, as are searching a long text for a long one and `printf` with a width of a billion;
and a result of a thousand rows may be as large as memory. What no function of ours can bound is the time that SQLite
takes to prepare a statement: WITH clauses that name each other double it with each. Hence no SQL for strangers.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

LONGEST_VALUE = 20_000_000  # bytes of one text; a page is at most 16 MiB, and so is what is stored of it
LARGEST_RESULT = 32_000_000  # bytes of one result; JSON takes several times of it while it is made
MOST_TRIMMED = 100  # different characters that TRIM takes away
LONGEST_PATTERN = 1_000  # characters of a LIKE or GLOB; no title is longer

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,  # a request line is at most 64 KB
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
# They take their time before they look at a bound, or make large values of nothing; no query over articles needs them.
DENIED = frozenset({"printf", "format", "zeroblob", "randomblob", "load_extension"})
NEVER = "(?!)."  # a regular expression of one character that is none
_SET = re.compile(r"(\^?)(\]?+[^\]]*+)\]")  # of a GLOB, after its opening bracket

STEPS = 10_000  # of SQLite's machine between two looks at the clock: less than a millisecond
STALLED = 4  # times its limit that a query may take by the clock: it waits for a disk, or for other work of the machine


class LargeResult(sqlite3.OperationalError):
    """A result that is too large to be shown."""


def bound(conn: sqlite3.Connection) -> None:
    """Make a connection read-only and bound what its queries may cost."""
    conn.execute("PRAGMA query_only = 1")
    for limit, most in _LIMITS.items():
        conn.setlimit(limit, most)
    conn.create_function("like", 2, _like, deterministic=True)
    conn.create_function("like", 3, _like, deterministic=True)
    conn.create_function("glob", 2, _glob, deterministic=True)
    conn.create_function("instr", 2, _instr, deterministic=True)
    conn.create_function("replace", 3, _replace, deterministic=True)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        conn.create_function(name, 2, partial(_trim, strip), deterministic=True)
    conn.set_authorizer(_authorize)
    conn.row_factory = _Counting()


@contextmanager
def time_limit(conn: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupt what this thread does on a connection after so many seconds of processor time, or STALLED times as many by
    the clock: a search is not refused because the machine is busy with something else."""
    spent, began = time.thread_time() + seconds, time.monotonic()

    def is_over() -> bool:
        passed = time.monotonic() - began  # which is cheap to ask for, and never less than the processor's
        return passed >= seconds and (passed >= STALLED * seconds or time.thread_time() >= spent)

    conn.set_progress_handler(is_over, STEPS)
    try:
        yield
    finally:
        conn.set_progress_handler(None, STEPS)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    denied = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in DENIED
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


class _Counting:
    """Makes rows, and adds up the size of those of the cursor at hand."""

    def __init__(self) -> None:
        self._cursor = 0
        self._size = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        if (
            id(cursor) != self._cursor
        ):  # a new one at the place of an old one goes on counting: too strict, never too lax
            self._cursor, self._size = id(cursor), 0
        self._size += sum(len(value) for value in values if isinstance(value, str | bytes))
        if self._size > LARGEST_RESULT:
            self._cursor = 0
            raise LargeResult(f"the result is larger than {LARGEST_RESULT} bytes: ask for fewer rows or columns")
        return sqlite3.Row(cursor, values)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two wildcards of any length: so many characters, each of them given, of a set, or any."""

    length: int
    pattern: re.Pattern[str]


def _like(pattern: object, value: object, escape: object = None) -> bool | None:
    """SQL's LIKE as SQLite has it (A to Z in either case), in linear time."""
    if pattern is None or value is None:
        return None
    return _found(_like_pieces(_pattern(pattern), _text(escape) if escape else ""), _text(value))


def _glob(pattern: object, value: object) -> bool | None:
    """SQLite's GLOB in linear time."""
    if pattern is None or value is None:
        return None
    return _found(_glob_pieces(_pattern(pattern)), _text(value))


def _instr(text: object, part: object) -> int | None:
    """SQLite's INSTR, which takes quadratic time; Python's search does not."""
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(text: object, old: object, new: object) -> str | None:
    """SQLite's REPLACE in linear time."""
    if text is None or old is None or new is None:
        return None
    changed = _text(text)
    if not (wanted := _text(old)):
        return changed
    by = _text(new)
    if len(changed) + changed.count(wanted) * (len(by) - len(wanted)) > LONGEST_VALUE:
        raise ValueError("a text that is too long")
    return changed.replace(wanted, by)


def _trim(strip: Callable[[str, str], str], text: object, letters: object) -> str | None:
    """SQLite's TRIM with letters of one's own, a bounded number of them."""
    if text is None or letters is None:
        return None
    different = set(_text(letters)[:LONGEST_PATTERN])
    if len(different) > MOST_TRIMMED or len(_text(letters)) > LONGEST_PATTERN:
        raise ValueError(f"more than {MOST_TRIMMED} letters to trim")
    return strip(_text(text), "".join(different)) if different else _text(text)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _pattern(pattern: object) -> str:
    text = _text(pattern)
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"a pattern of more than {LONGEST_PATTERN} characters")
    return text


def _found(pieces: tuple[_Piece, ...], text: str) -> bool:
    """Tell whether the pieces follow each other in the text, the first at its beginning and the last at its end.

    A piece between wildcards is taken where it first occurs: a later place could only leave less room for the rest.
    """
    first, *inner = pieces
    if not inner:
        return first.pattern.fullmatch(text) is not None
    last = inner.pop()
    if not first.pattern.match(text):
        return False
    position = first.length
    for piece in inner:
        if not (there := piece.pattern.search(text, position)):
            return False
        position = there.end()
    end = len(text) - last.length
    return end >= position and last.pattern.fullmatch(text, end) is not None


@lru_cache(maxsize=500)
def _like_pieces(pattern: str, escape: str) -> tuple[_Piece, ...]:
    pieces: list[list[str]] = [[]]
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            pieces[-1].append(re.escape(next(letters, letter)))
        elif letter == "%":
            pieces.append([])
        else:
            pieces[-1].append("." if letter == "_" else re.escape(letter))
    return _compiled(pieces, re.ASCII | re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=500)
def _glob_pieces(pattern: str) -> tuple[_Piece, ...]:
    pieces: list[list[str]] = [[]]
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        position += 1
        if letter == "*":
            pieces.append([])
        elif letter == "[" and (found := _SET.match(pattern, position)):
            pieces[-1].append(_set(found[2], negated=bool(found[1])))
            position = found.end()
        else:
            pieces[-1].append("." if letter == "?" else NEVER if letter == "[" else re.escape(letter))
    return _compiled(pieces, re.DOTALL)


def _set(inner: str, *, negated: bool) -> str:
    """One character of a set of characters and ranges, as a regular expression."""
    members = []
    position, before = 0, ""
    while position < len(inner):
        letter = inner[position]
        position += 1
        if letter == "-" and before and position < len(inner):
            if before <= inner[position]:
                members.append(f"\\U{ord(before):08x}-\\U{ord(inner[position]):08x}")
            position, before = position + 1, ""
        else:
            members.append(f"\\U{ord(letter):08x}")
            before = letter
    if not members:
        return "." if negated else NEVER
    return f"[{'^' if negated else ''}{''.join(members)}]"


def _compiled(pieces: list[list[str]], flags: int) -> tuple[_Piece, ...]:
    inner = [piece for piece in pieces[1:-1] if piece]  # two wildcards in a row are one
    kept = [pieces[0], *inner, *pieces[-1:]] if len(pieces) > 1 else pieces
    return tuple(_Piece(len(piece), re.compile("".join(piece), flags)) for piece in kept)

"""FTS5 expressions, as archive/query.py writes them, put into conditions and ranks of SQL over the table articles_fts.

An inverted index of tokens (`words`) finds the articles that can match; where that is not the whole truth (phrases, single
columns, what is taken away) the tokens of each are looked at in their order. Nothing is lost to the limits of tsvector's
positions, so that a query finds what it finds in SQLite.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive.postgres.columns import COLUMNS
from archive.postgres.tokens import tokens_of

CUT = "*"  # among the words of an article that has more of them than are there; no token is like it
LONGEST_WORD = 200  # characters of a token in `words`; tsvector takes 2,046 bytes
_PIECES = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([{}():*])|(AND|OR|NOT)\b|(\w+)|(\S))')

Bind = Callable[[object], str]  # takes a value, gives its place in the statement


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens in a row, in some columns; the last one may be but a beginning."""

    tokens: tuple[str, ...]
    prefix: bool
    columns: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it stands in a column of articles_fts."""
        return " " + "  ".join(self.tokens) + ("" if self.prefix else " ")

    @property
    def exact(self) -> bool:
        """Does `words` alone tell whether an article has it?"""
        return len(self.tokens) == 1 and self.columns == COLUMNS and len(self.tokens[0]) < LONGEST_WORD

    def words(self) -> str:
        """What an article with this phrase has among its words, as a tsquery."""
        last = len(self.tokens) - 1
        return " & ".join(_lexeme(one, self.prefix and at == last) for at, one in enumerate(self.tokens))

    def stands(self, table: str, bind: Bind) -> str:
        """The condition that it stands in a column of a row of `table`."""
        text = bind(self.text)
        return f"({' OR '.join(f'strpos({table}.{name}, {text}) > 0' for name in self.columns)})"


@dataclass(frozen=True, slots=True)
class Node:
    """AND, OR or NOT of two or more parts."""

    operator: str
    parts: tuple[Node | Phrase, ...]


Expression = Node | Phrase


def parse(text: str) -> Expression:
    """Read an FTS5 expression. Raises sqlite3.OperationalError, as SQLite does, for what is none."""
    pieces = list(_PIECES.finditer(text.rstrip()))
    place = 0

    def peek(*wanted: str) -> bool:
        return place < len(pieces) and (pieces[place][2] or pieces[place][3] or "") in wanted

    def take(wanted: str = "") -> re.Match[str]:
        nonlocal place
        if place >= len(pieces) or (wanted and not peek(wanted)):
            raise sqlite3.OperationalError(
                f'fts5: syntax error near "{pieces[place][0] if place < len(pieces) else ""}"'
            )
        place += 1
        return pieces[place - 1]

    def chain(operator: str, part: Callable[[tuple[str, ...]], Expression], columns: tuple[str, ...]) -> Expression:
        parts = [part(columns)]
        while peek(operator):
            take()
            parts.append(part(columns))
        return parts[0] if len(parts) == 1 else Node(operator, tuple(parts))

    def either(columns: tuple[str, ...]) -> Expression:
        return chain("OR", both, columns)

    def both(columns: tuple[str, ...]) -> Expression:
        return chain("AND", without, columns)

    def without(columns: tuple[str, ...]) -> Expression:
        return chain("NOT", beside, columns)

    def beside(columns: tuple[str, ...]) -> Expression:
        parts = [single(columns)]
        while place < len(pieces) and not peek("AND", "OR", "NOT", ")"):
            parts.append(single(columns))
        return parts[0] if len(parts) == 1 else Node("AND", tuple(parts))

    def single(columns: tuple[str, ...]) -> Expression:
        if peek("("):
            take()
            found = either(columns)
            take(")")
            return found
        if peek("{"):
            take()
            named = []
            while not peek("}"):
                named.append(take()[4] or "")
            take("}")
            take(":")
            return single(tuple(name for name in columns if name in named))
        piece = take()
        if piece[4] and peek(":"):
            take()
            return single(tuple(name for name in columns if name == piece[4]))
        if piece[1] is None and not piece[4]:
            raise sqlite3.OperationalError(f'fts5: syntax error near "{piece[0].strip()}"')
        prefix = peek("*")
        if prefix:
            take()
        return Phrase(tokens_of((piece[1] or piece[4] or "").replace('""', '"')), prefix, columns)

    if not pieces:
        raise sqlite3.OperationalError('fts5: syntax error near ""')
    found = either(COLUMNS)
    if place < len(pieces):
        take(" ")
    return found


def condition(expression: Expression, table: str, bind: Bind) -> str:
    """The condition that a row of `table` matches."""
    words = _words(expression)
    if words is None:
        return _exact(expression, table, bind)
    wanted = bind(f"{words} | '{CUT}'")
    found = f"{table}.words @@ {wanted}::tsquery"
    exact = _exact(expression, table, bind)
    return f"({found} AND (NOT {table}.cut OR {exact}))" if _is_exact(expression) else f"({found} AND {exact})"


def rank(expression: Expression, table: str, weights: Sequence[float], bind: Bind) -> str:
    """bm25 of a row of `table` that matches: the lower, the better."""
    parts = [
        _weight(phrase, table, weights, bind) for phrase in _phrases(expression) if phrase.tokens and phrase.columns
    ]
    return f"({' + '.join(parts)})" if parts else "0.0::double precision"


def _weight(phrase: Phrase, table: str, weights: Sequence[float], bind: Bind) -> str:
    text = bind(phrase.text)
    counts = " + ".join(
        f"{weights[COLUMNS.index(name)] if weights else 1.0} * articles_fts_count({table}.{name}, {text})"
        for name in phrase.columns
    )
    hits = f"(SELECT count(*) FROM articles_fts AS h WHERE {condition(phrase, 'h', bind)})"  # noqa: S608 (texts of ours, values are bound)
    totals = ", ".join(f"(SELECT {name} FROM articles_fts_totals)" for name in ("articles", "tokens"))  # noqa: S608
    return f"articles_fts_weight({counts}, {table}.size, {totals}, {hits})"


def _exact(expression: Expression, table: str, bind: Bind) -> str:
    if isinstance(expression, Node):
        parts = [_exact(part, table, bind) for part in expression.parts]
        if expression.operator == "NOT":
            return f"({parts[0]}{''.join(f' AND NOT {part}' for part in parts[1:])})"
        return f"({f' {expression.operator} '.join(parts)})"
    if not expression.tokens or not expression.columns:
        return "false"
    found = f"{table}.words @@ {bind(expression.words())}::tsquery"
    if expression.exact:
        return f"({found} OR {table}.cut AND {expression.stands(table, bind)})"
    return f"(({found} OR {table}.cut) AND {expression.stands(table, bind)})"


def _words(expression: Expression) -> str | None:
    """A tsquery for what every matching article has among its words; None: nothing is known."""
    if isinstance(expression, Phrase):
        return f"({expression.words()})" if expression.tokens else None
    if expression.operator == "NOT":
        return _words(expression.parts[0])
    parts = [_words(part) for part in expression.parts]
    if expression.operator == "OR":
        return None if None in parts else f"({' | '.join(filter(None, parts))})"
    known = [part for part in parts if part]
    return f"({' & '.join(known)})" if known else None


def _is_exact(expression: Expression) -> bool:
    if isinstance(expression, Phrase):
        return expression.exact
    return expression.operator != "NOT" and all(map(_is_exact, expression.parts))


def _phrases(expression: Expression) -> Iterator[Phrase]:
    if isinstance(expression, Phrase):
        yield expression
    else:
        for part in expression.parts:
            yield from _phrases(part)


def _lexeme(token: str, prefix: bool) -> str:
    cut = token[:LONGEST_WORD]
    return f"'{cut}'" + (":*" if prefix or len(token) >= LONGEST_WORD else "")

"""The query language: what a reader types, read into a small tree and written as an FTS5 MATCH expression.

Words are all wanted. "Words in quotes" stand together, -word takes away, OR between two words wants either, a star at
the end of a word stands for any ending, title:word looks in the title alone. Everything else is letters and digits or
is passed over, so that any text at all can be typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.errors import QueryError
from archive.folding import fold, is_spaceless, prefix_of

MAX_QUERY_LENGTH = 1000  # characters: a long sentence pasted in still works, a page does not
MAX_TERMS = 64  # FTS5 opens an iterator for each

_COLUMNS = {"title": "{title title_folded}"}

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))

# Hebrew writes abbreviations with a quote inside the word (צה"ל): such a quote opens no phrase.
_ITEM = re.compile(
    r"""\s*(?P<minus>-)?(?:(?P<field>[a-z]+):(?=[^\s]))?
    (?: "(?P<phrase>[^"]*)(?:"|$)
      | (?P<word>(?:[^\s"]|(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea]))+) )
    (?P<star>\*)?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """Folded tokens that stand next to each other; the last one is only a beginning when `prefix` is set."""

    tokens: tuple[str, ...]
    prefix: bool = False
    field: str = ""  # "" for anywhere


@dataclass(frozen=True, slots=True)
class Query:
    """All of `wanted`, each by any one of its alternatives, and none of `unwanted`."""

    wanted: tuple[tuple[Term, ...], ...] = ()
    unwanted: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    operator: str = ""  # "OR", "AND" or "" for a term
    term: Term | None = None
    minus: bool = False


def parse_query(query: str) -> Query:
    """Read a query. Raises QueryError, with a message for the person who typed it, for what makes no sense."""
    if len(query) > MAX_QUERY_LENGTH:
        raise QueryError(f"The query is too long: {len(query):,} characters, at most {MAX_QUERY_LENGTH:,} can be used.")
    items = _items(query)
    wanted: list[tuple[Term, ...]] = []
    unwanted: list[Term] = []
    either = False
    for item in items:
        if item.operator:
            either = item.operator == "OR"
            continue
        assert item.term is not None
        if item.minus:
            if either:
                raise QueryError("OR needs a word to look for on both sides: “-word” only takes results away.")
            unwanted.append(item.term)
        elif either:
            wanted[-1] = (*wanted[-1], item.term)
        else:
            wanted.append((item.term,))
        either = False
    if unwanted and not wanted:
        raise QueryError("Give at least one word to look for: “-word” only takes results away.")
    if sum(map(len, wanted)) + len(unwanted) > MAX_TERMS:
        raise QueryError(f"The query has too many words: at most {MAX_TERMS} can be used.")
    return Query(tuple(wanted), tuple(unwanted))


def _items(query: str) -> list[_Item]:
    """Split a query into terms and operators; an operator without a term on either side is a word like any other."""
    raw = list(_ITEM.finditer(query.translate(_QUOTES)))
    items: list[_Item] = []
    for place, match in enumerate(raw):
        if match["word"] in ("OR", "AND") and match[0].strip() == match["word"]:
            following = raw[place + 1] if place + 1 < len(raw) else None
            if (
                items and not items[-1].operator and not items[-1].minus
                and following is not None and following[0].strip() not in ("OR", "AND") and _term(following)
            ):  # fmt: skip
                items.append(_Item(operator=match["word"]))
                continue
        term = _term(match)
        if term is not None:
            items.append(_Item(term=term, minus=match["minus"] is not None))
    return items


def _term(match: re.Match[str]) -> Term | None:
    text = match["phrase"] if match["phrase"] is not None else match["word"]
    field = match["field"] or ""
    if field and field not in _COLUMNS:
        text, field = f"{field}:{text}", ""
    star = match["star"] is not None or (match["word"] is not None and text.endswith("*"))
    return make_term(text, prefix=star, field=field)


def make_term(text: str, *, prefix: bool = False, field: str = "") -> Term | None:
    """Fold a word or phrase; None when it holds no letter or digit."""
    tokens = fold(text).split()
    if not tokens:
        return None
    if is_spaceless(tokens[-1]):
        # A run may go on in the text: its last character counts only through the pair before it. A run of one character
        # is the beginning of a pair.
        if len(tokens) > 1 and len(tokens[-2]) == 2 and tokens[-2].endswith(tokens[-1]) and is_spaceless(tokens[-2]):
            tokens.pop()
        else:
            prefix = True
    if prefix:
        tokens[-1] = prefix_of(tokens[-1])
    return Term(tuple(tokens), prefix, field)


def match_expression(query: Query) -> str:
    """Write the FTS5 expression; "" when the query asks for nothing. At most three levels deep, whatever its length."""
    if not query.wanted:
        return ""
    wanted = " AND ".join(_any(terms) for terms in query.wanted)
    return f"({wanted}) NOT {_any(query.unwanted)}" if query.unwanted else wanted


def _any(terms: tuple[Term, ...]) -> str:
    return "(" + " OR ".join(map(_expression, terms)) + ")"


def _expression(term: Term) -> str:
    # Tokens are letters and digits only, so the quotes cannot be broken out of.
    phrase = f'"{" ".join(term.tokens)}"' + (" *" if term.prefix else "")
    return f"{_COLUMNS[term.field]} : {phrase}" if term.field else phrase


def compile_query(query: str) -> str:
    """Turn what a reader typed into an FTS5 MATCH expression.

    "" (which FTS5 itself does not take) when there is nothing to look for. Raises QueryError.
    """
    return match_expression(parse_query(query))

"""The query language: what a reader types, read into a small tree and written as an FTS5 MATCH expression.

Words are all wanted. "Words in quotes" stand together, -word takes away, OR between two words wants either, a star at
the end of a word stands for any ending, title:word looks in the title alone, lang:fr and the other fields of
archive/fields.py narrow down. Everything else is letters and digits or is passed over, so that any text can be typed.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from archive.errors import QueryError
from archive.fields import FIELDS, QUOTES, Filter, filter_of
from archive.folding import fold, is_spaceless, prefix_of

MAX_QUERY_LENGTH = 1000  # characters: a long sentence pasted in still works, a page does not
MAX_TERMS = 64  # FTS5 opens an iterator for each

_COLUMNS = {"title": "{title title_folded}"}
_NAMES = "|".join((*_COLUMNS, *FIELDS))

# Quotation marks of any kind, and the wide forms of East Asian keyboards.
_TYPED = QUOTES | {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_NO_FIELD = re.compile(r"(?:^|\s)-?([a-z]{2,12}):(?!//)(?=\S)", re.ASCII)

# Hebrew writes abbreviations with a quote inside the word (צה"ל): such a quote opens no phrase.
_ITEM = re.compile(
    rf"""\s*(?P<minus>-)?(?:(?P<field>{_NAMES})[:](?=\S))?
    (?: "(?P<phrase>[^"]*)(?:"|$)
      | (?P<word>(?:[^\s"]|(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea]))+) )
    (?P<star>\*)?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """Folded tokens that stand next to each other; the last one is only a beginning when `prefix` is set."""

    tokens: tuple[str, ...]
    prefix: bool = False
    field: str = ""  # "" for anywhere
    typed: str = dataclasses.field(default="", compare=False)  # as it can be typed again, without a minus


@dataclass(frozen=True, slots=True)
class Query:
    """All of `wanted`, each by any one of its alternatives, none of `unwanted`, and what the filters let through.

    Filters of one field that are not excluding are alternatives too; of several times the strictest counts.
    """

    wanted: tuple[tuple[Term, ...], ...] = ()
    unwanted: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    operator: str = ""  # "OR", "AND" or "" for a term or filter
    term: Term | None = None
    filter: Filter | None = None
    minus: bool = False


def parse_query(query: str) -> Query:
    """Read a query. Raises QueryError, with a message for the person who typed it, for what makes no sense."""
    if len(query) > MAX_QUERY_LENGTH:
        raise QueryError(f"The query is too long: {len(query):,} characters, at most {MAX_QUERY_LENGTH:,} can be used.")
    items = _items(query)
    wanted: list[tuple[Term, ...]] = []
    unwanted: list[Term] = []
    filters: list[Filter] = []
    before: _Item | None = None
    either = False
    for item in items:
        if item.operator:
            either = item.operator == "OR"
            continue
        if either:
            _check_sides(before, item)
        if item.filter is not None:
            filters.append(item.filter)
        elif item.term is not None and item.minus:
            unwanted.append(item.term)
        elif item.term is not None and either:
            wanted[-1] = (*wanted[-1], item.term)
        elif item.term is not None:
            wanted.append((item.term,))
        before, either = item, False
    if unwanted and not wanted and not any(not one.exclude for one in filters):
        raise QueryError("Give at least one word to look for: “-word” only takes results away.")
    if sum(map(len, wanted)) + len(unwanted) + len(filters) > MAX_TERMS:
        raise QueryError(f"The query has too many words: at most {MAX_TERMS} can be used.")
    return Query(tuple(wanted), tuple(unwanted), tuple(dict.fromkeys(filters)))


def _check_sides(one: _Item | None, other: _Item) -> None:
    """Raise QueryError for an OR between what cannot be alternatives."""
    if other.minus:
        raise QueryError("OR needs a word to look for on both sides: “-word” only takes results away.")
    fields = {item.filter.field if item.filter else "" for item in (one, other) if item}
    if len(fields) > 1:
        raise QueryError("OR stands between two words, or between two values of one field, as in “lang:fr OR lang:de”.")
    if fields & {"after", "before"}:
        raise QueryError("OR cannot stand between times: give one “after:” and one “before:”.")


def _items(query: str) -> list[_Item]:
    """Split a query into terms and operators; an operator without a term on either side is a word like any other."""
    raw = list(_ITEM.finditer(query.translate(_TYPED)))
    items: list[_Item] = []
    for place, match in enumerate(raw):
        if match["word"] in ("OR", "AND") and match[0].strip() == match["word"]:
            following = raw[place + 1] if place + 1 < len(raw) else None
            if (
                items and not items[-1].operator and not items[-1].minus
                and following is not None and following[0].strip() not in ("OR", "AND") and _item(following)
            ):  # fmt: skip
                items.append(_Item(operator=match["word"]))
                continue
        item = _item(match)
        if item is not None:
            items.append(item)
    return items


def _item(match: re.Match[str]) -> _Item | None:
    """A term or a filter; None for what holds no letter or digit. Raises QueryError for a filter without sense."""
    text = match["phrase"] if match["phrase"] is not None else match["word"]
    name = (match["field"] or "").lower()
    minus = match["minus"] is not None
    if name in FIELDS:
        quoted = match["phrase"] is not None
        return _Item(filter=filter_of(name, text, exclude=minus, quoted=quoted), minus=minus)
    star = match["star"] is not None or (match["word"] is not None and text.endswith("*"))
    typed = match[0].strip().removeprefix("-")
    term = make_term(
        text, prefix=star, field=name, typed=typed + '"' * (typed.count('"') % 2 and match["phrase"] is not None)
    )
    return None if term is None else _Item(term=term, minus=minus)


def misread(query: str) -> list[str]:
    """What a reader may have meant otherwise than it was read, in words."""
    text = query.translate(_TYPED)
    names = [name for name in _NO_FIELD.findall(text) if name not in FIELDS and name not in _COLUMNS]
    said = [f"“{name}:” is no field; it was read as a word." for name in dict.fromkeys(names)]
    empty = re.findall(rf"(?:^|\s)({_NAMES}):(?=\s|$)", text)
    said += [
        f"“{name}:” needs its value right after it, without a space; it was read as a word."
        for name in dict.fromkeys(empty)
    ]
    if re.search(r"(?:^|\s)NOT(?=\s)", text):
        said.append("“NOT” was read as a word; a minus takes away, as in “-football”.")
    return said


def written(query: Query) -> str:
    """Write a query as it can be typed: words as they were, then what is taken away, then the filters."""
    parts = [" OR ".join(term.typed for term in terms) for terms in query.wanted]
    parts += [f"-{term.typed}" for term in query.unwanted]
    return " ".join([*parts, *map(str, query.filters)])


def make_term(text: str, *, prefix: bool = False, field: str = "", typed: str = "") -> Term | None:
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
    return Term(tuple(tokens), prefix, field, typed or text)


def match_expression(query: Query) -> str:
    """Write the FTS5 expression of the words; "" when none is wanted. At most three levels deep, whatever its length."""
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


def unwanted_expression(query: Query) -> str:
    """The FTS5 expression of what is taken away, for a query that wants no word; "" when there is nothing."""
    return _any(query.unwanted) if query.unwanted and not query.wanted else ""


def compile_query(query: str) -> str:
    """Turn what a reader typed into an FTS5 MATCH expression of its words; the filters are left to the caller.

    "" (which FTS5 itself does not take) when there is no word to look for. Raises QueryError.
    """
    return match_expression(parse_query(query))

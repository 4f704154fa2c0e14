"""SQL as the archive's classes write it, which is SQLite's, put into that of PostgreSQL.

A statement is read once by sqlglot, changed by the rules below and remembered. Functions of SQLite that PostgreSQL lacks
are in migrations/0001_functions.sql under their own names, so that only what differs in grammar is changed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp

from archive.postgres.tables import columns, integers, keys, nullable, numbered
from archive.postgres.truth import typed

INDEX = "articles_fts"
_PARTS = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/
    | (?P<place>\?(?P<number>\d*)|(?<![:\w]):(?P<name>[A-Za-z_]\w*))""",
    re.VERBOSE | re.DOTALL,
)
_ROW = re.compile(r"INSERT INTO (?P<table>\w+) \((?P<columns>[\w, ]+)\) VALUES \((?P<places>[$\d, ]+)\)")
_PLAIN = re.compile(
    r"\s*(SAVEPOINT|RELEASE|ROLLBACK|COMMIT|BEGIN|SET|ANALYZE|TRUNCATE|DROP|ALTER|LOCK|CREATE)\b", re.IGNORECASE
)


class Untranslatable(Exception):
    """A statement that has no counterpart in PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement for PostgreSQL. `places` says which value goes where: an index into a sequence or the name in a mapping.

    `matches` are the places (see `{match0}` in `sql`) whose value is a full-text expression; `returns_id` says that the
    number of the new row was asked for; `table` is what is written to. What is not `translated` is as it came: BEGIN and the like.
    """

    sql: str
    places: tuple[int | str, ...] = ()
    matches: tuple[Matching, ...] = ()
    table: str = ""
    returns_id: bool = False
    reads: bool = True
    translated: bool = True


@dataclass(frozen=True, slots=True)
class Matching:
    """`articles_fts MATCH ?` in a statement: the value's place, the table's name there and the weights of bm25, if asked."""

    place: int | str
    alias: str
    weights: tuple[float, ...] = field(default=())


@cache
def translated(sql: str, returning: bool = True) -> Statement:
    """Put a statement into PostgreSQL's SQL; with `returning` one that inserts a row gives its id.

    Raises Untranslatable for what has no counterpart.
    """
    if _PLAIN.match(sql):
        return Statement(
            re.sub(r"^\s*BEGIN IMMEDIATE", "BEGIN", sql, flags=re.IGNORECASE), reads=False, translated=False
        )
    places: list[int | str] = []
    try:
        tree = sqlglot.parse_one(_placed(sql, places), read="sqlite")
    except sqlglot.errors.ParseError as error:
        raise Untranslatable(f"{error}: {sql}") from error
    tree = _conflicts(tree)
    matches = _matches(tree, places)
    table = _written(tree)
    returns_id = returning and isinstance(tree, exp.Insert) and table in numbered() and not tree.args.get("returning")
    for node in list(tree.walk(bfs=False)):
        _changed(node)
    for node in list(tree.walk(bfs=False)):
        typed(node)
    if returns_id:
        tree.set("returning", exp.Returning(expressions=[exp.column("id", table=table)]))
    text = tree.sql("postgres", comments=False)
    order: list[int | str] = []

    def placed(found: re.Match[str]) -> str:
        order.append(places[int(found[1])])
        return f"${len(order)}"

    text = re.sub(r"%\(p(\d+)\)s", placed, text)
    return Statement(text, tuple(order), matches, table, returns_id, isinstance(tree, exp.Query))


@cache
def numbers_together(sql: str) -> str | None:
    """A translated statement that puts in one row of integers as one for many, from an array for each column; None for
    any other. A statement for each row costs more in the client than on the server."""
    found = _ROW.fullmatch(sql)
    if found is None:
        return None
    names = found["columns"].split(", ")
    if found["places"] != ", ".join(f"${number + 1}" for number in range(len(names))) or not integers().issuperset(
        names
    ):
        return None
    arrays = ", ".join(f"${number + 1}::bigint[]" for number in range(len(names)))
    return f"INSERT INTO {found['table']} ({found['columns']}) SELECT * FROM unnest({arrays})"  # noqa: S608 (names of ours)


def _placed(sql: str, places: list[int | str]) -> str:
    """Name every place of a value :p0, :p1 and so on, whatever the style, and note which value belongs there."""
    count = 0

    def named(found: re.Match[str]) -> str:
        nonlocal count
        if found["place"] is None:
            return found[0]
        if found["name"]:
            places.append(found["name"])
        elif found["number"]:
            places.append(int(found["number"]) - 1)
        else:
            places.append(count)
            count += 1
        return f":p{len(places) - 1}"

    return _PARTS.sub(named, sql)


def _conflicts(tree: exp.Expr) -> exp.Expr:
    """INSERT OR IGNORE and OR REPLACE, and DO UPDATE as PostgreSQL wants it: with a target, columns with their table."""
    if not isinstance(tree, exp.Insert):
        return tree
    way = (tree.args.get("alternative") or "").upper()
    table = _written(tree)
    if way == "IGNORE":
        tree.set("alternative", None)
        tree.set("conflict", exp.OnConflict(action=exp.Var(this="DO NOTHING")))
    elif way:
        names = [one.name for one in tree.this.expressions]
        key = keys()[table]
        updates = [
            exp.EQ(this=exp.column(name), expression=exp.column(name, table="excluded"))
            for name in names
            if name not in key
        ]
        tree.set("alternative", None)
        action = exp.Var(this="DO UPDATE" if updates else "DO NOTHING")
        tree.set(
            "conflict",
            exp.OnConflict(
                action=action, conflict_keys=[exp.to_identifier(name) for name in key], expressions=updates or None
            ),
        )
    elif conflict := tree.args.get("conflict"):
        if conflict.expressions and not conflict.args.get("conflict_keys"):
            conflict.set("conflict_keys", [exp.to_identifier(name) for name in keys()[table]])
        for one in conflict.args.get("conflict_keys") or []:
            if isinstance(one, exp.Ordered):
                one.replace(one.this)
        inner = [conflict.args.get("where")] + [update.expression for update in conflict.expressions]
        for part in filter(None, inner):
            for column in part.find_all(exp.Column):
                if not column.table:
                    column.set("table", exp.to_identifier(table))
    return tree


def _written(tree: exp.Expr) -> str:
    if isinstance(tree, (exp.Insert, exp.Update, exp.Delete)):
        table = tree.this.find(exp.Table) if not isinstance(tree.this, exp.Table) else tree.this
        return table.name if table is not None else ""
    return ""


def _matches(tree: exp.Expr, places: list[int | str]) -> tuple[Matching, ...]:
    """Take out `articles_fts MATCH ?` and bm25, whose SQL depends on the words that are looked for."""
    found: list[Matching] = []
    for node in list(tree.find_all(exp.Match)):
        value = node.expression
        scope = node.find_ancestor(exp.Select)
        if scope is None or not isinstance(value, exp.Placeholder):
            raise Untranslatable("MATCH with what is no bound value")
        alias = next(table.alias_or_name for table in scope.find_all(exp.Table) if table.name == INDEX)
        weights: tuple[float, ...] = ()
        for call in list(scope.find_all(exp.Anonymous)):
            if call.name.lower() == "bm25":
                weights = tuple(float(one.name) for one in call.expressions[1:])
                call.replace(exp.column(f"rank{len(found)}", table="_match"))
        node.replace(exp.column(f"found{len(found)}", table="_match"))
        found.append(Matching(places[int(str(value.this)[1:])], alias, weights))
    return tuple(found)


def _changed(node: exp.Expr) -> None:
    """Change one part of a statement, in place."""
    if isinstance(node, exp.Table):
        node.set("indexed", None)
    elif isinstance(node, exp.Column) and node.name.lower() == "rowid":
        node.this.set("this", "id")
    elif isinstance(node, exp.Subquery) and isinstance(node.parent, (exp.From, exp.Join)) and not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier("_part")))  # PostgreSQL wants a name
    elif isinstance(node, (exp.Greatest, exp.Least)):
        node.replace(
            exp.Anonymous(
                this="max" if isinstance(node, exp.Greatest) else "min", expressions=[node.this, *node.expressions]
            )
        )
    elif isinstance(node, exp.Glob):
        node.replace(
            exp.EQ(this=exp.Anonymous(this="glob", expressions=[node.expression, node.this]), expression=exp.true())
        )
    elif isinstance(node, exp.Like):
        node.replace(exp.ILike(this=node.this, expression=node.expression))
    elif isinstance(node, exp.Join) and (node.args.get("on") is not None) and node.kind == "CROSS":
        node.set("kind", None)
    elif isinstance(node, exp.Div):
        node.set("typed", True)
        node.set("safe", False)
    elif isinstance(node, exp.HexString):
        node.replace(exp.cast(exp.Literal.string(f"\\x{node.name}"), "bytea"))
    elif isinstance(node, exp.Ordered):
        _ordered(node)
    elif isinstance(node, exp.Select):
        _unnamed(node)
    elif isinstance(node, exp.TimeToStr):
        node.replace(exp.Anonymous(this="strftime", expressions=[node.args["format"], _uncast(node.this)]))
    elif isinstance(node, exp.Limit) and isinstance(node.expression, exp.Neg):
        node.pop()
    elif isinstance(node, exp.Limit) and isinstance(node.expression, exp.Placeholder):
        number = exp.cast(node.expression.copy(), "bigint")
        node.set("expression", exp.Nullif(this=number, expression=exp.Literal.number(-1)))  # -1: all
    elif isinstance(node, (exp.JSONExtract, exp.JSONExtractScalar)):
        _json(node)


def _unnamed(node: exp.Select) -> None:
    """Conditions may name what is selected, in SQLite; here it is written out."""
    where = node.args.get("where")
    if where is None:
        return
    named = {one.alias: one.this for one in node.expressions if isinstance(one, exp.Alias)}
    known = {name for table in node.find_all(exp.Table) for name in columns().get(table.name, ())}
    for column in list(where.find_all(exp.Column)):
        if not column.table and column.name in named and column.name not in known:
            column.replace(named[column.name].copy())


def _uncast(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Cast, exp.TsOrDsToTimestamp)):
        node = node.this
    return node


def _json(node: exp.JSONExtract | exp.JSONExtractScalar) -> None:
    path = node.expression.sql("sqlite").strip("'")
    node.replace(exp.Anonymous(this="json_extract", expressions=[node.this, exp.Literal.string(path)]))


def _ordered(node: exp.Ordered) -> None:
    """SQLite has NULL before everything; what cannot be NULL is left alone, so that an index serves."""
    first = not node.args.get("desc")
    column = node.this
    if isinstance(column, exp.Column) and column.name not in nullable():
        node.set("nulls_first", not first)  # PostgreSQL's own way, which is not written out
    elif isinstance(column, exp.Literal):
        node.set("nulls_first", first)
    else:
        node.set("nulls_first", first)

"""True and false, numbers and texts: SQLite mixes them freely, PostgreSQL wants to be told."""

from __future__ import annotations

from sqlglot import exp

from archive.postgres.tables import integers

_TRUTHS = (exp.Predicate, exp.Connector, exp.Not, exp.In, exp.Between, exp.Exists, exp.Boolean, exp.Match, exp.Is)


def typed(node: exp.Expr) -> None:
    """Numbers as conditions and conditions as numbers, which SQLite does not tell apart; values of a known type."""
    if _is_condition(node):
        if not isinstance(node, exp.Paren) and not _is_truth(node):
            _wrap(node, exp.NEQ(expression=exp.Literal.number(0)), around=isinstance(node, exp.Binary))
    elif _is_truth(node) and not _holds_condition(node):
        _wrap(node, exp.Cast(to=exp.DataType.build("int")), around=isinstance(node, exp.Connector))
    if isinstance(node, exp.Is) and isinstance(node.this, exp.Placeholder):
        _wrap(node.this, exp.Cast(to=exp.DataType.build("text")))
    if isinstance(node, exp.Column) and node.name == "value" and _beside_number(node):
        _wrap(node, exp.Cast(to=exp.DataType.build("bigint")))
    if isinstance(node, exp.Anonymous) and node.name == "json_extract" and _defaults_to_number(node.parent):
        _wrap(node, exp.Cast(to=exp.DataType.build("bigint")))


def _defaults_to_number(node: exp.Expr | None) -> bool:
    others = node.expressions if isinstance(node, exp.Coalesce) else []
    return any(isinstance(other, exp.Literal) and not other.is_string for other in others)


def _wrap(node: exp.Expr, within: exp.Expr, around: bool = False) -> None:
    """Put a part of a statement into another, in its place."""
    node.replace(within)
    within.set("this", exp.Paren(this=node) if around else node)


def _is_truth(node: exp.Expr) -> bool:
    """Is a part of a statement true or false in PostgreSQL?"""
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, _TRUTHS) or (
        isinstance(node, exp.Column) and node.table == "_match" and node.name[0] == "f"
    )


def _is_condition(node: exp.Expr) -> bool:
    """Does a part stand where a condition is wanted?"""
    parent, key = node.parent, node.arg_key
    if isinstance(parent, (exp.Where, exp.Having)):
        return key == "this"
    if isinstance(parent, exp.Join):
        return key == "on"
    if isinstance(parent, (exp.And, exp.Or, exp.Not)):
        return True
    if isinstance(parent, exp.If):
        case = parent.parent
        return key == "this" and not (isinstance(case, exp.Case) and case.this is not None)
    if isinstance(parent, exp.Paren):
        return _is_condition(parent)
    return False


def _holds_condition(node: exp.Expr) -> bool:
    """Is a condition not to be made a number where it stands?"""
    parent = node.parent
    if parent is None or isinstance(parent, (exp.Update, exp.Set)) or _is_condition(node):
        return True
    if isinstance(parent, (exp.Update, exp.OnConflict)) or (
        isinstance(node, exp.EQ) and isinstance(parent, exp.Update)
    ):
        return True
    if isinstance(parent, exp.Paren):
        return True  # the condition inside; the parenthesis is looked at itself
    return isinstance(parent, (exp.OnConflict, exp.Cast)) or (
        isinstance(parent, exp.EQ) and parent.expression == exp.true()
    )


def _beside_number(node: exp.Column) -> bool:
    """Is a value of json_each compared with an integer column?"""
    numbers = integers()
    parent = node.parent
    if isinstance(parent, exp.EQ):
        other = parent.expression if parent.this is node else parent.this
        return isinstance(other, exp.Column) and other.name in numbers
    if isinstance(parent, exp.Select):
        around = parent.parent
        within = around.parent if isinstance(around, exp.Subquery) else around
        if isinstance(within, exp.In) and isinstance(within.this, exp.Column):
            return within.this.name in numbers
    return False

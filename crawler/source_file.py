"""Writes a source back as the text of a TOML file, as one would write it by hand: defaults are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pydantic import BaseModel

from crawler.source import Source

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_source(source: Source, comment: str = "", notes: Mapping[str, str] = MappingProxyType({})) -> str:
    """Give the TOML text of a source; loading it gives an equal source. The comment goes on top.

    `notes`: further comments by the place that they stand before, such as `country` and `feeds[0]`.
    """
    lines = [*_commented(comment)]
    tables: list[str] = []
    for key, value in _given(source):
        if key == "slug":
            continue
        if isinstance(value, BaseModel):
            tables += ["", *_commented(notes.get(key, "")), f"[{key}]", *_pairs(value)]
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for index, item in enumerate(value):
                tables += ["", *_commented(notes.get(f"{key}[{index}]", "")), f"[[{key}]]", *_pairs(item)]
        else:
            lines += _commented(notes.get(key, ""))
            lines.append(f"{key} = {toml_value(value)}")
    return "\n".join(lines + tables) + "\n"


def _commented(text: str) -> Iterator[str]:
    return (f"# {line}".rstrip() for line in text.splitlines())


def _given(model: BaseModel) -> Iterator[tuple[str, object]]:
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if field.is_required() or value != field.get_default(call_default_factory=True):
            yield key, value


def _pairs(model: BaseModel) -> Iterator[str]:
    return (f"{key} = {toml_value(value)}" for key, value in _given(model))


def toml_value(value: object) -> str:
    """Write a string, boolean, number, list or mapping as a TOML value. Raises TypeError for anything else."""
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if value == int(value) and abs(value) < 1e6 else repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"{value!r} has no TOML form here")


def toml_string(text: str) -> str:
    r"""Write a string: literal ('\d+') when it has backslashes and may be, otherwise basic, with its escapes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char < " " or char == "\x7f":
        return f"\\u{ord(char):04x}"
    return "\ufffd" if "\ud800" <= char <= "\udfff" else char


def _key(key: object) -> str:
    return str(key) if BARE_KEY.fullmatch(str(key)) else toml_string(str(key))

"""JSON-LD as it is found: mostly JSON, with the faults that templates and plugins put into it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

MAX_MENDED = 200_000  # characters of a script that is worth mending; longer ones hold lists of products
MAX_NODES = 5000  # of one script; generated breadcrumbs and product lists can be endless
MAX_DEPTH = 40
ADDRESSES = ("url", "mainEntityOfPage", "@id")
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MISSING_COMMA = re.compile(r'(["}\]0-9el])(\s{0,80}?\n\s{0,80})(?="[\w@:]{1,60}"\s*:)')
COMMENT = re.compile(r"^[ \t]*//[^\n]*$|/\*[^*]{0,20000}(?:\*(?!/)[^*]{0,20000}){0,200}\*/", re.MULTILINE)
CDATA = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/)\s*+;?\s*+$"
)
BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')


def loads(text: str) -> Any:
    """Parse JSON-LD as it is found: as it stands, then with the usual faults mended. None when nothing helps."""
    text = text.strip().lstrip("\ufeff")
    mended = text
    if len(text) > MAX_MENDED:
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return None
    for repair in (_as_is, _without_wrapping, _without_faults, _unescaped):
        mended = repair(mended)
        try:
            return json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
    try:
        return json.JSONDecoder(strict=False).raw_decode(mended)[0]
    except (ValueError, RecursionError):
        return None


def nodes_of(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects that have a type or a headline, those in graphs and in what describes the page included."""
    stack, seen = [(data, 0)], 0
    while stack and seen < MAX_NODES:
        item, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(item, list):
            stack.extend((child, depth + 1) for child in reversed(item))
        elif isinstance(item, dict):
            if "@type" in item or "headline" in item:
                yield item
            for key in ("hasPart", "mainEntity", "mainEntityOfPage", "@graph", "breadcrumb", "itemListElement"):
                if isinstance(item.get(key), (dict, list)) and not (key == "itemListElement" and "@type" in item):
                    stack.append((item[key], depth + 1))


def types_of(node: dict[str, Any]) -> set[str]:
    """Return the types of an object, in lower case and without their vocabulary."""
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for kind in kinds if isinstance(kind, str)}


def of_this_page(articles: list[dict[str, Any]], urls: Iterable[str]) -> list[dict[str, Any]]:
    """Leave out the articles that give another address than this page's `urls`, if one of them gives the page's own."""
    own = {_path(url) for url in urls if url}
    given = [_paths(node) for node in articles]
    if not any(paths & own for paths in given):
        return articles
    return [node for node, paths in zip(articles, given, strict=True) if paths & own or not paths]


def all_elsewhere(articles: list[dict[str, Any]], urls: Iterable[str]) -> bool:
    """Whether each article gives an address, none of them twice or one of `urls`."""
    own = {_path(url) for url in urls if url}
    given = [_paths(node) for node in articles]
    return all(given) and not any(paths & own for paths in given) and len(set(map(frozenset, given))) == len(given)


def _paths(node: dict[str, Any]) -> set[str]:
    given = (node.get(key) for key in ADDRESSES)
    said = [value.get("@id") or value.get("url") if isinstance(value, dict) else value for value in given]
    return {_path(url) for url in said if isinstance(url, str) and url.startswith(("http://", "https://", "/"))}


def _path(url: str) -> str:
    """Return what two spellings of one address have in common: the path, without the slash at its end."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return url


def _as_is(text: str) -> str:
    return text


def _without_wrapping(text: str) -> str:
    return CDATA.sub("", CDATA.sub("", text)).strip().rstrip(";")


def _without_faults(text: str) -> str:
    text = BAD_ESCAPE.sub(r"\\\\", COMMENT.sub("", text))
    return TRAILING_COMMA.sub(r"\1", MISSING_COMMA.sub(r"\1,\2", text))


def _unescaped(text: str) -> str:
    return TRAILING_COMMA.sub(r"\1", html.unescape(text)) if "&quot;" in text else text.rstrip("; \n\t)")

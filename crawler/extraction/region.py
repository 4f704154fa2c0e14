"""Where on the page the article stands: the block that holds most of the prose, whatever it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from .lines import Line
from .noise import Kind, kind_of

PROSE = 60  # characters that make a line prose; lines in scripts without spaces need a third
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")
MAX_LINKED = 0.4
CLIMB = 12  # levels of ancestors that a line's weight reaches
SHARE = 0.85  # of the best ancestor's prose that the region must hold
NO_PROSE = frozenset(["figcaption", "button", "option", "label", "footer"])
APART = frozenset(["aside", "footer", "nav", "figure", "figcaption", "blockquote", "td"])


@dataclass(frozen=True, slots=True)
class Region:
    """The block of the article and its place among the page's lines."""

    node: HtmlElement
    first: int  # index of the first line of prose
    last: int  # index of the last
    prose: int  # characters


def weight(line: Line) -> int:
    """How much of a line is prose: its length, or 0 for what is short, linked or noise."""
    size = len(line.text)
    if 3 * size < PROSE:
        return 0
    if not line.text.isascii():
        size += 2 * len(DENSE.findall(line.text))
    if size < PROSE or line.linked > MAX_LINKED * len(line.text) or line.tag in NO_PROSE:
        return 0
    return size


def find(lines: Sequence[Line]) -> Region | None:
    """Find the region of the article; None when the page holds no prose."""
    weights = [weight(line) for line in lines]
    total = sum(weights)
    if not total:
        return None
    score: dict[HtmlElement, float] = {}
    mass: dict[HtmlElement, int] = {}
    for line, size in zip(lines, weights, strict=True):
        if not size or kind_of(line.text) is not Kind.TEXT:
            continue
        share = 1.0
        node: HtmlElement | None = line.node
        for level in range(CLIMB):
            if node is None:
                break
            mass[node] = mass.get(node, 0) + size
            score[node] = score.get(node, 0.0) + size * share
            if level:
                share *= 0.8
            node = node.getparent()
    if not score:
        return None
    best = max(score, key=lambda node: score[node])
    inside = set(best.iter())
    places = [at for at, line in enumerate(lines) if weights[at] and line.node in inside]
    return Region(best, places[0], places[-1], mass[best]) if places else None

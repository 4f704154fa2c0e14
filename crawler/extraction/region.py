"""Where on the page the article stands: the block that holds most of the prose, whatever it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from .lines import Line
from .noise import Kind, kind_of

CLIMB = 12  # levels of ancestors that a line's weight reaches


@dataclass(frozen=True, slots=True)
class Region:
    """The block of the article and its place among the page's lines."""

    node: HtmlElement
    first: int  # index of the first line of prose
    last: int  # index of the last


def find(lines: Sequence[Line]) -> Region | None:
    """Find the region of the article; None when the page holds no prose."""
    weights = [line.weight for line in lines]
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
    return Region(best, places[0], places[-1]) if places else None

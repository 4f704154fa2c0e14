"""Two texts side by side in one: paragraphs with what came and what went, long passages that stayed folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.difference import Op, Piece, words_of
from archive.scripts import Direction, direction

LONGEST_COMPARED = 100_000  # characters of each text; fifteen thousand words, and two seconds where none agree
MARGIN = 1  # unchanged paragraphs that are shown before and after a change
LEAST_FOLDED = 3  # paragraphs; to open a fold for fewer is more work than to read them


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of either text, or of both."""

    parts: tuple[Piece, ...]
    way: Direction

    @property
    def same(self) -> bool:
        """Does it stand in both texts as it is?"""
        return all(part.op == "=" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs that are shown, or folded away."""

    paragraphs: tuple[Paragraph, ...]
    folded: bool

    @property
    def words(self) -> int:
        """Words (characters of scripts without spaces) in it."""
        return sum(len(words_of(part.text)) for paragraph in self.paragraphs for part in paragraph.parts)


def stretches(parts: Iterable[Piece], language: str = "") -> list[Stretch]:
    """Pieces as paragraphs, those that stayed and stand far from any change folded away."""
    lines = paragraphs(parts, language)
    near: set[int] = set()
    for place, line in enumerate(lines):
        if not line.same:
            near.update(range(place - MARGIN, place + MARGIN + 1))
    return list(_grouped(lines, near))


def amount(parts: Iterable[Piece], op: Op) -> int:
    """How many words went or came."""
    return sum(len(words_of(part.text)) for part in parts if part.op == op)


def paragraphs(parts: Iterable[Piece], language: str = "") -> list[Paragraph]:
    """Pieces as paragraphs. A line end that went or came within a paragraph is shown as a sign of its own."""
    lines: list[list[Piece]] = [[]]
    for part in parts:
        first, *others = part.text.split("\n")
        _add(lines[-1], part.op, first)
        for line in others:
            if part.op != "=" and any(one.op != part.op for one in lines[-1] if one.text.strip()):
                _add(lines[-1], part.op, "¶")
            lines.append([])
            _add(lines[-1], part.op, line)
    return [
        Paragraph(tuple(line), direction("".join(part.text for part in line), language))
        for line in lines
        if any(part.text.strip() for part in line)
    ]


def _add(line: list[Piece], op: Op, text: str) -> None:
    """Add a piece to a line; white space around words that came or went is not marked with them."""
    words = text.strip()
    if op == "=" or not words:
        line += [Piece(op, text)] if text else []
        return
    start = text.index(words)
    before, after = text[:start], text[start + len(words) :]
    line += [Piece(*one) for one in (("=", before), (op, words), ("=", after)) if one[1]]


def _grouped(lines: Sequence[Paragraph], near: set[int]) -> Iterator[Stretch]:
    open_: list[Paragraph] = []
    far: list[Paragraph] = []
    for place, line in enumerate([*lines, None]):
        if line is not None and place not in near:
            far.append(line)
            continue
        if len(far) >= LEAST_FOLDED:
            if open_:
                yield Stretch(tuple(open_), False)
            yield Stretch(tuple(far), True)
            open_ = []
        else:
            open_ += far
        far = []
        if line is not None:
            open_.append(line)
    if open_:
        yield Stretch(tuple(open_), False)

"""What outlets do to a report, and what only looks like it: copies and hard negatives of articles, by stated edits."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.duplicates.corpus import Article, spaceless

MOST_ADDED = MOST_DROPPED = MOST_MOVED = 0.4  # of the paragraphs
TRUNCATED = (0.3, 0.9)  # of the text that is left
MOST_CHANGED = 0.1  # of the words
QUOTED = 1 / 3  # of an article: a quotation that another one has too
COPIES = 6  # of each article, the exact one and the untouched one among them
TOGETHER = 3  # edits at most in one copy
CITIES = ("PARIS", "NAIROBI", "Москва", "القاهرة", "北京", "नई दिल्ली", "Ankara", "Lima", "Wien", "東京")
CREDITS = ("(AP)", "(Reuters)", "(dpa)", "(AFP)", "（新华社）", "ТАСС", "Xinhua", "EFE")


@dataclass(frozen=True, slots=True)
class Document:
    """An article of the benchmark; documents with the same story are copies of one another."""

    story: str
    source: str
    kind: str  # by which edit it was made
    article: Article


Edit = Callable[[Article, random.Random, Sequence[Article]], Article]


def truncated(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """The beginning only, to the end of a sentence where there is one near."""
    length = int(len(one.text) * chance.uniform(*TRUNCATED))
    text = one.text[:length]
    end = max(text.rfind(stop) for stop in (". ", "。", ".\n", "। "))
    if end > 0.9 * length:
        text = text[: end + 1]
    return replace(one, paragraphs=tuple(line for line in text.split("\n") if line))


def retitled(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Another headline: words of the text."""
    words = _words(one)
    start = chance.randrange(max(1, len(words) - 8))
    return replace(one, title=_gap(one).join(words[start : start + 8]))


def recredited(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Another dateline and another credit line."""
    first = f"{chance.choice(CITIES)} {chance.choice(CREDITS)} - {one.paragraphs[0]}"
    return replace(one, paragraphs=(first, *one.paragraphs[1:], chance.choice(CREDITS)))


def extended(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Paragraphs of somebody else's between those of the report."""
    paragraphs = list(one.paragraphs)
    room = len(one.text) * chance.uniform(0.1, MOST_ADDED)
    spare = [line for other in chance.sample(list(pool), min(len(pool), 3)) for line in other.paragraphs]
    while spare and room > 0:
        line = spare.pop(chance.randrange(len(spare)))[: max(40, int(room))]
        paragraphs.insert(chance.randint(0, len(paragraphs)), line)
        room -= len(line)
    return replace(one, paragraphs=tuple(paragraphs))


def dropped(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Without some paragraphs."""
    paragraphs = list(one.paragraphs)
    room = len(one.text) * chance.uniform(0.1, MOST_DROPPED)
    for line in chance.sample(paragraphs, len(paragraphs)):
        if len(line) <= room and len(paragraphs) > 1:
            paragraphs.remove(line)
            room -= len(line)
    return replace(one, paragraphs=tuple(paragraphs))


def reordered(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Some paragraphs at other places."""
    paragraphs = list(one.paragraphs)
    for _ in range(max(1, int(len(paragraphs) * chance.uniform(0.1, MOST_MOVED)))):
        line = paragraphs.pop(chance.randrange(len(paragraphs)))
        paragraphs.insert(chance.randint(0, len(paragraphs)), line)
    return replace(one, paragraphs=tuple(paragraphs))


def reworded(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Some words are others; in scripts without spaces, some characters."""
    share = chance.uniform(0.02, MOST_CHANGED)
    spare = _words(chance.choice(list(pool)))

    def line(text: str) -> str:
        parts = list(text) if spaceless(one) else text.split(" ")
        return ("" if spaceless(one) else " ").join(
            chance.choice(spare)[: 1 if spaceless(one) else None] if chance.random() < share else part for part in parts
        )

    return replace(one, paragraphs=tuple(map(line, one.paragraphs)))


def merged(one: Article, chance: random.Random, pool: Sequence[Article]) -> Article:
    """Two copies in one, each edited in its own way: a first and a second take of the report."""
    first = reworded(truncated(one, chance, pool), chance, pool)
    second = reordered(dropped(one, chance, pool), chance, pool)
    return replace(one, paragraphs=(*first.paragraphs, *second.paragraphs))


EDITS: dict[str, Edit] = {
    "truncated": truncated, "retitled": retitled, "recredited": recredited, "extended": extended, "dropped": dropped,
    "reordered": reordered, "reworded": reworded, "merged": merged,
}  # fmt: skip


def documents(articles: Sequence[Article], seed: int) -> list[Document]:
    """Copies and hard negatives of all articles, in an arbitrary order that the seed decides.

    Every fifth article is not copied: its paragraphs are what others add.
    """
    chance = random.Random(seed)
    by_language: dict[str, list[Article]] = {}
    for one in articles:
        by_language.setdefault(one.language, []).append(one)
    found: list[Document] = []
    for language, group in sorted(by_language.items()):
        pool = group[::5]
        used = [one for one in group if one not in pool] or group
        spare = pool if len(pool) > 1 or len(group) > 5 else articles[::5]
        for number, one in enumerate(used):
            found += _copies(f"{language}-{number}", one, chance, spare)
            found += _negatives(f"{language}-{number}", one, used[(number + 1) % len(used)], chance, spare)
    chance.shuffle(found)
    return found


def _copies(story: str, one: Article, chance: random.Random, pool: Sequence[Article]) -> list[Document]:
    copies = [Document(story, f"{story}-outlet-{n}", kind, one) for n, kind in enumerate(("original", "exact"))]
    for n in range(2, COPIES):
        names = chance.sample(list(EDITS), chance.randint(1, TOGETHER))
        edited = one
        for name in names:
            edited = EDITS[name](edited, chance, pool)
        copies.append(Document(story, f"{story}-outlet-{n}", "+".join(sorted(names)), edited))
    return copies


def _negatives(
    story: str, one: Article, other: Article, chance: random.Random, pool: Sequence[Article]
) -> list[Document]:
    found = []
    if len(re.findall(r"\d+", one.text)) >= 5:
        found.append(Document(f"{story}-template", f"{story}-outlet-0", "template", renumbered(one, chance)))
    found.append(Document(f"{story}-topic", f"{story}-paper", "topic", same_words(one, chance)))
    found.append(
        Document(f"{story}-quoting", f"{story}-paper", "quotation", quoting(same_words(other, chance), one, chance))
    )
    box = _cut(_shuffled(_cut(chance.choice(pool).text, 900), chance), 350)
    for n in range(3):
        begun = _cut(_shuffled(_cut(other.text, 3_000), chance), 260)
        brief = replace(one, title=f"{other.title} {n}", paragraphs=(begun, box))
        found.append(Document(f"{story}-brief-{n}", f"{story}-agency", "boilerplate", brief))
    spare = _shuffled(_cut(chance.choice(pool).text, 900), chance)
    start, end = spare[:220], spare[220:400]
    for n, body in enumerate((one, same_words(one, chance))):
        parts = tuple(_shuffled(line, chance) for line in body.paragraphs)
        column = replace(one, title=f"{other.title}: {n + 1}", paragraphs=(start, *parts, end))
        found.append(Document(f"{story}-series-{n}", f"{story}-paper", "series", column))
    return found


def renumbered(one: Article, chance: random.Random) -> Article:
    """The same form with other figures."""

    def line(text: str) -> str:
        return re.sub(r"\d+", lambda old: str(int(old[0][:6]) + chance.randint(1, 10 ** min(6, len(old[0])))), text)

    return replace(one, paragraphs=tuple(map(line, one.paragraphs)))


def same_words(one: Article, chance: random.Random) -> Article:
    """Another author's report on the same matter: the same words, in sentences of its own."""
    return replace(one, paragraphs=tuple(_shuffled(line, chance) for line in one.paragraphs))


def quoting(one: Article, quoted: Article, chance: random.Random) -> Article:
    """An article that shares a quotation with another; it is at most a third of either."""
    length = int(min(len(one.text) * QUOTED / (1 - QUOTED), len(quoted.text) * QUOTED))
    start, half = chance.randint(0, len(quoted.text) - length), len(one.paragraphs) // 2
    quotation = _cut(quoted.text[start:], length)
    return replace(one, paragraphs=(*one.paragraphs[:half], f"«{quotation}»", *one.paragraphs[half:]))


def _shuffled(line: str, chance: random.Random) -> str:
    if line.count(" ") * 20 < len(line):
        return "".join(chance.sample(line, len(line)))
    words = line.split(" ")
    return " ".join(chance.sample(words, len(words)))


def _cut(text: str, length: int) -> str:
    return text[:length].replace("\n", " ")


def _words(one: Article) -> list[str]:
    return list(one.text.replace("\n", "")) if spaceless(one) else one.text.split()


def _gap(one: Article) -> str:
    return "" if spaceless(one) else " "

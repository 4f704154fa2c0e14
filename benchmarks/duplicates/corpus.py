"""Articles to make copies of: from a folder of files, or generated."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import py3langid

from archive import Archive
from archive.database import FILE_NAME
from benchmarks.prose import SYLLABLES, article

LEAST = 600  # characters (a third of it in scripts without spaces): what is shorter is hardly an article
LEAST_SPACELESS = 200
GENERATED = 12  # articles of each language


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it goes into the benchmark."""

    language: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """One block a line."""
        return "\n".join(self.paragraphs)


def read(folder: Path) -> list[Article]:
    """Articles of a folder: an archive; or `*.jsonl` with `title`, `text` (or `body`) and perhaps `language`; or `*.txt`
    with the title on the first line. Raises ValueError when there are none."""
    found = [one for one in _articles(folder) if len(one.text) >= (LEAST_SPACELESS if spaceless(one) else LEAST)]
    # one article may be in the folder twice, and would be a false alarm to itself
    articles = list({one.text[:200]: one for one in found}.values())
    if not articles:
        raise ValueError(f"{folder} holds no articles: no archive, *.jsonl or *.txt with texts of {LEAST} characters")
    return articles


def _articles(folder: Path) -> Iterator[Article]:
    if (folder / FILE_NAME).exists():
        with Archive(folder) as archive:
            for stored in archive.articles():
                yield Article(stored.language, stored.title, _blocks(stored.text))
        return
    for path in sorted(folder.glob("**/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = row.get("text") or row.get("body") or ""
            if isinstance(text, str):
                language = str(row.get("language") or "") or py3langid.classify(text)[0]
                yield Article(language, str(row.get("title") or ""), _blocks(text))
    for path in sorted(folder.glob("**/*.txt")):
        title, _, text = path.read_text("utf-8").partition("\n")
        yield Article(py3langid.classify(text)[0], title, _blocks(text))


def _blocks(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def spaceless(one: Article) -> bool:
    """Is an article in a script without spaces?"""
    return one.text.count(" ") * 20 < len(one.text)


def generated(seed: int) -> list[Article]:
    """Articles in ten languages."""
    chance = random.Random(seed)
    return [
        Article(language, made.title, made.paragraphs)
        for language in SYLLABLES
        for _ in range(GENERATED)
        for made in [article(language, chance, chance.randint(120, 600))]
    ]

"""Patterns: what is learned finds articles that were not learned from, and nothing else of the site."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import pytest

from crawler.discovery.patterns import learn
from crawler.source import LONGEST_PATTERN

SITE = "https://www.paper.example"
MENU = (
    "/",
    "/world",
    "/sport",
    "/culture/",
    "/about-us",
    "/contact",
    "/tag/storms",
    "/world/asia",
    "/newsletter/weekly",
)
WORDS = "harbour bridge opens after storm of river valley council votes on new ferry line museum lends old maps".split()


def slug(number: int, mark: str = "-") -> str:
    return mark.join(WORDS[(number * step + 3) % len(WORDS)] for step in (1, 2, 5, 7))


@dataclass(frozen=True)
class Family:
    """Addresses of one template: `unseen` are not learned from, `wrong` must not be found."""

    name: str
    articles: tuple[str, ...]
    unseen: tuple[str, ...]
    wrong: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "dated slugs",
        tuple(f"/2026/{n % 12 + 1:02d}/{n % 28 + 1:02d}/{slug(n)}/" for n in range(20)),
        ("/2027/01/31/a-calm-day-at-sea/", "/2027/01/31/a-calm-day-at-sea"),
        ("/2026/05/", "/2026/05/04/"),
    ),
    Family(
        "slug and number in any section",
        tuple(f"/{section}/{slug(n)}-{40_000 + n}.html" for n in range(12) for section in ("world", "sport")),
        ("/culture/the-quiet-choir-51234.html", "/culture/the-quiet-choir-51234.html?from=rss"),
        ("/culture/", "/culture/index.html"),
    ),
    Family(
        "numbers in a folder of their own",
        tuple(f"/node/{50_000 + 7 * n}" for n in range(15)),
        ("/node/61234",),
        ("/node/", "/nodes", "/world/61234/share"),
    ),
    Family(
        "a Chinese portal's template",
        tuple(f"/n3/2026/{n % 9 + 1:02d}{n % 28 + 1:02d}/c{31_000 + n}-{9_890_000 + n}.html" for n in range(15)),
        ("/n3/2027/1231/c31354-20001234.html",),
        ("/n3/index.html", "/n3/2026/"),
    ),
    Family(
        "codes",
        tuple(f"/news/articles/c{hashlib.md5(bytes([n])).hexdigest()[:11]}" for n in range(20)),
        ("/news/articles/c9ad5e3bf71d",),
        ("/news/articles", "/news/topics/ab"),
    ),
    Family(
        "slugs below sections and subsections",
        tuple(f"/world/{'asia/' if n % 2 else ''}{slug(n)}" for n in range(24)),
        ("/sport/rowing/the-quiet-eight-wins-again",),
        ("/world/asia", "/sport/rowing", "/privacy-policy"),
    ),
    Family(
        "a number in the query",
        tuple(f"/article.php?id={7_000 + n}" for n in range(10)),
        ("/article.php?id=12345",),
        ("/article.php", "/index.php?id=5"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_generalises(family: Family) -> None:
    learned = learn([SITE + path for path in family.articles], [SITE + path for path in MENU])
    assert learned is not None
    expression = re.compile(learned.expression)
    assert learned.wrong == 0
    for path in (*family.articles, *family.unseen):
        assert expression.search(SITE + path), (path, learned.expression)
    for path in (*family.wrong, *MENU):
        assert not expression.search(SITE + path), (path, learned.expression)
    assert len(learned.expression) <= LONGEST_PATTERN


def test_two_templates_become_alternatives() -> None:
    first, second, *_ = FAMILIES
    learned = learn([SITE + path for path in first.articles + second.articles], [SITE + path for path in MENU])
    assert learned is not None and "|" in learned.expression
    for path in first.unseen + second.unseen:
        assert re.search(learned.expression, SITE + path), path


def test_a_folder_that_is_no_section_stays() -> None:
    learned = learn([f"{SITE}/artikel/{slug(n)}" for n in range(12)], [SITE + path for path in MENU])
    assert learned is not None
    assert not re.search(learned.expression, f"{SITE}/magazin/{slug(3)}")


def test_the_folder_of_a_section_is_any_folder() -> None:
    learned = learn([f"{SITE}/world/{slug(n)}-{7000 + n}" for n in range(12)], [SITE + path for path in MENU])
    assert learned is not None
    assert re.search(learned.expression, f"{SITE}/sport/{slug(3)}-8123")


def test_nothing_is_learned_from_what_looks_like_the_menu() -> None:
    assert learn([f"{SITE}/{word}" for word in WORDS], [SITE + path for path in MENU]) is None


def test_nothing_is_learned_from_a_few() -> None:
    assert learn([f"{SITE}/2026/01/0{n}/{slug(n)}" for n in range(1, 4)], [SITE + path for path in MENU]) is None


def test_the_evidence_is_told() -> None:
    learned = learn([f"{SITE}/node/{50_000 + n}" for n in range(15)], [SITE + path for path in MENU])
    assert learned is not None
    assert learned.because == f"finds 15 of 15 articles and 0 of {len(MENU)} other addresses"

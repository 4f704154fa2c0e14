"""A site of any number of articles, generated from a seeded vocabulary: for tests that need a long crawl."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from tests.newsstand.model import Listing, SiteSpec, Story

SEED = 20261120
WORDS: dict[str, list[str]] = json.loads(Path(__file__).with_name("content").joinpath("bulk.json").read_text("utf-8"))
ROBOTS = "User-agent: *\nDisallow: /admin/\n\nSitemap: {base}/sitemap-news.xml\n"


def spec(count: int, seed: int = SEED) -> SiteSpec:
    """The site `bulk` with this many articles, the same ones for the same seed."""
    chance = random.Random(seed)
    return SiteSpec(
        slug="bulk",
        name="The Crossroads Gazette",
        country="gb",
        language="en",
        timezone="Europe/London",
        article_path="/world/{story.slug}",
        robots=ROBOTS,
        template="mirror",
        listings=(
            Listing("/feed.xml", "rss2", "The Crossroads Gazette"),
            Listing("/sitemap-news.xml", "newssitemap", "News sitemap"),
        ),
        stories=tuple(story(number, chance) for number in range(1, count + 1)),
    )


def house_spec(count: int) -> SiteSpec:
    """The site `house`: the same kind of articles, with house paragraphs among those of the story."""
    return replace(spec(count, SEED + 1), slug="house", name="The Quayside Chronicle", template="house")


def story(number: int, chance: random.Random) -> Story:
    """An article with a title of its own."""
    town, thing, verb = chance.choice(WORDS["towns"]), chance.choice(WORDS["things"]), chance.choice(WORDS["verbs"])
    forms = chance.sample(WORDS["forms"], 8)
    body = tuple(_sentence(form, chance) + " " + _sentence(chance.choice(WORDS["forms"]), chance) for form in forms)
    title = f"{town} has its {thing} {verb} as report {number} goes to the council"
    slug = f"{number:05d}-{town}-{thing}-{verb}".lower().replace(" ", "-")
    return Story(
        id=f"{number:05d}",
        slug=slug,
        title=title,
        paragraphs=body,
        age_hours=1 + (number * 0.05) % 600,
        section="World",
        summary=body[0].split(". ")[0].rstrip(".") + ".",
        authors=(chance.choice(WORDS["people"]),),
        tags=(thing, town),
    )


def _sentence(form: str, chance: random.Random) -> str:
    return form.format(
        town=chance.choice(WORDS["towns"]),
        thing=chance.choice(WORDS["things"]),
        verb=chance.choice(WORDS["verbs"]),
        cause=chance.choice(WORDS["causes"]),
        time=chance.choice(WORDS["times"]),
        person=chance.choice(WORDS["people"]),
        role=chance.choice(WORDS["roles"]),
        day=chance.choice(WORDS["days"]),
        n=chance.randint(12, 989),
        m=chance.randint(3, 97),
        n2=chance.randint(61, 94),
    )

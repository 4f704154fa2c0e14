"""A newsroom that never rests: it publishes, edits, withdraws, brings back and moves, and remembers all of it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.newsstand import Article, Newsstand, Site, bulk
from tests.newsstand.catalog import source_file
from tests.newsstand.model import Listing, SiteSpec
from tests.soak.clock import Clock

STORIES = 4000  # that a site has in stock
FIRST_DAY = 4  # articles that it has when the crawl begins
YOUNG = timedelta(days=2)  # older articles are left as they are: the last looks at an article are weeks apart
REST = timedelta(hours=12)  # after an article was moved: what is edited in the same breath is another article
EVERY = "15m"
DELAY = 20  # seconds of the sped-up clock between two requests to a site

RSS = Listing("/feed.xml", "rss2", "News")
ATOM = Listing("/atom.xml", "atom", "News")
JSON = Listing("/feed.json", "jsonfeed", "News")
NEWS = Listing("/sitemap-news.xml", "newssitemap", "News sitemap")
MAP = Listing("/sitemap.xml", "sitemap", "Sitemap")
SITES = (  # slug, listings, validators, gzip
    ("rss", (RSS,), "both", False),
    ("atom", (ATOM,), "etag", True),
    ("json", (JSON,), "modified", False),
    ("maps", (RSS, NEWS), "weak", True),
    ("whole", (ATOM, MAP), "both", True),
)


class Newsroom:
    """Sites with a stock of stories, and what they did with it. Every change happens at the time of the clock."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.clock = clock
        self.done: Counter[str] = Counter()
        self.texts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)  # key -> (title, text) of each version
        self._chance = random.Random(f"{seed}/newsroom")
        self._moved: dict[str, datetime] = {}
        self.stand = Newsstand(only=("",), now=clock.now())
        self.stand.specs = [self._spec(number, seed) for number in range(len(SITES))]

    def _spec(self, number: int, seed: int) -> SiteSpec:
        slug, listings, validators, zipped = SITES[number]
        chance = random.Random(f"{seed}/{slug}")
        # each site has numbers of its own, so that no two articles are the same
        stories = (bulk.story(number * STORIES + n, chance) for n in range(1, STORIES + 1))
        return replace(
            bulk.spec(0),
            slug=slug,
            name=f"The {slug.title()} Gazette",
            listings=listings,
            validators=validators,
            gzip=zipped,
            stories=tuple(
                replace(story, role="" if n < FIRST_DAY else "held", age_hours=1.0 + n)
                for n, story in enumerate(stories)
            ),
        )

    def open(self) -> None:
        """Open the sites."""
        self.stand.start()
        for site in self.stand.sites.values():
            for article in site.all_articles.values():
                self._remember(article)

    def close(self) -> None:
        """Close the sites."""
        self.stand.stop()

    def write_catalog(self, folder: Path) -> None:
        """Write the source files of the sites."""
        for site in self.stand.sites.values():
            text = source_file(site).replace("delay = 0\n", f"delay = {DELAY}\n")
            path = folder / site.spec.country / f"{site.slug}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'{text}\n[schedule]\nevery = "{EVERY}"\n', "utf-8")

    def articles(self) -> list[Article]:
        """Every article that was ever published, withdrawn or not."""
        return [article for site in self.stand.sites.values() for article in list(site.all_articles.values())]

    def act(self) -> None:
        """Do something on one of the sites, mostly publish."""
        site = self._chance.choice(list(self.stand.sites.values()))
        deed = self._chance.choices(
            ("publish", "edit", "withdraw", "restore", "move", "move a feed"), (50, 30, 8, 6, 5, 1)
        )[0]
        if deed == "publish":
            self._publish(site)
        elif deed == "edit":
            self.edit(site)
        elif deed == "move a feed":
            self._move_feed(site)
        else:
            self._change(site, deed)

    def edit(self, site: Site, article: Article | None = None) -> None:
        """Give an article (any young one) a new headline and a new paragraph."""
        article = article or self._pick(site, withdrawn=False)
        if article is None or article.withdrawn or self._is_moving(article):
            return
        number = self._chance.randrange(10**6)
        other = bulk.story(number, self._chance)
        place = self._chance.randrange(len(article.paragraphs))
        paragraphs = (*article.paragraphs[:place], other.paragraphs[0], *article.paragraphs[place + 1 :])
        title = f"{article.story.title}, edition {article.version + 1}"
        story = replace(article.story, edited_title=title, edited_paragraphs=paragraphs)
        self._remember(site.edit(article.story.id, self.clock.now(), story))
        self.done["edited"] += 1

    def _publish(self, site: Site) -> None:
        story = next((story for story in site.held()), None)
        if story is not None:
            self._remember(site.publish(story.id, self.clock.now()))
            self.done["published"] += 1

    def _change(self, site: Site, deed: str) -> None:
        article = self._pick(site, withdrawn=deed == "restore")
        if article is None or self._is_moving(article):
            return
        now, story_id = self.clock.now(), article.story.id
        if deed == "withdraw":
            site.withdraw(story_id, now)
        elif deed == "restore":
            site.restore(story_id, now)
        else:
            site.move(story_id, f"{article.story.slug}-v{article.version}", now)
            self._moved[article.key] = now
        self.done[{"withdraw": "withdrawn", "restore": "brought back", "move": "moved"}[deed]] += 1

    def _move_feed(self, site: Site) -> None:
        path = site.spec.listings[0].path
        if site.answer(path).status == 200:
            stem, _, ending = path.rpartition(".")
            site.move_listing(path, f"{stem}-new.{ending}")
            self.done["feeds moved"] += 1

    def _pick(self, site: Site, *, withdrawn: bool) -> Article | None:
        now = self.clock.now()
        found = [a for a in site.all_articles.values() if a.withdrawn == withdrawn and now - a.published < YOUNG]
        return self._chance.choice(found) if found else None

    def _is_moving(self, article: Article) -> bool:
        return article.key in self._moved and self.clock.now() - self._moved[article.key] < REST

    def _remember(self, article: Article) -> None:
        self.texts[article.key].add((article.title, article.text))

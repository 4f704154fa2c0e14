"""One site of the newsroom: what it publishes right now, and what it answers to a path."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.newsstand import listings, pages
from tests.newsstand.model import Article, Listing, Resource, SiteSpec, Special, Story

MAX_AGE = timedelta(days=30)  # Kiosque's default for what feeds and sitemaps offer
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Site:
    """A host with articles; every change goes through `publish`, `edit` and `withdraw`."""

    def __init__(self, spec: SiteSpec, base_url: str, start: datetime, directory: Mapping[str, Site]) -> None:
        self.spec = spec
        self.base_url = base_url
        self.start = start
        self.directory = directory  # every site of the newsroom, for links from one to another
        self.all_articles: dict[str, Article] = {}
        self.changed_at: dict[str, datetime] = {}  # path of a listing -> its Last-Modified, once it changed
        self._cache: dict[str, Resource] = {}
        self._redirects: dict[str, str] = {}  # path that was moved for good -> where it is now
        self._renamed: dict[str, str] = {}  # new path of a listing -> that of its spec
        self._lock = threading.RLock()
        for story in spec.stories:
            if story.role != "held":
                self._place(story, start - timedelta(hours=story.age_hours))
        self._index()

    @property
    def slug(self) -> str:
        """The slug of its catalogue source."""
        return self.spec.slug

    @property
    def articles(self) -> list[Article]:
        """What it publishes right now, newest first."""
        live = [article for article in self.all_articles.values() if not article.withdrawn]
        return sorted(live, key=lambda article: (article.published, article.key), reverse=True)

    def publish(self, story_id: str, now: datetime) -> Article:
        """Put a story on the site that was held back until now."""
        story = next(story for story in self.spec.stories if story.id == story_id)
        with self._lock:
            article = self._place(story, now)
            self._touch(article, now)
        return article

    def edit(self, story_id: str, now: datetime, story: Story | None = None) -> Article:
        """Change title and text of an article as its content file says, or as `story` does."""
        with self._lock:
            old = self.all_articles[story_id]
            story = story or old.story
            article = replace(
                old,
                title=story.edited_title or old.title,
                paragraphs=story.edited_paragraphs or old.paragraphs,
                version=old.version + 1,
                modified=now.replace(microsecond=0),
            )
            self.all_articles[story_id] = article
            self._touch(article, now)
        return article

    def withdraw(self, story_id: str, now: datetime) -> Article:
        """Take an article off the site: its pages answer 410 and no listing has it."""
        with self._lock:
            article = replace(self.all_articles[story_id], withdrawn=True)
            self.all_articles[story_id] = article
            self._touch(article, now)
        return article

    def restore(self, story_id: str, now: datetime) -> Article:
        """Bring a withdrawn article back as it was."""
        with self._lock:
            article = replace(self.all_articles[story_id], withdrawn=False)
            self.all_articles[story_id] = article
            self._touch(article, now)
        return article

    def move(self, story_id: str, slug: str, now: datetime) -> Article:
        """Give an article another URL for good; the old one redirects to it."""
        with self._lock:
            old = self.all_articles[story_id]
            new = pages.place(self, replace(old.story, slug=slug), old.published)
            aliases = tuple(dict.fromkeys((*new.aliases, *old.aliases, old.url)))
            article = replace(old, story=new.story, url=new.url, guid=new.guid, aliases=aliases)
            self._redirects[old.path] = article.path
            self.all_articles[story_id] = article
            self._touch(article, now)
        return article

    def move_listing(self, path: str, new: str) -> None:
        """Give a listing another URL for good; the old one redirects to it."""
        with self._lock:
            self._redirects[path] = new
            self._renamed[new] = path
            self._cache.clear()

    def held(self) -> list[Story]:
        """Stories that wait for publication."""
        return [story for story in self.spec.stories if story.role == "held" and story.id not in self.all_articles]

    def url(self, path: str) -> str:
        """An absolute URL of this site."""
        return self.base_url + path

    def resolve(self, target: str) -> str:
        """The absolute URL behind a target: `id:STORY`, `slug/id:STORY`, a path or an absolute URL."""
        if "id:" not in target:
            return self.url(target) if target.startswith("/") else target
        slug, _, story_id = target.partition("id:")
        site = self.directory[slug.rstrip("/")] if slug else self
        return site.all_articles[story_id].url

    def answer(self, path: str) -> Resource:
        """What this site answers to a path (with its query) at this moment."""
        with self._lock:
            if path not in self._cache:
                self._cache[path] = self._make(path)
            return self._cache[path]

    def _make(self, path: str) -> Resource:
        if path == "/robots.txt":
            return Resource(self.spec.robots.replace("{base}", self.base_url).encode(), "text/plain")
        if path in self._redirects:
            return Resource(b"", "text/html", 301, location=self.url(self._redirects[path]))
        path = self._renamed.get(path, path)
        found = self._articles_by_path.get(path)
        if found is not None:
            return self._article_page(*found)
        if path in self._specials:
            return self._special(self._specials[path])
        listing = listings.find(self, path)
        if listing is not None:
            resource = listings.render(self, listing, path)
            return pages.with_validators(self.spec, resource, self._listing_modified(listing))
        if path == "/" or path in self.spec.fronts:
            return self._front(self.spec.name, path)
        return pages.error(self, path, 404)

    def _article_page(self, story_id: str, variant: str) -> Resource:
        article = self.all_articles[story_id]
        if article.withdrawn:
            return pages.error(self, article.path, 410)
        if variant == "redirect":
            return Resource(b"", "text/html", 301, location=article.url)
        page = pages.article(self, article, variant)
        return pages.with_validators(self.spec, page, article.modified or article.published)

    def _special(self, special: Special) -> Resource:
        if special.kind == "redirect":
            return Resource(b"", "text/html", special.status, location=self.resolve(special.target))
        if special.kind == "pdf":
            return Resource(PDF, "application/pdf", modified=self.start - timedelta(hours=special.age_hours))
        if special.kind == "front":
            return self._front(special.title, special.path)
        return pages.error(self, special.path, special.status)

    def _front(self, title: str, path: str) -> Resource:
        return pages.section(self, title, listings.offers(self, self.spec.listings[0], specials=False), path)

    def _place(self, story: Story, published: datetime) -> Article:
        published = published.astimezone(UTC).replace(second=0, microsecond=0)
        article = pages.place(self, story, published)
        if self.start - published > MAX_AGE:
            article = replace(article, expected="skipped_old")
        self.all_articles[story.id] = article
        return article

    def _index(self) -> None:
        """Map every path of every article to it; what was rendered before is void."""
        self._specials = {special.path: special for special in self.spec.specials if special.kind != "article"}
        self._articles_by_path: dict[str, tuple[str, str]] = {}
        for story_id, article in self.all_articles.items():
            for path, variant in pages.variants(self.spec, article):
                self._articles_by_path[path] = (story_id, variant)
        self._cache.clear()

    def _touch(self, article: Article, now: datetime) -> None:
        for listing in self.spec.listings:
            if not listing.section or listing.section == article.section:
                before = self._listing_modified(listing)
                # Last-Modified counts whole seconds: two changes within one second must still differ
                self.changed_at[listing.path] = max(now.replace(microsecond=0), before + timedelta(seconds=1))
        self._index()

    def _listing_modified(self, listing: Listing) -> datetime:
        newest = max((article.published for article in self.articles), default=self.start)
        return self.changed_at.get(listing.path, newest)

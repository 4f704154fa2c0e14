"""What a site of the newsroom is made of, as its content file says, and an article as the site publishes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Story:
    """One article as written in a content file; its age counts back from the start of the newsroom."""

    id: str
    slug: str
    title: str
    paragraphs: tuple[str, ...]
    age_hours: float
    section: str
    summary: str
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    agency: str = ""
    tags: tuple[str, ...] = ()
    role: str = ""  # "", held (published later), edit, withdraw
    edited_title: str = ""
    edited_paragraphs: tuple[str, ...] = ()
    wire: str = ""  # stories of several sites with the same value are one agency report
    pages: int = 1  # its text is spread over so many pages
    live: bool = False  # a live blog: paragraphs that are a time of day date the entry below
    unlisted: bool = False  # in no listing of its own: reached through a special link only
    charset: str = ""  # differs from the site's
    declared: str = ""  # header, meta or none; differs from the site's


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed, sitemap or section page of a site."""

    path: str
    kind: str  # rss2, rss091, atom, rdf, jsonfeed, newssitemap, sitemap, sitemapindex, section
    name: str
    section: str = ""  # only the stories of this section
    suffix: str = ""  # put after each link, such as "?utm_source=rss"
    articles: str = ""  # section: the pattern of article links, for the catalogue
    per_page: int = 0  # section: how many a page shows; 0 = all
    broken: bool = False  # rss2: a bare & and an encoding declaration that lies
    catalogued: bool = True


@dataclass(frozen=True, slots=True)
class Special:
    """A URL that is not simply an article: a redirect, a loop, a missing page, a file, a section front."""

    path: str  # kind article: a format string over the path of the target, such as "/m{path}"
    kind: str  # redirect, status, pdf, front; article: another form of an article's URL
    outcome: str  # what the ledger should say of it after a first crawl
    title: str
    note: str
    target: str = ""  # "id:STORY", "slug/id:STORY" of another site, or a path
    status: int = 301
    offered_in: tuple[str, ...] = ()  # paths of listings
    age_hours: float = 3.0


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A site as its content file says."""

    slug: str
    name: str
    country: str
    language: str
    timezone: str
    article_path: str  # a format string over `story` and `local` (the time of publication in the site's zone)
    robots: str
    listings: tuple[Listing, ...]
    stories: tuple[Story, ...]
    specials: tuple[Special, ...] = ()
    fronts: tuple[str, ...] = ()  # further section fronts and tag pages that the navigation leads to
    template: str = ""  # folder of templates; the slug when empty
    charset: str = "utf-8"
    declared: str = "header"  # where pages say their charset: header, meta, both, none
    validators: str = "both"  # etag, weak, modified, both
    gzip: bool = False
    guid: str = ""  # a format string like article_path; "" = the link is the guid
    guid_redirects: bool = False  # the guid is a path that redirects to the article
    amp_suffix: str = ""
    mobile_prefix: str = ""
    order: int = 9  # sites with a low number come first, also when something is edited, withdrawn or published


@dataclass(frozen=True, slots=True)
class Article:
    """An article as a site publishes it right now: the truth that an archive is measured against."""

    key: str  # "site-slug/story-id"
    site: str
    story: Story
    url: str  # canonical
    aliases: tuple[str, ...]  # other URLs under which the site knows it: AMP, mobile, guid, old slug, tracking
    title: str
    paragraphs: tuple[str, ...]
    published: datetime  # aware, UTC, whole minutes
    timezone: str
    language: str
    version: int = 1
    modified: datetime | None = None
    withdrawn: bool = False
    expected: str = "stored"  # outcome of its canonical URL on a first crawl: stored or skipped_old
    guid: str = ""

    @property
    def path(self) -> str:
        """The path of the canonical URL."""
        return "/" + self.url.split("/", 3)[3]

    @property
    def text(self) -> str:
        """The body, one paragraph a line, as `archive.records.Draft` has it."""
        return "\n".join(self.paragraphs)

    @property
    def local(self) -> datetime:
        """Time of publication in the site's zone."""
        return self.published.astimezone(ZoneInfo(self.timezone))

    @property
    def changed(self) -> datetime:
        """Time of the last change in the site's zone."""
        return (self.modified or self.published).astimezone(ZoneInfo(self.timezone))

    @property
    def published_text(self) -> str:
        """Time of publication as the archive writes it."""
        return self.published.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def authors(self) -> tuple[str, ...]:
        """Who wrote it."""
        return self.story.authors

    @property
    def editors(self) -> tuple[str, ...]:
        """Who edited it, where the page says so."""
        return self.story.editors

    @property
    def agency(self) -> str:
        """The agency it came from, as the page names it."""
        return self.story.agency

    @property
    def section(self) -> str:
        """The section, as the page names it."""
        return self.story.section

    @property
    def summary(self) -> str:
        """The teaser that listings show."""
        return self.story.summary

    @property
    def tags(self) -> tuple[str, ...]:
        """Keywords, as the page gives them."""
        return self.story.tags


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a listing."""

    url: str
    title: str
    published: datetime  # UTC
    updated: datetime  # UTC
    summary: str = ""
    guid: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    content: str = ""  # HTML of the whole text
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What a site answers to a path."""

    body: bytes
    content_type: str
    status: int = 200
    etag: str = ""
    modified: datetime | None = None
    location: str = ""
    encoding: str = ""  # Content-Encoding already applied


@dataclass(frozen=True, slots=True)
class Request:
    """One request that a site answered."""

    at: float  # time.monotonic()
    wall: datetime
    site: str
    host: str  # host:port
    method: str
    path: str
    status: int
    conditional: bool
    user_agent: str
    headers: dict[str, str] = field(default_factory=dict)  # lower-case names

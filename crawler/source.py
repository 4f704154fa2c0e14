"""One source of the catalogue, as its TOML file describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from archive.rows import SourceRow
from crawler.codes import check_country, check_language
from crawler.schedule import Schedule
from crawler.selectors import check_selector
from crawler.sites import ascii_host, belongs, is_address, is_shared, site_of

LONGEST_URL = 2048  # what servers and browsers agree on
LONGEST_PATTERN = 500  # no limit makes a regular expression safe; this keeps one readable
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*")


def _check_host(host: str) -> str:
    host = ascii_host(host)
    if is_address(host) and "%" not in host:  # a zone (RFC 6874) has a meaning on one machine only
        return host
    if not HOST.fullmatch(host) or not host.isascii() or len(host) > 253:
        raise ValueError(f"{host!r} is not a host name")
    labels = host.split(".")
    if labels[-1] != "localhost" and (len(labels) == 1 or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1])):
        raise ValueError(f"{host!r} is not a host name: write it in full, such as 'www.example.org'")
    return host


def check_url(url: str) -> str:
    if not url:
        raise ValueError("the URL is empty")
    if len(url) > LONGEST_URL:
        raise ValueError(f"the URL is longer than {LONGEST_URL} characters")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError(f"{url!r} has white space in it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{url!r} is not a URL: {error}") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(f"{url!r} does not begin with http:// or https://")
    if not parts.hostname:
        raise ValueError(f"{url!r} has no host")
    if parts.username is not None or port == 0:
        raise ValueError(f"{url!r} has {'a port of 0' if port == 0 else 'a user name in it'}")
    _check_host(parts.hostname)
    return url


def _check_domain(domain: str) -> str:
    host, colon, port = domain.rpartition(":") if re.search(r":[0-9]*$", domain) else (domain, "", "")
    if colon and not (port and 0 < int(port) < 65536):
        raise ValueError(f"{domain!r} has no valid port")
    return _check_host(host) + colon + port


def _check_pattern(pattern: str) -> str:
    if not pattern:
        raise ValueError("the regular expression is empty: leave the key out")
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"the regular expression is longer than {LONGEST_PATTERN} characters")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: "Europe" is a folder of the database
        raise ValueError(f"{name!r} is not an IANA time zone, such as 'Europe/Paris'") from error
    return name


def _check_slug(slug: str) -> str:
    if not SLUG.fullmatch(slug):
        raise ValueError(f"the file name {slug!r} is not a slug: a-z, 0-9, _ and -, at most 64 characters")
    return slug


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Url = Annotated[str, AfterValidator(check_url)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Count = Annotated[float, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Selector = Annotated[str, AfterValidator(check_selector)]
FilledField = Literal[
    "title", "text", "summary", "language", "section", "published", "modified", "authors", "editors", "agency",
    "tags", "image",
]  # fmt: skip


class Model(BaseModel):
    """What all parts of a source file have in common: unknown keys are mistakes, and nothing changes once loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Place(Model):
    url: Url
    name: Name = ""


class Feed(_Place):
    """A feed: RSS, RDF, Atom or JSON Feed."""


class _Listing(_Place):
    articles: Pattern | None = None  # searched in the whole URL of a link

    @cached_property
    def article_pattern(self) -> re.Pattern[str] | None:
        """The compiled `articles`; None when the file gives none."""
        return re.compile(self.articles) if self.articles else None


class Sitemap(_Listing):
    """A sitemap or a sitemap index; `news` says that it is a Google News sitemap, which holds two days at most."""

    news: bool = False


class Section(_Listing):
    """A page of the site that links to articles."""


class Limits(Model):
    """How much may be asked of the site; None leaves it to the settings."""

    delay: Annotated[float, Field(ge=0, le=3600)] | None = None  # seconds between two requests
    concurrency: Annotated[int, Field(ge=1, le=16)] | None = None  # requests at once
    pages_per_run: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_age: Annotated[int, Field(ge=0, le=36_500)] | None = None  # days; 0 is no limit


class Extract(Model):
    """Selectors for what the generic extractor gets wrong; "" leaves the field to it."""

    title: Selector = ""
    body: Selector = ""
    published: Selector = ""
    authors: Selector = ""
    remove: Annotated[tuple[Selector, ...], BeforeValidator(_as_list)] = ()  # taken out before anything is read


class Expect(Model):
    """What a healthy source yields; less than this raises an alarm."""

    articles_per_day: tuple[Count, Count] | None = None
    filled: dict[FilledField, Share] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.articles_per_day is not None and self.articles_per_day[0] > self.articles_per_day[1]:
            raise ValueError("articles_per_day is [lowest, highest]")
        return self


class Source(Model):
    """A publisher in one language: where to look for its articles and how."""

    slug: Annotated[str, AfterValidator(_check_slug)]
    name: Annotated[Name, Field(min_length=1)]
    home: Url
    country: Annotated[str, AfterValidator(check_country)]
    language: Annotated[str, AfterValidator(check_language)]
    timezone: Annotated[str, AfterValidator(_check_zone)]
    enabled: bool = True
    verify_tls: bool = True  # False: a certificate that is expired, or nobody's, is taken; told in every report
    domains: tuple[Annotated[str, AfterValidator(_check_domain)], ...] = ()
    feeds: tuple[Feed, ...] = ()
    sitemaps: tuple[Sitemap, ...] = ()
    sections: tuple[Section, ...] = ()
    limits: Limits = Limits()
    extract: Extract = Extract()
    schedule: Schedule = Schedule()
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _looks_somewhere_once(self) -> Self:
        first: dict[str, str] = {}
        for place, url in self._endpoints():
            if url in first:
                raise ValueError(f"{place}.url: {url} is already in {first[url]}")
            first[url] = place
        if not first:
            raise ValueError("nothing to look at: give at least one of [[feeds]], [[sitemaps]] and [[sections]]")
        return self

    def _endpoints(self) -> Iterator[tuple[str, str]]:
        kinds: dict[str, tuple[_Place, ...]] = {
            "feeds": self.feeds,
            "sitemaps": self.sitemaps,
            "sections": self.sections,
        }
        for kind, places in kinds.items():
            for index, place in enumerate(places):
                yield f"{kind}[{index}]", place.url

    @property
    def places(self) -> tuple[str, ...]:
        """The URLs of all feeds, sitemaps and sections, in this order."""
        return tuple(url for _, url in self._endpoints())

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where the source may be found: its URLs, and its further domains, some with a port."""
        return (self.home, *self.places, *self.domains)

    @property
    def zone(self) -> ZoneInfo:
        """The source's time zone, for dates that name none."""
        return ZoneInfo(self.timezone)

    @cached_property
    def sites(self) -> frozenset[str]:
        """Registered domains, hosts and `host:port`s of the source: the given ones, and those of its own URLs."""
        urls = (self.home, *self.places)
        return frozenset(self.domains) | {site_of(url) for url in urls if not is_shared(url)}

    @property
    def row(self) -> SourceRow:
        """The source as the archive keeps it."""
        return SourceRow(
            self.slug,
            self.name,
            self.home,
            self.country,
            self.language,
            self.timezone,
            self.verify_tls,
            self.expect.model_dump(mode="json", exclude_defaults=True),
        )

    def owns(self, url: str) -> bool:
        """Tell whether a URL lies on one of the source's sites; loopback and other addresses match by port too."""
        return belongs(url, self.sites)

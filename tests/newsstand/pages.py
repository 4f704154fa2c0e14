"""HTML pages of a site: articles in their variants, section fronts, errors; their bytes and validators."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.newsstand.dates import visible
from tests.newsstand.model import Article, Offer, Resource, SiteSpec, Story

if TYPE_CHECKING:
    from tests.newsstand.site import Site

LABELS = {"gbk": "gb2312", "cp1252": "iso-8859-1", "cp1251": "windows-1251"}  # what such pages call themselves
RELATED = 4


@cache
def environment() -> Environment:
    """The templates, one folder a site."""
    env = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["visible"] = visible
    env.filters["iso"] = lambda moment: moment.isoformat(timespec="seconds")
    return env


def place(site: Site, story: Story, published: datetime) -> Article:
    """Give a story its URLs on a site."""
    spec = site.spec
    local = published.astimezone(ZoneInfo(spec.timezone))
    path = spec.article_path.format(story=story, local=local)
    guid = spec.guid.format(story=story, local=local, base=site.base_url) if spec.guid else site.url(path)
    article = Article(
        key=f"{spec.slug}/{story.id}",
        site=spec.slug,
        story=story,
        url=site.url(path),
        aliases=(),
        title=story.title,
        paragraphs=story.paragraphs,
        published=published,
        timezone=spec.timezone,
        language=spec.language,
        guid=guid,
    )
    others = [site.url(other) for other, variant in variants(spec, article) if variant]
    others += [article.url + listing.suffix for listing in spec.listings if listing.suffix]
    for special in spec.specials:
        if special.kind == "redirect" and special.target == f"id:{story.id}":
            others.append(site.url(special.path))
    return replace(article, aliases=tuple(dict.fromkeys(others)))


def variants(spec: SiteSpec, article: Article) -> Iterator[tuple[str, str]]:
    """Every path that leads to an article, with how: "" (canonical), a number (a further page), amp, mobile, redirect."""
    yield article.path, ""
    for number in range(2, article.story.pages + 1):
        yield f"{article.path.rstrip('/')}/{number}", str(number)
    for listing in spec.listings:
        if listing.suffix:
            yield article.path + listing.suffix, ""
    if spec.amp_suffix:
        yield article.path + spec.amp_suffix, "amp"
    if spec.mobile_prefix:
        yield spec.mobile_prefix + article.path, "mobile"
    if spec.guid_redirects:
        yield "/" + article.guid.split("/", 3)[3], "redirect"


def article(site: Site, item: Article, variant: str) -> Resource:
    """An article's page; `variant` is "", amp, mobile or the number of a further page."""
    part, size = int(variant) if variant.isdigit() else 1, -(-len(item.paragraphs) // item.story.pages)
    shown = item.paragraphs[(part - 1) * size : part * size]
    following = next((other for other in site.articles if other.published < item.published), None)
    related = [other for other in site.articles if other.key != item.key and other.expected == "stored"][:RELATED]
    charset = item.story.charset or site.spec.charset
    declared = item.story.declared or site.spec.declared
    values: dict[str, Any] = {"article": item, "variant": variant, "related": related, "following": following}
    return _page(site, "article.html", charset, declared, part=part, shown=shown, **values)


def section(site: Site, title: str, rows: list[Offer], path: str, next_path: str = "", previous: str = "") -> Resource:
    """A section page with its list of teasers."""
    values: dict[str, Any] = {"title": title, "offers": rows, "path": path}
    values |= {"next_path": next_path, "previous": previous}
    popular = [other for other in site.articles if other.expected == "stored"][1:6]
    return _page(site, "section.html", site.spec.charset, site.spec.declared, popular=popular, **values)


def error(site: Site, path: str, status: int) -> Resource:
    """An error page with the site's own furniture."""
    words = {403: "403 Forbidden", 404: "404 Not Found", 410: "410 Gone"}.get(status, str(status))
    body = (
        f'<!DOCTYPE html><html lang="{site.spec.language}"><head><meta charset="utf-8"><title>{words}</title></head>'
        f'<body><h1>{words}</h1><p><a href="/">{site.spec.name}</a></p></body></html>'
    )
    return Resource(body.encode(), "text/html; charset=utf-8", status)


def with_validators(spec: SiteSpec, resource: Resource, modified: datetime) -> Resource:
    """Add the ETag and Last-Modified that this site gives; which of them differs from site to site."""
    etag = f'"{hashlib.sha1(resource.body).hexdigest()[:16]}"'
    if spec.validators == "weak":
        etag = "W/" + etag
    return replace(
        resource,
        etag="" if spec.validators == "modified" else etag,
        modified=modified if spec.validators in ("modified", "both") else None,
    )


def http_date(moment: datetime) -> str:
    """Write a UTC time as HTTP does (RFC 9110, 5.6.7)."""
    return format_datetime(moment, usegmt=True)


def _page(site: Site, template: str, charset: str, declared: str, **values: Any) -> Resource:
    label = LABELS.get(charset, charset)
    folder = site.spec.template or site.spec.slug
    meta_charset = label if declared in ("meta", "both") else ""
    furniture = {"site": site, "spec": site.spec, "base": site.base_url, "meta_charset": meta_charset}
    html = environment().get_template(f"{folder}/{template}").render(furniture | values)
    header = f"; charset={label}" if declared in ("header", "both") else ""
    return Resource(html.encode(charset, "xmlcharrefreplace"), f"text/html{header}")

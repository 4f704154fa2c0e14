"""A page to an article: the one entry of this package, pure and fit for a worker process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.records import Draft
from crawler.discovery.entry import Entry

from . import body, charset, headline, language, structured
from .document import absolute, parse
from .moments import parse_machine, zone_named
from .rules import Rules


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page and what is known about where it came from."""

    url: str  # the final URL
    body: bytes  # decoded from content-encoding, not from charset
    captured_at: datetime  # aware, UTC
    content_type: str = ""  # the header, e.g. "text/html; charset=gbk"
    language: str = ""  # the source's, a prior only
    timezone: str = "UTC"  # the source's IANA zone, for times without one
    site_name: str = ""
    hint: Entry | None = None  # what the feed said
    rules: Rules | None = None  # the source file's own


@dataclass(frozen=True, slots=True)
class NotAnArticle:
    """The page was read, and is something else."""

    reason: str


def extract(page: Page) -> Draft | NotAnArticle:
    """Extract the article of a page. Raises ExtractionError for what cannot be parsed at all."""
    text, _ = charset.decode(page.body, page.content_type, page.language)
    if not text.strip():
        return NotAnArticle("empty page")
    document = parse(text, page.url)
    facts = structured.read(document)
    title = headline.choose(document, facts, (page.site_name, document.meta("og:site_name"), *facts.publishers))
    body.prune(document.tree)
    lines, method = body.extract_body(document.tree, page.url)
    article_text = "\n".join(lines)
    if not lines or not title.value:
        return NotAnArticle("no text")
    zone = zone_named(page.timezone)
    published = next((m for said in facts.published if (m := parse_machine(said.value, zone))), None)
    tongue, _ = language.detect(article_text, document.language, page.language)
    return Draft(
        title=title.value,
        text=article_text,
        language=tongue,
        published_at=published.text if published else "",
        published_raw=published.raw if published else "",
        authors=tuple(dict.fromkeys(said.value for said in facts.people)),
        canonical_url=absolute(page.url, document.link("canonical")),
        provenance={"text": method, "title": title.method},
    )

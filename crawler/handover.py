"""From a source and a fetched page to what extraction takes, and from what it gives to what the archive takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive.records import Draft
from crawler.discovery.entry import Entry
from crawler.extraction.article import Page
from crawler.extraction.memory import Known
from crawler.extraction.rules import Rules
from crawler.urls import canonical

if TYPE_CHECKING:
    from crawler.source import Source  # not for workers, which never see one: it takes long to import


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came: `body` without its content encoding, still in its charset."""

    url: str
    body: bytes = field(repr=False)
    content_type: str
    captured_at: datetime


def page_of(
    source: Source | None, fetched: Fetched, hint: Entry | None = None, known: Known | None = None
) -> Page:
    """What extraction is told about a page; without a source nothing is known beforehand but what was learned."""
    page = Page(
        url=fetched.url,
        body=fetched.body,
        captured_at=fetched.captured_at,
        content_type=fetched.content_type,
        hint=hint,
        known=known,
    )
    if source is None:
        return page
    return replace(
        page, language=source.language, timezone=source.timezone, site_name=source.name, rules=rules_of(source)
    )


def rules_of(source: Source) -> Rules | None:
    """The source file's own extraction rules in the form that the extractor takes; None when there are none."""
    own = source.extract
    if not any((own.title, own.body, own.published, own.authors, own.remove)):
        return None
    return Rules(title=own.title, body=own.body, published=own.published, authors=own.authors, remove=own.remove)


def with_canonical_urls(draft: Draft) -> Draft:
    """The draft with the URLs that it names in the form under which the archive knows URLs."""
    return replace(
        draft,
        canonical_url=canonical(draft.canonical_url) if draft.canonical_url else "",
        amp_url=canonical(draft.amp_url) if draft.amp_url else "",
    )

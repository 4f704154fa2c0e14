"""What the crawler hands over to the archive, and what it hears back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from archive.likeness import content_hash, text_hash
from archive.records import Draft
from archive.rows import Outcome
from archive.text import clean, clean_value


@dataclass(frozen=True, slots=True)
class Filing:
    """An extracted page on its way into the archive."""

    source_id: int
    draft: Draft
    requested: tuple[str, ...]  # every URL on the way, as offered and in canonical form
    final: str  # canonical form of the URL that answered
    captured_at: str
    guid: str = ""
    article_id: int | None = None  # when the page is looked at again
    extractor: str = ""
    parts: tuple[str, ...] = ()  # the URLs of its further pages: addresses of the article, and no claim to who it is


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a filing: stored, updated, unchanged or duplicate."""

    outcome: Outcome
    article_id: int
    version: int
    detail: str = ""


def cleaned(filing: Filing) -> Filing:
    """The filing with texts that the database takes: valid Unicode, no NUL."""
    draft = filing.draft
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    texts: dict[str, Any] = {name: clean(value) for name, value in values.items() if isinstance(value, str)}
    for name in ("authors", "editors", "tags"):
        texts[name] = tuple(clean(item) for item in values[name])
    return replace(
        filing,
        draft=replace(draft, provenance=clean_value(draft.provenance), **texts),
        requested=tuple(dict.fromkeys(clean(url) for url in filing.requested)),
        final=clean(filing.final),
        guid=clean(filing.guid),
        parts=tuple(dict.fromkeys(clean(url) for url in filing.parts)),
    )


def _array(items: Iterable[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False)


def columns(filing: Filing) -> dict[str, Any]:
    """The columns of `articles` that come from the page."""
    draft = filing.draft
    return {
        "title": draft.title,
        "text": draft.text,
        "reading": draft.reading,
        "summary": draft.summary,
        "language": draft.language,
        "section": draft.section,
        "published_at": draft.published_at or None,
        "published_raw": draft.published_raw,
        "modified_at": draft.modified_at or None,
        "authors": _array(draft.authors),
        "editors": _array(draft.editors),
        "agency": draft.agency,
        "dateline": draft.dateline,
        "tags": _array(draft.tags),
        "image_url": draft.image_url,
        "paywalled": int(draft.paywalled),
        "content_hash": content_hash(draft),
        "text_hash": text_hash(draft.text),
        "word_count": draft.word_count,
        "provenance": json.dumps(dict(draft.provenance), ensure_ascii=False),
        "extractor": filing.extractor,
    }

"""What the crawler hands over to the archive, and what it hears back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from archive.folding import fold_columns
from archive.likeness import hashes
from archive.noise import Recurs, nothing_recurs
from archive.records import Draft
from archive.rows import Outcome
from archive.sketch import Sketch, sketch, units
from archive.text import clean, clean_value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft as the database takes it, with everything that follows from it alone.

    Pure, so that it is made where there are many hands: by the worker that extracted the draft.
    """

    draft: Draft  # valid Unicode, no NUL
    columns: Mapping[str, Any]  # of `articles`, those that come from the page
    folded: tuple[str, str]  # title and text for the second pair of columns of the index
    sample: Sketch  # by which copies of the text are found

    def without_claims(self, reason: str) -> Sheet:
        """The same without the other addresses that the page claims; the reason stays in the provenance."""
        provenance = {**self.draft.provenance, "canonical_url": reason}
        draft = replace(self.draft, canonical_url="", amp_url="", provenance=provenance)
        return replace(self, draft=draft, columns={**self.columns, "provenance": _object(provenance)})


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
    sheet: Sheet | None = None  # of this very draft, where it was made before
    parts: tuple[str, ...] = ()  # the URLs of its further pages: addresses of the article, and no claim to who it is
    recurs: Recurs = nothing_recurs  # which lines stand in many articles of the source
    via: str = ""  # how it was found, when it was by going back in time: an article that is new is marked so
    as_before: bool = False  # a second look found that the page of `article_id` says what it said at the last visit


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a filing: stored, updated, unchanged or duplicate."""

    outcome: Outcome
    article_id: int
    version: int
    detail: str = ""


def sheet_of(draft: Draft) -> Sheet:
    """Make the sheet of a draft."""
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    texts: dict[str, Any] = {name: clean(value) for name, value in values.items() if isinstance(value, str)}
    for name in ("authors", "editors", "tags"):
        texts[name] = tuple(clean(item) for item in values[name])
    draft = replace(draft, provenance=clean_value(draft.provenance), **texts)
    return Sheet(draft, _columns(draft), fold_columns(draft.title, draft.text), sketch(units(draft.text)))


def cleaned(filing: Filing) -> Filing:
    """The filing with texts that the database takes, and with its sheet."""
    sheet = filing.sheet or sheet_of(filing.draft)
    return replace(
        filing,
        draft=sheet.draft,
        sheet=sheet,
        requested=tuple(dict.fromkeys(clean(url) for url in filing.requested)),
        final=clean(filing.final),
        guid=clean(filing.guid),
        parts=tuple(dict.fromkeys(clean(url) for url in filing.parts)),
    )


def with_text(filing: Filing, title: str, text: str, summary: str) -> Filing:
    """The same page with another text."""
    sheet = sheet_of(replace(filing.draft, title=title, text=text, summary=summary))
    return replace(filing, draft=sheet.draft, sheet=sheet)


def _array(items: Iterable[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False)


def _object(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)


def _columns(draft: Draft) -> dict[str, Any]:
    both, text = hashes(draft.title, draft.text)
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
        "content_hash": both,
        "text_hash": text,
        "word_count": draft.word_count,
        "provenance": _object(draft.provenance),
    }

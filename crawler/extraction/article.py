"""A page to an article: the one entry of this package, pure and fit for a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.records import Draft
from crawler.discovery.entry import Entry

from . import (
    addresses,
    body,
    charset,
    credits,
    dates,
    headline,
    language,
    live,
    memory,
    parts,
    paywall,
    pruning,
    reading,
    sections,
    structured,
    trim,
    verdict,
    witness,
)
from .document import Document, absolute, one_line, parse, text_of
from .errors import ExtractionError
from .lines import Line, lines_of
from .moments import zone_named
from .noise import kind_of
from .rules import Rules, select

MAX_SUMMARY = 1000
MAX_TAGS = 40
MAX_TEXT = 1_000_000  # characters of an article, two long novels; folding and indexing take 120 bytes for each
LEAST_BODY = 300  # characters of an articleBody that is worth having ...
LONGER_BODY = 2.0  # ... if it is so many times as long as the text of the page


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
    known: memory.Known | None = None  # what the memory of the source knows as boilerplate


@dataclass(frozen=True, slots=True)
class NotAnArticle:
    """The page was read, and is something else."""

    reason: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a page, with the lines that its text was made of as the memory of its source sees them."""

    result: Draft | NotAnArticle
    observed: memory.Observed = ()
    pager: parts.Pager = parts.ALONE


def extract(page: Page) -> Draft | NotAnArticle:
    """Extract the article of a page. Raises ExtractionError for what cannot be parsed at all."""
    return examine(page).result


def examine(page: Page) -> Examined:
    """Extract the article of a page, and tell what the memory of its source is to learn from it.

    Raises ExtractionError for what cannot be parsed at all.
    """
    source = charset.utf8(page.body, page.content_type, page.language)
    if not source or source.isspace():
        return Examined(NotAnArticle("empty page"))
    document = parse(source, page.url)
    facts = structured.read(document)
    pager = parts.pager(document, page.url)
    rules = page.rules or Rules()
    ruled = {name: _ruled(document, getattr(rules, name)) for name in ("title", "published", "authors")}
    organisations = (page.site_name, document.meta("og:site_name", "application-name"), *facts.publishers)
    title = headline.choose(document, facts, organisations, page.hint.title if page.hint else "")
    if ruled["title"]:
        title = structured.Said(ruled["title"], "rule")

    said_of_text = witness.of(facts, page.hint.summary if page.hint else "")
    lines, found = _body(document, rules, said_of_text)
    above = [line.text for line in lines[: (found.places[0] if found.places else 0) + 1]]
    title = headline.as_seen(headline.with_topic(title, facts, organisations, above), above)
    titles = {title.value, *(said.value for said in facts.headlines), document.head_title}
    if page.hint and page.hint.summary:
        facts.summaries.append(structured.Said(page.hint.summary, "feed"))
    summaries = [said.value for said in facts.summaries]
    first = found.places[0] if found.places else len(lines)
    at_title = trim.find_title(lines, titles, first)
    kept = trim.trim(lines, found.places, at_title, titles, summaries, found.marked)
    observed = memory.observe(lines, kept)
    if page.known is not None:
        kept = memory.without_boilerplate(page.known, lines, kept)
    declared = "liveblogposting" in facts.types
    kept = live.with_times(lines, kept if declared else said_of_text.without_unclaimed(lines, kept), declared=declared)
    texts = trim.texts(lines, kept)
    as_read = reading.reading(lines, kept, texts, page.url)
    text_by = found.method
    if len(facts.body) > max(LEAST_BODY, LONGER_BODY * sum(map(len, texts))):
        # the page shows a teaser, or needs scripts to show anything, and says the whole to search engines
        texts, text_by = structured.body_lines(facts), "jsonld"
        as_read = "\n\n".join(map(reading.escaped, texts))
    whole = "\n".join(charset.clean(one) for one in texts)
    if len(whole) > MAX_TEXT:
        raise ExtractionError(f"{page.url}: a text of {len(whole)} characters, of at most {MAX_TEXT}")
    if reason := verdict.reject(document, facts, lines, whole, title.value, source):
        return Examined(NotAnArticle(reason), pager=pager)

    place = dates.Place(at_title, kept[0] if kept else first, kept[-1] if kept else first)
    tongue, tongue_by = language.detect(whole, _page_language(document, facts), page.language)
    times = dates.choose(
        facts, lines, place, url=page.url, zone=zone_named(page.timezone), language=_locale(document, facts) or tongue,
        now=page.captured_at, hint=page.hint, rule=ruled["published"],
    )  # fmt: skip
    credit = credits.choose(
        facts, lines, place, texts, organisations=organisations, hint=page.hint, rule=ruled["authors"]
    )
    section = sections.choose(facts, lines, at_title if at_title >= 0 else place.first, title.value)
    summary = next((said for said in facts.summaries if said.value), structured.Said("", ""))
    tags, tags_by = _tags(facts, page.hint)
    image = next((url for said in facts.images if (url := absolute(page.url, said.value))), "")
    image_by = next((said.method for said in facts.images if absolute(page.url, said.value)), "")
    canonical, canonical_by = addresses.canonical(document)
    provenance = {
        "title": title.method, "text": text_by, "summary": summary.method, "language": tongue_by,
        "section": section.method,
        "published_at": times.published_by, "modified_at": times.modified_by, "authors": credit.authors_by,
        "editors": credit.editors_by, "agency": credit.agency_by, "dateline": credit.dateline_by, "tags": tags_by,
        "image_url": image_by, "canonical_url": canonical_by,
    }  # fmt: skip
    draft = Draft(
        title=charset.clean(title.value),
        text=whole,
        reading=charset.clean(as_read) or whole,
        summary=charset.clean(summary.value)[:MAX_SUMMARY],
        language=tongue,
        section=section.value,
        published_at=times.published,
        published_raw=times.published_raw,
        modified_at=times.modified,
        authors=credit.authors,
        editors=credit.editors,
        agency=credit.agency,
        dateline=credit.dateline,
        tags=tags,
        image_url=image,
        canonical_url=canonical,
        amp_url=document.link("amphtml"),
        paywalled=paywall.is_walled(document, facts, lines, kept[-1] if kept else first, len(whole)),
        provenance={field: method for field, method in provenance.items() if method},
    )
    return Examined(draft, observed, pager)


def _body(document: Document, rules: Rules, said: witness.Witness) -> tuple[list[Line], body.Body]:
    """Prune the tree and choose the lines of the article in it; a source's own rule for the body comes first."""
    for selector in rules.remove:
        for node in select(document.tree, selector):
            if node.getparent() is not None:
                node.drop_tree()
    holders = select(document.tree, rules.body) if rules.body else []
    pruning.prune(document.tree)
    lines = lines_of(document.tree)
    if holders:
        inside = {node for holder in holders for node in holder.iter()}
        places = tuple(at for at, line in enumerate(lines) if line.node in inside and kind_of(line.text) == "text")
        if places:
            return lines, body.Body(places, "rule")
    return lines, body.choose(document.tree, lines, said)


def _ruled(document: Document, selector: str) -> str:
    nodes = select(document.tree, selector) if selector else []
    return ", ".join(
        filter(None, (one_line(node.get("content") or node.get("datetime") or text_of(node)) for node in nodes[:8]))
    )


def _page_language(document: Document, facts: structured.Facts) -> str:
    said: Sequence[str] = (document.language, *(one.value for one in facts.languages))
    return next((one for one in said if language.primary(one)), "")


def _locale(document: Document, facts: structured.Facts) -> str:
    """Return the page's language with its region, if the page names one: 3/4/2024 hangs on it."""
    said = [tag for tag in (document.language, *(one.value for one in facts.languages)) if language.primary(tag)]
    same = [tag for tag in said if language.primary(tag) == language.primary(said[0])]
    return next((tag for tag in same if "-" in tag or "_" in tag), said[0] if said else "")


def _tags(facts: structured.Facts, hint: Entry | None) -> tuple[tuple[str, ...], str]:
    for method in dict.fromkeys(said.method for said in facts.tags):
        names = (
            part.strip()
            for said in facts.tags
            if said.method == method
            for part in said.value.replace(";", ",").split(",")
        )
        if tags := tuple(dict.fromkeys(name for name in names if 0 < len(name) <= 80)):
            return tags[:MAX_TAGS], method
    return (hint.tags[:MAX_TAGS], "feed") if hint and hint.tags else ((), "")

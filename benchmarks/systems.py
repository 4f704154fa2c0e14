"""The extractors that are compared, each called as its own documentation advises; run as a program, one pass over pages.

`python -m benchmarks.systems NAME PAGES RESULT`: a process for each pass, so that no extractor finds the caches of another
pass, or pays for what another one left in memory. Needs nothing of Kiosque but for Kiosque, so that a peer can be run by
an interpreter of its own.
"""

from __future__ import annotations

import json
import logging
import pickle
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from benchmarks.measures import Output

MOST_SAID = 160  # characters of an error
# Loads models and fills one-time tables before the clock starts.
WARM_UP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ferry line opens again - The Example</title>
<meta property="article:published_time" content="2024-03-12T14:05:00+01:00"><meta name="author" content="Ada Example">
</head><body><nav><a href="/">Home</a></nav><article><h1>Ferry line opens again</h1><p class="byline">By Ada Example</p>
<time datetime="2024-03-12T14:05:00+01:00">12 March 2024, 14:05</time>
<p>The ferry between the two towns runs again after a break of three years, the harbour office said on Tuesday.</p>
<p>The first boat left at seven in the morning with eighty people on board, among them the mayors of both towns.</p>
<p>The line had been closed since a storm took the landing stage away; building a new one cost two million.</p>
</article><aside><p>Whoever wants to hear of the harbour before the first boat leaves finds a letter at the kiosk on the quay.</p></aside>
<div class="more"><p>Older reports of the ferries are kept in the reading room of the town hall, which is open every day but Monday.</p></div>
<footer>All rights reserved</footer></body></html>"""


@dataclass(frozen=True, slots=True)
class Input:
    """A page as it was served, without its content encoding; the same for every extractor."""

    url: str
    body: bytes
    content_type: str
    captured_at: datetime


Extract = Callable[[Input], Output]
WARM_PAGE = Input(
    "https://www.example.com/2024/03/12/ferry", WARM_UP.encode(), "text/html", datetime(2024, 3, 13, tzinfo=UTC)
)


@dataclass(frozen=True, slots=True)
class System:
    """An extractor: the distribution that holds it, and what imports it and returns its function."""

    distribution: str  # "" for Kiosque, which is measured from the checkout
    load: Callable[[], Extract]
    dated_and_signed: bool = True  # False: it does not look for dates and authors at all


def _kiosque() -> Extract:
    from crawler.extraction.article import NotAnArticle, Page, extract

    def run(page: Input) -> Output:
        found = extract(Page(page.url, page.body, page.captured_at, page.content_type))
        if isinstance(found, NotAnArticle):
            return Output()
        return Output(found.title, found.text, found.published_at, found.authors)

    return run


def _trafilatura(**options: bool) -> Extract:
    bare_extraction = import_module("trafilatura").bare_extraction

    def run(page: Input) -> Output:
        found = bare_extraction(page.body, url=page.url, with_metadata=True, **options)
        if found is None:
            return Output()
        return Output(found.title or "", found.text or "", found.date or "", _parts(found.author))

    return run


def _newspaper() -> Extract:
    newspaper: Any = import_module("newspaper")
    unicode_of = _as_unicode()

    def run(page: Input) -> Output:
        article = newspaper.Article(page.url, fetch_images=False)
        article.download(input_html=unicode_of(page), ignore_read_more=True)
        article.parse()
        return Output(article.title or "", article.text or "", _iso(article.publish_date), tuple(article.authors))

    return run


def _readability() -> Extract:
    document: Any = import_module("readability").Document
    html: Any = import_module("lxml.html")

    def run(page: Input) -> Output:
        read = document(page.body, url=page.url)
        tree = html.fromstring(read.summary())
        for block in tree.iter("p", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "div", "pre"):
            block.tail = "\n" + (block.tail or "")
        return Output(read.short_title(), tree.text_content().strip())

    return run


def _news_please() -> Extract:
    news_please: Any = import_module("newsplease").NewsPlease
    unicode_of = _as_unicode()

    def run(page: Input) -> Output:
        found = news_please.from_html(unicode_of(page), url=page.url, fetch_images=False)
        published = _iso(found.date_publish)
        return Output(found.title or "", found.maintext or "", published, tuple(found.authors or ()))

    return run


def _as_unicode() -> Callable[[Input], str]:
    """How newspaper4k decodes what it fetches; news-please takes text and does not say how to come by it."""
    html_to_unicode: Any = import_module("w3lib.encoding").html_to_unicode
    return lambda page: str(html_to_unicode(page.content_type or None, page.body, default_encoding="utf-8")[1])


def _parts(authors: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (authors or "").split(";") if part.strip())


def _iso(moment: Any) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else str(moment or "")


SYSTEMS = {
    "kiosque": System("", _kiosque),
    "trafilatura": System("trafilatura", _trafilatura),
    "trafilatura-precision": System("trafilatura", partial(_trafilatura, favor_precision=True)),
    "trafilatura-fast": System("trafilatura", partial(_trafilatura, fast=True)),
    "newspaper4k": System("newspaper4k", _newspaper),
    "readability-lxml": System("readability-lxml", _readability, dated_and_signed=False),
    "news-please": System("news-please", _news_please),
}


def one_pass(extract: Extract, pages: list[Input]) -> list[dict[str, Any]]:
    """Extract every page once; CPU seconds of the process, in all its threads, go with each."""
    rows = []
    for page in pages:
        error, found = "", Output()
        start = time.process_time()
        try:
            found = extract(page)
        except Exception as trouble:  # noqa: BLE001  whatever a peer raises costs it this page
            error = _one_line(f"{type(trouble).__name__}: {trouble}")
        spent = time.process_time() - start
        rows.append({"url": page.url, "cpu": spent, "error": error, "output": asdict(found)})
    return rows


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MOST_SAID]


def main(name: str, pages: Path, result: Path) -> None:
    """Run one pass and write `{"missing": why}` or `{"version", "python", "rows"}` to `result`."""
    logging.disable(logging.CRITICAL)  # what peers say about single pages is counted, not printed
    system = SYSTEMS[name]
    try:
        extract = system.load()
    except ImportError as error:
        result.write_text(json.dumps({"missing": f"not installed: {_one_line(str(error))}"}))
        return
    one_pass(extract, [WARM_PAGE])
    rows = one_pass(extract, pickle.loads(pages.read_bytes()))
    version = metadata.version(system.distribution) if system.distribution else ""
    result.write_text(json.dumps({"version": version, "python": platform.python_version(), "rows": rows}))


if __name__ == "__main__":
    # by its full name, so that pickle finds the same classes
    import_module("benchmarks.systems").main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

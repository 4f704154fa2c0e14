"""An archive that has something of everything, for the tests of what is given out of it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from archive import Archive
from archive.filing import Filed
from archive.members import packed
from archive.raw import Exchange, Placed, Wishes
from archive.records import utc_text
from archive.rows import Offer, Outcome, Settlement
from benchmarks.prose import article
from tests.unit.archive.helpers import NOW, OTHER, TEXT, add_source, at, exchange, filing

FERRY = "https://island_post.example/2026/ferry-4711.html"
BEIJING = "https://island_post.example/zh/8812"
LISTED_FIRST = "https://island_post.example/listed/5512"
ODD = 'Odd, "quoted" = text \u2028 with \u202emarks 😀 e\u0301\n<script>alert(1)</script>\t-'


def visit(archive: Archive, source: int, url: str, title: str, text: str, hours: float = 0, **more: Any) -> Filed:
    """Fetch a page, keep its record, and file what it says. `hosted`: another URL that answered."""
    hosted, part = more.pop("hosted", url), more.pop("part", 1)
    body = more.pop("body", f"<html><h1>{title}</h1>{text}</html>".encode())
    fetched: dict[str, Any] = {name: more.pop(name) for name in list(more) if name in Exchange.__dataclass_fields__}
    one = exchange(hosted, body, fetched_at=at(hours), **fetched)
    archive.ledger.offer(source, None, [Offer(url, {"title": title})], at(hours))
    page = archive.ledger.page(url)
    assert page is not None
    placed = more.pop("placed", None) or archive.raw.append(one, archive.captures.earlier(hosted, one.digest))
    capture = archive.captures.add(one, placed, page_id=page.id, part=part)
    filed = archive.store.file(filing(source, hosted, title, text, requested=(url, hosted), hours=hours, **more))
    archive.store.set_capture(filed.article_id, filed.version, utc_text(at(hours)), capture)
    archive.ledger.settle(page, Settlement(filed.outcome, http_status=one.status, article_id=filed.article_id), at(hours))
    return filed


def look_again(archive: Archive, url: str, hours: float) -> None:
    """A look at a page that answers 304."""
    page, earlier = archive.ledger.page(url), archive.captures.earlier(url)
    assert page is not None and earlier is not None
    one = exchange(url, b"", fetched_at=at(hours), status=304, reason="Not Modified")
    archive.captures.add(one, archive.raw.append(one, earlier), page_id=page.id)
    archive.ledger.settle(page, Settlement(Outcome.UNCHANGED, http_status=304, article_id=page.article_id), at(hours))


def imported(archive: Archive, one: Exchange) -> Placed:
    """Keep the record of another maker, which says that its body is in chunks."""
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(one.body), one.body)
    content = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {one.url}\r\nWARC-Date: {utc_text(one.fetched_at)}\r\n"
        f"WARC-Record-ID: <urn:uuid:7f0f1d0e-0000-4000-8000-000000000001>\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    member = packed(head.encode() + content + b"\r\n\r\n")
    return archive.raw.keep(one.url, one.fetched_at, one.digest, member)


def fill(folder: Path, more: int = 0) -> None:
    """Versions, returns, revisits, stories, scripts, further pages, records of others, what was not to be kept, and `more`
    plain articles."""
    with Archive(folder, write=True) as archive, archive.transaction():
        island = add_source(archive, "island_post")
        _one_that_changed(archive, island)
        _of_every_kind(archive, island)
        _a_story(archive)
        for number in range(more):
            text = "\n".join(article("en", random.Random(number), 60).paragraphs)
            url = f"https://island_post.example/n/{10_000 + number}"
            visit(archive, island, url, f"Report {number}", text, 500)
        archive.raw.flush()


def _one_that_changed(archive: Archive, source: int) -> None:
    changed = TEXT.replace("twice a day", "three times a day") + "\nCorrection: an earlier text named another number."
    told: dict[str, Any] = {"guid": "ferry-4711", "language": "en", "published_at": "2026-03-05T11:30:00Z", "section": "World",
            "published_raw": "5 March 2026, 12:30 CET", "authors": ("Ann Lee", "B. Öz"), "tags": ("sea", "ferries"),
            "agency": "AP", "summary": "More ferries.", "provenance": {"title": "jsonld", "summary": "meta"},
            "canonical_url": FERRY, "extractor": "1"}  # fmt: skip
    visit(archive, source, FERRY, "Ferries twice a day", TEXT, **told)
    visit(archive, source, FERRY, "Ferries three times a day", changed, 24, **told | {"extractor": "2"})
    visit(archive, source, FERRY, "Ferries three times a day", changed, 48, **told)  # a revisit
    look_again(archive, FERRY, 72)
    visit(archive, source, FERRY, "Ferries twice a day", TEXT, 96, **told)


def _of_every_kind(archive: Archive, source: int) -> None:
    chinese = "北京市政府星期一宣布，渡轮每天开两班。" * 12
    arabic = "أعلنت الحُكُومَة يوم الاثنين أن العبارة ستبحر مرتين في اليوم. " * 8
    visit(archive, source, BEIJING, "北京渡轮每天两班", chinese, 1, language="zh", published_at="2026-03-05")
    visit(archive, source, "https://island_post.example/ar/9913", "العبارة مرتين في اليوم", arabic, 2, language="ar",
          hosted="https://island_post.example/ar/9913/final")  # fmt: skip
    visit(archive, source, "https://island_post.example/short/9913", "العبارة مرتين في اليوم", arabic, 3, language="ar",
          hosted="https://island_post.example/ar/9913/final")  # fmt: skip  another page, the same record to refer to
    visit(archive, source, "https://island_post.example/odd", ODD.split("\n")[0], ODD + "\n" + OTHER, 4, language="en")
    withheld = Wishes(robots="noarchive", reserved={"tdm": 1}, withheld=True)
    visit(archive, source, "https://island_post.example/kept-not", "No copy of this", OTHER[::-1], 5, wishes=withheld)
    url, body = "https://island_post.example/of-others", b"<html>in chunks</html>"
    one = exchange(url, body, fetched_at=at(6))
    visit(archive, source, url, "The record of another maker", OTHER.upper(), 6, body=body, placed=imported(archive, one),
          request_headers=())  # fmt: skip
    gone = visit(archive, source, "https://island_post.example/gone", "Soon withdrawn", TEXT[::-1], 7)
    archive.store.withdraw(gone.article_id, utc_text(at(8)))
    first = exchange(LISTED_FIRST, b"<html>seen with a listing</html>", fetched_at=at(8))
    archive.captures.add(first, archive.raw.append(first))  # no page has it, and that of the next one refers to it
    visit(archive, source, LISTED_FIRST, "Seen with a listing", "".join(sorted(OTHER)) * 2, 9, body=first.body)
    feed = exchange("https://island_post.example/feed", b"<rss/>")
    archive.captures.add(feed, archive.raw.append(feed))


def _a_story(archive: Archive) -> None:
    text = article("en", random.Random(5), 300).paragraphs
    outlets = [("herald", text, -3), ("courier", text[:-2], -2), ("post", (*text, OTHER), -1)]
    for slug, paragraphs, hours in outlets:
        visit(archive, add_source(archive, slug), f"https://{slug}.example/a", f"Report of the {slug}", "\n".join(paragraphs),
              hours, language="en", published_at=utc_text(at(hours)), agency="Reuters")  # fmt: skip


__all__ = ["BEIJING", "FERRY", "NOW", "ODD", "fill", "look_again", "visit"]

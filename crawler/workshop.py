"""What a worker process does with one record: open it, extract, and make everything that follows from that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.exchanges import Exchange
from archive.filing import Sheet, sheet_of
from archive.members import packed
from archive.warc import read_exchange
from crawler.extraction.article import Examined, NotAnArticle, Page, examine
from crawler.extraction.joining import joined
from crawler.extraction.memory import Observed
from crawler.handover import with_canonical_urls
from crawler.warcfiles import TooLarge, decoded, opened


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a record, ready to be filed."""

    result: Sheet | NotAnArticle | Exception  # an exception: why it could not be extracted
    observed: Observed = ()
    digest: str = ""  # of the payload
    member: bytes = field(default=b"", repr=False)  # the record as a gzip member, when it was none


def work(page: Page, data: bytes, is_packed: bool) -> Worked:
    """Extract from a record of a WARC file; `page` is what is known beforehand, without a body.

    Raises RecordDamaged when the record cannot be opened, ExtractionError for what cannot be parsed at all.
    """
    exchange = opened(data, packed=is_packed)
    member = b"" if is_packed else packed(data)
    try:
        examined = _examined(page, exchange)
    except TooLarge as error:
        return Worked(error, (), exchange.digest, member)
    if isinstance(examined.result, NotAnArticle):
        return Worked(examined.result, (), exchange.digest, member)
    sheet = sheet_of(with_canonical_urls(examined.result))
    return Worked(sheet, examined.observed, exchange.digest, member)


def unworked(error: Exception, data: bytes, is_packed: bool) -> Worked:
    """What there is to file of a record whose extraction failed. Raises RecordDamaged."""
    return Worked(error, (), opened(data, packed=is_packed).digest, b"" if is_packed else packed(data))


def work_again(page: Page, places: Sequence[tuple[Path, int]]) -> Sheet | NotAnArticle:
    """Extract from records of the raw store: the pages of one article, in their order.

    Raises ArchiveError, TooLarge or ExtractionError.
    """
    drafts = []
    for file, offset in places:
        result = _examined(page, read_exchange(file, offset)).result
        if isinstance(result, NotAnArticle):
            return result
        drafts.append(result)
    return sheet_of(with_canonical_urls(joined(drafts)))


def _examined(page: Page, exchange: Exchange) -> Examined:
    return examine(
        replace(
            page,
            url=exchange.url,
            body=decoded(exchange),
            captured_at=exchange.fetched_at,
            content_type=exchange.header("content-type"),
        )
    )

"""What feeds, sitemaps and sections offer, as the ledger keeps it: each entry a page with a hint, or an outcome at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from archive.records import parse_utc, utc_text
from archive.rows import Offer, Outcome
from crawler import traps
from crawler.discovery.entry import Entry
from crawler.fetch.netguard import NetGuard
from crawler.urls import MAX_LENGTH, join, offer_key

SUMMARY_KEPT = 1000  # characters of a feed's summary that stay with the page as a hint


def offers_of(
    entries: Iterable[Entry], now: datetime, max_age_days: int, owns: Callable[[str], bool], guard: NetGuard
) -> list[Offer]:
    """The offers of a listing, one for each URL. What may not be asked for, or is a trap, has its outcome already."""
    offers: dict[str, Offer] = {}
    for entry in entries:
        refusal = guard.refusal(entry.url, owns(entry.url))
        if join(entry.url, entry.url) is None and (refusal is None or refusal[0] == Outcome.OFFSITE):
            refusal = Outcome.BLOCKED_NETWORK, "not a URL that can be fetched"
        if (refusal is None or len(entry.url) > MAX_LENGTH) and (trap := traps.refusal(entry.url)):
            refusal = Outcome.TRAP, trap
        offer = to_offer(entry, now, max_age_days, refusal)
        offers.setdefault(offer.url, offer)
    return list(offers.values())


def to_offer(entry: Entry, now: datetime, max_age_days: int, refusal: tuple[Outcome, str] | None = None) -> Offer:
    """What the ledger keeps of an entry; entries that are too old or lead elsewhere get their outcome at once.

    `refusal`: what the net guard has against its URL.
    """
    url = offer_key(entry.url)
    hint: dict[str, Any] = {
        "offered": entry.url if entry.url != url else "",
        "title": entry.title,
        "published": entry.published and utc_text(entry.published),
        "updated": entry.updated and utc_text(entry.updated),
        "authors": list(entry.authors),
        "guid": entry.guid,
        "summary": entry.summary[:SUMMARY_KEPT],
        "language": entry.language,
        "tags": list(entry.tags),
    }
    hint = {key: value for key, value in hint.items() if value}
    newest = max((moment for moment in (entry.published, entry.updated) if moment), default=None)
    stamp = utc_text(min(newest, now)) if newest else ""
    if refusal is not None:
        return Offer(url, hint, stamp, refusal[0], refusal[1] or "not on a site of the source")
    if max_age_days and newest and now - newest > timedelta(days=max_age_days):
        return Offer(url, hint, stamp, Outcome.SKIPPED_OLD, f"from {stamp}, older than {max_age_days} days")
    return Offer(url, hint, stamp)


def entry_of_hint(url: str, hint: dict[str, Any]) -> Entry:
    """The entry that a hint was made of."""

    def moment(key: str) -> datetime | None:
        return parse_utc(hint[key]) if hint.get(key) else None

    return Entry(
        url=hint.get("offered") or url,
        title=hint.get("title", ""),
        published=moment("published"),
        updated=moment("updated"),
        authors=tuple(hint.get("authors", ())),
        guid=hint.get("guid", ""),
        summary=hint.get("summary", ""),
        language=hint.get("language", ""),
        tags=tuple(hint.get("tags", ())),
    )

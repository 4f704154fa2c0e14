"""The pages of the ledger: every URL that was ever offered, once, and what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlite_utils

from archive.records import parse_utc, utc_text
from archive.rows import Offer, Offered, Outcome, PageRow, Settlement, page_row
from archive.text import clean, json_text

DETAIL_KEPT = 500  # characters of a reason: it may quote a URL, never a page
REST_AFTER_LIE = timedelta(days=1)
UNDATED_IS = timedelta(
    days=1
)  # old, when it is about who comes first: a list without times must not keep today's waiting
ASKED = "changed_since"  # in a hint: the fetch after which the listing said that the article changed


class Pages:
    """Reads and writes the `pages` table, the queue and the record. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def offer(self, source_id: int, feed_id: int | None, offers: Iterable[Offer], now: datetime) -> Offered:
        """Write down URLs that a listing offered: the first time as pending (or with the outcome that they are
        refused with).

        A known URL is looked at again only when the listing says that the stored article has changed since. One that
        was refused unseen becomes pending once the ground is gone: another source offers as its own what was offsite
        for the first, or what was too old is not too old any more, by a time that the listing itself gives.
        """
        stamp, undated = utc_text(now), utc_text(now - UNDATED_IS)
        new = known = changed = 0
        refused: Counter[str] = Counter()
        for offer in offers:
            row = self._db.execute(
                "SELECT id, outcome, article_id, fetched_at, hint, discovered_via FROM pages WHERE url = ?", [offer.url]
            ).fetchone()
            if row is None:
                new += 1
                if offer.refused:
                    refused[offer.refused.value] += 1
                self._db.execute(
                    """INSERT INTO pages (url, source_id, feed_id, discovered_at, state, outcome, next_attempt_at,
                                          priority, hint, detail, discovered_via)
                       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [
                        offer.url,
                        source_id,
                        feed_id,
                        stamp,
                        "done" if offer.refused else "pending",
                        offer.refused and offer.refused.value,
                        None if offer.refused else stamp,
                        offer.newest or undated,
                        json_text(offer.hint),
                        clean(offer.detail)[:DETAIL_KEPT],
                        offer.via,
                    ],
                )
                continue
            known += 1
            if row["outcome"] is None and not offer.via and row["discovered_via"]:
                # found by going back, but a listing offers it now, before it was fetched: it is news
                self._db.execute("UPDATE pages SET discovered_via = '' WHERE id = ?", [row["id"]])
            if offer.refused is not None or row["outcome"] is None:
                continue
            before = json.loads(row["hint"])
            if row["fetched_at"] is None and _no_longer_refused(row["outcome"], offer):
                changed += 1
                self._db.execute(
                    """UPDATE pages SET state = 'pending', outcome = NULL, detail = '', source_id = ?, feed_id = ?,
                           next_attempt_at = ?, priority = ?, hint = ?, discovered_via = ? WHERE id = ?""",
                    [source_id, feed_id, stamp, offer.newest or undated, json_text(offer.hint), offer.via, row["id"]],
                )
            elif row["article_id"] and _says_changed(before, offer.hint, row["fetched_at"], row["outcome"]):
                changed += 1
                self._db.execute(
                    "UPDATE pages SET next_attempt_at = ?, attempts = 0, hint = ? WHERE id = ?",
                    [stamp, json_text({**before, **offer.hint, ASKED: row["fetched_at"]}), row["id"]],
                )
        return Offered(new, known, changed, refused)

    def claim(
        self, source_id: int, now: datetime, limit: int, without: Collection[int] = (), before: datetime | None = None
    ) -> list[PageRow]:
        """Pages of a source whose time has come, newest first, except those already in hand and, with `before`, those
        fetched since then: no page is fetched twice in one run, however soon it is due again."""
        rows = self._db.execute(
            """SELECT * FROM pages WHERE source_id = ? AND next_attempt_at IS NOT NULL AND next_attempt_at <= ?
               AND id NOT IN (SELECT value FROM json_each(?)) AND (? IS NULL OR fetched_at IS NULL OR fetched_at < ?)
               ORDER BY state DESC, priority DESC, id LIMIT ?""",
            [
                source_id,
                utc_text(now),
                json.dumps(sorted(without)),
                before and utc_text(before),
                before and utc_text(before),
                limit,
            ],
        )
        return [page_row(row) for row in rows]

    def is_as_claimed(self, page: PageRow) -> bool:
        """Has nothing come of a page since it was claimed?"""
        row = self._db.execute("SELECT outcome, attempts, visits FROM pages WHERE id = ?", [page.id]).fetchone()
        return row is not None and tuple(row) == (page.outcome, page.attempts, page.visits)

    def waiting(self, source_id: int, now: datetime) -> list[tuple[int, str]]:
        """(id, url) of the pages of a source that are due and were never an article."""
        rows = self._db.execute(
            """SELECT id, url FROM pages WHERE source_id = ? AND state = 'pending' AND next_attempt_at <= ?
               AND article_id IS NULL""",
            [source_id, utc_text(now)],
        )
        return [(row["id"], row["url"]) for row in rows]

    def refuse(self, ids: Iterable[int], outcome: Outcome, detail: str) -> None:
        """Give pages that wait an outcome without a look."""
        self._db.execute(
            """UPDATE pages SET state = 'done', outcome = ?, detail = ?, attempts = 0, next_attempt_at = NULL
               WHERE id IN (SELECT value FROM json_each(?))""",
            [outcome.value, clean(detail)[:DETAIL_KEPT], json.dumps(list(ids))],
        )

    def put_off(self, ids: Iterable[int], until: datetime, detail: str) -> None:
        """Let pages wait longer."""
        self._db.execute(
            """UPDATE pages SET next_attempt_at = ?, detail = ? WHERE id IN (SELECT value FROM json_each(?))""",
            [utc_text(until), clean(detail)[:DETAIL_KEPT], json.dumps(list(ids))],
        )

    def page(self, url: str) -> PageRow | None:
        """The page of a canonical URL, if it was ever offered."""
        row = self._db.execute("SELECT * FROM pages WHERE url = ?", [url]).fetchone()
        return page_row(row) if row else None

    def ensure_page(self, url: str, source_id: int, now: datetime, via: str = "") -> PageRow:
        """The page of a URL that did not come from a listing, such as a record of an imported WARC file. `via`: how it
        was found, if it is new."""
        self._db.execute(
            """INSERT INTO pages (url, source_id, discovered_at, next_attempt_at, priority, discovered_via)
               VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO NOTHING""",
            [url, source_id, utc_text(now), utc_text(now), utc_text(now), via],
        )
        row = self._db.execute("SELECT * FROM pages WHERE url = ?", [url]).fetchone()
        return page_row(row)

    def ask_whole(self, url: str, source_id: int, now: datetime) -> bool:
        """Have the first page of an article looked at, whose further page was offered by itself; of a known article
        now and unconditionally, since that page is not part of it. Tells whether the URL is new."""
        new = self.page(url) is None
        self.ensure_page(url, source_id, now)
        self._db.execute(
            """UPDATE pages SET next_attempt_at = ?, attempts = 0, etag = NULL, last_modified = NULL
               WHERE url = ? AND article_id IS NOT NULL""",
            [utc_text(now), url],
        )
        return new

    def settle_parts(self, urls: Iterable[str], article_id: int, detail: str) -> int:
        """Settle the pages that turned out to be further pages of an article; gives their number. A page that became
        an article of its own stays one."""
        settled = 0
        for url in urls:
            settled += self._db.execute(
                """UPDATE pages SET state = 'done', outcome = ?, article_id = ?, detail = ?, attempts = 0,
                       next_attempt_at = NULL
                   WHERE url = ? AND article_id IS NULL""",
                [Outcome.DUPLICATE.value, article_id, clean(detail)[:DETAIL_KEPT], url],
            ).rowcount
        return settled

    def settle(self, page: PageRow, settlement: Settlement, now: datetime) -> None:
        """Write down how a visit ended.

        A visit older than the last one (an imported capture) adds to what is known and takes nothing back: outcome and
        validators stay, and so does a look that is planned for later.
        """
        end = settlement
        settled = self._db.execute(
            """UPDATE pages SET
                   state = CASE WHEN :outcome IS NULL THEN state ELSE 'done' END,
                   outcome = coalesce(:outcome, outcome), detail = :detail,
                   http_status = coalesce(:http_status, http_status),
                   fetched_at = CASE WHEN :fetched THEN max(coalesce(fetched_at, ''), :now) ELSE fetched_at END,
                   attempts = CASE WHEN :outcome IS NULL THEN attempts + :fetched ELSE 0 END,
                   visits = visits + (:outcome IS NOT NULL AND :fetched),
                   next_attempt_at = coalesce(:next, CASE WHEN :outcome IS NOT NULL AND next_attempt_at > :now
                                                          THEN next_attempt_at END),
                   article_id = coalesce(:article_id, article_id),
                   etag = CASE WHEN :outcome IS NULL THEN etag
                               WHEN :http_status = 200 THEN :etag ELSE coalesce(:etag, etag) END,
                   last_modified = CASE WHEN :outcome IS NULL THEN last_modified
                                        WHEN :http_status = 200 THEN :last_modified
                                        ELSE coalesce(:last_modified, last_modified) END
               WHERE id = :id AND NOT (state = 'done' AND coalesce(fetched_at > :now, 0))""",
            {
                "id": page.id,
                "outcome": end.outcome and end.outcome.value,
                "detail": clean(end.detail)[:DETAIL_KEPT],
                "http_status": end.http_status,
                "fetched": int(end.fetched),
                "now": utc_text(now),
                "next": end.next_attempt_at and utc_text(end.next_attempt_at),
                "article_id": end.article_id,
                "etag": end.etag,
                "last_modified": end.last_modified,
            },
        )
        if settled.rowcount:
            return
        self._db.execute(
            """UPDATE pages SET article_id = coalesce(article_id, :article_id), visits = visits + :fetched,
                   next_attempt_at = coalesce(:next, CASE WHEN next_attempt_at > :now THEN next_attempt_at END)
               WHERE id = :id""",
            {
                "id": page.id,
                "article_id": end.article_id,
                "fetched": int(end.fetched),
                "now": utc_text(now),
                "next": end.next_attempt_at and utc_text(end.next_attempt_at),
            },
        )


def _no_longer_refused(outcome: str, offer: Offer) -> bool:
    """Is a page that was refused without a look wanted now? A section page, which gives no times, does not make an
    article young that a feed called old, nor does it make one of what is like too much that was none."""
    return outcome == Outcome.OFFSITE or (outcome in (Outcome.SKIPPED_OLD, Outcome.TRAP) and bool(offer.newest))


def _says_changed(
    before: Mapping[str, Any], hint: Mapping[str, Any], fetched_at: str | None, outcome: str | None
) -> bool:
    """Does a listing say that an article changed after it was fetched?

    A stamp that moves with every look does not count before the article itself was looked at again; once that look
    found nothing changed, the stamps of this article are believed once a day only.
    """
    updated = hint.get("updated") or ""
    if not updated or not fetched_at or updated == before.get("updated") or before.get(ASKED) == fetched_at:
        return False
    lied = ASKED in before and outcome == Outcome.UNCHANGED
    return parse_utc(updated) - parse_utc(fetched_at) > (REST_AFTER_LIE if lied else timedelta(0))

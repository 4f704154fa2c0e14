"""Who an article is: every URL under which it is known, and the decision whether a page is one that the archive has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlite_utils

from archive.addresses import is_above, is_front_page, is_renamed, number_of, variant_key
from archive.filing import Filing, Sheet
from archive.jobs import Jobs
from archive.likeness import MIN_IDENTICAL, normalise, same, shared
from archive.records import Draft

RETOLD_SHARE = 0.9  # of the shingles of the shorter text: a new headline over the text as it was, or nearly
MOST_HOLDERS = 10  # articles with one key that are compared
BACKFILL = "addresses"  # the job that an upgraded archive is left with; see migration 0012
BATCH = 1_000  # articles in one transaction of it
Related = dict[str, list[int]]  # kind of key (variant, number) -> articles
CONTESTED = "ignored: different articles call {} their own"


class Identity:
    """Reads and writes the addresses of articles. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def without_false_claims(self, filing: Filing) -> Filing:
        """Drop a canonical URL that is no article's or another's; the reason stays in the provenance.

        Sites declare their front page, a section, or one article for all, by mistake. Another source's article is never
        an address of this one, even when it is its original: copies between sources are stories, not duplicates.
        """
        claimed = filing.draft.canonical_url
        if not claimed or claimed == filing.final or not (reason := self._objection(claimed, filing)):
            return filing
        honest = _sheet(filing).without_claims(reason)
        return replace(filing, draft=honest.draft, sheet=honest)

    def _objection(self, claimed: str, filing: Filing) -> str:
        """Why a canonical URL is not believed; "" when it is."""
        if is_front_page(claimed):
            return f"ignored: {claimed} is a front page"
        if is_above(claimed, filing.final):
            return f"ignored: {claimed} is a section"
        row = self._db.execute("SELECT article_id, kind FROM article_urls WHERE url = ?", [claimed]).fetchone()
        if row is None:
            row = self._db.execute("SELECT reason FROM contested_urls WHERE url = ?", [claimed]).fetchone()
            return row["reason"] if row else ""
        holder = int(row["article_id"])
        if holder == filing.article_id:
            return ""
        if self._source(holder) != filing.source_id:
            return _belongs_to(claimed, holder)
        if self._same(holder, filing.draft):
            return ""
        return self._contested(claimed, holder) if row["kind"] == "canonical" else _belongs_to(claimed, holder)

    def _contested(self, claimed: str, holder: int) -> str:
        """Take an address that nobody has seen from an article, since another one calls it its own too."""
        reason = CONTESTED.format(claimed)
        self._db.execute("INSERT OR IGNORE INTO contested_urls (url, reason) VALUES (?, ?)", [claimed, reason])
        self._db.execute("DELETE FROM article_urls WHERE url = ?", [claimed])
        self._db.execute(_DISOWN, [reason, holder, claimed])
        return reason

    def by_address(self, filing: Filing) -> int | None:
        """The article that this very URL gave before, or whose page leads to it now."""
        row = self._db.execute("SELECT article_id, kind FROM article_urls WHERE url = ?", [filing.final]).fetchone()
        if row is not None and row["kind"] == "final":
            return int(row["article_id"])
        own = filing.article_id
        if own is not None and (row is None or row["article_id"] == own) and self._moved(own, filing, row is None):
            return own
        return None

    def related(self, filing: Filing) -> Related:
        """The articles of the source that have a key in common with a page; none for a key that is that of many."""
        keys = keys_of(filing.final)
        rows = self._db.execute(
            "SELECT key, article_id FROM article_keys WHERE source_id = ? AND key IN (?, ?) LIMIT ?",
            [filing.source_id, keys[0], keys[-1], 2 * MOST_HOLDERS],
        ).fetchall()
        holders: Related = {}
        for row in rows:
            holders.setdefault(row["key"].partition(":")[0], []).append(int(row["article_id"]))
        return {kind: found for kind, found in holders.items() if len(found) <= MOST_HOLDERS}

    def by_number(self, filing: Filing, related: Related) -> int | None:
        """The article whose URL has the same number under another slug, and the same text or most of it: its headline
        changed, and its address with it."""
        for holder in related.get("number", ()):
            row = self._db.execute("SELECT url FROM articles WHERE id = ?", [holder]).fetchone()
            if is_renamed(row["url"], filing.final) and self._same(holder, filing.draft):
                return holder
        return None

    def by_claim(self, filing: Filing, related: Related) -> tuple[int, str] | None:
        """The article of which a page is a copy at another address, and how that is known."""
        draft = filing.draft
        claims = [(filing.final, f"also known as {filing.final}")]
        claims += [(url, f"names {url} as its address") for url in (draft.canonical_url, draft.amp_url) if url]
        claims += [(url, f"was offered as {url}") for url in filing.requested]
        for address, why in claims:
            holder = self._known(address)
            if holder is not None and self._source(holder) == filing.source_id and self._same(holder, draft):
                return holder, why
        for holder in related.get("variant", ()):
            if self._same(holder, draft):
                return holder, f"a variant of article {holder}"
        if filing.guid and (holder := self._known(_guid_key(filing))) is not None and self._retold(holder, draft):
            return holder, f"same guid {filing.guid}"
        if len(draft.text) >= MIN_IDENTICAL:
            row = self._db.execute(
                "SELECT id FROM articles WHERE source_id = ? AND text_hash = ? ORDER BY id LIMIT 1",
                [filing.source_id, _sheet(filing).columns["text_hash"]],
            ).fetchone()
            if row is not None:
                return int(row["id"]), "same text"
        return None

    def _known(self, url: str) -> int | None:
        row = self._db.execute("SELECT article_id FROM article_urls WHERE url = ?", [url]).fetchone()
        return int(row["article_id"]) if row else None

    def _source(self, article_id: int) -> int:
        return int(self._db.execute("SELECT source_id FROM articles WHERE id = ?", [article_id]).fetchone()[0])

    def _same(self, article_id: int, draft: Draft) -> bool:
        row = self._db.execute("SELECT title, text FROM articles WHERE id = ?", [article_id]).fetchone()
        return same(row["title"], row["text"], draft)

    def _retold(self, article_id: int, draft: Draft) -> bool:
        """Is a draft an article told again, perhaps under a new headline? Asked where they have a guid in common: some
        feeds give one guid to whatever is their latest, so that more has to agree than for an address."""
        row = self._db.execute("SELECT title, text FROM articles WHERE id = ?", [article_id]).fetchone()
        if not same(row["title"], row["text"], draft):
            return False
        return normalise(row["title"]) == normalise(draft.title) or shared(row["text"], draft.text) >= RETOLD_SHARE

    def _moved(self, article_id: int, filing: Filing, new_address: bool) -> bool:
        """Does the page of an article lead to another address now? Its title is enough, since the text may have been
        rewritten. At an address that was known before, only if the article's own URL leads there: a variant that is
        looked at again (AMP) stays a variant."""
        row = self._db.execute("SELECT url, title, text FROM articles WHERE id = ?", [article_id]).fetchone()
        if not new_address and row["url"] not in filing.requested:
            return False
        return normalise(row["title"]) == normalise(filing.draft.title) or same(row["title"], row["text"], filing.draft)

    # -- writing ---------------------------------------------------------------------------------------------------

    def add_addresses(self, article_id: int, filing: Filing) -> None:
        """Write down every URL under which a page was offered, asked for, or calls itself."""
        draft = filing.draft
        rows = [(url, "requested") for url in (*filing.requested, filing.final, *filing.parts)]
        rows += [(draft.canonical_url, "canonical"), (draft.amp_url, "amp")]
        if filing.guid:
            rows.append((_guid_key(filing), "guid"))
            if filing.guid.startswith(("http://", "https://")) and not is_front_page(filing.guid):
                rows.append((filing.guid, "guid"))
        for url, kind in rows:
            if url:
                self._db.execute(
                    "INSERT INTO article_urls (url, article_id, kind) VALUES (?, ?, ?) ON CONFLICT (url) DO NOTHING",
                    [url, article_id, kind],
                )

    def take_over(self, article_id: int, filing: Filing) -> None:
        """Make a URL that of the article whose text it gave; what a page is beats what another page says of it."""
        url = filing.final
        former = self._known(url)
        taken = self._db.execute(
            """INSERT INTO article_urls (url, article_id, kind) VALUES (?, ?, 'final')
               ON CONFLICT (url) DO UPDATE SET article_id = excluded.article_id, kind = 'final' WHERE kind != 'final'""",
            [url, article_id],
        )
        if taken.rowcount:
            self._add_keys(filing.source_id, article_id, url)
        if former is not None and former != article_id:
            self._db.execute(_DISOWN, [_belongs_to(url, article_id), former, url])

    def _add_keys(self, source_id: int, article_id: int, url: str) -> None:
        keys = keys_of(url)
        self._db.execute(
            "INSERT OR IGNORE INTO article_keys (source_id, key, article_id) VALUES (?, ?, ?), (?, ?, ?)",
            [source_id, keys[0], article_id, source_id, keys[-1], article_id],
        )

    def pending(self) -> bool:
        """Is there an older archive's work to be done: articles without keys?"""
        return Jobs(self._db).pending(BACKFILL)

    def catch_up(self, transaction: Callable[[], Any]) -> int:
        """Write the keys of an archive that was made before there were any; gives the number of articles. An interrupted
        call goes on where it was."""
        return Jobs(self._db).work_off(BACKFILL, self._add_keys_of, transaction, BATCH)

    def _add_keys_of(self, article_id: int) -> None:
        rows = self._db.execute(
            """SELECT u.url, a.source_id FROM article_urls u JOIN articles a ON a.id = u.article_id
               WHERE a.id = ? AND u.kind = 'final'""",
            [article_id],
        ).fetchall()
        for row in rows:
            self._add_keys(row["source_id"], article_id, row["url"])


@lru_cache(maxsize=16)  # each step of one filing asks
def keys_of(url: str) -> tuple[str, ...]:
    """The keys by which an article at a URL is recognised under another one."""
    number = number_of(url)
    return (f"variant:{variant_key(url)}", *([f"number:{number}"] if number else []))


_DISOWN = """UPDATE articles SET canonical_url = url, provenance = json_set(provenance, '$.canonical_url', ?)
             WHERE id = ? AND canonical_url = ?"""


def _sheet(filing: Filing) -> Sheet:
    if filing.sheet is None:
        raise TypeError(f"{filing.final}: a filing without its sheet")
    return filing.sheet


def _guid_key(filing: Filing) -> str:
    return f"guid:{filing.source_id}:{filing.guid}"


def _belongs_to(url: str, article_id: int) -> str:
    return f"ignored: {url} is article {article_id}"

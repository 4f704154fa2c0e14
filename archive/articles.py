"""Articles: one row per article, every version of it, and every URL under which it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import sqlite_utils

from archive.filing import Filed, Filing, Sheet, cleaned
from archive.likeness import MIN_IDENTICAL, normalise, same, shared
from archive.records import Draft
from archive.rows import Outcome
from archive.versions import Versions

WORDING = ("title", "text", "reading", "summary", "content_hash", "text_hash", "word_count")
RETOLD_SHARE = 0.9  # of the shingles of the shorter text: a new headline over the text as it was, or nearly


class Articles:
    """Writes articles. Every call belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        self._versions = Versions(db)

    def file(self, filing: Filing) -> Filed:
        """Store a page as a new article, a new version, or another address of a known article.

        Who it is, is decided in this order: the page's own article, the article that this very URL gave before,
        and then, if source and text agree, the article that claimed this URL, the one at the address that the page
        calls canonical, at a URL on the way, with the same guid, or with the same text.

        Captures may come in any order, as imports do. The text of an article is that of its newest capture; an older
        capture with another text becomes a version with its own time and changes nothing else. Version numbers count
        in the order of filing; `captured_at` says when a version was first seen.
        """
        filing = self._without_false_claims(cleaned(filing))
        if (known := self._by_address(filing)) is not None:
            filed = self._revise(known, filing)
        elif (copy := self._by_claim(filing)) is not None:
            article_id, why = copy
            row = self._db.execute("SELECT version, content_hash FROM articles WHERE id = ?", [article_id]).fetchone()
            if row["content_hash"] == _sheet(filing).columns["content_hash"]:
                self.seen(article_id, filing.captured_at)
            self._add_addresses(article_id, filing)
            return Filed(Outcome.DUPLICATE, article_id, row["version"], why)
        else:
            filed = self._insert(filing)
        self._take_over(filed.article_id, filing.final)
        self._add_addresses(filed.article_id, filing)
        return filed

    def correct(self, article_id: int, filing: Filing) -> None:
        """Replace what was extracted by what a better extractor makes of the same page: no new version, since the page
        did not change; the version that the article shows is corrected with it."""
        filing = cleaned(filing)
        row = self._db.execute("SELECT version FROM articles WHERE id = ?", [article_id]).fetchone()
        self._rewrite(article_id, filing)
        self._versions.rewrite(article_id, int(row["version"]), filing)

    def withdraw(self, article_id: int, moment: str) -> None:
        """Note that an article is no longer where it was; its text stays."""
        self._db.execute(
            "UPDATE articles SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?", [moment, article_id]
        )

    def set_capture(self, article_id: int, version: int, captured_at: str, capture_id: int | None) -> None:
        """Name the capture that a version was made from, when it was made just now."""
        self._db.execute(
            "UPDATE article_versions SET capture_id = ? WHERE article_id = ? AND version = ? AND captured_at = ?",
            [capture_id, article_id, version, captured_at],
        )

    def seen(self, article_id: int, moment: str) -> None:
        """Note that an article was found as it was known; what was withdrawn before that moment is back."""
        self._db.execute(
            """UPDATE articles SET last_seen_at = max(last_seen_at, :moment), first_seen_at = min(first_seen_at, :moment),
                   withdrawn_at = CASE WHEN withdrawn_at > :moment THEN withdrawn_at END
               WHERE id = :id""",
            {"moment": moment, "id": article_id},
        )

    # -- who it is -------------------------------------------------------------------------------------------------

    def _without_false_claims(self, filing: Filing) -> Filing:
        """Drop a canonical URL that belongs to another article; the reason stays in the provenance.

        Sites declare their front page, or one article for all, by mistake. Another source's article is never an
        address of this one, even when it is its original: copies between sources are stories, not duplicates.
        """
        draft = filing.draft
        claimed = draft.canonical_url
        if not claimed or claimed == filing.final:
            return filing
        if is_front_page(claimed):
            reason = f"ignored: {claimed} is a front page"
        else:
            holder = self._known(claimed)
            if holder is None or holder == filing.article_id:
                return filing
            if self._source(holder) == filing.source_id and self._same(holder, draft):
                return filing
            reason = _belongs_to(claimed, holder)
        honest = _sheet(filing).without_claims(reason)
        return replace(filing, draft=honest.draft, sheet=honest)

    def _by_address(self, filing: Filing) -> int | None:
        row = self._db.execute("SELECT article_id, kind FROM article_urls WHERE url = ?", [filing.final]).fetchone()
        if row is not None and row["kind"] == "final":
            return int(row["article_id"])
        own = filing.article_id
        if own is not None and (row is None or row["article_id"] == own) and self._moved(own, filing, row is None):
            return own
        return None

    def _by_claim(self, filing: Filing) -> tuple[int, str] | None:
        draft = filing.draft
        claims = [(filing.final, f"also known as {filing.final}")]
        claims += [(url, f"names {url} as its address") for url in (draft.canonical_url, draft.amp_url) if url]
        claims += [(url, f"was offered as {url}") for url in filing.requested]
        for address, why in claims:
            holder = self._known(address)
            if holder is not None and self._source(holder) == filing.source_id and self._same(holder, draft):
                return holder, why
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

    def _insert(self, filing: Filing) -> Filed:
        draft = filing.draft
        article_id = int(self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0])
        self._write_folded(article_id, filing)
        self._insert_into(
            "articles",
            {
                "id": article_id,
                "url": filing.final,
                "canonical_url": draft.canonical_url or filing.final,
                "source_id": filing.source_id,
                "first_seen_at": filing.captured_at,
                "last_seen_at": filing.captured_at,
                "extractor": filing.extractor,
                **_sheet(filing).columns,
            },
        )
        self._versions.add(article_id, 1, filing)
        return Filed(Outcome.STORED, article_id, 1)

    def _revise(self, article_id: int, filing: Filing) -> Filed:
        """Compare with what is stored; keep the old text as an earlier version when headline, lead or text changed."""
        captured_at = filing.captured_at
        row = self._db.execute(
            "SELECT version, content_hash, last_seen_at FROM articles WHERE id = ?", [article_id]
        ).fetchone()
        self.seen(article_id, captured_at)
        noted = self._versions.note(article_id, filing)
        version, older = noted.version, captured_at < row["last_seen_at"]
        if version == row["version"] or (older and not noted.new):
            if version == row["version"] and row["content_hash"] != _sheet(noted.shown).columns["content_hash"]:
                self._reword(article_id, noted.shown)  # its version has the text of an earlier capture now
            if filing.article_id != article_id:
                return Filed(Outcome.DUPLICATE, article_id, version, f"also reached as {filing.final}")
            return Filed(Outcome.UNCHANGED, article_id, version)
        if older:
            return Filed(Outcome.UPDATED, article_id, version, f"version {version}, older than the current text")
        self._rewrite(article_id, noted.shown, version=version)
        return Filed(Outcome.UPDATED, article_id, version, f"{'' if noted.new else 'back to '}version {version}")

    def _insert_into(self, table: str, row: Mapping[str, Any]) -> None:
        # by hand, here and below: sqlite-utils asks for the schema of the table at each call
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})",  # noqa: S608
            dict(row),
        )

    def _rewrite(self, article_id: int, filing: Filing, **more: Any) -> None:
        self._write_folded(article_id, filing)
        row = {**_sheet(filing).columns, "extractor": filing.extractor, **more}
        self._db.execute(
            f"UPDATE articles SET {', '.join(f'{name} = :{name}' for name in row)} WHERE id = :id",  # noqa: S608
            {**row, "id": article_id},
        )

    def _reword(self, article_id: int, filing: Filing) -> None:
        """Replace the text alone; what else is known of the article stays."""
        self._write_folded(article_id, filing)
        row = {name: _sheet(filing).columns[name] for name in WORDING}
        self._db.execute(
            f"UPDATE articles SET {', '.join(f'{name} = :{name}' for name in row)} WHERE id = :id",  # noqa: S608
            {**row, "id": article_id},
        )

    def _write_folded(self, article_id: int, filing: Filing) -> None:
        self._db.execute(
            """INSERT INTO articles_folded (id, title, text) VALUES (?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text""",
            [article_id, *_sheet(filing).folded],
        )

    def _add_addresses(self, article_id: int, filing: Filing) -> None:
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

    def _take_over(self, article_id: int, url: str) -> None:
        """Make a URL that of the article whose text it gave; what a page is beats what another page says of it."""
        former = self._known(url)
        self._db.execute(
            """INSERT INTO article_urls (url, article_id, kind) VALUES (?, ?, 'final')
               ON CONFLICT (url) DO UPDATE SET article_id = excluded.article_id, kind = 'final' WHERE kind != 'final'""",
            [url, article_id],
        )
        if former is not None and former != article_id:
            self._db.execute(
                """UPDATE articles SET canonical_url = url,
                       provenance = json_set(provenance, '$.canonical_url', ?) WHERE id = ? AND canonical_url = ?""",
                [_belongs_to(url, article_id), former, url],
            )


def is_front_page(url: str) -> bool:
    """Is a URL that of a site itself?"""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _sheet(filing: Filing) -> Sheet:
    if filing.sheet is None:
        raise TypeError(f"{filing.final}: a filing without its sheet")
    return filing.sheet


def _guid_key(filing: Filing) -> str:
    return f"guid:{filing.source_id}:{filing.guid}"


def _belongs_to(url: str, article_id: int) -> str:
    return f"ignored: {url} is article {article_id}"

"""Articles: one row per article, every version of it, and every URL under which it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlite_utils

from archive.addresses import variant_key
from archive.filing import Filed, Filing, Sheet, cleaned
from archive.identity import Identity
from archive.rows import Outcome
from archive.stories import Stories
from archive.versions import Versions

WORDING = ("title", "text", "reading", "summary", "content_hash", "text_hash", "word_count")


class Articles:
    """Writes articles. Every call belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        self._identity = Identity(db)
        self._versions = Versions(db)
        self.stories = Stories(db)

    def file(self, filing: Filing) -> Filed:
        """Store a page as a new article, a new version, or another address of a known article.

        Who it is, is decided in this order: the page's own article, the article that this very URL gave before,
        and then, if source and text agree, the article whose number the URL has under another slug; the one that
        claimed this URL, at the address that the page calls canonical, at a URL on the way, at a variant of the URL
        (mobile, AMP), with the same guid, or with the same text.

        Captures may come in any order, as imports do. The text of an article is that of its newest capture; an older
        capture with another text becomes a version with its own time and changes nothing else. Version numbers count
        in the order of filing; `captured_at` says when a version was first seen.
        """
        filing = self._identity.without_false_claims(cleaned(filing))
        known, related = self._identity.by_address(filing), {}
        if known is None and (related := self._identity.related(filing)):
            known = self._identity.by_number(filing, related)
        if known is not None:
            filed = self._revise(known, filing)
        elif (copy := self._identity.by_claim(filing, related)) is not None:
            article_id, why = copy
            row = self._db.execute(
                "SELECT url, version, content_hash, withdrawn_at FROM articles WHERE id = ?", [article_id]
            ).fetchone()
            moved = row["withdrawn_at"] is not None and variant_key(row["url"]) != variant_key(filing.final)
            if not moved:
                if row["content_hash"] == _sheet(filing).columns["content_hash"]:
                    self.seen(article_id, filing.captured_at, copy=bool(filing.via))
                self._identity.add_addresses(article_id, filing)
                return Filed(Outcome.DUPLICATE, article_id, row["version"], why)
            filed = self._revise(article_id, replace(filing, article_id=article_id))  # it is back, at another address
        else:
            filed = self._insert(filing)
        self._identity.take_over(filed.article_id, filing)
        self._identity.add_addresses(filed.article_id, filing)
        if filed.outcome == Outcome.STORED:
            self.stories.place(filed.article_id, _sheet(filing).sample)
        elif filed.outcome == Outcome.UPDATED:
            self.stories.place(filed.article_id)  # by the text that it shows, which an older capture does not change
        return filed

    def correct(self, article_id: int, filing: Filing) -> None:
        """Replace what was extracted by what a better extractor makes of the same page: no new version, since the page
        did not change; the version that the article shows is corrected with it."""
        filing = cleaned(filing)
        row = self._db.execute("SELECT version FROM articles WHERE id = ?", [article_id]).fetchone()
        self._rewrite(article_id, filing)
        self.stories.place(article_id, _sheet(filing).sample)
        self._versions.rewrite(article_id, int(row["version"]), filing)

    def is_news(self, article_id: int, filing: Filing) -> bool:
        """Would a page make a new version of an article?"""
        return self._versions.known(article_id, cleaned(filing)) is None

    def withdraw(self, article_id: int, moment: str, gone: str = "") -> None:
        """Note that an article is no longer where it was (`gone`: the URL of the page that says so); its text stays.

        Where another page gives it still, and no variant of the one that is gone, it only moved: that page is its own
        from now on, and is looked at again.
        """
        heirs = self._db.execute(
            """SELECT id, url FROM pages WHERE article_id = ? AND url != ?
               AND outcome IN ('stored', 'updated', 'unchanged', 'duplicate') ORDER BY fetched_at DESC""",
            [article_id, gone],
        ).fetchall()
        heir = next((row for row in heirs if gone and variant_key(row["url"]) != variant_key(gone)), None)
        if heir is None:
            self._db.execute(
                "UPDATE articles SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?", [moment, article_id]
            )
            return
        self._db.execute(
            "UPDATE article_urls SET kind = 'final' WHERE url = ? AND article_id = ?", [heir["url"], article_id]
        )
        self._db.execute(
            "UPDATE pages SET next_attempt_at = coalesce(next_attempt_at, ?) WHERE id = ?", [moment, heir["id"]]
        )

    def set_capture(self, article_id: int, version: int, captured_at: str, capture_id: int | None) -> None:
        """Name the capture that a version was made from, when it was made just now."""
        self._db.execute(
            "UPDATE article_versions SET capture_id = ? WHERE article_id = ? AND version = ? AND captured_at = ?",
            [capture_id, article_id, version, captured_at],
        )

    def seen(self, article_id: int, moment: str, *, copy: bool = False) -> None:
        """Note that an article was found as it was known; what was withdrawn before that moment is back. A `copy` that
        was found by going back in time does not change when a live article was first seen."""
        self._db.execute(
            """UPDATE articles SET last_seen_at = max(last_seen_at, :moment),
                   first_seen_at = CASE WHEN :copy AND discovered_via = '' THEN first_seen_at
                                        ELSE min(first_seen_at, :moment) END,
                   withdrawn_at = CASE WHEN withdrawn_at > :moment THEN withdrawn_at END
               WHERE id = :id""",
            {"moment": moment, "copy": int(copy), "id": article_id},
        )

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
                "discovered_via": filing.via,
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
        self.seen(article_id, captured_at, copy=bool(filing.via))
        as_before = filing.as_before and filing.article_id == article_id
        noted = self._versions.note(article_id, filing, row["version"] if as_before else None)
        version, older = noted.version, captured_at < row["last_seen_at"]
        if version == row["version"] or (older and not noted.new):
            if version == row["version"] and row["content_hash"] != _sheet(noted.shown).columns["content_hash"]:
                self._reword(article_id, noted.shown)  # its version has the text of an earlier capture now
            if filing.article_id != article_id:
                return Filed(Outcome.DUPLICATE, article_id, version, f"also reached as {filing.final}")
            return Filed(Outcome.UNCHANGED, article_id, version, noted.detail)
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


def _sheet(filing: Filing) -> Sheet:
    if filing.sheet is None:
        raise TypeError(f"{filing.final}: a filing without its sheet")
    return filing.sheet
